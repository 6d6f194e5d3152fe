"""What one line of a report is by its form: heading, list item, caption, source line, furniture.

Stands between `corpus.lines` and `corpus.structure`; judges a line with its two neighbours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from corpus.boilerplate import heading_role
from corpus.lines import Line
from corpus.report import Role
from corpus.table_titles import CAPTION, SOURCE_LINE

# A heading is one printed line; the longest numbered ones met have 52 characters.
MAX_HEADING = 60
_MAX_LONE = 40

_MARKDOWN = re.compile(r"(#{1,6})\s*(?=\S)")
_BOLD = re.compile(r"(?:\*\*|__)[^*_]{2,60}(?:\*\*|__)\s*[：:]?")
_NUMBERED: tuple[tuple[str, int, re.Pattern[str]], ...] = (
    ("chapter", 1, re.compile(r"第[一二三四五六七八九十\d]{1,3}[章节部分篇](?![，,、度])")),
    (
        "han",
        1,
        re.compile(
            r"[一二三四五六七八九十]{1,3}[、．]\s*\S|[一二三四五六七八九十]{1,3}[.:：]\s*\S"
        ),
    ),
    ("han_bracket", 2, re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]\s*\S")),
    ("dotted", 0, re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}(?:[、.．:：]|\s)?\s*(?=[^\d\s%.,、])")),
    ("zero", 1, re.compile(r"0\d\s*[、.．]?\s*[\u4e00-\u9fffA-Za-z]")),
    (
        "number",
        1,
        re.compile(r"\d{1,2}\s*[、．]\s*\D|\d{1,2}\.\s*[^\d\s]|\d{1,2}\s+[\u4e00-\u9fff]{2}"),
    ),
)
_LIST = re.compile(
    r"[-–*•·●○■□◆◇▶►▪◼➢➤✓√❑❖\uf000-\uf8ff](?![-\d=*])\s*\S|[①-⑳]|[（(]?\d{1,2}[)）]\s*\S"
    r"|[（(][ivxIVX]{1,4}[)）]"
    r"|第[一二三四五六七八九十]{1,2}(?:[，,、：:]|(?:点|维度|方面|步|类|条)[，,、：:])"
    r"|\d{1,2}[、．]\s*\D|\d{1,2}\.\s+\D|[a-zA-Z][.)）]\s+\S"
)
_ENDS = "。；;！!，,"
_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z].*[\u4e00-\u9fffA-Za-z]", re.S)
_VALUE_UNITS = re.compile(
    r"\A\d{1,2}(?:\.\d+)?\s*(?:倍|亿|万|元|个|年|月|日|%|家|次|天|台|吨|GW|MW|pct)"
)


# A company with its code and a headline: it heads what a note of several companies says of it.
_CODED = re.compile(
    r"(?:[【\[][^】\]]{2,10}[】\]]\s*)?(?P<name>[\u4e00-\u9fff]{2,8})\s*[（(]\s*(?P<code>\d{5,6})"
    r"(?:\.[A-Z]{2})?\s*[)）]\s*(?=[：:]|[^\s，。、（(].{3,})"
)


def coded_heading(words: str) -> tuple[str, str] | None:
    """Name and code of the company that a heading is about: 长河汽车（601988.SH）4月快报."""
    if len(words) > MAX_HEADING or "。" in words or words[-1] in _ENDS:
        return None
    found = _CODED.match(words)
    return (found["name"], found["code"]) if found else None


def numbered_style(words: str) -> tuple[str, int] | None:
    """The numbering that a line begins with, as (style, level); None if it has none."""
    if not _NUMBER_START.match(words):
        return None
    for style, level, pattern in _NUMBERED:
        found = pattern.match(words)
        if found and not _VALUE_UNITS.match(words):
            return style, level or found.group().count(
                ".", 0, len(found.group().rstrip(" .．、"))
            ) + 1
    return None


_NUMBER_START = re.compile(r"[第（(\d一二三四五六七八九十]")


def is_list_item(words: str) -> bool:
    """True for a line that begins with a bullet or a counting mark."""
    return _LIST.match(words) is not None


def is_caption(words: str) -> bool:
    """True for 表 1: …, 图表 5 …, Figure 2: …; not for prose that begins with 图 1 显示."""
    if len(words) > 800 or not CAPTION.match(words):
        return False
    head = words[:16]
    if ":" in head or "：" in head:
        return True
    return len(words) <= MAX_HEADING and words[-1] not in _ENDS


def is_source(words: str) -> bool:
    """True for 资料来源：…, 数据来源 …, 注：…"""
    if not SOURCE_LINE.match(words):
        return False
    return ":" in words[:14] or "：" in words[:14] or len(words) <= 40


def heading_level(lines: Sequence[Line], number: int, following: str) -> int | None:
    """The level of a heading line (0: below whatever numbering is open), None for other lines.

    Args:
        following: what the next line is: `prose`, `list`, `table`, `heading`, `short`, `end`.
    """
    line = lines[number]
    words = line.text
    mark = _MARKDOWN.match(words)
    if mark and len(words) <= MAX_HEADING + 8:
        return len(mark[1])
    if len(words) > MAX_HEADING or words[-1] in _ENDS or "。" in words:
        return None
    role = heading_role(words)
    if role is not None and _may_stand(lines, number, role):
        return _level_of(words)
    if _BOLD.fullmatch(words) or _is_bracketed(words):
        return 0
    if coded_heading(words) and _ended(lines, number) and following in ("prose", "short", "list"):
        return 1
    if numbered_style(words):
        return _level_of(words) if _is_numbered_heading(lines, number) else None
    return 0 if _is_lone(lines, number, following) else None


def _level_of(words: str) -> int:
    style = numbered_style(words)
    return style[1] if style else 1


def _is_bracketed(words: str) -> bool:
    return words[0] == "【" and "】" in words and len(words) <= _MAX_LONE and "：" not in words[-1:]


def _may_stand(lines: Sequence[Line], number: int, role: Role) -> bool:
    """A known heading stands alone; BODY words inside a run of lines may be part of a sentence."""
    if role is not Role.BODY or number == 0:
        return True
    return _ended(lines, number) or len(lines[number - 1].text) < 24


def _ended(lines: Sequence[Line], number: int) -> bool:
    """True if what stands before a line is complete: a blank line, a page, or a sentence's end."""
    if number == 0 or lines[number].gap > 1 or lines[number].new_page:
        return True
    before = lines[number - 1].text
    return before[-1] in "。！？!?；;…”：:" or len(before) <= 24


def _is_numbered_heading(lines: Sequence[Line], number: int) -> bool:
    """Not one of a run of lines numbered alike (a list), not a figure in a broken sentence."""
    if not _ended(lines, number):
        return False
    own = numbered_style(lines[number].text)
    for other in (number - 1, number + 1):
        if not 0 <= other < len(lines):
            continue
        nearer = lines[max(number, other)]
        if nearer.gap > 1 or nearer.new_page or len(lines[other].text) > MAX_HEADING:
            continue
        if numbered_style(lines[other].text) == own:
            return False
    return True


def _is_lone(lines: Sequence[Line], number: int, following: str) -> bool:
    """A short line by itself above prose, a list or a table."""
    line = lines[number]
    words = line.text
    if len(words) > _MAX_LONE or following not in ("prose", "list", "table") or is_list_item(words):
        return False
    if number and line.gap < 2 and not line.new_page:
        return False
    if number + 1 < len(lines) and lines[number + 1].gap < 2:
        return False
    if (
        words.endswith(("风险", "等"))
        or words[-1] in "：:）)、”"
        or "：" in words
        or ":" in words
        or not _WORDS.search(words)
    ):
        return False
    return len(words) >= 3


# ── furniture ───────────────────────────────────────────────────────────────────────────────

_NOTICE = re.compile(
    r"(?:敬请|谨请|请|务必)?(?:务必|仔细)*(?:阅读|参阅|参见).{0,40}(?:声明|条款|说明|披露"
    r"|提示|标准).{0,40}|请务必阅读.{0,40}|本报告仅供.{0,16}内部.{0,20}|证券研究报告"
    r"|敬请参阅.{0,30}|.{0,40}请务必阅读.{0,60}"
)
_PAGE_NUMBER = re.compile(
    r"[-–—]?\s*(?:第\s*)?\d{1,3}\s*(?:页)?\s*[-–—]?"
    r"|第?\s*\d{1,3}\s*[/|页]\s*(?:共\s*)?\d{1,3}\s*页?|[Pp]age\s*\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?"
)
_DIGITS_SPACE = re.compile(r"[\s\d\u3000]+")


def is_notice(words: str) -> bool:
    """True for 请务必阅读正文之后的免责条款 and its like, alone on a line."""
    return (
        len(words) <= 100
        and any(word in words for word in ("阅读", "参阅", "参见", "研究报告"))
        and _NOTICE.fullmatch(words) is not None
    )


def is_page_number(words: str) -> bool:
    """True for a line that can be nothing but a page's number: 3, - 3 -, 第 3 页 共 12 页."""
    return len(words) <= 16 and _PAGE_NUMBER.fullmatch(words) is not None


def furniture_keys(lines: Sequence[Line]) -> frozenset[str]:
    """Keys of short lines that stand three times or more: running heads, slogans."""
    if len(lines) < 8:
        return frozenset()
    counts = Counter(_furniture_key(line.text) for line in lines if len(line.text) <= 80)
    return frozenset(
        key for key, count in counts.items() if count >= 3 and len(key) >= 2 and _WORDS.search(key)
    )


def _furniture_key(words: str) -> str:
    return _DIGITS_SPACE.sub("", words)


def is_furniture(line: Line, keys: frozenset[str], *, paged: bool) -> bool:
    """True for a notice, a page number (`paged`: the text has pages), or a repeated line."""
    words = line.text
    if len(words) > 100:
        return False
    if (paged and is_page_number(words)) or is_notice(words):
        return True
    if not keys or _furniture_key(words) not in keys or words[-1] in "。；;，,：:":
        return False
    return not (is_source(words) or is_caption(words) or is_list_item(words) or heading_role(words))
