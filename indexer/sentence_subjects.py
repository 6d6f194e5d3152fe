"""Whose figure a sentence states: a company, a thing named right before the metric, or nobody.

Stands under `sentence_facts`. Where the words leave it open there is no subject, and no fact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.tickers import find_codes, load_listings
from indexer.sentences import Sentence
from indexer.subject_words import (
    BOUNDARY,
    CLASSED,
    IDLE,
    LEAD,
    OF_COMPANIES,
    OF_EARLIER,
    OF_MARKETS,
    OF_PRODUCTS,
    OF_STATES,
    OWNED,
    REGION,
    SECTOR,
    SPEAKS,
    Subject,
    cleaned,
    is_name,
    named_company,
    stands_whole,
)
from indexer.vocabulary import Metric


class Speaker:
    """Follows whom the sentences of one block are about."""

    def __init__(self, own: Subject | None, text: str) -> None:
        """Begins a block.

        Args:
            own: the report's company; it is meant by 公司 wherever no other is named.
            text: of the report, in which a name stands more than once.
        """
        self._own, self._text = own, text
        self._meant = own  # by 公司
        self._running = own
        self._sentence: Subject | None = own
        self._thing: Subject | None = None
        self._things: list[str] = []  # named in the sentence so far
        self._region = self._region_before = ""
        self._opened = False  # the sentence opens with a company, or says 公司
        self._unclear = False  # something was named that is no name
        self._passed = 0  # where the last metric without a figure ends
        self._told: Subject | None = None  # whose the last figure of the sentence is

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
        self._opened, self._unclear, self._things = opening is not None, False, []
        self._told, self._passed = None, 0
        self._region_before, self._region = self._region, ""

    def pass_over(self, sentence: Sentence, floor: int, at: int, end: int) -> None:
        """A metric at `[at, end)` without a figure still names whom the next words are about."""
        words = _last_clause(sentence, floor, at)
        phrase = cleaned(words)
        if phrase == "" or self._company_in(phrase) is not None:
            return
        self._passed = end
        if is_name(phrase) and OWNED.search(phrase) and not OF_EARLIER.match(words):
            self._name_thing(phrase)
        elif len(phrase) > _VERB:
            self._unclear = True  # 增厚营收 names nobody, 泰国基地的营收 somebody

    def subject(
        self, sentence: Sentence, floor: int, at: int, when: int, metric: Metric
    ) -> Subject | None:
        """Whose metric stands at `at`; None where that is open.

        Args:
            floor: where the last figure before it ends.
            when: where its period stands.
        """
        base = metric.id.removesuffix("_yoy").removesuffix("_qoq").removesuffix("_cagr")
        place = _Place.of(sentence, floor, at, when, base)
        if _UNCLEAR.search(sentence.text, 0, place.begin) and cleaned(place.words):
            return None
        if "公司" in place.words or ("公司" in place.before and cleaned(place.before) == ""):
            self._sentence, self._thing = self._meant, None
            self._opened, self._unclear = True, False
        self._told = self._found(place)
        return self._told

    def _found(self, place: _Place) -> Subject | None:
        phrase, outer = cleaned(place.words), cleaned(place.before)
        framed = self._told is not None and self._told.name == outer
        told = place.floor > place.when >= 0 and not framed
        if phrase == "" and ("公司" in place.words or told):
            outer = ""  # 效率优势凸显2020年公司实现营收; 2020年板块营收增长9%，净利润增长7%
        if phrase == "" and outer == "":
            if "公司" not in place.words:
                self._note_silent_thing(place)
            return self._implied(place)
        if phrase == "" and framed and not _idle_between(place.sentence, place.floor, place.at):
            return None
        named = self._company_in(outer + phrase)
        if named is None:
            return self._thing_of(place, outer, phrase)
        alone = cleaned((outer + phrase).replace(named.name, "")) == ""
        if alone or (outer + phrase).endswith(named.name) or named.name.startswith(outer + phrase):
            self._sentence, self._thing, self._unclear = named, None, False
            return named  # 贵州茅台; 行业龙头立讯精密; 环旭, of 环旭电子
        return None if place.base in OF_COMPANIES else self._thing_of(place, outer, phrase)

    # --- nobody is named --------------------------------------------------------------------

    def _note_silent_thing(self, place: _Place) -> None:
        """2023年台积电约2.1万亿，净利润…: what an earlier clause named goes on being meant."""
        sentence, begin = place.sentence, place.begin
        time = next((one for one in sentence.times if one.start == place.when), None)
        if place.floor or time is None or not BOUNDARY.search(sentence.text, time.end, begin):
            return
        stop = min((one.start for one in sentence.figures if one.start >= time.end), default=begin)
        ended = BOUNDARY.search(sentence.text, time.end, stop)
        words = sentence.text[time.end : ended.start() if ended else stop]
        if "公司" in words:
            self._sentence, self._thing = self._meant, None
            return  # 2019年公司业绩迎来拐点，全年实现营收15.5亿元
        words = cleaned(words)
        named = self._company_in(words)
        if named is not None:
            self._sentence, self._thing = named, None
        elif is_name(words):
            self._name_thing(words)

    def _implied(self, place: _Place) -> Subject | None:
        """Whom words that name nobody mean, unless brackets or another name make that unsure."""
        text, at = place.sentence.text, place.at
        if text.count("(", 0, at) > text.count(")", 0, at):
            return None  # in brackets another may be spoken of
        of_company = "公司" in place.words
        told = max(place.floor, self._passed)
        if told and not of_company and not _idle_between(place.sentence, told, at):
            return None  # …5304亿元，其中影像是最大的板块，2018年规模: between, another is told of
        whom = self._unnamed(place.base)
        if whom is not None and _another_is_named(place.sentence, at, whom):
            return None
        # Which of its products a company sold, it must say.
        unsaid = whom is not None and whom == self._sentence and not of_company
        return None if unsaid and place.base in OF_PRODUCTS else whom

    def _unnamed(self, base: str) -> Subject | None:
        """For a metric that nothing is named before: the thing or the company that the sentence
        has spoken of."""
        if self._unclear or (base in _ASKS_WHOSE and not self._opened):
            return None
        if self._thing is not None:
            sector = SECTOR.search(self._thing.name)
            return self._thing if sector or base not in OF_COMPANIES else None
        return None if base in OF_MARKETS else self._sentence

    # --- a thing is named -------------------------------------------------------------------

    def _thing_of(self, place: _Place, outer: str, phrase: str) -> Subject | None:
        """The thing that the words before a metric and before its period name together."""
        # 北美地区第三季度半导体设备: both words name it; 随着…我们预计20年手机: the last do.
        here = not BOUNDARY.search(place.sentence.text, place.when, place.begin)
        if outer and not is_name(outer) and not (here and SPEAKS.search(place.before)):
            # 对标美国2019年渗透率，…: the year is another thing's; PS5成英国2020年新款主机: whose?
            return None
        if phrase and OF_EARLIER.match(place.words):
            return None
        if phrase == "" or (here and outer and is_name(outer)):
            start = place.when - len(place.before)
            listed = place.sentence.text[max(0, start - 1) : start] == "、"
            if listed or (len(outer) > _LONGEST_OUTER and not REGION.match(outer)):
                return None  # 消化科、耳鼻喉科2019年…; 强者恒强申万医药商业板块2020年…: a heading
            phrase = outer + phrase
        return self._thing_named(place, phrase)

    def _thing_named(self, place: _Place, phrase: str) -> Subject | None:
        """A market, a segment, a product: what the phrase is, if it can be a name."""
        base = place.base
        if REGION.fullmatch(phrase):
            return self._of_region(phrase, base)
        if base == "market_share" and (REGION.match(phrase) or place.says_company):
            return None  # 在全球市场的市占率, 公司IGBT市占率: somebody's, not the market's
        doubtful = base == "rd_ratio" and not SECTOR.search(phrase)
        if doubtful or not is_name(phrase) or not self._is_known(phrase):
            self._unclear = True
            return None
        of_somebody = place.says_company or base == "revenue_share"
        if of_somebody and self._meant is None and not self._opened:
            return None
        whole = self._whole_name(place, phrase)
        if whole is None:
            self._unclear = True
            return None
        return self._name_thing(whole)

    def _is_known(self, phrase: str) -> bool:
        """True for what is a name by its form, or stands in the report more than once: where a
        text lost its line ends, words of a heading before a name stand there once."""
        by_form = REGION.match(phrase) or (len(phrase) <= _SHORT and CLASSED.search(phrase))
        return bool(by_form) or len(self._text) < _BRIEF or self._text.count(phrase) > 1

    def _of_region(self, phrase: str, base: str) -> Subject | None:
        """A country alone: it has a GDP; of its market the sentence has spoken, or a company's
        sales in it are told."""
        if base in OF_STATES:
            return Subject(phrase, None)
        if self._thing is not None and phrase in self._thing.name:
            return self._thing
        of_another = self._opened and self._sentence != self._own  # 泰格医药…境内营收占比57%
        if self._own is None or of_another or base in OF_MARKETS or base in OF_COMPANIES:
            return None
        return Subject(phrase, None)

    def _name_thing(self, name: str) -> Subject:
        self._thing, self._unclear = Subject(name, None), False
        self._things.append(name)
        region = REGION.match(name)
        self._region = region.group() if region else self._region
        return self._thing

    def _whole_name(self, place: _Place, phrase: str) -> str | None:
        """A phrase with what earlier words say of it: whose segment it is, or of which country."""
        if REGION.match(phrase) or self._company_in(phrase) is not None:
            return phrase
        for name in self._things:
            if name.endswith(phrase) and REGION.fullmatch(name, 0, len(name) - len(phrase)):
                return name  # 全球智能手机出货量…，预计2022年智能手机出货量
        if place.base not in OF_MARKETS and SECTOR.search(phrase) is None:
            if self._opened and self._sentence is not None and self._sentence != self._own:
                # 安图生物：公司2019年实现化学发光业务收入: hers, not the country's
                return f"{self._sentence.name}{phrase}"
            if self._running != self._own or self._owner_is_open(place, phrase):
                return None  # of the company of a sentence before, or not
        in_own = self._own is not None and not self._region and place.base not in OF_PRODUCTS
        of_company = self._opened or in_own
        if of_company or place.base == "market_share":
            return phrase
        return self._with_region(place.sentence.text[: place.at], phrase)

    def _owner_is_open(self, place: _Place, phrase: str) -> bool:
        """True in a report on no company: whose are the EDA软件收入, if not a country's?"""
        if self._own is not None or place.base in _OF_NO_ONE:
            return False
        text = place.sentence.text[: place.at]
        of_somebody = "公司" in text or ("其中" in text and bool(self._things))
        return of_somebody or place.base in _ASKS_WHOSE or bool(OWNED.search(phrase))

    def _with_region(self, text: str, phrase: str) -> str | None:
        """全球手机出货量…，其中智能手机: the country is told once; None where it may be another."""
        for found in REGION.finditer(text):
            if text.startswith(phrase, found.end()) and found.end() + len(phrase) < len(text):
                return f"{found.group()}{phrase}"  # 全球智能手表市场增长20%，智能手表出货量
        if "其中" not in text:
            return None if self._region and self._things else phrase
        if not text.startswith("其中"):
            return f"{self._region}{phrase}"
        region = self._region or self._region_before
        return f"{region}{phrase}" if region else None

    # --- companies --------------------------------------------------------------------------

    def _company_in(self, words: str) -> Subject | None:
        if self._own is not None and self._own.name in words:
            return self._own
        for known in (self._running, self._meant):
            if known is not None and len(words) > 1 and known.name.startswith(words):
                return known  # 环旭, of 环旭电子
        return named_company(words)

    def _opening(self, text: str) -> Subject | None:
        """The company that a sentence opens with: 【蓝帆医疗】…, 3.乐普医疗(300003)…."""
        own = self._own
        if own is not None and own.name in text and _opens(text, text.index(own.name)):
            return own
        coded = _CODED.match(text)
        if coded is not None and find_codes(coded[2]):
            code = find_codes(coded[2])[0].code
            listed = load_listings().by_code(code)
            # 电子鹏鼎控股(002938): a word of the line before has run into the name.
            whole = listed if listed and coded[1].endswith(listed) else coded[1]
            return Subject(whole, code)
        for place in sorted(_beginnings(text)):
            one = load_listings().beginning_at(text, place)
            if one is not None and not one.common and stands_whole(text, one):
                return Subject(one.name, one.code)
        return None


# 2）伺服电机：积极开发…: what follows is of it.
_BRIEF = 1500  # characters of a text that need not say a name twice
_SHORT = 8  # characters of a name that its last word makes certain: 云业务, 医疗服务板块
_LONGEST_OUTER = 10  # characters of a name before a period; longer ones have a heading in them
_VERB = 3  # characters: shorter words before a metric are verbs as often as names
# Nobody has these but a company, and which one must be said in the sentence.
_ASKS_WHOSE = frozenset({"market_share", "revenue_share", "capacity", "asp"})
# Of a thing as such, whoever makes it.
_OF_NO_ONE = (OF_PRODUCTS | {"sales_value", "market_share"}) - {"capacity", "asp"}
_HEADED = re.compile(r"\s*(?:[(（]?\d{1,2}[)）.、]|[①-⑩●•-])\s*([^，,。；:：\d]{2,12})[:：]")
_NO_HEADING = re.compile(
    r"投资|建议|评级|风险|提示|盈利|事件|点评|观点|结论|摘要|方面|分析|总结|小结|财务|费用|情况|端\Z"
)
_DATES = re.compile(r"\A[\d年月日季度半上下前三第一二四QHE/.~-]*")
# A name that no list knows, with its code, at the beginning of a sentence.
_CODED = re.compile(
    r"[\s\d.、*•·【(-]{0,6}([\u4e00-\u9fffA-Za-z]{2,8})[(（【](\d{6}(?:\.[A-Z]{2})?|\d{4,5}\.HK)[)）】]"
)


# SiC、GaN器件: of several, and not clear of which. 亚太(不含印度)手机: half a name.
_UNCLEAR = re.compile(r"[\u4e00-\u9fffA-Za-z]、\Z|\)\Z")


def _beginnings(text: str) -> set[int]:
    """Where a sentence may begin to speak of somebody: behind dates, marks and idle words."""
    dates = _DATES.match(text)
    first = dates.end() if dates else 0
    lead = LEAD.match(text, first)
    return {0, first, lead.end() if lead else first}


def _another_is_named(sentence: Sentence, at: int, whom: Subject) -> bool:
    """True if the company that the sentence named last before a place is not the one meant."""
    part = sentence.text[:at].rpartition(";")[2]
    named = [one for one in load_listings().find(part) if not one.common]
    return bool(named) and named[-1].name != whom.name and named[-1].code != whom.code


def _idle_between(sentence: Sentence, floor: int, at: int) -> bool:
    """True if the clauses between the last figure and a place name nothing of their own."""
    text, start = sentence.text, floor
    parts: list[str] = []
    for when in sentence.times:
        if floor <= when.start and when.end <= at:
            parts.append(text[start : when.start])
            start = when.end
    parts.append(text[start:at])
    clauses = (clause for part in parts for clause in BOUNDARY.split(part))
    return all(IDLE.fullmatch(cleaned(clause)) for clause in clauses)


def _opens(text: str, at: int) -> bool:
    """True if only dates, marks and words that name nobody stand before a place."""
    return cleaned(_DATES.sub("", text[:at])) == ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a metric stands, with the words of its clause and those before its period.

    Args:
        begin: where the clause begins.
        base: the metric whose level, growth or rate it is.
    """

    sentence: Sentence
    floor: int
    at: int
    when: int
    begin: int
    base: str
    words: str
    before: str

    @staticmethod
    def of(sentence: Sentence, floor: int, at: int, when: int, base: str) -> _Place:
        """The place of a metric at `at`."""
        begin = _clause_start(sentence, floor, at)
        words = sentence.text[begin:at]
        return _Place(
            sentence, floor, at, when, begin, base, words, _before_period(sentence, when, at)
        )

    @property
    def says_company(self) -> bool:
        """True where the words say 公司."""
        return "公司" in self.words or "公司" in self.before


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
