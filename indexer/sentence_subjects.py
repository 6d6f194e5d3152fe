"""Whose figure a sentence states: a company, a thing named right before the metric, or nobody.

Stands under `sentence_facts`. Where the words leave it open there is no subject, and no fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.report import ReportMeta
from corpus.tickers import find_codes, load_listings
from indexer.sentences import Sentence
from indexer.vocabulary import Metric


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a figure is about."""

    name: str
    code: str | None


def own_company(meta: ReportMeta) -> Subject | None:
    """The company that a report is about, None for a report on an industry."""
    code = meta.stock_codes[0].value.partition(".")[0] if meta.stock_codes else None
    if meta.subject is None:
        return None
    name = meta.subject.value
    if len(name) > _LONGEST_SHORT_NAME and not _FULL_NAME.search(name):
        return None  # words of a title that lost its spaces
    return Subject(name, code)


_LONGEST_SHORT_NAME = 8
_FULL_NAME = re.compile(r"(?:公司|集团|股份|银行|控股)\Z|[A-Za-z]")


# Of a market, never of the company that the text happens to be about.
OF_MARKETS = frozenset(
    {"box_office", "market_size", "penetration", "film_attendance", "concentration"}
    | {"gdp", "cpi", "ppi", "pmi", "m2", "retail_sales", "fai", "exports", "imports"}
)
_MACRO = frozenset({"gdp", "cpi", "ppi", "pmi", "m2", "retail_sales", "fai", "exports", "imports"})
# Only companies (and sectors that are named) have these; a product or a region has none.
_OF_COMPANIES = frozenset(
    {"eps", "bps", "dps", "pe", "pe_ttm", "pb", "ps", "target_price", "price", "market_cap", "roe"}
    | {"parent_profit", "core_profit", "net_profit", "total_assets", "equity", "total_shares"}
    | {"operating_cash_flow", "dividend_yield", "debt_ratio", "ebitda", "peg", "total_profit"}
)
_OF_PRODUCTS = frozenset(
    {"sales_volume", "shipments", "output", "capacity", "asp", "deliveries", "unit_cost"}
)
BOUNDARY = re.compile(r"[,，、:;()\s*“”\"\[\]【】>·•|]")
# Words before a metric (or before its period) that name nobody.
_LEAD = re.compile(
    r"(?:其中|而|且|但|同时|此外|另外|因此|预计|预测|预期|我们|认为|判断|测算|估算|假设|(?:到|至|截至|截止|末|底|在|单|总|共|约|将|可|已)(?=\Z|实现)"
    r"|年末|全年度?|当年|当期|期间|该?公司(?!债)|本公司|其(?![他它余])|实现|贡献|录得|达成|完成|累计|合计|共计|整体|单季度?|单月|对应|分别|有望|的|主营"
    r"|来自|根据|依据|据|最新|推测|比如|例如|目标|动态|静态|截[至止]|首次|大幅|快速|[-*#、)(]|\d{1,2}[.、)]|报告期内?|期内|年度|业绩|预告|公告|发布|披露|年报|季报"
    r"|得到|得出|可得|[^,，、]{0,12}(?:预计|预测|预估|测算)|据[^,，、]{0,14}(?:数据|统计|显示|报告|披露))*"
)
_TRAIL = re.compile(
    r"(?:的|实现|总体|总|整体|合计|累计|全年|单季度?|单月|当年|对应|达到|约|年|月|日|目标|动态|静态)*\Z"
)
_NO_NAME = re.compile(
    r"\A[对则]|取得|披露|相关|理论|方面|继续|保持|态势|前一|实际|进出口|研究|报告|声明|阅读|[AH]股|港股|潜在|数据|样本|龙头|市值|估值|股价|现价|最新|最终|参照|投入|报出|得到|营收|收入|利润|季度|月份|销售|出货|价格|根据|随着|恢复|反弹|推出|仅次于|位列|排名|第[一二三四五]|达到|拥有|具备|采用"
    r"|使用|覆盖|完成|年均|历史|过去|未来|近年|上调|下调|给予|相比|维持|参考|基于|假设|如果|剔除|扣除|使得|推动|带动|由于|导致|高于|低于|超|不足|占|较|同期|口径|增长|下降|下滑|提升|提高|增加|减少"
    r"|影响|其他|部分|平均|我们|预计|认为|预测|公司|合计|分别|期间|实现|有望|同比|环比|可比|对应|成为|作为|进入|布局|主要|通过|以及|按照|来看|看好|目前|当前|时间|时候"
    r"|[的将和与从于及该此若但而是了被把让着]|在(?![线建])|(?<!华)为|对[于标]|有(?![色机])|\A(?:中|上|下|内|外|年|月|日|末|底|约|近)|[中上下内外后前时约近]\Z|沪深|组合|策略|指数|因子"
)
_ANAPHORA = re.compile(
    r"板块|行业|市场|产品|业务|企业|子公司|品牌|项目|渠道|集团|年化|单价|样本|机构|基金|个股|标的|全部|相关|核心|报告"
    r"|IDC|YoY|QoQ|CAGR|TTM|yoy|qoq|[HQ][1-4].*"
)
_REGION_ALONE = re.compile(
    r"全球|中国|国内|我国|海外|国外|境外|境内|美国|日本|欧洲|全国|全行业|大陆|世界|华东|华南|华北|华中|西南|西北|东北|北美|亚太|东南亚|印度"
)
_WORDS = re.compile(r"(?:[\u4e00-\u9fff]|[A-Za-z][A-Za-z\d.+/-]*|\d+[A-Za-z]+[A-Za-z\d]*)+")
_LONGEST = 18


class Speaker:
    """Follows whom the sentences of one block are about."""

    def __init__(self, own: Subject | None) -> None:
        """`own`: the report's company; it is meant by 公司 wherever no other is named."""
        self._own = own
        self._meant = own  # by 公司
        self._running = own
        self._sentence: Subject | None = own
        self._thing: Subject | None = None

    def begin(self, text: str) -> None:
        """A sentence begins: a company that it opens with is whom it is about."""
        opening = self._opening(text)
        if opening is not None:
            self._running = opening
            # 启明云图（688301）是…: 公司 is it from now on, whomever the report is about.
            if self._own is None or _CODED.match(text):
                self._meant = opening
        self._sentence = self._running
        headed = _HEADED.match(text)
        name = headed[1] if headed else ""
        of_thing = is_name(name) and not _NO_HEADING.search(name) and named_company(name) is None
        self._thing = Subject(name, None) if of_thing else None

    def subject(
        self, sentence: Sentence, floor: int, at: int, when: int, metric: Metric
    ) -> Subject | None:
        """Whose metric stands at `at`; None where that is open.

        Args:
            floor: where the last figure before it ends.
            when: where its period stands.
        """
        begin = _clause_start(sentence, floor, at)
        if (
            begin < at
            and _UNCLEAR.search(sentence.text, 0, begin)
            and _cleaned(sentence.text[begin:at])
        ):
            return None
        words = _last_clause(sentence, floor, at)
        before = _before_period(sentence, when, at)
        base = metric.id.removesuffix("_yoy").removesuffix("_qoq").removesuffix("_cagr")
        if "公司" in words or ("公司" in before and _cleaned(before) == ""):
            self._sentence, self._thing = self._meant, None
        phrase = _cleaned(words)
        outer = _cleaned(before)
        if phrase == "" and outer == "":
            self._note_silent_thing(sentence, floor, when, begin)
            return self._implied(sentence, at, base, words)
        named = self._company_in(outer + phrase)
        if named is not None and _cleaned((outer + phrase).replace(named.name, "")) == "":
            self._sentence, self._thing = named, None
            return named
        if named is not None and (outer + phrase).endswith(named.name):
            self._sentence, self._thing = named, None  # 行业龙头立讯精密
            return named
        if named is not None and base in _OF_COMPANIES:
            return None
        if outer and BOUNDARY.search(sentence.text, when, begin) and not is_name(outer):
            return None  # 对标美国2019年渗透率，…: the year is another thing's
        # 北美地区第三季度半导体设备: both words name it; 随着…我们预计20年手机: the last do.
        here = not BOUNDARY.search(sentence.text, when, begin)
        if phrase == "" or (here and outer and is_name(outer)):
            phrase = outer + phrase
        return self._thing_named(phrase, base)

    def _note_silent_thing(self, sentence: Sentence, floor: int, when: int, begin: int) -> None:
        """2023年台积电约2.1万亿，净利润…: what an earlier clause named goes on being meant."""
        time = next((one for one in sentence.times if one.start == when), None)
        if floor or time is None or not BOUNDARY.search(sentence.text, time.end, begin):
            return
        stop = min((one.start for one in sentence.figures if one.start >= time.end), default=begin)
        ended = BOUNDARY.search(sentence.text, time.end, stop)
        words = _cleaned(sentence.text[time.end : ended.start() if ended else stop])
        named = self._company_in(words)
        if named is not None:
            self._sentence, self._thing = named, None
        elif is_name(words):
            self._thing = Subject(words, None)

    def _implied(self, sentence: Sentence, at: int, base: str, words: str) -> Subject | None:
        """Whom words that name nobody mean, unless brackets or another name make that unsure."""
        if sentence.text.count("(", 0, at) > sentence.text.count(")", 0, at):
            return None  # in brackets another may be spoken of
        whom = self._unnamed(base)
        if whom is not None and _another_is_named(sentence, at, whom):
            return None
        # Which of its products a company sold, it must say.
        of_company = whom is not None and whom == self._sentence and "公司" not in words
        return None if of_company and base in _OF_PRODUCTS else whom

    def _unnamed(self, base: str) -> Subject | None:
        """For a metric that nothing is named before: the thing or the company that the sentence
        has spoken of."""
        if self._thing is not None:
            return self._thing if base not in _OF_COMPANIES else None
        return None if base in OF_MARKETS else self._sentence

    def _thing_named(self, phrase: str, base: str) -> Subject | None:
        """A market, a segment, a product: what the phrase is, if it can be a name."""
        if _REGION_ALONE.fullmatch(phrase):
            if base in _MACRO:
                return Subject(phrase, None)
            if self._thing is not None and phrase in self._thing.name:
                return self._thing
            if self._own is None or base in OF_MARKETS or base in _OF_COMPANIES:
                return None
            return Subject(phrase, None)
        of_market = base == "market_share" and _REGION_ALONE.match(phrase)
        if of_market or not is_name(phrase):
            return None  # 在全球市场的市占率 is somebody's, and of whom it does not say
        self._thing = Subject(phrase, None)
        return self._thing

    def _company_in(self, words: str) -> Subject | None:
        if self._own is not None and self._own.name in words:
            return self._own
        return named_company(words)

    def _opening(self, text: str) -> Subject | None:
        """The company that a sentence opens with: 【蓝帆医疗】…, 3.乐普医疗(300003)…."""
        own = self._own
        if own is not None and own.name in text and _opens(text, text.index(own.name)):
            return own
        coded = _CODED.match(text)
        if coded is not None and find_codes(coded[2]):
            return Subject(coded[1], find_codes(coded[2])[0].code)
        for place in sorted(_beginnings(text)):
            one = load_listings().beginning_at(text, place)
            if one is not None and not one.common:
                return Subject(one.name, one.code)
        return None


# 2）伺服电机：积极开发…: what follows is of it.
_HEADED = re.compile(r"\s*(?:[(（]?\d{1,2}[)）.、]|[①-⑩●•-])\s*([^，,。；:：\d]{2,12})[:：]")
_NO_HEADING = re.compile(
    r"投资|建议|评级|风险|提示|盈利|事件|点评|观点|结论|摘要|方面|分析|总结|小结|财务|费用|情况|端\Z"
)
_DATES = re.compile(r"\A[\d年月日季度半上下前三第一二四QHE/.~-]*")
# A name that no list knows, with its code, at the beginning of a sentence.
_CODED = re.compile(
    r"[\s\d.、*•·【(-]{0,6}([\u4e00-\u9fffA-Za-z]{2,8})[(（【](\d{6}(?:\.[A-Z]{2})?|\d{4,5}\.HK)[)）】]"
)


def is_name(phrase: str) -> bool:
    """True for what may name a market, a product or a segment (全球智能手机, 云业务)."""
    if not 2 <= len(phrase) <= _LONGEST or _WORDS.fullmatch(phrase) is None:
        return False
    region = _REGION_ALONE.match(phrase)
    if region and _ANAPHORA.fullmatch(phrase, region.end()):
        return False  # 全球行业: which?
    return _ANAPHORA.fullmatch(phrase) is None and _NO_NAME.search(phrase) is None


def named_company(words: str) -> Subject | None:
    """The one listed company that the words name, None if they name none or several."""
    names = {(one.name, one.code) for one in load_listings().find(words) if not one.common}
    return Subject(*names.pop()) if len(names) == 1 else None


# SiC、GaN器件: of several, and not clear of which. 亚太(不含印度)手机: half a name.
_UNCLEAR = re.compile(r"[\u4e00-\u9fffA-Za-z]、\Z|\)\Z")


def _beginnings(text: str) -> set[int]:
    """Where a sentence may begin to speak of somebody: behind dates, marks and idle words."""
    dates = _DATES.match(text)
    first = dates.end() if dates else 0
    lead = _LEAD.match(text, first)
    return {0, first, lead.end() if lead else first}


def _another_is_named(sentence: Sentence, at: int, whom: Subject) -> bool:
    """True if the company that the sentence named last before a place is not the one meant."""
    part = sentence.text[:at].rpartition(";")[2]
    named = [one for one in load_listings().find(part) if not one.common]
    return bool(named) and named[-1].name != whom.name and named[-1].code != whom.code


def _opens(text: str, at: int) -> bool:
    """True if only dates, marks and words that name nobody stand before a place."""
    return _cleaned(_DATES.sub("", text[:at])) == ""


def _clause_start(sentence: Sentence, floor: int, at: int) -> int:
    """Where the words right before a place begin: at a boundary, a period or a figure."""
    for when in sentence.times:
        if when.end <= at:
            floor = max(floor, when.end)
    for boundary in BOUNDARY.finditer(sentence.text, floor, at):
        floor = boundary.end()
    return floor


def _last_clause(sentence: Sentence, floor: int, at: int) -> str:
    return sentence.text[_clause_start(sentence, floor, at) : at]


def _before_period(sentence: Sentence, when: int, at: int) -> str:
    """What stands before a period in its own clause; nothing if that is a figure's."""
    if not 0 <= when < at:
        return ""
    start = max((one.end() for one in BOUNDARY.finditer(sentence.text, 0, when)), default=0)
    if any(one.unit and one.start >= start and one.end <= when for one in sentence.figures):
        return ""
    return sentence.text[start:when]


def _cleaned(words: str) -> str:
    """The words without those that name nobody; empty if nothing is left."""
    lead = _LEAD.match(words)
    plain = words[lead.end() :] if lead else words
    return _TRAIL.sub("", plain)
