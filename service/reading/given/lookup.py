"""Figures that stand in the prompt and are asked for: cells by row and column, sentences by slots.

Stands below `answer`; nothing is worked out here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from corpus.periods import find_periods, without_periods
from service.reading.given.grids import based
from service.reading.given.items import LEVELS, Given, Prompt
from service.reading.given.matching import (
    NEAR,
    Scorer,
    asked_periods,
    fits,
    likeness,
    pairs_of,
    share,
)
from service.reading.given.slots import Slot, count_of, slots
from service.reading.measures import Measure

_LEAST = 0.3
EXTREME = re.compile(
    r"(?:第([一二三四五六七八九十\d]+)(?=名|位|大|高|多|低|小|少|的)|前([一二三四五六七八九十\d]+)|排名第一|居首|最)(?:名|位)?的?(高|大|多|强|好|长|快|低|小|少|差|短|慢)?"
)


def looked_up(prompt: Prompt) -> list[Given]:
    """The figures asked for, in the order of the question; empty if none fits."""
    cells = [one for one in prompt.figures if one.in_table]
    if cells:
        found = _from_table(prompt.asked, cells)
        wanted = slots(prompt.asked)
        if _selects(prompt.asked) and found:
            return found
        near = nearest_cells(prompt.asked, cells, wanted, found)
        if len(wanted) == 1 and near:
            return near
        if found and (len(found) <= len(wanted) or _all_named(found, prompt.asked)):
            return found
        return near or found
    texts = [one for one in prompt.figures if not one.in_table]
    return from_text(prompt.asked, texts) if texts else []


def named(one: Given, asked: str) -> str:
    """A figure with the words that say of what and of when it is."""
    name = one.name.replace(LEVELS, " ")
    words = [w for w in (one.row, name) if w] if one.in_table else [name or one.after]
    label = " ".join(dict.fromkeys(words))[-40:].strip(" ,，、:：")
    label = re.sub(r"(?:分别)?(?:为|是|达到?)$", "", label)
    when = next((p.text for p in find_periods(asked) if fits(one, [p.period.label])), "")
    label = label if when in label else f"{when}{label}"
    return f"{label}为{one.shown}" if label else one.shown


def _from_table(asked: str, cells: Sequence[Given]) -> list[Given]:
    own = [one for one in cells if fits(one, asked_periods(asked))] or list(cells)
    rowed, rest = _rows(asked, own)
    own = rowed or own
    if (chosen := _selected(asked, rest, own)) is not None:
        return chosen
    own = _columns(rest, own)
    if not rowed and len({one.keys for one in own}) > 1:
        own = _near_rows(rest, own)
    return own if len(own) <= 8 else []


def _selects(asked: str) -> bool:
    return bool(EXTREME.search(asked) or _condition(asked) or re.search("分别|各|哪些", asked))


def _all_named(found: Sequence[Given], asked: str) -> bool:
    """True if the question names the row and the column of every cell in full."""
    return all(
        share(one.name, asked) >= 1 and any(_stands(k, asked) for k in one.keys) for one in found
    )


def nearest_cells(
    asked: str, cells: Sequence[Given], wanted: Sequence[Slot], found: Sequence[Given]
) -> list[Given]:
    """For each slot the cell whose row and column together are nearest to it; of ties one found."""
    rows = _Axis({" ".join(one.keys) for one in cells})
    columns = _Axis({one.name for one in cells})
    chosen: list[Given] = []
    for slot in wanted:
        words = f"{slot.context} {slot.whole}"
        periods = asked_periods(words) or asked_periods(asked)
        scored = []
        for one in cells:
            near = rows.near(one.row, words) + columns.near(one.name, words)
            near += max((0.5 + len(p) / 100 for p in periods if fits(one, [p])), default=0.0)
            near += 0.01 * share(one.name, words) + 0.05 * (one in found)
            scored.append((round(near, 4), -one.place, one))
        best = max(scored, key=lambda s: s[:2])
        if best[0] >= _LEAST and best[2] not in chosen:
            chosen.append(best[2])
    return chosen


class _Axis:
    """The labels of one axis of a table: how near each is to words, its rare pairs counted most."""

    def __init__(self, labels: set[str]) -> None:
        self._count = len(labels)
        self._held: dict[str, int] = {}
        for label in labels:
            for pair in set(pairs_of(without_periods(label))):
                self._held[pair] = self._held.get(pair, 0) + 1

    def near(self, label: str, words: str) -> float:
        own = set(pairs_of(without_periods(label)))
        weights = {pair: math.log(1 + self._count / self._held[pair]) for pair in own}
        whole = sum(weights.values())
        return sum(w for pair, w in weights.items() if pair in words) / whole if whole else 0.0


def _rows(asked: str, own: Sequence[Given]) -> tuple[list[Given], str]:
    """The cells whose row the question names in full, and the question without these names."""
    left, rest, any_named = list(own), asked, False
    for at in range(max(len(one.keys) for one in own)):
        values = {one.keys[at] for one in left if len(one.keys) > at}
        full = {v for v in values if _stands(v, asked)}
        full = {a for a in full if not any(a != b and a in b for b in full)}
        if full:
            left = [one for one in left if len(one.keys) > at and one.keys[at] in full]
            any_named = True
            for value in full:
                rest = rest.replace(value, " ")
    return (left if any_named else []), without_periods(rest)


def _stands(value: str, asked: str) -> bool:
    bare = re.sub(r"\s", "", value)
    if len(bare) < 2 or find_periods(value):
        return False
    return bare in re.sub(r"\s", "", asked) or (bool(_CODE.fullmatch(bare)) and bare[:6] in asked)


_CODE = re.compile(r"\d{6}\.\w+")


def _near_rows(rest: str, own: Sequence[Given]) -> list[Given]:
    """The cells of the row whose name is nearest to what is left of the question."""
    chosen: list[tuple[str, ...]] = []
    keys = list(dict.fromkeys(one.keys for one in own))
    for chunk in _chunks(rest):
        scored = sorted(((likeness(chunk, " ".join(k)), k) for k in keys), reverse=True)
        tie = len(scored) > 1 and scored[1][0] == scored[0][0]
        if scored[0][0] >= NEAR and not tie and scored[0][1] not in chosen:
            chosen.append(scored[0][1])
    return [one for one in own if one.keys in chosen]


def _chunks(rest: str) -> list[str]:
    pieces = re.split(r"[、,，和与及以;；?？]|其中|分别|并|多少|哪", rest)
    return [p for p in pieces if pairs_of(_FILLER.sub("", p))]


_FILLER = re.compile(
    "多少|请|回答|分别|年份?|公司|数据|情况|是|为|的|几|各|什么|金额为|给出|正确|选项|一[年个家只类]|该|中"
)


def _columns(rest: str, own: Sequence[Given]) -> list[Given]:
    """The cells of the columns that the pieces of the question name."""
    names = list(dict.fromkeys(one.name for one in own))
    if len({without_periods(name).strip() for name in names}) == 1:
        return list(own)
    chosen: list[str] = []
    for chunk in _chunks(rest):
        scores = {name: _column_score(chunk, name) for name in names}
        best = max(scores.values())
        near = [name for name in names if scores[name] == best >= 0.34]
        group = chosen[-1].split(LEVELS)[0] if chosen else ""
        same = [name for name in near if group and name.split(LEVELS)[0] == group]
        near = same or near
        if len(near) == 1 or (
            near and len({n.split(LEVELS)[-1] for n in near}) == 1 and not chosen
        ):
            chosen += [name for name in near if name not in chosen]
    if not chosen:
        full = [name for name in names if share(name, rest) >= 1]
        chosen = [a for a in full if not any(a != b and a in b for b in full)]
    return sorted(
        (one for one in own if one.name in chosen), key=lambda one: chosen.index(one.name)
    ) if chosen else list(own)  # fmt: skip


def _column_score(chunk: str, name: str) -> float:
    bare = _FILLER.sub("", chunk)
    alike = likeness(bare, without_periods(name))
    inside = share(name, chunk)
    return alike + (0.5 if inside >= 1 else 0.0)


def _selected(asked: str, rest: str, own: Sequence[Given]) -> list[Given] | None:
    """Rows chosen by a condition or a rank of one column; None if the question sets neither."""
    if condition := _condition(asked):
        mark, limit, words, unit = condition
        held = _columns(words, own) if words else list(own)
        bound = limit if limit is not None else Decimal(0)
        return [one for one in held if _holds(mark, one.value, _scaled(bound, unit, one))]
    found = next(
        (
            m
            for m in EXTREME.finditer(asked)
            if m.group(1) or m.group(2) or m.group(3) or "首" in m.group() or "第一" in m.group()
        ),
        None,
    )
    if found is None or re.search(
        r"最(?:新|近|高价|低价|终|大回撤)", found.group() + asked[found.end() : found.end() + 2]
    ):
        return None
    before, behind = asked[: found.start()][-14:], asked[found.end() :]
    ordered = _columns(before, own)
    if len({one.name for one in ordered}) > 1 and len({one.keys for one in ordered}) > 1:
        ordered = _columns(behind, own)
    if len({one.name for one in ordered}) > 1 and len({one.keys for one in ordered}) > 1:
        return None
    falls = bool(found.group(3) and found.group(3) in "低小少差短慢")
    ranked = sorted(ordered, key=lambda one: one.value, reverse=not falls)
    chosen = (
        ranked[: count_of(found.group(2))]
        if found.group(2)
        else ranked[_place(found.group(1)) :][:1]
    )
    return _other_column(behind, chosen, own) or chosen


def _other_column(behind: str, chosen: Sequence[Given], own: Sequence[Given]) -> list[Given]:
    """What else of the chosen rows is asked: 规模最大的基金的份额变化."""
    keys = {one.keys for one in chosen}
    others = [one for one in own if one.keys in keys and one.name not in {c.name for c in chosen}]
    named_ones = [
        one
        for one in others
        if _column_score(behind, one.name) >= 0.5 or share(one.name, behind) >= 1
    ]
    best = max((_column_score(behind, one.name) for one in named_ones), default=0)
    return [one for one in named_ones if _column_score(behind, one.name) == best]


def _place(words: str | None) -> int:
    return count_of(words) - 1 if words else 0


_CONDITION = re.compile(
    r"(?P<words>[^,，。?？]{0,16}?)(?:为|是)?(?P<mark>超过|大于|高于|多于|不低于|不少于|低于|小于|少于|不足|不超过|为负|为正|小于0|大于0)(?P<limit>-?\d+(?:\.\d+)?)?(?P<unit>%|[万亿]?元|[万亿])?"
)


def _condition(asked: str) -> tuple[str, Decimal | None, str, str] | None:
    found = _CONDITION.search(asked)
    if not found or not re.search("哪|有几|多少[家只个]|列出|找出", asked):
        return None
    if not found["limit"] and found["mark"] not in {"为负", "为正"}:
        return None
    limit = Decimal(found["limit"]) if found["limit"] else None
    return found["mark"], limit, found["words"], found["unit"] or ""


def _scaled(limit: Decimal, unit: str, one: Given) -> Decimal:
    """A limit in the base unit: of its own unit, else of the figure's."""
    if unit == "%":
        return limit
    return based(limit, unit) if unit else limit * one.factor


def _holds(mark: str, value: Decimal, limit: Decimal) -> bool:
    if mark in {"为负", "低于", "小于", "少于", "不足", "小于0"}:
        return value < limit
    if mark in {"不低于", "不少于"}:
        return value >= limit
    return value <= limit if mark == "不超过" else value > limit


def from_text(asked: str, figures: Sequence[Given]) -> list[Given]:
    """For each slot of the question the figure whose words are nearest to it, none taken twice."""
    scorer = Scorer(figures)
    chosen: list[Given] = []
    for slot in slots(asked):
        left = [one for one in figures if one not in chosen]
        before = chosen[-1] if slot.hangs and chosen else None
        scored = sorted(
            (
                (
                    scorer.score(slot.whole, slot.context, slot.words, one) + _follows(one, before),
                    -one.place,
                    one,
                )
                for one in left
            ),
            reverse=True,
            key=lambda s: s[:2],
        )
        if not scored or scored[0][0] < _LEAST:
            continue
        best = scored[0][2]
        chosen.append(best)
        if slot.many:  # 各类出口额分别为多少: all that are said alike
            alike = [
                f
                for s, _, f in scored
                if s >= 0.55 * scored[0][0] and f.unit == best.unit and f.measure is best.measure
            ]
            chosen += sorted((f for f in alike if f is not best), key=lambda f: f.place)
        if re.search("区间|范围", asked):  # 4.2亿元至4.8亿元
            behind = [f for f in left if f.place == best.place + 1 and f.unit == best.unit]
            chosen += [
                f for f in behind if f.name.strip() in {"至", "-", "~", "到"} or "至" in f.name[-2:]
            ]
        if slot.count > 1:  # 前五大: the figures behind the first, of its kind
            alike = [f for f in left if f.place > best.place and f.unit == best.unit]
            chosen += [f for f in alike if f.measure in {best.measure, Measure.LEVEL}][
                : slot.count - 1
            ]
    return chosen


def _follows(one: Given, before: Given | None) -> float:
    """同比增长多少 behind another question asks of the figure that was found there."""
    if before is None or one.group != before.group or one.place < before.place:
        return 0.0
    return 0.4 / (one.place - before.place)
