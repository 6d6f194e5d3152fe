"""Questions that no reader needs to see: advice, other domains, companies that stand nowhere.

First reader in line: it refuses with the contract's reason, or lets the question pass.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from service import refusals
from service.names import Named
from service.operations import Operation
from service.query import Query
from service.reading.draft import Refusal
from service.reading.scope import Scope
from service.schemas import Missing

# The asker's own money and tomorrow's prices are nobody's research report.
_ADVICE = re.compile(
    "(?:我|咱|本人|散户).{0,12}(?:该|应该|要不要|能不能|可以|能|想|适合|值得|怎么|现在|全部)?.{0,6}(?:买|卖出?|入手|加仓|减仓|清仓|满仓|抄底|建仓|投资|持有|割肉|止损|上车)"
    "|(?:该|应该|要不要|能不能|可不可以|可以|能否|适合|值得|值不值得|是否该|是否应该).{0,6}"
    "(?:买(?!入?评级)|卖(?!出?评级)|入手|加仓|减仓|抄底|建仓|上车|跟投|重仓|满仓|追高)"
    "|(?:明天|下周|下个?月|未来几天|后天|今晚|接下来).{0,12}(?:涨|跌|股价|走势|行情|大盘)"
    "|(?:会|能)(?:不会)?(?:涨停|跌停|翻倍|大涨|大跌)|股价(?:会|能)(?:不会)?(?:涨|跌|到)|(?:会涨|会跌|能涨|涨到多少|跌到多少)"
    "|推荐(?:我|一只|几只|个|一下)|荐股|帮我(?:选|挑|配置|推荐|操作)|稳赚|保本|一夜暴富|闲钱|梭哈|杠杆炒"
)
_PROMPT = re.compile(
    "忽略(?:以上|之前|前面|上面|所有)|系统提示|(?:你的|输出|打印|告诉我).{0,6}提示词|"
    "system ?prompt|api.?key|密钥|环境变量|你的指令|扮演|越狱|密码是"
)
# A subject that stands right before its metric: at most this many characters lie between.
_NEAR = 6
_LONGEST_NAME = 10
# Metrics that only a company has; markets and products have sizes, shares and shipments.
_OF_COMPANIES = frozenset({"per_share", "multiple", "price", "rating"})
_COMPANY_METRICS = frozenset({"market_cap", "net_profit_parent", "roe", "dividend_yield"})
# What is formed like a company's name: two characters that are no ordinary word for a kind of
# business (消费电子, 工业软件), and what companies are called by.
_FORMED = re.compile(
    "(?!消费|汽车|金融|工业|合成|清洁|数字|绿色|智慧|民营|国有|央企|国企|跨国|大型|中小|上市|生命|军工|航天|农业|"
    "教育|医疗|基础|应用|创新|现代|化学|中药|商业|中央|政策|城市|农村|国际|国内|全球|海外|外资|民用|半导|"
    "新型|新兴|传统|互联|移动|云计|电力|光学|高端|先进|前沿|未来|核心|龙头|头部|行业|相关|其他|可再|"
    "固体|液体|休闲|速冻|保健|功能|预制|环境|固废|第[一二三])"
    "[\u4e00-\u9fff]{2}(?:科技|股份|集团|电子|软件|药业|制药|医药|生物|微电子?|智造|重工|实业|控股|光电|精密|传媒|食品|电气|"
    "信息|通信|汽车|智能|环保|酒业|能源|新材)"
)
_JOINED = re.compile("(?:和|与|及|跟|、|以及|,|，)+")
_NO_NAME = re.compile("表|报告|研报|文中|行业|板块|市场|平均|全部|所有|重点")
_VALUE_ASKED = re.compile(
    "(?:的?(?:预测|预测值|数值|水平|情况|增速|增长率))?(?:分别)?(?:是|为|有|达到?|会)?(?:多少|几|什么|如何|怎样|怎么样|多高|多大|呢)?"
    "(?:倍|元|亿元|万元|%|钱)?[?？。]?$"
)


def out_of_domain(query: Query, scope: Scope) -> Refusal | None:
    """Advice and attempts on the service itself."""
    if _PROMPT.search(query.text):
        return refusals.not_in_corpus(
            "该请求", scope, "本服务只依据研究报告回答问题，不执行此类指令"
        )
    if _ADVICE.search(query.text):
        why = "本服务只转述研究报告的内容，不提供个人投资建议，也不预测股价走势"
        return refusals.not_in_corpus("投资建议", scope, why)
    return None


def unknown_subject(query: Query, scope: Scope) -> Refusal | None:
    """The refusal for companies that stand in no report that may answer.

    A subject that no list knows counts as a company where its metric is one that companies alone
    have (比邻星科技的 EPS, not 我国 HDI 板的市场规模), or where it is formed like a company's name.
    """
    if query.companies:
        absent = [n for n in query.companies if not stands_in(n, scope.speaking, scope)]
        if len(absent) < len(query.companies):
            return None
        return refusals.refuse([no_company(n, scope) for n in absent], scope, query)
    formed = [(s, e) for word, s, e in query.leftovers[:1] if _FORMED.fullmatch(word)]
    if not formed and not _of_company(query, scope):
        return None
    named = [_unknown(place, query) for place in formed or _subjects_of_metric(query)]
    if named and all(_nowhere(n.text, scope) for n in named):
        return refusals.refuse([no_company(n, scope) for n in named], scope, query)
    return None


def stands_in(named: Named, reports: tuple[str, ...], scope: Scope) -> bool:
    """True if one of the reports names the company."""
    if named.company is not None and any(i in named.company.report_ids for i in reports):
        return True
    words = named.company.name if named.company is not None else named.text
    if not reports:
        return False
    return bool(scope.snapshot.mentions(words, report_ids=frozenset(reports), limit=1))


def no_company(named: Named, scope: Scope) -> Missing:
    """The gap: no report that may answer names the company; where else it stands."""
    elsewhere = [i for i in scope.others if stands_in(named, (i,), scope)]
    instead = [scope.label(i) for i in elsewhere[:8]] or refusals.companies_at_hand(scope)
    return Missing(slot="company", asked=named.text, reason="no_such_company", instead=instead)


def unlisted_subjects(query: Query, scope: Scope) -> list[Named]:
    """Names that head no row of a table (当虹科技的市盈率), or stand in no report beside one that
    does (昆仑万维和比邻星科技的EPS)."""
    if not query.companies:
        places = _subjects_of_metric(query) if _of_company(query, scope) else []
        return [_unknown(place, query) for place in places]
    if not query.metrics:
        return []
    places = [(n.start, n.end) for n in query.companies]
    beside = _chained(query, places)
    return [n for p in beside if _nowhere((n := _unknown(p, query)).text, scope)]


def _of_company(query: Query, scope: Scope) -> bool:
    """True if the first asked metric is one that companies alone have."""
    known = scope.snapshot.vocabulary.get(query.metrics[0].id) if query.metrics else None
    return known is not None and (known.family in _OF_COMPANIES or known.id in _COMPANY_METRICS)


def _unknown(place: tuple[int, int], query: Query) -> Named:
    return Named(*place, query.own_words(*place), None, "unknown")


def _nowhere(word: str, scope: Scope) -> bool:
    """True if no report says the word, or only as a part of some company's name."""
    names = [fold(s.name) for s in scope.snapshot.facts.subjects() if fold(word) in fold(s.name)]
    for mention in scope.snapshot.mentions(word):
        text = scope.snapshot.text(mention.report_id)
        around = fold(text[max(0, mention.start - _LONGEST_NAME) : mention.end + _LONGEST_NAME])
        if not any(name in around for name in names):
            return False
    return True


def _chained(query: Query, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leftover words that 和, 与, 、 join to one of the places, or to one another."""
    found: list[tuple[int, int]] = []
    for _ in query.leftovers:
        for word, start, end in query.leftovers:
            taken = [*places, *found]
            joined = any(
                _JOINED.fullmatch(query.text[left:right].strip())
                for s, e in taken
                for left, right in ((e, start), (end, s))
                if left < right
            )
            fits = 1 < len(word) <= _LONGEST_NAME and not _NO_NAME.search(word)
            if joined and fits and (start, end) not in taken:
                found.append((start, end))
    return sorted(found)


def _subjects_of_metric(query: Query) -> list[tuple[int, int]]:
    """Places of the words that stand as owners of the asked metric (比邻星科技的EPS)."""
    if not query.metrics or not query.leftovers or not _asks_value(query):
        return []
    metric = query.metrics[0]
    slots = [(p.start, p.end) for p in query.periods] + [(b.start, b.end) for b in query.brokers]
    before = [(w, s, e) for w, s, e in query.leftovers if e <= metric.start]
    if not before:
        return []
    word, start, end = before[-1]
    between = sum(1 for at in range(end, metric.start) if not any(s <= at < e for s, e in slots))
    fits = between <= _NEAR and 1 < len(word) <= _LONGEST_NAME and not _NO_NAME.search(word)
    return sorted([(start, end), *_chained(query, [(start, end)])]) if fits else []


def _asks_value(query: Query) -> bool:
    """True if the question ends by asking for its metric's value, and for no scan of a table."""
    if query.operation is not Operation.LOOK_UP or query.conditions:
        return False
    if re.search("为什么|为何|如何|怎么|原因", query.text):
        return False
    rest = query.text[query.metrics[-1].end :]
    return bool(_VALUE_ASKED.match(rest))
