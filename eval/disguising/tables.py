"""Tables of tab-separated reports: read into columns with header paths, written in other layouts.

Part of `eval.disguise`. It reads what it understands and leaves every other table as it is; it
shares no code with the product's own table reader, which it is there to test.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Layout = Literal["tabs", "tabs_short", "pipes", "spaces", "html"]
LAYOUTS: tuple[Layout, ...] = ("tabs", "tabs_short", "pipes", "spaces", "html")

_PERIOD = re.compile(r"(?:19|20)\d{2}(?:[AE]|Q\d|H\d)?")
_UNIT = re.compile(r" ?[（(]([^（()）]*(?:元|%|％|倍|股|亿|万)[^（()）]*)[)）]")
_FIGURE = re.compile(r"[-－]?[\d,]+(?:\.\d+)?[%％]?|[-–—]+")
_RULE = re.compile(r"[-=\s|:]*-[-=\s|:]*")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a leaf column; empty strings for what does not."""

    name: str
    unit: str
    period: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: a heading for each leaf column and the body cells.

    Args:
        lines: first line and line after the last one, in the report.
        row_lines: the line of each body row in the report.
    """

    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, int]
    row_lines: tuple[int, ...]

    def figures(self, column: int) -> bool:
        """True if the column holds figures: cells with decimals and nothing that is no figure."""
        cells = [row[column] for row in self.rows if row[column]]
        return any("." in c for c in cells) and all(_FIGURE.fullmatch(c) for c in cells)


def find_grids(text: str) -> list[Grid]:
    """The tab-separated tables that can be understood, top to bottom."""
    lines = text.split("\n")
    grids: list[Grid] = []
    at = 0
    while at < len(lines):
        end = _table_end(lines, at)
        if end > at and (grid := _understood(lines, at, end)) is not None:
            grids.append(grid)
        at = max(end, at + 1)
    return grids


def _table_end(lines: Sequence[str], start: int) -> int:
    """The line after the table that begins at `start`; `start` if none does.

    One empty line inside is part of it: samples have one between two header rows.
    """
    end = start
    while end < len(lines):
        next_has_tabs = "\t" in "".join(lines[end + 1 : end + 2])
        gap = end > start and not lines[end].strip() and next_has_tabs
        if "\t" not in lines[end] and not gap:
            break
        end += 1
    return end


def _understood(lines: Sequence[str], start: int, end: int) -> Grid | None:
    numbered = [(n, lines[n].split("\t")) for n in range(start, end) if lines[n].strip()]
    numbered = [(n, cells) for n, cells in numbered if not _RULE.fullmatch("".join(cells))]
    body_from = next((i for i, (_, cells) in enumerate(numbered) if _is_body(cells)), None)
    if not body_from:
        return None
    head = [cells for _, cells in numbered[:body_from]]
    body = numbered[body_from:]
    width = len(body[0][1])
    if width < 3 or len(head) > 2 or any(len(cells) != width for _, cells in body):
        return None
    paths = _paths([[cell.strip() for cell in cells] for cells in head], width)
    if paths is None:
        return None
    rows = tuple(tuple(cell.strip() for cell in cells) for _, cells in body)
    return Grid(tuple(map(_heading, paths)), rows, (start, end), tuple(n for n, _ in body))


def _is_body(cells: Sequence[str]) -> bool:
    """A row with figures, codes or an ordinal in it; years and dates make a header, not a row."""
    figures = [
        c for c in map(str.strip, cells) if _FIGURE.fullmatch(c) and not _PERIOD.fullmatch(c)
    ]
    return bool(figures)


def _paths(head: list[list[str]], width: int) -> list[tuple[str, ...]] | None:
    """The header cells over each leaf column, top first."""
    if len(head) == 1:
        return [(cell,) for cell in head[0]] if len(head[0]) == width else None
    top, sub = head
    if len(sub) != width:
        return None
    if len(top) == width:
        spread = _filled(top, sub)
    else:
        groups = _runs(sub)
        if len(groups) != len(top):
            return None
        spread = [name for name, run in zip(top, groups, strict=True) for _ in run]
    return list(zip(spread, sub, strict=True))


def _filled(top: Sequence[str], sub: Sequence[str]) -> list[str]:
    filled: list[str] = []
    for over, under in zip(top, sub, strict=True):
        filled.append(over or (filled[-1] if under and filled else ""))
    return filled


def _runs(sub: Sequence[str]) -> list[list[str]]:
    """Periods that go on rising belong under one heading; every other cell has its own."""
    runs: list[list[str]] = []
    for cell in sub:
        last = runs[-1][-1] if runs else ""
        rising = _PERIOD.fullmatch(cell) and _PERIOD.fullmatch(last) and cell[:4] > last[:4]
        if rising:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return runs


def _heading(path: tuple[str, ...]) -> Heading:
    words = [word for word in path if word]
    unit = next((found[1] for word in words if (found := _UNIT.search(word))), "")
    bare = [stripped for word in words if (stripped := _UNIT.sub("", word).strip())]
    period = next((word for word in bare if _PERIOD.fullmatch(word)), "")
    return Heading(" ".join(word for word in bare if word != period), unit, period)


def reordered(grid: Grid, columns: Sequence[int], rows: Sequence[int]) -> Grid:
    """The grid with its columns and rows in another order."""
    return Grid(
        tuple(grid.headings[c] for c in columns),
        tuple(tuple(grid.rows[r][c] for c in columns) for r in rows),
        grid.lines,
        tuple(grid.row_lines[r] for r in rows),
    )


def render(
    grid: Grid, layout: Layout, header_rows: int, *, repeat: bool = False
) -> tuple[list[str], list[str]]:
    """The header lines and the body lines of the grid in that layout.

    Args:
        header_rows: 1, 2 or 3; a table without units or periods may need fewer.
        repeat: a heading over several columns stands over each of them (tabs and pipes only).
    """
    head = header_cells(grid.headings, header_rows)
    if repeat and layout in ("tabs", "pipes"):
        head = [_repeated(row) for row in head]
    body = [list(row) for row in grid.rows]
    if layout == "html":
        lines = _html_head(head)
        cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in body]
        return ["<table>", *lines], [*(f"<tr>{row}</tr>" for row in cells), "</table>"]
    if layout == "pipes":
        rule = "|" + " --- |" * len(grid.headings)
        piped = [_piped(row) for row in head]
        return [piped[0], rule, *piped[1:]], [_piped(row) for row in body]
    if layout == "spaces":
        return _aligned(head, body)
    if layout == "tabs_short" and len(head) == 2:
        short = [cell for cell in head[0] if cell is not None]
        dashes = ["-" * max(2, len(cell) * 2) for cell in short]
        top = ["\t".join(short), "\t".join(dashes), "", _tabbed(head[1])]
        return top, list(map(_tabbed, body))
    return list(map(_tabbed, head)), list(map(_tabbed, body))


HeaderRow = list[str | None]  # None: the cell to the left spans here


def header_cells(headings: Sequence[Heading], header_rows: int) -> list[HeaderRow]:
    """The header rows from the top; equal neighbours of the first row become one spanning cell."""
    with_unit = [f"{h.name} ({h.unit})" if h.unit else h.name for h in headings]
    if header_rows == 1:
        both = zip(with_unit, headings, strict=True)
        return [[f"{name} {h.period}".strip() for name, h in both]]
    split_units = header_rows == 3 and any(h.unit for h in headings)
    names = [h.name for h in headings] if split_units else with_unit
    rows: list[HeaderRow] = [_spanning(names, headings), [h.period for h in headings]]
    if split_units:
        rows.append([f"({h.unit})" if h.unit else "" for h in headings])
    elif header_rows == 3 and any(h.period for h in headings):
        rows.insert(0, _over_periods(headings))
    return [row for row in rows if any(row)]


def _over_periods(headings: Sequence[Heading]) -> HeaderRow:
    """A row above that names what the columns with periods have in common."""
    row: HeaderRow = []
    for at, heading in enumerate(headings):
        inside = at > 0 and heading.period and headings[at - 1].period
        row.append(None if inside else "盈利预测与估值" if heading.period else "")
    return row


def _spanning(names: Sequence[str], headings: Sequence[Heading]) -> HeaderRow:
    row: HeaderRow = []
    for at, (name, heading) in enumerate(zip(names, headings, strict=True)):
        same = at > 0 and bool(heading.period) and name == names[at - 1]
        row.append(None if same else name)
    return row


def _repeated(row: HeaderRow) -> HeaderRow:
    full: list[str] = []
    for cell in row:
        full.append(full[-1] if cell is None and full else cell or "")
    return list(full)


def _tabbed(row: Sequence[str | None]) -> str:
    return "\t".join(cell or "" for cell in row)


def _piped(row: Sequence[str | None]) -> str:
    return "| " + " | ".join(cell or "" for cell in row) + " |"


def _html_head(head: Sequence[HeaderRow]) -> list[str]:
    """Header rows with colspan, and rowspan where nothing stands below."""
    lines = []
    covered: set[tuple[int, int]] = set()
    for depth, row in enumerate(head):
        cells = ""
        for at, cell in enumerate(row):
            if cell is None or (depth, at) in covered:
                continue
            wide = next((n for n, c in enumerate(row[at + 1 :], 1) if c is not None), len(row) - at)
            below = [lower[at] for lower in head[depth + 1 :]]
            deep = 1 + len(below) if cell and wide == 1 and not any(below) else 1
            covered |= {(depth + n, at) for n in range(1, deep)}
            spans = f' colspan="{wide}"' * (wide > 1) + f' rowspan="{deep}"' * (deep > 1)
            cells += f"<th{spans}>{cell}</th>"
        lines.append(f"<tr>{cells}</tr>")
    return lines


def _aligned(head: Sequence[HeaderRow], body: Sequence[list[str]]) -> tuple[list[str], list[str]]:
    rows: list[Sequence[str | None]] = [*head, *body]
    widths = [max(_width(row[c] or "") for row in rows) + 2 for c in range(len(body[0]))]
    # A heading wider than its columns together would push what follows out of line; `widths`
    # counts it into its first column, as a typesetter does.
    pad: Callable[[str, int], str] = lambda cell, width: cell + " " * (width - _width(cell))  # noqa: E731
    lines = [
        "".join(pad(cell or "", width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return lines[: len(head)], lines[len(head) :]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
