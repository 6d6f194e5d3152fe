"""What a name asks for where no formula is given: a rate of two amounts, a price, a level before.

Stands below `working`: two figures (or three), and the word for what is wanted of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from service.reading.given.items import Given, Prompt
from service.reading.given.matching import Scorer, asked_periods, fits
from service.reading.given.results import Result
from service.reading.measures import Measure
from service.reading.wording import MINUS

_PREMIUM = re.compile("溢价率|折价率|升水率|贴水率")
_RETURN = re.compile("收益率|回报率|盈亏率|盈利率|亏损率|持有期收益|涨幅|跌幅|涨跌幅")
_RATE = re.compile("率|占比|比重|比例|系数|占.{1,16}(?:多少|几)|强度|密度|程度|度$")
_PER = re.compile("人均|户均|单价|均价|每(?:股|户|人|吨|单|平|亩|台|辆|件)|平均|单位|客单价")
_PRODUCT = re.compile("总额|总价|市值|金额|总成本|总收入|应付|应收利息|利息|税额|佣金|手续费|价值")
_GAP = re.compile(
    "差|利润|毛利|顺差|逆差|净(?:额|流入|流出|增|值|买|卖)|缺口|结余|盈余|盈利|亏损|剩余|增加|减少|变动"
)
_TOTAL = re.compile("合计|总|共|两融")
_TOGETHER = re.compile("[两三四](?:市|家|地|项|者|类|大|个|省|年)|双方|合并|全部|整体|进出口")
_BEFORE = re.compile("上年|去年|上一年|上期|上月|上季|基期|同期(?=的|为|是|多少)|前一")
_AFTER = re.compile("今年|明年|下一?年|预计|次年|下月|下季")
_CHANGES = {Measure.YOY, Measure.QOQ, Measure.GROWTH}


def by_habit(prompt: Prompt) -> list[Result]:
    """The result that the word for it suggests; empty where it suggests none."""
    asked = prompt.asked
    if (grown := from_growth(prompt)) is not None:
        return [grown]
    levels = [f for f in prompt.figures if f.measure not in _CHANGES]
    if (rates := _of_rates(prompt, levels)) is not None:
        return [rates]
    if (column := _whole_column(prompt)) is not None:
        return [column]
    dated = [f for f in levels if fits(f, asked_periods(asked))]
    levels = dated if len(dated) == 2 else levels
    if (kept := _kept_account(asked, levels)) is not None:
        return [kept]
    if len(levels) > 2:
        levels = _two_named(asked, levels)
    if len(levels) != 2:
        return []
    one = of_two(asked, levels[0], levels[1])
    return [one] if one is not None else []


_ADDS = re.compile("期初|年初|新增|增加|流入|买入|收入|申购|投放|入账|到账|借入")
_TAKES = re.compile("减少|流出|卖出|支出|赎回|到期|偿还|回笼|扣除|费用|成本|处置")


def _of_rates(prompt: Prompt, levels: Sequence[Given]) -> Result | None:
    """Growth rates alone: one above the other (超额), or several years' as one (两年平均)."""
    rates = [f for f in prompt.figures if f.measure in _CHANGES and f.unit == "%"]
    if levels or len(rates) < 2:
        return None
    if re.search("平均|年均|复合", prompt.asked):
        product = Decimal(1)
        for one in rates:
            product *= 1 + one.value / 100
        value = (product ** (Decimal(1) / len(rates)) - 1) * 100
        terms = " × ".join(f"（1 + {_signed(f)}）" for f in rates)
        return Result("平均增速", f"（{terms}）^(1/{len(rates)}) {MINUS} 1", value, "%")
    if len(rates) != 2:
        return None
    first, second = rates
    working = f"{_signed(first)} {MINUS} {_signed(second)}"
    return Result("", working, first.value - second.value, "pp")


def _signed(one: Given) -> str:
    """下跌4.0% as （-4.0%）."""
    falls = one.value < 0 and not one.shown.startswith(("-", MINUS))
    return f"（-{one.shown}）" if falls else one.shown


def _whole_column(prompt: Prompt) -> Result | None:
    """An amount of a table whose rows the question does not tell apart: all of them together."""
    cells = [f for f in prompt.figures if f.in_table]
    if not cells or any(len(key) > 1 and key in prompt.asked for f in cells for key in f.keys):
        return None
    scorer = Scorer(cells)
    best = max(cells, key=lambda f: (scorer.score(prompt.asked, "", "", f), -f.place))
    own = [f for f in cells if f.name == best.name and f.group == best.group]
    if len(own) < 3 or best.unit == "%" or re.search("率|价|均|指数", best.name):
        return None
    whole = [f for f in own if re.search("合计|总计", f.row)]
    value = sum((f.value for f in own), Decimal(0)) if not whole else whole[0].value
    working = " + ".join(f.shown for f in own) if not whole else whole[0].shown
    return Result("", working, value, best.unit, best.factor)


def _kept_account(asked: str, levels: Sequence[Given]) -> Result | None:
    """期末, 余额: what was there, what came, less what went."""
    if not re.search("期末|年末|余额|结余|净|剩余|最终|总收益", asked) or len(levels) < 3:
        return None
    if len({_kind(f) for f in levels}) > 1:
        return None
    working, value = "", Decimal(0)
    for one in levels:
        tail = f"{one.row}{one.name}"[-10:]
        added = max((m.start() for m in _ADDS.finditer(tail)), default=-1)
        taken = max((m.start() for m in _TAKES.finditer(tail)), default=-1)
        takes = taken > added
        if max(added, taken) < 0:
            return None
        value += -one.value if takes else one.value
        sign = f" {MINUS} " if takes else " + "
        working += f"{sign}{one.shown}" if working or takes else one.shown
    return Result("", working, value, levels[0].unit, levels[0].factor)


def _two_named(asked: str, levels: Sequence[Given]) -> list[Given]:
    """The two figures that the question speaks of, if it speaks of two."""
    scorer = Scorer(levels)
    scored = sorted(levels, key=lambda f: (-scorer.score(asked, "", asked, f), f.place))
    near = scorer.score(asked, "", asked, scored[1])
    return sorted(scored[:2], key=lambda f: f.place) if near > 0.4 else []


def of_two(asked: str, a: Given, b: Given) -> Result | None:
    """What the word for a result makes of two figures."""
    alike = a.factor == b.factor if not (a.unit and b.unit) else _kind(a) == _kind(b)
    high, low = (a, b) if a.value >= b.value else (b, a)
    if _PREMIUM.search(asked) and alike and b.value:
        return Result("", f"{a.shown} ÷ {b.shown} {MINUS} 1", (a.value / b.value - 1) * 100, "%")
    if _RETURN.search(asked) and alike and a.unit != "%" and a.value:
        working = f"（{b.shown} {MINUS} {a.shown}） ÷ {a.shown}"
        return Result("", working, (b.value / a.value - 1) * 100, "%")
    if _PER.search(asked) and not alike and min(a.value, b.value):
        over, under = _amount_first(a, b)
        return Result("", f"{over.shown} ÷ {under.shown}", over.value / under.value, "")
    if "%" in (a.unit, b.unit) and not alike:
        base, rate = (a, b) if b.unit == "%" else (b, a)
        working = f"{base.shown} × {rate.shown}"
        return Result("", working, base.value * rate.value / 100, base.unit, base.factor)
    if _RATE.search(asked) and alike and a.unit != "%" and high.value:
        return Result("", f"{low.shown} ÷ {high.shown}", low.value / high.value * 100, "%")
    return _sum_or_gap(asked, a, b, alike)


def _sum_or_gap(asked: str, a: Given, b: Given, alike: bool) -> Result | None:
    high, low = (a, b) if a.value >= b.value else (b, a)
    if alike and _TOGETHER.search(asked) and not _TOTAL.search(f"{a.name}{b.name}"):
        return Result("", f"{a.shown} + {b.shown}", a.value + b.value, a.unit, a.factor)
    if alike and _GAP.search(asked):
        return _gap(high, low)
    if alike and _TOTAL.search(asked) and not _TOTAL.search(f"{a.name}{b.name}"):
        return Result("", f"{a.shown} + {b.shown}", a.value + b.value, a.unit, a.factor)
    if asked.rstrip("?？。").endswith("比") and alike and b.value:
        return Result("", f"{a.shown} ÷ {b.shown}", a.value / b.value, "")
    if alike and a.unit != "%":  # what is left of a whole: 进口 of 进出口 and 出口
        return _gap(high, low)
    if _PRODUCT.search(asked) and not alike:
        return Result("", f"{a.shown} × {b.shown}", a.value * b.value, "")
    return None


def _gap(high: Given, low: Given) -> Result:
    if high.unit == "%":
        return Result("", f"{high.shown} {MINUS} {low.shown}", high.value - low.value, "pp")
    working = f"{high.shown} {MINUS} {low.shown}"
    return Result("", working, high.value - low.value, high.unit, high.factor)


def _kind(one: Given) -> str:
    return re.sub("^[十百千万亿]+(?=.)", "", one.unit) or one.unit


def _amount_first(a: Given, b: Given) -> tuple[Given, Given]:
    """Money over heads, 元 over 吨: the amount stands above."""
    return (b, a) if "元" in b.unit and "元" not in a.unit else (a, b)


def from_growth(prompt: Prompt) -> Result | None:
    """A level and its growth: the level before (÷), or the one to come (×)."""
    asked = prompt.asked
    levels = [f for f in prompt.figures if f.measure is Measure.LEVEL and f.unit != "%"]
    changes = [f for f in prompt.figures if f.measure in _CHANGES and f.unit == "%"]
    if not levels or not changes:
        return None
    level = max(levels, key=lambda f: Scorer(levels).score(asked, "", asked, f))
    change = min(changes, key=lambda f: (f.group != level.group, abs(f.place - level.place - 1)))
    if len(levels) > 1 and (change.group != level.group or change.place != level.place + 1):
        return None
    periods = asked_periods(asked)
    earlier = any(p < q for p in periods for q in level.periods) or _BEFORE.search(asked)
    later = any(p > q for p in periods for q in level.periods) or _AFTER.search(asked)
    same = any(p == q for p in periods for q in level.periods)
    rate, base = change.value / 100, f"（1 + {change.shown}）"
    if change.value < 0 and not change.shown.startswith("-"):
        base = f"（1 {MINUS} {change.shown}）"
    if "增量" in asked or "增加额" in asked or "增长额" in asked or "增加了多少" in asked:
        gain = level.value - level.value / (1 + rate)
        working = f"{level.shown} {MINUS} {level.shown} ÷ {base}"
        return Result("", working, gain, level.unit, level.factor)
    if earlier and not (same and not _BEFORE.search(asked)):
        return Result(
            "", f"{level.shown} ÷ {base}", level.value / (1 + rate), level.unit, level.factor
        )
    if later and not same:
        return Result(
            "", f"{level.shown} × {base}", level.value * (1 + rate), level.unit, level.factor
        )
    return None
