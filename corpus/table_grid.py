"""Lines of a table → a grid of cells with their places, for each way that text writes tables.

Stands below `corpus.tables`. Layouts: tab-separated, `|` with or without outer bars, columns
aligned by two or more spaces, and label-and-numbers lines parted by single spaces.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from corpus.cell_words import CellKind, kind_of
from corpus.lines import Line
from corpus.report import Span

RULE = re.compile(r"[\s|:+=\-_—–─┼│├┤]*[-=─—_]{2,}[\s|:+=\-_—–─┼│├┤]*")
_GAP = re.compile(r"[ \u3000\u00a0]{2,}|\t+[ \u3000]*")


@dataclass(slots=True)
class GridCell:
    """A cell as it stands. `extent`: how many columns and rows it covers (HTML), else (1, 1)."""

    start: int
    end: int
    text: str
    extent: tuple[int, int] = (1, 1)

    @property
    def kind(self) -> CellKind:
        """What it is by its words."""
        return kind_of(self.text)


@dataclass(slots=True)
class GridRow:
    """A row before header and body are told apart.

    Args:
        span: the line as it stands.
        cells: left to right; empty cells have an empty span.
        placed: each cell stands in its own column (positions are explicit), so that an empty
            cell says something; False: only the order of the cells is known.
    """

    span: Span
    cells: list[GridCell]
    placed: bool = True


@dataclass(slots=True)
class Grid:
    """Rows of one table, rule lines taken out.

    Args:
        ruled: number of rows above the first rule line, 0 if there is none.
        spanned: the cells carry explicit extents (HTML).
    """

    rows: list[GridRow] = field(default_factory=list)
    ruled: int = 0
    spanned: bool = False
    heads: int = 0  # rows that HTML marks as header


def is_rule(line: Line) -> bool:
    """True for a line of dashes between rows."""
    first = line.text[0]
    return first in "-|:+=_—─├ " and RULE.fullmatch(line.text) is not None


def tab_grid(text: str, lines: list[Line]) -> Grid:
    """Tab-separated rows."""
    return _grid(lines, lambda line: _split_at(text, line.raw_start, line.raw_end, "\t"))


def bar_grid(text: str, lines: list[Line]) -> Grid:
    """`|` rows; outer bars are dropped only if most rows have both or the row has both."""
    rows = [line for line in lines if not is_rule(line)]
    fenced = sum(line.text[0] == "|" == line.text[-1] for line in rows) * 2 >= len(rows)

    def cells(line: Line) -> list[GridCell]:
        found = _split_at(text, line.start, line.end, "|")
        if fenced and line.text[0] == "|":
            found = found[1:]
        if fenced and line.text[-1] == "|" and len(found) > 1:
            found = found[:-1]
        return found

    return _grid(lines, cells)


def _grid(lines: list[Line], cells_of: Callable[[Line], list[GridCell]]) -> Grid:
    grid = Grid()
    for line in lines:
        if is_rule(line):
            grid.ruled = grid.ruled or len(grid.rows)
            continue
        start = line.raw_start if line.text[0] != "|" else line.start
        cells = cells_of(line)
        first = min([start, *(cell.start for cell in cells)]) if cells else start
        grid.rows.append(GridRow(Span(max(first, line.raw_start), line.end), cells))
    return grid


def _split_at(text: str, start: int, end: int, mark: str) -> list[GridCell]:
    cells = []
    for piece in text[start:end].split(mark):
        stripped = piece.strip()
        at = start + len(piece) - len(piece.lstrip()) if stripped else start
        cells.append(GridCell(at, at + len(stripped), stripped))
        start += len(piece) + 1
    return cells


def gap_cells(text: str, line: Line) -> list[GridCell]:
    """The cells of a line whose columns are parted by two or more spaces."""
    cells = []
    place = line.start
    for gap in _GAP.finditer(text, line.start, line.end):
        cells.append(GridCell(place, gap.start(), text[place : gap.start()]))
        place = gap.end()
    cells.append(GridCell(place, line.end, text[place : line.end]))
    return cells


def space_grid(text: str, lines: list[Line]) -> Grid:
    """Rows aligned by spaces. Where columns truly line up, a missing cell leaves an empty one."""
    grid = Grid()
    kept = []
    for line in lines:
        if is_rule(line):
            grid.ruled = grid.ruled or len(grid.rows)
            continue
        grid.rows.append(GridRow(Span(line.start, line.end), gap_cells(text, line), placed=False))
        kept.append(line)
    _align(text, kept, grid)
    return grid


def _align(text: str, lines: list[Line], grid: Grid) -> None:
    """Puts cells into columns by their position, if one way of measuring makes columns line up."""
    count = max(len(row.cells) for row in grid.rows)
    full = [i for i, row in enumerate(grid.rows) if len(row.cells) == count]
    if len(full) == len(grid.rows):
        for row in grid.rows:
            row.placed = True
        return
    for wide in (True, False):
        places = [
            _places(text, line, row, wide) for line, row in zip(lines, grid.rows, strict=True)
        ]
        columns = _columns([places[i] for i in full])
        if columns is None:
            continue
        for row, spots in zip(grid.rows, places, strict=True):
            _place(row, spots, columns)
        return


Spots = list[tuple[int, int]]


def _places(text: str, line: Line, row: GridRow, wide: bool) -> Spots:
    """Where each cell begins and ends on screen (`wide`: Han take two places) or in characters."""
    spots = []
    for cell in row.cells:
        start = _width(text[line.raw_start : cell.start], wide)
        spots.append((start, start + _width(cell.text, wide)))
    return spots


def _width(piece: str, wide: bool) -> int:
    if not wide or piece.isascii():
        return len(piece)
    return sum(1 + (unicodedata.east_asian_width(ch) in "WF") for ch in piece)


def _columns(rows: list[Spots]) -> Spots | None:
    """Each column's extent if left or right edges agree (±1) in every column, else None."""
    if not rows:
        return None
    columns = []
    for spots in zip(*rows, strict=True):
        starts = [start for start, _ in spots]
        ends = [end for _, end in spots]
        middles = [start + end for start, end in spots]
        tight = min(max(starts) - min(starts), max(ends) - min(ends))
        if tight > 1 and max(middles) - min(middles) > 3:
            return None
        columns.append((min(starts), max(ends)))
    apart = all(left[1] <= right[0] for left, right in itertools.pairwise(columns))
    return columns if apart else None


def _place(row: GridRow, spots: Spots, columns: Spots) -> None:
    """Spreads a row's cells over the columns; leaves the row as it is if two would collide."""
    if len(row.cells) == len(columns):
        row.placed = True
        return
    targets: list[int] = []
    for start, end in spots:
        overlaps = [min(end, right) - max(start, left) for left, right in columns]
        best = max(range(len(columns)), key=lambda c: (overlaps[c], -c))
        if targets and best <= targets[-1]:
            return
        targets.append(best)
    cells = []
    place = row.span.start
    by_column = dict(zip(targets, row.cells, strict=True))
    for column in range(len(columns)):
        cell = by_column.get(column) or GridCell(place, place, "")
        cells.append(cell)
        place = cell.end
    row.cells, row.placed = cells, True


_TOKEN = re.compile(r"\S+")


def loose_grid(text: str, lines: list[Line]) -> Grid:
    """Lines of a label and numbers parted by single spaces, under a line of periods."""
    grid = Grid()
    for line in lines:
        tokens = [
            GridCell(found.start(), found.end(), found.group())
            for found in _TOKEN.finditer(text, line.start, line.end)
        ]
        first = len(tokens)
        while first > 0 and tokens[first - 1].kind in _FIGURES:
            first -= 1
        if first:
            start, end = tokens[0].start, tokens[first - 1].end
            tokens[:first] = [GridCell(start, end, text[start:end])]
        else:
            tokens.insert(0, GridCell(line.start, line.start, ""))
        grid.rows.append(GridRow(Span(line.start, line.end), tokens))
    return grid


_FIGURES = frozenset({CellKind.NUMBER, CellKind.DASH, CellKind.PERIOD, CellKind.CODE})
