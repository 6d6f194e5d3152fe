"""Peers of a company: the rows beside it in its table of comparable companies.

A reader: `Query + Scope → Draft | None` (None: no question about peers that a table answers).
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service import refusals
from service.operations import Operation
from service.query import AskedMetric, Query
from service.reading import tables
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.figures import MAX_ROWS
from service.reading.scope import Scope
from service.reading.wording import figure_sentence, value_with_unit
from service.schemas import Missing

_PEERS = re.compile("可比(?:公司|企业|上市公司|标的)|同业(?:公司)?|同行(?:业公司)?|对标公司")
_AVERAGE = re.compile("(?:可比公司|行业)?(?:平均|均值|平均值|算术平均|中位数|中值)(?:数|水平)?")
_WHO = re.compile("哪些|哪几家|是谁|有谁|是哪|包括|列出|名单|什么")
_MEANS = {Operation.MEAN, Operation.MEDIAN}
_SCANS = {Operation.HIGHEST, Operation.LOWEST}
# A table of peers holds at least two other companies.
_FEWEST = 2


def read_peers(query: Query, scope: Scope) -> Outcome | None:
    """The asked metric of the companies that reports set beside the one that is named."""
    owners = [n.company for n in query.companies if n.company is not None and n.company.code]
    if not _PEERS.search(query.text) or len(owners) != 1:
        return None
    own = {fold(owners[0].name), owners[0].code}
    if not query.metrics:
        return _who_they_are(own, scope) if _WHO.search(query.text) else None
    draft = Draft("computed" if query.operation in _MEANS | _SCANS else "fact", [], 0.9)
    for report_id in scope.speaking:
        rows = _rows(query.metrics[0], own, query, report_id, scope)
        if rows:
            _tell(query, rows, report_id, scope, draft)
    if not draft.statements and query.operation in _MEANS:
        # The mean of a company's own years is no answer; a sentence may state that of its peers.
        whose = f"{owners[0].name}的可比公司"
        asked = query.metrics[0].name
        gap = Missing(slot="metric", asked=asked, reason="no_such_metric", instead=[], of=whose)
        return refusals.refuse([gap], scope, query)
    return draft if draft.statements else None


def _who_they_are(own: set[str | None], scope: Scope) -> Draft | None:
    """The companies of each table of peers that the company stands in, or whose report has it."""
    draft = Draft("fact", [], 0.9)
    for report_id in scope.speaking:
        subject = scope.records[report_id].meta.subject
        about = subject is not None and fold(subject.value) in own
        titled = [
            fact
            for fact in scope.snapshot.facts.find(report_ids=(report_id,))
            if fact.cell is not None and fact.code and _PEERS.search(fact.cell.table or "")
        ]
        stands = any({fold(f.subject), f.code} & own for f in titled)
        peers = {f.subject: f for f in titled if not {fold(f.subject), f.code} & own}
        if len(peers) >= _FEWEST and (about or stands):
            names = "、".join(peers)
            evidence = tuple(Evidence.of_fact(f) for f in list(peers.values())[: 2 * MAX_ROWS])
            words = f"{scope.label(report_id)}的可比公司：{names}"
            draft.statements.append(Statement(words, evidence, (names,)))
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
