"""Two metrics multiplied or divided: EPS × PE as the implied price, the PE of a target price.

A reader: `Query + Scope → Draft | None`; every working takes its figures from one report.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from indexer.records import Fact
from service.names import Named
from service.query import AskedMetric, Query
from service.reading import arithmetic
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.figures import look_up
from service.reading.scope import Scope
from service.reading.wording import (
    figure_sentence,
    metric_name,
    number,
    period_phrase,
    plain,
    rounded,
    signed,
    subject_name,
    unit_of,
)
from service.schemas import Computation

# Of two metrics that stand side by side: what is to be done with them. A slash lists (EPS/PE).
_TIMES = re.compile(r"(?:乘以?上?|[×x*✕])")
_TOGETHER = re.compile("相乘|乘积|之积")
_OVER = re.compile("除以|÷")
_IMPLIED = re.compile("隐含|推算|倒推|反推|折算|算出|对应")
# A multiple and what it is a multiple of: price over earnings, price over book value.
_MULTIPLES = {"pe": "eps", "pb": "bps", "ps": "sps"}
_PRICES = ("target_price", "price")
# Each result cites two cells, and a computed answer eight at most.
MOST_RESULTS = 4


def read_products(query: Query, scope: Scope) -> Outcome | None:
    """The product or quotient of two metrics of each company; None for any other question."""
    asked = _asked(query, scope)
    if asked is None or not query.companies:
        return None
    left, right, over = asked
    draft = Draft("computed", [], 0.9)
    told: set[str] = set()
    results: list[tuple[Statement, Computation]] = []
    for named in query.companies:
        for a, b in _pairs(_facts(named, left, query, scope), _facts(named, right, query, scope)):
            if len(results) < MOST_RESULTS:
                for fact in (f for f in (a, b) if f.fact_id not in told):
                    told.add(fact.fact_id)
                    draft.statements.append(_stated(fact, scope))
                results.append(_worked(a, b, over, scope))
    if not results:
        return None
    for statement, computation in results:
        draft.add_worked(statement, computation)
    reports = {e.report_id for s in draft.statements for e in s.evidence}
    draft.kind = "comparison" if len(reports) > 1 else "computed"
    return draft


def _asked(query: Query, scope: Scope) -> tuple[str, str, bool] | None:
    """The two metrics and whether the first is divided by the second."""
    metrics = list({m.id: m for m in sorted(query.metrics, key=lambda m: m.start)}.values())
    ids = [m.id for m in metrics]
    for one, other in itertools.pairwise(metrics):
        between = query.text[one.end : other.start]
        if _OVER.search(between):
            return one.id, other.id, True
        if _TIMES.search(_unperiod(between, one.end, query)) or _TOGETHER.search(query.text):
            return one.id, other.id, False
    if not _IMPLIED.search(query.text):
        return None
    for multiple, base in _MULTIPLES.items():
        if multiple in ids and base in ids:
            return base, multiple, False
        # The multiple of today's price is printed; that of a target price is worked out.
        if multiple in ids and "target_price" in ids:
            known = scope.snapshot.vocabulary.get(base) is not None
            return ("target_price", base, True) if known else None
    return None


def _unperiod(between: str, at: int, query: Query) -> str:
    """The words between two metrics without periods, whose digits and marks say nothing here."""
    for period in query.periods:
        if at <= period.start and period.end <= at + len(between):
            start, end = period.start - at, period.end - at
            between = between[:start] + " " * (end - start) + between[end:]
    return between


def _facts(named: Named, metric: str, query: Query, scope: Scope) -> list[Fact]:
    """The numbers of a metric in the asked periods; a price has no period."""
    asked = AskedMetric(metric, scope.snapshot.vocabulary.name_of(metric), 0, 0)
    question = replace(query, periods=[]) if metric in _PRICES else query
    return [f for f in look_up(named, asked, question, scope).facts if f.number is not None]


def _pairs(left: list[Fact], right: list[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Figures of one report and one period; a price goes with every period."""
    for a in left:
        for b in right:
            dateless = a.metric in _PRICES or b.metric in _PRICES
            if a.report_id == b.report_id and (dateless or a.period == b.period):
                yield a, b


def _stated(fact: Fact, scope: Scope) -> Statement:
    return Statement(figure_sentence(fact, scope), (Evidence.of_fact(fact),), (fact.value,))


def _worked(a: Fact, b: Fact, over: bool, scope: Scope) -> tuple[Statement, Computation]:
    """The working of one pair."""
    first, second = number(a), number(b)
    name = f"{scope.label(a.report_id)}：{subject_name(a)}{_phrase(a, b)}{metric_name(a)}"
    evidence = (Evidence.of_fact(a), Evidence.of_fact(b))
    if over and second <= 0:
        text = f"{name} ÷ {metric_name(b)}没有意义：{metric_name(b)}为{plain(second)}，不为正"
        record = _record(f"{plain(first)} / ({plain(second)})", (a, b), "", None)
        return Statement(text, evidence), record
    sign, mark = ("÷", "/") if over else ("×", "*")
    result = rounded(first / second if over else first * second)
    unit = _unit(a, b, over, scope)
    text = (
        f"{name} {sign} {metric_name(b)}：{signed(first)} {sign} {signed(second)}"
        f" = {plain(result)}{unit}（四舍五入到两位小数）"
    )
    expression = f"{_bracketed(first)} {mark} {_bracketed(second)}"
    record = _record(expression, (a, b), plain(result), unit or None)
    return Statement(text, evidence, (f"{plain(result)}{unit}",)), record


def _phrase(a: Fact, b: Fact) -> str:
    dated = b if a.metric in _PRICES else a
    return period_phrase(dated)


def _unit(a: Fact, b: Fact, over: bool, scope: Scope) -> str:
    """What the result is counted in: 元/股 × 倍 is 元, 元 ÷ 元/股 is 倍; else nothing is said."""
    one, other = _counted(a, scope), _counted(b, scope)
    if over:
        priced = a.metric in _PRICES and b.metric in _MULTIPLES.values()
        return "倍" if priced or (one and one == other) else ""
    if other == "倍":
        return one
    return other if one == "倍" else ""


def _counted(fact: Fact, scope: Scope) -> str:
    """The unit of a figure without what it is a share of: the stated one, else the metric's own."""
    metric = scope.snapshot.vocabulary.get(fact.metric)
    own = metric.unit if metric is not None else None
    return (unit_of(fact, scope.snapshot.vocabulary) or own or "").removesuffix("/股")


def _bracketed(value: Decimal) -> str:
    return f"({plain(value)})" if value < 0 else plain(value)


def _record(
    expression: str, facts: tuple[Fact, Fact], result: str, unit: str | None
) -> Computation:
    return Computation(
        expression=expression,
        inputs=arithmetic.inputs_of(facts),
        result=result,
        unit=unit,
        rounding="half up, 2 decimals",
    )
