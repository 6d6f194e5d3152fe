"""The tables of a whole page: each column of the page is looked through by itself.

Stands between `corpus.pdf.tables` and `corpus.readers.pdf`: beside a column of prose a table of a
side bar would else take in what stands at its level.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from corpus.pdf.lines import parts_of
from corpus.pdf.order import Gutter, is_beside_prose, prose_gutters
from corpus.pdf.page import Page, PageTable, Word
from corpus.pdf.tables import find_tables


def tables_beside_prose(page: Page) -> list[PageTable]:
    """Every table of a page, top to bottom, then left to right."""
    parts = parts_of(page.words)
    gutters = [
        piece
        for gutter in prose_gutters(parts)
        for piece in _between_lines(gutter, page)
        if is_beside_prose(piece, parts)
    ]
    if not gutters:
        return find_tables(page)
    found: list[PageTable] = []
    rest = list(page.words)
    for gutter in gutters:
        beside = [
            word for word in rest if gutter.y0 - 1 <= (word.y0 + word.y1) / 2 <= gutter.y1 + 1
        ]
        middle = (gutter.x0 + gutter.x1) / 2
        sides: tuple[list[Word], list[Word]] = ([], [])
        for word in beside:
            sides[(word.x0 + word.x1) / 2 > middle].append(word)
        for side in sides:
            found.extend(_found(page, side))
        taken = {id(word) for word in beside}
        rest = [word for word in rest if id(word) not in taken]
    found.extend(_found(page, rest))
    return sorted(found, key=lambda table: (table.y0, table.x0))


def _found(page: Page, words: Sequence[Word]) -> list[PageTable]:
    return find_tables(replace(page, words=tuple(words))) if words else []


_FRAME = 45.0  # points from a line to the first row of a table below its header
_BAND = 0.15  # of the page's height: rows of tables are lower, backgrounds higher
_TALL = 0.6  # of the page's height: between its head and foot line stand columns of text


def _between_lines(gutter: Gutter, page: Page) -> list[Gutter]:
    """A gutter above the first and below the last of the lines that cross it: between them stands
    a table with a gap at the same place, be it a table of words."""
    levels = sorted(_crossings(gutter, page))
    inside = [level for level in levels if gutter.y0 < level < gutter.y1]
    parts = [gutter]
    if inside:
        parts = [replace(gutter, y1=inside[0]), replace(gutter, y0=inside[-1])]
    return [part for part in parts if not _is_framed(part, levels, page.height)]


def _is_framed(gutter: Gutter, levels: Sequence[float], height: float) -> bool:
    """True if lines lead over the gutter right above and right below it."""
    above = any(-1 <= gutter.y0 - level <= _FRAME for level in levels)
    below = any(-1 <= level - gutter.y1 <= _FRAME for level in levels)
    return above and below and gutter.y1 - gutter.y0 < _TALL * height


def _crossings(gutter: Gutter, page: Page) -> list[float]:
    """The levels at which lines lead over a gutter or its like, whole or in pieces, and the edges
    of shaded bands that do."""
    left, right = gutter.x0 - 10, gutter.x1 + 10
    edges = [(rule.y0, rule.x0, rule.x1) for rule in page.rules if rule.horizontal]
    for fill in page.fills:
        if fill.y1 - fill.y0 < _BAND * page.height:
            edges += [(fill.y0, fill.x0, fill.x1), (fill.y1, fill.x0, fill.x1)]
    drawn: dict[int, float] = defaultdict(float)
    for level, x0, x1 in edges:
        drawn[round(level)] += max(0.0, min(x1, right) - max(x0, left))
    return [float(level) for level, length in drawn.items() if length >= 0.85 * (right - left)]
