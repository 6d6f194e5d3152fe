"""How near the words of a prompt's figures are to what is asked, and of what period they are.

Stands below `lookup` and `binding`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from corpus.figures import same_dimension
from corpus.periods import find_periods, without_periods
from service.reading.given.items import LEVELS, Given
from service.reading.measures import Measure

CAGR = re.compile(
    "复合(?:年均?|增|平均)|年均复合|cagr|年均(?:增长|增速|增幅)|年复合|年平均增|平均增长率|平均增速|年化增长"
)
GROWTH = re.compile(
    "增长率|增速|增幅|涨跌幅|涨幅|跌幅|降幅|变动率|变化率|变动比率|(?:变动|变化|波动|涨跌|增长|增加|下降|减少)的?(?:幅度|百分比|比例)"
    "|(?:同比|环比)(?:增长|变动|变化|下降|增减|上升|上涨|下跌|减少|增加)?(?!额|量|值|数|多增|少增|(?:增长|变动|变化|下降|增减)(?:额|量|值|数))"
    "|(?:增长|上涨|下降|下跌|减少|增加|下滑|上升)了?(?:百分之|几个百分)"
)
ASKING = re.compile("多少|几|何|分别|怎样|如何|哪|各")
_IDLE = re.compile(
    "多少|分别|各为|各是|是|为|的|了|请问|请|回答|计算|该公司|公司|该|达到?|实现|约|去年|上年|上月|[^\u4e00-\u9fffa-z0-9βαm]"
)
NAMED, NEAR = 0.5, 0.3


def share(label: str, asked: str) -> float:
    """How much of a label the question says, in [0, 1], by pairs of characters."""
    if len(parts := label.split(LEVELS)) > 1:  # 北岭原油 结算价: a group and what stands below it
        shares = [share(part, asked) for part in parts]
        return sum(shares) if min(shares) >= 1 else min(sum(shares) / len(shares), 0.99)
    words = re.sub(r"[\s|/、,，:：]", "", label)
    if not words:
        return 0.0
    if words in re.sub(r"\s", "", asked):
        return 1.0 + len(words) / 100  # of two that stand in full, the longer is meant
    pairs = [words[i : i + 2] for i in range(len(words) - 1)] or [words]
    return sum(pair in asked for pair in pairs) / len(pairs)


def likeness(words: str, label: str) -> float:
    """How alike two names are, in [0, 1]: pairs of characters that both hold, against all."""
    mine, own = set(pairs_of(words)), set(pairs_of(label.replace(LEVELS, " ")))
    if not mine or not own:
        return 0.0
    return 2 * len(mine & own) / (len(mine) + len(own))


def asked_periods(asked: str) -> list[str]:
    """The labels of the periods that the question names, in order."""
    return list(dict.fromkeys(p.period.label for p in find_periods(asked)))


def fits(one: Given, periods: Sequence[str]) -> bool:
    """True if a figure is of one of the periods; 7月 without a year is of any year's, 2022年 is
    also said of its last day."""
    return any(_same(a, b) for a in one.periods for b in periods)


def _same(own: str, asked: str) -> bool:
    if own == asked or (own[:1] == "Y" and asked.endswith(own[3:]) and len(own) > 3):
        return True
    if asked[:1] == "Y" and own.endswith(asked[3:]) and len(asked) > 3:
        return True
    pair = {own, asked}
    return any(f"{p}-12-31" in pair or f"{p}-12" in pair for p in pair if len(p) == 4)


# Asked for the first, the others will do: 下降8.3% does not say what it is compared with.
_LIKE = {
    Measure.YOY: {Measure.GROWTH},
    Measure.QOQ: {Measure.GROWTH},
    Measure.GROWTH: {Measure.YOY, Measure.QOQ},
    Measure.LEVEL: {Measure.SHARE},
    Measure.SHARE: {Measure.LEVEL},
}


class Scorer:
    """Scores figures of one prompt against words; pairs that all figures share weigh little."""

    def __init__(self, figures: Sequence[Given]) -> None:
        self._count = max(len(figures), 1)
        self._held: dict[str, int] = {}
        self._far = [f"{one.lead} {one.wide}" for one in figures]
        for one in figures:
            for pair in set(pairs_of(f"{one.row} {one.name} {one.after}")):
                self._held[pair] = self._held.get(pair, 0) + 1

    def weight(self, pair: str) -> float:
        """Of a pair of characters: the rarer, the more; little where no figure has it."""
        if pair not in self._held and not any(pair in text for text in self._far):
            return 0.35
        return math.log(1 + self._count / max(self._held.get(pair, 0), 0.5))

    def score(self, words: str, context: str, kind: str, one: Given) -> float:
        """How well a figure answers to words asked for, its context counted less; `kind` are those
        that say its unit and what it measures."""
        label = without_periods(f"{one.row} {one.name}")
        own = pairs_of(label)
        held = whole = 0.0
        for text, factor in ((words, 1.0), (context, 0.35)):
            for pair in set(pairs_of(without_periods(text))):
                weight = factor * self.weight(pair)
                whole += weight
                held += weight * _where(pair, label, one)
        said = f"{context} {words}"
        precision = sum(pair in said for pair in own) / max(len(own), 4)
        return held / max(whole, 0.1) + 0.3 * precision + self._bonus(words, context, kind, one)

    def _bonus(self, words: str, context: str, kind: str, one: Given) -> float:
        periods = asked_periods(words) or asked_periods(context)
        dated = 0.0
        if periods and one.periods:
            dated = 0.2 if fits(one, periods) else -0.45
        wanted, unit = measure_asked(kind), asked_unit(kind)
        measured = 0.15 if wanted is one.measure and wanted is not Measure.LEVEL else 0.0
        if wanted is not one.measure:
            measured = -0.05 if one.measure in _LIKE.get(wanted, set()) else -0.2
        if unit:
            if unit == one.unit or same_dimension(unit, one.unit or None):
                measured = max(measured, 0.0) + 0.2
            else:
                measured -= 0.3
        return dated + measured


def _where(pair: str, label: str, one: Given) -> float:
    if pair in label:
        return 1.0
    if pair in one.after:
        return 0.85
    if pair in one.lead:
        return 0.45
    return 0.2 if pair in one.wide else 0.0


def pairs_of(words: str) -> list[str]:
    """The pairs of characters of the words that carry a matter."""
    bare = [piece for piece in _IDLE.sub(" ", words).split() if piece]
    return [piece[i : i + 2] for piece in bare for i in range(max(len(piece) - 1, 1))]


def measure_asked(part: str) -> Measure:
    """What kind of figure a part of the question wants."""
    if CAGR.search(part):
        return Measure.CAGR
    if "百分点" in part or "基点" in part:
        return Measure.POINTS
    if (unit := asked_unit(part)) and unit != "%":
        return Measure.LEVEL
    if re.search("环比|较上(?:月|季|个)", part):
        return Measure.QOQ
    if "同比" in part or re.search("较(?:上|去)年", part):
        return Measure.YOY
    if GROWTH.search(part) or re.search("(?:增长|上涨|下降|下跌|上升|涨|跌)了?多少", part):
        return Measure.GROWTH
    if re.search("占比|比重|占.{0,12}(?:比例|多少|百分)|份额|权重", part):
        return Measure.SHARE
    return Measure.LEVEL


_ASKED_UNIT = re.compile(
    r"(?:多少|几)(个?(?:百分点|基点)|(?:万|亿|百万|千|万亿)*(?:元|美元|港元|欧元|吨|股|家|人|户|辆|台|套|只|点|倍|次|份|千瓦时|千瓦|平方米|桶|张|手|件|部|块|颗|片)(?:/[\u4e00-\u9fff]+)?|[kmgt]w(?:h)?|[万亿])"
    r"|百分之(?:多少|几)"
)


def asked_unit(part: str) -> str:
    """The unit that the question itself says (多少亿元); empty if it says none."""
    found = _ASKED_UNIT.search(part)
    if not found:
        return ""
    return found.group(1) or "%"
