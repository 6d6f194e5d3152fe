"""Which reports pass a filter, and where a phrase stands in a normal form.

Stands under `Snapshot`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.brokers import same_broker
from corpus.normalise import fold
from corpus.tickers import same_code
from indexer.records import Filters, ReportRecord

_ALNUM = re.compile(r"[0-9a-z]")


def passes(record: ReportRecord, filters: Filters, named: frozenset[str]) -> bool:
    """True if the report passes every condition.

    Args:
        named: ids of reports that name a company with one of the codes asked for.
    """
    if filters.report_ids and record.report_id not in filters.report_ids:
        return False
    if filters.brokers and not _by_one_of(record, filters.brokers):
        return False
    if filters.stock_codes and record.report_id not in named:
        own = [code.value for code in record.meta.stock_codes]
        if not any(same_code(mine, code) for mine in own for code in filters.stock_codes):
            return False
    published = record.meta.published.value if record.meta.published else None
    if filters.published_from and not (published and published >= filters.published_from):
        return False
    return not (filters.published_to and not (published and published <= filters.published_to))


def _by_one_of(record: ReportRecord, brokers: tuple[str, ...]) -> bool:
    if record.meta.broker is None:
        return False
    broker = fold(record.meta.broker.value)
    return any(same_broker(broker, fold(wanted)) for wanted in brokers)


def occurrences(text: str, wanted: str) -> Iterator[int]:
    """Places of `wanted` in `text` that do not begin or end inside a Latin word or number."""
    at = text.find(wanted)
    while at >= 0:
        if _stands_free(text, at, wanted):
            yield at
        at = text.find(wanted, at + 1)


def _stands_free(text: str, at: int, wanted: str) -> bool:
    """True unless the phrase begins or ends inside a Latin word or number."""
    before, after = text[at - 1 : at], text[at + len(wanted) : at + len(wanted) + 1]
    return not (_runs_on(before, wanted[0]) or _runs_on(wanted[-1], after))


def _runs_on(left: str, right: str) -> bool:
    if not left or not _ALNUM.match(left) or not right or not _ALNUM.match(right):
        return False
    return left.isdigit() == right.isdigit()
