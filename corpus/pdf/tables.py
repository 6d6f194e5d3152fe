"""The tables of a PDF page, ruled or plainly aligned, as grids of cells.

Stands between `corpus.pdf.page` and the readers that compose the text of a PDF.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from corpus.cell_words import CellKind
from corpus.pdf.page import Page, PageTable, Word
from corpus.pdf.table_areas import find_areas
from corpus.pdf.table_breaks import same_header
from corpus.pdf.table_cells import body_cells, with_groups, words_of
from corpus.pdf.table_columns import Slot, cut_at_columns, find_slots, split_places
from corpus.pdf.table_frames import Area
from corpus.pdf.table_grids import find_grids
from corpus.pdf.table_heads import header_cells
from corpus.pdf.table_labels import cut_before_labels
from corpus.pdf.table_pieces import Piece, is_contact, lines_of, mark_prose
from corpus.pdf.table_rows import TableLine, body_rows, header_lines, next_table, place
from corpus.pdf.table_rules import Drawn, Level, drawn_on, full_levels
from corpus.pdf.table_sides import gutters_before_labels, halves, stacked_parts
from corpus.pdf.table_wraps import rejoined


def find_tables(page: Page) -> list[PageTable]:
    """Every table of a page, top to bottom, then left to right; their boxes do not meet."""
    if len(page.words) < 4:
        return []
    grids = find_grids(page)
    if grids:
        page = _without(page, grids)
    grids = [half for grid in grids for half in halves(grid)]
    return sorted([*grids, *_aligned(page)], key=lambda table: (table.y0, table.x0))


def _without(page: Page, tables: Sequence[PageTable]) -> Page:
    """The page without what stands in some tables."""
    taken = {id(word) for table in tables for cell in table.cells for word in cell.words}
    taken |= {id(word) for table in tables for word in table.title}
    rules = [
        rule
        for rule in page.rules
        if not any(
            table.x0 - 3 <= (rule.x0 + rule.x1) / 2 <= table.x1 + 3
            and table.y0 - 3 <= (rule.y0 + rule.y1) / 2 <= table.y1 + 3
            for table in tables
        )
    ]
    words = tuple(word for word in page.words if id(word) not in taken)
    return replace(page, words=words, rules=tuple(rules))


def _aligned(page: Page) -> list[PageTable]:
    """The tables that no full grid shows: by lines, bands and white space."""
    if len(page.words) < 4:
        return []
    lines = lines_of(page)
    cut_before_labels(lines)
    mark_prose(lines)
    drawn = drawn_on(page)
    tables: list[PageTable] = []
    for area in find_areas(page, lines, drawn):
        pieces = [piece for line in lines for piece in line.pieces if area.holds(piece)]
        tables.extend(_tables_in(area, rejoined(cut_at_columns(pieces)), drawn))
    return tables


def continued(previous: PageTable, previous_page: Page, table: PageTable, page: Page) -> bool:
    """True if `table`, the first of its page, goes on with `previous`, the last of its page.

    It begins at the top of its page, `previous` ends at the foot of its own, their columns are
    as many, and it repeats that header or has none and stands at the same place.
    """
    if previous.columns != table.columns:
        return False
    if table.title or _words_below(previous_page, previous) > _FEW:
        return False
    if _words_above(page, table) > _FEW:
        return False
    if table.header_rows:
        return same_header(previous, table)  # its columns may be wider on the next page
    return abs(previous.x0 - table.x0) <= 12 and abs(previous.x1 - table.x1) <= 12


_FEW = 40  # characters: running heads, page numbers, slogans at the edges of a page


def _words_below(page: Page, table: PageTable) -> int:
    return sum(len(w.text) for w in page.words if w.y0 > table.y1 and _over(table, w))


def _words_above(page: Page, table: PageTable) -> int:
    return sum(len(w.text) for w in page.words if w.y1 < table.y0 and _over(table, w))


def _over(table: PageTable, word: Word) -> bool:
    """True if a word stands in the columns of a table: beside it a side bar may go on."""
    return word.x0 < table.x1 and word.x1 > table.x0


# ── one box ─────────────────────────────────────────────────────────────────────────────────


def _tables_in(area: Area, pieces: list[Piece], drawn: Drawn) -> list[PageTable]:
    """The tables of a box: cut at gutters, then where a new header begins."""
    if not pieces:
        return []
    uprights = [
        line
        for line in drawn.uprights
        if area.x0 + 3 < line.x < area.x1 - 3 and line.covers(area.y0, area.y1) > 0.1
    ]
    gutters = gutters_before_labels(pieces)
    slots = find_slots(pieces, uprights)
    if len(slots) < 2:
        return []
    gutters = gutters or split_places(slots, pieces)
    tables: list[PageTable] = []
    edges = [float("-inf"), *gutters, float("inf")]
    for left, right in itertools.pairwise(edges):
        own = [piece for piece in pieces if left <= piece.middle < right]
        parts = stacked_parts(own) if own else []
        for part in parts:
            alone = not gutters and len(parts) == 1
            places = slots if alone else find_slots(part, uprights)
            box = Area(max(area.x0, left), area.y0, min(area.x1, right), area.y1, area.ruled)
            tables.extend(_stacked(box, part, places, drawn, not alone))
    return tables


def _stacked(
    area: Area, pieces: list[Piece], slots: list[Slot], drawn: Drawn, beside: bool
) -> list[PageTable]:
    """The tables of one column of tables, top to bottom."""
    if len(slots) < 2:
        return []
    by_line: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_line[piece.line].append(piece)
    lines = [
        TableLine([place(piece, slots) for piece in sorted(by_line[n], key=lambda p: p.x0)])
        for n in sorted(by_line)
    ]
    lines.sort(key=lambda line: line.level)
    levels = _levels_in(area, drawn)
    x0, x1 = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    barriers = [y for y in full_levels(drawn, x0, x1, _MOST) if area.y0 - 3 <= y <= area.y1 + 3]
    tables = []
    start = 0
    while start < len(lines):
        end = next_table(lines, slots, start)
        while end < len(lines) and end - 1 > start and _opens(lines, end - 1, barriers):
            end -= 1
        chunk = lines[start:end]
        last = end >= len(lines)
        table = _table(area, chunk, slots, levels, drawn, beside or start > 0 or not last)
        if table is not None:
            tables.append(table)
        start = end
    return tables


def _levels_in(area: Area, drawn: Drawn) -> list[Level]:
    levels = [
        level
        for level in drawn.levels
        if area.y0 - 3 <= level.y <= area.y1 + 3
        and level.covers(area.x0, area.x1) > 0
        and level.x1 > area.x0
        and level.x0 < area.x1
    ]
    for band in drawn.bands:
        if area.y0 - 3 <= band.y0 and band.y1 <= area.y1 + 3:
            for y in (band.y0, band.y1):
                level = Level(y, band.x0, band.x1)
                if level.covers(area.x0, area.x1) > 0:
                    levels.append(level)
    return sorted(levels, key=lambda level: level.y)


_MOST = 0.75  # of the table's width: a line that wide parts rows in all columns


def _opens(lines: Sequence[TableLine], number: int, barriers: Sequence[float]) -> bool:
    """True for a title above the header of the next table; lines part it from the rows above."""
    if not _is_title(lines[number]):
        return False
    above, below = lines[number - 1].level, lines[number].level
    return len(barriers) < 3 or any(above < barrier < below for barrier in barriers)


def _is_title(line: TableLine) -> bool:
    """True for a line that names the table below it: 利润表, 单位：百万元 beside it or not."""
    first = line.placed[0].piece
    if first.figure or first.kind in (CellKind.PERIOD, CellKind.UNIT) or len(first.text) > 24:
        return False
    rest = [one.piece for one in line.placed[1:]]
    return all("单位" in piece.text or piece.kind is CellKind.UNIT for piece in rest)


_SHEET = re.compile(r"(?:表|比率|指标|数据|摘要|预测|单位.*)[）)]?\Z")  # 利润表, 主要财务比率


def _is_group(line: TableLine, x0: float, x1: float, levels: Sequence[float]) -> bool:
    """True for a label under the top line of its table, over the middle of all columns: it says
    what the columns hold (涨幅前五名), as a title of a whole sheet (利润表) does not."""
    alone = line.alone()
    if alone is None or _SHEET.search(alone.piece.text):
        return False
    piece = alone.piece
    centred = abs(piece.middle - (x0 + x1) / 2) <= 0.08 * (x1 - x0)
    return centred and any(0 <= piece.y0 - y <= 1.2 * piece.size for y in levels)


def _table(
    area: Area,
    lines: list[TableLine],
    slots: list[Slot],
    levels: list[Level],
    drawn: Drawn,
    titled: bool,
) -> PageTable | None:
    title: list[Piece] = []
    pieces = [one.piece for line in lines for one in line.placed]
    x0, x1 = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    y0, y1 = min(piece.y0 for piece in pieces), max(piece.y1 for piece in pieces)
    over = [level.y for level in levels if level.covers(x0, x1) > _MOST]
    while (
        titled
        and len(lines) > 2
        and _is_title(lines[0])
        and not lines[1].figures(slots)
        and not _is_group(lines[0], x0, x1, over)
    ):
        title.extend(one.piece for one in lines[0].placed)
        lines = lines[1:]
    barriers = [y for y in full_levels(drawn, x0, x1, _MOST) if area.y0 - 3 <= y <= area.y1 + 3]
    heads = header_lines(lines, slots, barriers)
    underlines = [level for level in levels if level in drawn.levels]
    cells, depth = header_cells(lines[:heads], slots, underlines)
    body = [b for b in barriers if heads == 0 or b > lines[heads - 1].level]
    rows = body_rows(lines[heads:], slots, body)
    if not rows or len(rows) + depth < 2:
        return None
    if not _tells(lines[heads:], slots, depth):
        return None
    body_part = body_cells(rows, len(slots), depth)
    cells = [*cells, *with_groups(body_part, slots, depth, depth + len(rows))]
    return PageTable(
        x0, y0, x1, y1, tuple(cells), depth + len(rows), len(slots), depth, area.ruled,
        title=words_of(title),
    )  # fmt: skip


_FILLED = 0.35  # of the places of a body; charts fill fewer, sparse tables have names and headers


def _tells(lines: Sequence[TableLine], slots: Sequence[Slot], heads: int) -> bool:
    """False for the labels of a chart: figures in few places, rows without names."""
    full = [line for line in lines if len(line.placed) > 1 or line.figures(slots)]
    if not full:
        return False
    named = sum(any(not one.piece.figure for one in line.placed) for line in full)
    filled = sum(len({one.first for one in line.placed}) for line in full)
    share = filled / (len(full) * len(slots))
    reached = sum(any(is_contact(one.piece.text) for one in line.placed) for line in full)
    if heads == 0 and reached >= 0.4 * len(full):
        return False  # names, telephones and mail addresses of a team
    if named < 0.4 * len(full):
        return share >= 0.8 and heads > 0
    return share >= _FILLED or (heads > 0 and share >= _FILLED / 2 and named >= 0.8 * len(full))
