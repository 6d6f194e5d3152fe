"""What a question asks for, one figure each: its parts, lists, years and what hangs on what.

Stands below `lookup` and `choosing`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.periods import find_periods, without_periods
from service.operations import SPELLED
from service.reading.given.matching import ASKING, CAGR, pairs_of


@dataclass(frozen=True, slots=True)
class Slot:
    """One figure that is asked for.

    Args:
        words: what says its kind and unit.
        whole: what must be found in the words of the figure.
        context: what stands around, of less weight.
        count: how many figures in a row (前五大).
        hangs: it names nothing of its own.
        many: all figures of a kind are asked for (各, 分别 without a list).
    """

    words: str
    whole: str
    context: str
    count: int
    hangs: bool
    many: bool = False


def slots(asked: str) -> list[Slot]:
    """What is asked, one figure each."""
    asked = re.sub(r"[,，、]\s*(?=以及|及|和|与)", "", asked)
    parts = [p for p in re.split(r"[,，;；。?？]|其中|同时|并且|(?<=多少)以及", asked) if p.strip()]
    split: list[str] = []
    for part in parts:
        pieces = re.split(
            r"(?<=多少)(?!个?(?:百分点|基点)|[^\s、和及]{0,4}$)(?=[^元万亿%吨股家人个点倍])", part
        )
        split += [p for p in pieces if p.strip()] if part.count("多少") > 1 else [part]
    lead = setting = ""
    found: list[Slot] = []
    for part in split:
        if not (ASKING.search(part) or part is split[-1]):
            lead, setting = f"{lead} {part}", f"{setting} {part}"
            continue
        several = re.search("前([二三四五六七八九十\\d]+)(?:大|名|位|家|个)", part)
        count = count_of(several.group(1)) if several else 1
        items = _items(part)
        many = len(items) == 1 and count == 1 and bool(re.search("分别|各", part))
        for words, beside in items:
            own = re.sub("^(?:以及|及其?|和|与|其)", "", without_periods(words).strip())
            hangs = len(set(pairs_of(_MEASURED.sub("", own)))) < 2
            whole = f"{lead} {beside} {words}" if hangs else words
            found.append(Slot(words, whole, f"{setting} {beside}", count, hangs, many))
        lead = f"{lead} {part}"
    return found


_MEASURED = re.compile(
    r"同比|环比|增长率?|增速|增幅|下降|上升|变动|变化|上涨|下跌|涨跌幅|跌幅|涨幅|占比|比重|增加|减少|点位|金额|数值|达到|占|多少|个?百分点|比|较|上月|去年|上年|同期|末|低|高|增|减"
)


def _items(part: str) -> list[tuple[str, str]]:
    """The part once for each combination of its lists (甲和乙2022年和2023年收入: four)."""
    dated = find_periods(part)
    spans = sorted({(p.start, p.end) for p in dated})
    lists: list[list[tuple[int, int]]] = []
    if len(spans) > 1 and all(
        re.fullmatch(r"[、,和与及至\-]|以及", part[a[1] : b[0]]) for a, b in pairwise(spans)
    ):
        lists.append(spans)
    holes = [(0, len(part))] if not spans else _between(spans, len(part))
    for start, end in holes:
        if names := _listed(part, start, end):
            lists.append(names)
    found = [(part, "")]
    if len(dated) > 1 and len(spans) == 1 and not CAGR.search(part):  # 2023-2025年: one each
        start, end = spans[0]
        found = [(f"{part[:start]}{p.period.label}年{part[end:]}", "") for p in dated]
    for places in lists:
        found = [
            (_only(words, part, places, at), beside + " " + part[places[0][0] : places[0][1]])
            for words, beside in found
            for at in range(len(places))
        ]
    return found


def _between(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    edges = [0, *(at for span in spans for at in span), length]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 3]


_AND = re.compile("、|以及|和|与|及(?!其)|及其")


def _listed(part: str, start: int, end: int) -> list[tuple[int, int]]:
    """The names in a row; what all share stands before the first or behind the last and stays."""
    marks = [m for m in _AND.finditer(part, start, end) if start < m.start() and m.end() < end]
    if not marks:
        return []
    stop = re.search(
        "分别|各|是多少|为多少|有多少|多少|是$|的(?=[^的]{2,}$)", part[marks[-1].end() : end]
    )
    tail = marks[-1].end() + stop.start() if stop else end
    edges = [start, *(m.end() for m in marks)]
    stops = [*(m.start() for m in marks), max(tail, marks[-1].end())]
    places = list(zip(edges, stops, strict=True))
    if any(b - a < 1 for a, b in places):
        return []
    inner = [b - a for a, b in places[1:-1]]
    last = places[-1]
    longest = max([*inner, last[1] - last[0]])
    first = (max(places[0][0], places[0][1] - longest), places[0][1])
    longest = max([*inner, first[1] - first[0]])
    return [first, *places[1:-1], (last[0], min(last[1], last[0] + longest))]


def _only(words: str, part: str, places: Sequence[tuple[int, int]], keep: int) -> str:
    """The words without the names of the list, one excepted."""
    for at, (start, end) in enumerate(places):
        item = part[start:end]
        words = words.replace(item, " " if at != keep else f" {item} ", 1)
    return words


def count_of(words: str | None) -> int:
    """三 or 3 as a number; one if nothing is said."""
    return int(words) if words and words.isdigit() else SPELLED.get(words or "", 1)
