"""Peers of a company: the rows beside it in its table of comparable companies.

A reader: `Query + Scope → Draft | None` (None: no question about peers that a table answers).
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service.operations import Operation
from service.query import AskedMetric, Query
from service.reading import tables
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.figures import MAX_ROWS
from service.reading.scope import Scope
from service.reading.wording import figure_sentence, value_with_unit

_PEERS = re.compile("可比(?:公司|企业|上市公司|标的)|同业(?:公司)?|同行(?:业公司)?|对标公司")
_AVERAGE = re.compile("(?:可比公司|行业)?(?:平均|均值|平均值|算术平均|中位数|中值)(?:数|水平)?")
_MEANS = {Operation.MEAN, Operation.MEDIAN}
_SCANS = {Operation.HIGHEST, Operation.LOWEST}
# A table of peers holds at least two other companies.
_FEWEST = 2


def read_peers(query: Query, scope: Scope) -> Outcome | None:
    """The asked metric of the companies that reports set beside the one that is named."""
    owners = [n.company for n in query.companies if n.company is not None and n.company.code]
    if not _PEERS.search(query.text) or len(owners) != 1 or not query.metrics:
        return None
    own = {fold(owners[0].name), owners[0].code}
    draft = Draft("computed" if query.operation in _MEANS | _SCANS else "fact", [], 0.9)
    for report_id in scope.speaking:
        rows = _rows(query.metrics[0], own, query, report_id, scope)
        if rows:
            _tell(query, rows, report_id, scope, draft)
    return draft if draft.statements else None


def _rows(
    metric: AskedMetric, own: set[str | None], query: Query, report_id: str, scope: Scope
) -> list[Fact]:
    """The peers' cells, and the row of their mean, from the table in which the company stands."""
    facts = scope.snapshot.facts.find(metrics=(metric.id,), report_ids=(report_id,))
    asked = {p.period.label for p in query.periods}
    by_table: dict[int, list[Fact]] = {}
    for fact in facts:
        if fact.cell is not None and (not asked or fact.period in asked or fact.period is None):
            by_table.setdefault(fact.cell.table_index, []).append(fact)
    for rows in by_table.values():
        peers = [f for f in rows if not {fold(f.subject), f.code} & own]
        named = {f.code for f in peers if f.code}
        about = any({fold(f.subject), f.code} & own for f in rows)
        titled = any(_PEERS.search(f.cell.table or "") for f in rows if f.cell)
        if len(named) >= _FEWEST and (about or titled):
            return peers
    return []


def _tell(query: Query, rows: list[Fact], report_id: str, scope: Scope, draft: Draft) -> None:
    means = [f for f in rows if _AVERAGE.fullmatch(f.subject)]
    peers = [f for f in rows if f not in means]
    if query.operation in _MEANS and means:
        draft.statements.extend(_stated(f, scope) for f in means)
        return
    if query.operation in _MEANS | _SCANS:
        tables.answer_rows(query, [], peers, report_id, scope, draft, [])
        return
    draft.statements.extend(_stated(f, scope) for f in [*peers, *means][: 2 * MAX_ROWS])


def _stated(fact: Fact, scope: Scope) -> Statement:
    shown = value_with_unit(fact, scope.snapshot.vocabulary)
    return Statement(figure_sentence(fact, scope), (Evidence.of_fact(fact),), (shown,))
