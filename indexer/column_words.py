"""Words of a column that name no subject: 本期, 新预测, 差异, 占比, 近三月.

Stands under `facts`: where rows are metrics, these say which of the metric's figures a column
holds; a column of companies or segments has other words.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class ColumnKind(Enum):
    """What the own words of a column make of a row's metric."""

    PLAIN = auto()  # 本期, 金额, 新预测: the metric itself
    BEFORE = auto()  # 上年同期: the metric a year before the report's period
    OTHER = auto()  # 前预测, 差异, 占比, 近三月: another figure, named by both words
    CHANGE = auto()  # 比上年同期增减: its growth
    SUBJECT = auto()  # anything else names whom the column is about


_PLAIN = re.compile(
    r"本报告期末?|报告期末?|本期发生额|本年发生额|期末账面价值|账面价值|本期(?:数|金额)?|本年度?|金额|数额|数值|数量|最新|当前|目前|实际值?|预测值?|新预测|最新预测|现预测|调整后|本次"
    r"|全年|合计|总计|期末(?:余额|数)?|本期末|公司"
)
_BEFORE = re.compile(r"上年同期|去年同期|上期发生额|上年发生额|上期(?:数|金额)?|上年度?|同期")
_CHANGE = re.compile(
    r"(?:本报告期|本期)?(?:末)?(?:比|较)(?:上年|去年)?(?:同期|度末|末)?(?:的)?(?:增减|增长|变动|变化)?(?:变动)?(?:幅度|比例|率)?(?:\(%\))?"
    r"|同比(?:增减|增长|变动|变化)?(?:幅度|比例|率)?(?:\(%\))?|增减(?:变动)?(?:幅度|比例|率)?|yoy|增长率|增速"
)
_OTHER = re.compile(
    r"(?:前|旧|原|前次|上次)预测|前值|上次|调整前|差异|变动|变化|调整幅度|变动幅度|幅度|上调幅度|占比|比例|比重|占收入比重?|环比|市场预期|一致预期|wind一致预期"
    r"|预期差|\d{1,2}[mwdy]|近?[一二三四五六七八九十\d]+个?(?:月|周|年|日|季度)|ytd|年初至今|年初以来|上?本?[周月]|期初(?:余额|数)?|比重增减|占.{1,8}(?:比重|比例|比)|.{0,16}(?:金额|余额|发生额|次数|面值|账面值)"
)


def kind_of_column(words: str) -> ColumnKind:
    """What the folded words of a column mean where rows are metrics."""
    for pattern, kind in _KINDS:
        if pattern.fullmatch(words):
            return kind
    return ColumnKind.SUBJECT


_KINDS = (
    (_PLAIN, ColumnKind.PLAIN),
    (_BEFORE, ColumnKind.BEFORE),
    (_CHANGE, ColumnKind.CHANGE),
    (_OTHER, ColumnKind.OTHER),
)
