"""How near the words of a prompt's figures are to what is asked, and of what period they are.

Stands below `given` and `given_working`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.periods import find_periods
from service.reading.given_figures import LEVELS, Given
from service.reading.measures import Measure

CAGR = re.compile("复合(?:年均?|增)|年均复合|cagr|年均增长")
GROWTH = re.compile(
    "增长率|增速|增幅|涨跌幅|涨幅|跌幅|降幅|变动率|变化率|(?:变动|变化|波动|涨跌)幅度|同比(?:增长|变动|变化|下降)(?!额|量|值|数)|环比(?:增长|变动|变化|下降)(?!额|量|值|数)|增长了?(?:多少|百分之)"
)
ASKING = re.compile("多少|几|何|分别|怎样|如何")
_IDLE = re.compile(
    "多少|分别|是|为|的|了|请|计算|同比|环比|增长率?|增速|下降|增加|减少|上升|达到?|实现|约|较|比|去年|上年|上月|[^\u4e00-\u9fffa-z]"
)
# Labels that share this much of their character pairs with the question are asked for.
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


def asked_periods(asked: str) -> list[str]:
    """The labels of the periods that the question names, in order."""
    return list(dict.fromkeys(p.period.label for p in find_periods(asked)))


def fits(one: Given, periods: Sequence[str]) -> bool:
    """True if a figure is of one of the periods; 7月 without a year is of any year's."""
    return any(a == b or (a[:1] == "Y" and b.endswith(a[4:])) for a in one.periods for b in periods)


# Asked for the first, the others will do: 下降8.3% does not say what it is compared with.
LIKE = {
    Measure.YOY: (Measure.GROWTH,),
    Measure.QOQ: (Measure.GROWTH,),
    Measure.LEVEL: (Measure.SHARE,),
}


def said(part: str, asked: str, one: Given) -> float:
    """How much of what is asked stands in the words of a figure, and of these in what is asked."""
    wanted = pairs_of(part)
    own = pairs_of(one.name)
    held = sum(1.0 if pair in own else 0.4 if pair in one.around else 0.0 for pair in wanted)
    recall = held / max(len(wanted), 1)
    precision = sum(pair in asked for pair in own) / max(len(own), 4)
    periods = asked_periods(part) or asked_periods(asked)
    dated = 0.0 if not periods or not one.periods else 0.2 if fits(one, periods) else -0.3
    return recall + 0.5 * precision + dated


def pairs_of(words: str) -> list[str]:
    """The pairs of characters of the words that carry a matter."""
    bare = [piece for piece in _IDLE.sub(" ", words).split() if piece]
    return [piece[i : i + 2] for piece in bare for i in range(max(len(piece) - 1, 1))]


def measure_asked(part: str) -> Measure:
    """What kind of figure a part of the question wants."""
    if CAGR.search(part):
        return Measure.CAGR
    if "环比" in part:
        return Measure.QOQ
    if "同比" in part or GROWTH.search(part) or re.search("较(?:上|去)年", part):
        return Measure.YOY
    return Measure.POINTS if "百分点" in part else Measure.LEVEL
