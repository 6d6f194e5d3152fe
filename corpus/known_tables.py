"""Tables whose grid a reader knows → `Table`, by the same headers, keys and units as all others.

Stands beside `corpus.tables`, which finds tables in plain lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.cell_words import CellKind, kind_of, stated_unit
from corpus.composed import KnownBlock, KnownTable
from corpus.lines import Line
from corpus.report import Row, Span, Table
from corpus.table_grid import Grid, GridCell, GridRow
from corpus.table_titles import FoundTable, titled, with_unit
from corpus.tables import table_of


def known_tables(
    text: str, lines: Sequence[Line], blocks: Sequence[KnownBlock]
) -> list[FoundTable]:
    """The tables among the blocks, in order, titled from what stands around them."""
    found: list[FoundTable] = []
    for block in blocks:
        if block.table is None:
            continue
        table = _table(text, block.table, _before(block.table, found))
        inside = [
            number
            for number, line in enumerate(lines)
            if line.start < block.span.end and line.end > block.span.start
        ]
        if table is not None and inside:
            found.append(FoundTable(table, inside[0], inside[-1] + 1))
    return titled(text, lines, found)


def _before(known: KnownTable, found: Sequence[FoundTable]) -> Table | None:
    """The table that a table goes on with: the last one of as many columns (a side bar's may
    stand between)."""
    if not known.continues:
        return None
    same = (one.table for one in reversed(found) if len(one.table.columns) == known.columns)
    return next(same, found[-1].table if found else None)


def _table(text: str, known: KnownTable, before: Table | None) -> Table | None:
    grid = _grid(text, known)
    goes_on = known.continues and before is not None
    width = known.columns if goes_on else None
    table = table_of(grid, headers=known.header_rows, width=width)
    if table is None:
        return None
    table = _named_first(table)
    if known.title is not None:
        title = known.title.of(text)
        table = replace(table, title=title, title_span=known.title)
        table = with_unit(table, stated_unit(title))
    if known.continues and before is not None and len(before.columns) == len(table.columns):
        table = replace(
            table,
            columns=before.columns,
            unit=before.unit,
            key_columns=before.key_columns,
            title=table.title or before.title,
            title_span=table.title_span or before.title_span,
        )
    return _with_refs(replace(table, sheet=known.sheet), known)


def _named_first(table: Table) -> Table:
    """A table of words alone is named by its first column, if all names there differ."""
    texts = [row.cells[0].text for row in table.rows]
    words = all(
        kind_of(cell.text) not in _FIGURES for row in table.rows for cell in row.cells if cell.text
    )
    if words and len(table.columns) > 1 and all(texts) and len(set(texts)) == len(texts):
        return replace(table, key_columns=(0,))
    return table


_FIGURES = frozenset({CellKind.NUMBER, CellKind.CODE})


def _grid(text: str, known: KnownTable) -> Grid:
    """Every place of the grid filled; a cell that covers several stands in each of them."""
    places: list[list[GridCell | None]] = [[None] * known.columns for _ in known.rows]
    spanned = False
    for cell in known.cells:
        extent = (cell.column_span, cell.row_span)
        spanned = spanned or extent != (1, 1)
        made = GridCell(cell.span.start, cell.span.end, cell.span.of(text), extent)
        for row in range(cell.row, min(cell.row + cell.row_span, len(places))):
            for column in range(cell.column, min(cell.column + cell.column_span, known.columns)):
                places[row][column] = made
    rows = [
        GridRow(
            span,
            [cell if cell else GridCell(span.end, span.end, "") for cell in places[number]],
        )
        for number, span in enumerate(known.rows)
    ]
    return Grid(rows, spanned=spanned, heads=known.header_rows or 0)


def _with_refs(table: Table, known: KnownTable) -> Table:
    """The spreadsheet references of the body cells."""
    refs = {cell.span: cell.ref for cell in known.cells if cell.ref}
    if not refs:
        return table
    return replace(table, rows=tuple(_row_with_refs(row, refs) for row in table.rows))


def _row_with_refs(row: Row, refs: dict[Span, str]) -> Row:
    cells = tuple(replace(cell, ref=refs.get(cell.span)) for cell in row.cells)
    return replace(row, cells=cells)
