"""Figures that running text states: each with its period, what it measures, and its words.

Stands below `stated`, which chooses among them. Metrics need not be known to the vocabulary: the
words around a figure say what it is (2020年国内手机出货量 … 同比下降27.3%).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from corpus.figures import Figure, find_figures
from corpus.normalise import fold
from corpus.periods import find_periods
from corpus.report import BlockKind, Report, Span
from corpus.widths import half_width
from service.reading.measures import Measure, measure_of, shown_direction


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure of a sentence.

    Args:
        figure: its place in the canonical text, direction word and unit included (下降27.3%).
        value: its own characters without the direction.
        sentence: the sentence as it stands.
        clause: from the first clause that belongs to the figure to the figure's end.
        words: folded words of its own clause that speak of it; items of an enumeration that
            belong to other figures are left out.
        after: what follows right behind it (的市场份额).
        around: folded texts that stand farther off, nearest first: clauses before, the sentence
            before, the opening of the block and its headings.
        periods: labels that it is said of, empty if none is; `inherited`: they stand in an
            earlier sentence.
    """

    report_id: str
    figure: Span
    value: Span
    sentence: Span
    clause: Span
    measure: Measure
    unit: str
    words: str
    after: str
    around: tuple[str, ...]
    periods: tuple[str, ...]
    inherited: bool


_SENTENCE_END = re.compile(r"[。！？!?；;]+|\n(?=\s*\n)")
# A comma inside of a number is none. Names in a row (、) stay in one clause.
_CLAUSE_END = re.compile(r"[，：（）()]|(?<!\d),|,(?!\d{3})|:(?!\d)")
# A clause with nothing but these says what happened to the thing named before it.
_DEPENDENT = re.compile(
    r"(?:同比|环比|较|比|上年|去年|同期|上月|上季度?|年均|复合|增长率?|增加|上升|提升|提高|上涨|下降|减少|下滑|降低|下跌|回落|扩大|收窄|增速|增幅|降幅|跌幅|涨幅"
    r"|减幅|幅度|分别|达到?|为|至|到|了|约|近|超过?|实现|仅|占比|比例|其中|合计|共|是|的|由|从|有|只|高达|已|将|预计|有望|或|将会|并|且|而|市占率|份额|cagr"
    r"|[\d.%年月日\-—~至季度上下半一二三四前全亿万元\s、,，和及+])*",
    re.IGNORECASE,
)
# What a text is about may be said some sentences before, or where its block opens.
_WIDE, _OPENING = 300, 80
_COMPARED_TO = re.compile(r"(?:较|比|与|同|和|相比)\s*\Z")
_FROM = re.compile(r"(?:由|从|自)\s*\Z")
_YEAR_BEFORE = re.compile(r"(?:去年|上年|上一年)(?:度|的)?同期|同期")


def stated_figures(report: Report, index: int) -> list[Stated]:
    """The figures with a unit that one block of text states, in order."""
    block = report.blocks[index]
    if block.kind is BlockKind.TABLE:
        return []
    published = report.meta.published.value if report.meta.published else None
    section = report.sections[block.section]
    title = report.meta.title.value if report.meta.title else ""
    opening = report.text[block.span.start : block.span.start + _OPENING]
    heads = fold(" ".join((*section.path, title, opening)))
    found: list[Stated] = []
    before = ""
    known: tuple[str, ...] = ()
    year = published.year if published else None
    for span in _sentences(report.text, block.span):
        sentence = _Sentence(report, span, published, year)
        wide = fold(report.text[max(block.span.start, span.start - _WIDE) : span.start])
        found += sentence.stated(before, wide, heads, known)
        before = sentence.norm
        known = sentence.labels[-1:] or known
        year = next((int(one[:4]) for one in reversed(known) if one[0] != "Y"), year)
    return found


def _sentences(text: str, within: Span) -> Iterator[Span]:
    start = within.start
    for end in _SENTENCE_END.finditer(text, within.start, within.end):
        if end.end() > start:
            yield Span(start, end.start())
        start = end.end()
    if start < within.end:
        yield Span(start, within.end)


@dataclass(frozen=True, slots=True)
class _Dated:
    """A period's mention within a sentence, its year made out."""

    start: int
    end: int
    label: str
    bracketed: bool


class _Sentence:
    """A sentence cut into clauses, with its figures and periods."""

    def __init__(
        self, report: Report, span: Span, published: date | None, year: int | None
    ) -> None:
        self.report, self.span = report, span
        self.text = span.of(report.text)
        self.plain = half_width(self.text)
        self.norm = fold(self.text)
        self.figures = _with_shared_units(self.plain, find_figures(self.text))
        self.depth = _depths(self.plain)
        dated = self._dated(published, year)
        self.compared = [one for one in dated if _COMPARED_TO.search(self.plain[: one.start])]
        self.periods = [one for one in dated if one not in self.compared]
        self.labels = tuple(one.label for one in self.periods if not one.bracketed)
        self.breaks = [m.end() for m in _CLAUSE_END.finditer(self.plain)]

    def _dated(self, published: date | None, year: int | None) -> list[_Dated]:
        """The periods named, those without a year in the year named last."""
        found: list[_Dated] = []
        for one in find_periods(self.text, published):
            if _YEAR_BEFORE.match(self.plain, one.start):
                continue
            label = one.period.label
            year = int(label[:4]) if label[0] != "Y" else year
            label = _resolved(label, year)
            found.append(_Dated(one.start, one.end, label, self.depth[one.start] > 0))
        return found

    def stated(
        self, before: str, wide: str, heads: str, known: tuple[str, ...]
    ) -> Iterator[Stated]:
        """Every figure, in order."""
        for run in _runs(self.plain, self.figures):
            items = self._items(run)
            for place, figure in enumerate(run):
                if not self._is_period(figure):
                    yield self._one(run, place, items, before, wide, heads, known)

    def _is_period(self, figure: Figure) -> bool:
        return any(one.start < figure.end and figure.start < one.end for one in self.periods)

    def _one(
        self,
        run: Sequence[Figure],
        place: int,
        items: Sequence[tuple[int, int]],
        before: str,
        wide: str,
        heads: str,
        known: tuple[str, ...],
    ) -> Stated:
        figure = run[place]
        begin = self._clause_start(run[0].start)
        start = self._subject_start(begin, run[0].start)
        if items:
            start = min(start, self._clause_start(items[0][0]))
        near = self.text[max(begin - 1, 0) : run[0].start]
        own = self._own_words(start, run[0].start, place, items)
        if begin > 0 and _OF_BEFORE.search(near) and begin not in self.breaks:
            own = ""  # 14架A330飞机和21架A350飞机: what stands between is the first one's
        earlier = self._earlier(start)
        periods = self._periods_of(run, place, known)
        after = self._after(run[-1].end)
        offset = self.span.start
        shown = figure.start - len(shown_direction(self.plain[: figure.start]))
        return Stated(
            report_id=self.report.report_id,
            figure=Span(offset + shown, offset + figure.end),
            value=Span(offset + figure.start, offset + figure.end),
            sentence=self.span,
            clause=Span(offset + start, offset + figure.end),
            measure=measure_of(near, after, figure, earlier, place if len(run) == 2 else None),
            unit=figure.unit or "",
            words=fold(own),
            after=fold(after),
            around=(*(fold(words) for words in earlier), before, wide, heads),
            periods=periods or known,
            inherited=not periods,
        )

    def _clause_start(self, end: int) -> int:
        """Where the clause of a figure begins: behind a mark, or behind the figure before."""
        place = max((place for place in self.breaks if place <= end), default=0)
        return max((one.end for one in self.figures if place < one.end <= end), default=place)

    def _subject_start(self, begin: int, end: int) -> int:
        """The same, or the clause before it where this one names nothing (，同比增长12%)."""
        start = begin
        for _ in range(4):
            words = self.plain[start:end]
            if start == 0 or not _DEPENDENT.fullmatch(words.strip("，,：:（）() ")):
                return start
            end = start
            start = self._skip_brackets(start)
            start = max((p for p in (0, *self.breaks) if p < start), default=0)
        return start

    def _skip_brackets(self, place: int) -> int:
        """The opening of the bracket that closes right before a place."""
        at = place - 1
        while at > 0 and self.plain[at] in ",，":
            at -= 1
        if self.plain[at] not in ")）":
            return place
        depth = self.depth[at]
        while at > 0 and self.depth[at] >= depth:
            at -= 1
        return max(at, 0)

    def _own_words(self, start: int, end: int, place: int, items: Sequence[tuple[int, int]]) -> str:
        """The words up to the figure without the names of its neighbours."""
        words = self.text[start:end]
        for number, (first, last) in reversed(list(enumerate(items))):
            if number != place and first >= start:
                words = words[: first - start] + " " + words[last - start :]
        return words

    def _earlier(self, start: int) -> tuple[str, ...]:
        """The clauses before, nearest first: three, and the rest as one."""
        places = [0, *(place for place in self.breaks if place < start), start]
        clauses = [self.text[a:b] for a, b in itertools.pairwise(places) if b > a]
        near = [one for one in reversed(clauses) if one.strip("，、：（）(),: ")]
        padded = [*near[:3], *[""] * (3 - len(near[:3]))]
        return (*padded, "".join(reversed(near[3:])))

    def _after(self, end: int) -> str:
        stop = min((p for p in self.breaks if p > end), default=len(self.text))
        following = min((one.start for one in self.figures if one.start >= end), default=stop)
        joint = _JOINT.search(self.plain, end, stop)
        stop = min(stop, following, end + 14, joint.start() if joint else stop)
        return self.text[end:stop].rstrip("，、：（）(),:")

    def _periods_of(
        self, run: Sequence[Figure], place: int, known: tuple[str, ...]
    ) -> tuple[str, ...]:
        """The labels that the sentence itself gives; one each where years stand in a row."""
        figure = run[place]
        inside = self.depth[figure.start] > 0
        for one in self.compared:  # 相比一季度的785.33亿元
            if re.fullmatch(r"\s*的\s*", self.plain[one.end : figure.start]):
                return (one.label,)
        before = [
            one
            for one in self.periods
            if one.end <= run[0].start
            and (inside or not one.bracketed)
            and not self._left_behind(one, run[0])
        ]
        year_before = _YEAR_BEFORE.search(
            self.plain, self._clause_start(run[0].start), figure.start
        )
        if year_before and not _COMPARED_TO.search(self.plain[: year_before.start()]):
            others = [one.label for one in before if one.start < year_before.start()] or list(known)
            return (_year_less(others[-1]),) if others else ()
        if not before:
            behind = [one for one in self.periods if one.start - figure.end == 1]
            return tuple(
                one.label for one in behind[:1] if self.plain[one.end : one.end + 1] == ")"
            )
        chain = _chain(self.plain, before)
        if len(run) > 1 and len(chain) == len(run):
            return (chain[place].label,)
        return tuple(one.label for one in chain)

    def _left_behind(self, period: _Dated, figure: Figure) -> bool:
        """由去年同期的56.4%提升至62.1%: the first period is not that of the second figure."""
        if not _FROM.search(self.plain[: period.start]):
            return False
        return any(period.end <= one.start and one.end <= figure.start for one in self.figures)

    def _items(self, run: Sequence[Figure]) -> list[tuple[int, int]]:
        """Places of the names that a run of figures belongs to one by one; empty if there are
        not as many: 正极材料、负极材料产量分别约为100万吨、67万吨."""
        if len(run) < 2:
            return []
        start = self._clause_start(run[0].start)
        for begin in (start, *[p for p in (0, *self.breaks) if p < start][-1:]):
            places = listed_names(self.plain, begin, run[0].start)
            if len(places) == len(run):
                return places
        return []


_OF_BEFORE = re.compile(r"[、和及与]\s*\Z")
_JOINT = re.compile(r"[、/]|[和及与](?=[^\s])")
_SHARED = re.compile(r"同比|环比|分别|依次|各[有为占]|等")


def listed_names(plain: str, start: int, end: int) -> list[tuple[int, int]]:
    """The names in a row between two places. What all share stands before the first or behind the
    last of them and stays: a name is taken to be no longer than the longest one inside the row."""
    marks = list(_JOINT.finditer(plain, start, end))
    if not marks:
        return []
    edges = [start, *(m.end() for m in marks)]
    stops = [*(m.start() for m in marks), end]
    places = list(zip(edges, stops, strict=True))
    first, last = places[0], places[-1]
    longest_last = max(b - a for a, b in places[:-1][-3:])
    shared = _SHARED.search(plain, last[0] + 1, last[1])
    cut = min(last[0] + longest_last, shared.start() if shared else last[1], last[1])
    longest_first = max(b - a for a, b in [*places[1:-1], (last[0], cut)])
    places[-1] = (last[0], cut)
    places[0] = (max(first[0], first[1] - longest_first), first[1])
    return places


def _depths(plain: str) -> list[int]:
    """How many brackets are open at each character."""
    depths, depth = [], 0
    for ch in plain:
        depth += ch in "(（"
        depths.append(depth)
        depth = max(depth - (ch in ")）"), 0)
    return [*depths, depth]


def _resolved(label: str, year: int | None) -> str:
    """A period that hangs on the year of the text (7月份): that of the sentence before."""
    return f"{year}{label[3:]}" if label.startswith("Y+0") and year else label


def _year_less(label: str) -> str:
    return f"{int(label[:4]) - 1}{label[4:]}" if label[:4].isdigit() else label


def _with_shared_units(plain: str, figures: Sequence[Figure]) -> list[Figure]:
    """The figures with a unit; in a row (16.76/20.1/25.3亿元) the last one's unit is everyone's."""
    kept: list[Figure] = []
    for figure in reversed(figures):
        if figure.unit:
            kept.append(figure)
        elif kept and re.fullmatch(r"\s*[/、,]\s*[+-]?", plain[figure.end : kept[-1].start]):
            kept.append(replace(figure, unit=kept[-1].unit))
    return kept[::-1]


def _runs(plain: str, figures: Sequence[Figure]) -> list[list[Figure]]:
    """Figures with nothing but a mark between them are one run (10.4%、15.6%)."""
    runs: list[list[Figure]] = []
    for figure in figures:
        between = plain[runs[-1][-1].end : figure.start] if runs else ""
        if runs and re.fullmatch(r"\s*[、,，和及与/]\s*(?:和|及)?\s*[+-]?", between):
            runs[-1].append(figure)
        else:
            runs.append([figure])
    return runs


def _chain(plain: str, before: Sequence[_Dated]) -> list[_Dated]:
    """The last period mentioned, with the others of its list or range, in order."""
    chain = [before[-1]]
    for one in reversed(before[:-1]):
        between = plain[one.end : chain[-1].start]
        if one.start == chain[-1].start or re.fullmatch(r"[\s/、,，和及与至\-~—]*", between):
            chain.append(one)
        else:
            break
    return sorted(chain, key=lambda one: (one.start, one.label))
