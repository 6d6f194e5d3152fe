"""What each figure of a sentence belongs to, and whether another sentence says it of the same.

Part of the second proof of the model reader: a figure is right only as that place's figure for the
same period, metric, subject and words; a figure of a neighbour is a lie.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol

from corpus.figures import Figure, to_base
from service.reading.llm_sources import Window

Mark = tuple[int, int, str]
Marks = tuple[list[Mark], list[Mark], list[Mark]]

MIN_LIKENESS: Final = 0.7
"""Share of a figure's words that stand at another's, from which both are of one metric."""
_CLAUSE: Final = re.compile("[,;:。!?\n（）()]")
_LISTED: Final = re.compile("分别(?:为|是|达到?|约)?|依次(?:为|是)?|各(?:为|是)")
_ITEM_CUT: Final = re.compile("[、,/]|和|与|及|以及")
_COMPARED: Final = re.compile("(?:较|比|相比|对比|相较于?|相对于?)$")
_GROWTH: Final = frozenset({"growth", "yoy", "qoq", "cagr"})
_FROM: Final = re.compile("(?:由|从|自)[^\\d]{0,6}$")
_TO: Final = re.compile("(?:至|到|达到?|升至|降至|增至)[^\\d]{0,2}$")
_CHANGE: Final = re.compile(
    "同比|环比|增长|下降|提升|减少|增加|上升|下滑|增速|涨幅|降幅|较上年|较年初|约|为|达到?|至|分别|[年月日]"
)
_CHANGE_VERB: Final = re.compile(
    "增|提[升高]|上[升涨调]|下[降滑跌调]|减|扩大|收窄|降|变[化动]|幅|速"
)
_BY: Final = re.compile(
    "(?:净?增[加长]?|提[升高]|上[升涨调]|下[降滑跌调]|减少|扩大|收窄|降低|[多少][增减])(?:了|约)?$"
)
_COUNTERPART_GAP: Final = re.compile("^\\s*[、/和与及]\\s*$")
_PARTY: Final = re.compile(
    "[a-z][a-z0-9.+\\-]{1,}|[\u4e00-\u9fff]{2,4}(?:科技|股份|集团|证券|智能|智造|电子|药业|传媒|软件|重工|实业|控股)"
)


def level_of(metric: str) -> str:
    """The metric that a growth is the growth of."""
    return re.sub("_(?:yoy|qoq|cagr|growth|change)$", "", metric)


class HasText(Protocol):
    """A clause: its words and what stands before them."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def before(self) -> str:
        """The sentence up to it."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A figure with what it belongs to: period, metric, name (None if unsaid), item of a list.

    Args:
        words: what stands next to it. `role`: from, to or nothing.
    """

    figure: Figure
    unit: str | None
    period: str | None
    metric: str | None
    name: str | None
    item: str | None
    words: str
    role: str | None


@dataclass(frozen=True)
class Book:
    """Reads periods, metrics and names (`marks`) and figures of a folded sentence."""

    marks: Callable[[str], Marks]
    plain_figures: Callable[[str, Sequence[Mark]], list[Figure]]
    houses: frozenset[str] = field(default_factory=frozenset)

    def names(self, text: str) -> set[str]:
        """Companies and houses that the text names."""
        return {name for _, _, name in self.marks(text)[2]}

    def metrics(self, text: str) -> set[str]:
        """Ids of the metrics that the text names."""
        return {level_of(m) for _, _, m in self.marks(text)[1] if m not in _GROWTH}

    def words_of(self, text: str, metric: str) -> list[str]:
        """The words that name a metric in a text."""
        return [text[s:e] for s, e, m in self.marks(text)[1] if level_of(m) == metric]

    def parties(self, text: str) -> list[str]:
        """Who acts in a clause, in order: companies, houses, names in letters."""
        places = {(s, e) for s, e, _ in self.marks(text)[2]}
        places |= {m.span() for m in _PARTY.finditer(text)}
        return [text[s:e] for s, e in sorted(places)]

    def is_house(self, name: str) -> bool:
        """True for who writes reports: what it says of another is no figure of its own."""
        return name in self.houses or name.endswith("证券")

    def owner(self, clause: HasText) -> str | None:
        """The company that a clause is about: its own, else the last one before it."""
        for text in (clause.text, clause.before):
            named = [n for _, _, n in self.marks(text)[2] if not self.is_house(n)]
            if named:
                return named[-1]
        return None

    def _owners(self, text: str) -> Marks:
        """The marks that a figure can belong to: no year of comparison, no growth of nothing."""
        periods, metrics, names = self.marks(text)
        own = [p for p in periods if not _COMPARED.search(text[max(0, p[0] - 4) : p[0]])]
        return own, [m for m in metrics if m[2] not in _GROWTH], names

    def stated(self, text: str) -> set[str]:
        """The periods that a text names as its own."""
        spans: dict[tuple[int, int], list[str]] = {}
        for start, end, key in self._owners(text)[0]:
            spans.setdefault((start, end), []).append(key)
        # 2024年至2030年 names its two ends.
        return {key for keys in spans.values() for key in (keys[0], keys[-1])}

    @lru_cache(maxsize=4096)  # noqa: B019  # one book lives as long as its snapshot
    def figures(self, text: str, before: str) -> list[Owned]:
        """The figures of a text; what it leaves out is taken from the words before it."""
        marks, outer = self._owners(text), self._owners(before)
        plain = self.plain_figures(text, marks[0])
        units = _units(text, plain)
        listed = _listed(text, plain, marks, outer)
        found = []
        for at, figure in enumerate(plain):
            period, metric, name = (
                _nearest(text, marks[k], figure.start) or _last(outer[k]) for k in range(3)
            )
            item: str | None = None
            if at in listed:
                kind, what = listed[at]
                period = what if kind == "period" else period
                name = what if kind == "name" else name
                item = what if kind == "item" else None
            words, role = _next_to(text, plain, at)
            of = level_of(metric) if metric else None
            found.append(Owned(figure, units[at], period, of, name, item, item or words, role))
        return found


def figures_agree(book: Book, text: str, before: str, place: Window) -> bool:
    """True if every figure and period of a clause is the place's own for the same thing."""
    mine = book.figures(text, before)
    theirs = book.figures(place.norm, "")
    stated = {key for _, _, key in book.marks(place.norm)[0]}
    asked = book.stated(text)
    if not asked <= stated:
        return False
    return all(_is_there(one, theirs, book, place) for one in mine)


def _is_there(one: Owned, theirs: Sequence[Owned], book: Book, place: Window) -> bool:
    same = [g for g in theirs if _same_value(one, g)]
    kept = [g for g in same if _same_owner(one, g, book, place)]
    rivals = [g for g in theirs if g not in same and _same_kind(one, g)]
    for g in kept:
        near = _likeness(one, g)
        if all(_likeness(one, r) <= near or not _could_own(one, r) for r in rivals):
            return True
    return False


def _same_value(one: Owned, other: Owned) -> bool:
    if one.figure.value != other.figure.value or one.figure.approx != other.figure.approx:
        return False
    ways = {one.figure.direction, other.figure.direction} - {None}
    if len(ways) > 1:
        return False
    mine, theirs = one.unit, other.unit
    if mine == theirs:
        return True
    if mine is None or theirs is None:
        return False
    return to_base(one.figure.value, mine) == to_base(other.figure.value, theirs) or (
        f"{mine}元" == theirs
    )


def _same_kind(one: Owned, other: Owned) -> bool:
    return to_base(one.figure.value, one.unit)[1] == to_base(other.figure.value, other.unit)[1]


def _same_owner(one: Owned, other: Owned, book: Book, place: Window) -> bool:
    if one.period and other.period and one.period != other.period:
        return False
    if one.metric and other.metric and one.metric != other.metric:
        words = _bare(one.words)
        if not words or _likeness(one, other) < MIN_LIKENESS * (len(words) - 1):
            return False
    named = [n for n in (one.name, other.name) if n and not book.is_house(n)]
    if len(set(named)) > 1:
        return False  # a house that speaks owns no figure
    if one.role and other.role and one.role != other.role:
        return False
    if other.role == "by" and one.role is None and not _CHANGE_VERB.search(one.words):
        return False
    if one.item and not other.item:
        return 2 * _likeness(one, other) >= len(_bare(one.words)) - 1
    if other.item and other.item not in one.words and other.item != one.item:
        return one.item is not None and (one.item in other.item or other.item in one.item)
    return True


def _could_own(one: Owned, rival: Owned) -> bool:
    """False where the rival is another period's or another metric's figure, by name."""
    if one.period and rival.period and one.period != rival.period:
        return False
    return not (one.metric and rival.metric and one.metric != rival.metric)


def _likeness(one: Owned, other: Owned) -> int:
    mine, theirs = _bare(one.words), _bare(other.words)
    pairs = {mine[i : i + 2] for i in range(len(mine) - 1)}
    return len(pairs & {theirs[i : i + 2] for i in range(len(theirs) - 1)})


def _bare(words: str) -> str:
    """Words without periods, digits, marks."""
    return re.sub(r"\d+(?:年|月|日|季度|e\b|a\b|q\d|h\d)*|[\W_]", "", words)


def _units(text: str, figures: Sequence[Figure]) -> list[str | None]:
    """Each figure's unit; 1.2、2.3亿元 have the last one's."""
    units = [f.unit for f in figures]
    for at in range(len(figures) - 2, -1, -1):
        gap = text[figures[at].end : figures[at + 1].start]
        if units[at] is None and _COUNTERPART_GAP.match(gap):
            units[at] = units[at + 1]
    return units


def _nearest(text: str, marks: Sequence[Mark], at: int) -> str | None:
    """The mark nearest before a place, else the first behind it in its clause."""
    before = [key for start, _, key in marks if start < at]
    if before:
        return before[-1]
    return next((key for s, _, key in marks if s >= at and not _CLAUSE.search(text, at, s)), None)


def _last(marks: Sequence[Mark]) -> str | None:
    return marks[-1][2] if marks else None


def _next_to(text: str, figures: Sequence[Figure], at: int) -> tuple[str, str | None]:
    """The words around a figure up to its neighbours, with the clause's subject; its role."""
    while at and _COUNTERPART_GAP.match(text[figures[at - 1].end : figures[at].start]):
        at -= 1  # 35、26、20倍: what stands before the first is said of all
    figure = figures[at]
    opens = max((m.end() for m in _CLAUSE.finditer(text, 0, figure.start)), default=0)
    left = max([opens, *(f.end for f in figures[:at] if f.end > opens)])
    ends = _CLAUSE.search(text, figure.end)
    right = ends.start() if ends else len(text)
    later = [f.start for f in figures[at + 1 :] if f.start < right]
    behind = "" if later else text[figure.end : right]
    words = text[left : figure.start]
    before = text[max(0, figure.start - 10) : figure.start]
    kinds = (("from", _FROM), ("to", _TO), ("by", _BY))
    role = next((kind for kind, pattern in kinds if pattern.search(before)), None)
    bare = _CHANGE.sub("", re.sub(r"[\W\d]+", "", words))
    if len(bare) < 2 and left > opens:  # …同比增长72.2%至3.1亿元
        words = text[opens : figure.start]
    elif len(bare) < 2 and opens:  # a clause before says what it is
        words = _subject_before(text[: opens - 1]) + words
    return words + "|" + behind, role


def _subject_before(text: str) -> str:
    """The last clause that says more than a change."""
    for clause in reversed(_CLAUSE.split(text)):
        if len(_CHANGE.sub("", re.sub(r"[\W\d]+", "", clause))) > 1:
            return clause
    return ""


def _listed(
    text: str, figures: Sequence[Figure], marks: Marks, outer: Marks
) -> dict[int, tuple[str, str]]:
    """Figures behind 分别 with the period, name or item that each belongs to, by its place."""
    found: dict[int, tuple[str, str]] = {}
    for match in _LISTED.finditer(text):
        run = [i for i, f in enumerate(figures) if f.start >= match.end()]
        run = _run(text, figures, run)
        if len(run) < 2:
            continue
        for kind, own in (("period", marks[0]), ("name", marks[2])):
            keys = [key for start, _, key in own if start < match.start()]
            if kind == "period" and not keys:
                keys = [key for _, _, key in outer[0]]
            if len(keys) == len(run):
                found |= {i: (kind, key) for i, key in zip(run, keys, strict=True)}
                break
        else:
            head = re.split(_CLAUSE, text[: match.start()])[-1]
            items = [p.split("的")[0].strip() for p in _ITEM_CUT.split(head) if p.strip()]
            if len(items) >= len(run):
                last = items[-len(run) :]
                found |= {i: ("item", p) for i, p in zip(run, last, strict=True)}
    return found


def _run(text: str, figures: Sequence[Figure], places: Sequence[int]) -> list[int]:
    """The figures that follow one another with no more than 、 between them."""
    run = list(places[:1])
    for at in places[1:]:
        gap = text[figures[at - 1].end : figures[at].start]
        if len(re.sub(r"[\W]|同比|增长|下降|约", "", gap)) > 1:
            break
        run.append(at)
    return run
