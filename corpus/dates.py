"""The date printed on a report, told apart from the dates that its sentences mention.

Used by `corpus.metadata`.
"""

from __future__ import annotations

import re
from datetime import date

from corpus.report import Sourced, Span

# `\d` and int() take full-width digits too. The look-behind stands behind the year, so that the
# search can skip to the next 1 or 2 (four times faster).
_NUMERIC = re.compile(
    r"(?P<year>[12１２]\d{3})(?<![\d.]....)(?:\s*年\s*(?P<m1>\d{1,2})\s*月\s*(?P<d1>\d{1,2})\s*日"
    r"|\s*(?P<mark>[-/.－／．])\s*(?P<m2>\d{1,2})\s*(?P=mark)\s*(?P<d2>\d{1,2})"
    r"|(?P<m3>[01]\d)(?P<d3>[0-3]\d))(?![\d.]\d|\d)"
)
_ZEROS = "〇○零０ＯOo"
_HAN_DIGITS = _ZEROS + "一二三四五六七八九"
_HAN = re.compile(
    rf"(?P<year>[二一][{_HAN_DIGITS}]{{3}})年(?P<month>[一二三四五六七八九十]{{1,2}})月(?P<day>[一二三四五六七八九十]{{1,3}})日"
)
_ENGLISH = re.compile(
    r"(?P<d>\d{1,2})\s+(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"
    r"|Dec)[a-z]*\.?,?\s+(?P<y>20\d\d)"
    r"|(?P<mon2>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"
    r"|Dec)[a-z]*\.?\s+(?P<d2>\d{1,2}),?\s+(?P<y2>20\d\d)"
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LABEL = re.compile(r"(?:日期|时间|发布于|发布日|报告日)\s*[：:|]?\s*\Z")


def find_dates(text: str, start: int = 0, end: int | None = None) -> list[Sourced[date]]:
    """Every full date (day known) in `text[start:end]`, in order, with spans in `text`."""
    piece = text[start:end]
    found = []
    for pattern, read, mark in _FORMS:
        if mark and not any(word in piece for word in mark):
            continue
        for match in pattern.finditer(piece):
            day = read(match)
            if day is not None:
                found.append(Sourced(day, Span(start + match.start(), start + match.end())))
    return sorted(found, key=lambda one: one.span.start if one.span else 0)


def parse_date(words: str) -> date | None:
    """The date that `words` state first, None if they state none."""
    found = find_dates(words)
    return found[0].value if found else None


def is_labelled(text: str, start: int) -> bool:
    """True if 日期： or its like stands right before `start`."""
    return _LABEL.search(text[max(0, start - 12) : start]) is not None


def _made(year: int, month: int, day: int) -> date | None:
    if not 1980 <= year <= 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeric(match: re.Match[str]) -> date | None:
    month = match["m1"] or match["m2"] or match["m3"]
    day = match["d1"] or match["d2"] or match["d3"]
    return _made(int(match["year"]), int(month), int(day))


def _han(match: re.Match[str]) -> date | None:
    digits = "".join("0" if one in _ZEROS else str("一二三四五六七八九".index(one) + 1)
                     for one in match["year"])  # fmt: skip
    year = int(digits)
    return _made(year, _han_number(match["month"]), _han_number(match["day"]))


def _han_number(words: str) -> int:
    tens, ten, ones = words.rpartition("十")
    units = "一二三四五六七八九".find(ones) + 1 if ones else 0
    if not ten:
        return units
    return ("一二三四五六七八九".find(tens) + 1 if tens else 1) * 10 + units


def _english(match: re.Match[str]) -> date | None:
    month = _MONTHS.index(match["mon"] or match["mon2"]) + 1
    return _made(int(match["y"] or match["y2"]), month, int(match["d"] or match["d2"]))


# Pattern, reader, and the words of which it needs one.
_FORMS = (
    (_NUMERIC, _numeric, ()),
    (_HAN, _han, ("年",)),
    (_ENGLISH, _english, tuple(_MONTHS)),
)
