"""A quantity at two times as a rate, a gap or points; two figures a time put together first.

Stands below `working` and `operating`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from corpus.periods import without_periods
from service.reading.given.habits import of_two
from service.reading.given.items import Given, Prompt
from service.reading.given.matching import CAGR, GROWTH, asked_periods, pairs_of
from service.reading.given.naming import CHANGES
from service.reading.given.operations import DIFFERENCE, POINTS, Operation
from service.reading.given.results import Result, compound, growth, wrapped
from service.reading.given.series import Point, years_between
from service.reading.wording import MINUS

WHOLE = re.compile("总|合计|[两三四]项|[两三四]家|进出口")


def changed(
    prompt: Prompt, points: Sequence[Point], doing: Operation, period: str | None
) -> Result | None:
    """The first and the last of the points, or a period and the one before it, set against each
    other."""
    asked_words = prompt.asked
    first, last = points[0], points[-1]
    asked = [p for p in points if p.label in asked_periods(asked_words)]
    span = (
        len(asked) > 1
        or doing is Operation.CAGR
        or re.search("近[三四五\\d]年|以来|期间", asked_words)
    )
    if not span:
        first, last = _neighbours(points, period)
    then, now = (first.value, first.shown), (last.value, last.shown)
    if doing is Operation.CAGR:
        return compound(
            "年均复合增长率", then, now, years_between(first.label, last.label, len(points))
        )
    rate = (
        last.unit == "%"
        and not re.search("率$|增速|幅度|百分比", _what(asked_words))
        and "同比增长" not in asked_words
    )
    if doing is Operation.GROWTH and not rate:
        return growth("增长率", then, now)
    working = f"{wrapped(last.shown)} {MINUS} {wrapped(first.shown)}"
    gap = last.value - first.value
    if last.unit == "%":
        return points_gap(working, gap, asked_words)
    return Result("差额", working, gap, last.unit, last.factor)


def _what(asked_words: str) -> str:
    """The last words of what is asked."""
    return re.sub("(?:是|为)?多少.*$|[?？。，,].*$", "", asked_words)


def composed(prompt: Prompt) -> list[Point]:
    """Two figures at each of two times, of which neither is what is asked: their total,
    difference or quotient, as its name suggests."""
    levels = [f for f in prompt.figures if f.measure not in CHANGES and f.periods]
    asked = asked_periods(prompt.asked)
    named = [f for f in levels if f.periods[-1] in asked]
    levels = named if len({f.periods[-1] for f in named}) > 1 else levels
    labels = sorted({f.periods[-1] for f in levels})
    pairs = [[f for f in levels if f.periods[-1] == label] for label in labels]
    bare = CAGR.sub("", GROWTH.sub("", without_periods(re.sub("^.*?计算", "", prompt.asked))))
    bare = DIFFERENCE.sub("", POINTS.sub("", bare))
    if len(labels) < 2 or any(len(pair) != 2 for pair in pairs) or _stands(bare, levels):
        return []
    if len({f.unit for f in levels}) > 2 or WHOLE.search(bare):
        return []
    points = []
    for label, (one, other) in zip(labels, pairs, strict=True):
        made = of_two(bare, one, other)
        if made is None:
            return []
        value = made.value / 100 if made.unit in {"%", "pp"} else made.value
        points.append(Point(label, value, made.working, made.unit, made.factor))
    return points


def _stands(bare: str, levels: Sequence[Given]) -> bool:
    """True if one of the figures is called what the question names."""
    words = set(pairs_of(bare))
    return (
        any(len(words & set(pairs_of(f"{f.row} {f.name}"))) >= 0.75 * len(words) for f in levels)
        or not words
    )


def _neighbours(points: Sequence[Point], period: str | None) -> tuple[Point, Point]:
    """The point of a period (the newest, if none) and the one before it."""
    at = next((n for n, p in enumerate(points) if p.label == period), len(points) - 1)
    return points[max(at - 1, 0)], points[max(at, 1)]


def points_gap(working: str, gap: Decimal, asked: str) -> Result:
    """A gap of rates (fractions): in points, or in basis points where they are asked for."""
    if re.search("基点|bp", asked):
        return Result("", working, gap * 10000, "bp")
    return Result("", working, gap * 100, "pp")
