"""Names in one report: companies with their codes, houses, analysts, products.

Stands between a parsed report and the lexicon; runs in worker processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from corpus.normalise import Codes, string_codes
from corpus.own_words import own_words_number
from corpus.report import Report, Table
from corpus.tickers import known_brokers, load_listings, parse_code
from corpus.widths import fold_in_place, half_width
from indexer.lexicon import ReportNames
from indexer.records import Fact

# A code in brackets, and the name in front of it: 蓝色光标（300058）, 美团-W(03690.HK). A name has
# at most 12 characters: longer ones are sentences that end in a name.
_CODE_IN_BRACKETS = re.compile(r"[（(]\s?((?:\d{6}|\d{4,5}\.HK)(?:\.[A-Za-z]{2})?)\s?[)）]")
_NAME_BEFORE = re.compile(r"[\u3400-\u9fffA-Za-z*][\u3400-\u9fffA-Za-z0-9*\-·]{1,11}\s?$")
_NAME_REACH = 13
_PRODUCT = re.compile(r"《([^《》\n]{2,20})》")
_NAME_COLUMN = re.compile(r"公司|名称|简称|证券|股票|个股|标的")
_NAME = re.compile(r"[\u3400-\u9fffA-Za-z*][\u3400-\u9fffA-Za-z0-9*\-·]{1,11}")
# Words that stand in the column of names without being one.
_NO_NAMES = frozenset(
    {"合计", "平均", "平均值", "均值", "中位数", "总计", "小计", "公司", "名称", "公司名称"}
    | {"行业", "行业平均", "可比公司", "可比公司平均"}
)
_BEFORE_NAME = re.compile(r"推荐|关注|包括|例如|其中|标的|建议|公司|以及|及|和|与|如|有|为|是|的")
_SHORTEST = 3  # names of two characters are ordinary words more often than names
_START_BITS = 18
_HOUSE = "house"  # stands for a code where a securities house is meant
_MANY_ANALYSTS = 50  # more names on one report are a directory of the house


def names_of(report: Report, facts: Sequence[Fact] = ()) -> ReportNames:
    """The names that a report states: companies with their codes, brokers, analysts, products."""
    listed = set(_scanner(own_words_number()).find(report.text))
    brokers = {name for name, code in listed if code == _HOUSE}
    if report.meta.broker:
        brokers.add(report.meta.broker.value)
    companies = {pair for pair in listed if pair[1] != _HOUSE}
    companies |= set(_companies_in(report, facts))
    companies = {pair for pair in companies if pair[0] not in brokers or pair[1]}
    analysts = [a.name for a in report.meta.analysts][:_MANY_ANALYSTS]
    products = {match.group(1).strip() for match in _PRODUCT.finditer(report.text)}
    return ReportNames(
        tuple(sorted(companies)),
        tuple(sorted(brokers)),
        tuple(sorted(set(analysts))),
        tuple(sorted(p for p in products if len(p) > 1)),
    )


def _companies_in(report: Report, facts: Sequence[Fact]) -> Iterator[tuple[str, str]]:
    for fact in facts:
        if fact.code and _NAME.fullmatch(fact.subject):
            yield fact.subject, _bare(fact.code)
    for table in report.tables:
        yield from _companies_in_table(table)
    for match in _CODE_IN_BRACKETS.finditer(report.text):
        before = _NAME_BEFORE.search(
            report.text, max(0, match.start() - _NAME_REACH), match.start()
        )
        name = _cleaned(before.group().rstrip()) if before else ""
        if name:
            yield name, _bare(match.group(1))
    if report.meta.subject and _NAME.fullmatch(report.meta.subject.value):
        codes = report.meta.stock_codes
        yield report.meta.subject.value, _bare(codes[0].value) if len(codes) == 1 else ""


def _companies_in_table(table: Table) -> Iterator[tuple[str, str]]:
    """Names in the key columns: beside a code, or under a header that says names stand here."""
    for row in table.rows:
        keys = [row.cells[c].text for c in table.key_columns if c < len(row.cells)]
        code = next((bare for text in keys if (bare := _code(text))), "")
        for column in table.key_columns:
            name = row.cells[column].text if column < len(row.cells) else ""
            if not _NAME.fullmatch(name) or name in _NO_NAMES or _code(name):
                continue
            header = " ".join(table.columns[column].header)
            if code or _NAME_COLUMN.search(header):
                yield name, code
                break


def _code(text: str) -> str:
    mention = parse_code(text)
    return mention.code if mention and mention.code.isdigit() else ""


def _bare(code: str) -> str:
    return code.partition(".")[0]


def _cleaned(words: str) -> str:
    """The name at the end of the words before a code: 推荐蓝色光标 → the listed name if there is
    one, else the words after the last verb of recommendation."""
    listings = load_listings()
    for start in range(len(words) - 1):
        if listings.by_name(words[start:]):
            return words[start:]
    tail = _BEFORE_NAME.split(words)[-1]
    return tail if 2 <= len(tail) <= 8 else ""


class _Scanner:
    """Finds listed companies and known houses in a text, at the speed of a few array passes.

    A bitmap of the names' first three characters leaves few places to look at.
    """

    def __init__(self) -> None:
        listings = load_listings()
        self._common = listings.is_common_word
        self._names = {half_width(name).lower(): (name, code) for name, code in listings.names()}
        self._names |= {name.lower(): (name, _HOUSE) for name in known_brokers()}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._starts = np.zeros(1 << _START_BITS, dtype=bool)
        for name in sorted(self._names, key=len, reverse=True):
            if len(name) >= _SHORTEST:
                lengths = self._lengths.get(name[:_SHORTEST], ())
                if len(name) not in lengths:
                    self._lengths[name[:_SHORTEST]] = (*lengths, len(name))
        self._starts[_start_hash(string_codes("".join(self._lengths)))[::_SHORTEST]] = True

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """`(name, code)` of every listed company and `(name, _HOUSE)` of every house; common words
        (机器人, 太平洋) count only where their code stands in the text too."""
        plain = text.lower()
        codes = string_codes(plain)
        if len(plain) != len(text) or _has_wide_letters(codes):
            plain = fold_in_place(text)
            codes = string_codes(plain)
        past = 0
        for at in np.flatnonzero(self._starts[_start_hash(codes)]).tolist():
            if at < past:
                continue
            for length in self._lengths.get(plain[at : at + _SHORTEST], ()):
                found = self._names.get(plain[at : at + length])
                if found is not None:
                    past = at + length
                    if found[1] == _HOUSE or found[1] in text or not self._common(found[0]):
                        yield found
                    break


def _start_hash(codes: Codes) -> Codes:
    """A number of `_START_BITS` bits for the three characters from each place on."""
    mixed = codes[:-2] * np.uint32(0x9E3779B1) ^ codes[1:-1] * np.uint32(0x85EBCA77)
    hashed: Codes = (mixed ^ codes[2:] * np.uint32(0xC2B2AE3D)) >> np.uint32(32 - _START_BITS)
    return hashed


def _has_wide_letters(codes: Codes) -> bool:
    """True if letters or digits of full width stand in the text."""
    low = codes | np.uint32(0x20)
    wide = (low >= 0xFF41) & (low <= 0xFF5A) & (codes >= 0xFF21)
    return bool((wide | ((codes >= 0xFF10) & (codes <= 0xFF19))).any())


@lru_cache(maxsize=2)
def _scanner(_number: int) -> _Scanner:
    return _Scanner()
