"""The stock code of a named company, from tables or from 名称（300113） in a sentence.

A reader: `Query + Scope → Draft | None`.
"""

from __future__ import annotations

import re

from service.names import Named
from service.query import Query
from service.reading.draft import Draft, DraftKind, Evidence, Outcome, Statement
from service.reading.scope import Scope

_ASKS = re.compile("代码|股票号|证券号")
_ASKS_NAME = re.compile("哪|什么|谁|名称|名字|简称|叫")
_BEHIND = re.compile(r"\s*[(（]\s*(?:[A-Za-z]{2}\.?)?(\d{5,6}(?:\.[A-Za-z]{2})?)\s*[)）]")


def read_codes(query: Query, scope: Scope) -> Outcome | None:
    """The codes asked for; None if the question asks for none."""
    if not query.companies or query.metrics:
        return None
    if all(n.how == "code" for n in query.companies):
        return _names(query, scope)
    if not _ASKS.search(query.text):
        return None
    statements = []
    for named in query.companies:
        for report_id in scope.speaking:
            found = _stated(named, report_id, scope)
            if found is not None:
                code, evidence = found
                text = f"{scope.label(report_id)}：{named.text}的股票代码为{code}"
                statements.append(Statement(text, (evidence,), (code,)))
    return _draft(statements)


def _names(query: Query, scope: Scope) -> Draft | None:
    """The companies behind the codes (301966是哪家公司); None if something else is asked."""
    about = [w for w, _, _ in query.leftovers if not _ASKS.search(w) and not _ASKS_NAME.search(w)]
    if about or query.rating_words or not _ASKS_NAME.search(query.text):
        return None
    statements = []
    for named in query.companies:
        for report_id in scope.speaking:
            found = _stated(named, report_id, scope)
            if found is not None and named.company is not None:
                text = f"{scope.label(report_id)}：{found[0]}是{named.company.name}"
                statements.append(Statement(text, (found[1],), (named.company.name,)))
    return _draft(statements)


def _draft(statements: list[Statement]) -> Draft | None:
    if not statements:
        return None
    kind: DraftKind = (
        "comparison" if len({s.evidence[0].report_id for s in statements}) > 1 else "metadata"
    )
    return Draft(kind, statements, 0.95)


def _stated(named: Named, report_id: str, scope: Scope) -> tuple[str, Evidence] | None:
    if named.company is None:
        return None
    facts = scope.snapshot.facts.find(subjects=(named.company.name,), report_ids=(report_id,))
    for fact in facts:
        if fact.code and fact.cell is not None:
            shown = next((w for w in fact.cell.row.split() if fact.code in w), fact.code)
            return shown, Evidence(report_id, fact.line_start, fact.line_end)
    text = scope.snapshot.text(report_id)
    mentions = scope.snapshot.mentions(named.company.name, report_ids=frozenset({report_id}))
    for mention in mentions:
        match = _BEHIND.match(text, mention.end)
        if match:
            return match.group(1), Evidence(report_id, mention.start, match.end())
    return None
