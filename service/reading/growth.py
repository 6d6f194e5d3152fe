"""Who grows most: companies of a table ranked or chosen by the growth of a figure, worked out.

A reader: `Query + Scope → Draft | None`; where a table states the growth itself, `tables` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from indexer.records import Fact
from service.operations import Operation
from service.query import Query
from service.reading import arithmetic
from service.reading.changes import pairs_of
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.scope import Scope
from service.reading.wording import metric_name, number, plain, rounded, signed, subject_name
from service.schemas import Computation

MAX_ROWS = 8
_GROWS = re.compile("增长|增速|增幅|涨幅|提升|提高|上升|下降|降幅|下滑|减少|最快|最慢|成长")
_FALLS = re.compile("下降|降幅|下滑|减少|跌幅")
_TURNED = re.compile("由负转正|扭亏|转亏为盈|转盈|亏转盈")
_LOST = re.compile("由正转负|转亏|由盈转亏|盈转亏")
_WHO = re.compile("哪|谁|几家|多少家|前|最|公司")


@dataclass(frozen=True, slots=True)
class Grown:
    """A company's later and earlier figure; `rate` in per cent, the earlier one being above 0."""

    later: Fact
    earlier: Fact
    rate: Decimal


def read_growth(query: Query, scope: Scope) -> Outcome | None:
    """The companies by growth; None for any other question."""
    turned, lost = _TURNED.search(query.text), _LOST.search(query.text)
    ranks = query.operation in (Operation.HIGHEST, Operation.LOWEST)
    bounds = [c for c in query.conditions if c.unit == "%"]
    grows = _GROWS.search(query.text) and (ranks or bounds)
    if query.companies or not (turned or lost or grows) or not _WHO.search(query.text):
        return None
    metric = _base_metric(query, scope)
    if metric is None:
        return None
    draft = Draft("computed", [], 0.9)
    for report_id in scope.speaking:
        labels = _labels(metric, query, report_id, scope)
        pairs = pairs_of(metric, labels, report_id, scope) if labels else []
        if not pairs:
            continue
        crossed = _crossed(pairs, bool(turned), scope) if turned or lost else None
        result = crossed or _by_rate(query, pairs, scope)
        if result is not None:
            draft.add_worked(result[0], result[1])
    return draft.settled()


def _base_metric(query: Query, scope: Scope) -> str | None:
    """The level whose growth is asked for and that no table states as growth."""
    held = {use.metric for use in scope.snapshot.facts.metrics()}
    for metric in query.metrics:
        base, _, change = metric.id.rpartition("_")
        if change in {"yoy", "qoq", "cagr"} and metric.id not in held and base in held:
            return base
    levels = [m.id for m in query.metrics if m.id in held and m.id not in {"growth", "rating"}]
    stated = [m.id for m in query.metrics if m.id in held and m.id.endswith(("_yoy", "_qoq"))]
    if not levels and not stated and _TURNED.search(query.text) and "eps" in held:
        return "eps"
    return levels[0] if levels and not stated else None


def _labels(metric: str, query: Query, report_id: str, scope: Scope) -> tuple[str, str] | None:
    """The later and the earlier period: as asked, else the report's last two years."""
    facts = scope.snapshot.facts.find(metrics=(metric,), report_ids=(report_id,))
    years = sorted({f.period for f in facts if f.cell and f.period and f.period.isdigit()})
    asked = sorted({p.period.label for p in query.periods if p.period.is_year})
    if len(asked) > 1:
        return asked[-1], asked[0]
    if asked:
        return (asked[0], str(int(asked[0]) - 1))
    return (years[-1], years[-2]) if len(years) > 1 else None


def _by_rate(
    query: Query, pairs: Sequence[tuple[Fact, Fact]], scope: Scope
) -> tuple[Statement, Computation] | None:
    grown = [
        Grown(a, b, (number(a) - number(b)) / number(b) * 100) for a, b in pairs if number(b) > 0
    ]
    if not grown:
        return None
    bounds = [c for c in query.conditions if c.unit == "%"]
    a, b = pairs[0]
    basis = f"{a.period_text or a.period}较{b.period_text or b.period}的{metric_name(a)}增长率"
    if bounds:
        kept = [g for g in grown if all(_meets(c.comparator, g.rate, c.numbers) for c in bounds)]
        lead = (
            f"{basis}符合条件的公司共{len(kept)}家" if kept else f"没有{basis}符合条件的公司（0家）"
        )
    else:
        fastest = query.operation is Operation.HIGHEST and not _FALLS.search(query.text)
        ordered = sorted(grown, key=lambda g: (-g.rate if fastest else g.rate, g.later.start))
        place = (query.place or 1) - 1
        kept = ordered[place:][: query.count or 1][:MAX_ROWS]
        which = f"第{place + 1}" if place else "最"
        lead = f"{basis}{which}{'高' if fastest else '低'}的是"
    if not kept and not bounds:
        return None
    text = f"{scope.label(a.report_id)}：{lead}{'：' if bounds and kept else ''}"
    text += "、".join(map(_working, kept)) + _left_out(pairs)
    told = kept or grown[:1]
    computation = Computation(
        expression=_expression(told[0]),
        inputs=arithmetic.inputs_of([f for g in grown for f in (g.later, g.earlier)]),
        result=plain(rounded(told[0].rate)),
        unit="%",
        rounding="half up, 2 decimals",
    )
    return Statement(text, _evidence(told), tuple(g.later.subject for g in kept)), computation


def _meets(comparator: str, rate: Decimal, bounds: Sequence[Decimal]) -> bool:
    if comparator == "between":
        return bounds[0] <= rate <= bounds[1]
    low = bounds[0]
    return {
        ">": rate > low, ">=": rate >= low, "<": rate < low, "<=": rate <= low, "=": rate == low,
    }[comparator]  # fmt: skip


def _working(grown: Grown) -> str:
    now, then = number(grown.later), number(grown.earlier)
    rate = plain(rounded(grown.rate))
    return (
        f"{subject_name(grown.later)}，（{signed(now)} − {plain(then)}） ÷ {plain(then)} = {rate}%"
    )


def _expression(grown: Grown) -> str:
    now, then = plain(number(grown.later)), plain(number(grown.earlier))
    return f"({now} - {then}) / {then} * 100"


def _left_out(pairs: Sequence[tuple[Fact, Fact]]) -> str:
    """Growth from nothing or from a loss has no meaning: those are named, not ranked."""
    names = [a.subject for a, b in pairs if number(b) <= 0]
    base = "基数不为正，未计入" if names else ""
    return f"（四舍五入到两位小数{'；' + '、'.join(names) + base if names else ''}）"


def _crossed(
    pairs: Sequence[tuple[Fact, Fact]], up: bool, scope: Scope
) -> tuple[Statement, Computation]:
    """The companies whose figure changes its sign."""
    kept = [
        (a, b) for a, b in pairs if (number(b) < 0 < number(a) if up else number(a) < 0 < number(b))
    ]
    a, b = pairs[0]
    word = "由负转正" if up else "由正转负"
    basis = f"{b.period_text or b.period}到{a.period_text or a.period}的{metric_name(a)}{word}"
    names = "、".join(f"{subject_name(x)}（{y.value} → {x.value}）" for x, y in kept)
    found = f"{basis}的公司共{len(kept)}家：{names}" if kept else f"没有{basis}的公司（0家）"
    computation = arithmetic.counted(kept, pairs)
    told = [Grown(x, y, Decimal(0)) for x, y in (kept or pairs[:1])]
    text = f"{scope.label(a.report_id)}：{found}"
    return Statement(text, _evidence(told), tuple(x.subject for x, _ in kept)), computation


def _evidence(grown: Sequence[Grown]) -> tuple[Evidence, ...]:
    """One row each, both rows where the two years stand in different ones."""
    cells = [f for g in grown[:MAX_ROWS] for f in (g.later, g.earlier)]
    rows = {(f.report_id, f.line_start): f for f in reversed(cells)}
    return tuple(Evidence.of_fact(f) for f in list(rows.values())[::-1])
