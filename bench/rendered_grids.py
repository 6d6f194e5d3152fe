"""Sets a grid as a table of a flat OpenDocument text; used by `rendering`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from rendered_items import Grid, HeaderCell, header_cells

_STARRED = re.compile(r"\*\*(.+?)\*\*")


def marked(words: str) -> str:
    """The words as XML, `**…**` as bold."""
    return _STARRED.sub(r'<text:span text:style-name="Bold">\1</text:span>', escape(words)).replace(
        "**", ""
    )


def grid_element(grid: Grid, tables: str, width_cm: float, name: str) -> str:
    """The table of a grid, `width_cm` wide; `tables` as in `rendering.Layout`."""
    widths = _widths(grid, width_cm)
    styles = "".join(f'<table:table-column table:style-name="W{round(w * 20)}"/>' for w in widths)
    head = "".join(_header_row(row, len(grid.headers)) for row in header_cells(grid))
    if head:
        head = f"<table:table-header-rows>{head}</table:table-header-rows>"
    rows = []
    for number, row in enumerate(grid.rows):
        look = "TL" if number == len(grid.rows) - 1 and tables != "zebra" else "TA"
        rows.append(_row(row, grid, "TB" if number % 2 and tables == "zebra" else look))
    return (
        f'<table:table table:name="{name}">{styles}{head}{"".join(rows)}</table:table>'
        '<text:p text:style-name="Source"/>'
    )


def _widths(grid: Grid, width_cm: float) -> list[float]:
    """Shares of the width by the longest words of each column (Han count double), in 1/20 cm."""
    longest = [
        max(
            [_breadth(row[column]) for row in grid.rows]
            + [_breadth(path[-1]) for path in [grid.headers[column]] if path]
            + [4]
        )
        for column in range(len(grid.headers))
    ]
    # A cell of prose is wrapped; it does not take the place of the figures beside it.
    longest = [min(one + 2, 40) for one in longest]
    return [round(width_cm * one / sum(longest) * 20) / 20 for one in longest]


def _breadth(words: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in words)


def _header_row(cells: Sequence[HeaderCell], columns: int) -> str:
    made, at = [], 0
    for cell in cells:
        made.append("<table:covered-table-cell/>" * (cell.column - at))
        spans = (
            f'table:number-columns-spanned="{cell.columns}" table:number-rows-spanned="{cell.rows}"'
        )
        made.append(
            f'<table:table-cell table:style-name="TH" {spans}><text:p text:style-name="Head">'
            f"{escape(cell.words)}</text:p></table:table-cell>"
            + "<table:covered-table-cell/>"
            * (cell.columns - 1)
        )
        at = cell.column + cell.columns
    made.append("<table:covered-table-cell/>" * (columns - at))
    return f"<table:table-row>{''.join(made)}</table:table-row>"


_FIGURE = re.compile(r"[-+(]?[\d,.]+[%)]?|-")


def _row(row: Sequence[str], grid: Grid, look: str) -> str:
    made = []
    for column, words in enumerate(row):
        number = column not in grid.keys and _FIGURE.fullmatch(words)
        made.append(
            f'<table:table-cell table:style-name="{look}"><text:p text:style-name='
            f'"{"Number" if number else "Cell"}">{marked(words)}</text:p></table:table-cell>'
        )
    return f"<table:table-row>{''.join(made)}</table:table-row>"
