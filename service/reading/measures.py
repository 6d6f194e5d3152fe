"""What a figure of running text measures: a level, a share, a growth against what.

Stands below `stated_figures`; decides by the words right before and behind the figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from corpus.figures import Figure
from corpus.widths import half_width


class Measure(StrEnum):
    """What a figure measures, by the words right before and behind it."""

    LEVEL = "level"  # 出货量2659.5万部
    YOY = "yoy"  # 同比
    QOQ = "qoq"  # 环比
    CAGR = "cagr"  # 年复合增长率
    GROWTH = "growth"  # 增长12%, compared with what is not said
    SHARE = "share"  # 占比, 份额, 渗透率
    POINTS = "points"  # 百分点: a change of a rate


_CAGR = re.compile(r"cagr|复合|年均(?:增|提|下)|年化增", re.IGNORECASE)
_QOQ = re.compile(r"环比|较上(?:一|个)?(?:季|月|周)|较前一")
_YOY = re.compile(
    r"同比|较(?:上年|去年|上一年)|比(?:上年|去年)|yoy|同期(?:相比)?(?:增|下|减)", re.IGNORECASE
)
_GROWN = re.compile(
    r"(?:增长|增加|增速|增幅|涨幅|跌幅|降幅|减幅|下降|下滑|减少|上涨|下跌|提升|提高|降低|扩大|回落|萎缩|缩减|大增|猛增)"
    r"(?:了|约|近|超过?|高?达到?|为|幅度?|率|速|仅|分别|也|均|都|均为|[\d.%、和+-])*\Z"
)
_SHARE = re.compile(r"占|份额|市占|比重|比例|渗透率|覆盖率|集中度|cr\d", re.IGNORECASE)
# 3.84亿元（+33%）: broker reports put the growth over a year in brackets.
_BRACKETED = re.compile(r"[(（]\s*(?:yoy|qoq|同比|环比)?\s*\Z", re.IGNORECASE)
# 增长至, 下降到 lead to a level, not to a change.
_TO_LEVEL = re.compile(
    r"(?:增长|增加|增|升|提升|提高|上升|下降|降|降低|减少|下滑|回落|扩大)(?:至|到)[^，,、]{0,6}\Z"
)


_PAIRED = re.compile(
    r"(同|环)比?[/、和](?:环|同)比(?:分别)?(?:增长|下降|变动|增速)?(?:为|约)?[+-]?\Z"
)


def measure_of(
    own: str, after: str, figure: Figure, earlier: Sequence[str], place: int | None
) -> Measure:
    """What the words right before a figure make of it.

    Args:
        place: of a figure in a row of two (同比/环比+12%/+5%), else None.
    """
    near = half_width(own)[-18:]
    if figure.unit in _POINTS:
        return Measure.POINTS
    if figure.unit in {"%", "‰", "倍"}:
        change = _change(near, after, figure, earlier, place)
        if change is not None:
            return change
    if figure.unit in {"%", "‰"} and (_SHARE.search(near) or _SHARE.search(after)):
        return Measure.SHARE
    return Measure.LEVEL


_POINTS = {"个百分点", "百分点", "pct", "pcts", "pp", "ppt", "ppts", "bp", "bps"}


def _change(
    near: str, after: str, figure: Figure, earlier: Sequence[str], place: int | None
) -> Measure | None:
    """The kind of change that a percentage states; None if it states none."""
    if place is not None and (paired := _PAIRED.search(near)):
        order = (Measure.YOY, Measure.QOQ)
        return order[place] if paired.group(1) == "同" else order[1 - place]
    if _CAGR.search(near) or _CAGR.search(after):
        return Measure.CAGR
    if _TO_LEVEL.search(near):
        return None
    if _QOQ.search(near):
        return Measure.QOQ
    if _YOY.search(near) or (_BRACKETED.search(near) and figure.text[0] in "+-"):
        return Measure.YOY
    if _GROWN.search(near):
        return _compared(earlier)
    if re.match(r"的?(?:同比)?(?:增速|增长|增幅)", after):
        return Measure.YOY if "同比" in after else Measure.GROWTH
    return None


def _compared(earlier: Sequence[str]) -> Measure:
    """增长12% behind 同比来看: compared as the clause before says."""
    words = half_width(earlier[0]) if earlier else ""
    if re.search(r"从?同比(?:来?看)?[,，]?\Z", words):
        return Measure.YOY
    if re.search(r"从?环比(?:来?看)?[,，]?\Z", words):
        return Measure.QOQ
    return Measure.GROWTH


_DIRECTION = re.compile(
    r"(?:增长|增加|上升|提升|提高|上涨|上调|下降|减少|下滑|降低|下跌|下调|回落|扩大|收窄|大增|大降|亏损|超过?|约|近|[+-])"
    r"(?:了|约|近|超过|超|达)?\Z"
)


def shown_direction(before: str) -> str:
    """The word of change that belongs to a figure (下降27.3%); empty if none stands there."""
    found = _DIRECTION.search(before)
    return found.group() if found else ""
