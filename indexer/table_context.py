"""What a table takes from what stands around it: the price day of its notes, and from the table
before it the header, unit and heading that a page's end has cut off.

Stands under `facts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from corpus.periods import Period, find_periods
from corpus.report import BlockKind, Report, Row, Table
from indexer.table_groups import Group


@dataclass(frozen=True, slots=True)
class Carried:
    """What goes on from one table to the next.

    Args:
        headers: the header path of each column, the table's own or taken over.
        unit: of the whole table.
        group: the heading that its last rows stand under, if such headings name segments.
        parent_only: a statement of the parent company alone (母公司利润表).
        about: title and headings inside, which say what the numbers are.
    """

    headers: tuple[tuple[str, ...], ...]
    unit: str | None
    group: Group
    parent_only: bool
    about: str = ""


def carried_into(report: Report, table: Table, earlier: Sequence[tuple[Table, Carried]]) -> Carried:
    """What a table starts with, itself or by a table of the page before it.

    Args:
        earlier: the tables before it with what they ended with, in order.
    """
    own = tuple(column.header for column in table.columns)
    before = earlier[-1][0] if earlier else None
    parent = _parent_only(report, table, before)
    bare = not any("".join(header) for header in own)
    about = _about(table)
    for other, ended in reversed(earlier[-_BACK:]):
        if not _over_the_page(report, other, table):
            break
        same = own == ended.headers and other is before
        headless = bare and len(own) == len(ended.headers)
        if same or (headless and table.key_columns == other.key_columns):
            only = ended.parent_only if parent is None else parent
            unit, told = table.unit or ended.unit, ended.about + about
            return Carried(ended.headers, unit, ended.group, only, told)
    return Carried(own, table.unit, Group(), bool(parent), about)


def _about(table: Table) -> str:
    """The title and the rows of one cell: 上月各行业对应因子的得分."""
    alone = [texts[0] for texts in map(_texts, table.rows) if 0 < len(texts) < _FEW]
    return " ".join([table.title or "", *alone])


_FEW = 3  # cells: a heading, or a word with one


def _texts(row: Row) -> list[str]:
    texts = [cell.text for cell in row.cells if cell.text]
    return sorted(texts, key=len, reverse=True)


_BACK = 3  # a side bar may stand between the two pieces of a table


def _over_the_page(report: Report, before: Table, table: Table) -> bool:
    """True if a table stands on the page before another, with one page's end between them."""
    between = report.text[before.span.end : table.span.start]
    head = between.rpartition("\f")[2]
    return between.count("\f") == 1 and len(head) < _FURNITURE


_FURNITURE = 160  # characters above a table that are the page's, not a text of its own


_STATEMENT = re.compile(
    r"(合并|母公司)(?:及母公司)?(?:资产负债表|利润表|现金流量表|所有者权益变动表)"
)


def _parent_only(report: Report, table: Table, before: Table | None) -> bool | None:
    """Whether the words above a table call it the parent's own; None where they call it nothing."""
    floor = max(before.span.end if before else 0, table.span.start - 400)
    start = table.header_span.start if table.header_span else table.span.start
    named = _STATEMENT.findall(report.text[floor : max(start, floor)] + (table.title or ""))
    return named[-1] == "母公司" if named else None


_PRICE_WORDS = re.compile(r"收盘价|股价|市价|价格|市值|行情|估值|现价|数据")


def price_date(report: Report, table: Table) -> str | None:
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


_FRONT = 600  # characters in which a company's own report says which period it is of
_COMPANY_REPORT = re.compile(r"\s*(?:度)?(?:报告|业绩)")


def reported_period(report: Report) -> Period | None:
    """The period that a company's own report is of (2025年第一季度报告), None for others'."""
    front = report.text[:_FRONT]
    for mention in find_periods(front):
        named = mention.text.endswith("报告") or _COMPANY_REPORT.match(front, mention.end)
        if named and not mention.period.relative and not mention.period.is_day:
            return mention.period
    return None


def caption_period(report: Report, table: Table) -> Period | None:
    """The one year, half or quarter that a caption names for all of its table.

    表2：协鑫能科2024年度财务数据 is of 2024; 2025年以来…, a day, or two years name no period.
    """
    for caption in _captions(report, table):
        words = _CAPTION.sub("", caption)  # 表 1：2023年 must not read as a ratio of two numbers
        mentions = find_periods(words)
        if not mentions:
            continue
        only = mentions[0]
        settled = len(mentions) == 1 and not only.period.relative and not only.period.is_day
        if _IN_BRACKETS.match(words, only.end):
            return only.period if settled else None
        open_ended = _NOT_ALL_OF_IT.match(words, only.end) or _PLAN.search(words)
        return None if open_ended or not settled else only.period
    return None


# 2025年以来, 2019年前: not of that year. 第2版, 2024年2月: an edition, a month of prices.
_NOT_ALL_OF_IT = re.compile(r"\s*(?:以来|至今|起|以前|之前|前|以后|后|之后|-|~|—|至|到)")
_IN_BRACKETS = re.compile(r"年?(?:度)?[)）]\s*\Z")  # 分部加总估值法（2025年）
_PLAN = re.compile(r"预测|计划|规划|历年|历史|对比|比较|估值|排名|行情")
_CAPTION = re.compile(r"\A\s*(?:图表?|表格?)\s*\d+(?:[-.]\d+)?\s*[:：.、]?\s*")
_ABOVE = (
    120  # characters above a table in which its caption stands, if a header line took its place
)


def _captions(report: Report, table: Table) -> Iterator[str]:
    """The title, and a numbered caption that stands above what was taken for the title."""
    if table.title:
        yield table.title
    start = table.title_span.start if table.title_span else table.span.start
    above = report.text[max(0, start - _ABOVE) : start].rpartition("\f")[2]
    line = above.rstrip("\n").rpartition("\n")[2]
    if _CAPTION.match(line):
        yield line


def a_year_before(period: Period) -> Period | None:
    """The same stretch of the year before; None for days and months across years."""
    if not re.fullmatch(r"\d{4}(?:Q\d|H\d)?", period.label):
        return None
    return Period(f"{int(period.label[:4]) - 1}{period.label[4:]}", period.kind)


def day_of_report(report: Report) -> date | None:
    """The day that a report prints on its front."""
    return report.meta.published.value if report.meta.published else None
