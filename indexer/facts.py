"""Every figure (and every word) of a report's tables as a typed fact with its cell.

`Report → Fact`: a cell's fact is what its row says and what its column says, put together, so
that rows may be companies, metrics or periods, and columns any of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.figures import is_unit, parse_marked, parse_number
from corpus.periods import Period
from corpus.report import Cell, Report, Role, Row, Span, Table
from indexer.axes import Axis, kind_of
from indexer.cell_metrics import CellMetrics, printed_unit, scored
from indexer.column_words import ColumnKind, kind_of_column
from indexer.layouts import Half, TableLayout
from indexer.records import CellPath, Fact, FactKind, SubjectKind
from indexer.table_context import (
    Carried,
    a_year_before,
    caption_period,
    carried_into,
    day_of_report,
    price_date,
    reported_period,
)
from indexer.table_groups import Group, segments, with_growth
from indexer.table_owner import Owner, defines_ratings, gives_addresses, own_subject
from indexer.typing_facts import base_of, direction_of, subject_kind_of, unit_fits
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
    earlier: list[tuple[Table, Carried]] = []
    for index, table in enumerate(report.tables):
        carried = carried_into(report, table, earlier)
        earlier.append((table, carried))
        if defines_ratings(table, vocabulary) or gives_addresses(table):
            continue
        reader = _TableReader(report, index, carried, vocabulary)
        role = roles.get(index, Role.BODY)
        if role in {Role.BODY, Role.FRONT} or reader.layout.states_metrics():
            facts += reader.facts()
            earlier[-1] = (table, replace(carried, group=reader.last_group))
    return tuple(sorted(facts, key=lambda fact: (fact.start, fact.end)))


class _TableReader:
    """Reads one table cell by cell, after its layout."""

    def __init__(
        self,
        report: Report,
        index: int,
        carried: Carried,
        vocabulary: Vocabulary,
    ) -> None:
        self.report, self.index, self.vocabulary = report, index, vocabulary
        self.table = report.tables[index]
        self.layout = TableLayout(self.table, vocabulary, carried.headers)
        self.published = day_of_report(report)
        self.as_of = price_date(report, self.table)
        self.last_group = Group()
        self._carried = carried
        self._reported = reported_period(report)
        self._dated = None if self._names_periods() else caption_period(report, self.table)
        self._metrics = CellMetrics(report, self.layout, vocabulary, carried.about)

    def facts(self) -> Iterator[Fact]:
        """One fact for each cell that says something (or says that nothing is given)."""
        for half in self.layout.halves:
            yield from self._facts_of(half)

    def _facts_of(self, half: Half) -> Iterator[Fact]:
        group, base = self._carried.group, None
        named = bool(group.words) or self._names_segments(half)
        for row in self.table.rows:
            key = self.layout.key(row, half)
            if (heading := self._heading(row, half, key)) is not None:
                # 成长能力(%) heads the rows below it; 营业收入 of no figure is a row all the same.
                group, base = (
                    (Group.of(heading), None) if key.metric is None else (group, key.metric)
                )
                continue
            texts = [row.cells[at].text for at in half.values]
            if self.layout.is_code_row(row) or self._metrics.is_banner(key, texts):
                continue
            if any(map(_TORN.search, key.parts)):
                continue
            if self.layout.rows_are_metrics:
                key, base = with_growth(key, base, group, self.vocabulary)
            under = group if named else replace(group, words="")
            place = _Place(row, row.cells[0], half, key, self._row_name(row, half), under)
            for at in half.values:
                for part in self._parts(replace(place, cell=row.cells[at])):
                    if fact := self._fact(part):
                        yield fact
        self.last_group = group if named else Group()

    def _heading(self, row: Row, half: Half, key: Axis) -> str | None:
        """The words of a row that holds nothing else: a heading inside the table."""
        filled = [row.cells[at].text for at in half.values if row.cells[at].text]
        if not filled:
            return " ".join(key.parts)
        alone = len(filled) == 1 and len(half.values) > 1 and not key.parts
        return filled[0] if alone and parse_number(filled[0]) is None else None

    def _names_segments(self, half: Half) -> bool:
        """True if the headings inside the table name segments, whose metrics are repeated."""
        rows: list[tuple[str, str | None]] = []
        heading = ""
        for row in self.table.rows:
            key = self.layout.key(row, half)
            found = self._heading(row, half, key)
            if found is not None:
                heading = found if key.metric is None else heading
            else:
                rows.append((heading, key.metric.id if key.metric else None))
        return self.layout.rows_are_metrics and segments(rows)

    def _parts(self, place: _Place) -> Iterator[_Place]:
        """The place, or its halves: 总市值/流通市值 | 212/198亿元 states two figures."""
        names = place.key.parts[-1].split("/") if place.key.parts else []
        values = _SLASHED.fullmatch(place.cell.text)
        if len(names) != 2 or values is None:
            yield place
            return
        axes = [self.layout.axis((name,)) for name in names]
        metrics = {axis.metric.id for axis in axes if axis.metric is not None}
        if len(metrics) != 2:
            yield place
            return
        start = place.cell.span.start
        unit = values["unit"] if values["unit"] and is_unit(values["unit"]) else place.key.unit
        for name, axis in zip(("one", "two"), axes, strict=True):
            first, end = values.span(name)
            cell = replace(place.cell, text=values[name], span=Span(start + first, start + end))
            yield replace(place, cell=cell, key=axis, unit=unit)

    # --- one cell ---------------------------------------------------------------------------

    def _fact(self, place: _Place) -> Fact | None:
        row, cell, key = place.row, place.cell, place.key
        column = self.layout.columns[cell.column]
        said = self._metrics.of(key, column, cell)
        if said is None or len(cell.text) > _MAX_CELL_CHARS:
            return None
        metric, metric_id, metric_text = said.metric, said.id, said.words
        if metric is not None and metric.family == "rating" and len(cell.text) > _MAX_RATING_CHARS:
            return None  # the meaning of a scale, in words
        subject = self._subject(place, column)
        if _TORN_NAME.fullmatch(subject.name):
            return None
        period, period_text = self._period(key, column, metric)
        value, approx = parse_marked(cell.text)
        number = format(value, "f") if value is not None else None
        if metric is None and _NO_FIGURE.search(metric_id):
            number = approx = None  # 20201110 is a day
        unit = place.unit or said.unit or self._unit(place, column, metric)
        value_base, unit_base = base_of(number, unit, metric)
        return Fact(
            fact_id=f"{self.report.report_id}:{cell.span.start}-{cell.span.end}",
            report_id=self.report.report_id,
            subject=subject.name,
            code=subject.code,
            metric=metric_id,
            metric_text=metric_text or (metric.name if metric else metric_id),
            period=period.label if period and not period.relative else None,
            period_text=period_text,
            kind=self._kind(metric, period),
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
            page=self.report.page_at(cell.span.start),
        )

    def _in_the_year(self, period: Period) -> Period | None:
        """第二季度 in a company's own annual report is of its year."""
        if self._reported is None or not period.label.startswith("Y+0"):
            return None
        return Period(period.label.replace("Y+0", self._reported.label[:4]), period.kind)

    def _kind(self, metric: Metric | None, period: Period | None) -> FactKind | None:
        if metric is not None and metric.family in {"price", "rating", "count"}:
            return None
        if self._reported is not None and period is not None and not period.kind:
            return "actual"  # a company's own report states what was
        return kind_of(period, self.layout.first_estimate, self.published)

    def _period(
        self, key: Axis, column: Axis, metric: Metric | None
    ) -> tuple[Period | None, str | None]:
        """The period of a cell: its column's, else its row's, else the report's own."""
        axis = column if column.period is not None else key
        if axis.period is None and self._dated is not None and self._may_be_dated(metric):
            return self._dated, self._dated.label
        if axis.period is None or axis.period.relative:
            kind = kind_of_column(column.own_words)
            if self._reported is not None and self.layout.rows_are_metrics:
                if kind is ColumnKind.BEFORE:
                    return a_year_before(self._reported), column.parts[-1]
                if "期" in column.own_words and kind in {ColumnKind.PLAIN, ColumnKind.CHANGE}:
                    return self._reported, column.parts[-1]
            if self._reported is not None and axis.period is not None and axis.period_text:
                return self._in_the_year(axis.period), axis.period_text
            return None, None
        if metric is not None and metric.id.endswith("cagr") and axis.stretch:
            return axis.stretch, axis.period_text
        return axis.period, axis.period_text

    def _names_periods(self) -> bool:
        """True if a column or a row of the table says its own period."""
        keys = (
            self.layout.key(row, half) for row in self.table.rows for half in self.layout.halves
        )
        return any(axis.period is not None for axis in (*self.layout.columns, *keys))

    @staticmethod
    def _may_be_dated(metric: Metric | None) -> bool:
        """False for prices, ratings and counts, which are of a day, not of a caption's year."""
        return metric is not None and metric.family in _OF_A_PERIOD and metric.id != "upside"

    def _subject_kind(self, subject: Owner, row: Row, half: Half) -> SubjectKind | None:
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

    def _subject(self, place: _Place, column: Axis) -> Owner:
        """Whom the cell is about; numbers and years name nobody (a label of an axis, 2035往后)."""
        owner = self._owner(place, column)
        nameless = owner.code is None and _NO_NAME.match(owner.name) is not None
        return self._under(place.group) if nameless else owner

    def _owner(self, place: _Place, column: Axis) -> Owner:
        """The row's name, else the column's, else the report's company."""
        key = place.key
        if column.metric is None and self._metrics.rows_say_what(column, key):
            return self._under(place.group)
        if self._metrics.rows_are_metrics or key.metric is not None:
            name = column.name() or (key.name() if key.metric is not None else "")
            if (
                kind_of_column(column.own_words) is not ColumnKind.SUBJECT
                or scored(name)
                or name in _NOBODY
            ):
                name = ""
            code = column.code or self.layout.codes.get(place.cell.column)
            return Owner(name, code) if name or code else self._under(place.group)
        if not place.name and not key.code:
            return self._under(place.group)
        row_is_metric = column.metric is None and self.layout.title_metric is None
        if row_is_metric and not column.own_words and not key.code:
            return self._under(place.group)
        return Owner(place.name or key.code or "", key.code)

    def _under(self, group: Group) -> Owner:
        """The segment that the heading above names, else the company (or its parent alone)."""
        if group.segment is not None and not group.whole:
            return Owner(group.segment, None)
        return (
            Owner("母公司", None)
            if self._carried.parent_only
            else own_subject(self.report, self.table)
        )

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

    def _unit(self, place: _Place, column: Axis, metric: Metric | None) -> str | None:
        """The unit that the report states for this cell, nearest place first, if it can be one."""
        cell = place.cell
        printed = printed_unit(cell.text)
        heads = [self.table.columns[at].unit for at in place.half.keys]
        near = (printed, place.key.unit, column.unit, self.table.columns[cell.column].unit)
        if printed and metric is None:
            return printed
        metric = metric or (place.key.metric if self.layout.rows_are_metrics else None)
        of_table = (place.group.unit, *heads, self._carried.unit)
        words = place.key.own_words if self.layout.rows_are_metrics else column.own_words
        if metric is None and _OF_RATIO.search(words):
            of_table = ()  # 目标市盈率 among amounts has not their unit
        for unit in (*near, *of_table):
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
    group: Group
    unit: str | None = None


# 信息设 | 备: the other half of a name stands elsewhere. 铜 and 茶 are whole.
_TORN_NAME = re.compile(
    r"[\u4e00-\u9fff](?<![金银铜铁铝锌铅锡镍钴锂钨硅煤油气电水糖茶酒猪鸡牛羊车船纸盐])"
)
# 电子元器0.035849件: the cell beside it has run into a key.
_TORN = re.compile(r"[\u4e00-\u9fff]\d+\.\d{3,}[\u4e00-\u9fff]")
_NOBODY = {"估值", "取值", "数值", "结果", "假设"}  # heads over rows that are metrics
_OF_A_PERIOD = {"amount", "percent", "per_share", "multiple", "days", "ratio"}
_NO_FIGURE = re.compile(r"日期|时间\Z|代码|编号|电话|邮编|邮政编码")
_OF_RATIO = re.compile(
    r"率|比(?!亚迪)|倍|增速|系数|天数|次数|得分|排名|beta|p/?[eb]", re.IGNORECASE
)
_SLASHED = re.compile(
    r"(?P<one>-?[\d,]+(?:\.\d+)?)\s*/\s*(?P<two>-?[\d,]+(?:\.\d+)?)\s*(?P<unit>[^\d\s/]{0,6})"
)
_NAME_HEADER = re.compile(r"公司|名称|简称|股票|标的|证券|个股|name", re.IGNORECASE)
_MAX_RATING_CHARS = 16
_NO_NAME = re.compile(r"[\d\W_]+\Z|(?:19|20)\d\d年?(?:往后|以后|及以后|之后|以前)")
_PRICED = {"price", "market_cap", "float_cap", "open_price", "high_price", "low_price"}
