"""One quantity at several times: by period, or before and after by the words that say so.

Stands below `working`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.periods import without_periods
from service.reading.given.binding import Binder
from service.reading.given.items import Given, Prompt
from service.reading.given.matching import CAGR, GROWTH, asked_periods, likeness
from service.reading.given.naming import CHANGES
from service.reading.given.texts import year_less


@dataclass(frozen=True, slots=True)
class Point:
    """A quantity at one time."""

    label: str
    value: Decimal
    shown: str
    unit: str
    factor: Decimal


_THEN = re.compile(
    "上年|去年|上期|上月|上季|期初|前值|昨|买入|基期|原|由|从|开盘|年初|前一|前期|此前|同期|发行价|成本"
)
_NOW = re.compile("今年|本期|本月|本季|期末|现|今|卖出|至|到|收盘|年末|目前|当前|当日|最新")


def series_of(prompt: Prompt, binder: Binder, doing: str, totals: bool) -> list[Point]:
    """The quantity that the question names, oldest first; two points at least, or none."""
    asked = prompt.asked
    bare = CAGR.sub(" ", GROWTH.sub(" ", without_periods(asked)))
    own = [f for f in prompt.figures if f.measure not in CHANGES]
    rates = [f for f in own if f.unit == "%"]
    if doing == "points":
        own = rates or own
    elif len(rates) < len(own):
        own = [f for f in own if f.unit != "%"]
    dated = [f for f in own if f.periods]
    labels = {p for f in dated for p in f.periods}
    if len(labels) > 1:
        points = _by_period(binder, bare, dated, totals)
        points = _of_asked(points, asked)
        if len(points) > 1:
            return points
    return _before_and_after(binder, bare, asked, own)


def _by_period(binder: Binder, bare: str, dated: Sequence[Given], totals: bool) -> list[Point]:
    """For each period the figure of the line that the question means."""
    lines: dict[tuple[str, ...], list[Given]] = {}
    for one in dated:
        lines.setdefault(_line(one), []).append(one)
    long = {
        key: group for key, group in lines.items() if len({p for f in group for p in f.periods}) > 1
    }
    if not long:
        long = {("",): [f for f in dated if f.unit == dated[-1].unit]}
    scores = {key: max(_near(binder, bare, f) for f in group) for key, group in long.items()}
    best = max(long, key=lambda key: scores[key])
    rivals = [key for key in long if key != best and scores[key] >= scores[best] - 0.02]
    chosen = long[best]
    apart = best[0] == "text" and all(
        sum(p in f.periods for f in chosen) > 1 for p in {p for f in chosen for p in f.periods}
    )
    if (
        totals
        and (rivals or scores[best] < 0.5 or apart)
        and not any("总" in f.row + f.name for f in chosen)
    ):
        return _summed(dated)
    by_period: dict[str, Given] = {}
    for one in chosen:
        for label in one.periods[-1:]:
            if label not in by_period or _near(binder, bare, one) > _near(
                binder, bare, by_period[label]
            ):
                by_period[label] = one
    return [_point(label, by_period[label]) for label in sorted(by_period, key=_order)]


def _line(one: Given) -> tuple[str, ...]:
    """What figures of one series share: row or column without its period; in texts the unit."""
    if not one.in_table:
        return ("text", one.unit.replace("百", "").replace("万", "").replace("亿", ""))
    keys = tuple(without_periods(key).strip() for key in one.keys)
    return (str(one.group), *keys, without_periods(one.name).strip())


def _near(binder: Binder, bare: str, one: Given) -> float:
    label = without_periods(f"{one.row} {one.name}")
    return likeness(bare, label) + 0.3 * binder.scorer.score(bare, "", bare, one)


def _summed(dated: Sequence[Given]) -> list[Point]:
    """总产值 of two kinds: all figures of a period together."""
    points = []
    for label in sorted({p for f in dated for p in f.periods}, key=_order):
        own = [f for f in dated if label in f.periods and f.unit == dated[0].unit]
        value = sum((f.value for f in own), Decimal(0))
        points.append(
            Point(label, value, " + ".join(f.shown for f in own), own[0].unit, own[0].factor)
        )
    return points


def _order(label: str) -> str:
    return label.replace("Y-1", "Y+") if label.startswith("Y") else label


def _of_asked(points: Sequence[Point], asked: str) -> list[Point]:
    """Of the periods that the question names, with the one that a single one is compared with."""
    labels = asked_periods(asked)
    named = [p for p in points if p.label in labels]
    if len(named) > 1:
        return named
    if len(named) == 1:
        at = [p.label for p in points].index(named[0].label)
        before = year_less(named[0].label) if "环比" not in asked else ""
        then = [p for p in points if p.label == before]
        if then:
            return [then[0], named[0]]
        if at > 0:
            return list(points[at - 1 : at + 1])
    if "同比" in asked and points and not labels:
        then = [p for p in points if p.label == year_less(points[-1].label)]
        if then:
            return [then[0], points[-1]]
    return list(points)


def _before_and_after(binder: Binder, bare: str, asked: str, own: Sequence[Given]) -> list[Point]:
    """Two figures of one unit: the earlier by its words, else as they stand."""
    scored = sorted(((_near(binder, bare, f), f) for f in own), key=lambda p: (-p[0], p[1].place))
    if not scored:
        return []
    best = scored[0]
    alike = [
        f for s, f in scored if f.unit == best[1].unit and (s >= 0.5 * best[0] or len(own) == 2)
    ]
    if len(alike) > 2:
        alike = [
            f for f in alike if f.periods or _THEN.search(_tail(f)) or _NOW.search(_tail(f))
        ] or alike
        keyed = [f for f in alike if f.in_table and f.name == best[1].name]
        alike = keyed or alike
    alike.sort(key=lambda f: f.place)
    if len(alike) == 2:
        first, second = alike
        turned = _THEN.search(_tail(second)) and not _THEN.search(_tail(first))
        turned = turned or (
            _NOW.search(_tail(first))
            and not _NOW.search(_tail(second))
            and not _THEN.search(_tail(first))
        )
        alike = [second, first] if turned else [first, second]
    named = [f for f in alike if any(len(k) > 1 and k in asked for k in f.keys)]
    if len(alike) > 2 and named:  # 四季度环比: the row before it
        at = alike.index(named[-1])
        alike = alike[max(at - 1, 0) : at + 1]
    return [_point(str(n), f) for n, f in enumerate(alike)] if len(alike) > 1 else []


def _tail(one: Given) -> str:
    return f"{one.row}{one.name}"[-12:]


def _point(label: str, one: Given) -> Point:
    value = one.value / 100 if one.unit == "%" else one.value
    return Point(label, value, one.shown, one.unit, one.factor)


def years_between(first: str, last: str, count: int) -> int:
    """The years from one label to another; steps where they are no years."""
    if first[:4].isdigit() and last[:4].isdigit() and len(first) >= 4 and first[:4] != last[:4]:
        return int(last[:4]) - int(first[:4])
    return count - 1
