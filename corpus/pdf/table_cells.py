"""Rows of the body → cells.

Stands between the rows of `corpus.pdf.table_rows` and `corpus.pdf.tables`; `corpus.pdf.table_heads`
does the same for headers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.pdf.page import PageCell, Word
from corpus.pdf.table_columns import Slot
from corpus.pdf.table_pieces import Piece
from corpus.pdf.table_rows import DraftRow


def words_of(pieces: Sequence[Piece]) -> tuple[Word, ...]:
    """The words of pieces, line by line."""
    ordered = sorted(pieces, key=lambda piece: (piece.line, piece.x0))
    return tuple(word for piece in ordered for word in piece.words)


def body_cells(rows: Sequence[DraftRow], width: int, first_row: int) -> list[PageCell]:
    """The cells of the body; a piece over several columns is one spanning cell."""
    cells: list[PageCell] = []
    for number, row in enumerate(rows):
        groups: list[tuple[int, int, list[Piece]]] = []
        placed = [one for line in row.lines for one in line.placed]
        for one in sorted(placed, key=lambda one: (one.first, -one.last)):
            if groups and one.first <= groups[-1][1]:
                groups[-1][2].append(one.piece)
                last = max(groups[-1][1], one.last)
                groups[-1] = (groups[-1][0], last, groups[-1][2])
            else:
                groups.append((one.first, one.last, [one.piece]))
        column = 0
        for first, last, pieces in groups:
            cells.extend(PageCell(first_row + number, c, ()) for c in range(column, first))
            cells.append(PageCell(first_row + number, first, words_of(pieces), 1, last - first + 1))
            column = last + 1
        cells.extend(PageCell(first_row + number, c, ()) for c in range(column, width))
    return cells


def with_groups(
    cells: list[PageCell], slots: Sequence[Slot], first_row: int, rows: int
) -> list[PageCell]:
    """Lets a name of a group (估值 beside PE, PB, PCF) reach down over the rows of its group.

    Only in the first column, if the next names every row, and the first row has a group.
    """
    if len(slots) < 3 or slots[0].figures or slots[1].figures or rows < first_row + 3:
        return cells
    plain = all(cell.column_span == 1 for cell in cells if cell.column < 2)
    names = [cell for cell in cells if cell.column == 1 and cell.words]
    groups = [cell.row for cell in cells if cell.column == 0 and cell.words]
    if not plain or len(names) < rows - first_row or not groups or groups[0] != first_row:
        return cells
    if not 2 <= len(groups) <= 0.7 * (rows - first_row):
        return cells
    ends = dict(zip(groups, [*groups[1:], rows], strict=True))
    return [
        replace(cell, row_span=ends[cell.row] - cell.row) if cell.column == 0 else cell
        for cell in cells
        if cell.column != 0 or cell.row in ends
    ]
