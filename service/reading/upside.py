"""Upside to a target price, worked out where no report prints it: target over price, less one.

A reader: `Query + Scope → Draft | None`; the price that was taken is named with its day.
"""

from __future__ import annotations

import re
from decimal import Decimal

from indexer.records import Fact
from service.names import Named
from service.query import AskedMetric, Query
from service.reading import arithmetic
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.figures import look_up
from service.reading.scope import Scope
from service.reading.spread import comparable
from service.reading.wording import figure_sentence, number, plain, rounded, subject_name
from service.schemas import Computation, Missing

_GIVEN = re.compile(
    r"(?:现价|股价|收盘价|价格)(?:是|为|按|在)?(\d+(?:\.\d+)?)元?|按(\d+(?:\.\d+)?)元"
)
_ROOM = re.compile("空间|潜在(?:涨幅|收益|回报)|(?:距|离|到|较|比)目标价")


def read_upside(query: Query, scope: Scope) -> Outcome | None:
    """The room between a company's price and each target price; None for any other question."""
    asked = any(m.id == "upside" for m in query.metrics)
    targets = any(m.id == "target_price" for m in query.metrics)
    if not query.companies or not (asked or (targets and _ROOM.search(query.text))):
        return None
    draft = Draft("computed", [], 0.9)
    for named in query.companies:
        if _facts(named, "upside", query, scope):
            return None  # a report prints it
        target = _facts(named, "target_price", query, scope)
        prices = _facts(named, "price", query, scope)
        for goal in (f for f in target if f.number is not None):
            _add(draft, named, goal, _nearest(goal, prices), query, scope)
    if not draft.statements:
        return None
    reports = {e.report_id for s in draft.statements for e in s.evidence}
    draft.kind = "comparison" if len(reports) > 2 else "computed"
    if draft.computation is None:
        draft.kind = "fact"
    return draft


def _facts(named: Named, metric: str, query: Query, scope: Scope) -> tuple[Fact, ...]:
    asked = AskedMetric(metric, scope.snapshot.vocabulary.name_of(metric), 0, 0)
    open_query = Query(query.text, asked=query.asked, companies=query.companies)
    return look_up(named, asked, open_query, scope).facts


def _nearest(goal: Fact, prices: tuple[Fact, ...]) -> Fact | None:
    """The price that the same report gives, else the newest one of the others."""
    numbered = [f for f in prices if f.number is not None]
    own = [f for f in numbered if f.report_id == goal.report_id]
    return next(iter([*own, *numbered]), None)


def _add(
    draft: Draft, named: Named, goal: Fact, price: Fact | None, query: Query, scope: Scope
) -> None:
    draft.statements.append(
        Statement(figure_sentence(goal, scope), (Evidence.of_fact(goal),), (goal.value,))
    )
    given = _GIVEN.search(query.text)
    if given is not None:
        basis, unit = Decimal(given[1] or given[2]), goal.unit or ""
        told = f"按问题给出的价格{plain(basis)}"
        cells = [goal]
    elif price is not None and (known := comparable((goal, price), scope)) is not None:
        (_, basis), unit = known
        told, cells = f"按{scope.label(price.report_id)}的价格{price.value}", [goal, price]
        sentence = Statement(figure_sentence(price, scope), (Evidence.of_fact(price),))
        if sentence not in draft.statements:
            draft.statements.append(sentence)
    else:
        draft.statements.append(Statement(f"报告未给出{named.text}的股价，无法计算空间", ()))
        gap = Missing(slot="metric", asked="股价", reason="no_such_metric", instead=["目标价"])
        draft.missing.append(gap)
        return
    if basis <= 0:
        return
    top = number(goal)
    rate = rounded((top - basis) / basis * 100)
    word = "上涨空间" if rate >= 0 else "下跌空间"
    text = (
        f"{told}{unit}计算，{subject_name(goal)}到目标价的{word}："
        f"（{plain(top)} − {plain(basis)}） ÷ {plain(basis)} = {plain(rate)}%（四舍五入到两位小数）"
    )
    draft.statements.append(
        Statement(text, tuple(Evidence.of_fact(f) for f in cells), (f"{plain(rate)}%",))
    )
    draft.computation = draft.computation or Computation(
        expression=f"({plain(top)} - {plain(basis)}) / {plain(basis)} * 100",
        inputs=arithmetic.inputs_of(cells),
        result=plain(rate),
        unit="%",
        rounding="half up, 2 decimals",
    )
