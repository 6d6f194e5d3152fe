"""Whom a table is about as a whole, and which tables are about nobody: scales of ratings.

Stands under `facts`; rows and columns may name others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.figures import parse_number
from corpus.report import Report, Table
from corpus.tickers import find_codes, load_listings
from indexer.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a figure is."""

    name: str
    code: str | None


def own_subject(report: Report, table: Table) -> Owner:
    """The company that the report is about; in an industry report the table's own title."""
    meta = report.meta
    title = table.title or ""
    named = load_listings().find(title)
    certain = [mention for mention in named if not mention.common]
    coded = find_codes(title)
    if len(coded) == 1 and meta.subject and meta.subject.value in title:
        return Owner(meta.subject.value, coded[0].code)
    if certain and not (meta.subject and meta.subject.value in title):
        return Owner(certain[0].name, certain[0].code)
    code = meta.stock_codes[0].value.partition(".")[0] if meta.stock_codes else None
    if meta.subject:
        return Owner(meta.subject.value, code)
    if code:
        return Owner(load_listings().by_code(code) or code, code)
    if title and _SAYS_SOMETHING.search(title):
        return Owner(_TITLE_MARK.sub("", title).strip(), None)
    return Owner(meta.industry.value if meta.industry else "", None)


_TITLE_MARK = re.compile(r"\A(?:图表?|表格?)\s*[\d一二三四五六七八九十]+(?:[-.]\d+)?\s*[:：.、]?")


# -15% above a table is a label of the chart beside it.
_SAYS_SOMETHING = re.compile(r"[A-Za-z\u4e00-\u9fff]")


def gives_addresses(table: Table) -> bool:
    """True for a broker's offices: 地址 | 邮政编码 | 客服邮箱 name lines of an address."""
    found = {cell.text.strip(" :：") for row in table.rows for cell in row.cells}
    found |= {head.strip(" :：") for column in table.columns for head in column.header}
    return len(found & _OF_OFFICES) > 1


_OF_OFFICES = {
    "地址", "邮政编码", "邮编", "客服邮箱", "邮箱", "电子邮箱", "服务热线", "客服热线", "联系电话",
    "电话", "传真",
}  # fmt: skip


def defines_ratings(table: Table, vocabulary: Vocabulary) -> bool:
    """True for a scale (买入 | >20%): at least half of its rows are named by rating words, or hold
    one beside prose and no figure."""
    names = [table.row_key(row) for row in table.rows]
    if 2 * sum(vocabulary.rating_of(name) is not None for name in names) >= max(1, len(names)):
        return True
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    if any(parse_number(text) is not None for row in texts for text in row):
        return False
    rated = sum(any(vocabulary.rating_of(text) is not None for text in row) for row in texts)
    prose = any(len(text) > _PROSE for row in texts for text in row)
    return prose and 2 * rated >= len(texts)


_PROSE = 12  # characters: 相对沪深300涨幅15%以上
