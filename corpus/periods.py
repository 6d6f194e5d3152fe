"""Periods as Chinese reports write them, read into one label each.

Used by facts (header cells, note lines) and by questions; offsets are those of the given text.

| label | written as |
|---|---|
| `2024` | 2024, 2024年, 2024E, FY24, 24年, 二〇二四年, 2024年报 |
| `2024Q1` | 24Q1, 1Q24, 2024年一季度, 2024年1-3月 |
| `2024H1` | 2024H1, 1H24, 2024年上半年, 2024年中报, 2024年1-6月 |
| `2024-01..2024-09` | 2024年前三季度, 9M24, 2024年三季报 |
| `2024-02` | 2024年2月, 2024-02, 2023.07 |
| `2024-02-21` | 2024/2/21, 2024年2月21日, 20240221 |
| `Y-1`, `Y+0Q1` | 去年, 一季度: relative, until `today` resolves them |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from corpus.own_words import own_words, own_words_number
from corpus.period_patterns import (
    AMOUNT_AFTER,
    AMOUNT_BEFORE,
    BARE_SUB,
    DATE,
    LENGTH_AFTER,
    LENGTH_BEFORE,
    MAIN,
    MONTH,
    RELATIVE_YEARS,
    TURNED,
    YEAR,
    YEAR_LIST,
    YEAR_PAIR,
    YEAR_PAIR_WORDS,
    YEAR_RANGE,
)
from corpus.widths import half_width

PeriodKind = Literal["actual", "estimate", "guidance"]

# 2024q4, 24h1, 1q24, fy25e: folded questions write the marks small.
_LOWER_MARK = re.compile(
    r"(?<=[\d年])[qh](?=[1-4](?!\d))|(?<![a-z\d])[qh](?=[1-4]\s?['’]?\d\d)"
    r"|(?<=(?<![a-z\d.])[1-4])[qh](?=\d\d)"
    r"|(?<![a-z])fy(?=\s?\d\d)"
)
_LABEL = re.compile(
    r"(?:\d{4}|Y[+-]\d)(?:Q[1-4]|H[12]|-\d\d(?:-\d\d)?|-\d\d\.\.(?:\d{4}|Y[+-]\d)-\d\d)?\Z"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time under its one label (see the table above).

    Args:
        kind: what the writing says of it (`2023A`, `2024E`); None where it says nothing.
    """

    label: str
    kind: PeriodKind | None = None

    def __post_init__(self) -> None:
        """Refuses a label outside the table above."""
        if not _LABEL.match(self.label):
            raise ValueError(f"{self.label!r} is no period label (2024, 2024Q1, 2024-02-21 …)")

    @property
    def year(self) -> int | None:
        """The calendar year it begins in; None while it is relative."""
        return int(self.label[:4]) if self.label[0] != "Y" else None

    @property
    def relative(self) -> bool:
        """True while its year hangs on a day that is not known yet."""
        return self.label[0] == "Y"

    @property
    def is_year(self) -> bool:
        """True for a whole year."""
        return len(self.label) == 4 and not self.relative

    @property
    def is_day(self) -> bool:
        """True for a single day."""
        return len(self.label) == 10 and not self.relative

    def on(self, today: date) -> Period:
        """The same period with its year counted from `today`; unchanged if it is absolute."""
        years = re.sub(
            r"Y([+-]\d)", lambda found: f"{today.year + int(found.group(1)):04d}", self.label
        )
        return Period(years, self.kind)


@dataclass(frozen=True, slots=True)
class PeriodMention:
    """A period where a text names it: `given[start:end] == text`.

    Args:
        relative: 去年, 一季度 and the like: the year was counted from `today`, or is still open.
    """

    period: Period
    start: int
    end: int
    text: str
    relative: bool = False


def parse_period(text: str, today: date | None = None) -> Period | None:
    """The period that the whole of `text` writes, None if it writes anything else.

    >>> parse_period("2024 年一季度")
    Period(label='2024Q1', kind=None)
    """
    plain = half_width(text).strip()
    if len(plain) >= 2 and plain[0] in "([" and plain[-1] in ")]":
        plain = plain[1:-1].strip()
    if not plain or len(plain) > 40:
        return None
    found = find_periods(plain, today)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(plain)):
        return None
    return found[0].period


def find_periods(text: str, today: date | None = None) -> list[PeriodMention]:
    """Every period that `text` names, in order; a range of years gives each year, same span.

    Args:
        today: the day that 今年 or 一季度 is counted from (the report's date, or the reader's);
            without it such mentions keep their open label (`Y+0`, `Y-1Q3`).
    """
    plain = _LOWER_MARK.sub(lambda mark: mark.group().upper(), half_width(text))
    taken = bytearray(len(plain))
    mentions: list[PeriodMention] = []
    own = _own_rules(own_words_number())
    for pattern, read in (*own, *_RULES) if own else _RULES:
        for match in pattern.finditer(plain):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            periods = read(match, plain)
            if not periods:
                continue
            taken[start:end] = b"\1" * (end - start)
            mentions += _mentions(periods, start, end, text, today)
    return sorted(mentions, key=lambda mention: (mention.start, mention.period.label))


def without_periods(text: str) -> str:
    """The text with every period cut out; a range of years (2020-2024) is cut out once."""
    spans = sorted({(mention.start, mention.end) for mention in find_periods(text)}, reverse=True)
    for start, end in spans:
        text = text[:start] + text[end:]
    return text


def _mentions(
    periods: list[Period], start: int, end: int, text: str, today: date | None
) -> Iterator[PeriodMention]:
    for period in periods:
        known = period.on(today) if today is not None else period
        yield PeriodMention(known, start, end, text[start:end], period.relative)


_WORD_KINDS: dict[str, PeriodKind] = {"实": "actual", "指": "guidance"}


def _date(match: re.Match[str], text: str) -> list[Period]:
    month = int(match["m"] or match["m2"] or match["m3"])
    day = int(match["d"] or match["d2"] or match["d3"])
    if match["m3"] and (
        AMOUNT_AFTER.match(text, match.end()) or AMOUNT_BEFORE.search(_before(match, text))
    ):
        return []
    return _made(_day_label(match["y"], month, day))


def _month(match: re.Match[str], text: str) -> list[Period]:
    month = match["m"]
    if match["sep"] == "." and len(month) == 1:  # 2024.5 is rather a number
        return []
    return _made(f"{match['y']}-{int(month):02d}") if 1 <= int(month) <= 12 else []


def _year_range(match: re.Match[str], text: str) -> list[Period]:
    """2022-2024年, 2023-25E, 23-25年; a mark belongs to the last year only."""
    marked = bool(match["n1"] or match["nian"] or match["mark"] or match["word"])
    first, last = match["a"], match["b"]
    if len(first) == 2 and (not marked or len(last) == 4 or not _century(first)):
        return []
    if len(last) == 2 and not marked and int(last) <= 12:
        return []
    start = int(first) if len(first) == 4 else 2000 + int(first)
    stop = int(last) if len(last) == 4 else start // 100 * 100 + int(last)
    if not start <= stop <= start + 40 or (not marked and _is_amount(match, text)):
        return []
    all_estimates = match["n1"] in {"E", "F"}
    return _years(range(start, stop + 1), "estimate" if all_estimates else None, _kind(match))


def _year_list(match: re.Match[str], text: str) -> list[Period]:
    """23/24/25年, 2023/24/25E: two-digit years need a 年 or a mark after the last."""
    if not (match["nian"] or match["mark"] or match["word"]):
        return []
    parts = re.split("[/、]", match["list"])
    years = [int(part) if len(part) == 4 else 2000 + int(part) for part in parts]
    if any(later <= earlier for earlier, later in pairwise(years)):
        return []
    return _years(years, None, _kind(match))


def _year_pair(match: re.Match[str], text: str) -> list[Period]:
    """今明两年 names two years."""
    offsets = [YEAR_PAIR_WORDS[match["first"]], YEAR_PAIR_WORDS[match["second"]]]
    return [Period(f"Y{offset:+d}") for offset in offsets]


def _main(match: re.Match[str], text: str) -> list[Period]:
    year = _year_of(match)
    if year is None or not _plausible(match, text):
        return []
    label = _label(year, match)
    return _made(label, _kind(match)) if label else []


def _turned(match: re.Match[str], text: str) -> list[Period]:
    year = match["y"] if len(match["y"]) == 4 else f"20{match['y']}"
    part = match["p"]
    number = part.strip("QHM")
    sub = {"Q": f"Q{number}", "H": f"H{number}", "M": f"-01..{year}-09"}[part.strip("0123456789")]
    return _made(year + sub, _kind(match))


def _bare_sub(match: re.Match[str], text: str) -> list[Period]:
    """一季度, 2月21日 without a year: taken as this year's. A lone 2月 must not be 12个月."""
    if match["full"]:
        return []
    label = _label("Y+0", match)
    return _made(label, _kind(match)) if label else []


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], str], list[Period]]]


@lru_cache(maxsize=2)
def _own_rules(_number: int) -> tuple[_Rule, ...]:
    """The user's names of periods, with a year before them or without: 2024上半财年."""
    means = {own.name.lower(): own.means for own in own_words().periods}
    if not means:
        return ()
    names = "|".join(re.escape(name) for name in sorted(means, key=len, reverse=True))

    def read(match: re.Match[str], _text: str) -> list[Period]:
        year = f"{match['year'][-4:]}年" if match["year"] else ""
        return _read_shipped(year + means[match["name"].lower()])

    year = r"(?:(?<![\d.])(?P<year>20\d\d)\s?年?的?)?"
    return ((re.compile(rf"{year}(?P<name>{names})", re.IGNORECASE), read),)


def _read_shipped(text: str) -> list[Period]:
    """The periods of words that need no user's file, all of the first place that has any."""
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            if periods := read(match, text):
                return periods
    return []


_RULES: tuple[_Rule, ...] = (
    (YEAR_PAIR, _year_pair),
    (DATE, _date),
    (YEAR_LIST, _year_list),
    (MONTH, _month),
    (YEAR_RANGE, _year_range),
    (TURNED, _turned),
    (MAIN, _main),
    (BARE_SUB, _bare_sub),
)


def _made(label: str | None, kind: PeriodKind | None = None) -> list[Period]:
    return [Period(label, kind)] if label else []


def _years(
    years: range | list[int], kind: PeriodKind | None, last_kind: PeriodKind | None
) -> list[Period]:
    """One period a year; a mark after the last year is that year's only (2022-2024E)."""
    *earlier, last = dict.fromkeys(years)
    return [Period(str(year), kind) for year in earlier] + [Period(str(last), last_kind or kind)]


def _kind(match: re.Match[str]) -> PeriodKind | None:
    if mark := match["mark"]:
        return "actual" if mark in "Aa" else "estimate"
    if word := match["word"]:
        return _WORD_KINDS.get(word[0], "estimate")
    return None


def _year_of(match: re.Match[str]) -> str | None:
    if match["rel"]:
        return f"Y{RELATIVE_YEARS[match['rel']]:+d}"
    if match["cn"]:
        year = "".join(str(_cn_digit(ch)) for ch in match["cn"])
        return year if re.fullmatch(YEAR, year) else None
    year = match["y"].lstrip("'’")
    if len(year) == 4:
        return year
    return f"20{year}" if _century(year) or match["fy"] else None


def _century(two_digits: str) -> bool:
    """True for 00 to 39: what a report may mean by two digits."""
    return int(two_digits) < 40


def _plausible(match: re.Match[str], text: str) -> bool:
    """Whether a number that looks like a year is one, by what stands about it."""
    if match["rel"] or match["cn"] or match["fy"]:
        return True
    marked = bool(match["mark"] or match["word"])
    sub = any(match[name] for name in ("m1", "nine", "q", "h", "m", "full"))
    if len(match["y"]) == 4:
        return bool(match["nian"] or sub or marked) or not _is_amount(match, text)
    before = _before(match, text)
    if match["y"][0] in "'’":
        return bool(match["nian"] or sub or marked)
    if AMOUNT_BEFORE.search(before) and not match["nian"]:
        return False
    if sub and (match["nian"] or match["q"] or match["h"] or match["nine"]):
        return not LENGTH_BEFORE.search(before)
    if int(match["y"]) < 15:  # 12年, 05A: rather a length, a size or a seat
        return False
    if match["nian"]:
        return not (LENGTH_BEFORE.search(before) or LENGTH_AFTER.match(text, match.end()))
    return marked


def _before(match: re.Match[str], text: str) -> str:
    """The few characters before a match: enough for the words that are looked for there."""
    return text[max(0, match.start() - 6) : match.start()]


def _is_amount(match: re.Match[str], text: str) -> bool:
    before, after = _before(match, text), match.end()
    return bool(AMOUNT_AFTER.match(text, after) or AMOUNT_BEFORE.search(before))


def _label(year: str, match: re.Match[str]) -> str | None:
    """The label of a year and what of it the match names."""
    if match["m1"]:
        return _months_label(year, int(match["m1"]), int(match["m2"]))
    if match["nine"]:
        return f"{year}-01..{year}-09"
    if quarter := match["q"]:
        digit = next(ch for ch in quarter if ch in "一二三四1234")
        return f"{year}Q{_cn_digit(digit)}"
    if half := match["h"]:
        return f"{year}H{2 if '下' in half or '2' in half else 1}"
    if match["m"]:
        month = _cn_number(match["m"])
        if match["d"]:
            return _day_label(year, month, _cn_number(match["d"]))
        return f"{year}-{month:02d}" if 1 <= month <= 12 else None
    return year


def _months_label(year: str, first: int, last: int) -> str | None:
    """`2024H1` for months 1 to 6, and so on: one stretch has one label."""
    if not 1 <= first <= last <= 12:
        return None
    named = {(1, 3): "Q1", (4, 6): "Q2", (7, 9): "Q3", (10, 12): "Q4", (1, 6): "H1", (7, 12): "H2"}
    if (first, last) == (1, 12):
        return year
    if (first, last) in named:
        return year + named[(first, last)]
    return f"{year}-{first:02d}..{year}-{last:02d}" if first < last else f"{year}-{first:02d}"


def _day_label(year: str, month: int, day: int) -> str | None:
    """None when the calendar has no such day; an open year counts as a leap year."""
    try:
        date(int(year) if year[0] != "Y" else 2024, month, day)
    except ValueError:
        return None
    return f"{year}-{month:02d}-{day:02d}"


def _cn_digit(character: str) -> int:
    if character in "〇零○":
        return 0
    return "一二三四五六七八九".find(character) + 1 or int(character)


def _cn_number(text: str) -> int:
    """A number up to 39 in digits or in Chinese (二十一)."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _cn_digit(tens)
    return (_cn_digit(tens) if tens else 1) * 10 + (_cn_digit(ones) if ones else 0)
