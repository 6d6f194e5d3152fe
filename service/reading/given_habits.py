"""What a name asks for where no formula is given: a rate of two amounts, a price, a level before.

Stands below `given_working`: two figures (or three), and the word for what is wanted of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from service.reading.given_figures import Given, Prompt
from service.reading.given_matching import asked_periods, fits, said
from service.reading.measures import Measure
from service.reading.wording import MINUS, plain, rounded

_PREMIUM = re.compile("溢价率|折价率|升水率|贴水率")
_RETURN = re.compile("收益率|回报率|盈亏率|盈利率|亏损率|持有期收益")
_RATE = re.compile("率|占比|比重|比例|占.{1,16}(?:多少|几)")
_PER = re.compile("人均|户均|单价|均价|每(?:股|户|人|吨|单|平|亩|台|辆|件)|平均")
_PRODUCT = re.compile("总额|总价|市值|金额|总成本|总收入|应付|应收利息|利息|税额|佣金|手续费")
_GAP = re.compile("差|净(?:额|流入|流出|增|值|买|卖)|缺口|结余|盈余|盈利|亏损|剩余|增加|减少|变动")
_BEFORE = re.compile("上年|去年|上一年|上期|上月|基期|同期(?=的|为|是|多少)")
_AFTER = re.compile("今年|明年|下一年|预计")
_CHANGES = {Measure.YOY, Measure.QOQ, Measure.GROWTH}


def by_habit(prompt: Prompt, digits: int) -> str | None:
    """The result that the word for it suggests; None where it suggests none."""
    asked = prompt.asked
    grown = _from_growth(prompt, digits)
    if grown is not None:
        return grown
    levels = [f for f in prompt.figures if f.measure not in _CHANGES]
    dated = [f for f in levels if fits(f, asked_periods(asked))]
    levels = dated if len(dated) == 2 else levels
    if len(levels) > 2 and _RATE.search(asked) and (share := _share_of_all(asked, levels, digits)):
        return share
    if len(levels) > 2:
        levels = _two_named(asked, levels)
    if len(levels) != 2:
        return None
    return _of_two(asked, levels[0], levels[1], digits)


def _two_named(asked: str, levels: Sequence[Given]) -> list[Given]:
    """The two figures that the question speaks of, if it speaks of two."""
    scored = sorted(levels, key=lambda f: (-said(asked, asked, f), f.place))
    return sorted(scored[:2], key=lambda f: f.place) if said(asked, asked, scored[1]) > 0.4 else []


def _share_of_all(asked: str, levels: Sequence[Given], digits: int) -> str | None:
    """One named figure of several that make a whole together."""
    if len({f.unit for f in levels}) > 1 or any(
        re.search("总|合计|全部|共", f.name) for f in levels
    ):
        return None
    best = max(levels, key=lambda f: said(asked, asked, f))
    whole = sum((f.value for f in levels), Decimal(0))
    terms = " + ".join(f.shown for f in levels)
    rate = plain(rounded(best.value / whole * 100, digits)) if whole else ""
    return f"{best.shown} ÷ （{terms}） = {rate}%" if whole else None


def _of_two(asked: str, a: Given, b: Given, digits: int) -> str | None:
    alike = a.unit == b.unit
    high, low = (a, b) if a.value >= b.value else (b, a)
    if _PREMIUM.search(asked) and alike and b.value:
        rate = rounded((a.value / b.value - 1) * 100, digits)
        return f"{a.shown} ÷ {b.shown} {MINUS} 1 = {plain(rate)}%"
    if _RETURN.search(asked) and alike and a.unit != "%" and a.value:
        rate = rounded((b.value / a.value - 1) * 100, digits)
        return f"（{b.shown} {MINUS} {a.shown}） ÷ {a.shown} = {plain(rate)}%"
    if _PER.search(asked) and not alike and min(a.value, b.value):
        over, under = _amount_first(a, b)
        return f"{over.shown} ÷ {under.shown} = {plain(rounded(over.value / under.value, digits))}"
    if "%" in (a.unit, b.unit) and not alike:
        base, rate_of = (a, b) if b.unit == "%" else (b, a)
        part = scaled(base, base.value * rate_of.value / 100, digits)
        return f"{base.shown} × {rate_of.shown} = {part}"
    if _RATE.search(asked) and alike and a.unit != "%" and high.value:
        rate = rounded(low.value / high.value * 100, digits)
        return f"{low.shown} ÷ {high.shown} = {plain(rate)}%"
    if _GAP.search(asked) and alike:
        return f"{high.shown} {MINUS} {low.shown} = {scaled(high, high.value - low.value, digits)}"
    if asked.rstrip("?？。").endswith("比") and alike and b.value:
        return f"{a.shown} ÷ {b.shown} = {plain(rounded(a.value / b.value, digits))}"
    if alike and a.unit != "%":  # what is left of a whole: 进口 of 进出口 and 出口
        return f"{high.shown} {MINUS} {low.shown} = {scaled(high, high.value - low.value, digits)}"
    if _PRODUCT.search(asked) and not alike:
        return f"{a.shown} × {b.shown} = {plain(rounded(a.value * b.value, digits))}"
    return None


def _amount_first(a: Given, b: Given) -> tuple[Given, Given]:
    """Money over heads, 元 over 吨: the amount stands above."""
    return (b, a) if "元" in b.unit and "元" not in a.unit else (a, b)


def _from_growth(prompt: Prompt, digits: int) -> str | None:
    """A level and its growth: the level before (÷), or the one to come (×)."""
    changes = [f for f in prompt.figures if f.measure in _CHANGES]
    levels = [f for f in prompt.figures if f.measure is Measure.LEVEL]
    if len(changes) != 1 or len(levels) != 1 or levels[0].unit == "%":
        return None
    level, rate = levels[0], changes[0].value / 100
    if "增量" in prompt.asked or "增加额" in prompt.asked:
        gain = level.value - level.value / (1 + rate)
        told = scaled(level, gain, digits)
        return f"{level.shown} {MINUS} {level.shown} ÷ （1 + {changes[0].shown}） = {told}"
    periods = asked_periods(prompt.asked)
    earlier = any(p < q for p in periods for q in level.periods) or _BEFORE.search(prompt.asked)
    later = any(p > q for p in periods for q in level.periods) or re.search(
        "今年|明年|下一年|预计", prompt.asked
    )
    if earlier:
        value = level.value / (1 + rate)
        return f"{level.shown} ÷ （1 + {changes[0].shown}） = {scaled(level, value, digits)}"
    if later:
        value = level.value * (1 + rate)
        return f"{level.shown} × （1 + {changes[0].shown}） = {scaled(level, value, digits)}"
    return None


def scaled(like: Given, value: Decimal, digits: int) -> str:
    """A result in the unit of the figure that it came from (亿元, 万吨); of rates, in points."""
    if like.unit == "%":
        return f"{plain(value)}个百分点"
    number = re.match(r"[-+]?[\d,]+(?:\.\d+)?", like.shown)
    printed = Decimal(number.group().replace(",", "")) if number else like.value
    scale = abs(like.value / printed) if printed else Decimal(1)
    return f"{plain(rounded(value / scale, digits))}{like.unit}"
