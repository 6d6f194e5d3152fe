"""Houses side by side: the gap, the newest, an estimate against what came, restated figures.

Stands below `figures` and `consensus`; adds statements to an answer, never merges two figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, groupby

from corpus.figures import to_base
from indexer.records import Fact
from service.reading.draft import Evidence, Statement
from service.reading.scope import Scope
from service.reading.wording import MINUS, metric_name, number, plain, signed, unit_of

# A question over many companies is answered by its figures; the gaps of the first ones are told.
_MAX_TOLD = 3


def spreads(facts: Sequence[Fact], scope: Scope) -> list[Statement]:
    """What the houses' figures of one subject, metric and period have between them.

    Args:
        facts: newest report first; those of one report or without number say nothing here.
    """
    groups = [own for own in same_matter(facts) if len({f.report_id for f in own}) > 1]
    return list(chain.from_iterable(_of_group(own, scope) for own in groups))[:_MAX_TOLD]


def same_matter(facts: Iterable[Fact]) -> list[list[Fact]]:
    """The numbered facts by subject, metric and period, each in the order given."""
    numbered = [f for f in facts if f.number is not None]
    ordered = sorted(numbered, key=_matter)
    return [list(own) for _, own in groupby(ordered, key=_matter)]


def _matter(fact: Fact) -> tuple[str, str, str]:
    dated = fact.period == fact.as_of and fact.as_of is not None
    return fact.subject, fact.metric, "" if dated else fact.period or ""


def _of_group(facts: Sequence[Fact], scope: Scope) -> Iterator[Statement]:
    actual = [f for f in facts if f.kind == "actual"]
    estimates = [f for f in facts if f.kind != "actual"]
    if told := _restated(actual, scope):
        yield told
    if actual:
        yield from _came_true(actual[0], estimates, scope)
    newest_each = latest_of_houses(actual or facts, scope)
    if len(newest_each) > 1 and not actual:
        yield _apart(newest_each, scope)
    elif len(newest_each) == 1 and (revised := _revised(facts, scope)):
        yield revised


def latest_of_houses(facts: Sequence[Fact], scope: Scope) -> list[Fact]:
    """The first fact of each house; given newest first, that is its newest one."""
    houses: dict[str, Fact] = {}
    for fact in facts:
        houses.setdefault(scope.broker(fact.report_id) or fact.report_id, fact)
    return list(houses.values())


def comparable(facts: Sequence[Fact], scope: Scope) -> tuple[list[Decimal], str] | None:
    """The numbers in one unit, and that unit; None where currencies or dimensions differ."""
    vocabulary = scope.snapshot.vocabulary
    units = [unit_of(f, vocabulary) for f in facts]
    stated = list(dict.fromkeys(u for u in units if u))
    if len(stated) < 2:
        return [number(f) for f in facts], stated[0] if stated else ""
    if len({_per_share(u) for u in stated}) == 1:
        return [number(f) for f in facts], stated[0]
    based = [to_base(number(f), u) for f, u in zip(facts, units, strict=True) if u]
    if len(based) < len(facts) or len({unit for _, unit in based}) > 1:
        return None
    return [value for value, _ in based], based[0][1] or ""


def _per_share(unit: str) -> str:
    return unit.removesuffix("/股")


def _apart(facts: Sequence[Fact], scope: Scope) -> Statement:
    newest = facts[0]
    day = f"，最新的是{scope.label(newest.report_id)}"
    evidence = tuple(Evidence.of_fact(f) for f in facts)
    known = comparable(facts, scope)
    what = _what(newest)
    if known is None:
        return Statement(f"各家的{what}单位不同，不作比较{day}", evidence)
    numbers, unit = known
    low, high = min(numbers), max(numbers)
    if low == high:
        return Statement(f"各家的{what}相同{day}", evidence)
    gap = f"{signed(high)} {MINUS} {signed(low)} = {plain(high - low)}{unit}"
    return Statement(f"各家的{what}相差：{gap}{day}", evidence)


def _came_true(actual: Fact, estimates: Sequence[Fact], scope: Scope) -> Iterator[Statement]:
    """An earlier estimate against the figure that came: 实际 minus 预测."""
    before = latest_of_houses(estimates, scope)
    for estimate in before[:_MAX_TOLD]:
        known = comparable((actual, estimate), scope)
        if known is None:
            continue
        (came, expected), unit = known
        gap = f"{signed(came)} {MINUS} {signed(expected)} = {plain(came - expected)}{unit}"
        text = f"实际值与{scope.label(estimate.report_id)}的预测相差：{gap}"
        evidence = (Evidence.of_fact(actual), Evidence.of_fact(estimate))
        yield Statement(text, evidence)


def _restated(actual: Sequence[Fact], scope: Scope) -> Statement | None:
    """Two reports give different actual figures of one period."""
    known = comparable(actual, scope) if len(actual) > 1 else None
    if known is None or len(set(known[0])) < 2:
        return None
    labels = "、".join(f"{scope.label(f.report_id)}{f.value}" for f in actual)
    text = f"同一期间的实际{metric_name(actual[0])}前后不一（追溯调整或口径不同）：{labels}"
    return Statement(text, tuple(Evidence.of_fact(f) for f in actual))


def _revised(facts: Sequence[Fact], scope: Scope) -> Statement | None:
    """One house that changed its own estimate."""
    if len(facts) < 2 or (known := comparable(facts[:2], scope)) is None:
        return None
    (now, then), unit = known
    if now == then:
        return None
    word = "上调" if now > then else "下调"
    house = scope.broker(facts[0].report_id) or facts[0].report_id
    gap = f"{signed(now)} {MINUS} {signed(then)} = {plain(now - then)}{unit}"
    text = f"{house}较前一份报告{word}了{_what(facts[0])}：{gap}"
    return Statement(text, tuple(Evidence.of_fact(f) for f in facts[:2]))


def _what(fact: Fact) -> str:
    dated = fact.period == fact.as_of and fact.as_of is not None
    period = "" if dated else fact.period_text or fact.period or ""
    joint = " " if period[-1:].isascii() and metric_name(fact)[:1].isascii() and period else ""
    return f"{fact.subject}{'的' if period else ''}{period}{joint}{metric_name(fact)}"
