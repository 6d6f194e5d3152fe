"""A row that the end of a page cuts in two, put together again on the page where it begins.

Used by `corpus.readers.pdf`; `corpus.pdf.table_wraps` tells what is a broken word.

Office programs break rows over pages between the lines of their cells: `002739.` stands at the foot
of a page, `SZ` below the repeated header of the next one, in columns that may be wider there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.pdf.lines import Line, rows_of
from corpus.pdf.page import Page, PageTable, Word
from corpus.pdf.table_pieces import is_figure
from corpus.pdf.table_spills import extents_of, words_by_column
from corpus.pdf.table_wraps import Bond, bond_of, decimals_of, fills, joint_in_cell

_SIZES = 0.08  # by which parts of one word differ at the most
_LABEL = 6  # characters: a shorter label has hardly been broken

Cells = dict[int, tuple[Word, ...]]  # the words of one row by column


@dataclass(frozen=True, slots=True)
class Mended:
    """A table whose last row is whole again, and what is left of the next page.

    Args:
        before: the table with the rest of its last row.
        rest: the words that went there.
        table: the table of the next page without that row; None if nothing is left of it.
    """

    before: PageTable
    rest: tuple[Word, ...]
    table: PageTable | None


def mended(before: PageTable, table: PageTable | None, page: Page) -> Mended | None:
    """The last row of `before` with its rest at the top of the next page; None if it has none.

    Args:
        table: the first table of the next page, which repeats the header of `before` or goes on
            with it; None: the rest stands on the page as a line of words.
    """
    if table is None:
        rest = _loose(before, page)
        others: Sequence[PageTable] = (before,)
    else:
        if table.columns != before.columns or table.rows == table.header_rows + 1 > 1:
            return None  # of its header alone nothing could be made
        rest = _row(table, table.header_rows)
        others = (before, table)
    last = _row(before, before.rows - 1)
    if not rest or before.rows <= before.header_rows or not _is_rest(last, rest, others):
        return None
    cells = tuple(
        replace(cell, rest=rest.get(cell.column, ())) if cell.row == before.rows - 1 else cell
        for cell in before.cells
    )
    words = tuple(word for own in rest.values() for word in own)
    whole = replace(before, cells=cells)
    left = None if table is None or table.rows == 1 else _without_row(table, table.header_rows)
    return Mended(whole, words, left)


def same_header(one: PageTable, other: PageTable) -> bool:
    """True if two tables have the same header, however its labels are broken into lines."""
    if one.columns != other.columns or not one.header_rows == other.header_rows > 0:
        return False
    return _header(one) == _header(other)


def _header(table: PageTable) -> list[tuple[int, int, str]]:
    return [
        (cell.row, cell.column, "".join(word.text for row in rows_of(cell.words) for word in row))
        for cell in table.cells
        if cell.row < table.header_rows and cell.words
    ]


def _row(table: PageTable, number: int) -> Cells | None:
    """The words of a row by column; None if a cell of it covers several places."""
    own = [cell for cell in table.cells if cell.row == number and cell.words]
    if any(cell.column_span > 1 or cell.row_span > 1 for cell in own):
        return None
    return {cell.column: cell.words for cell in own}


def _loose(before: PageTable, page: Page) -> Cells | None:
    """The first line of words of a page by the columns of a table of the page before."""
    extents, rows = extents_of(before), rows_of(page.words)
    if extents is None or not rows:
        return None
    cells = words_by_column(rows[0], extents)
    return None if cells is None else {n: tuple(own) for n, own in enumerate(cells) if own}


def _is_rest(last: Cells | None, rest: Cells, tables: Sequence[PageTable]) -> bool:
    """True if a row is the rest of the row before it: every word of it goes on with one there."""
    if not last or not rest.keys() <= last.keys():
        return False
    if not all(_alike(last[column], below) for column, below in rest.items()):
        return False
    bonds = []
    for column, below in rest.items():
        above, begin = _text(last[column]), _text(below)
        bond = bond_of(above, begin, _decimals(tables, column, (last[column], below)))
        lowest = rows_of(last[column])[-1]
        if bond is Bond.MAY and not fills(lowest, below, _widest(tables[0], column)):
            return False
        bonds.append(bond)
    if Bond.NONE in bonds:
        return False
    fewer = any(is_figure(_text(own)) for column, own in last.items() if column not in rest)
    if Bond.SURE in bonds:
        return fewer or set(bonds) == {Bond.SURE}
    if len(tables) < 2:
        return False  # words alone below a table: a heading, a note
    plain = not any(is_figure(_text(own)) for own in rest.values())
    long = all(len(_text(last[column])) >= _LABEL for column in rest)
    return fewer and plain and (long or 0 not in rest)


def _alike(above: Sequence[Word], below: Sequence[Word]) -> bool:
    """True if two parts are set in one size and weight."""
    one, other = above[-1], below[0]
    return abs(one.size - other.size) <= _SIZES * one.size and one.bold == other.bold


def _text(words: Iterable[Word]) -> str:
    text = ""
    for line in map(Line, rows_of(words)):
        text += (joint_in_cell(text, line.text) if text else "") + line.text
    return text


def _decimals(
    tables: Sequence[PageTable], column: int, without: tuple[tuple[Word, ...], ...]
) -> int | None:
    """The decimals of most figures of a column."""
    return decimals_of(
        _text(cell.words)
        for table in tables
        for cell in table.cells
        if cell.column == column and cell.row >= table.header_rows and cell.words not in without
    )


def _widest(table: PageTable, column: int) -> float:
    """The width of the widest line in a column, headers too."""
    return max(
        row[-1].x1 - row[0].x0
        for cell in table.cells
        if cell.column == column and cell.column_span == 1 and cell.words
        for row in rows_of(cell.words)
    )


def _without_row(table: PageTable, number: int) -> PageTable:
    cells = tuple(
        replace(cell, row=cell.row - (cell.row > number))
        for cell in table.cells
        if cell.row != number
    )
    return replace(table, cells=cells, rows=table.rows - 1)
