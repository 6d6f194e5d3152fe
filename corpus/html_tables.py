"""HTML tables that stand inside a text → grids with explicit row and column extents.

Stands below `corpus.tables`, beside `corpus.table_grid`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.report import Span
from corpus.table_grid import Grid, GridCell, GridRow

_TABLE = re.compile(r"<table\b[^>]*>(.*?)</table\s*>", re.IGNORECASE | re.DOTALL)
_OPEN_ROW = re.compile(r"<tr\b[^>]*>", re.IGNORECASE)
_ROW_END = re.compile(r"</tr\s*>|(?=<tr\b)", re.IGNORECASE)
_OPEN_CELL = re.compile(r"<(t[dh])\b([^>]*)>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dh]\s*>|(?=<t[dh]\b)", re.IGNORECASE)
_CAPTION = re.compile(r"<caption\b[^>]*>(.*?)</caption\s*>", re.IGNORECASE | re.DOTALL)
_SPACE = r"(?:\s|&nbsp;|&#160;|&#xa0;)"
_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")  # `<-10%` is a figure, no tag
_EDGE = re.compile(rf"\A{_SPACE}+|{_SPACE}+\Z", re.IGNORECASE)
_EXTENT = re.compile(r"(col|row)span\s*=\s*[\"']?\s*(\d+)", re.IGNORECASE)
_MAX_EXTENT = 100  # wider claims are errors or attacks


@dataclass(slots=True)
class HtmlTable:
    """A table element: its place, its grid, and its caption's place if it has one."""

    span: Span
    grid: Grid
    caption: Span | None


def html_tables(text: str) -> list[HtmlTable]:
    """Every `<table>` of the text that has rows, in order."""
    if "</t" not in text and "</T" not in text:
        return []
    found = []
    for match in _TABLE.finditer(text):
        grid = _grid(text, match.start(1), match.end(1))
        if grid.rows:
            caption = _CAPTION.search(text, match.start(1), match.end(1))
            inner = _pieces(text, caption.start(1), caption.end(1)) if caption else []
            place = Span(inner[0].start, inner[-1].end) if inner else None
            found.append(HtmlTable(Span(match.start(), match.end()), grid, place))
    return found


def _grid(text: str, start: int, end: int) -> Grid:
    grid = Grid(spanned=True)
    open_below: dict[int, tuple[GridCell, int]] = {}  # column → cell from above, rows it still has
    place = start
    while (opened := _OPEN_ROW.search(text, place, end)) is not None:
        closed = _ROW_END.search(text, opened.end(), end)
        stop, row_end = (closed.start(), closed.end()) if closed else (end, end)
        if stop == row_end:
            row_end = len(text[:row_end].rstrip())
        cells, heads = _cells(text, opened.end(), stop, open_below)
        if cells:
            if heads and grid.heads == len(grid.rows):
                grid.heads += 1
            span = _row_span(text, opened.start(), max(row_end, opened.end()))
            grid.rows.append(GridRow(span, cells))
        place = max(stop, opened.end())
    return grid


def _cells(
    text: str, start: int, end: int, open_below: dict[int, tuple[GridCell, int]]
) -> tuple[list[GridCell], bool]:
    """The cells of one row, those that reach down from rows above included."""
    cells: list[GridCell] = []
    all_heads, any_cell = True, False
    place = start
    while (opened := _OPEN_CELL.search(text, place, end)) is not None:
        _from_above(cells, open_below)
        closed = _CELL_END.search(text, opened.end(), end)
        stop = closed.start() if closed else end
        any_cell = True
        all_heads = all_heads and opened[1].lower() == "th"
        _put(text, opened, stop, cells, open_below)
        place = max(closed.end() if closed else end, opened.end())
    while any_cell and open_below and max(open_below) >= len(cells):
        _from_above(cells, open_below)  # cells from above count even behind a row that ends early
        if open_below and max(open_below) > len(cells):
            cells.append(GridCell(end, end, ""))
    return cells, all_heads and any_cell


def _from_above(cells: list[GridCell], open_below: dict[int, tuple[GridCell, int]]) -> None:
    while (column := len(cells)) in open_below:
        cell, left = open_below[column]
        cells.append(cell)
        if left > 1:
            open_below[column] = (cell, left - 1)
        else:
            del open_below[column]


def _put(
    text: str,
    opened: re.Match[str],
    stop: int,
    cells: list[GridCell],
    open_below: dict[int, tuple[GridCell, int]],
) -> None:
    extents = {kind.lower(): int(number[:4]) for kind, number in _EXTENT.findall(opened[2])}
    wide = min(max(extents.get("col", 1), 1), _MAX_EXTENT)
    high = min(max(extents.get("row", 1), 1), _MAX_EXTENT)
    pieces = _pieces(text, opened.end(), stop)
    place = opened.end()
    first = pieces[0] if pieces else Span(place, place)
    cell = GridCell(first.start, first.end, first.of(text), (wide, high))
    for _ in range(wide):
        column = len(cells)
        cells.append(cell)
        if high > 1:
            open_below[column] = (cell, high - 1)


def _pieces(text: str, start: int, end: int) -> list[Span]:
    """The runs of words between tags, without white space around them."""
    pieces = []
    place = start
    for tag in [*_TAG.finditer(text, start, end), None]:
        stop = tag.start() if tag else end
        words = text[place:stop]
        stripped = _EDGE.sub("", words)
        if stripped:
            at = place + words.index(stripped)
            pieces.append(Span(at, at + len(stripped)))
        place = tag.end() if tag else end
    return pieces


def _row_span(text: str, start: int, end: int) -> Span:
    """The row's own line if it holds this row and no other; else `<tr>…</tr>`."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    line = text[line_start:line_end]
    if "\n" in text[start:end] or len(_OPEN_ROW.findall(line)) != 1:
        return Span(start, end)
    stripped = line.strip()
    at = line_start + line.index(stripped)
    return Span(at, at + len(stripped))
