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
from corpus.pdf.table_pieces import BULLET, Piece, PrintedLine
from corpus.pdf.table_rules import Drawn, full_levels

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
    _reach_up(lines, area, drawn, wide, space)
    _reach_down(lines, area, space)
    return area


def _row_pieces(line: PrintedLine, figures: list[Piece]) -> list[Piece]:
    """The pieces of a line from the last wall left of the figures to the first one right."""
    first = min(line.pieces.index(piece) for piece in figures)
    last = max(line.pieces.index(piece) for piece in figures)
    while first > 0 and not _stops(line.pieces[first - 1]):
        first -= 1
    while last + 1 < len(line.pieces) and not _stops(line.pieces[last + 1]):
        last += 1
    return line.pieces[first : last + 1]


def _stops(piece: Piece) -> bool:
    return piece.prose or piece.wall


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
    shifts = [piece.level - rows[piece.line][0].level for piece in column if piece.line in rows]
    size = max(piece.size for piece in column)
    steady = max(shifts) - min(shifts) <= 0.3 * size
    return steady and len(column) >= 0.3 * len(rows) and len(others) <= 1.5 * len(column)


def _box(pieces: Sequence[Piece]) -> Area:
    return Area(
        min(p.x0 for p in pieces), min(p.y0 for p in pieces),
        max(p.x1 for p in pieces), max(p.y1 for p in pieces),
    )  # fmt: skip


_HEADER_GAP = 1.7  # ems between the first row of figures and a header above it
_MAX_HEADER_LINES = 8


def _tells_rows(members: Sequence[Piece], rows: dict[int, list[Piece]]) -> bool:
    """True if rows have names: the ticks and labels of a chart have none."""
    named = {piece.line for piece in members if not piece.figure}
    return len(named & rows.keys()) >= 0.4 * len(rows)


def _row_space(rows: dict[int, list[Piece]]) -> float:
    """The usual white space between one row of figures and the next, in points."""
    levels = sorted(min(piece.y0 for piece in row) for row in rows.values())
    height = median(piece.y1 - piece.y0 for row in rows.values() for piece in row)
    return median(b - a for a, b in itertools.pairwise(levels)) - height


def _reach_up(
    lines: Sequence[PrintedLine], area: Area, drawn: Drawn, wide: bool, space: float
) -> None:
    """Moves the top of the box up over header lines.

    Args:
        space: between rows, in points; wide tables have their header as far away.
        wide: the table has several columns of figures; a list of names and values has at most one
            line of header.
    """
    taken: list[list[Piece]] = []
    edge = area.y0
    for line in reversed([line for line in lines if line.pieces and line.level < area.y0]):
        pieces = [p for p in line.pieces if p.x1 > area.x0 - 2 and p.x0 < area.x1 + 2]
        if not pieces:
            continue
        if len(taken) >= (_MAX_HEADER_LINES if wide else 1) or not _joins(
            pieces, area, edge, space
        ):
            break
        if taken and _is_top(pieces, edge, area, drawn):
            break
        if not wide and not _like_header(pieces):
            break
        taken.append(pieces)
        edge = min(piece.y0 for piece in pieces)
    while taken and not _may_be_header(taken[-1], area, drawn, len(taken) > 1):
        taken.pop()
    for pieces in taken:
        area.y0 = min(area.y0, min(piece.y0 for piece in pieces))
        area.x0 = min(area.x0, min(piece.x0 for piece in pieces))
        area.x1 = max(area.x1, max(piece.x1 for piece in pieces))


def _joins(pieces: Sequence[Piece], area: Area, edge: float, space: float) -> bool:
    """True if a printed line above `edge` may be a header line of the box."""
    gap = edge - max(piece.y1 for piece in pieces)
    size = max(piece.size for piece in pieces)
    if gap > max(_HEADER_GAP * size, 1.3 * space) or any(
        _stops(p) or _outside(p, area) for p in pieces
    ):
        return False
    return len(pieces) > 1 or not (len(pieces[0].text) > 24 or BULLET.match(pieces[0].text))


def _is_top(pieces: Sequence[Piece], edge: float, area: Area, drawn: Drawn) -> bool:
    """True if a line or band ends the table between a printed line and what is below it.

    It ends the table if nothing is drawn above the printed line as well.
    """
    top = min(piece.y0 for piece in pieces)
    size = max(piece.size for piece in pieces)
    marks = full_levels(drawn, area.x0, area.x1, 0.6)
    between = any(top + 0.5 * size < mark <= edge + 0.3 * size for mark in marks)
    higher = any(top - 3.0 * size < mark <= top + 0.4 * size for mark in marks)
    return between and not higher


def _like_header(pieces: Sequence[Piece]) -> bool:
    """True for two short labels, or a label and a period: the header of a list of values."""
    return len(pieces) == 2 and all(len(piece.text) <= 14 and not piece.figure for piece in pieces)


def _outside(piece: Piece, area: Area) -> bool:
    """True if a good part of the piece stands beside the box."""
    hangs = max(area.x0 - piece.x0, piece.x1 - area.x1)
    return hangs > 4 * piece.size and hangs > 0.3 * (piece.x1 - piece.x0)


def _may_be_header(pieces: list[Piece], area: Area, drawn: Drawn, more: bool) -> bool:
    """True for a line that opens a table: several cells, or one of a period or of a group.

    The one label of a group has a line over it or under it; a title has not.

    Args:
        more: there are further header lines below it.
    """
    if any(len(piece.text) > 40 for piece in pieces):
        return False
    if len(pieces) >= 2 or pieces[0].kind in (CellKind.PERIOD, CellKind.UNIT):
        return True
    one = pieces[0]
    inner = more and one.x0 > area.x0 + 0.2 * (area.x1 - area.x0) and "单位" not in one.text
    return inner and any(
        level.x0 - 2 <= one.middle <= level.x1 + 2
        and -0.8 * one.size <= level.y - one.y0 <= 1.8 * one.size
        and level.covers(area.x0, area.x1) > 0.1
        for level in drawn.levels
    )


def _reach_down(lines: Sequence[PrintedLine], area: Area, space: float) -> None:
    """Moves the bottom of the box down over rows of words that go on with its columns."""
    for line in lines:
        if not line.pieces or line.level <= area.y1:
            continue
        pieces = [p for p in line.pieces if p.x1 > area.x0 - 2 and p.x0 < area.x1 + 2]
        if not pieces:
            continue
        size = max(piece.size for piece in pieces)
        near = min(piece.y0 for piece in pieces) - area.y1 <= max(0.9 * size, 1.2 * space)
        if not near or len(pieces) < 2 or any(_stops(p) or _outside(p, area) for p in pieces):
            return
        area.y1 = max(area.y1, max(piece.y1 for piece in pieces))
