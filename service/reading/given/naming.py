"""How surely the words of a figure name a quantity, and what speaks against it by its kind.

Stands below `binding`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from corpus.periods import find_periods
from service.reading.given.items import LEVELS, Given
from service.reading.given.matching import pairs_of
from service.reading.measures import Measure

CHANGES = {Measure.YOY, Measure.QOQ, Measure.GROWTH, Measure.CAGR, Measure.POINTS}
# What may stand between the name of a quantity and its figure.
_BEHIND = re.compile(
    r"(?:为|是|由|从|自|(?:上升|下降|增加|减少|增长|提高|降低)(?:至|到)|达到?|到|约|共|计|合计|总额|总计|余额|金额|净额|数额?|有|仅|高达|于|当前|期末|年末|期初|年初|年均|[:：=|]|人民币|分别|报|收|实现|水平|数量|规模|价格?|率|均|至|的|仅为"
    r"|ttm|合计数|[a-z]{1,6}|[(（].*[)）]|\d+|\s|占比)*"
)
RATE = re.compile(r"(?:率|增速|占比|比例|比重|折扣|利差|溢价)$")
COUNTED = re.compile("汇率|周转|倍|流动比率|速动比率|现金比率|产权比率|市盈率|市净率|市销率|市现率")
_OTHER_KIND = re.compile(
    r"(?:非|扣非|扣非后|归母|少数股东|流动|长期|短期|固定|无形|每股|其他|单位|平均|净|不良|加权|利息|综合|核心|研发|人均|户均|期间|营业外|应付|预收|预付|融资|海外|境外)$"
)


def named_by(word: str, one: Given) -> float:
    """How surely the words of a figure name a quantity, in [0, 1]."""
    labels: Iterable[str] = (one.name, *one.keys) if one.in_table else (one.name,)
    if one.in_table and len(one.keys) > 0:
        labels = (*labels, one.keys[0] + one.name)
    if one.measure in CHANGES:
        labels = [*labels, *(_CHANGED.sub("", label) for label in labels)]
    best = max(_fit(word, label) for label in labels)
    if not one.in_table and one.after.startswith(word) and len(word) > 1:
        return max(best, 0.8)
    return best


_CHANGED = re.compile(r"(?:同比|环比|增速|增长率?|下降|上升|上涨|下跌|涨幅|跌幅|增幅|降幅|\s)+$")


def _undated(label: str) -> str:
    """The label without its periods; 实际 and 预测 behind a year may belong to the name."""
    spans = sorted({(p.start, p.end) for p in find_periods(label)}, reverse=True)
    for start, end in spans:
        kind = re.search("(?:实际|预测|预计)$", label[start:end])
        label = label[:start] + (kind.group() if kind else "") + label[end:]
    return label


def _fit(word: str, label: str) -> float:
    plain = re.sub(r"[\s|、,，()（）\"“”\[\]]", "", _undated(label))
    at = plain.rfind(word)
    if at < 0:
        return 0.0
    if word.isascii() and re.search(r"[a-z\d]$", plain[:at]):
        return 0.0
    before, behind = plain[:at], plain[at + len(word) :]
    score = 1.0 - 0.01 * min(len(before), 15)
    if not _BEHIND.fullmatch(behind):
        return 0.0 if len(behind) > 12 else 0.4
    if behind.startswith(("率", "价", "占比")):
        score -= 0.4
    if _OTHER_KIND.search(before):
        score -= 0.6 if before.endswith("非") else 0.22
    return score


_COUNT = re.compile("(?:股本|股数|数量|份额|成交量|手数|销量|产量|面积|人口|人数)$")
_PRICE = re.compile("(?:价|价格|均价|单价)$")


def unlike(term: str, one: Given) -> float:
    """What speaks against a figure by its kind: a growth for a level, an amount for a rate."""
    if (_COUNT.search(term) and "元" in one.unit) or (
        _PRICE.search(term) and re.fullmatch("[万亿]*[股手份张%]", one.unit)
    ):
        return 0.6
    rate = bool(RATE.search(term)) and not COUNTED.search(term)
    against = 0.0
    if one.measure in CHANGES and not (rate or re.search("同比|增|cpi|ppi|m[012]", term)):
        against += 0.45
    if rate and one.unit and one.unit != "%":
        against += 0.6
    if (
        not rate
        and one.unit == "%"
        and not re.search("率|收益|成本|β|cpi|ppi|增速|标准差|误差|回撤|溢价|仓位|m[12]", term)
    ):
        against += 0.4
    return against


def alike(term: str, one: Given) -> float:
    """How much of a term's characters the words of a figure hold, the nearest clause first."""
    words = f"{one.row}{one.name.replace(LEVELS, '')}"[-24:]
    bare = "".join(pairs_of(term)) or term
    return sum(ch in words for ch in set(bare)) / len(set(bare))
