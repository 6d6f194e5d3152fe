"""What a question wants done with figures, and under which bounds: 最高, 合计, 低于20倍.

Part of `question → Query`: works on the folded question, knows nothing of names or reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Operation(StrEnum):
    """What is to be done with the figures."""

    LOOK_UP = "look_up"
    HIGHEST = "highest"
    LOWEST = "lowest"
    COUNT = "count"
    LIST = "list"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    POSITION = "position"  # 排第几
    DIFFERENCE = "difference"
    GROWTH = "growth"
    RATIO = "ratio"
    SHARE = "share"  # A 占 B 的百分之几


Comparator = str  # one of ">", "<", ">=", "<=", "=", "between"


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound on a metric: `PE < 20 倍`, or a word it must equal (`评级 = 增持`).

    Args:
        metric: the metric it bounds; None: the question's only metric.
        numbers: one bound, or two for `between`.
        unit: as asked (亿元), None if the question gives none.
    """

    metric: str | None
    comparator: Comparator
    numbers: tuple[Decimal, ...]
    unit: str | None
    word: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Wish:
    """The operation and what else the wording says.

    Args:
        count: how many are asked for (前三 → 3), else None.
        place: which one is asked for (第二大 → 2), else None.
        compare: two things are set against each other.
        yes_no: the question wants a yes or a no.
        all_brokers: every house is to be heard.
        both_ends: the highest and the lowest are asked for.
        consensus: what the houses say together (一致预期).
    """

    operation: Operation
    count: int | None
    place: int | None
    compare: bool
    yes_no: bool
    all_brokers: bool
    both_ends: bool = False
    consensus: bool = False


_HIGHEST = re.compile("最高|最大|最多|最贵|居首|排名第一|排第一|第一名|排名首位|最领先|最快")
_LOWEST = re.compile("最低|最小|最少|最便宜|垫底|倒数第一|最慢")
_TOP = re.compile(
    "(?:前|头|top)\\s*([一二两三四五六七八九十\\d]+)(?:名|家|只|个|大|位)?(?!季|年|月|日|天|次|期|后)|(?:最高|最低|最大|最小)的([一二两三四五六七八九十\\d]+)(?:家|只|个|名)"
)
_PLACE = re.compile(
    "第([二三四五六七八九十]|\\d+)(?:名|位)?(大|高|多|贵|小|低|少|便宜)|"
    "(?:排名?|位列|位居)(?:在|为)?第([二三四五六七八九十]|\\d+)"
)
_COUNT = re.compile(
    "(?:几|多少)(?:家|个(?!月|百分点|季度|小时|方面|百分)|只|支|名)|数量是多少|有多少公司|总共有多少|共有多少"
)
_LIST = re.compile("哪些|哪几|有谁|都有谁|列出|列举|名单|筛选")
_SUM = re.compile("合计|总和|之和|总计|加起来|相加|加总|一共是多少|总共是多少")
# 高于平均水平 sets a bound, 年均 is a growth rate: neither asks for a mean.
_MEAN = re.compile("(?<!于)(?<!过)平均(?!水平以上)|均值")
_MEDIAN = re.compile("中位数|中位值|中值|中位")
_POSITION = re.compile(
    "(?:排|排名|位列|位居|名列)(?:在|到)?(?:第几|多少(?:名|位))|第几(?:名|位|高|低|大|小)|名次"
)
_SHARE = re.compile(
    "占.{1,30}?(?:比例|比重|百分之几|百分比|几成|多大|多少|几个点)|的?占比(?:是|为|有)?(?:多少|几)"
)
_CONSENSUS = re.compile(
    "一致预期|一致预测|一致性预期|市场预期|市场一致|共识|"
    "(?:各家|各券商|各机构|券商们|机构们|多家券商|所有券商|卖方|两家|几家)[^,，。?？]{0,20}(?:均值|平均|中位|中值|最高.{0,6}最低|区间|范围)"
)
_DIFFERENCE = re.compile(
    "从.{1,12}到.{1,14}(?:多出?来?|降|涨|跌|升|减|增)了?多少|相差|差额|差距|差值|之差|差多少|差了|差几|[高低多少大小贵]了?(?:出)?(?:多少|几)|高出|低出|多出|"
    "(?:增加|减少|上升|下降|提高|降低|变化|变动|提升|增长|改善)了?(?:多少|几)"
)
_GROWTH = re.compile(
    "增长率|增速|增幅|涨幅|降幅|同比(?:增长|变化|增速|变动)?|增长百分之|百分之几|几个?百分点|增长了?多少%|复合增"
)
_RATIO = re.compile("是.{1,20}的(?:几|多少)倍|相当于.{1,20}(?:几|多少)倍|倍数关系|比值|之比")
_COMPARE = re.compile(
    "谁|(?:哪|那)(?:一)?(?:家|个|份|只|者)(?:券商|机构|公司|报告)?(?:的|给出?的?)?.{0,12}(?:更|较|高|低|大|小|多|乐观|悲观)|更高|更低|更大|更小|更乐观|更悲观|"
    "比较|对比|相比|差异|分歧|不同|区别|一致|相同|还是"
)
_YES_NO = re.compile("吗|是否|是不是|有没有|能否|会不会|对不对|对吧|么[?？]?$|正确")
_ALL_BROKERS = re.compile(
    "两家|两份|各家|各券商|各机构|不同券商|几家券商|两个券商|多家|券商们|分别|所有券商|各自"
)
_BOUND = re.compile(
    "(?P<op>不低于|不少于|不小于|大于等于|>=|≥|不高于|不超过|不大于|小于等于|<=|≤|高于|大于|超过|多于|高过|>|"
    "低于|小于|不到|不足|少于|<|等于|至少|至多|在)?"
    "(?P<number>-?\\d+(?:\\.\\d+)?)"
    "(?P<unit>元/股|亿元|万元|百万元|亿|万|元|倍|x|%|个百分点)?"
    "(?P<after>以上|以下|以内|之上|之下)?"
)
_BETWEEN = re.compile(
    "(?P<lead>介于|在)?(?P<low>-?\\d+(?:\\.\\d+)?)(?:元/股|亿元|万元|亿|万|元|倍|%)?(?:到|至|~|-|—|和|与)"
    "(?P<high>-?\\d+(?:\\.\\d+)?)(?P<unit>元/股|亿元|万元|亿|万|元|倍|%)?(?P<end>之间|区间)?"
)
_SIGN = re.compile("亏钱|亏着|还亏|亏了|亏本|不赚钱|为负|是负|负数|负值|小于零|低于零|亏损")
_POSITIVE = re.compile("赚钱|盈利(?!预测)|为正|是正|正数|正值|大于零")
SPELLED = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
"""Numerals up to ten as questions spell them."""
_OPS = {
    **dict.fromkeys(("不低于", "不少于", "不小于", "大于等于", ">=", "≥", "至少"), ">="),
    **dict.fromkeys(("不高于", "不超过", "不大于", "小于等于", "<=", "≤", "至多"), "<="),
    **dict.fromkeys(("高于", "大于", "超过", "多于", "高过", ">"), ">"),
    **dict.fromkeys(("低于", "小于", "不到", "不足", "少于", "<"), "<"),
    "等于": "=",
}
_AFTER = {"以上": ">=", "之上": ">", "以下": "<=", "之下": "<", "以内": "<="}
_ORDER = (
    (_LOWEST, Operation.LOWEST),
    (_HIGHEST, Operation.HIGHEST),
    (_POSITION, Operation.POSITION),
    (_SUM, Operation.SUM),
    (_MEDIAN, Operation.MEDIAN),
    (_MEAN, Operation.MEAN),
    (_SHARE, Operation.SHARE),
    (_GROWTH, Operation.GROWTH),
    (_RATIO, Operation.RATIO),
    (_DIFFERENCE, Operation.DIFFERENCE),
    (_COUNT, Operation.COUNT),
    (_LIST, Operation.LIST),
)


def find_operation(text: str) -> Wish:
    """What the folded question wants done."""
    top = _TOP.search(text)
    count: int | None = None
    if top:
        digits = top.group(1) or top.group(2)
        count = int(digits) if digits.isdigit() else SPELLED.get(digits[0], 3)
    operation, place = _operation(text, count), None
    rank = _PLACE.search(text)
    if rank:
        spelled = rank.group(1) or rank.group(3)
        place = SPELLED.get(spelled) or int(spelled)
        low = rank.group(2) in ("小", "低", "少", "便宜") or operation is Operation.LOWEST
        operation = Operation.LOWEST if low else Operation.HIGHEST
    return Wish(
        operation,
        count,
        place,
        compare=bool(_COMPARE.search(text)),
        yes_no=bool(_YES_NO.search(text)),
        all_brokers=bool(_ALL_BROKERS.search(text)),
        both_ends=bool(_HIGHEST.search(text) and _LOWEST.search(text)),
        consensus=bool(_CONSENSUS.search(text)),
    )


def _operation(text: str, count: int | None) -> Operation:
    if count and not _LOWEST.search(text):
        return Operation.HIGHEST
    for pattern, operation in _ORDER:
        if pattern.search(text):
            return operation
    return Operation.LOOK_UP


Place = tuple[str, int, int]


def find_conditions(
    text: str,
    metrics: Sequence[Place],
    is_free: Callable[[int, int], bool],
    yes_no: bool,
) -> list[Condition]:
    """The bounds that the folded question sets, in its order.

    Args:
        metrics: `(metric id, start, end)` of each metric in the question.
        is_free: whether a stretch belongs to no other slot (a period, a code).
        yes_no: then a bare figure is asserted (…是0.8元吗) and counts as `=`.
    """
    found: list[Condition] = []
    for condition in (*_ranges(text, metrics), *_bounds(text, metrics, yes_no)):
        overlaps = any(c.start < condition.end and condition.start < c.end for c in found)
        if is_free(condition.start, condition.end) and not overlaps:
            found.append(condition)
    found += [*_single_digit(text, metrics), *_signs(text, metrics)]
    return sorted(found, key=lambda c: (c.start, c.end))


def _ranges(text: str, metrics: Sequence[Place]) -> Iterator[Condition]:
    for match in _BETWEEN.finditer(text):
        if match["lead"] != "介于" and not match["end"]:
            continue
        numbers = tuple(sorted((Decimal(match["low"]), Decimal(match["high"]))))
        yield _condition(match, metrics, "between", numbers, match["unit"])


def _bounds(text: str, metrics: Sequence[Place], yes_no: bool) -> Iterator[Condition]:
    for match in _BOUND.finditer(text):
        operator = _OPS.get(match["op"] or "") or _AFTER.get(match["after"] or "")
        if operator is None and yes_no and match["op"] in (None, "在"):
            operator = "="
        if operator is not None:
            yield _condition(match, metrics, operator, (Decimal(match["number"]),), match["unit"])


def _single_digit(text: str, metrics: Sequence[Place]) -> Iterator[Condition]:
    match = re.search("个位数", text)
    if match:
        yield _condition(match, metrics, "<", (Decimal(10),), None)


def _signs(text: str, metrics: Sequence[Place]) -> Iterator[Condition]:
    for pattern, comparator in ((_SIGN, "<"), (_POSITIVE, ">")):
        match = pattern.search(text)
        if match:
            yield _condition(match, metrics, comparator, (Decimal(0),), None)


def _condition(
    match: re.Match[str],
    metrics: Sequence[Place],
    comparator: Comparator,
    numbers: tuple[Decimal, ...],
    unit: str | None,
) -> Condition:
    before = [metric for metric, _, end in metrics if end <= match.start()]
    metric = before[-1] if before else (metrics[0][0] if metrics else None)
    return Condition(metric, comparator, numbers, unit, None, match.start(), match.end())
