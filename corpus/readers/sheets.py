"""Cells of a sheet → lines and tables: where one table ends and the next begins.

Stands between the readers of spreadsheets and of separated values, and `composing`.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.cell_words import CellKind, kind_of
from corpus.readers.composing import Composer, Placed, one_line
from corpus.report import BlockKind
from corpus.table_titles import SOURCE_LINE, UNIT_LINE

# Sheets are compared place by place; a region of more cells is one table, however it is set.
_MAX_CUT_CELLS = 200_000
_YEAR = re.compile(r"(?:19|20)\d\d")
_LOOKED_AT = 3  # rows at the top of a part in which its header would stand


def put_sheet(composer: Composer, name: str, cells: Sequence[Placed]) -> None:
    """Adds a sheet: a line with its name, then its lines and tables from the upper left."""
    filled = [cell for cell in cells if one_line(cell.words)]
    if not filled:
        return
    composer.line(name, BlockKind.HEADING, 1)
    for region in _regions(filled):
        _put_region(composer, region, name)


def reference(row: int, column: int) -> str:
    """`B7` for row 6 and column 1, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


@dataclass(slots=True)
class _Region:
    """Cells that stand together; `rows`: row → its cells from the left."""

    rows: dict[int, list[Placed]]

    @property
    def cells(self) -> list[Placed]:
        return [cell for row in self.rows.values() for cell in row]

    @property
    def columns(self) -> set[int]:
        return {
            c for cell in self.cells for c in range(cell.column, cell.column + cell.column_span)
        }


def _region(cells: Sequence[Placed]) -> _Region:
    rows: dict[int, list[Placed]] = defaultdict(list)
    for cell in sorted(cells, key=lambda one: (one.row, one.column)):
        rows[cell.row].append(cell)
    return _Region(dict(rows))


def _regions(cells: Sequence[Placed]) -> list[_Region]:
    """Parts that empty rows or columns set apart, from the upper left."""
    whole = _region(cells)
    if len(cells) > _MAX_CUT_CELLS:
        return [whole]
    bands: list[_Region] = []
    for band in _bands(whole):
        if bands and _goes_on(bands[-1], band):
            bands[-1] = _region([*bands[-1].cells, *band.cells])
        else:
            bands.append(band)
    found = []
    for band in bands:
        sides = _sides(band)
        found += [band] if len(sides) < 2 else [r for side in sides for r in _regions(side.cells)]
    return found


def _bands(whole: _Region) -> list[_Region]:
    """Cut at empty rows."""
    bands: list[list[Placed]] = []
    end = -1
    for row, cells in sorted(whole.rows.items()):
        if row > end:
            bands.append([])
        bands[-1] += cells
        end = max(end, *(cell.row + cell.row_span for cell in cells))
    return [_region(band) for band in bands]


def _sides(band: _Region) -> list[_Region]:
    """Cut at empty columns whose right side has names of rows of its own."""
    taken = sorted(band.columns)
    starts = [b for a, b in itertools.pairwise(taken) if b > a + 1]
    cuts = [taken[0]]
    for start in starts:
        named = [cell for cell in band.cells if cell.column == start]
        words = [cell for cell in named if kind_of(cell.words) is CellKind.TEXT]
        if len(band.rows) > 2 and len(words) * 2 > len(band.rows):
            cuts.append(start)
    ends = [*cuts[1:], taken[-1] + 1]
    return [
        _region([cell for cell in band.cells if start <= cell.column < end])
        for start, end in zip(cuts, ends, strict=True)
    ]


def _goes_on(above: _Region, below: _Region) -> bool:
    """True if a part has no header of its own and figures under the columns of the part above."""
    if len(above.columns) < 3 or not below.columns <= above.columns:
        return False
    rows = [row for _, row in sorted(below.rows.items())]
    if any(_opens(row) for row in rows[:_LOOKED_AT]):
        return False
    return any(_is_figure(cell) for row in rows for cell in row[1:])


def _opens(row: list[Placed]) -> bool:
    """True for a row that can head a table: words and years only, two at least."""
    return len(row) > 1 and not any(_is_figure(cell) for cell in row)


def _is_figure(cell: Placed) -> bool:
    kind = kind_of(cell.words)
    return kind in (CellKind.NUMBER, CellKind.CODE) and not _YEAR.fullmatch(cell.words)


def _put_region(composer: Composer, region: _Region, sheet: str) -> None:
    rows = [row for _, row in sorted(region.rows.items())]
    first, last = 0, len(rows)
    while first < last and len(rows[first]) == 1 and not _is_figure(rows[first][0]):
        composer.line(rows[first][0].words)
        first += 1
    while last > first and len(rows[last - 1]) == 1 and _is_remark(rows[last - 1][0]):
        last -= 1
    cells = [cell for row in rows[first:last] for cell in row]
    composer.table(cells, sheet=sheet)
    for row in rows[last:]:
        composer.line(row[0].words)


def _is_remark(cell: Placed) -> bool:
    """True for what stands below a table and is no row of it: its source, its unit, a note."""
    words = cell.words.strip()
    is_line = SOURCE_LINE.match(words) or UNIT_LINE.fullmatch(words) or len(words) > 40
    return bool(is_line) and not _is_figure(cell)
