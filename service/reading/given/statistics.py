"""Measures of a whole column: range, median, deviation, weighted mean, change over the stretch.

Stands below `working`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from service.reading.given.items import Given, Prompt
from service.reading.given.matching import Scorer
from service.reading.given.results import Result, growth
from service.reading.measures import Measure
from service.reading.wording import MINUS

_KINDS = re.compile(
    "极差|中位数|标准差|方差|加权平均|区间涨跌幅|区间涨幅|累计涨跌幅|累计涨幅|期间涨跌幅|最大值与最小值之差"
)
_WEIGHTS = re.compile("权重|占比|比例|数量|份额|手数|成交量|股数|销量|规模|余额|面积|金额")


def statistics(prompt: Prompt) -> list[Result]:
    """The measure that the question names, over the column that it names; empty without one."""
    if (mixed := _mixed(prompt)) is not None:
        return [mixed]
    found = _KINDS.search(prompt.asked)
    if found is None or any(found.group() in f"{f.row}{f.name}" for f in prompt.figures):
        return []
    own = _column(prompt, prompt.asked.replace(found.group(), " "))
    if len(own) < 2:
        return []
    if found.group() == "加权平均":
        return _weighted(prompt, own)
    one = _WAYS.get(found.group()[:2], _stretch)(own)
    return [one] if one is not None else []


def _mixed(prompt: Prompt) -> Result | None:
    """股票占60%，收益率为10%；…: what parts of a whole yield together."""
    shares = [f for f in prompt.figures if f.measure is Measure.SHARE and not f.in_table]
    rates = [f for f in prompt.figures if f not in shares]
    if not re.search("组合|加权", prompt.asked) or len(shares) < 2 or len(shares) != len(rates):
        return None
    if any(f.unit != "%" for f in rates) or sum(f.value for f in shares) != 100:
        return None
    value = sum((a.value * b.value / 100 for a, b in zip(shares, rates, strict=True)), Decimal(0))
    terms = " + ".join(f"{a.shown} × {b.shown}" for a, b in zip(shares, rates, strict=True))
    return Result("加权平均", terms, value, "%")


def _column(prompt: Prompt, asked: str) -> list[Given]:
    """All figures of the kind that is asked about, as they stand."""
    levels = [f for f in prompt.figures if f.measure in {Measure.LEVEL, Measure.SHARE}]
    if not levels:
        return []
    scorer = Scorer(levels)
    best = max(
        levels,
        key=lambda f: (scorer.score(asked, "", "", f), not _WEIGHTS.search(f.name), -f.place),
    )
    if best.in_table:
        down = [f for f in levels if f.name == best.name and f.group == best.group]
        return down if len(down) > 1 else [f for f in levels if f.keys == best.keys]
    return [f for f in levels if f.unit == best.unit]


def _range(own: Sequence[Given]) -> Result:
    high, low = max(own, key=lambda f: f.value), min(own, key=lambda f: f.value)
    return Result(
        "极差", f"{high.shown} {MINUS} {low.shown}", high.value - low.value, high.unit, high.factor
    )


def _median(own: Sequence[Given]) -> Result:
    ranked = sorted(own, key=lambda f: f.value)
    half = len(ranked) // 2
    middle = ranked[half : half + 1] if len(ranked) % 2 else ranked[half - 1 : half + 1]
    value = sum((f.value for f in middle), Decimal(0)) / len(middle)
    shown = (
        middle[0].shown if len(middle) == 1 else f"（{middle[0].shown} + {middle[1].shown}） ÷ 2"
    )
    return Result("中位数", shown, value, own[0].unit, own[0].factor)


def _variance(own: Sequence[Given]) -> Result:
    value = _spread(own)
    return Result("样本方差", f"{len(own)}个数的离差平方和 ÷ {len(own) - 1}", value, "")


def _deviation(own: Sequence[Given]) -> Result:
    value = _spread(own).sqrt()
    words = f"√（{len(own)}个数的离差平方和 ÷ {len(own) - 1}）"
    return Result("样本标准差", words, value * own[0].factor, own[0].unit, own[0].factor)


def _spread(own: Sequence[Given]) -> Decimal:
    values = [f.value / f.factor for f in own]
    mean = sum(values, Decimal(0)) / len(values)
    return sum(((v - mean) ** 2 for v in values), Decimal(0)) / (len(values) - 1)


def _stretch(own: Sequence[Given]) -> Result | None:
    """From the earliest to the latest of a column."""
    dated = sorted(own, key=lambda f: f.periods[-1:]) if all(f.periods for f in own) else list(own)
    first, last = dated[0], dated[-1]
    return growth("涨跌幅", (first.value, first.shown), (last.value, last.shown))


_WAYS: dict[str, Callable[[Sequence[Given]], Result | None]] = {
    "极差": _range, "最大": _range, "中位": _median, "标准": _deviation, "方差": _variance,
}  # fmt: skip


def _weighted(prompt: Prompt, own: Sequence[Given]) -> list[Result]:
    """Each figure of the column times the weight in its row, over all weights."""
    beside = [f for f in prompt.figures if f.in_table and f.name != own[0].name]
    weights = {f.keys: f for f in beside if _WEIGHTS.search(f.name)}
    pairs = [(one, weights[one.keys]) for one in own if one.keys in weights]
    whole = sum((w.value for _, w in pairs), Decimal(0))
    if len(pairs) < 2 or not whole:
        return []
    value = sum((one.value * w.value for one, w in pairs), Decimal(0)) / whole
    terms = " + ".join(f"{one.shown} × {w.shown}" for one, w in pairs)
    over = " + ".join(w.shown for _, w in pairs)
    return [Result("加权平均", f"（{terms}） ÷ （{over}）", value, own[0].unit, own[0].factor)]
