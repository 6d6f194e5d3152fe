"""What the styles and lists of a Word file say of its paragraphs: headings, bullets, numbers.

Stands below `corpus.readers.docx`. Numbers of headings and lists are not in the text of a file;
they are counted here as Word counts them, so that the canonical text is what a reader sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from corpus.readers.ooxml import (
    Element,
    attribute,
    child,
    children,
    is_on,
    number_of,
    value,
)

_HEADING_NAME = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_MAX_CHAIN = 20  # styles are based on each other; a longer chain is a circle
_MAX_LEVELS = 9
_BULLET = "•"
_DIGITS = "〇一二三四五六七八九"
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Style:
    """A style of paragraphs. `level`: of a heading, 1 for the outermost; None for other text."""

    name: str
    based_on: str | None
    level: int | None
    list_id: str | None
    list_level: int | None


@dataclass(slots=True)
class _Level:
    """A level of a list. `words`: `%1.%2` for 1.2 and so on."""

    form: str
    words: str
    start: int


@dataclass(slots=True)
class _List:
    levels: dict[int, _Level] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)


class Styles:
    """The styles of a document, by id."""

    def __init__(self, root: Element | None) -> None:
        self._styles = {
            attribute(one, "styleId") or "": _style(one) for one in children(root, "style")
        }

    def level_of(self, properties: Element | None) -> int | None:
        """The heading level of a paragraph; None for text."""
        own = value(properties, "outlineLvl")
        if own is not None:
            return _outline(own)
        for style in self._chain(properties):
            if style.level is not None:
                return style.level if style.level <= _MAX_LEVELS else None
        return None

    def is_named(self, properties: Element | None, words: tuple[str, ...]) -> bool:
        """True if the paragraph's style, or one that it is based on, has one of the names."""
        return any(style.name.lower() in words for style in self._chain(properties))

    def list_of(self, properties: Element | None) -> tuple[str, int] | None:
        """The list and the level in it that number a paragraph; None if nothing does."""
        own_id = value(properties, "numPr", "numId")
        own_level = value(properties, "numPr", "ilvl")
        list_id, level = own_id, None if own_level is None else number_of(own_level)
        for style in self._chain(properties):
            list_id = list_id if list_id is not None else style.list_id
            level = level if level is not None else style.list_level
        return None if list_id in (None, "0") else (str(list_id), level or 0)

    def _chain(self, properties: Element | None) -> list[Style]:
        found: list[Style] = []
        name = value(properties, "pStyle")
        while name in self._styles and len(found) < _MAX_CHAIN:
            found.append(self._styles[name])
            name = self._styles[name].based_on
        return found


class Lists:
    """The lists of a document, each with its count."""

    def __init__(self, root: Element | None) -> None:
        abstract = {
            attribute(one, "abstractNumId") or "": one for one in children(root, "abstractNum")
        }
        self._lists: dict[str, _List] = {}
        shared: dict[str, _List] = {}
        for one in children(root, "num"):
            of = value(one, "abstractNumId") or ""
            overridden = any(True for _ in children(one, "lvlOverride"))
            made = shared.get(of)
            if made is None or overridden:  # lists of one make go on counting together
                made = _list(abstract.get(of), one)
                shared.setdefault(of, made)
            self._lists[attribute(one, "numId") or ""] = made

    def next(self, list_id: str, level: int) -> str:
        """What stands before the next paragraph of that level: `1.2`, `（一）`, `•`, or nothing."""
        found = self._lists.get(list_id)
        here = found.levels.get(level) if found else None
        if found is None or here is None:
            return ""
        if here.form == "bullet":
            return _BULLET
        found.counts[level] = found.counts.get(level, here.start - 1) + 1
        for deeper in [one for one in found.counts if one > level]:
            del found.counts[deeper]
        return _PLACE.sub(lambda place: _counted(found, int(place[1]) - 1), here.words)


def _counted(found: _List, level: int) -> str:
    made = found.levels.get(level)
    if made is None:
        return ""
    return numeral(found.counts.get(level, made.start), made.form)


def numeral(count: int, form: str) -> str:
    """A number as a list writes it (`ST_NumberFormat` of ECMA-376, part 1, 17.18.59)."""
    if form in {"none", "bullet"}:
        return ""
    if form.startswith(("chinese", "ideographDigital", "japanese", "taiwanese", "korean")):
        return _han(count)
    if form in {"upperLetter", "lowerLetter"}:
        letter = chr(ord("A") + (count - 1) % 26) * ((count - 1) // 26 % 5 + 1)
        return letter if form == "upperLetter" else letter.lower()
    if form in {"upperRoman", "lowerRoman"}:
        return _roman(count) if form == "upperRoman" else _roman(count).lower()
    if form == "decimalZero":
        return f"{count:02d}"
    if form.startswith("decimalEnclosedCircle") and 1 <= count <= 20:
        return chr(0x2460 + count - 1)
    return str(count)


def _han(count: int) -> str:
    """1 → 一, 10 → 十, 21 → 二十一; larger ones digit by digit."""
    if not 0 < count < 100:
        return "".join(_DIGITS[int(digit)] for digit in str(count) if digit.isdigit())
    tens, ones = divmod(count, 10)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones else "")


def _roman(count: int) -> str:
    parts = (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
        (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    )  # fmt: skip
    words = ""
    for size, sign in parts:
        while 0 < size <= count < 4000:
            words, count = words + sign, count - size
    return words


def _style(element: Element) -> Style:
    properties = child(element, "pPr")
    name = value(element, "name") or ""
    outline = value(properties, "outlineLvl")
    level = None if outline is None else (_outline(outline) or _MAX_LEVELS + 1)
    named = _HEADING_NAME.fullmatch(name.strip())
    if level is None and named:
        level = int(named[1])
    list_level = value(properties, "numPr", "ilvl")
    return Style(
        name,
        value(element, "basedOn"),
        level,
        value(properties, "numPr", "numId"),
        None if list_level is None else number_of(list_level),
    )


def _outline(text: str) -> int | None:
    level = number_of(text, _MAX_LEVELS)
    return level + 1 if 0 <= level < _MAX_LEVELS else None


def _list(abstract: Element | None, number: Element) -> _List:
    found = _List()
    for one in children(abstract, "lvl"):
        found.levels[number_of(attribute(one, "ilvl"))] = _level(one)
    for override in children(number, "lvlOverride"):
        at = number_of(attribute(override, "ilvl"))
        own = child(override, "lvl")
        if own is not None:
            found.levels[at] = _level(own)
        start = value(override, "startOverride")
        if start is not None and at in found.levels:
            found.levels[at].start = number_of(start, 1)
    return found


def _level(element: Element) -> _Level:
    form = value(element, "numFmt") or "decimal"
    is_legal = is_on(element, "isLgl")
    return _Level(
        "decimal" if is_legal and form != "bullet" else form,
        value(element, "lvlText") or "",
        number_of(value(element, "start"), 1, 32767),
    )
