"""Whom and what the reports name: companies, codes, brokers, analysts, addresses of all kinds.

Part of `eval.disguise`: finds every name in the reports and gives each its replacement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from corpus.tickers import load_listings
from eval.disguising.inventing import Inventor

_CODE = re.compile(r"(?<![0-9A-Za-z.])(\d{6})(?:\.(?:SZ|SH|BJ))?(?![0-9.])")
_BROKER = re.compile(r"([一-鿿]{2,4}?)证券(?:股份有限公司|有限责任公司|有限公司)")
_PERSON = re.compile(
    r"(?:证券分析师|首席分析师|分析师|研究助理|研究员|联系人)[ \t：:]+([一-鿿]{2,3})[ \t]*$", re.M
)
_CURRICULUM = re.compile(r"^([一-鿿]{2,3})[：:](?=[^\n]{0,20}(?:学士|硕士|博士))", re.M)
_LICENCE = re.compile(r"(?<![A-Za-z0-9])[SA]\d{13}(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._-]+@((?:[A-Za-z0-9-]+\.)+[a-z]{2,})")
_SITE = re.compile(r"www\.((?:[A-Za-z0-9-]+\.)+[a-z]{2,})")
_PHONE = re.compile(r"(?<!\d)[（(]?(0\d{2,3})[）)-](\d{7,8})(?!\d)")
_POSTCODE = re.compile(r"(?<=邮政编码：)\d{6}|(?<=邮编：)\d{6}")
_ENGLISH_HOUSE = re.compile(r"^[A-Z][A-Z &.]+ SECURITIES(?: [A-Z.,]+)*$", re.M)
_CELL_NAME = re.compile(r"^[*A-Z]{0,3}[一-鿿][一-鿿A-Za-z]{1,5}$")
# Listed names that reports use as words; renamed, they would make nonsense of sentences.
_WORDS = frozenset(["数字人", "新产业", "机器人", "太阳能", "大数据", "线上线下", "新媒体"])


def replacements(whole: str, inventor: Inventor) -> dict[str, str]:
    """Old name → new name for everything that the reports, joined to one text, name."""
    found: dict[str, str] = {}
    for code in _CODE.findall(whole):
        # Figures have no six digits in a row; what has them is a code or a post code.
        found.setdefault(code, inventor.code(code))
    for code in _POSTCODE.findall(whole):
        found[code] = inventor.digits(6)
    _brokers(whole, inventor, found)
    for name in _PERSON.findall(whole) + _CURRICULUM.findall(whole):
        if name not in found and name not in ("承诺", "声明"):
            found[name] = inventor.person(len(name))
    for name in companies(whole):
        if not any(name.startswith(stem) and "证券" in name for stem in found):
            found.setdefault(name, inventor.company(len(name)))
    _numbers(whole, inventor, found)
    _addresses(whole, inventor, found)
    return found


def companies(text: str) -> list[str]:
    """Company names: cells beside a code in a table, and listed names in running text."""
    names: dict[str, None] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) > 2 and any(_CODE.fullmatch(cell) for cell in cells):
            coded = next(i for i, cell in enumerate(cells) if _CODE.fullmatch(cell))
            beside = cells[max(0, coded - 1) : coded + 2]
            names |= dict.fromkeys(cell for cell in beside if _CELL_NAME.fullmatch(cell))
    for mention in load_listings().find(text):
        written = text[mention.start : mention.end]
        if not mention.common and written not in _WORDS and "证券" not in written:
            names.setdefault(written)
    return list(names)


def _brokers(whole: str, inventor: Inventor, found: dict[str, str]) -> None:
    for stem in sorted(set(_BROKER.findall(whole)), key=lambda stem: (len(stem), stem)):
        # 仅供东吴证券…: what ends in a known stem is that stem with words before it.
        if not any(stem.endswith(known) for known in found):
            found[stem] = inventor.broker_stem()
    for house in _ENGLISH_HOUSE.findall(whole):
        found[house] = f"{inventor.letters(6).upper()} SECURITIES"
        found[house.title()] = found[house].title()


def _numbers(whole: str, inventor: Inventor, found: dict[str, str]) -> None:
    """Licences and phones, the latter in every way in which a question may write them."""
    for licence in _LICENCE.findall(whole):
        found.setdefault(licence, licence[:2] + inventor.like(licence[2:]))
    for area, number in _PHONE.findall(whole):
        new_area, new_number = f"0{inventor.digits(len(area) - 1)}", inventor.like(number)
        for form in ("{}-{}", "（{}）{}", "({}){}", "({}) {}", "{} {}", "{}{}"):
            found.setdefault(form.format(area, number), form.format(new_area, new_number))
        found.setdefault(number, new_number)


def _addresses(whole: str, inventor: Inventor, found: dict[str, str]) -> None:
    domains: Mapping[str, None] = dict.fromkeys(_EMAIL.findall(whole) + _SITE.findall(whole))
    for domain in domains:
        found[domain] = f"{inventor.letters(4)}zq.com.cn"
    for match in _EMAIL.finditer(whole):
        user = match.group().split("@")[0]
        found.setdefault(match.group(), f"{inventor.letters(len(user))}@{found[match.group(1)]}")
