"""What a table cell is by its words alone: a number, a code, a period, a unit, or text.

Used by the header rules of `corpus.table_headers`, which ask for content, never for fixed counts.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from corpus.widths import half_width


class CellKind(StrEnum):
    """What one cell is, without looking at its neighbours."""

    EMPTY = "empty"
    DASH = "dash"  # not given: -, --, N/A
    NUMBER = "number"  # 1,280.51, -3.2%, >20%, 10%—20%
    CODE = "code"  # 300418, 002605.SZ
    PERIOD = "period"  # 2024E, 2022, 2023Q1, 2024-02-29
    UNIT = "unit"  # (亿元), 元/股
    TEXT = "text"


# Units as tables print them. A currency or count word, an optional scale, an optional "per".
_SCALE = r"(?:[十百千万亿]|百万|千万|十亿|万亿)?"
_CURRENCY = r"(?:人民币|港|美|欧|日|新台|台|英)?(?:元|币)|RMB|CNY|USD|HKD|欧元|日元|英镑|韩元"
_COUNT = (
    r"股|份|手|吨|公斤|千克|克|台|套|辆|件|片|颗|只|条|瓶|盒|支|箱|家|个|户|人|人次|次|名"
    r"|平方米|平米|亩"
    r"|公里|千米|米|升|桶|千瓦时|千瓦|度|天|月|年|日|倍|点|单|部|座|间|张|块|头"
    r"|mm|cm|km|kg|mg|ml|kwh|mwh|gwh|twh|kw|mw|gw|mb|gb|tb|nm|英寸|寸"
)
_ONE = (
    rf"(?:{_SCALE}(?:{_CURRENCY})|{_SCALE}(?:{_COUNT})"
    r"|[百千万亿]|百万|千万|pct|pcts|pp|bps?|x|%|‰|％)"
)
UNIT_WORD = rf"{_ONE}(?:/{_ONE})?"
_UNIT = re.compile(
    rf"(?:单位[:：]?)?[(（\[【]?\s*(?:人民币\s*)?({UNIT_WORD})\s*[)）\]】]?", re.IGNORECASE
)

_SIGN = r"[<>≥≤≧≦≈~+±]?\s*[-+−–]?\s*[$¥￥]?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_BEHIND = rf"(?:\s*(?:{UNIT_WORD}))?"
_PLAIN = rf"{_SIGN}(?:{_DIGITS}){_BEHIND}"
_NUMBER = re.compile(
    rf"(?:{_PLAIN}(?:\s*(?:[-~—–至到]|—{{2}})\s*{_PLAIN})?(?:以上|以下|以内)?|\({_DIGITS}%?\))"
    r"[*#]?",
    re.IGNORECASE,
)
_DASH = re.compile(r"[-—–−/]+|n/?a\.?|n\.a\.?|nm|不适用|#N/A|nan|null", re.IGNORECASE)
_CODE = re.compile(
    r"\d{6}(?:\.?(?:SZ|SH|BJ|SS|OF|OC|NQ|XSHE|XSHG))?|(?:SH|SZ|BJ|HK)[.:]?\d{5,6}"
    r"|(?:\d{1,6}|[A-Z]{1,5})\s(?:HK|CH|US|JP|TT|KS|LN|GR|FP|SP)(?:\s*Equity)?|\d{1,5}\.?HK|[A-Z]{1,5}\.(?:O|N|US|OQ|A|NASDAQ|NYSE|L|T|KS|TW)",
    re.IGNORECASE,
)
_YEAR = r"(?:FY|CY)?(?:19|20)\d{2}"
_PERIOD = re.compile(
    rf"{_YEAR}\s*(?:年度?|年报|年末|年底)?\s*(?:[AEFP]|\([AEF]\)|实际|预测|预计|预估)?"
    rf"|(?:FY)?'?\d{{2}}\s*[AEF]|FY\d{{2}}"
    rf"|(?:FY)?(?:(?:19|20)?\d{{2}})(?:年)?\s*[-/.]?\s*(?:[1-4]?Q[1-4]?|[12]?H[12]?)\s*[AEF]?"
    rf"|[1-4]Q\s*'?(?:(?:19|20)?\d{{2}})?\s*[AEF]?|[12]H\s*'?(?:(?:19|20)?\d{{2}})\s*[AEF]?|Q[1-4]"
    rf"|{_YEAR}\s*[-/.年]\s*\d{{1,2}}\s*(?:[-/.月]\s*\d{{1,2}}\s*日?|月)?"
    rf"|{_YEAR}\s*年?\s*(?:第?[一二三四1-4]季度?|前三季度|上半年|下半年|中报|三季报|一季报"
    rf"|半年报|年报)"
    rf"|{_YEAR}\s*年?\s*1?\d\s*[-~—–]\s*1?\d\s*月|{_YEAR}\s*[-~—–]\s*{_YEAR}\s*[AEF]?"
    rf"|\d{{1,2}}月(?:\d{{1,2}}日)?",
    re.IGNORECASE,
)
_BRACKETED_UNIT = re.compile(
    rf"[(（\[【]\s*(?:单位[:：]?\s*)?({UNIT_WORD})\s*[)）\]】]", re.IGNORECASE
)
_TAIL_UNIT = re.compile(rf"[/,，:：、]\s*({UNIT_WORD})\s*\Z", re.IGNORECASE)
_STATED_UNIT = re.compile(
    r"(?:金额|计量|货币)?单位\s*[:：为]?\s*(?:均?为)?\s*"
    rf"({UNIT_WORD}|人民币{UNIT_WORD})(?![\u4e00-\u9fff])",
    re.IGNORECASE,
)

RATING_WORDS = frozenset(
    [
        "BUY",
        "Buy",
        "HOLD",
        "Hold",
        "SELL",
        "Sell",
        "Outperform",
        "OUTPERFORM",
        "Overweight",
        "OVERWEIGHT",
        "Underperform",
        "Underweight",
        "买入",
        "增持",
        "中性",
        "减持",
        "卖出",
        "推荐",
        "强烈推荐",
        "谨慎推荐",
        "审慎推荐",
        "审慎增持",
        "谨慎增持",
        "强推",
        "强买",
        "强力买入",
        "强烈买入",
        "持有",
        "回避",
        "看好",
        "看淡",
        "看平",
        "优于大市",
        "优于大势",
        "同步大势",
        "落后大势",
        "弱于大市",
        "同步大市",
        "大市同步",
        "落后大市",
        "跑赢行业",
        "跑输行业",
        "跑赢大市",
        "跑输大市",
        "与大市同步",
        "领先大市",
        "标配",
        "超配",
        "低配",
        "高配",
        "沽出",
        "区间操作",
        "观望",
        "暂无评级",
        "未评级",
        "无评级",
        "强于大市",
        "弱于市场",
        "强于市场",
        "同步市场",
        "积极",
        "消极",
        "优异",
        "收集",
        "增持-A",
        "买入-A",
        "买入-B",
        "增持-B",
        "中立",
        "首次覆盖",
        "不评级",
    ]
)


@lru_cache(maxsize=8192)
def kind_of(text: str) -> CellKind:
    """The kind of a stripped cell text. A bare year counts as a period here."""
    if not text:
        return CellKind.EMPTY
    if len(text) > 40:
        return CellKind.TEXT
    plain = half_width(text)
    if _DASH.fullmatch(plain):
        return CellKind.DASH
    if _PERIOD.fullmatch(plain):
        return CellKind.PERIOD
    if _CODE.fullmatch(plain):
        return CellKind.CODE
    if _NUMBER.fullmatch(plain):
        return CellKind.NUMBER
    return CellKind.UNIT if _UNIT.fullmatch(plain) else CellKind.TEXT


def unit_in(header: str) -> str | None:
    """The unit that one header cell states: `EPS (元/股)` → 元/股, `(亿元)` → 亿元, else None."""
    plain = half_width(header)
    brackets = list(_BRACKETED_UNIT.finditer(plain))  # the last is the unit: 收入(调整后)(亿元)
    found = brackets[-1] if brackets else None
    found = found or _UNIT.fullmatch(plain) or _TAIL_UNIT.search(plain)
    return header[found.start(1) : found.end(1)] if found else None


def stated_unit(text: str) -> str | None:
    """The unit that a caption states for a whole table: 单位：百万元, （亿元）; else None."""
    plain = half_width(text)
    found = _STATED_UNIT.search(plain) or _BRACKETED_UNIT.search(plain)
    return text[found.start(1) : found.end(1)] if found else None
