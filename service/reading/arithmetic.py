"""Difference, growth, ratio, sum and mean of named figures, with the working shown.

Decimal throughout; rounding is stated; a figure that a report leaves open is never taken as 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from corpus.periods import Period
from indexer.records import Fact
from service.operations import Operation
from service.query import AskedMetric, Query
from service.reading.draft import Draft, Evidence, Statement
from service.reading.scope import Scope
from service.reading.wording import (
    MINUS,
    figure_sentence,
    metric_name,
    number,
    plain,
    rounded,
    signed,
    unit_of,
    value_with_unit,
)
from service.schemas import Computation, ComputationInput

_TWO_FIGURES = {Operation.DIFFERENCE, Operation.GROWTH, Operation.RATIO, Operation.SHARE}
_PROFITABLE = re.compile(
    "(?:盈利|亏损|赚钱|亏钱)(?:吗|还是|了吗|与否|么)|是否(?:盈利|亏损)|盈利还是亏损|会不会亏"
)
# Where the growth of 净利润 is stated of the owners' part only, it is that which is meant.
_STATED_AS = {"net_profit_yoy": "parent_profit_yoy"}
_GROWTH_IDS = {"yoy", "qoq", "cagr"}
_THAN_BEFORE = re.compile(
    "同比|[较比](?:上年|去年|前一年|上一年)|增长|增加|提高|提升|改善|下降|减少"
)
_MANY_FIGURES = {Operation.SUM, Operation.MEAN, Operation.MEDIAN}
_WHO_IS_HIGHER = re.compile("谁|哪(?:一)?[家个者]|更")


def with_growth(query: Query, scope: Scope) -> list[AskedMetric]:
    """The asked metrics; `eps_yoy` that no table holds becomes growth computed from `eps`."""
    if not any(_is_rate(m.id) for m in query.metrics) and not _PROFITABLE.search(query.text):
        return list(query.metrics)
    held = _held(query, scope)
    metrics = []
    for metric in query.metrics:
        if metric.id not in held and "eps" in held and _PROFITABLE.search(query.text):
            # 盈利吗 needs no profit figure where earnings per share stand: their sign says it.
            name = scope.snapshot.vocabulary.name_of("eps")
            metric = AskedMetric("eps", name, metric.start, metric.end)
        stated = _STATED_AS.get(metric.id, "")
        if metric.id not in held and stated in held:
            name = scope.snapshot.vocabulary.name_of(stated)
            metric = AskedMetric(stated, name, metric.start, metric.end)
        base, _, change = metric.id.rpartition("_")
        if metric.id not in held and change in _GROWTH_IDS and base in held:
            query.operation = Operation.GROWTH
            name = scope.snapshot.vocabulary.name_of(base)
            metric = AskedMetric(base, name, metric.start, metric.end)
        metrics.append(metric)
    if metrics and query.operation is Operation.GROWTH and all(_is_rate(m.id) for m in metrics):
        query.operation = Operation.LOOK_UP  # the reports state the growth that is asked for
    return metrics


def _is_rate(metric: str) -> bool:
    return metric in {"growth", "qoq", "cagr"} or metric.rpartition("_")[2] in _GROWTH_IDS


def _held(query: Query, scope: Scope) -> set[str]:
    """The metrics that the reports have figures of: of the companies asked for, if known."""
    names = tuple(n.company.name for n in query.companies if n.company is not None)
    if not names:
        return {use.metric for use in scope.snapshot.facts.metrics()}
    found = scope.snapshot.facts.find(subjects=names, report_ids=scope.speaking)
    codes = tuple(n.company.code for n in query.companies if n.company and n.company.code)
    found += scope.snapshot.facts.find(codes=codes, report_ids=scope.speaking) if codes else []
    return {fact.metric for fact in found}


def periods_needed(query: Query) -> list[Period]:
    """The asked periods; growth of one year needs the year before it too."""
    asked = [p.period for p in query.periods]
    alone = len({p.label for p in asked}) == 1 and asked[0].is_year
    grows = query.operation is Operation.GROWTH or (
        query.operation is Operation.DIFFERENCE and _THAN_BEFORE.search(query.text)
    )
    several = len(query.companies) > 1 or len(query.brokers) > 1
    if alone and grows and not several:
        return [*asked, Period(str(int(asked[0].label) - 1))]
    return asked


def compute(query: Query, groups: Sequence[tuple[Fact, ...]], scope: Scope) -> Draft | None:
    """The computation that the question asks over the figures found; None if it asks none.

    Args:
        groups: the facts of each company and metric, newest report first.
    """
    facts = [fact for group in groups for fact in group]
    if query.operation in _MANY_FIGURES and len(facts) > 1:
        return _total(query, facts, scope)
    wants_two = query.operation in _TWO_FIGURES or query.compare
    if not wants_two or len(facts) < 2:
        return None
    pairs = _pairs(query, groups, scope)
    if not pairs:
        return None
    # An older report of a house that is compared by its newest is told, not compared.
    told = facts if len({(f.subject, f.metric, f.period) for f in facts}) == 1 else []
    shown = {f.fact_id: f for f in (*_unique(pairs), *told)}
    statements = [_sentence(fact, scope) for fact in shown.values()]
    draft = Draft("computed", statements, 0.95)
    for minuend, subtrahend in pairs:
        working = _working(query, minuend, subtrahend, scope)
        if working is None:
            continue
        text, computed = working
        evidence = (Evidence.of_fact(minuend), Evidence.of_fact(subtrahend))
        draft.add_worked(Statement(text, evidence, (computed.result,)), computed)
    plain_comparison = query.operation not in _TWO_FIGURES
    across = len({f.report_id for f in _unique(pairs)}) > 1
    draft.kind = "comparison" if plain_comparison or across else "computed"
    return draft


def _pairs(
    query: Query, groups: Sequence[tuple[Fact, ...]], scope: Scope
) -> list[tuple[Fact, Fact]]:
    """Which figure is set against which: companies, else periods, else brokers."""
    if len(groups) > 1:
        return _between_groups(groups)
    facts = list(groups[0])
    by_report: dict[str, list[Fact]] = {}
    for fact in facts:
        by_report.setdefault(fact.report_id, []).append(fact)
    periods = {f.period for f in facts}
    if len(periods) > 1:
        pairs = [_in_time(query, own) for own in by_report.values() if len(own) > 1]
        return [pair for pair in pairs if pair is not None]
    by_house: dict[str, Fact] = {}
    for report_id, own in by_report.items():
        by_house.setdefault(scope.broker(report_id) or report_id, own[0])
    newest = list(by_house.values())
    if len(newest) < 2:
        newest = [own[0] for own in by_report.values()]
    if len(newest) < 2:
        return []
    ordered = _as_named(query, newest, scope)
    return [(ordered[0], other) for other in ordered[1:]]


def _between_groups(groups: Sequence[tuple[Fact, ...]]) -> list[tuple[Fact, Fact]]:
    """The first company against each other one, within one report and period where possible."""
    pairs: list[tuple[Fact, Fact]] = []
    for first in groups[0]:
        for group in groups[1:]:
            same = [f for f in group if f.metric == first.metric and f.period == first.period]
            home = [f for f in same if f.report_id == first.report_id]
            pairs.extend((first, other) for other in (home or same)[:1])
    return pairs


def _in_time(query: Query, facts: list[Fact]) -> tuple[Fact, Fact] | None:
    """Later against earlier; with …比… the first named against the second."""
    dated = sorted((f for f in facts if f.period), key=lambda f: f.period or "")
    asked = list(dict.fromkeys(p.label for p in periods_needed(query)))
    if len(asked) > 2:  # 从2022到2024E: a range is measured from end to end
        asked = [min(asked), max(asked)]
    if len(asked) >= 2:
        chosen = [next((f for f in dated if f.period == label), None) for label in asked[:2]]
        if chosen[0] is None or chosen[1] is None:
            return None
        turned = "比" in query.text and query.operation is not Operation.GROWTH
        if turned:
            return chosen[0], chosen[1]
        later, earlier = sorted((chosen[0], chosen[1]), key=lambda f: f.period or "", reverse=True)
        return later, earlier
    return (dated[-1], dated[0]) if len(dated) == 2 else None


def _as_named(query: Query, facts: list[Fact], scope: Scope) -> list[Fact]:
    """Brokers in the order in which the question names them; else as they stand."""
    named = query.known_brokers
    houses = [scope.broker(f.report_id) or "" for f in facts]
    order = {house: named.index(house) if house in named else len(named) for house in houses}
    return [f for _, f in sorted(zip(houses, facts, strict=True), key=lambda p: order[p[0]])]


def _unique(pairs: list[tuple[Fact, Fact]]) -> list[Fact]:
    return list({fact.fact_id: fact for pair in pairs for fact in pair}.values())


def _sentence(fact: Fact, scope: Scope) -> Statement:
    key = value_with_unit(fact, scope.snapshot.vocabulary)
    return Statement(figure_sentence(fact, scope), (Evidence.of_fact(fact),), (key,))


def _working(query: Query, a: Fact, b: Fact, scope: Scope) -> tuple[str, Computation] | None:
    """One line of working and its record; None where a figure is open."""
    if a.number is None or b.number is None:
        return None
    unit = unit_of(a, scope.snapshot.vocabulary) or unit_of(b, scope.snapshot.vocabulary)
    if query.operation is Operation.GROWTH:
        years = _years_between(a, b) if "复合" in query.text else 1
        return _compound(a, b, years) if years > 1 else _growth(a, b, unit)
    if query.operation is Operation.RATIO:
        return _ratio(a, b)
    if query.operation is Operation.SHARE:
        return share_of((a,), b)
    text, computed = difference(a, b, unit)
    if query.operation is not Operation.DIFFERENCE or _WHO_IS_HIGHER.search(query.text):
        return f"{_verdict(a, b, scope)}，{text}", computed
    if "增长" in query.text and number(b) > 0:
        grown = _growth(a, b, unit)
        return f"{text}；{grown[0]}", computed
    return text, computed


def difference(a: Fact, b: Fact, unit: str) -> tuple[str, Computation]:
    """The first figure less the second, with its working."""
    result = number(a) - number(b)
    text = f"相差：{signed(number(a))} {MINUS} {signed(number(b))} = {plain(result)}{unit}"
    if result < 0:
        text += f"（即低{plain(-result)}{unit}）"
    expression = f"{plain(number(a))} - {_bracketed(number(b))}"
    return text, _record(expression, (a, b), plain(result), unit or None, None)


def _growth(a: Fact, b: Fact, unit: str) -> tuple[str, Computation]:
    if number(b) <= 0:
        text, computed = difference(a, b, unit)
        return f"基数{plain(number(b))}不为正，增长率没有意义；{text}", computed
    rate = rounded((number(a) - number(b)) / number(b) * 100)
    top = f"（{signed(number(a))} {MINUS} {plain(number(b))}）"
    text = f"增长率：{top} ÷ {plain(number(b))} = {plain(rate)}%（四舍五入到两位小数）"
    expression = f"({plain(number(a))} - {plain(number(b))}) / {plain(number(b))} * 100"
    return text, _record(expression, (a, b), plain(rate), "%", "half up, 2 decimals")


def _years_between(a: Fact, b: Fact) -> int:
    years = [f.period for f in (a, b) if f.period and f.period.isdigit()]
    return int(years[0]) - int(years[1]) if len(years) == 2 else 1


def _compound(a: Fact, b: Fact, years: int) -> tuple[str, Computation] | None:
    """Growth per year over several years; None where a figure is not positive."""
    if number(a) <= 0 or number(b) <= 0:
        return None
    rate = rounded(((number(a) / number(b)) ** (Decimal(1) / years) - 1) * 100)
    top = f"（{plain(number(a))} ÷ {plain(number(b))}）"
    text = f"年均复合增长率：{top}^(1/{years}) {MINUS} 1 = {plain(rate)}%（四舍五入到两位小数）"
    expression = f"(({plain(number(a))} / {plain(number(b))}) ** (1 / {years}) - 1) * 100"
    return text, _record(expression, (a, b), plain(rate), "%", "half up, 2 decimals")


def _ratio(a: Fact, b: Fact) -> tuple[str, Computation] | None:
    if number(b) == 0:
        return None
    ratio = rounded(number(a) / number(b))
    text = (
        f"比值：{signed(number(a))} ÷ {signed(number(b))} = {plain(ratio)}倍（四舍五入到两位小数）"
    )
    expression = f"{plain(number(a))} / {_bracketed(number(b))}"
    return text, _record(expression, (a, b), plain(ratio), "倍", "half up, 2 decimals")


def share_of(parts: Sequence[Fact], whole: Fact | Sequence[Fact]) -> tuple[str, Computation] | None:
    """What percentage one figure is of another, or of the sum of several; None of nothing."""
    wholes = [whole] if isinstance(whole, Fact) else list(whole)
    part, total = sum(map(number, parts), Decimal(0)), sum(map(number, wholes), Decimal(0))
    if total <= 0:
        return None
    share = rounded(part / total * 100)
    sums = f"合计：{' + '.join(signed(number(f)) for f in wholes)} = {plain(total)}；"
    lead = "" if len(wholes) == 1 else sums
    text = f"{lead}占比：{signed(part)} ÷ {plain(total)} = {plain(share)}%（四舍五入到两位小数）"
    expression = f"{_bracketed(part)} / {plain(total)} * 100"
    inputs = tuple({f.fact_id: f for f in (*parts, *wholes)}.values())
    return text, _record(expression, inputs, plain(share), "%", "half up, 2 decimals")


def _verdict(a: Fact, b: Fact, scope: Scope) -> str:
    """Who is higher, in the words that tell the two apart."""
    if number(a) == number(b):
        return "两者相同"
    high = a if number(a) > number(b) else b
    if a.subject != b.subject:
        return f"{high.subject}更高"
    if a.report_id != b.report_id:
        return f"{scope.label(high.report_id)}的数值更高"
    return f"{high.period_text or high.period}更高"


def _total(query: Query, facts: list[Fact], scope: Scope) -> Draft | None:
    """Sum or mean of the named figures within one report each."""
    draft = Draft("computed", [_sentence(fact, scope) for fact in facts], 0.93)
    for report_id in dict.fromkeys(f.report_id for f in facts):
        own = [f for f in facts if f.report_id == report_id and f.number is not None]
        if len(own) < 2 or len({f.metric for f in own}) > 1:
            continue
        text, computed = total_of(query.operation, own, unit_of(own[0], scope.snapshot.vocabulary))
        evidence = tuple(Evidence.of_fact(f) for f in own)
        told = Statement(f"{scope.label(report_id)}{text}", evidence, (computed.result,))
        draft.add_worked(told, computed)
    return draft if draft.computation is not None else None


def total_of(operation: Operation, facts: list[Fact], unit: str) -> tuple[str, Computation]:
    """The sum or mean of figures that share a metric, with its working."""
    numbers = [number(f) for f in facts]
    total = sum(numbers, Decimal(0))
    terms = " + ".join(signed(n) for n in numbers)
    expression = " + ".join(_bracketed(n) for n in numbers)
    name = metric_name(facts[0])
    if operation is Operation.SUM:
        text = f"{name}合计：{terms} = {plain(total)}{unit}"
        return text, _record(expression, tuple(facts), plain(total), unit or None, None)
    if operation is Operation.MEDIAN:
        return _median(name, facts, unit)
    mean = rounded(total / len(numbers))
    text = f"{name}平均：（{terms}） ÷ {len(numbers)} = {plain(mean)}{unit}（四舍五入到两位小数）"
    return text, _record(
        f"({expression}) / {len(numbers)}",
        tuple(facts),
        plain(mean),
        unit or None,
        "half up, 2 decimals",
    )


def _median(name: str, facts: list[Fact], unit: str) -> tuple[str, Computation]:
    """The middle figure, or the mean of the two in the middle."""
    ordered = sorted(number(f) for f in facts)
    half = len(ordered) // 2
    middle = ordered[half : half + 1] if len(ordered) % 2 else ordered[half - 1 : half + 1]
    median = sum(middle, Decimal(0)) / len(middle)
    row = "、".join(map(signed, ordered))
    worked = plain(median)
    if len(middle) == 2:
        worked = f"（{signed(middle[0])} + {signed(middle[1])}） ÷ 2 = {plain(median)}"
    text = f"{name}中位数：{len(ordered)}个数值由小到大为{row}，取中间，{worked}{unit}"
    expression = f"median({', '.join(map(plain, ordered))})"
    return text, _record(expression, tuple(facts), plain(median), unit or None, None)


def _bracketed(value: Decimal) -> str:
    return f"({plain(value)})" if value < 0 else plain(value)


def _record(
    expression: str, facts: tuple[Fact, ...], result: str, unit: str | None, rounding: str | None
) -> Computation:
    return Computation(
        expression=expression, inputs=inputs_of(facts), result=result, unit=unit, rounding=rounding
    )


def inputs_of(facts: Sequence[Fact]) -> list[ComputationInput]:
    """The cells that went in, as the contract lists them."""
    return [
        ComputationInput(report_id=f.report_id, start=f.start, end=f.end, value=f.value)
        for f in facts
    ]


def counted(kept: Sequence[object], pairs: Sequence[tuple[Fact, Fact]]) -> Computation:
    """The working of a count over pairs of years: every figure that was looked at."""
    return Computation(
        expression=f"count({len(pairs)} pairs)",
        inputs=inputs_of([f for pair in pairs for f in pair]),
        result=str(len(kept)),
        unit="家",
        rounding=None,
    )
