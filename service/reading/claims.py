"""A figure that the question itself asserts is checked against the cell: 是 / 不是, with the truth.

A false premise is an answer, not a refusal: the true figure is named and cited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from corpus.figures import to_base
from corpus.normalise import fold
from indexer.records import Fact
from service.operations import Condition, Operation
from service.query import Query
from service.reading.draft import Draft, DraftKind, Evidence, Statement
from service.reading.scope import Scope
from service.reading.wording import figure_sentence, number, rounded, value_with_unit

if TYPE_CHECKING:
    from service.reading.figures import Found


def check(query: Query, held: Sequence[Found], scope: Scope) -> Draft | None:
    """The verdict on what the question asserts of these figures; None if it asserts nothing."""
    if query.operation not in (Operation.LOOK_UP, Operation.LIST):
        return None
    facts = [fact for found in held for fact in found.facts]
    condition = _claim(query)
    if condition is None or len(held) != 1:
        return None
    verdicts = [holds(condition, fact) for fact in facts]
    if any(v is None for v in verdicts) and not any(verdicts):
        return None
    statements = [
        Statement(
            f"{'是' if verdict else '不是'}，{figure_sentence(fact, scope)}"
            f"{_unlike(query, condition, verdict)}",
            (Evidence.of_fact(fact),),
            (value_with_unit(fact, scope.snapshot.vocabulary),),
        )
        for fact, verdict in zip(facts, verdicts, strict=True)
    ]
    kind: DraftKind = "comparison" if len({f.report_id for f in facts}) > 1 else "fact"
    return Draft(kind=kind, statements=statements, confidence=0.95)


_ROSE = re.compile(r"(增长|增加|上升|提高|提升|上涨)(?:了|约|到了?)?\Z")
_FELL = re.compile(r"(下降|下滑|减少|降低|下跌)(?:了|约)?\Z")


def asserts_growth(query: Query) -> bool:
    """True where the question asserts by how much a figure changed: EPS增长了50%对吗."""
    if query.operation is not Operation.LOOK_UP or len(query.conditions) != 1:
        return False
    condition = query.conditions[0]
    before = query.text[: condition.start]
    percent = condition.comparator == "=" and condition.unit == "%"
    return percent and bool(_ROSE.search(before) or _FELL.search(before))


def judged_growth(query: Query, draft: Draft) -> Draft:
    """The computed change with its verdict on the asserted one, compared as exactly as asserted."""
    condition = query.conditions[0]
    asserted = condition.numbers[0]
    places = min(2, max(0, -int(asserted.as_tuple().exponent)))
    fell = _FELL.search(query.text[: condition.start])
    worked = [n for n, one in enumerate(draft.statements) if one.text.startswith("增长率：")]
    for place in worked:
        rate = rounded(Decimal(draft.statements[place].keys[0]), places)
        verdict = "是" if rate == (-asserted if fell else asserted) else "不是"
        # One verdict opens the answer; of several each stands at its own working.
        at = 0 if len(worked) == 1 else place
        told = draft.statements[at]
        draft.statements[at] = replace(told, text=f"{verdict}，{told.text}")
    return draft


def holds(condition: Condition, fact: Fact) -> bool | None:
    """Whether a figure meets a condition; None if the report leaves it open."""
    if condition.word is not None:
        return None if fact.missing else fold(fact.value) == condition.word
    if fact.number is None:
        return None
    value, bounds = comparable(condition, fact)
    low = bounds[0]
    if condition.comparator == "between":
        return low <= value <= bounds[1]
    return {
        ">": value > low,
        ">=": value >= low,
        "<": value < low,
        "<=": value <= low,
        "=": value == low,
    }[condition.comparator]


def comparable(condition: Condition, fact: Fact) -> tuple[Decimal, list[Decimal]]:
    """The figure and the bounds in one unit: 亿 asked against 万元 printed meet in 元."""
    value = number(fact)
    if not condition.unit or not fact.unit:
        return value, list(condition.numbers)
    base, base_unit = to_base(value, fact.unit)
    bounds = [to_base(b, condition.unit) for b in condition.numbers]
    # 亿 asked of 元/股 or 亿元 alike: the asker leaves the rest of the unit out.
    if all(unit and base_unit and base_unit.startswith(unit) for _, unit in bounds):
        return base, [b for b, _ in bounds]
    return value, list(condition.numbers)


def _claim(query: Query) -> Condition | None:
    if query.rating_words and len({w for w, _, _ in query.rating_words}) == 1:
        word, start, end = query.rating_words[0]
        asks = query.yes_no or "为什么" in query.text or "为何" in query.text
        return Condition(None, "=", (), None, word, start, end) if asks else None
    return query.conditions[0] if len(query.conditions) == 1 else None


def _unlike(query: Query, condition: Condition, verdict: bool | None) -> str:
    """What was asserted and is not so."""
    if verdict or condition.comparator != "=":
        return ""
    asserted = query.text[condition.start : condition.end].removeprefix("等于").removeprefix("在")
    return f"，而非{asserted}"
