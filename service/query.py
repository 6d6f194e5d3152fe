"""The question as slots: companies, brokers, metrics, periods, operation, conditions.

Second step of the picture: `question → Query`. Readers ask the Query, never the raw question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from corpus.normalise import fold, normalise
from corpus.periods import Period, find_periods
from indexer.segmentation import stop_words
from indexer.vocabulary import MetricMention, Vocabulary
from service.former import of_columns
from service.names import NameBook, Named, NamedBroker
from service.operations import Condition, Operation, find_conditions, find_operation


@dataclass(frozen=True, slots=True)
class AskedMetric:
    """A metric in the question: its id, its name to show, its place."""

    id: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AskedPeriod:
    """A period in the question with its place. `text`: as the asker wrote it."""

    period: Period
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Query:
    """All that was understood of a question; offsets are into `text` (the folded question).

    Args:
        asked: the question as the asker wrote it.
        claim: a figure or rating word that the question asserts (…是0.8元吗), else None.
        count: how many are asked for (前三 → 3), else None.
        place: which one is asked for (第二大 → 2), else None.
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
    place: int | None = None
    compare: bool = False
    yes_no: bool = False
    asked: str = ""
    all_brokers: bool = False
    both_ends: bool = False
    consensus: bool = False
    rating_words: list[tuple[str, int, int]] = field(default_factory=list)
    leftovers: list[tuple[str, int, int]] = field(default_factory=list)

    def own_words(self, start: int, end: int) -> str:
        """What the asker wrote at a place of the folded question."""
        span = normalise(self.asked).to_source(start, end)
        return self.asked[span.start : span.end].strip()

    @property
    def known_brokers(self) -> tuple[str, ...]:
        """Brokers asked for that have a report, in order, once each."""
        return tuple(dict.fromkeys(b.name for b in self.brokers if b.known))

    @property
    def unknown_brokers(self) -> tuple[str, ...]:
        """Brokers asked for that have none."""
        return tuple(dict.fromkeys(b.name for b in self.brokers if not b.known))


# Rating words that are verbs too: 推荐哪些公司 rates nothing, 评级为“推荐” does.
_VERBS = frozenset(
    {"推荐", "持有", "关注", "回避", "领先", "审慎", "看多", "看空", "看好", "看淡", "谨慎", "落后"}
)
_CHOSEN = frozenset({"行业", "组合"})  # 超配行业的收益 asks of a portfolio, not of a rating
_BARE = 5  # 持有呢？ is a rating, for it is all that is said
_RATES = re.compile("评级|评为|定为")
_GLUED_YEAR = re.compile("20\\d\\d[ae](?=[a-z])")
_WHY = re.compile("为什么|为何|凭什么")
_STRETCH = re.compile("(?:近|过去|最近)\\d{1,2}月\\Z")
_PROFIT = re.compile("赚钱|赚了|亏钱|亏着|亏损|还亏|亏了|盈利(?!预测|能力|模式)")
_SUPERLATIVE = re.compile("最[高低大小]")
_QUOTES = frozenset("\"“”'‘’「」")
# Words that carry no subject: they end a name and are never left over.
FUNCTION_WORDS = re.compile(
    "请问一下|请问|麻烦|告诉我|帮我|查一下|查询|看一下|列出|列举|给出的|给出|给予|给的|给了|给|发布的|撰写的|"
    "预测值|预测|预计|预期|认为|覆盖的?|估计|测算|分别|各自|各是|各为|都是|多少钱|多少倍|多少元|多少家|多少个|多少|几家|几个|几只|几倍|几元|"
    "是什么|什么|哪一家|哪家|哪个|哪些|哪几家|哪一个|哪只|哪位|哪|怎么样|怎样|如何|怎么|"
    "这份|那份|该份|两份|两家|两篇|研究报告|研报|报告里|报告中|报告|文中|表格|表中|表里|上述|"
    "各家|各券商|各机构|券商们|不同券商|证券公司|券商|机构|公司们|这家公司|该公司|上市公司|公司|股票|个股|标的|"
    "数据|数值|数字|情况|水平|对应|方面|其中|以及|或者|还是|和|与|及|跟|同|对于|对|在|于|按照|按|根据|依据|的话|的|地|得|"
    "维持|上调|下调|首次覆盖|"
    "里|中|上|下|之间|之|是否|是不是|有没有|有无|是|为|有|被|把|将|比|吗|呢|吧|啊|么|了|过|就|都|也|又|还|而|且|并|"
    "最高|最低|最大|最小|最多|最少|最贵|最便宜|第一|排名|排第|谁|更高|更低|更大|更小|较高|较低|"
    "高于|低于|大于|小于|超过|不到|不足|不低于|不高于|至少|至多|以上|以下|介于|到|至|"
    "相差|相比|差额|差距|差值|差异|差多少|差|高多少|低多少|多多少|少多少|高出|低出|高|低|多|少|大|小|"
    "增长率|增长|增速|增幅|下降|变化|变动|提升|同比|环比|合计|总和|之和|总计|平均值|平均|均值|"
    "一共|总共|共|所有|全部|任何|每家|每个|家|个|只|名单|前三|前五|前两|前十|名|最新|目前|现在|当时|截至|年末|年底|"
    "换成|换|改成|改问|我问的是|问的是|不对|再问个?|那边|这边|这个数|怎么看|前面|刚才|上面|回到|下一年|上一年|"
    "它们|他们|她们|它|他|她|其|这|那|该|此|一|两|二|三|股|元|倍|亿元|万元|亿|万|"
    "[?？。！!，,、；;：:\"'“”‘’()（）\\[\\]【】<>《》\\s\\-—~/]+"
)


def parse_query(
    question: str,
    names: NameBook,
    vocabulary: Vocabulary,
    extra_metrics: dict[str, str],
    held_metrics: Collection[str],
    words: Callable[[str], list[str]],
    today: date,
) -> Query:
    """The slots of a question.

    Args:
        question: as asked (or completed from history); folded here.
        extra_metrics: folded header words of columns that the vocabulary does not know → id.
        held_metrics: ids that the corpus has figures of; only these may be mistyped.
        words: cuts text into words.
        today: what 今年 and 去年 are counted from.
    """
    text = fold(question)
    query = Query(text, asked=question)
    free = _Free(text)
    _find_names(query, names, vocabulary, free)
    _find_periods(query, free, today)
    _find_rating_words(query, vocabulary, free)
    _find_metrics(query, vocabulary, extra_metrics, held_metrics, words, free)
    _understand_operation(query, vocabulary)
    _understand_conditions(query, free)
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


def _find_names(query: Query, names: NameBook, vocabulary: Vocabulary, free: _Free) -> None:
    brokers = names.find_brokers(query.text)
    metrics = [(m.start, m.end) for m in vocabulary.find_metrics(query.text)]
    for named in [*names.find_codes(query.text), *names.find_names(query.text)]:
        coded = named.company is None or named.company.code
        if not coded and any(s <= named.start and named.end <= e for s, e in metrics):
            continue  # 归属母公司净利润 asks nothing of the 母公司 that a table has figures of
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
        # A range names every year in it, all at the same place.
        if _STRETCH.search(query.text, max(mention.start - 2, 0), mention.end):
            continue  # 近3月 is no March
        same = any((p.start, p.end) == (mention.start, mention.end) for p in query.periods)
        if same or free.is_free(mention.start, mention.end):
            free.take(mention.start, mention.end)
            words = query.own_words(mention.start, mention.end)
            query.periods.append(AskedPeriod(mention.period, words, mention.start, mention.end))


def _find_metrics(
    query: Query,
    vocabulary: Vocabulary,
    extra: dict[str, str],
    held: Collection[str],
    words: Callable[[str], list[str]],
    free: _Free,
) -> None:
    # 2026EEPS: the mark of the year stands right before the metric.
    text = _GLUED_YEAR.sub(lambda m: " " * len(m.group()), query.text)
    mentions = vocabulary.find_metrics(text)
    _take_headers(query, _longer_headers(query.text, mentions, extra), free)
    strong = [m for m in mentions if not m.weak]
    by_sign = bool(_PROFIT.search(query.text))
    for mention in strong or mentions:
        if mention.weak and by_sign and mention.metric.id not in held:
            continue  # 盈利 is no figure of its own where no table states a profit
        start = mention.start  # 2023年预测|市盈率: the period may have taken the first words
        while start < mention.end and not free.is_free(start, start + 1):
            start += 1
        if start < mention.end and free.is_free(start, mention.end):
            free.take(start, mention.end)
            query.metrics.append(
                AskedMetric(mention.metric.id, mention.metric.name, start, mention.end)
            )
    _take_headers(query, sorted(extra.items(), key=lambda i: (-len(i[0]), i[0])), free)
    if not query.metrics:
        query.metrics.extend(_mistyped_metrics(query.text, held, vocabulary, words, free))
    profit = _PROFIT.search(query.text)
    if not query.metrics and profit and "eps" in held:
        # 赚钱了吗 asks no metric by name: the sign of earnings per share answers it.
        name = vocabulary.name_of("eps")
        query.metrics.append(AskedMetric("eps", name, profit.start(), profit.end()))
    query.metrics.sort(key=lambda m: m.start)
    query.metrics = of_columns(query.text, query.metrics, held, vocabulary)


def _take_headers(query: Query, headers: Iterable[tuple[str, str]], free: _Free) -> None:
    """Takes the columns of unknown metrics that the question names by their own words."""
    for header, metric_id in headers:
        at = query.text.find(header)
        if at >= 0 and len(header) > 1 and free.is_free(at, at + len(header)):
            free.take(at, at + len(header))
            query.metrics.append(AskedMetric(metric_id, header, at, at + len(header)))


def _longer_headers(
    text: str, mentions: list[MetricMention], extra: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Headers that a question names whole and that hold a known metric: 首发价格 is no 价格."""
    for words, metric_id in extra.items():
        at = text.find(words)
        end = at + len(words)
        if at >= 0 and any(
            at <= m.start and m.end <= end and len(m.text) < len(words) for m in mentions
        ):
            yield words, metric_id


def _mistyped_metrics(
    text: str,
    held: Collection[str],
    vocabulary: Vocabulary,
    words: Callable[[str], list[str]],
    free: _Free,
) -> Iterator[AskedMetric]:
    """A metric that the tables hold, three characters or more, with one of them wrong.

    流动资产 is no mistyped 净资产: what is mistyped begins and ends with a word of the question.
    """
    characters = frozenset(text)
    edges = _edges(text, words)
    for metric_id in sorted(held):
        metric = vocabulary.get(metric_id)
        for name in (metric.name, *metric.aliases) if metric else ():
            size = len(name)
            if size < 3 or sum(map(characters.__contains__, name)) < size - 1:
                continue
            if not re.fullmatch("[\u4e00-\u9fff]+", name):
                continue
            for at in range(len(text) - size + 1):
                wrong = sum(a != b for a, b in zip(name, text[at : at + size], strict=True))
                whole = at in edges and at + size in edges
                if wrong == 1 and whole and free.is_free(at, at + size):
                    free.take(at, at + size)
                    yield AskedMetric(metric_id, name, at, at + size)
                    return


def _edges(text: str, words: Callable[[str], list[str]]) -> set[int]:
    """Where words of a text begin and end."""
    edges, at = {0, len(text)}, 0
    for word in words(text):
        at = text.find(word, at)
        edges |= {at, at + len(word)}
        at += len(word)
    return edges


def _find_rating_words(query: Query, vocabulary: Vocabulary, free: _Free) -> None:
    for mention in vocabulary.find_ratings(query.text):
        is_verb = fold(mention.rating.word) in _VERBS and not _rates(
            query.text, mention.start, mention.end
        )
        is_verb = is_verb or query.text[mention.end : mention.end + 1] in ("长", "久", "少")
        is_verb = is_verb or query.text[mention.end : mention.end + 2] in _CHOSEN
        if free.is_free(mention.start, mention.end) and not is_verb:
            free.take(mention.start, mention.end)
            query.rating_words.append((fold(mention.rating.word), mention.start, mention.end))


def _rates(text: str, start: int, end: int) -> bool:
    """True if a word that is a verb too stands here as a rating: quoted by itself, or so named."""
    quoted = text[start - 1 : start] in _QUOTES and text[end : end + 1] in _QUOTES
    return quoted or bool(_RATES.search(text)) or len(text) <= _BARE


def _understand_operation(query: Query, vocabulary: Vocabulary) -> None:
    text = query.text
    for metric in vocabulary.find_metrics(text):  # 最大回撤 and 52周最高价 rank nothing
        plain = _SUPERLATIVE.sub("某某", metric.text)
        text = text[: metric.start] + plain + text[metric.end :]
    wish = find_operation(text)
    query.operation, query.count, query.place = wish.operation, wish.count, wish.place
    query.compare, query.yes_no, query.all_brokers = wish.compare, wish.yes_no, wish.all_brokers
    query.both_ends, query.consensus = wish.both_ends, wish.consensus


def _understand_conditions(query: Query, free: _Free) -> None:
    places = [(m.id, m.start, m.end) for m in query.metrics]
    # 为什么是0.99元 asserts its figure as much as 是0.99元吗 does.
    asserts = query.yes_no or bool(query.companies and _WHY.search(query.text))
    for condition in find_conditions(query.text, places, free.is_free, asserts):
        free.take(condition.start, condition.end)
        query.conditions.append(condition)


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
    return word in stop_words() or bool(FUNCTION_WORDS.fullmatch(word))
