"""Running text of a prompt as figures: each with the words that say of what it is, and its period.

Stands below `prompt`, beside `grids`. Numbers and periods are found as in reports; nothing here
needs places in the text, so clauses may be rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from corpus.figures import Figure, find_figures
from corpus.normalise import fold
from corpus.periods import find_periods
from corpus.widths import half_width
from service.reading.given.grids import based
from service.reading.given.items import Given
from service.reading.measures import Measure, measure_of
from service.reading.stated_figures import listed_names

_SENTENCE = re.compile(r"[。！!？?；;\n]+")
_CODE = re.compile(
    r"[(（]\s*(?:股票)?(?:代码)?[:：]?\s*[\dA-Za-z]*\d{4,6}(?:\.[A-Za-z]{1,3})?\s*[)）]"
)
_BRACKET = re.compile(r"[(（]([^()（）]*)[)）]")
_CLAUSE = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))|，|:(?!\d)|：|\(|\)")
# A clause of nothing but these says what happened to the thing named before it.
_DEPENDENT = re.compile(
    r"(?:同比|环比|较|比|上年|去年|同期|上月|上季度?|上期|年均|复合|增长率?|增加|上升|提升|提高|上涨|下降|减少|下滑|降低|下跌|回落|扩大|收窄|增速|增幅|降幅|跌幅|涨幅"
    r"|减幅|幅度|分别|达到?|为|至|到|了|约|近|超过?|实现|仅|占比|比例|合计|共|是|的|由|从|有|只|高达|已|将|预计|有望|或|会|并|且|而|市占率|份额|cagr|低|高|涨|跌|报|收于|收报"
    r"|收|微|多增|少增|净增|期初|期末|年初|年末|末|初|底|余额|截至|不低于|不超过|最高|最低|环比|升|降|增|减|亏损|盈利|上市|本期|当期|当年|今年|预期|前值|目前"
    r"|[\d.%年月日\-—~季度上下半一二三四前全亿万元\s、,，和及+:：])*",
    re.IGNORECASE,
)
_HANGING = re.compile(
    r"(?:而|且|并)?(?:同比|环比|较|比|占|增速|增幅|降幅|涨幅|跌幅|与(?:上|去)|相比|折合|约占)"
)
# Says where it comes from, or opens a list; it is not what a figure is of.
_IDLE = re.compile(
    r".*(?:显示|公告|披露|发布|消息|报告|了解|数据|方面|来看|分.{1,4}看|日电|讯)|其中|此外|另外|同时|据悉|已知|假设|假定|若|如果|截至?.*|回看.*|数据如下|如下|具体"
)
_COMPARED = re.compile(r"(?:较|比|与|同|和|相比|不及|高于|低于)\s*\Z")
_YEAR_BEFORE = re.compile(r"(?:去年|上年|上一年)(?:度|的)?同期")
_JOINED = re.compile(r"\s*[、,，和及与/]\s*(?:和|及)?\s*")
_INTRO = re.compile(
    r"(?:为|是|报|达|到|至|于|约|=|:|：|[数率值度价比]|[a-zA-Zβ]|有|共|超过?|近)\s*\Z"
)


@dataclass(slots=True)
class _State:
    """What a line has said so far."""

    topic: str = ""
    lead: list[str] = field(default_factory=list)
    wide: str = ""
    known: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


def text_figures(lines: Sequence[str]) -> list[Given]:
    """The figures of the lines, in order."""
    found: list[Given] = []
    group = 1000
    for line in lines:
        state = _State()
        for sentence in _SENTENCE.split(half_width(line)):
            if sentence.strip():
                group += 1
                found += _Sentence(sentence, state).figures(group)
    return found


def _plain(sentence: str) -> str:
    """Brackets without figures opened: names stay as words, codes go."""
    bare = _CODE.sub("", sentence)

    def opened(match: re.Match[str]) -> str:
        inner = match.group(1)
        if re.search(r"\d", inner) and _numbers(inner):
            return match.group()
        return (
            f" {inner} " if len(inner) <= 10 and not re.search("下同|以下简称|含税", inner) else ""
        )

    return _BRACKET.sub(opened, bare)


class _Sentence:
    """A sentence cut at its figures."""

    def __init__(self, sentence: str, state: _State) -> None:
        self.text = _plain(sentence)
        self.state = state
        state.lead = []
        self.numbers = _numbers(self.text)
        self.breaks = [m.end() for m in _CLAUSE.finditer(self.text)]
        self.dated = self._dated()

    def _dated(self) -> list[tuple[int, int, str]]:
        """Periods with their places; of a comparison (较2022年) none, 去年同期 a year before."""
        dated: list[tuple[int, int, str]] = []
        year = next((p[:4] for p in self.state.known if p[:1] != "Y"), "")
        for one in find_periods(self.text):
            if _COMPARED.search(self.text[: one.start]) or _YEAR_BEFORE.match(self.text, one.start):
                continue
            label = one.period.label
            if label.startswith("Y+0") and year:
                label = f"{year}{label[3:]}".replace("Y+0", year)
            elif label[:1] != "Y":
                year = label[:4]
            dated.append((one.start, one.end, label))
        for match in _YEAR_BEFORE.finditer(self.text):
            before = [d for d in dated if d[1] <= match.start()]
            label = before[-1][2] if before else (self.state.known or ("",))[-1]
            hangs = _COMPARED.search(self.text[: match.start()])
            if label and not hangs and (earlier := year_less(label)):
                dated.append((match.start(), match.end(), earlier))
        return sorted(dated)

    def figures(self, group: int) -> Iterator[Given]:
        """Every figure of the sentence with its words."""
        at = end = 0
        for run in _runs(self.text, self.numbers):
            self._pass_by(at, run[0].start)
            start = self._clause_start(run[0].start, end)
            yield from self._run(run, start, group)
            at = run[-1].end + len(self._after(run[-1]))
            end = run[-1].end
        self._pass_by(at, len(self.text))
        labels = [label for _, _, label in self.dated]
        self.state.known = tuple(labels[-1:]) or self.state.known
        self.state.wide = f"{self.state.wide} {fold(self.text)}"[-400:]

    def _clause_start(self, end: int, at: int) -> int:
        return max([at, *(place for place in self.breaks if place <= end)])

    def _pass_by(self, start: int, end: int) -> None:
        """Clauses without a figure: what they name is what the next figure may be of."""
        places = [start, *(p for p in self.breaks if start < p <= end)]
        for first, last in pairwise(places):
            words = self.text[first:last].strip("，,：:()、 ")
            if not words:
                continue
            self.state.lead.append(fold(words))
            if not _IDLE.fullmatch(words) and not _DEPENDENT.fullmatch(words):
                self.state.topic = fold(words)

    def _run(self, run: Sequence[Figure], start: int, group: int) -> Iterator[Given]:
        words = self.text[start : run[0].start]
        periods = self._periods(run[0].start)
        inside = [d for d in self.dated if start <= d[0] < run[0].start]
        items = self._items(run, start, inside)
        bare = re.sub(r"^[\s、和及与,，]+", "", words)
        hanging = _DEPENDENT.fullmatch(bare.strip()) or _HANGING.match(bare.strip())
        topic = self.state.topic if hanging else ""
        if items:
            self.state.items = tuple(fold(self.text[a:b]) for a, b in items)
        shared = self.state.items if hanging and len(self.state.items) == len(run) > 1 else ()
        after = self._after(run[-1])
        for number, figure in enumerate(run):
            own = words if not items else _own(self.text, start, run[0].start, number, items)
            dates = periods if len(periods) != len(run) else (periods[number],)
            if len(run) > 1 and len({d[2] for d in inside}) == len(run):
                dates = (sorted(inside)[number][2],)
            near = self.text[max(start - 1, 0) : run[0].start]
            place = number if len(run) == 2 else None
            measure = measure_of(near, after, figure, self.state.lead[-1:], place)
            about = shared[number] if shared and not items else topic
            yield self._one(figure, f"{about} {own}", after, dates, measure, near, group)
        if not hanging and bare.strip() and not _IDLE.fullmatch(bare.strip()):
            self.state.topic = re.sub("(?:分别)?(?:为|是|达到?|约)$", "", fold(bare).strip())
        self.state.lead.append(fold(words))

    def _one(
        self, figure: Figure, name: str, after: str, periods: tuple[str, ...],
        measure: Measure, near: str, group: int,
    ) -> Given:  # fmt: skip
        unit = figure.unit or ""
        value = figure.value
        if unit == "%" and measure is Measure.LEVEL and _MOVED.search(near):
            measure = Measure.GROWTH
        if measure in _CHANGES and _FALLS.search(near) and value > 0:
            value = -value
        per = re.search(r"每(\d+)股", name)
        return Given(
            based(value, unit), "".join(figure.text.split()), unit, based(type(value)(1), unit),
            fold(name).strip(), (), fold(after), " ".join(self.state.lead[-6:]), self.state.wide,
            periods, measure, 0, group, int(per[1]) if per else 1,
        )  # fmt: skip

    def _items(
        self, run: Sequence[Figure], start: int, inside: Sequence[tuple[int, int, str]]
    ) -> list[tuple[int, int]]:
        """Places of the names that a run of figures belongs to one by one."""
        if len(run) < 2:
            return []
        begin = max([start, *(d[1] for d in inside if len(inside) == 1)])
        for first in dict.fromkeys((begin, start)):
            places = listed_names(self.text, first, run[0].start)
            if len(places) == len(run):
                return places
        return []

    def _periods(self, end: int) -> tuple[str, ...]:
        """The period said last before a place, with those of its list or range."""
        before = [d for d in self.dated if d[1] <= end]
        if not before:
            return self.state.known
        chain = [before[-1]]
        for one in reversed(before[:-1]):
            between = self.text[one[1] : chain[-1][0]]
            if one[0] == chain[-1][0] or re.fullmatch(r"[\s/、,，和及与至\-~—]*", between):
                chain.append(one)
            else:
                break
        return tuple(dict.fromkeys(d[2] for d in reversed(chain)))

    def _after(self, figure: Figure) -> str:
        stops = [p for p in self.breaks if p > figure.end]
        stops += [one.start for one in self.numbers if one.start >= figure.end]
        stop = min([*stops, len(self.text), figure.end + 14])
        words = self.text[figure.end : stop].strip("，,：:() ")
        return words.split("、")[0]


_CHANGES = {Measure.YOY, Measure.QOQ, Measure.GROWTH}
_MOVED = re.compile(r"(?:涨|跌|升|降|增|减|上扬|走低)(?:幅|了|约|近|超|逾|为|达|\s)*\Z")
_FALLS = re.compile(
    r"(?:下降|减少|下滑|降低|下跌|回落|跌|降|减|降幅|跌幅)(?:了|约|近|超|为|达|幅|\s)*\Z"
)


def year_less(label: str) -> str:
    """The same period a year before; empty for a period that hangs on the day of reading."""
    if label[:4].isdigit():
        return label.replace(label[:4], str(int(label[:4]) - 1))
    return label.replace("Y+0", "Y-1") if label.startswith("Y+0") else ""


def _own(text: str, start: int, end: int, number: int, items: Sequence[tuple[int, int]]) -> str:
    """The words up to a figure without the names of its neighbours."""
    words = text[start:end]
    for at, (first, last) in reversed(list(enumerate(items))):
        if at != number and first >= start:
            words = words[: first - start] + " " + words[last - start :]
    return words


def _numbers(text: str) -> list[Figure]:
    """The figures of a text: no dates, codes, parts of names; a range (27-28GW) is one."""
    taken = [(p.start, p.end) for p in find_periods(text)]
    kept: list[Figure] = []
    for one in reversed(find_figures(text)):
        if any(start < one.end and one.start < end for start, end in taken):
            continue
        if not one.unit:
            one = _with_point(text, one)
        between = text[one.end : kept[-1].start] if kept else "?"
        if not one.unit and kept and re.fullmatch(r"\s*[-~—至]\s*", between) and kept[-1].unit:
            last = kept.pop()
            one = replace(last, start=one.start, text=text[one.start : last.end])
        elif not one.unit and kept and kept[-1].unit and re.fullmatch(r"\s*[/、]\s*", between):
            one = replace(one, unit=kept[-1].unit, text=f"{one.text}{kept[-1].unit}")
        if _is_figure(text, one):
            kept.append(one)
    return kept[::-1]


def _with_point(text: str, one: Figure) -> Figure:
    if re.search(r"[期限存为共]\s*\Z", text[: one.start]) and one.value < 100:
        years = re.match(r"\s?年(?!\d)", text[one.end :])
        if years:
            return replace(one, unit="年", end=one.end + 1, text=text[one.start : one.end + 1])
    mark = re.match(r"\s?(点(?![\d一二三四])|分(?![之\d])|元|股|‰|手|版|期)", text[one.end :])
    if not mark:
        return one
    end = one.end + mark.end()
    return replace(one, unit=mark.group(1), end=end, text=text[one.start : end])


def _is_figure(text: str, one: Figure) -> bool:
    before, after = text[: one.start], text[one.end : one.end + 1]
    if re.search(r"每\s*\Z", before) or re.match(r"\s*(?:兑|合(?!计)|等于)", text[one.end :]):
        return False  # 每10股派…, 1港元兑…: what the next figure is said of
    if one.unit:
        return not re.match(r"个月|月份|[天日年]期", text[one.end - 1 :])
    if re.search(r"[第近前A-Za-z\-]\s*\Z", before) and not re.search("[=:：]\\s*\\Z", before):
        return bool(_INTRO.search(before)) and not re.search(r"[第近前]\s*\Z", before)
    return (bool(_INTRO.search(before)) and not re.match(r"[年月日号/只]", after)) or (
        (not after or after in ",，、)）。;； \n") and one.value != 0
    )  # fmt: skip


def _runs(text: str, figures: Sequence[Figure]) -> list[list[Figure]]:
    """Figures with nothing but a mark between them are one run (10.4%、15.6%)."""
    runs: list[list[Figure]] = []
    for figure in figures:
        between = text[runs[-1][-1].end : figure.start] if runs else "?"
        if runs and _JOINED.fullmatch(between):
            runs[-1].append(figure)
        else:
            runs.append([figure])
    return runs
