"""Columns of parts → blocks: paragraphs, headings, list items, captions, tables, pictures.

Stands between `corpus.pdf.order` and `corpus.pdf.writing`.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.boilerplate import heading_role
from corpus.line_kinds import is_caption, is_list_item, is_source, numbered_style
from corpus.pdf.lines import BULLETS, Line, Part, joint_of, lines_of_parts
from corpus.pdf.order import PageColumn
from corpus.pdf.page import Image, PageTable
from corpus.report import BlockKind, Role

_LOOSE = 1.45  # times the usual pitch of lines: more white than that ends a paragraph
_WIDEST_PITCH = 2.7  # ems: lines farther apart belong to no paragraph
_SIZES = 0.08  # lines of one paragraph differ by less
_INDENT = 1.2  # ems: the first line of a paragraph stands in by two
_LONG = 14  # characters: shorter lines may end anywhere
_LARGER = 1.08  # times the size of the body: a heading
_MAX_HEADING = 60
_ENDS = "。；;！!？?…"


@dataclass(slots=True)
class PageBlock:
    """A block of a page before it is written.

    Args:
        lines: printed lines, top to bottom; empty for tables and pictures.
        left, right: edges of its column.
        rest: lines at the top of the next page that go on with it.
    """

    kind: BlockKind
    lines: list[Line] = field(default_factory=list)
    level: int | None = None
    table: PageTable | None = None
    picture: Image | None = None
    left: float = 0.0
    right: float = 0.0
    rest: list[Line] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words as they will be written."""
        text = ""
        for line in self.lines:
            text += joint_of(text, line.text) + line.text
        return text

    @property
    def size(self) -> float:
        """Of most of its letters."""
        return self.lines[0].size if self.lines else 0.0


@dataclass(frozen=True, slots=True)
class Body:
    """What most of a document's text looks like."""

    size: float
    bold: bool


def blocks_of(columns: Sequence[PageColumn], body: Body) -> list[PageBlock]:
    """The blocks of a page, in reading order."""
    found: list[PageBlock] = []
    for column in columns:
        own = _column(column, body)
        if (
            own
            and found
            and (
                _runs_on(found[-1], own[0])
                or (
                    found[-1].lines
                    and own[0].lines
                    and _is_title_line(found[-1], own[0].lines[0], body)
                )
            )
        ):
            found[-1].lines.extend(own[0].lines)
            found[-1].right, found[-1].left = own[0].right, own[0].left
            own = own[1:]
        found.extend(own)
    return found


def _column(column: PageColumn, body: Body) -> list[PageBlock]:
    """The blocks of one column: text between tables and pictures."""
    found: list[PageBlock] = []
    texts: list[Part] = []
    edges = _edges(column)
    for part in column.parts:
        if part.is_text:
            texts.append(part)
            continue
        found.extend(_texts(texts, edges, body))
        texts = []
        if part.table is not None:
            found.append(PageBlock(BlockKind.TABLE, table=part.table))
        elif part.picture is not None:
            found.append(PageBlock(BlockKind.FURNITURE, picture=part.picture))
    found.extend(_texts(texts, edges, body))
    return found


def _edges(column: PageColumn) -> tuple[float, float]:
    """Where the lines of a column begin and end.

    They end where most long lines end (a caption may reach further); else nothing tells but the
    room that there is.
    """
    texts = [part for part in column.parts if part.is_text]
    if not texts:
        return 0.0, 0.0
    left = min(part.x0 for part in texts)
    ends = [(part.x1, part.size) for part in texts if part.length >= _LONG]
    best = max(
        ((sum(end - 2 * size <= other <= end for other, _ in ends), end) for end, size in ends),
        default=(0, 0.0),
    )
    return left, best[1] if best[0] >= 2 else max(column.right, *(part.x1 for part in texts))


def _texts(parts: Sequence[Part], edges: tuple[float, float], body: Body) -> list[PageBlock]:
    if not parts:
        return []
    lines = lines_of_parts(parts)
    pitch = _pitch(lines)
    found: list[PageBlock] = []
    for line in lines:
        if found and _goes_on(found[-1], line, edges, pitch, body):
            found[-1].lines.append(line)
        else:
            found.append(PageBlock(BlockKind.PARAGRAPH, [line], left=edges[0], right=edges[1]))
    for block in found:
        block.kind = _kind(block, body)
    return found


def _pitch(lines: Sequence[Line]) -> float:
    """The usual distance of lines, in ems; 1.6 where that cannot be told."""
    steps = [
        (below.level - above.level) / max(below.size, 1.0)
        for above, below in pairwise(lines)
        if abs(above.size - below.size) <= _SIZES * below.size
    ]
    steps = [step for step in steps if 0.5 < step < _WIDEST_PITCH]
    return statistics.median_low(steps) if len(steps) >= 2 else 1.6


def _goes_on(
    block: PageBlock, line: Line, edges: tuple[float, float], pitch: float, body: Body
) -> bool:
    """True if a line goes on with the paragraph above it."""
    if _is_title_line(block, line, body):
        return True
    above, first = block.lines[-1], block.lines[0]
    step = (line.level - above.level) / max(line.size, 1.0)
    if step > min(_LOOSE * pitch, _WIDEST_PITCH) or _is_other(above, line):
        return False
    if not _is_full(above, line, edges[1]):
        return False
    if is_source(first.text) or is_caption(first.text):
        return line.x0 <= first.x0 + 6 * line.size
    if len(block.lines) == 1 and _is_item(first.text):
        return line.x0 <= first.x0 + 4 * line.size
    return not _stands_in(block, line, edges[0])


def _is_other(above: Line, line: Line) -> bool:
    """True if the two lines cannot be of one paragraph, wherever they stand."""
    if _differs(above, line) or _begins(line.text) or line.parted or above.parted:
        return True
    if line.words[0].bold and not above.words[-1].bold and above.text[-1] in _ENDS:
        return True  # a paragraph that is led in by bold words
    return bool(_FIELD.match(line.text) and _FIELD.match(above.text))


def _stands_in(block: PageBlock, line: Line, left: float) -> bool:
    """True if a line stands in like the first line of a paragraph."""
    above = block.lines[-1]
    usual = left if len(block.lines) == 1 else block.lines[1].x0
    room = _INDENT * line.size
    if line.x0 - usual > room and line.x0 > above.x0 + 0.5 * line.size:
        return True
    return len(block.lines) > 1 and line.x0 > above.x0 + room


# 分析师：, E-mail:, SAC 编号：
_FIELD = re.compile(r"[\u4e00-\u9fffA-Za-z \-]{2,9}[：:]")
_TITLE = 1.3  # times the size of the body
_TITLE_LINES = 3


def _is_title_line(block: PageBlock, line: Line, body: Body) -> bool:
    """True for the next line of a large title, which ends its lines where it likes."""
    above = block.lines[-1]
    return (
        line.size >= _TITLE * body.size
        and abs(above.size - line.size) <= 0.02 * line.size
        and line.level - above.level <= 1.7 * line.size
        and above.bold == line.bold
        and above.words[0].colour == line.words[0].colour
        and len(block.lines) < _TITLE_LINES
        and line.text[0] not in "—-–"
        and above.text[-1] not in _ENDS
        and len(above.text) >= 8
        and numbered_style(line.text) is None
    )


def _differs(above: Line, line: Line) -> bool:
    """True if the two are set in another size or weight."""
    if abs(above.size - line.size) > _SIZES * max(above.size, line.size):
        return True
    if above.text.count("，") >= _CLAUSES:
        return False  # a sentence whose bold beginning ends with its line
    return all(word.bold for word in above.words) and not any(word.bold for word in line.words)


_ITEM = re.compile(rf"[{BULLETS}]")


def _is_item(text: str) -> bool:
    return bool(_ITEM.match(text)) or is_list_item(text)


def _begins(text: str) -> bool:
    """True for a line that begins something new whatever stands above it."""
    return bool(_ITEM.match(text)) or is_source(text) or is_caption(text)


def _is_full(above: Line, line: Line, right: float) -> bool:
    """True if the next word of `line` had no room behind `above`."""
    room = right - above.x1
    first = line.words[0]
    token = re.match(r"[A-Za-z0-9.,%+\-/()（）]+[，。；：、）]?|..?", first.text)
    letters = token.end() if token else 1
    width = first.edges[min(letters, len(first.edges) - 1)] - first.x0
    return room <= max(width, line.size) + 0.8 * line.size


# ── kinds ───────────────────────────────────────────────────────────────────────────────────


def _kind(block: PageBlock, body: Body) -> BlockKind:
    text = block.text
    if is_caption(text):
        return BlockKind.CAPTION
    if is_source(text):
        return BlockKind.SOURCE
    if _is_heading(block, text, body):
        return BlockKind.HEADING
    if _is_item(text):
        return BlockKind.LIST_ITEM
    return BlockKind.PARAGRAPH


_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z]{2}")
_LED = re.compile(r"(.{2,8})[：:]\s*\S{2}")
_CLAUSES = 2  # commas that no heading has
_NO_HEADING = re.compile(
    r"\A《|[\w.+-]+@|https?://|www\.|\d{3,4}-\d{7,8}|\A[\d\s.,%()/-]+\Z|\.{5,}|…{3,}|·{5,}"
)


def _is_heading(block: PageBlock, text: str, body: Body) -> bool:
    if len(block.lines) > 2 or len(text) > _MAX_HEADING or text[-1:] in _ENDS + "，,、：:":
        return False
    if "。" in text or not _WORDS.search(text) or _NO_HEADING.search(text):
        return False
    label = _LED.match(text)
    if text.count("，") >= _CLAUSES or (label and heading_role(label[1]) not in (None, Role.BODY)):
        return False  # a sentence; 风险提示：需求不及预期
    if block.size >= _LARGER * body.size:
        return True
    if block.size < 0.75 * body.size:
        return False
    if not body.bold and all(word.bold for line in block.lines for word in line.words):
        return True
    style = numbered_style(text)
    return (
        style is not None
        and style[0] not in ("number", "zero")
        and len(block.lines) == 1
        and block.lines[0].x1 < block.right - 3 * block.size
        and len(text) <= 40
        and not re.search(r"[，；。]", text)
    )


# ── over columns and pages ──────────────────────────────────────────────────────────────────


def _runs_on(block: PageBlock, following: PageBlock) -> bool:
    """True if a paragraph is cut by the end of its column and goes on in the next one."""
    plain = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
    if block.kind not in plain or following.kind is not BlockKind.PARAGRAPH:
        return False
    above, line = block.lines[-1], following.lines[0]
    if above.text[-1] in _ENDS or abs(above.size - line.size) > _SIZES * line.size:
        return False
    if above.bold != line.bold or not _goes_on_at(block, line, following.left):
        return False
    return _is_full(above, line, block.right) and len(block.text) >= 15 and len(line.text) >= 4


def _goes_on_at(block: PageBlock, line: Line, left: float) -> bool:
    """True if a line begins where the next line of a block would, in a column that begins at
    `left`: no first line of a paragraph, which stands in; items hang below their marks."""
    room = _INDENT * line.size
    if block.kind is not BlockKind.LIST_ITEM:
        return line.x0 <= left + room
    hang = block.lines[1].x0 - block.lines[0].x0 if len(block.lines) > 1 else None
    if hang is None:
        return line.x0 <= left + _HANG * line.size
    return line.x0 <= left + room or abs(line.x0 - left - hang) <= room / 2


_HANG = 3.0  # ems from the mark of an item to its words


def join_over_pages(before: Sequence[PageBlock], blocks: list[PageBlock]) -> None:
    """Moves the first paragraph of a page to the paragraph of the page before that it goes on with.

    That is the lowest of its column: a side bar may be read after the column that goes on.
    """
    begins = next((b for b in blocks if b.lines and b.kind is not BlockKind.FURNITURE), None)
    ends = [block for block in before if block.lines and block.kind in _GOING_ON]
    if begins is None or not ends:
        return
    foot = max(block.lines[-1].y1 for block in ends)
    for block in _lowest(ends):
        near = foot - block.lines[-1].y1 <= _FOOT * block.size or block is ends[-1]
        if near and _runs_on(block, begins):
            block.rest = begins.lines
            blocks.remove(begins)
            return


_GOING_ON = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
_FOOT = 3.0  # ems: columns of a page end at about one level


def _lowest(blocks: Sequence[PageBlock]) -> list[PageBlock]:
    """The last block of each column, that of the last column first."""
    found: dict[int, PageBlock] = {}
    for block in reversed(blocks):
        found.setdefault(round(block.left / 6), block)
    return list(found.values())
