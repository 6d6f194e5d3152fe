"""Companies and brokers named in a question, by the naming rules of the contract.

First step of `question → Query`: everything here works on the folded question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.brokers import BrokerMention, find_brokers, same_broker
from corpus.normalise import fold
from corpus.tickers import load_listings
from indexer.snapshot import Snapshot
from indexer.vocabulary import Vocabulary

How = Literal["name", "code", "abbreviation", "mistyped", "listing", "unknown"]

# 300418, 300418.SZ, SZ300418, 00700.HK; a longer run of digits or an amount (900000万元) is none.
_CODE = re.compile(
    r"(?<![\d.a-z])(?:sz|sh|bj|hk)?(\d{6}|\d{5}(?=\.hk))(?:\.(?:sz|sh|ss|bj|hk))?"
    r"(?:(?=(?:eps|pe|pb|ps|roe|roa|peg)(?![a-z]))|(?![\d%a-z万亿元倍股吨台人家个]|\.\d))"
)


@dataclass(frozen=True, slots=True)
class Company:
    """A company that the corpus names. `report_ids`: the reports that name it."""

    name: str
    code: str | None
    report_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """A company in a question: `[start, end)` of the folded question.

    Args:
        company: None if no report names it.
        text: the name (or code) to show the asker.
        rivals: other companies that the same words could have meant.
    """

    start: int
    end: int
    text: str
    company: Company | None
    how: How
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedBroker:
    """A broker in a question. `name`: as the corpus prints it, or as asked if it has no report."""

    start: int
    end: int
    name: str
    known: bool


class NameBook:
    """All names of one snapshot, made once and asked for each question."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._is_word = snapshot.segmenter.is_word
        self.companies = _companies(snapshot)
        self._by_name: dict[str, Company] = {}
        self._by_code: dict[str, Company] = {}
        for company in self.companies:
            self._by_name.setdefault(fold(company.name), company)
            if company.code:
                self._by_code.setdefault(company.code, company)
        for company in self.companies:
            bare = _bare(company.name)
            if company.code and len(bare) > 1:
                known = self._by_name.get(bare)
                if known is None or known.code is None:
                    self._by_name[bare] = company
        for entry in snapshot.lexicon.companies:
            for alias in entry.aliases:
                owner = self._by_name.get(fold(entry.name))
                if owner is not None and len(fold(alias)) > 1:
                    self._by_name.setdefault(fold(alias), owner)
        self._longest = max((len(name) for name in self._by_name), default=0)
        self.brokers: tuple[str, ...] = _brokers(snapshot)

    def company(self, name: str) -> Company | None:
        """The company of that full name."""
        return self._by_name.get(fold(name))

    def by_code(self, code: str) -> Company | None:
        """The company of that six-digit code."""
        return self._by_code.get(code)

    def find_codes(self, question: str) -> list[Named]:
        """Stock codes, known or not, with or without suffix."""
        listings = load_listings()
        found = []
        for match in _CODE.finditer(question):
            code = match.group(1)
            company = self._by_code.get(code)
            if company is None:
                listed = listings.by_code(code)
                if listed is not None:
                    company = self._by_name.get(fold(listed))
                if company is None and listed is None and _is_year_month(code):
                    continue
            found.append(Named(match.start(), match.end(), match.group(), company, "code"))
        return found

    def find_names(self, question: str) -> list[Named]:
        """Full and short names of companies in the corpus, longest first at each place."""
        found = []
        at = 0
        while at < len(question):
            for length in range(min(self._longest, len(question) - at), 1, -1):
                company = self._by_name.get(question[at : at + length])
                if company is not None and _stands_alone(question, at, at + length):
                    found.append(Named(at, at + length, company.name, company, "name"))
                    at += length
                    break
            else:
                at += 1
        return found

    def find_listed(self, question: str) -> list[Named]:
        """Listed companies that no report names as a company; ordinary words left out."""
        listings = load_listings()
        return [
            Named(m.start, m.end, m.name, None, "listing")
            for m in listings.find(question)
            if self._by_name.get(fold(m.name)) is None and not m.common
        ]

    def find_abbreviations(self, question: str, is_free: Callable[[int, int], bool]) -> list[Named]:
        """Abbreviated names where a name may stand (see `api.md`, Names)."""
        found: list[Named] = []
        at = 0
        while at < len(question):
            for length in range(5, 1, -1):
                end = at + length
                if end > len(question) or not is_free(at, end):
                    continue
                if not _may_stand(question, at, end, is_free):
                    continue
                named = self.abbreviated(question[at:end], at) or self._mistyped(question, at, end)
                if named is not None:
                    found.append(named)
                    at = end - 1
                    break
            at += 1
        return found

    def _mistyped(self, question: str, start: int, end: int) -> Named | None:
        """A name with one wrong character out of four or more; the answer says how it was read."""
        words = question[start:end]
        if len(words) < 4 or not _is_han(words):
            return None
        near = [c for c in self.companies if _one_off(words, fold(c.name))]
        if len(near) != 1 or load_listings().by_name(words) is not None:
            return None
        return Named(start, end, near[0].name, near[0], "mistyped")

    def abbreviated(self, words: str, start: int) -> Named | None:
        """The company that `words` abbreviate: an in-order subsequence of two or more characters
        that begins with the name's first, is no dictionary word, and fits."""
        if not 2 <= len(words) <= 5 or self._is_word(words) or not _is_han(words):
            return None
        fits = [c for c in self.companies if _is_short(c) and _abbreviates(words, fold(c.name))]
        if not fits:
            return None
        rivals = tuple(c.name for c in fits[1:])
        return Named(start, start + len(words), fits[0].name, fits[0], "abbreviation", rivals)

    def find_brokers(self, question: str) -> list[NamedBroker]:
        """Brokers by full or short name (东吴证券股份有限公司, 东吴证券, 东吴)."""
        mentions = find_brokers(question, self.brokers)
        found = [b for b in self._own_brokers(question) if not _is_part_of(b, mentions)]
        for mention in mentions:
            if any(mention.start < b.end and b.start < mention.end for b in found):
                continue
            own = self.known_broker(mention.name)
            found.append(
                NamedBroker(mention.start, mention.end, own or mention.name, own is not None)
            )
        return sorted(found, key=lambda b: b.start)

    def _own_brokers(self, question: str) -> list[NamedBroker]:
        """Houses with reports, found wherever their name or its stem stands."""
        found = []
        for broker in self.brokers:
            stem = fold(broker).removesuffix("证券").removesuffix("公司")
            if len(stem) < 2:
                continue
            tail = "(?:证券)?(?:股份有限公司|有限责任公司|研究所|研究院)?"
            for match in re.finditer(re.escape(stem) + tail, question):
                other = question[match.end() : match.end() + 2] in _OTHER_FIRMS
                if not other and _stands_alone(question, match.start(), match.end()):
                    found.append(NamedBroker(match.start(), match.end(), broker, True))
        return found

    def known_broker(self, name: str) -> str | None:
        """The corpus's own short name of a broker, None if it has no report."""
        return next((b for b in self.brokers if same_broker(b, name)), None)


def _companies(snapshot: Snapshot) -> tuple[Company, ...]:
    merged: dict[str, tuple[str, str | None, set[str]]] = {}

    def add(name: str, code: str | None, report_ids: Iterable[str]) -> None:
        key = fold(name)
        if len(key) < 2:
            return
        known = merged.get(key)
        if known is None:
            merged[key] = (name, code, set(report_ids))
        else:
            merged[key] = (known[0], known[1] or code, known[2] | set(report_ids))

    for subject in snapshot.facts.subjects():
        if subject.code or not _is_table_word(subject.name, snapshot.vocabulary):
            add(subject.name, subject.code, subject.report_ids)
    for entry in snapshot.lexicon.companies:
        if entry.code or not _TABLE_WORDS.fullmatch(fold(entry.name)):
            add(entry.name, entry.code, entry.report_ids)
    return tuple(
        Company(name, code, frozenset(ids))
        for _, (name, code, ids) in sorted(merged.items(), key=lambda item: item[0])
    )


# 小米集团-W, 特斯拉(TESLA), 理想汽车－Ｗ: what a list adds to the name that people use.
_ADDED = re.compile(r"(?:[-–](?:s?w|sb|[sbupr]|a|h)|[(（][a-z .&]+[)）])\Z")


def _bare(name: str) -> str:
    return _ADDED.sub("", fold(name)).strip()


# Rows that head a table's figures and name nobody; 平均 and 母公司 are asked for by name.
_TABLE_WORDS = re.compile(
    "(?:上述|以上|本期|本年|期初|期末)?(?:合计|小计|总计|变动|变化|余额|金额|增加|减少)|其他|单位|含义|姓名|估值|指标|"
    "项目|备注|说明|原因|主要原因|主要业务|主营业务|不适用|行业数据|市场数据|基础数据|基本数据|上年度末|本报告期末|"
    "联系人|联系方式|联系电话|联系地址|电话|传真|手机|邮箱|电子信箱|电子邮箱|地址|网址|分析师|证券分析师|研究助理|"
    "[\\d\\W_]+"
)


def _is_table_word(name: str, vocabulary: Vocabulary) -> bool:
    """True for what heads a row and is no subject: 每股收益, 合计, 上年度末."""
    folded = fold(name)
    return bool(_TABLE_WORDS.fullmatch(folded)) or vocabulary.metric_of(name) is not None


def _brokers(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(sorted({r.meta.broker.value for r in snapshot.records() if r.meta.broker}))


def _is_part_of(broker: NamedBroker, mentions: Sequence[BrokerMention]) -> bool:
    """True where the name of another house holds this one's: 中信 in 中信建投."""
    return any(
        m.start <= broker.start
        and broker.end <= m.end
        and m.end - m.start > broker.end - broker.start
        and not same_broker(m.name, broker.name)
        for m in mentions
    )


def _is_year_month(code: str) -> bool:
    return code[:2] in {"19", "20"} and 1 <= int(code[4:]) <= 12


def _stands_alone(question: str, start: int, end: int) -> bool:
    """A Latin name must not be part of a longer Latin word."""
    left = question[start - 1] if start else " "
    right = question[end] if end < len(question) else " "
    year = question[end - 1].isalpha() and _YEAR.match(question, end)  # HUD2024年
    return not (
        (_is_latin(question[start]) and _is_latin(left))
        or (_is_latin(question[end - 1]) and _is_latin(right) and not year)
    )


_YEAR = re.compile("(?:19|20)\\d\\d(?!\\d)")


def _is_latin(ch: str) -> bool:
    return ch.isascii() and ch.isalnum()


def _is_han(words: str) -> bool:
    return all("\u4e00" <= ch <= "\u9fff" for ch in words)


# Behind a house's stem these make another firm of it: 东吴银行, 华鑫股份.
_OTHER_FIRMS = frozenset(
    {"银行", "基金", "期货", "信托", "保险", "股份", "集团", "资管", "人寿", "财险", "租赁"}
)


# 报告期末已审批的担保额度 is a row, not what 报告额度 stands for.
_LONGEST_ROW = 7


def _is_short(company: Company) -> bool:
    long = len(company.name) >= _LONGEST_ROW
    return company.code is not None or not long or company.name.endswith(("公司", "集团"))


def _abbreviates(words: str, name: str) -> bool:
    if len(words) >= len(name) or words[0] != name[0]:
        return False
    letters = iter(name)
    return all(ch in letters for ch in words)


def _one_off(words: str, name: str) -> bool:
    return len(words) == len(name) and sum(a != b for a, b in zip(words, name, strict=True)) == 1


# What may stand right before and right behind a name that is not written out.
_BEFORE_NAME = frozenset('对给和与及跟、,，把将:：的中里看查问比以于在"“《（( ')
_BEHIND_NAME = frozenset('的和与及跟、,，是在比于对今明去年前后未呢吗股市为有?？)）"”》 估给有每')


def _may_stand(question: str, start: int, end: int, is_free: Callable[[int, int], bool]) -> bool:
    before_taken = start == 0 or not is_free(start - 1, start)
    behind_taken = end == len(question) or not is_free(end, end + 1)
    asked = question[:start].endswith(("请问", "告诉我", "预测", "预计", "给予", "给出"))
    before = before_taken or asked or question[start - 1] in _BEFORE_NAME
    behind = behind_taken or question[end] in _BEHIND_NAME
    return before and behind
