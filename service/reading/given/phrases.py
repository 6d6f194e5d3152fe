"""Words of a question as a value: by name or definition, a cell, quarters together, or the nearest.

Stands below `operating`, over `binding`.
"""

from __future__ import annotations

import re

from corpus.periods import find_periods, without_periods
from service.reading.given.binding import Binder, Bound, bound, total
from service.reading.given.items import LEVELS
from service.reading.given.matching import likeness
from service.reading.given.naming import CHANGES, alike


def of_phrase(binder: Binder, phrase: str, period: str | None = None) -> Bound | None:
    """The value that words of the question mean: by name or formula, else the nearest figure."""
    quarters = of_quarters(binder, phrase)
    if quarters is not None:
        return quarters
    binder.said, before = phrase, binder.said
    try:
        return _of_phrase(binder, phrase, period)
    finally:
        binder.said = before


_HALVES = {"上半年": "一二", "下半年": "三四", "前三季度": "一二三", "全年": "一二三四"}


def of_quarters(binder: Binder, phrase: str) -> Bound | None:
    """下半年: two quarters that stand apart."""
    half = next((h for h in _HALVES if h in phrase), None)
    own = [f for f in binder.prompt.figures if re.search("[一二三四]季度", f.row + f.name)]
    if half is None or len(own) < 3 or any(half in f.row + f.name for f in binder.prompt.figures):
        return None
    best = max(own, key=lambda f: binder.scorer.score(phrase, "", "", f))
    beside = [f for f in own if not f.in_table or f.name == best.name or f.keys == best.keys]
    wanted = re.compile(f"[{_HALVES[half]}]季度")
    parts = [f for f in beside if wanted.search(f.row + f.name) and f.unit == best.unit]
    return total(parts) if len(parts) == len(_HALVES[half]) else None


def _of_phrase(binder: Binder, phrase: str, period: str | None) -> Bound | None:
    bare = re.sub(r"^[的与和比对]+|[的]+$", "", without_periods(phrase)).strip()
    dated = [p.period.label for p in find_periods(phrase)]
    period = dated[-1] if dated else period
    if (cells := _cells(binder, bare)) is not None:
        return cells
    exact = binder.bind(bare, period) if bare else None
    if exact is not None and exact.score >= 0.75:
        return exact
    names = [name for _, name in binder.book.names_in(bare)]
    own = [n for n in binder.prompt.formulas if n in bare]
    for name in [*own, *names]:
        if bare.endswith(name) and (made := binder.bind(name, period)):
            return made
    near = _nearest(binder, bare, period)
    return near or exact


def _cells(binder: Binder, bare: str) -> Bound | None:
    """A column that the phrase ends with: of the row that it names, else of all rows together."""
    cells = [f for f in binder.prompt.figures if f.in_table and f.measure not in CHANGES]
    names = {f.name for f in cells if f.name and bare.endswith(f.name.split(LEVELS)[-1])}
    if len(names) != 1:
        return None
    own = [f for f in cells if f.name in names]
    rest = bare.removesuffix(own[0].name.split(LEVELS)[-1]).strip("的 ")
    if not rest or len({f.keys for f in own}) < 2:
        return None
    named = [f for f in own if any(key and key in bare for key in f.keys)]
    near = [f for f in own if likeness(rest, f.row) >= 0.6]
    if len(named or near) == 1:
        return bound((named or near)[0])
    whole = [f for f in own if re.search("合计|总计|总额|全部|小计", f.row)]
    return bound(whole[0]) if whole else total(own) if not named and not near else None


def _nearest(binder: Binder, bare: str, period: str | None) -> Bound | None:
    scored = []
    for one in binder.scope(period):
        if one.measure not in CHANGES:
            label = f"{one.row} {one.name} {one.after}"
            near = likeness(bare, without_periods(label)) + 0.5 * alike(bare, one)
            scored.append(
                (
                    near + 0.1 * binder.scorer.score(bare, "", binder.prompt.asked, one),
                    -one.place,
                    one,
                )
            )
    if not scored:
        return None
    best = max(scored, key=lambda s: s[:2])
    return bound(best[2], 0.6) if best[0] >= 0.55 else None
