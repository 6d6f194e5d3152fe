"""What the houses expect together: n, median, mean, high and low of each one's newest estimate.

A reader: `Query + Scope → Draft | Refusal | None`; only where a consensus is asked for.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import product

from indexer.records import Fact
from service import refusals
from service.operations import Operation
from service.query import Query
from service.reading import arithmetic
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.figures import look_up
from service.reading.scope import Scope
from service.reading.spread import comparable, latest_of_houses, same_matter
from service.reading.wording import figure_sentence, full_name, plain, rounded, signed
from service.schemas import Computation

# An estimate that is older than this before the newest one is no part of a consensus.
WINDOW = timedelta(days=90)
MAX_ROWS = 8


def read_consensus(query: Query, scope: Scope) -> Outcome | None:
    """The consensus on each asked figure; None if none is asked for."""
    if not query.consensus or not query.companies or not query.metrics:
        return None
    if query.operation is Operation.GROWTH:
        return None
    founds = [look_up(n, m, query, scope) for n, m in product(query.companies, query.metrics)]
    draft = Draft("comparison", [], 0.93)
    for found in founds:
        if found.missing is not None:
            draft.missing.append(found.missing)
        for facts in same_matter(found.facts):
            expected = [f for f in facts if f.kind != "actual"]
            if expected:
                _add(draft, expected, scope)
    if not draft.statements:
        return refusals.refuse(draft.missing, scope, query) if draft.missing else None
    draft.statements += refusals.missing_statements(draft.missing, scope)
    return draft


def _add(draft: Draft, facts: list[Fact], scope: Scope) -> None:
    """One figure's consensus: the houses' own figures first, then what they make together."""
    newest = latest_of_houses(sorted(facts, key=lambda f: scope.rank(f.report_id)), scope)
    fresh = [f for f in newest if _is_fresh(f, newest[0], scope)]
    draft.statements += [
        Statement(figure_sentence(f, scope), (Evidence.of_fact(f),), (f.value,)) for f in fresh
    ]
    old = [f for f in newest if f not in fresh]
    known = comparable(fresh, scope)
    if known is None:
        draft.statements.append(Statement(f"{full_name(fresh[0])}各家单位不同，不作汇总", ()))
        return
    text, computed = _together(fresh, *known)
    left = "、".join(scope.label(f.report_id) for f in old)
    text += f"；早于最新报告{WINDOW.days}天以上的不计入：{left}" if old else ""
    evidence = tuple(Evidence.of_fact(f) for f in fresh)
    draft.add_worked(Statement(text, evidence, (computed.result,)), computed)


def _is_fresh(fact: Fact, newest: Fact, scope: Scope) -> bool:
    day, last = scope.published(fact.report_id), scope.published(newest.report_id)
    return (day is not None and last is not None and last - day <= WINDOW) or fact is newest


def _together(facts: list[Fact], numbers: list[Decimal], unit: str) -> tuple[str, Computation]:
    """One line with the working of the mean; one house alone makes no consensus and is told so."""
    ordered = sorted(numbers)
    half = len(ordered) // 2
    middle = ordered[half : half + 1] if len(ordered) % 2 else ordered[half - 1 : half + 1]
    median = sum(middle, Decimal(0)) / len(middle)
    mean = rounded(sum(ordered, Decimal(0)) / len(ordered), 4).normalize()
    terms = " + ".join(signed(n) for n in numbers)
    halves = f"（{signed(middle[0])} + {signed(middle[-1])}） ÷ 2 = {plain(median)}"
    middle_shown = halves if len(middle) == 2 else plain(median)
    alone = "（只有一家，不成一致预期）" if len(facts) == 1 else ""
    text = (
        f"{full_name(facts[0])}一致预期：n = {len(facts)}{alone}，中位数 {middle_shown}{unit}，"
        f"均值 （{terms}） ÷ {len(facts)} = {plain(mean)}{unit}（四舍五入到四位小数），"
        f"最高 {plain(ordered[-1])}{unit}，最低 {plain(ordered[0])}{unit}"
    )
    expression = f"({' + '.join(map(plain, numbers))}) / {len(numbers)}"
    return text, Computation(
        expression=expression,
        inputs=arithmetic.inputs_of(facts),
        result=plain(mean),
        unit=unit or None,
        rounding="half up, 4 decimals",
    )
