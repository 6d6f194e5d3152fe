"""Boxes that drawn lines and shaded bands bound, and whose content stands in columns.

Stands between `corpus.pdf.table_rules` and `corpus.pdf.table_areas`, which adds the boxes that
figures alone show.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.pdf.page import Fill
from corpus.pdf.table_pieces import Piece, PrintedLine
from corpus.pdf.table_rules import Drawn, Level


@dataclass(slots=True)
class Area:
    """A box that holds one table, or several that touch.

    Args:
        ruled: found by drawn lines or bands.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    ruled: bool = False

    def holds(self, piece: Piece, slack: float = 2.0) -> bool:
        """True if the middle of the piece lies inside."""
        return (
            self.x0 - slack <= piece.middle <= self.x1 + slack
            and self.y0 - slack <= piece.level <= self.y1 + slack
        )

    def meets(self, other: Area) -> bool:
        """True if the boxes share more than an edge."""
        across = min(self.x1, other.x1) - max(self.x0, other.x0)
        down = min(self.y1, other.y1) - max(self.y0, other.y0)
        return across > 1.0 and down > 1.0


def columns_of(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces that overlap in x, left to right."""
    columns: list[list[Piece]] = []
    right = float("-inf")
    for piece in sorted(pieces, key=lambda piece: piece.x0):
        if columns and piece.x0 < right:
            columns[-1].append(piece)
        else:
            columns.append([piece])
        right = max(right, piece.x1)
    return columns


_WHOLE = 0.85  # of a line's length: a paragraph that wide stands in no column
_SAME_END = 4.0  # points between the ends of lines of one table


def drawn_areas(lines: Sequence[PrintedLine], drawn: Drawn) -> list[Area]:
    """Boxes between lines of one width, and around grids, whose content stands in columns."""
    levels = [*drawn.levels, *_band_edges(drawn)]
    groups: list[list[Level]] = []
    for level in sorted(levels, key=lambda level: level.y):
        home = next((group for group in groups if _same_ends(group[-1], level)), None)
        if home is None:
            groups.append([level])
        else:
            home.append(level)
    areas = []
    for group in groups:
        found = _between(lines, group, drawn) if len(group) >= 3 else []
        areas.extend(found)
        for upper, lower in itertools.pairwise(group):
            area = _single_row(lines, upper, lower)
            if area is not None and not any(area.meets(other) for other in found):
                areas.append(area)
    return [*areas, *_shaded_heads(lines, drawn)]


_LOW = 90.0  # points: a header of three lines and one row stay below
_FEWEST = 3  # figures, each under a label of its own: fewer may be a sentence between two lines


def _single_row(lines: Sequence[PrintedLine], upper: Level, lower: Level) -> Area | None:
    """The box between two lines that holds labels and one row of figures below them."""
    if not 12.0 < lower.y - upper.y <= _LOW:
        return None
    inside = _content(lines, upper, lower)
    if not inside:
        return None
    rows = {piece.line for piece in inside if piece.figure}
    figures = [piece for piece in inside if piece.figure]
    if len(rows) != 1 or len(figures) < _FEWEST:
        return None
    labels = [piece for piece in inside if piece.line < figures[0].line and not piece.figure]
    named = sum(
        any(min(one.x1, other.x1) - max(one.x0, other.x0) > 0 for other in labels)
        for one in figures
    )
    if named < len(figures):
        return None
    return Area(upper.x0, upper.y, upper.x1, lower.y, ruled=True)


def _shaded_heads(lines: Sequence[PrintedLine], drawn: Drawn) -> Iterator[Area]:
    """Boxes of a shaded header and the one row below it: the page ends there."""
    for box in _whole_shades(drawn.bands):
        upper, lower = Level(box.y0, box.x0, box.x1), Level(box.y1, box.x0, box.x1)
        labels = _content(lines, upper, lower)
        row = next((line for line in lines if line.pieces and line.level > box.y1), None)
        if not labels or row is None:
            continue
        end = max(piece.y1 for piece in row.pieces)
        if row.level - box.y1 <= _ROW_BELOW * row.pieces[0].size:
            area = _single_row(lines, upper, Level(end, box.x0, box.x1))
            if area is not None:
                yield area


_ROW_BELOW = 2.2  # ems from a shaded header to the middle of the first row


def _whole_shades(bands: Sequence[Fill]) -> list[Fill]:
    """Bands of one colour that touch as one box, if they fill it: cells of a header."""
    groups: list[list[Fill]] = []
    for band in bands:
        near = [g for g in groups if any(_touch(band, other) for other in g)]
        groups = [g for g in groups if g not in near]
        groups.append([band, *(other for g in near for other in g)])
    boxes = []
    for group in groups:
        x0, x1 = min(one.x0 for one in group), max(one.x1 for one in group)
        y0, y1 = min(one.y0 for one in group), max(one.y1 for one in group)
        filled = sum((one.x1 - one.x0) * (one.y1 - one.y0) for one in group)
        if filled >= _FILLED * (x1 - x0) * (y1 - y0):
            boxes.append(Fill(x0, y0, x1, y1, group[0].colour))
    return boxes


_FILLED = 0.95


def _touch(one: Fill, other: Fill) -> bool:
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    down = min(one.y1, other.y1) - max(one.y0, other.y0)
    return one.colour == other.colour and min(across, down) >= -1.0


def _band_edges(drawn: Drawn) -> list[Level]:
    """The upper and lower edges of shaded bands: they bound rows as lines do."""
    edges = []
    for band in drawn.bands:
        edges.append(Level(band.y0, band.x0, band.x1))
        edges.append(Level(band.y1, band.x0, band.x1))
    return edges


def _same_ends(one: Level, other: Level) -> bool:
    return abs(one.x0 - other.x0) <= _SAME_END and abs(one.x1 - other.x1) <= _SAME_END


def _between(lines: Sequence[PrintedLine], group: list[Level], drawn: Drawn) -> list[Area]:
    """Runs of spaces between lines whose content may be rows of a table.

    Where most spaces are divided by vertical lines, one without any stands between two tables.
    """
    fenced = [_fences(upper, lower, drawn) for upper, lower in itertools.pairwise(group)]
    grid = max(fenced) >= 2
    runs: list[tuple[Level, Level, list[Piece], int]] = []
    areas = []
    for (upper, lower), fences in zip(itertools.pairwise(group), fenced, strict=True):
        if lower.y - upper.y < 3.0:
            continue
        inside = _content(lines, upper, lower)
        if grid and fences == 0 and not _shaded(upper, lower, drawn):
            inside = None
        if inside is None or (not inside and lower.y - upper.y > 40):
            areas.extend(_settled(runs))
            runs = []
            continue
        runs.append((upper, lower, inside, len({piece.line for piece in inside})))
    areas.extend(_settled(runs))
    return areas


def _fences(upper: Level, lower: Level, drawn: Drawn) -> int:
    """How many vertical lines run from one horizontal line to the next."""
    return sum(
        upper.x0 - 3 <= line.x <= upper.x1 + 3 and line.covers(upper.y, lower.y) > 0.7
        for line in drawn.uprights
    )


def _shaded(upper: Level, lower: Level, drawn: Drawn) -> bool:
    middle = (upper.y + lower.y) / 2
    return any(
        band.y0 <= middle <= band.y1 and band.x1 - band.x0 > 0.5 * (upper.x1 - upper.x0)
        for band in drawn.bands
    )


def _content(lines: Sequence[PrintedLine], upper: Level, lower: Level) -> list[Piece] | None:
    """The pieces between two lines; None if something stands there that no table holds."""
    found = []
    for line in lines:
        for piece in line.pieces:
            if not upper.y - 1 <= piece.level <= lower.y + 1:
                continue
            if piece.x1 < upper.x0 or piece.x0 > upper.x1:
                continue
            if piece.wall or piece.x0 < upper.x0 - 6 or piece.x1 > upper.x1 + 6:
                return None
            if piece.prose and piece.x1 - piece.x0 > _WHOLE * (upper.x1 - upper.x0):
                return None
            found.append(piece)
    return found


def _settled(runs: list[tuple[Level, Level, list[Piece], int]]) -> list[Area]:
    """The box of a run if its content stands in at least two columns and two rows."""
    while runs and not runs[0][2]:
        runs = runs[1:]
    while runs and not runs[-1][2]:
        runs = runs[:-1]
    filled = [run for run in runs if run[2]]
    if len(filled) < 2:
        return []
    several = [run for run in filled if _cells(run[2]) >= 2]
    if len(several) < 2 or len(several) < 0.4 * len(filled):
        return []
    pieces = [piece for run in several for piece in run[2]]
    if len(columns_of([p for p in pieces if not _alone(p, pieces)])) < 2:
        return []
    prose = sum(piece.prose for piece in pieces)
    if prose > 0.5 * len(pieces) and len(several) < 3:
        return []  # two columns of a page between its head and its foot line
    left = min(runs[0][0].x0, min(piece.x0 for piece in pieces))
    right = max(runs[0][0].x1, max(piece.x1 for piece in pieces))
    return [Area(left, runs[0][0].y, right, runs[-1][1].y, ruled=True)]


def _cells(pieces: list[Piece]) -> int:
    """How many columns the content of one space seems to have."""
    return len(columns_of(pieces))


def _alone(piece: Piece, pieces: list[Piece]) -> bool:
    return not any(other.line == piece.line and other is not piece for other in pieces)
