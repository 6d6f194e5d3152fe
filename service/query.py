"""The question as slots: companies, brokers, metrics, periods, operation, conditions.

Second step of the picture: `question → Query`. Readers ask the Query, never the raw question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from corpus.normalise import fold
from corpus.periods import Period, find_periods
from indexer.segmentation import STOP_WORDS
from indexer.vocabulary import Vocabulary
from service.names import NameBook, Named, NamedBroker


class Operation(StrEnum):
    """What is to be done with the figures."""

    LOOK_UP = "look_up"
    HIGHEST = "highest"
    LOWEST = "lowest"
    COUNT = "count"
    LIST = "list"
    SUM = "sum"
    MEAN = "mean"
    DIFFERENCE = "difference"
    GROWTH = "growth"
    RATIO = "ratio"


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
class AskedMetric:
    """A metric in the question: its id, its name to show, its place."""

    id: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AskedPeriod:
    """A period in the question with its place."""

    period: Period
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Query:
    """All that was understood of a question; offsets are into `text` (the folded question).

    Args:
        claim: a figure or rating word that the question asserts (…是0.8元吗), else None.
        count: how many are asked for (前三 → 3), else None.
        leftovers: words that no slot explains, in order, with their places.
        yes_no: the question wants a yes or a no.
    """

    text: str
    companies: list[Named] = field(default_factory=list)
    brokers: list[NamedBroker] = field(default_factory=list)
    metrics: list[AskedMetric] = field(default_factory=list)
    periods: list[AskedPeriod] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    operation: Operation = Operation.LOOK_UP
    count: int | None = None
    compare: bool = False
    yes_no: bool = False
    all_brokers: bool = False
    rating_words: list[tuple[str, int, int]] = field(default_factory=list)
    leftovers: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def known_brokers(self) -> tuple[str, ...]:
        """Brokers asked for that have a report, in order, once each."""
        return tuple(dict.fromkeys(b.name for b in self.brokers if b.known))

    @property
    def unknown_brokers(self) -> tuple[str, ...]:
        """Brokers asked for that have none."""
        return tuple(dict.fromkeys(b.name for b in self.brokers if not b.known))


# Words that carry no subject: they end a name and are never left over.
FUNCTION_WORDS = re.compile(
    "请问一下|请问|麻烦|告诉我|帮我|查一下|查询|看一下|列出|列举|给出的|给出|给予|给的|给了|给|发布的|撰写的|"
    "预测值|预测|预计|预期|认为|覆盖的?|估计|测算|分别|各自|各是|各为|都是|多少钱|多少家|多少个|多少|几家|几个|几只|几倍|几元|"
    "是什么|什么|哪一家|哪家|哪个|哪些|哪几家|哪一个|哪只|哪位|哪|怎么样|怎样|如何|怎么|"
    "这份|那份|该份|两份|两家|两篇|研究报告|研报|报告里|报告中|报告|文中|表格|表中|表里|上述|"
    "各家|各券商|各机构|券商们|不同券商|证券公司|券商|机构|公司们|这家公司|该公司|上市公司|公司|股票|个股|标的|"
    "数据|数值|数字|情况|水平|对应|方面|其中|以及|或者|还是|和|与|及|跟|同|对于|对|在|于|按照|按|根据|依据|的话|的|地|得|"
    "里|中|上|下|之间|之|是否|是不是|有没有|有无|是|为|有|被|把|将|比|吗|呢|吧|啊|么|了|过|就|都|也|又|还|而|且|并|"
    "最高|最低|最大|最小|最多|最少|最贵|最便宜|第一|排名|排第|谁|更高|更低|更大|更小|较高|较低|"
    "高于|低于|大于|小于|超过|不到|不足|不低于|不高于|至少|至多|以上|以下|介于|到|至|"
    "相差|相比|差额|差距|差值|差异|差多少|差|高多少|低多少|多多少|少多少|高出|低出|高|低|多|少|大|小|"
    "增长率|增长|增速|增幅|下降|变化|变动|提升|同比|环比|合计|总和|之和|总计|平均值|平均|均值|"
    "一共|总共|共|所有|全部|任何|每家|每个|家|个|只|名单|前三|前五|前两|前十|名|最新|目前|现在|当时|截至|年末|年底|"
    "它们|他们|她们|它|他|她|其|这|那|该|此|一|两|二|三|股|元|倍|亿元|万元|亿|万|"
    "[?？。！!，,、；;：:\"'“”‘’()（）\\[\\]【】<>《》\\s\\-—~/]+"
)

_HIGHEST = re.compile("最高|最大|最多|最贵|居首|排名第一|排第一|第一名|排名首位|最领先")
_LOWEST = re.compile("最低|最小|最少|最便宜|垫底|倒数第一")
_TOP = re.compile(
    "(?:前|头|top)\\s*([一二两三四五六七八九十\\d]+)(?:名|家|只|个|大|位)?|(?:最高|最低|最大|最小)的([一二两三四五六七八九十\\d]+)(?:家|只|个|名)"
)
_COUNT = re.compile("(?:几|多少)(?:家|个|只|支|名)|数量是多少|有多少公司|总共有多少|共有多少")
_LIST = re.compile("哪些|哪几|有谁|都有谁|列出|列举|名单|筛选")
_SUM = re.compile("合计|总和|之和|总计|加起来|相加|加总|一共是多少|总共是多少")
_MEAN = re.compile("平均|均值")
_DIFFERENCE = re.compile(
    "相差|差额|差距|差值|之差|差多少|差了|差几|[高低多少大小贵]了?(?:出)?(?:多少|几)|高出|低出|多出|"
    "(?:增加|减少|上升|下降|提高|降低|变化|变动|提升|增长|改善)了?(?:多少|几)"
)
_GROWTH = re.compile(
    "增长率|增速|增幅|涨幅|降幅|同比(?:增长|变化|增速|变动)?|增长百分之|百分之几|几个?百分点|增长了?多少%|复合增"
)
_RATIO = re.compile("几倍|多少倍|倍数|比值|之比|占比")
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
    "(?:介于|在)?(?P<low>-?\\d+(?:\\.\\d+)?)(?:元/股|亿元|万元|亿|万|元|倍|%)?(?:到|至|~|-|—|和|与)"
    "(?P<high>-?\\d+(?:\\.\\d+)?)(?P<unit>元/股|亿元|万元|亿|万|元|倍|%)?(?:之间|区间)"
)
_SIGN = re.compile("为负|是负|负数|负值|小于零|低于零|亏损")
_POSITIVE = re.compile("为正|是正|正数|正值|大于零|盈利的")
_SPELLED = {
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
_OPS = {
    **dict.fromkeys(("不低于", "不少于", "不小于", "大于等于", ">=", "≥", "至少"), ">="),
    **dict.fromkeys(("不高于", "不超过", "不大于", "小于等于", "<=", "≤", "至多"), "<="),
    **dict.fromkeys(("高于", "大于", "超过", "多于", "高过", ">"), ">"),
    **dict.fromkeys(("低于", "小于", "不到", "不足", "少于", "<"), "<"),
    "等于": "=",
}
_AFTER = {"以上": ">=", "之上": ">", "以下": "<=", "之下": "<", "以内": "<="}


def parse_query(
    question: str,
    names: NameBook,
    vocabulary: Vocabulary,
    extra_metrics: dict[str, str],
    words: Callable[[str], list[str]],
    today: date,
) -> Query:
    """The slots of a question.

    Args:
        question: as asked (or completed from history); folded here.
        extra_metrics: folded header words of columns that the vocabulary does not know → id.
        words: cuts text into words.
        today: what 今年 and 去年 are counted from.
    """
    text = fold(question)
    query = Query(text)
    free = _Free(text)
    _find_names(query, names, free)
    _find_periods(query, free, today)
    _find_metrics(query, vocabulary, extra_metrics, free)
    _find_rating_words(query, vocabulary, free)
    _find_operation(query)
    _find_conditions(query, free)
    _find_abbreviations(query, names, free)
    _find_leftovers(query, words, free)
    return query


class _Free:
    """Which characters of the question no slot has taken yet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open = bytearray(b"\x01" * len(text))

    def take(self, start: int, end: int) -> None:
        self.open[start:end] = bytes(end - start)

    def is_free(self, start: int, end: int) -> bool:
        return all(self.open[start:end])


def _find_names(query: Query, names: NameBook, free: _Free) -> None:
    brokers = names.find_brokers(query.text)
    for named in [*names.find_codes(query.text), *names.find_names(query.text)]:
        rival = next((b for b in brokers if b.start < named.end and named.start < b.end), None)
        if rival is not None and named.how == "name" and _speaks(query.text, rival, names):
            continue
        if free.is_free(named.start, named.end):
            free.take(named.start, named.end)
            query.companies.append(named)
    for broker in brokers:
        if free.is_free(broker.start, broker.end):
            free.take(broker.start, broker.end)
            query.brokers.append(broker)
    for named in names.find_listed(query.text):
        if free.is_free(named.start, named.end):
            free.take(named.start, named.end)
            query.companies.append(named)
    query.companies = _one_each(sorted(query.companies, key=lambda n: n.start))


def _speaks(text: str, broker: NamedBroker, names: NameBook) -> bool:
    """True if a house that is also a company stands in the question as the one who says."""
    after = text[broker.end : broker.end + 6]
    return broker.known or bool(
        re.match("(?:研究所)?(?:给|对|认为|预计|预测|的(?:研报|报告|观点|评级|预测)|发布)", after)
    )


def _one_each(found: list[Named]) -> list[Named]:
    """`昆仑万维（300418）` names one company, not two."""
    kept: list[Named] = []
    for named in found:
        if named.company is not None and any(k.company == named.company for k in kept):
            continue
        kept.append(named)
    return kept


def _find_periods(query: Query, free: _Free, today: date) -> None:
    for mention in find_periods(query.text, today=today):
        if free.is_free(mention.start, mention.end):
            free.take(mention.start, mention.end)
            query.periods.append(
                AskedPeriod(mention.period, mention.text, mention.start, mention.end)
            )


def _find_metrics(query: Query, vocabulary: Vocabulary, extra: dict[str, str], free: _Free) -> None:
    mentions = [m for m in vocabulary.find_metrics(query.text) if free.is_free(m.start, m.end)]
    strong = [m for m in mentions if not m.weak]
    for mention in strong or mentions:
        if free.is_free(mention.start, mention.end):
            free.take(mention.start, mention.end)
            query.metrics.append(
                AskedMetric(mention.metric.id, mention.metric.name, mention.start, mention.end)
            )
    for words, metric_id in sorted(extra.items(), key=lambda item: (-len(item[0]), item[0])):
        at = query.text.find(words)
        if at >= 0 and len(words) > 1 and free.is_free(at, at + len(words)):
            free.take(at, at + len(words))
            query.metrics.append(AskedMetric(metric_id, words, at, at + len(words)))
    query.metrics.sort(key=lambda m: m.start)


def _find_rating_words(query: Query, vocabulary: Vocabulary, free: _Free) -> None:
    for mention in vocabulary.find_ratings(query.text):
        if free.is_free(mention.start, mention.end):
            free.take(mention.start, mention.end)
            query.rating_words.append((fold(mention.rating.word), mention.start, mention.end))


def _find_operation(query: Query) -> None:
    text = query.text
    top = _TOP.search(text)
    if top:
        digits = top.group(1) or top.group(2)
        query.count = int(digits) if digits.isdigit() else _SPELLED.get(digits[0], 3)
    query.compare = bool(_COMPARE.search(text))
    query.yes_no = bool(_YES_NO.search(text))
    query.all_brokers = bool(_ALL_BROKERS.search(text))
    for pattern, operation in (
        (_LOWEST, Operation.LOWEST),
        (_HIGHEST, Operation.HIGHEST),
        (_SUM, Operation.SUM),
        (_MEAN, Operation.MEAN),
        (_GROWTH, Operation.GROWTH),
        (_RATIO, Operation.RATIO),
        (_DIFFERENCE, Operation.DIFFERENCE),
        (_COUNT, Operation.COUNT),
        (_LIST, Operation.LIST),
    ):
        if pattern.search(text):
            query.operation = operation
            return
    if query.count:
        query.operation = Operation.HIGHEST


def _find_conditions(query: Query, free: _Free) -> None:
    for match in _BETWEEN.finditer(query.text):
        if free.is_free(match.start(), match.end()):
            free.take(match.start(), match.end())
            numbers = tuple(sorted((Decimal(match["low"]), Decimal(match["high"]))))
            query.conditions.append(
                Condition(
                    _metric_before(query, match.start()),
                    "between",
                    numbers,
                    match["unit"],
                    None,
                    match.start(),
                    match.end(),
                )
            )
    for match in _BOUND.finditer(query.text):
        operator = _OPS.get(match["op"] or "") or _AFTER.get(match["after"] or "")
        if not free.is_free(match.start("number"), match.end("number")):
            continue
        if operator is None and not (query.yes_no and match["op"] in (None, "在")):
            continue
        free.take(match.start(), match.end())
        query.conditions.append(
            Condition(
                _metric_before(query, match.start()),
                operator or "=",
                (Decimal(match["number"]),),
                match["unit"],
                None,
                match.start(),
                match.end(),
            )
        )
    for pattern, comparator in ((_SIGN, "<"), (_POSITIVE, ">")):
        sign = pattern.search(query.text)
        if sign:
            query.conditions.append(
                Condition(
                    _metric_before(query, sign.start()),
                    comparator,
                    (Decimal(0),),
                    None,
                    None,
                    sign.start(),
                    sign.end(),
                )
            )


def _metric_before(query: Query, at: int) -> str | None:
    """The metric that a bound belongs to: the nearest one before it, else the first after."""
    before = [m for m in query.metrics if m.end <= at]
    if before:
        return before[-1].id
    return query.metrics[0].id if query.metrics else None


def _find_abbreviations(query: Query, names: NameBook, free: _Free) -> None:
    for named in names.find_abbreviations(query.text, free.is_free):
        free.take(named.start, named.end)
        query.companies.append(named)
    query.companies = _one_each(sorted(query.companies, key=lambda n: n.start))


def _find_leftovers(query: Query, words: Callable[[str], list[str]], free: _Free) -> None:
    """Runs of words that no slot took and that are no function words."""
    for match in re.finditer("\x01+", free.open.decode("latin-1")):
        at = match.start()
        run_start: int | None = None
        for word in [*words(query.text[match.start() : match.end()]), ""]:
            place = query.text.find(word, at) if word else match.end()
            gap = place > at and run_start is not None
            if run_start is not None and (gap or not word or _is_function(word)):
                query.leftovers.append((query.text[run_start:at].strip(), run_start, at))
                run_start = None
            if word and not _is_function(word) and run_start is None:
                run_start = place
            at = place + len(word)


def _is_function(word: str) -> bool:
    return word in STOP_WORDS or bool(FUNCTION_WORDS.fullmatch(word))
