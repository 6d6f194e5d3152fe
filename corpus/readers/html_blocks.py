"""The blocks of a page as its elements tell: headings, paragraphs, list items, tables, pictures.

Stands below `corpus.readers.html`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.readers.composing import Placed
from corpus.report import BlockKind

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Nothing in them is shown, or it is no text.
_UNSEEN = frozenset(
    {"script", "style", "template", "noscript", "head", "title", "meta", "link", "svg", "iframe",
     "object", "embed", "canvas", "audio", "video", "input", "select", "textarea", "map"}
)  # fmt: skip
# Elements that belong to the site and not to the report.
_ASIDE = frozenset({"nav", "aside", "footer", "form", "button", "menu", "dialog"})
_ASIDE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu"})
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
     "font", "i", "ins", "kbd", "label", "mark", "q", "rp", "ruby", "s", "samp", "small", "span",
     "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "o:p", "nobr", "center"}
)  # fmt: skip
_LEFT_OUT_INLINE = frozenset({"rt", "rp", "del", "s", "strike"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_HAN = "[\u2e80-\u9fff\uff00-\uff60\u3000-\u303f]"
_BROKEN = re.compile(rf"(?<={_HAN})[ \t\r\f]*\n\s*(?={_HAN})")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_MAX_EXTENT = 100  # wider claims are errors or attacks
# Pages of the web nest 60 levels at most; each level costs three calls of Python's one thousand.
MAX_DEPTH = 200
# A cell of so much prose is a column of a page that was laid out with a table.
_LAID_OUT_CHARS = 300


@dataclass(slots=True)
class HtmlBlock:
    """One block of a page.

    Args:
        words: its text, line breaks as `\\n`; of a table, all its words.
        aside: it stands in a part of the page that belongs to the site.
        linked: characters of `words` that stand in links.
    """

    kind: BlockKind
    words: str
    level: int | None = None
    aside: bool = False
    linked: int = 0
    cells: list[Placed] = field(default_factory=list)
    header_rows: int | None = None
    caption: str = ""
    picture: bool = False


def blocks_of(root: HtmlElement) -> tuple[list[HtmlBlock], bool]:
    """All blocks in order, and whether that is all: False if elements nest too deeply."""
    body = root.find("body")
    walk = _Walk()
    walk.element(body if body is not None else root, 0)
    walk.close()
    return walk.blocks, walk.whole


class _Walk:
    """Walks the elements once; words gather until an element that breaks the line."""

    def __init__(self) -> None:
        self.blocks: list[HtmlBlock] = []
        self.whole = True
        self._parts: list[str] = []
        self._linked = 0
        self._kind: tuple[BlockKind, int | None] = (BlockKind.PARAGRAPH, None)
        self._aside = 0
        self._links = 0
        self._kept = 0  # depth of elements whose white space counts
        self._mark = ""  # what stands before the next list item

    def element(self, element: HtmlElement, depth: int) -> None:
        """One element with all that is in it, but for its tail."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _UNSEEN or _hidden(element):
            return
        if depth > MAX_DEPTH:
            self.whole = False
            return
        if tag == "br":
            self._parts.append("\n" if self._kept else "\0")
        elif tag == "img":
            self._picture(element)
        elif tag == "table" and not _is_layout(element):
            self._table(element)
        elif tag in _INLINE or tag == "rb":
            self._inline(element, tag, depth)
        else:
            self._block(element, tag, depth)

    def close(self) -> None:
        """Ends the open block."""
        words = self._words()
        if words:
            kind, level = self._kind
            mark, self._mark = self._mark, ""
            words = f"{mark}{words}" if kind is BlockKind.LIST_ITEM else words
            self.blocks.append(HtmlBlock(kind, words, level, self._aside > 0, self._linked))
        self._parts, self._linked = [], 0

    def _words(self) -> str:
        text = "".join(self._parts)
        if not self._kept:
            text = _SPACES.sub(" ", _BROKEN.sub("", text)).replace("\0", "\n")
        return "\n".join(line.strip() for line in text.split("\n")).strip()

    def _children(self, element: HtmlElement, depth: int) -> None:
        self._text(element.text)
        for one in element:
            self.element(one, depth + 1)
            self._text(one.tail)

    def _text(self, words: str | None) -> None:
        if words:
            self._parts.append(words)
            if self._links:
                self._linked += len(words.strip())

    def _inline(self, element: HtmlElement, tag: str, depth: int) -> None:
        if tag in _LEFT_OUT_INLINE:
            return
        self._links += tag == "a"
        self._children(element, depth)
        self._links -= tag == "a"

    def _block(self, element: HtmlElement, tag: str, depth: int) -> None:
        self.close()
        aside = tag in _ASIDE or element.get("role") in _ASIDE_ROLES
        before = self._kind
        if tag in _HEADINGS:
            self._kind = (BlockKind.HEADING, _HEADINGS[tag])
        elif tag == "li":
            self._kind = (BlockKind.LIST_ITEM, None)
            self._mark = _mark_of(element)
        elif tag in {"figcaption", "caption"}:
            self._kind = (BlockKind.CAPTION, None)
        self._aside += aside
        self._kept += tag == "pre"
        self._children(element, depth)
        self.close()
        self._kept -= tag == "pre"
        self._aside -= aside
        self._kind = before

    def _picture(self, element: HtmlElement) -> None:
        """A picture of some size; dots and lines of one point are no pictures."""
        if any((element.get(side) or "99").strip("px ") in {"0", "1", "2"} for side in _SIDES):
            return
        if not self._parts:  # one in the middle of a line is a sign
            self.blocks.append(
                HtmlBlock(BlockKind.PARAGRAPH, "", aside=self._aside > 0, picture=True)
            )

    def _table(self, table: HtmlElement) -> None:
        self.close()
        rows = list(_rows(table))
        cells = _cells(rows)
        captions = [one for one in table if one.tag == "caption"]
        words = "".join(cell.words for cell in cells)
        if not words:
            return
        self.blocks.append(
            HtmlBlock(
                BlockKind.TABLE,
                words,
                aside=self._aside > 0,
                linked=sum(len(one.text_content().strip()) for one in table.iter("a")),
                cells=cells,
                header_rows=_header_rows(rows),
                caption=cell_words(captions[0]) if captions else "",
            )
        )


_SIDES = ("width", "height")


def cell_words(cell: HtmlElement) -> str:
    """The words of one cell on one line."""
    walk = _Walk()
    walk.element(cell, 0)
    walk.close()
    lines = [line for block in walk.blocks for line in block.words.split("\n") if line]
    text = ""
    for line in lines:
        tight = text and re.fullmatch(_HAN, text[-1]) and re.fullmatch(_HAN, line[0])
        text += line if tight or not text else f" {line}"
    return text


def _hidden(element: HtmlElement) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _HIDDEN.search(style))


def _mark_of(item: HtmlElement) -> str:
    """What a browser shows before a list item."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "• "
    start = parent.get("start") or "1"
    place = sum(1 for one in item.itersiblings("li", preceding=True))
    return f"{int(start) + place if start.isdecimal() and len(start) < 9 else place + 1}. "


# ── tables ──────────────────────────────────────────────────────────────────────────────────


def _is_layout(table: HtmlElement) -> bool:
    """True for a table that only puts parts of a page side by side."""
    if table.get("role") in {"presentation", "none"}:
        return True
    cells = [cell for row in _rows(table) for cell in row if cell.tag in {"td", "th"}]
    if len(cells) <= 1:
        return True
    for cell in cells:
        if next(cell.iter("table", *_HEADINGS), None) is not None:
            return True
        if len(cell.findall("p")) > 2 and len(cell.text_content()) > _LAID_OUT_CHARS:
            return True
    return False


def _rows(table: HtmlElement) -> Iterator[HtmlElement]:
    """The rows of this table, not those of tables in it."""
    for one in table:
        if one.tag == "tr":
            yield one
        elif one.tag in {"thead", "tbody", "tfoot"}:
            yield from (row for row in one if row.tag == "tr")


def _cells(rows: list[HtmlElement]) -> list[Placed]:
    """The cells with their places: a cell reaches over as many columns and rows as it says."""
    taken: set[tuple[int, int]] = set()
    placed = []
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            if cell.tag not in {"td", "th"} or _hidden(cell):
                continue
            while (number, column) in taken:
                column += 1
            wide, high = _extent(cell, "colspan"), _extent(cell, "rowspan")
            high = min(high, len(rows) - number)
            taken.update(
                (below, right)
                for below in range(number, number + high)
                for right in range(column, column + wide)
            )
            placed.append(Placed(number, column, cell_words(cell), high, wide))
            column += wide
    return placed


def _extent(cell: HtmlElement, name: str) -> int:
    stated = (cell.get(name) or "1").strip()
    number = int(stated) if stated.isdecimal() and len(stated) < 9 else 1
    return min(max(number, 1), _MAX_EXTENT)


def _header_rows(rows: list[HtmlElement]) -> int | None:
    """Rows at the top that the page calls headers; None if it says nothing."""
    heads = 0
    for row in rows:
        parent = row.getparent()
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        in_head = parent is not None and parent.tag == "thead"
        if not in_head and not (cells and all(cell.tag == "th" for cell in cells)):
            break
        heads += 1
    return heads if 0 < heads < len(rows) else None
