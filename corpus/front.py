"""Where a report presents itself: the lines of its title block, wherever they stand.

Used by `corpus.structure` (role FRONT) and `corpus.metadata` (what those lines say).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.boilerplate import heading_role
from corpus.cell_words import RATING_WORDS
from corpus.line_kinds import coded_heading
from corpus.lines import Line

LICENCE = re.compile(r"(?<![A-Za-z0-9])[SA]\d{13}")
# Where white space was lost, a licence or telephone number may touch the address on its left, and
# the next address the end of one in .com.cn.
EMAIL = re.compile(
    r"(?:(?<![A-Za-z0-9._%+-])|(?<=\.com\.cn)(?=[a-z]))"
    r"(?:[SA]\d{13})?(?:[\d-]{7,}(?=[A-Za-z]))?"
    r"(?P<mail>[A-Za-z0-9][A-Za-z0-9._%+-]*@(?:[A-Za-z0-9-]+\.)+?(?:com\.cn|com\.hk|com|cn"
    r"|net|org|hk)(?:(?![a-z])|(?<=\.com\.cn)(?=[A-Za-z0-9._-]+@)))"
)
_PERSON = re.compile(
    r"[-•*■\s]*(?:\*\*)?(?:证券|首席|资深|高级|行业|联席|执业|研究|联系"
    r"|[\u4e00-\u9fff]{2,6}(?=首席|行业))*(?:分析师|研究员|研究助理|联系人|分析员"
    r"|作者)(?!承诺|声明|保证|简介|介绍|认为)"
)
_DATE_LINE = re.compile(
    r"(?:(?:报告|发布|发表|完成|撰写|证券研究报告)?(?:日期|时间)?\s*[：:|]?\s*)?"
    r"(?:(?:19|20)\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?"
    r"|[二][〇○零Ｏ０oO0一二三四五六七八九十]{3}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}日)"
    r"(?:\s*(?:星期|周)[一二三四五六日天])?"
)
CHANGE_WORDS = r"维持|首次(?:覆盖|评级)?|上调|下调|调高|调低|不变|新增|新"
RATINGS = "|".join(sorted(map(re.escape, RATING_WORDS), key=len, reverse=True))
RATING_LINE = re.compile(
    rf"(?:(?:投资|公司|行业|股票|当前)*评级\s*[：:]?\s*)?[“\"「]?(?P<word>{RATINGS}"
    rf"|[\u4e00-\u9fff]{{2,4}})(?:-[A-C])?[”\"」]?\s*"
    rf"[（(/|\s]\s*(?P<change>{CHANGE_WORDS})(?:评级)?\s*[)）]?"
)
RATING_STATED = re.compile(
    rf"(?:投资|公司|行业"
    rf"|股票)*评级\s*[：:]?\s*[“\"「]?(?P<word>{RATINGS})[”\"」]?(?:\s*[（(/]?\s*(?P<change>{CHANGE_WORDS})(?:评级)?\s*[)）]?)?"
)
_PHONE_LINE = re.compile(
    r"(?:(?:电话|Tel|手机|联系电话)\s*[：:]?\s*)?[（(+\d][\d\s()（）+-]{6,22}", re.I
)

# A title block is near: its lines follow each other within this many lines.
_NEAR = 14
_MAX_TITLE = 70


@dataclass(frozen=True, slots=True)
class Front:
    """The title block: lines `[first, last)`, and all lines that state persons or contacts."""

    first: int
    last: int
    signals: frozenset[int]


def signal(words: str) -> str:
    """What a line of a title block states: licence, person, rating, date, mail, phone; else ''."""
    if len(words) > 90:
        return ""
    if LICENCE.search(words):
        return "licence"
    if "@" in words and EMAIL.search(words):
        return "mail"
    if _PERSON.match(words) and len(words) <= 60:
        return "person"
    if len(words) <= 40:
        if _DATE_LINE.fullmatch(words):
            return "date"
        if RATING_LINE.fullmatch(words) or RATING_STATED.fullmatch(words):
            return "rating"
        if _PHONE_LINE.fullmatch(words):
            return "phone"
    return ""


def find_front(
    lines: Sequence[Line], limit: int = 4000, walls: frozenset[int] = frozenset()
) -> Front | None:
    """The title block among the first `limit` lines, None if the text has none.

    Args:
        walls: numbers of lines that no title block holds or goes beyond: tables, captions.
    """
    signals = {
        number: kind
        for number, line in enumerate(lines[:limit])
        if number not in walls and len(line.text) <= 90 and (kind := signal(line.text))
    }
    places = sorted(signals)
    items = {n for n, line in enumerate(lines[:limit]) if coded_heading(line.text)}
    if len({coded_heading(lines[n].text) for n in items}) > 1:
        walls = walls | items  # a note of several companies: each is no part of its title block
    for place in places:
        near = [other for other in places if place <= other <= place + _NEAR]
        kinds = {signals[other] for other in near}
        if len(kinds) >= 2 and kinds & {"licence", "rating", "date", "person"}:
            last = _last(lines, signals, place, walls)
            people = {n for n in signals if signals[n] in ("licence", "mail", "person")}
            # outside the block a date or a run of digits may be a chart's axis
            inside = {n for n in signals if place <= n < last}
            return Front(_first(lines, place, walls), last, frozenset(people | inside))
    return None


def _first(lines: Sequence[Line], place: int, walls: frozenset[int]) -> int:
    """Upwards over titles: short lines that end no sentence, until another section's words."""
    first = place
    while first > 0 and place - first < 12:
        words = lines[first - 1].text
        if len(words) > _MAX_TITLE or words[-1] in "。；;" or heading_role(words) is not None:
            break
        if _ADDRESS.search(words) or first - 1 in walls:
            break
        first -= 1
    return first


_ADDRESS = re.compile(r"(?:邮编|邮政编码|传真|地址|网址)\s*[：:]|https?://|www\.", re.I)


def _last(lines: Sequence[Line], signals: dict[int, str], place: int, walls: frozenset[int]) -> int:
    """Downwards to the last signal before prose or a heading."""
    last = place + 1
    for number in range(place + 1, min(len(lines), place + 60)):
        words = lines[number].text
        if number in signals:
            last = number + 1
        elif (
            number in walls
            or len(words) > _MAX_TITLE
            or heading_role(words) is not None
            or number - last > 6
        ):
            break
    return last
