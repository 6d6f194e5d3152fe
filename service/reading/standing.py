"""Where a company stands in its table: 排第几, and what part of the whole column it is.

A reader: `Query + Scope → Draft | None`; asked before `figures`, which knows single cells only.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service.operations import Operation
from service.query import Query
from service.reading import arithmetic
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.scope import Scope
from service.reading.selection import column_of, one_a_line, open_rows
from service.reading.wording import (
    full_name,
    metric_name,
    number,
    period_phrase,
    plain,
    subject_name,
    value_with_unit,
)
from service.schemas import Computation, Missing

_WHOLE = re.compile(
    r"全部|所有|合计|总和|之和|总计|整个|(?:这|那|共)?\d+家|表[中里内]|各?公司(?:的)?总"
)
_FROM_BELOW = re.compile("由低到高|从低到高|由小到大|从小到大|倒数|最低|最便宜|第几[低小]")


def read_standing(query: Query, scope: Scope) -> Outcome | None:
    """The rank of a company, or its share of the column; None for any other question."""
    share = query.operation is Operation.SHARE and _WHOLE.search(query.text) is not None
    if not query.companies or not query.metrics or not query.metrics[0].id:
        return None
    if query.operation is not Operation.POSITION and not share:
        return None
    draft = Draft("computed", [], 0.92)
    for report_id in scope.speaking:
        column = column_of(query.metrics[0], query, report_id, scope)
        facts = [] if isinstance(column, Missing) else [f for f in column if f.number is not None]
        wanted = {fold(n.company.name) for n in query.companies if n.company}
        own = [f for f in facts if fold(f.subject) in wanted]
        if not own or len(facts) < 2:
            continue
        result = _share(own, facts, scope) if share else _ranks(query, own, facts, scope)
        if result is not None:
            draft.add_worked(result[0], result[1])
    return draft.settled()


def _ranks(
    query: Query, own: list[Fact], facts: list[Fact], scope: Scope
) -> tuple[Statement, Computation]:
    """Equals share a place; the order that was taken is said."""
    below = bool(_FROM_BELOW.search(query.text))
    numbers = [number(f) for f in facts]
    places = [1 + sum(n < number(f) if below else n > number(f) for n in numbers) for f in own]
    title = f"{scope.label(own[0].report_id)}：{period_phrase(own[0])}{metric_name(own[0])}"
    order = "由低到高" if below else "由高到低"
    vocabulary = scope.snapshot.vocabulary
    shown = "、".join(
        f"{subject_name(f)}排第{place}位，为{value_with_unit(f, vocabulary)}"
        for f, place in zip(own, places, strict=True)
    )
    text = f"{title}{order}，{len(facts)}家公司中{shown}{open_rows(facts)}"
    computation = Computation(
        expression=f"rank of {own[0].number} among ({', '.join(map(plain, numbers))})",
        inputs=arithmetic.inputs_of(facts),
        result=str(places[0]),
        unit="位",
        rounding=None,
    )
    evidence = tuple(Evidence.of_fact(f) for f in own)
    return Statement(text, evidence, tuple(f"第{place}位" for place in places)), computation


def _share(
    own: list[Fact], facts: list[Fact], scope: Scope
) -> tuple[Statement, Computation] | None:
    worked = arithmetic.share_of(own, facts)
    if worked is None:
        return None
    text, computation = worked
    names = "、".join(full_name(f) for f in own)
    cells = one_a_line([*own, *facts])[:8]
    lead = f"{scope.label(own[0].report_id)}：{names}在全部{len(facts)}家公司中，"
    evidence = tuple(Evidence.of_fact(f) for f in cells)
    return Statement(f"{lead}{text}", evidence, (f"{computation.result}%",)), computation
