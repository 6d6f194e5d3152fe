"""One pass over a text that replaces names, dates, years and figures, each consistently.

Part of `eval.disguise`. What has been replaced is never looked at again, so a new name cannot
be taken for an old one. The same words give the same replacement in report and question.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_UNITS = r"%|％|亿|万|元|倍|秒|帧|个?百分点|pct|bps?\b|多首"
# Longest form first: 2024 年 02 月 21 日, 2024-02-21, 2024/2/21, 2 月 17 日, 2022.12.
_DATE = (
    r"(?P<y>(?:19|20)\d{2})(?P<s1> ?年 ?|[-/.])(?P<m>\d{1,2})"
    r"(?P<s2> ?月 ?|[-/.])(?P<d>\d{1,2})(?!\d)"
)
_MONTH_DAY = r"(?<![\d年])(?P<m2>\d{1,2})(?P<s3> ?月 ?)(?P<d2>\d{1,2})(?= ?日|号)"
_YEAR_MONTH = rf"(?P<ym>20\d{{2}})(?=\.(?:0[1-9]|1[0-2])(?!\d| ?(?:{_UNITS})))"
_YEAR = r"(?<![\d.,])(?P<year>(?:19|20)\d{2})(?!\d|[*×xX,.]\d)"
_SHORT_YEAR = r"(?<![\d.])(?P<short>2\d)(?=年|[AE](?![A-Za-z]))"
# Possessive, so that no part of 1.4、2 or 12.345.6 is taken for a figure.
_NUMBER = (
    r"(?<![A-Za-z0-9_.])(?P<sign>[-－]?)"
    r"(?P<number>\d{1,3}(?:,\d{3})++(?:\.\d++)?+|\d++(?:\.\d++)?+)"
    rf"(?P<unit> ?(?:{_UNITS}))?(?!\.\d)"
)
_MONTHS = r"(?<![\d.])(?P<months>\d{1,2})(?= ?(?:个月|至 ?\d+ ?个月))"


@dataclass(frozen=True, slots=True)
class Shift:
    """How numbers change.

    Args:
        years: added to every year.
        days: month → days added to every day of that month.
        factor: multiplies every figure; at least 1, so that figures that differ keep differing
            at their own precision, and order, sign and zero stay.
        months: factor on terms such as 6 个月.
    """

    years: int
    days: Mapping[int, int]
    factor: Decimal
    months: Decimal


def scaled(text: str, factor: Decimal) -> str:
    """A figure as printed (`-0.50`, `1,280.51`, `20`) times the factor, printed the same way."""
    value = Decimal(text.replace(",", "").replace("－", "-"))
    new = value * factor
    if "." in text:
        places = Decimal(1).scaleb(-len(text.partition(".")[2]))
        new = new.quantize(places, rounding=ROUND_HALF_UP)
    elif new == new.to_integral_value():
        new = new.to_integral_value()
    # A whole number that does not stay whole shows its decimals: rounding a threshold (below 16
    # times) would let it pass figures that it did not pass before.
    return f"{new:,f}" if "," in text else f"{new:f}"


def day_shifts(texts: Iterable[str], draw: float) -> dict[int, int]:
    """Month → shift that keeps every day of that month that the texts name inside 1 … 28.

    Args:
        draw: in [0, 1), which of the possible shifts is taken.
    """
    days: dict[int, set[int]] = defaultdict(set)
    for text in texts:
        for match in re.finditer(f"{_DATE}|{_MONTH_DAY}", text):
            month, day = match["m"] or match["m2"], match["d"] or match["d2"]
            days[int(month)].add(int(day))
    shifts = {}
    for month, named in days.items():
        possible = [s for s in range(-12, 13) if s and min(named) + s >= 1 and max(named) + s <= 28]
        shifts[month] = possible[int(draw * len(possible))] if possible else 0
    return shifts


class Rewriter:
    """Replaces names, dates and figures in any text of the reports or about them.

    Args:
        names: old → new.
        words: regular expression → new, for words that mean a name in some places only.
        years: the years that the reports name; a two-digit year counts only if it is one of them.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        words: Mapping[str, str],
        shift: Shift,
        years: Iterable[int],
    ) -> None:
        self.shift = shift
        self._names = dict(names)
        self._words = list(words.values())
        self._short_years = {year % 100 for year in years}
        listed = sorted(self._names, key=len, reverse=True)
        name = "|".join(
            rf"(?<!\d){re.escape(n)}(?!\d)" if n.isdigit() else re.escape(n) for n in listed
        )
        parts = [f"(?P<name>{name})"] if name else []
        parts += [f"(?P<word{n}>{pattern})" for n, pattern in enumerate(words)]
        parts += [_DATE, _MONTH_DAY, _MONTHS, _YEAR_MONTH, _YEAR, _SHORT_YEAR, _NUMBER]
        self._pattern = re.compile("|".join(parts))

    def __call__(self, text: str) -> str:
        """The text with everything replaced."""
        return self._pattern.sub(self._one, text)

    def cell(self, text: str, *, figures: bool) -> str:
        """A table cell; a bare integer is a figure only in a column of figures."""
        if figures and re.fullmatch(r"[-－]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", text):
            return scaled(text, self.shift.factor)
        return self(text)

    def _one(self, match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        if match.groupdict().get("name"):
            return self._names[match.group()]
        if kind.startswith("word"):
            return self._words[int(kind.removeprefix("word"))]
        if match["y"]:
            return self._date(match)
        if match["m2"]:
            day = self._day(int(match["m2"]), match["d2"], padded=match["m2"][0] == "0")
            return match["m2"] + match["s3"] + day
        if match["months"]:
            return str(int(Decimal(match["months"]) * self.shift.months))
        if year := match["ym"] or match["year"]:
            return str(int(year) + self.shift.years)
        if match["short"]:
            known = int(match["short"]) in self._short_years
            return str((int(match["short"]) + self.shift.years) % 100) if known else match.group()
        return self._number(match)

    def _date(self, match: re.Match[str]) -> str:
        padded = match["m"][0] == "0" or match["s2"] == "-"
        day = self._day(int(match["m"]), match["d"], padded=padded)
        year = str(int(match["y"]) + self.shift.years)
        return year + match["s1"] + match["m"] + match["s2"] + day

    def _day(self, month: int, day: str, *, padded: bool) -> str:
        new = int(day) + self.shift.days.get(month, 0)
        return f"{new:02d}" if padded else str(new)

    def _number(self, match: re.Match[str]) -> str:
        number, text = match["number"], match.string
        before = text[max(0, match.start() - 3) : match.start()]
        whole, _, decimals = number.partition(".")
        if match["unit"] is None:
            if not decimals and "," not in whole:
                return match.group()  # a count, an ordinal, part of a name: no figure
            version = re.search(r"[A-Za-z][ -]?$", before) and len(decimals) == 1
            heading = not before.strip(" \t") or before[-1] == "\n"
            if version or (heading and text[match.end() : match.end() + 1] == "、"):
                return match.group()  # AI 1.0, Diffusion 3.0; 1.1、
        return scaled(match["sign"] + number, self.shift.factor) + (match["unit"] or "")
