"""Where tables stand on a page: boxes found by stacks of figures and by drawn lines and bands.

Stands between the pieces of `corpus.pdf.table_pieces` and the grids of `corpus.pdf.table_rows`.

Figures that stand one below the other are what prose, lists and contents pages do not have; a
table of words is taken only where lines or bands are drawn around it. Paragraphs are walls.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from statistics import median

from corpus.cell_words import CellKind
from corpus.pdf.page import Image, Page
from corpus.pdf.table_frames import Area, columns_of, drawn_areas
from corpus.pdf.table_pieces import Piece, PrintedLine
from corpus.pdf.table_reach import reach_down, reach_up, stops
from corpus.pdf.table_rules import Drawn

_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


def find_areas(page: Page, lines: Sequence[PrintedLine], drawn: Drawn) -> list[Area]:
    """The boxes of all tables of a page, top to bottom, then left to right; none meets another."""
    charts = [image for image in page.images if _may_be_chart(page, image)]
    free = [
        PrintedLine(line.number, [p for p in line.pieces if not _inside(p, charts)])
        for line in lines
    ]
    ruled = drawn_areas(free, drawn)
    stacked = figure_areas(free, drawn)
    ruled = [_with_last_row(area, stacked, drawn) for area in ruled]
    plain = [area for area in stacked if not _covered(area, ruled)]
    return sorted(_united([*ruled, *plain]), key=lambda area: (area.y0, area.x0))


_ROW = 26.0  # points: one row, its label on two lines


def _with_last_row(area: Area, stacked: Sequence[Area], drawn: Drawn) -> Area:
    """A box that ends with a shaded band, and the plain row below the band that belongs to it."""
    if any(abs(level.y - area.y1) < 3 for level in drawn.levels):
        return area
    ends = [
        other.y1
        for other in stacked
        if other.meets(area) and other.x0 >= area.x0 - 3 and other.x1 <= area.x1 + 3
    ]
    end = max(ends, default=area.y1)
    return replace(area, y1=end) if 3 < end - area.y1 <= _ROW else area


def _covered(area: Area, ruled: Sequence[Area]) -> bool:
    """True if boxes that lines bound say more of this ground: it lies in one or over several."""
    met = [one for one in ruled if one.meets(area)]
    height = sum(min(one.y1, area.y1) - max(one.y0, area.y0) for one in met)
    wide = all(one.x0 <= area.x0 + 3 and area.x1 - 3 <= one.x1 for one in met)
    return wide and height >= (0.7 if len(met) > 1 else 0.95) * (area.y1 - area.y0)


def _may_be_chart(page: Page, image: Image) -> bool:
    """False for backgrounds and watermarks: they cover most of the page."""
    share = (image.x1 - image.x0) * (image.y1 - image.y0) / (page.width * page.height)
    return share < 0.6


def _inside(piece: Piece, images: Sequence[Image]) -> bool:
    return any(
        image.x0 <= piece.middle <= image.x1 and image.y0 <= piece.level <= image.y1
        for image in images
    )


def _united(areas: list[Area]) -> list[Area]:
    """Boxes that share ground become one."""
    done: list[Area] = []
    for area in areas:
        merged = area
        while (other := next((one for one in done if one.meets(merged)), None)) is not None:
            done.remove(other)
            merged = Area(
                min(merged.x0, other.x0), min(merged.y0, other.y0),
                max(merged.x1, other.x1), max(merged.y1, other.y1), merged.ruled or other.ruled,
            )  # fmt: skip
        done.append(merged)
    return done


# ── stacks of figures ───────────────────────────────────────────────────────────────────────

_REACH = 3.2  # ems between figures of one column: a sub-heading or a label of two lines between
_ALIGNED = 0.35  # ems between right edges, middles or left edges of one column's figures


def figure_areas(lines: Sequence[PrintedLine], drawn: Drawn) -> list[Area]:
    """Boxes around rows of figures with their labels and headers."""
    stacks = [stack for stack in _stacks(lines) if not _is_axis(stack)]
    stacked = {id(piece) for stack in stacks for piece in stack}
    return [
        area
        for block in _blocks(lines, stacks, stacked)
        if (area := _area_of(lines, block, drawn)) is not None
    ]


def _stacks(lines: Sequence[PrintedLine]) -> list[list[Piece]]:
    """Columns of at least two figures, each near below the one before and aligned with it."""
    chain: dict[int, list[Piece]] = {}
    stacks: list[list[Piece]] = []
    for index, line in enumerate(lines):
        for piece in line.pieces:
            if not piece.figure or piece.prose:
                continue
            stack = chain.get(id(piece))
            if stack is None:
                stack = [piece]
                stacks.append(stack)
            below = _next_below(lines, index, piece)
            if below is not None and id(below) not in chain:
                stack.append(below)
                chain[id(below)] = stack
    return [stack for stack in stacks if len(stack) >= 2]


def _next_below(lines: Sequence[PrintedLine], index: int, piece: Piece) -> Piece | None:
    for line in lines[index + 1 :]:
        if not line.pieces:
            continue
        if line.pieces[0].y0 - piece.y1 > _REACH * piece.size:
            return None
        for other in line.pieces:
            if other.x1 < piece.x0 or other.x0 > piece.x1:
                continue
            if other.prose or other.wall:
                return None
            if other.figure and _aligned(piece, other):
                return other
    return None


def _aligned(one: Piece, other: Piece) -> bool:
    size = max(one.size, other.size)
    if abs(one.size - other.size) > 0.25 * size:
        return False
    slack = _ALIGNED * size
    return (
        abs(one.x1 - other.x1) <= slack
        or abs(one.middle - other.middle) <= slack
        or abs(one.x0 - other.x0) <= slack
        or CellKind.DASH in (one.kind, other.kind)
    )


def _is_axis(stack: list[Piece]) -> bool:
    """True for the labels of a chart's axis: at least four, equal steps, none zero."""
    if len(stack) < 4:
        return False
    values = []
    for piece in stack:
        found = _NUMBERS.findall(piece.text.replace(",", ""))
        if len(found) != 1:
            return False
        negative = piece.text.startswith("(") and piece.text.endswith(")")
        values.append(Decimal(found[0]) * (-1 if negative else 1))
    steps = {one - other for one, other in itertools.pairwise(values)}
    return len(steps) == 1 and steps != {Decimal(0)} and steps != {Decimal(-1)}


def _blocks(
    lines: Sequence[PrintedLine], stacks: list[list[Piece]], stacked: set[int]
) -> list[list[Piece]]:
    """Stacks that stand side by side on shared lines, with no paragraph between, put together."""
    parent = list(range(len(stacks)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    owner = {id(piece): number for number, stack in enumerate(stacks) for piece in stack}
    for line in lines:
        before: Piece | None = None
        for piece in line.pieces:
            if piece.prose or piece.wall:
                before = None
            elif id(piece) in stacked:
                if before is not None:
                    parent[root(owner[id(piece)])] = root(owner[id(before)])
                before = piece
    blocks: dict[int, list[Piece]] = defaultdict(list)
    for number, stack in enumerate(stacks):
        blocks[root(number)].extend(stack)
    return list(blocks.values())


def _area_of(lines: Sequence[PrintedLine], block: list[Piece], drawn: Drawn) -> Area | None:
    """The box of a block with its labels and headers; None if it is no table."""
    rows: dict[int, list[Piece]] = defaultdict(list)
    for piece in block:
        rows[piece.line].append(piece)
    by_number = {line.number: line for line in lines}
    members: list[Piece] = []
    good = 0
    for number, figures in rows.items():
        own = _row_pieces(by_number[number], figures)
        members.extend(own)
        good += len(own) >= 2
    wide = sum(len(figures) >= 2 for figures in rows.values()) >= 2
    if good < (2 if wide else 3) or good < 0.6 * len(rows):
        return None
    members = _without_strangers(lines, members, rows)
    if not members:
        return None
    area = _box(members)
    if not _tells_rows(members, rows):
        return None
    space = _row_space(rows)
    reach_up(lines, area, drawn, wide, space)
    reach_down(lines, area, space)
    return area


def _row_pieces(line: PrintedLine, figures: list[Piece]) -> list[Piece]:
    """The pieces of a line from the last wall left of the figures to the first one right."""
    first = min(line.pieces.index(piece) for piece in figures)
    last = max(line.pieces.index(piece) for piece in figures)
    while first > 0 and not stops(line.pieces[first - 1]):
        first -= 1
    while last + 1 < len(line.pieces) and not stops(line.pieces[last + 1]):
        last += 1
    return line.pieces[first : last + 1]


def _without_strangers(
    lines: Sequence[PrintedLine], members: list[Piece], rows: dict[int, list[Piece]]
) -> list[Piece]:
    """Drops columns of words at the sides whose lines are not those of the figures."""
    top, bottom = min(p.y0 for p in members), max(p.y1 for p in members)
    columns = columns_of(members)
    figures = {id(piece) for row in rows.values() for piece in row}
    spans = [index for index, column in enumerate(columns) if any(id(p) in figures for p in column)]
    first, last = spans[0], spans[-1]
    while first > 0 and _belongs(lines, columns[first - 1], rows, top, bottom):
        first -= 1
    while last + 1 < len(columns) and _belongs(lines, columns[last + 1], rows, top, bottom):
        last += 1
    return [piece for column in columns[first : last + 1] for piece in column]


def _belongs(
    lines: Sequence[PrintedLine],
    column: list[Piece],
    rows: dict[int, list[Piece]],
    top: float,
    bottom: float,
) -> bool:
    """True if a column of words at the side stands on the rows of the figures.

    Words of another column of the page meet some of the rows by chance, at changing heights.
    """
    left, right = min(p.x0 for p in column), max(p.x1 for p in column)
    others = [
        piece
        for line in lines
        for piece in line.pieces
        if piece.x0 < right and piece.x1 > left and top <= piece.level <= bottom
        if line.number not in rows or piece.prose
    ]
    if any(piece.prose or piece.wall for piece in [*others, *column]):
        return False
    shifts = [
        piece.level - min(rows[piece.line], key=lambda one: _apart(one, piece)).level
        for piece in column
        if piece.line in rows
    ]
    size = max(piece.size for piece in column)
    usual = median(shifts)
    steady = sum(abs(s - usual) <= 0.15 * size for s in shifts) >= _STEADY * len(shifts)
    return steady and len(column) >= 0.3 * len(rows) and len(others) <= 1.5 * len(column)


_STEADY = 0.9  # of the labels stand at the height of their figures


def _apart(one: Piece, other: Piece) -> float:
    """Points between two pieces of a line: rows of tables side by side are not quite level."""
    return max(one.x0 - other.x1, other.x0 - one.x1, 0.0)


def _box(pieces: Sequence[Piece]) -> Area:
    return Area(
        min(p.x0 for p in pieces), min(p.y0 for p in pieces),
        max(p.x1 for p in pieces), max(p.y1 for p in pieces),
    )  # fmt: skip


def _tells_rows(members: Sequence[Piece], rows: dict[int, list[Piece]]) -> bool:
    """True if rows have names: the ticks and labels of a chart have none."""
    named = {piece.line for piece in members if not piece.figure}
    return len(named & rows.keys()) >= 0.4 * len(rows)


def _row_space(rows: dict[int, list[Piece]]) -> float:
    """The usual white space between one row of figures and the next, in points."""
    levels = sorted(min(piece.y0 for piece in row) for row in rows.values())
    height = median(piece.y1 - piece.y0 for row in rows.values() for piece in row)
    return median(b - a for a, b in itertools.pairwise(levels)) - height
