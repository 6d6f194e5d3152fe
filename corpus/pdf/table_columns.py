"""The columns of a table, and which tables of one box stand side by side.

Stands between the boxes of `corpus.pdf.table_areas` and the rows of `corpus.pdf.table_rows`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.cell_words import CellKind
from corpus.pdf.table_pieces import Piece
from corpus.pdf.table_rules import Upright


@dataclass(frozen=True, slots=True)
class Slot:
    """A leaf column: the extent of its content, and whether it holds figures."""

    x0: float
    x1: float
    figures: bool

    @property
    def middle(self) -> float:
        """The x of its middle."""
        return (self.x0 + self.x1) / 2


Extent = tuple[float, float]
_TOUCH = 0.3  # points: cells of one column may touch the next by rounding


def find_slots(pieces: Sequence[Piece], uprights: Sequence[Upright]) -> list[Slot]:
    """The leaf columns of a table, left to right.

    Args:
        pieces: all of the table, headers too; cells that span columns are told by lying over
            two columns of figures.
        uprights: vertical lines inside of the table; no column crosses one.
    """
    walls = _walls(pieces, uprights)
    figures = _extents([p for p in pieces if _valued(p)], walls)
    plain = [piece for piece in pieces if not _spans(piece, figures, walls)]
    plain = [piece for piece in plain if piece.figure or not _intrudes(piece, figures, pieces)]
    columns = _extents(plain, walls)
    columns = _without_twins(columns, plain, walls)
    return [Slot(x0, x1, _holds_figures((x0, x1), plain)) for x0, x1 in columns]


def _valued(piece: Piece) -> bool:
    return piece.figure or piece.kind is CellKind.PERIOD


def _walls(pieces: Sequence[Piece], uprights: Sequence[Upright]) -> list[float]:
    """The x of vertical lines that run along at least four tenths of the table."""
    if not pieces:
        return []
    top, bottom = min(p.y0 for p in pieces), max(p.y1 for p in pieces)
    tall: dict[int, float] = defaultdict(float)
    for line in uprights:
        tall[round(line.x)] += line.covers(top, bottom)
    return sorted(x for x, share in tall.items() if share >= 0.4)


def _extents(pieces: Sequence[Piece], walls: Sequence[float]) -> list[Extent]:
    """Intervals of x that the pieces cover; a wall between two parts them."""
    found: list[Extent] = []
    for piece in sorted(pieces, key=lambda piece: piece.x0):
        if found and piece.x0 < found[-1][1] - _TOUCH and not _parted(found[-1], piece, walls):
            found[-1] = (found[-1][0], max(found[-1][1], piece.x1))
        else:
            found.append((piece.x0, piece.x1))
    return found


def _parted(extent: Extent, piece: Piece, walls: Sequence[float]) -> bool:
    """True if a wall stands between the middle of what was and the middle of what comes."""
    left, right = (extent[0] + extent[1]) / 2, piece.middle
    return any(left < wall < right and piece.x0 >= wall - 2 for wall in walls)


def _over(piece: Piece, extent: Extent) -> float:
    return min(piece.x1, extent[1]) - max(piece.x0, extent[0])


def _spans(piece: Piece, figures: Sequence[Extent], walls: Sequence[float]) -> bool:
    """True for a cell over several columns: over two columns of figures, or over a wall."""
    if piece.figure:
        return False
    if any(piece.x0 + 3 < wall < piece.x1 - 3 for wall in walls):
        return True
    return sum(_over(piece, extent) > 0.3 * (extent[1] - extent[0]) for extent in figures) >= 2


def _intrudes(piece: Piece, figures: Sequence[Extent], pieces: Sequence[Piece]) -> bool:
    """True for a long label that runs on into a column of figures that is empty on its line."""
    for extent in figures:
        over = _over(piece, extent)
        if over <= _TOUCH or piece.kind is CellKind.PERIOD:
            continue
        before = extent[0] - piece.x0
        if before > 2 * piece.size and before > over:
            return True
    return False


def _without_twins(
    columns: list[Extent], pieces: Sequence[Piece], walls: Sequence[float]
) -> list[Extent]:
    """Neighbours that are never both filled on one line are one column."""
    lines = [_lines_in(extent, pieces) for extent in columns]
    merged: list[Extent] = []
    held: list[set[int]] = []
    for extent, own in zip(columns, lines, strict=True):
        if merged and not held[-1] & own and not _wall_between(merged[-1], extent, walls):
            size = max((p.size for p in pieces), default=8.0)
            if extent[0] - merged[-1][1] < 2.5 * size or len(own) == 1:
                merged[-1] = (merged[-1][0], extent[1])
                held[-1] |= own
                continue
        merged.append(extent)
        held.append(set(own))
    return merged


def _wall_between(left: Extent, right: Extent, walls: Sequence[float]) -> bool:
    return any(left[1] - 2 <= wall <= right[0] + 2 for wall in walls)


def _lines_in(extent: Extent, pieces: Sequence[Piece]) -> set[int]:
    return {piece.line for piece in pieces if extent[0] - 0.1 <= piece.middle <= extent[1] + 0.1}


def _holds_figures(extent: Extent, pieces: Sequence[Piece]) -> bool:
    own = [piece for piece in pieces if extent[0] - 0.1 <= piece.middle <= extent[1] + 0.1]
    figures = sum(piece.figure for piece in own)
    words = sum(not _valued(piece) for piece in own)
    return figures > words or (figures >= 2 and figures >= 0.8 * words)


# ── side by side ────────────────────────────────────────────────────────────────────────────


def split_places(slots: Sequence[Slot], pieces: Sequence[Piece]) -> list[float]:
    """The x of the gutters between tables that stand side by side in one box."""
    places = []
    first = 0
    for index in range(1, len(slots) - 1):
        if slots[index].figures or not slots[index - 1].figures:
            continue
        if not any(slot.figures for slot in slots[index + 1 :]):
            continue
        gutter = (slots[index - 1].x1 + slots[index].x0) / 2
        left = [p for p in pieces if slots[first].x0 - 2 <= p.middle < gutter]
        last = _next_break(slots, index)
        right = [p for p in pieces if gutter <= p.middle <= last + 2]
        if _are_two(left, right):
            places.append(gutter)
            first = index
    return places


def _next_break(slots: Sequence[Slot], start: int) -> float:
    """The right end of the group of columns that begins with the label column `start`."""
    seen = False
    end = slots[start].x1
    for slot in slots[start:]:
        if seen and not slot.figures:
            return end
        seen = seen or slot.figures
        end = slot.x1
    return end


def _are_two(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """True if what stands right of a gutter is a table of its own.

    Its headers repeat those of the left (periods, 代码 and 名称), or neither has headers, or its
    lines are not those of the left.
    """
    heads_left, heads_right = _heads(left), _heads(right)
    shared = sum((heads_left & heads_right).values())
    if shared >= 2 or (shared and shared >= 0.5 * sum(heads_right.values())):
        return True
    if not heads_left and not heads_right:
        return True
    lines_left = {piece.line for piece in left if piece.figure}
    lines_right = {piece.line for piece in right if piece.figure}
    common = len(lines_left & lines_right)
    return common < 0.6 * min(len(lines_left), len(lines_right))


def _heads(pieces: Sequence[Piece]) -> Counter[str]:
    """The words above the first line of figures, and all periods in lines without figures."""
    with_figures = {piece.line for piece in pieces if piece.figure}
    first = min(with_figures, default=0)
    return Counter(
        piece.text.replace(" ", "")
        for piece in pieces
        if piece.line not in with_figures and (piece.line < first or piece.kind is CellKind.PERIOD)
    )
