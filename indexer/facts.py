"""Every figure (and every word) of a report's tables as a typed fact with its cell.

`Report → Fact`: a cell's fact is what its row says and what its column says, put together, so
that rows may be companies, metrics or periods, and columns any of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.figures import find_figures, parse_marked, parse_number, same_dimension
from corpus.normalise import fold
from corpus.periods import find_periods
from corpus.report import BlockKind, Cell, Report, Role, Row, Table
from corpus.tickers import load_listings
from indexer.axes import Axis, kind_of, unit_in
from indexer.layouts import Half, TableLayout
from indexer.records import CellPath, Fact, SubjectKind
from indexer.typing_facts import Pages, base_of, direction_of, subject_kind_of
from indexer.vocabulary import Metric, Vocabulary

# Longer cells are prose set in a table, not figures; they are found as text.
_MAX_CELL_CHARS = 120


def extract_facts(report: Report, vocabulary: Vocabulary) -> tuple[Fact, ...]:
    """The facts of all tables that speak of the report's matter, in the order of the text.

    Rating scales state nothing of a company and give none. In a disclaimer, among rating
    definitions and the like only a table of known metrics counts: sections stand in any order,
    and a valuation table without a heading of its own follows a disclaimer in some reports.
    """
    roles = {block.table: block.role for block in report.blocks if block.table is not None}
    facts: list[Fact] = []
    for index, table in enumerate(report.tables):
        role = roles.get(index, Role.BODY)
        if _defines_ratings(table, vocabulary):
            continue
        reader = _TableReader(report, index, table, vocabulary)
        if role in {Role.BODY, Role.FRONT} or reader.layout.states_metrics():
            facts += reader.facts()
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end)))


def _defines_ratings(table: Table, vocabulary: Vocabulary) -> bool:
    """True for a scale (买入 | >20%): at least half of its rows are named by rating words."""
    names = [table.row_key(row) for row in table.rows]
    return 2 * sum(vocabulary.rating_of(name) is not None for name in names) >= max(1, len(names))


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    code: str | None


class _TableReader:
    """Reads one table cell by cell, after its layout."""

    def __init__(self, report: Report, index: int, table: Table, vocabulary: Vocabulary) -> None:
        self.report, self.index, self.table, self.vocabulary = report, index, table, vocabulary
        self.layout = TableLayout(table, vocabulary)
        published = report.meta.published
        self.published = published.value if published else None
        self.as_of = _price_date(report, table)
        self._pages = Pages(report)

    def facts(self) -> Iterator[Fact]:
        """One fact for each cell that says something (or says that nothing is given)."""
        for half in self.layout.halves:
            yield from self._facts_of(half)

    def _facts_of(self, half: Half) -> Iterator[Fact]:
        group, base = _Group(), None
        for row in self.table.rows:
            key = self.layout.key(row, half)
            if all(not row.cells[at].text for at in half.values):
                group = _Group.of(" ".join(key.parts))  # 成长能力(%), a heading inside the table
                continue
            if self.layout.is_code_row(row):
                continue
            if self.layout.rows_are_metrics:
                key, base = _with_growth(key, base, group, self.vocabulary)
            name = self._row_name(row, half)
            for at in half.values:
                if fact := self._fact(_Place(row, row.cells[at], half, key, name, group)):
                    yield fact

    # --- one cell ---------------------------------------------------------------------------

    def _fact(self, place: _Place) -> Fact | None:
        row, cell, key = place.row, place.cell, place.key
        column = self.layout.columns[cell.column]
        chosen = self._metric(key, column)
        if chosen is None or len(cell.text) > _MAX_CELL_CHARS:
            return None
        metric, metric_id, metric_text = chosen
        subject = self._subject(place, column)
        period_axis = column if column.period is not None else key
        period = period_axis.period
        value, approx = parse_marked(cell.text)
        number = format(value, "f") if value is not None else None
        unit = self._unit(place, column, metric)
        value_base, unit_base = base_of(number, unit, metric)
        timeless = metric is not None and metric.family in {"price", "rating", "count"}
        return Fact(
            fact_id=f"{self.report.report_id}:{cell.span.start}-{cell.span.end}",
            report_id=self.report.report_id,
            subject=subject.name,
            code=subject.code,
            metric=metric_id,
            metric_text=metric_text,
            period=period.label if period and not period.relative else None,
            period_text=period_axis.period_text,
            kind=None if timeless else kind_of(period, self.layout.first_estimate, self.published),
            value=cell.text,
            number=number,
            unit=unit,
            start=cell.span.start,
            end=cell.span.end,
            line_start=row.span.start,
            line_end=row.span.end,
            cell=self._path(place),
            as_of=period.label if period and period.is_day else self._as_of(metric),
            direction=direction_of(metric, metric_text),
            approx=approx,
            subject_kind=self._subject_kind(subject, row, place.half),
            value_base=value_base,
            unit_base=unit_base,
            page=self._pages.at(cell.span.start),
        )

    def _subject_kind(self, subject: _Subject, row: Row, half: Half) -> SubjectKind | None:
        """What the subject is, helped by the header of the key column that names it."""
        heads = ["".join(self.table.columns[at].header) for at in half.keys if row.cells[at].text]
        company = self.report.meta.subject
        return subject_kind_of(
            subject.name, subject.code, company.value if company else None, "".join(heads)
        )

    def _path(self, place: _Place) -> CellPath:
        row, cell = place.row, place.cell
        whole = len(self.layout.halves) == 1
        return CellPath(
            table=self.table.title,
            row=self.table.row_key(row) if whole else " ".join(place.key.parts),
            column=" ".join(self.table.columns[cell.column].header),
            table_index=self.index,
            row_index=row.index,
            column_index=cell.column,
        )

    def _metric(self, key: Axis, column: Axis) -> tuple[Metric | None, str, str] | None:
        """The metric, its id and its words: from the row in a statement, else from the column."""
        first, second = (key, column) if self.layout.rows_are_metrics else (column, key)
        if first.metric is not None:
            return first.metric, first.metric.id, first.metric_text
        if first.own_words:
            return None, first.own_words, first.metric_text
        if second.metric is not None:
            return second.metric, second.metric.id, second.metric_text
        if (metric := self.layout.title_metric) is not None and column.parts:
            return metric, metric.id, self.table.title or ""
        if second.own_words and first.period is not None and not second.code:
            return None, second.own_words, second.metric_text
        return None

    def _subject(self, place: _Place, column: Axis) -> _Subject:
        """Whom the cell is about: the row's name, else the column's, else the report's company."""
        key = place.key
        if self.layout.rows_are_metrics or key.metric is not None:
            name = column.name() or (key.name() if key.metric is not None else "")
            code = column.code or self.layout.codes.get(place.cell.column)
            return _Subject(name, code) if name or code else self._own_subject()
        if not place.name and not key.code:
            return self._own_subject()
        row_is_metric = column.metric is None and self.layout.title_metric is None
        if row_is_metric and not column.own_words and not key.code:
            return self._own_subject()
        return _Subject(place.name or key.code or "", key.code)

    def _row_name(self, row: Row, half: Half) -> str:
        """The key cell that names the company, as printed; codes, periods and ranks do not."""
        best = ""
        for at in half.keys:
            text = row.cells[at].text
            axis = self.layout.axis((text,)) if text else None
            if axis is None or not axis.words[0]:
                continue
            header = "".join(self.table.columns[at].header)
            if not best or _NAME_HEADER.search(header):
                best = axis.name() or best
        return best

    def _own_subject(self) -> _Subject:
        """The company that the report is about; in an industry report the table's own title."""
        meta = self.report.meta
        title = self.table.title or ""
        named = load_listings().find(title)
        certain = [mention for mention in named if not mention.common]
        if certain and not (meta.subject and meta.subject.value in title):
            return _Subject(certain[0].name, certain[0].code)
        code = meta.stock_codes[0].value.partition(".")[0] if meta.stock_codes else None
        if meta.subject:
            return _Subject(meta.subject.value, code)
        if code:
            return _Subject(load_listings().by_code(code) or code, code)
        if title:
            return _Subject(_TITLE_MARK.sub("", title).strip(), None)
        return _Subject(meta.industry.value if meta.industry else "", None)

    def _unit(self, place: _Place, column: Axis, metric: Metric | None) -> str | None:
        """The unit that the report states for this cell, nearest place first, if it can be one."""
        cell = place.cell
        own = find_figures(cell.text) if parse_number(cell.text) is not None else []
        printed = own[0].unit if len(own) == 1 else None
        heads = [self.table.columns[at].unit for at in place.half.keys]
        near = (printed, place.key.unit, column.unit, self.table.columns[cell.column].unit)
        for unit in (*near, place.group.unit, *heads, self.table.unit):
            if unit and (metric is None or unit_fits(unit, metric)):
                return unit
        return None

    def _as_of(self, metric: Metric | None) -> str | None:
        priced = metric is not None and metric.id in _PRICED
        return self.as_of if priced else None


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell with what its row says: key, name and the heading above it inside the table."""

    row: Row
    cell: Cell
    half: Half
    key: Axis
    name: str
    group: _Group


@dataclass(frozen=True, slots=True)
class _Group:
    """A heading inside a table (成长能力(%)): its unit, and whether its rows are growth rates."""

    unit: str | None = None
    growth: bool = False

    @staticmethod
    def of(text: str) -> _Group:
        return _Group(unit_in(text), bool(_GROWTH_GROUP.search(fold(text))))


_GROWTH_GROUP = re.compile(r"成长(?:能力|性|指标)|增长(?:率|能力)|同比增长|growth")
_NAME_HEADER = re.compile(r"公司|名称|简称|股票|标的|证券|个股|name", re.IGNORECASE)
_TITLE_MARK = re.compile(r"\A(?:图表?|表格?)\s*[\d一二三四五六七八九十]+(?:[-.]\d+)?\s*[:：.、]?")
_PRICED = {"price", "market_cap", "float_cap", "open_price", "high_price", "low_price"}
_GROWTH_ONLY = re.compile(r"\(?\+/-\)?%?|yoy%?|同比%?|增速%?|%")


def _with_growth(
    key: Axis, base: Metric | None, group: _Group, vocabulary: Vocabulary
) -> tuple[Axis, Metric | None]:
    """The row's axis with the metric whose growth it states, and the metric of level before it.

    营业收入 | 增长率(%): the second row is the growth of the first; under 成长能力 every row is.
    """
    metric = key.metric
    if metric is not None and metric.id in {"growth", "qoq"} and base is not None:
        change = "yoy" if metric.id == "growth" else "qoq"
        grown = vocabulary.get(f"{base.id}_{change}")
        return replace(key, metric=grown or metric), base
    if metric is None and base is not None and _GROWTH_ONLY.fullmatch("".join(key.parts).lower()):
        return replace(key, metric=vocabulary.get(f"{base.id}_yoy")), base
    if metric is not None and group.growth and metric.family in {"amount", "per_share"}:
        return replace(key, metric=vocabulary.get(f"{metric.id}_yoy")), None
    return key, metric if metric is None or metric.family in {"amount", "per_share"} else None


_FAMILY_UNITS = {
    "percent": ("%", "pct"),
    "multiple": ("倍",),
    "per_share": ("元", "元/股", "港元", "美元", "港元/股", "美元/股"),
    "days": ("天",),
}


def unit_fits(unit: str, metric: Metric) -> bool:
    """False for 百万元 over a row of ratios: a table's unit is not that of every row."""
    allowed = _FAMILY_UNITS.get(metric.family)
    if allowed is not None:
        exact = metric.family == "per_share"
        return unit in allowed if exact else any(same_dimension(unit, one) for one in allowed)
    if metric.family == "amount":
        return not any(same_dimension(unit, one) for one in ("%", "pct", "倍", "元/股"))
    if metric.family in {"rating", "ratio"}:
        return unit in {"次", "倍"} and metric.family == "ratio"
    return True


_PRICE_WORDS = re.compile(r"收盘价|股价|市价|价格|市值|行情|估值|现价|数据")


def _price_date(report: Report, table: Table) -> str | None:
    """The day that caption or note lines give for prices (收盘价为截至 2024/2/21), ISO form."""
    for words in _notes(report, table):
        for sentence in re.split(r"[。；;\n]", words):
            days = [found.period for found in find_periods(sentence) if found.period.is_day]
            if days and _PRICE_WORDS.search(sentence):
                return days[-1].label
    return None


def _notes(report: Report, table: Table) -> Iterator[str]:
    """The table's caption, header and the source and note lines right below it."""
    if table.title:
        yield table.title
    if table.header_span:
        yield table.header_span.of(report.text)
    after = [block for block in report.blocks if block.span.start >= table.span.end][:3]
    for block in after:
        text = block.span.of(report.text)
        is_note = re.match(r"\s*(?:注|备注|说明|资料来源|数据来源|来源)", text)
        if block.kind is not BlockKind.SOURCE and not is_note:
            return
        yield text
