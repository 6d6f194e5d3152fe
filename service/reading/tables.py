"""Whole columns: highest and lowest, filters, counts, lists, sums and means over all companies.

A reader: `Query + Scope → Draft | Refusal | None`. Every report answers for itself.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service import refusals
from service.operations import Condition, Operation
from service.query import AskedMetric, Query
from service.reading import arithmetic, claims
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.figures import MAX_ROWS
from service.reading.scope import Scope
from service.reading.wording import (
    metric_name,
    number,
    period_phrase,
    subject_name,
    unit_of,
    value_with_unit,
)
from service.schemas import Computation, Missing

_SCANS = {
    Operation.HIGHEST,
    Operation.LOWEST,
    Operation.COUNT,
    Operation.LIST,
    Operation.SUM,
    Operation.MEAN,
}


def read_tables(query: Query, scope: Scope) -> Outcome | None:
    """The answer over all rows of the tables; None if the question is of another kind."""
    conditions = _conditions(query, scope)
    if query.companies or not (query.operation in _SCANS or conditions):
        return None
    metrics = _metrics(query, conditions, scope)
    if not metrics:
        return None
    draft = Draft("computed", [], 0.95)
    gaps: list[Missing] = []
    answered = 0
    for report_id in scope.speaking:
        facts = _column(metrics[0], query, report_id, scope)
        if isinstance(facts, Missing):
            gaps.append(facts)
            continue
        if not facts:
            continue
        answered += _answer(query, conditions, facts, report_id, scope, draft)
    if not answered:
        return refusals.refuse(gaps, scope, query) if gaps else None
    if answered > 1:
        draft.kind = "comparison"
    return draft


def _conditions(query: Query, scope: Scope) -> list[Condition]:
    words = [
        Condition("rating", "=", (), None, word, start, end)
        for word, start, end in query.rating_words
    ]
    return [*query.conditions, *words]


def _metrics(query: Query, conditions: list[Condition], scope: Scope) -> list[AskedMetric]:
    """The metric to scan: the asked one that tables hold; a bound's own metric otherwise."""
    held = {use.metric for use in scope.snapshot.facts.metrics()}
    asked = [m for m in query.metrics if m.id in held]
    if (
        asked
        and conditions
        and query.operation in (Operation.COUNT, Operation.LIST, Operation.LOOK_UP)
    ):
        bounds = {c.metric for c in conditions}
        asked = [m for m in asked if m.id in bounds] or asked
    if query.operation not in (Operation.COUNT, Operation.LIST, Operation.LOOK_UP):
        asked = [m for m in asked if m.id != "rating"] or asked  # no word is highest or a mean
    if not asked:
        asked = [
            AskedMetric(c.metric, c.metric, c.start, c.end)
            for c in conditions
            if c.metric is not None and c.metric in held
        ]
    return asked


def _column(
    metric: AskedMetric, query: Query, report_id: str, scope: Scope
) -> list[Fact] | Missing:
    """The facts of one metric and one period in one report, one for each company."""
    facts = scope.snapshot.facts.find(metrics=(metric.id,), report_ids=(report_id,))
    if not facts:
        return []
    periods = list(dict.fromkeys(f.period for f in facts if f.period and f.period != f.as_of))
    asked = [p.period for p in query.periods]
    if asked and periods:
        wanted = asked[0]
        chosen = [
            f
            for f in facts
            if f.period == wanted.label and not (wanted.kind == "actual" and f.kind == "estimate")
        ]
        if not chosen:
            instead = list(dict.fromkeys(f.period_text or f.period or "" for f in facts))
            return Missing(
                slot="period", asked=query.periods[0].text, reason="no_such_period", instead=instead
            )
        return _one_each(chosen)
    if periods:
        latest = max(periods)
        return _one_each([f for f in facts if f.period == latest])
    return _one_each(facts)


def _one_each(facts: list[Fact]) -> list[Fact]:
    return list({fold(f.subject): f for f in reversed(facts)}.values())[::-1]


def _answer(
    query: Query,
    conditions: list[Condition],
    facts: list[Fact],
    report_id: str,
    scope: Scope,
    draft: Draft,
) -> int:
    """Adds one report's answer to the draft; 1 if it had one."""
    kept, examined = _filtered(facts, conditions, query, report_id, scope)
    if query.operation in (Operation.HIGHEST, Operation.LOWEST):
        result = _extreme(query, kept, report_id, scope)
    elif query.operation in (Operation.SUM, Operation.MEAN):
        result = _total(query, kept, report_id, scope)
    elif conditions or query.operation in (Operation.COUNT, Operation.LIST):
        result = _selection(query, kept, facts, examined, bool(conditions), report_id, scope)
    else:
        result = None
    if result is None:
        return 0
    statement, computation = result
    draft.statements.append(statement)
    draft.computation = draft.computation or computation
    return 1


def _filtered(
    facts: list[Fact], conditions: list[Condition], query: Query, report_id: str, scope: Scope
) -> tuple[list[Fact], list[Fact]]:
    """The rows that meet every condition, and all cells that were looked at."""
    kept, examined = facts, list(facts)
    for condition in conditions:
        if condition.metric in (None, facts[0].metric):
            column = facts
        else:
            asked = AskedMetric(condition.metric or "", "", 0, 0)
            found = _column(asked, query, report_id, scope)
            column = [] if isinstance(found, Missing) else found
            examined.extend(column)
        meets = {fold(f.subject) for f in column if claims.holds(condition, f)}
        kept = [f for f in kept if fold(f.subject) in meets]
    return kept, examined


def _title(facts: list[Fact], report_id: str, scope: Scope) -> str:
    return f"{scope.label(report_id)}：{period_phrase(facts[0])}{metric_name(facts[0])}"


def _extreme(
    query: Query, facts: list[Fact], report_id: str, scope: Scope
) -> tuple[Statement, Computation] | None:
    numbered = [f for f in facts if f.number is not None]
    if not numbered:
        return None
    highest = query.operation is Operation.HIGHEST
    ordered = sorted(numbered, key=lambda f: (-number(f) if highest else number(f), f.start))
    place = query.place or 1
    if place > 1:
        return _placed(query, ordered, report_id, scope)
    count = min(query.count or 1, MAX_ROWS)
    last = number(ordered[min(count, len(ordered)) - 1])
    # A tie at the last place is named whole: dropping one of two equals would be a choice of ours.
    chosen = [f for i, f in enumerate(ordered) if i < count or number(f) == last][:MAX_ROWS]
    word = "最高" if highest else "最低"
    vocabulary = scope.snapshot.vocabulary
    shown = "、".join(f"{subject_name(f)}，为{value_with_unit(f, vocabulary)}" for f in chosen)
    which = f"{word}的{len(chosen)}家依次是" if len(chosen) > 1 else f"{word}的是"
    text = f"{_title(chosen, report_id, scope)}{which}{shown}{_open_rows(facts)}"
    function = "max" if highest else "min"
    return _chosen(text, function, chosen, numbered, scope)


def _placed(
    query: Query, ordered: list[Fact], report_id: str, scope: Scope
) -> tuple[Statement, Computation] | None:
    """The one at the asked place (第二大); equals share a place as they share a figure."""
    place = query.place or 1
    if place > len(ordered):
        return None
    at = number(ordered[place - 1])
    chosen = [f for f in ordered if number(f) == at][:MAX_ROWS]
    shown = "、".join(
        f"{subject_name(f)}，为{value_with_unit(f, scope.snapshot.vocabulary)}" for f in chosen
    )
    word = "高" if query.operation is Operation.HIGHEST else "低"
    text = f"{_title(chosen, report_id, scope)}第{place}{word}的是{shown}"
    return _chosen(text, f"rank {place} of ", chosen, ordered, scope)


def _chosen(
    text: str, function: str, chosen: list[Fact], numbered: list[Fact], scope: Scope
) -> tuple[Statement, Computation]:
    computation = Computation(
        expression=f"{function}({', '.join(f.number or '' for f in numbered)})",
        inputs=arithmetic.inputs_of(numbered),
        result=chosen[0].number or "",
        unit=unit_of(chosen[0], scope.snapshot.vocabulary) or None,
        rounding=None,
    )
    evidence = tuple(Evidence.of_fact(f) for f in chosen)
    return Statement(text, evidence, tuple(f.subject for f in chosen)), computation


def _open_rows(facts: list[Fact]) -> str:
    left = [f.subject for f in facts if f.missing]
    return f"（{'、'.join(left)}报告未给出，未计入）" if left else ""


def _total(
    query: Query, facts: list[Fact], report_id: str, scope: Scope
) -> tuple[Statement, Computation] | None:
    numbered = [f for f in facts if f.number is not None]
    if not numbered:
        return None
    unit = unit_of(numbered[0], scope.snapshot.vocabulary)
    text, computation = arithmetic.total_of(query.operation, numbered, unit)
    title = f"{scope.label(report_id)}：{period_phrase(numbered[0])}"
    evidence = tuple(Evidence.of_fact(f) for f in numbered[:MAX_ROWS])
    return Statement(
        f"{title}{text}{_open_rows(facts)}", evidence, (computation.result,)
    ), computation


def _selection(
    query: Query,
    kept: list[Fact],
    facts: list[Fact],
    examined: list[Fact],
    bounded: bool,
    report_id: str,
    scope: Scope,
) -> tuple[Statement, Computation]:
    """The companies that meet the conditions, counted and named."""
    vocabulary = scope.snapshot.vocabulary
    label = scope.label(report_id)
    condition = "符合条件的公司" if bounded else "列出的公司"
    basis = f"{period_phrase(facts[0])}{metric_name(facts[0])}" if bounded else ""
    lead = f"{label}：按{basis}，" if basis else f"{label}："
    if query.yes_no and bounded and re.search("都|全部|所有|均", query.text):
        lead = f"{'是' if len(kept) == len(facts) else '不是'}，{lead}全部{len(facts)}家中，"
    if kept:
        names = "、".join(
            f"{subject_name(f)}{value_with_unit(f, vocabulary)}" if bounded else subject_name(f)
            for f in kept
        )
        text = f"{lead}{condition}共{len(kept)}家：{names}{_open_rows(facts) if bounded else ''}"
        shown = kept[:MAX_ROWS]
    else:
        text = f"{lead}没有符合条件的公司（0家）"
        shown = facts[:1]
    evidence = tuple(Evidence.of_fact(f) for f in shown)
    computation = Computation(
        expression=f"count({len(examined)} cells)",
        inputs=arithmetic.inputs_of(examined),
        result=str(len(kept)),
        unit="家",
        rounding=None,
    )
    return Statement(text, evidence, tuple(f.subject for f in kept)), computation
