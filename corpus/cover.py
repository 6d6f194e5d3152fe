"""What page one of a typeset report states beside its title block: date, rating, codes, price.

Used by `corpus.metadata` where page one is known to be a printed page: there a date or a rating
word on a line of its own is the report's, wherever on the page it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from corpus.dates import find_dates, is_labelled
from corpus.front import CHANGE_WORDS, RATINGS
from corpus.lines import Line
from corpus.report import Sourced, Span

_SHORT = 44  # characters of a line that states little beside a date
# Dates of prices, sources and other reports: none of them is the report's own.
_OTHERS = re.compile(r"来源|截至|截止|收盘|\A注|\A[《\[（(]|》|预测|数据日|更新于|相关报告")


def cover_date(text: str, lines: Sequence[Line], page_one: int) -> Sourced[date] | None:
    """The date of the report: behind 日期 or its like, else the latest on a short line."""
    found: list[Sourced[date]] = []
    for line in _page(lines, page_one):
        if len(line.text) > _SHORT or _OTHERS.search(line.text):
            continue
        for one in find_dates(text, line.start, line.end):
            if one.span is not None and is_labelled(text, one.span.start):
                return one
            found.append(one)
    return max(found, key=lambda one: one.value, default=None)


def _page(lines: Sequence[Line], page_one: int) -> Iterator[Line]:
    for line in lines:
        if line.start >= page_one:
            return
        yield line


_STATED = re.compile(
    rf"(?:(?:投资|公司|行业|股票|本次|当前)*评级\s*[：:]?\s*)?[“\"「]?(?P<word>{RATINGS})[”\"」]?"
    rf"(?:\s*[-A-C（(/|\s]\s*(?P<change>{CHANGE_WORDS})(?:评级)?\s*[)）]?)?"
)
_SAID = re.compile(
    rf"(?:(?P<change>{CHANGE_WORDS})(?:(?!{CHANGE_WORDS})[^。；\n]){{0,16}}?)?[“\"「](?P<word>{RATINGS})[”\"」]\s*(?:的)?"
    r"(?:投资|股票)?评级"
)
_SAID_PLAIN = re.compile(
    rf"(?P<change>{CHANGE_WORDS})(?:(?!{CHANGE_WORDS})[^。；\n]){{0,10}}?(?P<word>{RATINGS})(?:的)?(?:投资|股票)?评级"
)


def cover_rating(
    text: str, lines: Sequence[Line], page_one: int
) -> tuple[Sourced[str] | None, Sourced[str] | None]:
    """The rating word and its change: on a line of its own, else as a sentence states it."""
    for line in _page(lines, page_one):
        match = _STATED.fullmatch(line.text)
        if match and not re.fullmatch(CHANGE_WORDS, match["word"]):
            return _rating(match, line.start)
    for pattern in (_SAID, _SAID_PLAIN):
        match = pattern.search(text, 0, page_one)
        if match:
            return _rating(match, 0)
    return None, None


def _rating(match: re.Match[str], at: int) -> tuple[Sourced[str], Sourced[str] | None]:
    word = Sourced(match["word"], Span(at + match.start("word"), at + match.end("word")))
    if not match["change"]:
        return word, None
    place = Span(at + match.start("change"), at + match.end("change"))
    return word, Sourced(match["change"], place)


_PRICE = re.compile(
    r"(?<![\u4e00-\u9fff])(?:\d{1,2}\s*月\s*\d{1,2}\s*日\s*)?(?:当前|目前|最新|昨日|[AH]股)*"
    r"(?:收盘价|股价|现价|市价|当前价|最新价)格?(?:\s*[（(][^）)\n]{0,14}[)）])?(?:[：:|]|\s){0,4}"
    r"(?P<price>(?:人民币|港币|HK\$|US\$|¥|￥)?\s?\d[\d,]*(?:\.\d+)?\s?(?:元|港元|美元)?)"
    r"(?![\d%./~–—-])"
)


def cover_price(text: str, page_one: int) -> Sourced[str] | None:
    """The current price as page one states it: 收盘价(元) 33.30."""
    match = _PRICE.search(text, 0, page_one)
    if match is None:
        return None
    words = match["price"].strip()
    start = match.start("price") + match["price"].index(words)
    return Sourced(words, Span(start, start + len(words)))


_CODE = re.compile(
    r"\s*[（(\[]\s*(?P<code>\d{6}(?:\s*\.\s*(?:SZ|SH|BJ|SS|CH))?|\d{4,5}\s*\.\s*HK"
    r"|[A-Z]{1,5}\.(?:US|O|N))\s*[)）\]]",
    re.IGNORECASE,
)


def further_codes(
    text: str, subject: str, known: Sequence[str], page_one: int
) -> list[Sourced[str]]:
    """Codes of other listings of the subject on page one: 蓝思科技（300433.CH）."""
    found: list[Sourced[str]] = []
    met = {code.split(".")[0] for code in known}
    place = text.find(subject, 0, page_one)
    while 0 <= place < page_one:
        match = _CODE.match(text, place + len(subject))
        code = re.sub(r"\s", "", match["code"]).upper() if match else ""
        if match and code.split(".")[0] not in met:
            met.add(code.split(".")[0])
            found.append(Sourced(code, Span(match.start("code"), match.end("code"))))
        place = text.find(subject, place + 1, page_one)
    return found
