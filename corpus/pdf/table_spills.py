"""The last rows of a table that stand alone at the top of the next page.

Used by `corpus.readers.pdf`: one row shows no columns of its own, so those of the page before are
taken.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.pdf.lines import rows_of
from corpus.pdf.page import Page, PageCell, PageTable, Word
from corpus.pdf.table_pieces import is_figure

_MOST = 3  # rows: more are found as a table by themselves
_FILLED = 0.6  # of the columns must hold something, so that no line of text is taken for a row
_BESIDE = 4.0  # points that a cell may stand outside of its column
_FEW = 40  # characters below a table: notices and page numbers
_PITCH = 3.0  # ems between rows

Extent = tuple[float, float]


def spilled(before: PageTable, last: Page, page: Page) -> PageTable | None:
    """The rows at the top of a page that go on with a table at the foot of the page before."""
    below = sum(
        len(w.text) for w in last.words if w.y0 > before.y1 and before.x0 < w.x1 < before.x1
    )
    extents = extents_of(before)
    if below > _FEW or extents is None:
        return None
    rows: list[list[list[Word]]] = []
    bottom: float | None = None
    heads = {w.text for cell in before.cells if cell.row < before.header_rows for w in cell.words}
    for row in rows_of(page.words):
        if not rows and heads and all(word.text in heads for word in row):
            bottom = max(word.y1 for word in row)
            continue  # its header, repeated
        cells = _cells(row, extents)
        near = bottom is None or row[0].y0 - bottom <= _PITCH * row[0].size
        if cells is None or not near:
            break
        rows.append(cells)
        bottom = max(word.y1 for word in row)
    if not rows or len(rows) > _MOST:
        return None
    return _table(rows, before)


def extents_of(table: PageTable) -> list[Extent] | None:
    """Where the columns of a table stand; None if one of them holds nothing."""
    extents: list[Extent] = []
    for column in range(table.columns):
        words = [
            word
            for cell in table.cells
            if cell.column == column and cell.column_span == 1
            for word in cell.words
        ]
        if not words:
            return None
        extents.append((min(word.x0 for word in words), max(word.x1 for word in words)))
    return extents


def _cells(row: Sequence[Word], extents: Sequence[Extent]) -> list[list[Word]] | None:
    """The words of a row by column; None if it is no row of the table."""
    cells = words_by_column(row, extents)
    if cells is None:
        return None
    filled = sum(bool(cell) for cell in cells)
    figures = sum(any(is_figure(word.text) for word in cell) for cell in cells)
    if filled < max(3, _FILLED * len(cells)) or figures < 2 or not cells[0]:
        return None
    return cells


def words_by_column(row: Sequence[Word], extents: Sequence[Extent]) -> list[list[Word]] | None:
    """The words of a line by column; None if one of them stands in none or in two."""
    cells: list[list[Word]] = [[] for _ in extents]
    for word in row:
        middle = (word.x0 + word.x1) / 2
        own = [
            number
            for number, (x0, x1) in enumerate(extents)
            if x0 - _BESIDE <= middle <= x1 + _BESIDE
        ]
        if len(own) != 1:
            return None
        x0, x1 = extents[own[0]]
        if word.x0 < x0 - 2 * word.size or word.x1 > x1 + 2 * word.size:
            return None
        cells[own[0]].append(word)
    return cells


def _table(rows: Sequence[Sequence[Sequence[Word]]], before: PageTable) -> PageTable:
    words = [word for row in rows for cell in row for word in cell]
    cells = tuple(
        PageCell(number, column, tuple(cell))
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
    )
    return PageTable(
        min(word.x0 for word in words),
        min(word.y0 for word in words),
        max(word.x1 for word in words),
        max(word.y1 for word in words),
        cells,
        len(rows),
        before.columns,
        0,
        ruled=False,
        continues=True,
    )
