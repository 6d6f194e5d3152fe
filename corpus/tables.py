"""Tables of a text: where they stand, what their headers say, and which columns name a row.

Stands between the lines of a text and `Report.tables`. The layouts are listed, each with its
exact grid, in tests/corpus/test_tables.py.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.cell_words import CellKind, kind_of, stated_unit, unit_in
from corpus.html_tables import html_tables
from corpus.lines import Line
from corpus.report import Cell, Column, Row, Span, Table
from corpus.table_grid import (
    Grid,
    GridCell,
    GridRow,
    bar_grid,
    gap_cells,
    is_rule,
    loose_grid,
    space_grid,
    tab_grid,
)
from corpus.table_headers import build_paths, column_types, count_header_rows
from corpus.table_keys import key_columns
from corpus.table_titles import CAPTION, PURE_NUMBER, UNIT_LINE, FoundTable, titled


def find_tables(text: str, lines: Sequence[Line]) -> list[FoundTable]:
    """Every table of the text, in order. `lines`: `split_lines(text)`."""
    found = _html(text, lines)
    taken = {number for one in found for number in range(one.first, one.last)}
    number = 0
    while number < len(lines):
        if number in taken:
            number += 1
            continue
        end, grids = _grids_at(text, lines, number, taken)
        for first, last, grid in grids:
            table = table_of(grid)
            if table is not None:
                found.append(FoundTable(table, first, last))
        number = max(end, number + 1)
    found.sort(key=lambda one: one.first)
    return titled(text, lines, found)


def _html(text: str, lines: Sequence[Line]) -> list[FoundTable]:
    found: list[FoundTable] = []
    for html in html_tables(text):
        inside = [
            number
            for number, line in enumerate(lines)
            if line.start < html.span.end and line.end > html.span.start
        ]
        table = table_of(html.grid)
        if table is None or not inside or (found and inside[0] < found[-1].last):
            continue
        if html.caption:
            title = html.caption.of(text)
            unit = table.unit or stated_unit(title)
            table = replace(table, title=title, title_span=html.caption, unit=unit)
        found.append(FoundTable(table, inside[0], inside[-1] + 1))
    return found


# ── groups of lines that may be one table ───────────────────────────────────────────────────

Grids = list[tuple[int, int, Grid]]
_MAX_ROW = 400  # characters; a longer line with runs of spaces is prose
_ROW_ENDS = frozenset("0123456789%)AEaex-")
_NUMBERS_END = re.compile(r"(?:\s[-+(]?[\d,.]+[)%]?[AEaex]?|\s-{1,2}){3,}\Z")


def _layout(line: Line) -> str:
    """The layout that a line by itself could belong to; empty for a line of prose."""
    words = line.text
    if "\t" in words:
        return "tab"
    if words.count("|") >= 2:
        return "bar"
    if len(words) > _MAX_ROW:
        return ""
    if "  " in words or "\u3000\u3000" in words:
        return "space"
    if words[-1] in _ROW_ENDS and _NUMBERS_END.search(words):
        return "loose"
    return ""


def _grids_at(text: str, lines: Sequence[Line], first: int, taken: set[int]) -> tuple[int, Grids]:
    """The tables in the group of lines that begins at `first`, and where the group ends."""
    layout = _layout(lines[first])
    if not layout:
        return first + 1, []
    if layout == "loose":
        return _loose_at(text, lines, first, taken)
    end = _group_end(text, lines, first, layout, taken)
    members = range(first, end)
    while len(members) > 1 and is_rule(lines[members[-1]]):
        members = members[:-1]
    pieces = _split_at_headers(text, lines, members, layout)
    grids: Grids = []
    for piece in pieces:
        grid = _grid_of(text, [lines[number] for number in piece], layout)
        if _is_table(grid, layout):
            grids.append((piece[0], piece[-1] + 1, grid))
    return end, grids


def _grid_of(text: str, members: list[Line], layout: str) -> Grid:
    if layout == "tab":
        return tab_grid(text, members)
    return bar_grid(text, members) if layout == "bar" else space_grid(text, members)


def _group_end(text: str, lines: Sequence[Line], first: int, layout: str, taken: set[int]) -> int:
    """One past the last line that goes on with the layout of `first`."""
    figures_met = False
    number = first
    while number < len(lines) and number not in taken:
        line = lines[number]
        own = _belongs(text, line, layout)
        if not own and not (number > first and is_rule(line)):
            break
        if number > first and (line.new_page or line.gap > 3):
            break
        figures = own and _has_figures(text, line, layout)
        if number > first and line.gap > 1 and figures_met and not figures:
            break  # a blank line, then words again: the next table's header
        figures_met = figures_met or figures
        number += 1
    return number


def _belongs(text: str, line: Line, layout: str) -> bool:
    if CAPTION.match(line.text) and layout != "bar" and len(gap_cells(text, line)) < 3:
        return False
    if layout == "tab":
        return "\t" in text[line.raw_start : line.raw_end].lstrip(" ") and not is_rule(line)
    if layout == "bar":
        return "|" in line.text and not is_rule(line)
    return ("  " in line.text or "\u3000\u3000" in line.text) and not is_rule(line)


def _cell_texts(text: str, line: Line, layout: str) -> list[str]:
    if layout == "tab":
        return [cell.strip() for cell in text[line.raw_start : line.raw_end].split("\t")]
    if layout == "bar":
        return [cell.strip() for cell in line.text.strip("|").split("|")]
    return [cell.text for cell in gap_cells(text, line)]


_FIGURES = frozenset({CellKind.NUMBER, CellKind.CODE, CellKind.DASH})


def _has_figures(text: str, line: Line, layout: str) -> bool:
    return any(kind_of(cell) in _FIGURES for cell in _cell_texts(text, line, layout))


def _split_at_headers(text: str, lines: Sequence[Line], members: range, layout: str) -> list[range]:
    """Cuts a group where, below figures, a row of periods begins the next table."""
    cuts = [members.start]
    figures_met = False
    for number in members:
        if is_rule(lines[number]):
            continue
        kinds = [kind_of(cell) for cell in _cell_texts(text, lines[number], layout)]
        if any(kind in _FIGURES for kind in kinds):
            figures_met = True
        elif figures_met and kinds.count(CellKind.PERIOD) >= 2:
            cuts.append(number)
            figures_met = False
    cuts.append(members.stop)
    return [range(start, end) for start, end in itertools.pairwise(cuts) if end > start]


def _is_table(grid: Grid, layout: str) -> bool:
    """True if the rows are a table and not lines that happen to hold the mark."""
    rows = [row for row in grid.rows if sum(1 for cell in row.cells if cell.text) >= 2]
    if len(rows) < 2:
        return False
    width = max(len(row.cells) for row in rows)
    if any(_is_contents(row) for row in rows[:3]):
        return False
    if layout == "bar":
        return grid.ruled > 0 or width >= 3 or len(rows) >= 3
    kinds = [cell.kind for row in rows for cell in row.cells]
    figures = sum(kind in _FIGURES or kind is CellKind.PERIOD for kind in kinds)
    if layout == "tab":
        return width >= 3 or figures >= len(rows) // 2 or len(rows) >= 3
    if any(len(cell.text) > 80 for row in rows for cell in row.cells) and figures < len(rows):
        return False  # prose set in justified lines
    enough = sum(len(row.cells) >= 3 for row in rows) * 2 > len(rows)
    return (enough and (figures >= len(rows) - 1 or grid.ruled > 0)) or (
        len(rows) >= 3 and figures >= len(rows) - 1 and len({len(r.cells) for r in rows}) == 1
    )


_LEADERS = re.compile(r"\.{4,}|…{2,}|·{4,}")


def _is_contents(row: GridRow) -> bool:
    return any(_LEADERS.search(cell.text) for cell in row.cells)


def _loose_at(text: str, lines: Sequence[Line], first: int, taken: set[int]) -> tuple[int, Grids]:
    """A table of labels and numbers parted by single spaces: all rows of one length."""
    end = first
    while end < len(lines) and end not in taken and _layout(lines[end]) == "loose":
        if end > first and (lines[end].gap > 1 or lines[end].new_page):
            break
        end += 1
    if end - first < 3:
        return end, []
    grid = loose_grid(text, list(lines[first:end]))
    grids: Grids = []
    start = 0
    for number in range(1, len(grid.rows) + 1):
        rows = grid.rows[start:number]
        ends = number == len(grid.rows) or len(grid.rows[number].cells) != len(rows[0].cells)
        if not ends and not _begins_table(grid.rows[number]):
            continue
        if len(rows) >= 3 and all(row.cells[0].text for row in rows[1:]):
            grids.append((first + start, first + number, Grid(rows)))
        start = number
    return end, grids


def _begins_table(row: GridRow) -> bool:
    return all(cell.kind is CellKind.PERIOD for cell in row.cells[1:])


# ── grid → Table ────────────────────────────────────────────────────────────────────────────


def table_of(grid: Grid, headers: int | None = None, width: int | None = None) -> Table | None:
    """The finished table, still without a title from around it; None if no body is left.

    Args:
        headers: how many rows are headers, None if their words shall tell.
        width: how many columns it has, None: as many as its fullest row.
    """
    rows_before = len(grid.rows)
    inner_title = _take_inner_title(grid)
    if not grid.rows:
        return None
    if headers is None:
        headers = _headers(grid)
    else:
        headers = max(headers - (rows_before - len(grid.rows)), 0)
    body = grid.rows[headers:]
    if not body:
        return None
    width = width or max(_width(row) for row in grid.rows)
    tree = build_paths(grid, headers, width)
    unit = stated_unit(inner_title.text) if inner_title else None
    rows = tuple(_row(row, headers + index, width, grid.spanned) for index, row in enumerate(body))
    types = column_types([GridRow(row.span, _as_grid(row)) for row in rows], width)
    keys = key_columns(rows, types, tree.paths)
    unit = unit or _corner_unit(tree.paths, keys)
    columns = tuple(
        _column(index, path, unit if types[index] is CellKind.NUMBER else None, index in keys)
        for index, path in enumerate(tree.paths)
    )
    head = grid.rows[:headers]
    start = min(row.span.start for row in grid.rows)
    if inner_title:
        start = min(start, inner_title.start)
    return Table(
        span=Span(start, max(row.span.end for row in grid.rows)),
        title=inner_title.text if inner_title else None,
        title_span=Span(inner_title.start, inner_title.end) if inner_title else None,
        unit=unit,
        columns=columns,
        rows=rows,
        header_span=Span(head[0].span.start, head[-1].span.end) if head else None,
        key_columns=keys,
    )


def _headers(grid: Grid) -> int:
    headers = count_header_rows(grid)
    if grid.spanned and 0 < headers < len(grid.rows):
        reach = max(cell.extent[1] + number for number, row in enumerate(grid.rows[:headers])
                    for cell in row.cells if _opens(grid, number, cell))  # fmt: skip
        headers = min(max(headers, reach), len(grid.rows) - 1)
    return headers


def _opens(grid: Grid, number: int, cell: GridCell) -> bool:
    """True if the cell begins in this row and does not reach down from the row above."""
    return number == 0 or all(cell is not above for above in grid.rows[number - 1].cells)


def _take_inner_title(grid: Grid) -> GridCell | None:
    """A caption that was written as the first row of the table; it is taken out of the grid."""
    if len(grid.rows) < 3:
        return None
    first = [cell for cell in grid.rows[0].cells if cell.text]
    alone = bool(first) and all(cell is first[0] for cell in first)
    if alone and (CAPTION.match(first[0].text) or UNIT_LINE.fullmatch(first[0].text)):
        grid.rows.pop(0)
        grid.ruled, grid.heads = max(grid.ruled - 1, 0), max(grid.heads - 1, 0)
        return first[0]
    return None


def _width(row: GridRow) -> int:
    width = len(row.cells)
    while width > 1 and not row.cells[width - 1].text:
        width -= 1
    return width


def _row(row: GridRow, index: int, width: int, spanned: bool) -> Row:
    cells = []
    before: GridCell | None = None
    for column in range(width):
        cell = row.cells[column] if column < len(row.cells) else None
        if cell is None:
            cells.append(Cell(index, column, Span(row.span.end, row.span.end), ""))
        elif spanned and cell is before:  # a cell over several columns is stated once
            cells.append(Cell(index, column, Span(cell.end, cell.end), ""))
        else:
            cells.append(Cell(index, column, Span(cell.start, cell.end), cell.text))
        before = cell
    return Row(index, row.span, tuple(cells))


def _as_grid(row: Row) -> list[GridCell]:
    return [GridCell(cell.span.start, cell.span.end, cell.text) for cell in row.cells]


def _column(index: int, path: list[GridCell], table_unit: str | None, is_key: bool) -> Column:
    header = tuple(cell.text for cell in path)
    unit = next((found for cell in reversed(path) if (found := unit_in(cell.text))), None)
    if unit is None and not is_key and not any(PURE_NUMBER.search(text) for text in header):
        unit = table_unit
    return Column(index, header, unit, tuple(Span(cell.start, cell.end) for cell in path))


def _corner_unit(paths: list[list[GridCell]], keys: tuple[int, ...]) -> str | None:
    """A unit that stands over the column of names: 利润表（百万元）, 单位：亿元."""
    for key in keys:
        for cell in paths[key]:
            unit = stated_unit(cell.text) or unit_in(cell.text)
            if unit:
                return unit
    return None
