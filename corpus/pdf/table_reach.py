"""Boxes of figures reach up over their header lines and down over rows of words.

Stands between `corpus.pdf.table_pieces` and `corpus.pdf.table_areas`.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.cell_words import CellKind
from corpus.pdf.table_frames import Area
from corpus.pdf.table_pieces import BULLET, Piece, PrintedLine
from corpus.pdf.table_rules import Drawn, full_levels

_HEADER_GAP = 1.7  # ems between the first row of figures and a header above it
_MAX_HEADER_LINES = 8


def stops(piece: Piece) -> bool:
    """True for what no table holds."""
    return piece.prose or piece.wall


def reach_up(
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
    alone = _is_alone(lines, area)
    size = max(p.size for line in lines for p in line.pieces if area.holds(p))
    for line in reversed([line for line in lines if line.pieces and line.level < area.y0]):
        pieces = [p for p in line.pieces if p.x1 > area.x0 - 2 and p.x0 < area.x1 + 2]
        if pieces and not taken and alone:
            pieces = _with_last_label(line, pieces, size)
        if not pieces:
            continue
        if len(taken) >= (_MAX_HEADER_LINES if wide else 1) or not _joins(
            pieces, area, edge, space, alone
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


def _is_alone(lines: Sequence[PrintedLine], area: Area) -> bool:
    """True if nothing stands to the right of the rows of figures: the label of the last column may
    stand there, over the middle of a wide column whose values stand at its left end."""
    return not any(
        piece.x0 > area.x1 and area.y0 - 2 <= piece.level <= area.y1 + 2
        for line in lines
        for piece in line.pieces
    )


def _with_last_label(line: PrintedLine, pieces: list[Piece], size: float) -> list[Piece]:
    """The pieces over a table and a lone label that follows them on their line."""
    behind = [piece for piece in line.pieces if piece.x0 > pieces[-1].x1]
    if len(behind) != 1 or stops(behind[0]) or behind[0].figure or len(behind[0].text) > _LABEL:
        return pieces
    return [*pieces, *behind] if behind[0].size <= _LARGER * size else pieces


_LABEL = 28  # characters; what is longer is no header
_LARGER = 1.2  # times the size of the rows: what is larger is a heading


def _joins(pieces: Sequence[Piece], area: Area, edge: float, space: float, alone: bool) -> bool:
    """True if a printed line above `edge` may be a header line of the box."""
    gap = edge - max(piece.y1 for piece in pieces)
    size = max(piece.size for piece in pieces)
    if gap > max(_HEADER_GAP * size, 1.3 * space) or any(
        stops(p) or (_outside(p, area) and not (alone and p.x0 > area.x1)) for p in pieces
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


def reach_down(lines: Sequence[PrintedLine], area: Area, space: float) -> None:
    """Moves the bottom of the box down over rows of words that go on with its columns."""
    for line in lines:
        if not line.pieces or line.level <= area.y1:
            continue
        pieces = [p for p in line.pieces if p.x1 > area.x0 - 2 and p.x0 < area.x1 + 2]
        if not pieces:
            continue
        size = max(piece.size for piece in pieces)
        near = min(piece.y0 for piece in pieces) - area.y1 <= max(0.9 * size, 1.2 * space)
        if not near or len(pieces) < 2 or any(stops(p) or _outside(p, area) for p in pieces):
            return
        area.y1 = max(area.y1, max(piece.y1 for piece in pieces))
