"""Whole columns: highest and lowest, filters, counts, lists, sums and means over all companies.

A reader: `Query + Scope → Draft | Refusal | None`. Every report answers for itself.
"""

from __future__ import annotations

import re

from indexer.records import Fact
from service import refusals
from service.operations import Condition, Operation
from service.query import AskedMetric, Query
from service.reading import arithmetic
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.figures import MAX_ROWS
from service.reading.scope import Scope
from service.reading.selection import (
    Rows,
    against_mean,
    beyond_mean,
    column_of,
    conditions_of,
    named,
    one_a_line,
    open_rows,
    selection,
)
from service.reading.stretches import end_of
from service.reading.wording import (
    metric_name,
    number,
    period_phrase,
    unit_of,
)
from service.schemas import Computation, Missing

_SCANS = {
    Operation.HIGHEST,
    Operation.LOWEST,
    Operation.COUNT,
    Operation.LIST,
    Operation.SUM,
    Operation.MEAN,
    Operation.MEDIAN,
}
_TOTALS = {Operation.SUM, Operation.MEAN, Operation.MEDIAN}
_SUPERLATIVE = re.compile(
    "最[高低大小多少贵]|最便宜|第[一二三四五六七八九十\\d]+|前[一二两三四五六七八九十\\d]+|排名"
)
_COMPANIES = re.compile("公司|个股|股票|标的|谁|[哪几]一?家|多少家")
_SHORT_WORD = 3  # 重点, 覆盖的 say nothing of the matter; a longer word does
_APART = re.compile("相差|差多少|差距|差值|差额|之差|差几")


def read_tables(query: Query, scope: Scope) -> Outcome | None:
    """The answer over all rows of the tables; None if the question is of another kind."""
    conditions = conditions_of(query)
    scans = query.operation in _SCANS or bool(conditions) or against_mean(query) is not None
    if query.companies or not scans:
        return None
    metrics = _metrics(query, conditions, scope)
    if not metrics or (not conditions and _counts_other_things(query)):
        return None
    draft = Draft("computed", [], 0.95)
    gaps: list[Missing] = []
    answered = 0
    for report_id in scope.speaking:
        facts = column_of(metrics[0], query, report_id, scope)
        if isinstance(facts, Missing):
            gaps.append(facts)
            continue
        if not facts:
            continue
        others = [
            m for m in _told_beside(query, metrics) if m.id not in {c.metric for c in conditions}
        ]
        answered += answer_rows(query, conditions, facts, report_id, scope, draft, others)
    if not answered:
        return refusals.refuse(gaps, scope, query) if gaps else None
    if answered > 1:
        draft.kind = "comparison"
    return draft


def _counts_other_things(query: Query) -> bool:
    """True for 备选因子库有哪几类因子: rows of tables are companies, and none are asked for."""
    if query.operation not in (Operation.COUNT, Operation.LIST):
        return False
    strange = [w for w, _, _ in query.leftovers if len(w) > _SHORT_WORD]
    return bool(strange) and not _COMPANIES.search(query.text)


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
        asked = _ranked_first(asked, query)
    if not asked:
        asked = [
            AskedMetric(c.metric, c.metric, c.start, c.end)
            for c in conditions
            if c.metric is not None and c.metric in held
        ]
    return asked


def _ranked_first(metrics: list[AskedMetric], query: Query) -> list[AskedMetric]:
    """PE最低的三家及其EPS: the metric right before the superlative ranks, the others are told."""
    found = _SUPERLATIVE.search(query.text)
    before = [m for m in metrics if found and m.end <= found.start()]
    return sorted(metrics, key=lambda m: m is not before[-1]) if before else metrics


def answer_rows(
    query: Query,
    conditions: list[Condition],
    facts: list[Fact],
    report_id: str,
    scope: Scope,
    draft: Draft,
    others: list[AskedMetric],
) -> int:
    """Adds one report's answer over its rows to the draft; 1 if it had one."""
    rows = Rows(facts, conditions, query, report_id, scope)
    for metric in others:
        rows.add(metric)
    if rows.board is not None and not rows.kept and not conditions:
        draft.add_worked(*selection(query, rows, facts, bounded=False))
        return 1
    bound = against_mean(query)
    results: list[tuple[Statement, Computation] | None]
    if query.operation in (Operation.HIGHEST, Operation.LOWEST):
        results = _extremes(query, rows)
    elif bound is not None:
        results = [beyond_mean(query, rows, bound)]
    elif query.operation in _TOTALS:
        results = [_total(query, rows)]
    elif conditions or query.operation in (Operation.COUNT, Operation.LIST):
        results = [selection(query, rows, facts, bool(conditions))]
    else:
        results = []
    held = [result for result in results if result is not None]
    for statement, computation in held:
        draft.add_worked(statement, computation)
    return int(bool(held))


def _told_beside(query: Query, metrics: list[AskedMetric]) -> list[AskedMetric]:
    """Further metrics that the question wants of the companies found (最低的三家及其EPS)."""
    if query.operation not in (Operation.HIGHEST, Operation.LOWEST):
        return []
    return list({m.id: m for m in metrics[1:] if m.id != metrics[0].id}.values())


def _title(facts: list[Fact], rows: Rows) -> str:
    return f"{_lead(rows)}{period_phrase(facts[0])}{metric_name(facts[0])}"


def _lead(rows: Rows) -> str:
    """The report, and the board that bounds its companies."""
    among = f"{rows.board.name}公司中，" if rows.board is not None else ""
    return f"{rows.scope.label(rows.report_id)}：{among}"


def _extremes(query: Query, rows: Rows) -> list[tuple[Statement, Computation] | None]:
    """The asked end of the column, or both ends, and what lies between them where that is asked."""
    numbered = [f for f in rows.kept if f.number is not None]
    if not numbered:
        return []
    if (query.place or 1) > 1:
        return [_placed(query, numbered, rows)]
    if not query.both_ends:
        return [_extreme(query, end_of(numbered, query) is Operation.HIGHEST, rows)]
    ends = [_extreme(query, True, rows), _extreme(query, False, rows)]
    if not _APART.search(query.text):
        return list(ends)
    ordered = sorted(numbered, key=number)
    unit = unit_of(ordered[-1], rows.scope.snapshot.vocabulary)
    text, computed = arithmetic.difference(ordered[-1], ordered[0], unit)
    evidence = (Evidence.of_fact(ordered[-1]), Evidence.of_fact(ordered[0]))
    told = Statement(f"{rows.scope.label(rows.report_id)}{text}", evidence, (computed.result,))
    return [(ends[0][0], computed), ends[1], (told, computed)]


def _ordered(facts: list[Fact], highest: bool) -> list[Fact]:
    return sorted(facts, key=lambda f: (-number(f) if highest else number(f), f.start))


def _extreme(query: Query, highest: bool, rows: Rows) -> tuple[Statement, Computation]:
    numbered = [f for f in rows.kept if f.number is not None]
    ordered = _ordered(numbered, highest)
    count = min(query.count or 1, MAX_ROWS)
    last = number(ordered[min(count, len(ordered)) - 1])
    # A tie at the last place is named whole: dropping one of two equals would be a choice of ours.
    chosen = [f for i, f in enumerate(ordered) if i < count or number(f) == last][:MAX_ROWS]
    word = "最高" if highest else "最低"
    which = f"{word}的{len(chosen)}家依次是" if len(chosen) > 1 else f"{word}的是"
    title = _title(chosen, rows)
    text = f"{title}{which}{_shown(chosen, rows)}{open_rows(rows.kept)}"
    return _chosen(text, "max" if highest else "min", chosen, numbered, rows)


def _placed(query: Query, numbered: list[Fact], rows: Rows) -> tuple[Statement, Computation] | None:
    """The one at the asked place (第二大); equals share a place as they share a figure."""
    place = query.place or 1
    highest = query.operation is Operation.HIGHEST
    ordered = _ordered(numbered, highest)
    if place > len(ordered):
        return None
    at = number(ordered[place - 1])
    chosen = [f for f in ordered if number(f) == at][:MAX_ROWS]
    word = "高" if highest else "低"
    title = _title(chosen, rows)
    text = f"{title}第{place}{word}的是{_shown(chosen, rows)}"
    return _chosen(text, f"rank {place} of ", chosen, ordered, rows)


def _shown(chosen: list[Fact], rows: Rows) -> str:
    return "、".join(named(rows.row(f), rows.scope, "，为") for f in chosen)


def _chosen(
    text: str, function: str, chosen: list[Fact], numbered: list[Fact], rows: Rows
) -> tuple[Statement, Computation]:
    computation = Computation(
        expression=f"{function}({', '.join(f.number or '' for f in numbered)})",
        inputs=arithmetic.inputs_of(numbered),
        result=chosen[0].number or "",
        unit=unit_of(chosen[0], rows.scope.snapshot.vocabulary) or None,
        rounding=None,
    )
    cells = one_a_line([cell for f in chosen for cell in rows.row(f)])
    evidence = tuple(Evidence.of_fact(f) for f in cells)
    return Statement(text, evidence, tuple(f.subject for f in chosen)), computation


def _total(query: Query, rows: Rows) -> tuple[Statement, Computation] | None:
    facts = rows.kept
    numbered = [f for f in facts if f.number is not None]
    if not numbered:
        return None
    unit = unit_of(numbered[0], rows.scope.snapshot.vocabulary)
    text, computation = arithmetic.total_of(query.operation, numbered, unit)
    title = f"{_lead(rows)}{period_phrase(numbered[0])}"
    evidence = tuple(Evidence.of_fact(f) for f in numbered[:MAX_ROWS])
    return Statement(
        f"{title}{text}{open_rows(facts)}", evidence, (computation.result,)
    ), computation
