"""Listed companies (A shares) by name and by code, and stock codes as reports write them.

Used wherever a company must be known as one although no report of the corpus names it. Brokers
are found by `corpus.brokers`, whose names are given here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from corpus.brokers import (
    BrokerMention,
    find_brokers,
    known_brokers,
    same_broker,
    short_broker_name,
)
from corpus.own_words import OwnCompany, own_words, own_words_number
from corpus.widths import fold_in_place, half_width

__all__ = [
    "BrokerMention",
    "CodeMention",
    "Listings",
    "NameMention",
    "find_brokers",
    "find_codes",
    "is_common_word",
    "known_brokers",
    "load_listings",
    "parse_code",
    "same_broker",
    "same_code",
    "short_broker_name",
]


@dataclass(frozen=True, slots=True)
class NameMention:
    """A listed company's name in a text: `given[start:end]` are the words, `name` the listed one.

    Args:
        common: the name is an ordinary word or a place too (机器人, 太平洋).
    """

    name: str
    code: str
    start: int
    end: int
    common: bool


@dataclass(frozen=True, slots=True)
class CodeMention:
    """A stock code in a text; `code` is without suffix, `suffix` upper case (`SZ`) or None."""

    code: str
    suffix: str | None
    start: int
    end: int


_LONGEST_NAME = 16  # characters, a share class included


class Listings:
    """The A-share companies that ship with the project (see corpus/data/README.md), and the
    user's own."""

    def __init__(self, lines: str, own: tuple[OwnCompany, ...] = ()) -> None:
        """Reads `code, name[, w]` lines, fields parted by tabs; `own` companies win their codes
        and names, and a name that the list gave such a code stays another name of it."""
        rows = [line.split("\t") for line in lines.splitlines()]
        self._by_code = {row[0]: row[1] for row in rows}
        self._codes = {row[1].lower(): row[0] for row in rows}
        self._common = {row[1].lower() for row in rows if len(row) > 2}
        for company in own:
            self._by_code[company.code] = company.name
            for name in map(_bare_name, (company.name, *company.aliases)):
                self._codes[name] = company.code
                self._common.discard(name)
        self._starts: dict[str, list[str]] = {}
        for name in sorted(self._codes, key=len, reverse=True):
            self._starts.setdefault(name[:2], []).append(name)

    def __len__(self) -> int:
        """How many companies there are."""
        return len(self._by_code)

    def names(self) -> Iterator[tuple[str, str]]:
        """Every (short name, code), ordered by code."""
        return ((name, code) for code, name in self._by_code.items())

    def by_code(self, code: str) -> str | None:
        """The short name of a code, given with or without suffix; None if it is not listed."""
        parsed = parse_code(code)
        return self._by_code.get(parsed.code) if parsed else None

    def by_name(self, name: str) -> str | None:
        """The code of a short name; width, case and an exchange's marks do not matter."""
        folded = _bare_name(name)
        return self._codes.get(folded)

    def is_common_word(self, name: str) -> bool:
        """True for a listed name that is an ordinary word or a place too."""
        return _bare_name(name) in self._common

    def find(self, text: str) -> list[NameMention]:
        """Every listed name in the text, in order, the longest at each place, none overlapping."""
        folded = fold_in_place(text)
        mentions: list[NameMention] = []
        place = 0
        while place < len(folded) - 1:
            name = self._name_at(folded, place)
            if name is None:
                place += 1
                continue
            code = self._codes[name]
            end = _past_share_class(folded, place + len(name))
            common = name in self._common
            mentions.append(NameMention(self._by_code[code], code, place, end, common))
            place = end
        return mentions

    def beginning_at(self, text: str, place: int) -> NameMention | None:
        """The listed name that begins at a place of the text, None if none does; half-width
        characters are expected."""
        if text[place : place + 2].lower() not in self._starts:
            return None
        folded = fold_in_place(text[place : place + _LONGEST_NAME])
        name = self._name_at(folded, 0)
        if name is None:
            return None
        code = self._codes[name]
        end = place + _past_share_class(folded, len(name))
        return NameMention(self._by_code[code], code, place, end, name in self._common)

    def _name_at(self, folded: str, place: int) -> str | None:
        for name in self._starts.get(folded[place : place + 2], ()):
            if folded.startswith(name, place):
                return name
        return None


def load_listings() -> Listings:
    """The shipped listings with the user's own companies, read once."""
    return _listings(own_words_number())


@lru_cache(maxsize=2)
def _listings(_number: int) -> Listings:
    path = files("corpus").joinpath("data", "listings.txt")
    return Listings(path.read_text(encoding="utf-8"), own_words().companies)


def is_common_word(name: str) -> bool:
    """True for a listed name that is an ordinary word or a place too (机器人, 太平洋)."""
    return load_listings().is_common_word(name)


# A code stands alone: no digit, letter, point or comma touches it (1280.51, S0600516070001).
_CODE = re.compile(
    r"(?<![\dA-Za-z.,])(?:"
    r"(?P<bloomberg>\d{1,6}|[A-Z]{1,5}) (?P<market>HK|CH|US|TT|JP|KS|SP) Equity"
    r"|(?:(?P<prefix>SH|SZ|BJ|HK)[.:]?)?(?P<six>\d{6})(?:\.?(?P<board>SH|SZ|BJ|SS|XSHE|XSHG|OC|NQ|CH))?"
    r"|(?P<hk>\d{1,5})\.(?P<hk_board>HK)"
    r"|(?P<us>[A-Z]{1,5})\.(?P<us_board>US|O|N|OQ|NYSE|NASDAQ)"
    r")(?![\dA-Za-z]|[.,]\d|%)",
    re.IGNORECASE,
)


def find_codes(text: str) -> list[CodeMention]:
    """Stock codes in the text: six digits (300058, 002605.SZ), 0700.HK, MSFT.O; in order."""
    found = []
    for match in _CODE.finditer(half_width(text)):
        code = match["bloomberg"] or match["six"] or match["hk"] or match["us"].upper()
        suffix = match["board"] or match["prefix"] or match["hk_board"] or match["us_board"]
        suffix = suffix or match["market"]
        if match["us"] and not match["us"].isupper():
            continue
        if suffix and suffix.upper() == "CH":  # of which of the two exchanges, it does not say
            suffix = None
        mention = CodeMention(code, suffix.upper() if suffix else None, match.start(), match.end())
        found.append(mention)
    return found


def parse_code(text: str) -> CodeMention | None:
    """The stock code that the whole of `text` is, None if it is anything else."""
    stripped = text.strip().strip("()（）[]【】")
    found = find_codes(stripped)
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(stripped)):
        return found[0]
    return None


def same_code(one: str, other: str) -> bool:
    """True if both name one security; a missing suffix does not tell them apart."""
    first, second = parse_code(one), parse_code(other)
    if first is None or second is None:
        return one.strip().upper() == other.strip().upper() != ""
    if first.suffix == second.suffix == "HK":
        return first.code.lstrip("0") == second.code.lstrip("0")
    suffixes = {first.suffix, second.suffix}
    return first.code == second.code and (None in suffixes or len(suffixes) == 1)


_MARKS = re.compile(r"\A(?:\*?st|s\*?st|xd|xr|dr|n(?=[\u4e00-\u9fff]))|[ab]\Z|\s")


def _bare_name(name: str) -> str:
    """Folded, without the marks that an exchange adds (`*ST`, `XD`, the `A` of a share class)."""
    return _MARKS.sub("", _MARKS.sub("", fold_in_place(name.strip())))


def _past_share_class(folded: str, end: int) -> int:
    """`end`, moved over the A or B of a share class (万科A)."""
    follows = folded[end : end + 2]
    is_class = follows[:1] in {"a", "b"} and not (follows[1:].isascii() and follows[1:].isalnum())
    return end + 1 if is_class else end
