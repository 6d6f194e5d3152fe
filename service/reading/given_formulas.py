"""Formulas in words (流动资产-流动负债): their terms, their value, and those that all know.

Stands below `given`; four operations, brackets and powers over decimals, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation

# Definitions that no prompt needs to repeat.
STANDARD = {
    "销售毛利率": "(营业收入-营业成本)/营业收入",
    "毛利率": "(营业收入-营业成本)/营业收入",
    "销售净利率": "净利润/营业收入",
    "净利率": "净利润/营业收入",
    "净利润率": "净利润/营业收入",
    "营业利润率": "营业利润/营业收入",
    "资产负债率": "总负债/总资产",
    "产权比率": "总负债/净资产",
    "权益乘数": "总资产/净资产",
    "流动比率": "流动资产/流动负债",
    "速动比率": "(流动资产-存货)/流动负债",
    "现金比率": "货币资金/流动负债",
    "净资产收益率": "净利润/净资产",
    "总资产收益率": "净利润/总资产",
    "总资产净利率": "净利润/总资产",
    "存货周转率": "营业成本/平均存货",
    "应收账款周转率": "营业收入/平均应收账款",
    "总资产周转率": "营业收入/总资产",
    "利息保障倍数": "息税前利润/利息费用",
    "研发费用率": "研发费用/营业收入",
    "销售费用率": "销售费用/营业收入",
    "管理费用率": "管理费用/营业收入",
    "财务费用率": "财务费用/营业收入",
    "期间费用率": "(销售费用+管理费用+财务费用)/营业收入",
    "应收账款周转天数": "365/(营业收入/平均应收账款)",
    "存货周转天数": "365/(营业成本/平均存货)",
    "股息支付率": "现金分红/净利润",
    "股息率": "每股股息/股价",
    "市盈率": "股价/每股收益",
    "市净率": "股价/每股净资产",
    "市销率": "总市值/营业收入",
    "总市值": "股价*总股本",
    "流通市值": "股价*流通股本",
    "每股收益": "净利润/总股本",
    "每股净资产": "净资产/总股本",
    "净运营资本": "流动资产-流动负债",
    "营运资金": "流动资产-流动负债",
    "换手率": "成交量/流通股本",
    "振幅": "(最高价-最低价)/昨收价",
    "不良贷款率": "不良贷款余额/贷款总额",
    "不良率": "不良贷款余额/贷款总额",
    "拨备覆盖率": "贷款损失准备/不良贷款余额",
    "存贷比": "贷款总额/存款总额",
    "净利息收入": "利息收入-利息支出",
    "转股价值": "100/转股价*股价",
    "夏普比率": "(收益率-无风险利率)/标准差",
    "自由现金流": "经营活动现金流-资本支出",
    "贸易顺差": "出口额-进口额",
    "贸易逆差": "进口额-出口额",
}
# Other words for a term; the first that the data holds is taken.
OTHER_NAMES = {
    "总负债": ("负债总额", "负债合计", "负债"),
    "总资产": ("资产总额", "资产总计", "资产合计"),
    "净资产": ("股东权益", "所有者权益", "归母权益"),
    "营业收入": ("营业总收入", "营收", "销售收入", "收入"),
    "营业成本": ("营业总成本", "销售成本", "成本"),
    "净利润": ("归母净利润", "归属于母公司股东的净利润", "净利"),
    "股价": ("收盘价", "现价", "最新价", "市价", "价格"),
    "总股本": ("股本", "股份总数", "发行股数", "股数"),
    "流通股本": ("流通股", "流通股数"),
    "每股收益": ("eps", "每股盈利"),
    "每股净资产": ("bps",),
    "总市值": ("市值",),
    "货币资金": ("现金及现金等价物", "现金"),
    "现金分红": ("分红总额", "分红", "股利"),
    "每股股息": ("每股分红", "每股派息", "每股股利", "股息"),
    "息税前利润": ("ebit",),
    "利息费用": ("利息支出",),
    "不良贷款余额": ("不良贷款",),
    "贷款损失准备": ("拨备余额", "贷款减值准备"),
    "贷款总额": ("贷款余额", "各项贷款", "贷款"),
    "存款总额": ("存款余额", "各项存款", "存款"),
    "昨收价": ("昨收", "前收盘价", "昨日收盘价"),
    "最高价": ("最高",),
    "最低价": ("最低",),
    "收益率": ("年化收益率", "回报率"),
    "经营活动现金流": ("经营活动产生的现金流量净额", "经营现金流"),
    "出口额": ("出口",),
    "进口额": ("进口",),
}
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?%?|[-+*/()^]|[^\s\d\-+*/()^][^\s\-+*/()^]*)")
_SIGNS = str.maketrans("（）×÷−＋－＊／[]【】", "()*/-+-*/()()")


@dataclass(frozen=True, slots=True)
class Term:
    """A named quantity of a formula."""

    name: str


def terms_of(formula: str) -> list[Term]:
    """The named quantities, once each, in order."""
    words = [t for t in _tokens(formula) if not re.match(r"[\d\-+*/()^]", t)]
    return [Term(word) for word in dict.fromkeys(words)]


def evaluate(formula: str, held: Mapping[str, Decimal]) -> Decimal | None:
    """The value with the terms put in; None if it is no formula."""
    parser = _Parser(_tokens(formula), held)
    try:
        value = parser.total()
    except (InvalidOperation, DivisionByZero, IndexError, KeyError, ZeroDivisionError):
        return None
    return None if parser.rest else value


def _tokens(formula: str) -> list[str]:
    plain = formula.translate(_SIGNS)
    return [found[1] for found in _TOKEN.finditer(plain)]


class _Parser:
    """Recursive descent, one method for each strength of binding."""

    def __init__(self, tokens: list[str], held: Mapping[str, Decimal]) -> None:
        self.rest, self.held = tokens, held

    def total(self) -> Decimal:
        value = self._product()
        while self.rest and self.rest[0] in "+-":
            value = value + self._product() if self.rest.pop(0) == "+" else value - self._product()
        return value

    def _product(self) -> Decimal:
        value = self._power()
        while self.rest and self.rest[0] in "*/":
            value = value * self._power() if self.rest.pop(0) == "*" else value / self._power()
        return value

    def _power(self) -> Decimal:
        value = self._atom()
        if self.rest and self.rest[0] == "^":
            self.rest.pop(0)
            value = value ** self._atom()
        return value

    def _atom(self) -> Decimal:
        word = self.rest.pop(0)
        if word == "-":
            return -self._atom()
        if word == "(":
            value = self.total()
            if self.rest.pop(0) != ")":
                raise InvalidOperation
            return value
        if word[0].isdigit():
            return Decimal(word.rstrip("%")) / (100 if word.endswith("%") and word != "100%" else 1)
        return self.held[word]
