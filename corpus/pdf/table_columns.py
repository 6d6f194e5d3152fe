"""The columns of a table, and which tables of one box stand side by side.

Stands between the boxes of `corpus.pdf.table_areas` and the rows of `corpus.pdf.table_rows`.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.cell_words import RATING_WORDS, CellKind
from corpus.pdf.page import Word
from corpus.pdf.table_pieces import Piece, is_figure
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
    plain = _without_bridges(plain, walls)
    columns = _extents(plain, walls)
    columns = _without_twins(columns, plain, walls)
    columns = _fenced(columns, plain, walls)
    return [Slot(x0, x1, _holds_figures((x0, x1), plain)) for x0, x1 in columns]


_NEAR = 2.0  # points between the edges of cells of one column
_SEEN = 0.2  # ems: a gap that can be seen


def cut_at_columns(pieces: Sequence[Piece]) -> list[Piece]:
    """Cuts pieces that run over a gap at which other lines have two cells.

    A cell that fills its column comes near the next one; the other lines show the gutter: no
    word of theirs crosses it, and words begin or end where the part behind it does.
    """
    by_line: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_line[piece.line].append(piece)
    edges = _Edges(by_line)
    done: list[Piece] = []
    for piece in pieces:
        rest = piece
        for number in range(len(piece.words) - 1, 0, -1):
            left, right = piece.words[number - 1], piece.words[number]
            if right.x0 - left.x1 < _SEEN * piece.size:
                continue
            tail = Piece(rest.words[number:], piece.line)
            if edges.part(rest.x0, left.x1, right.x0, tail):
                tail.prose = piece.prose
                done.append(tail)
                rest = Piece(rest.words[:number], piece.line)
                rest.prose = piece.prose
        done.append(rest)
    return sorted(done, key=lambda piece: (piece.line, piece.x0))


class _Edges:
    """Where the words and pieces of a table's lines begin and end."""

    def __init__(self, by_line: dict[int, list[Piece]]) -> None:
        self._by_line = by_line

    def part(self, start: float, x0: float, x1: float, tail: Piece) -> bool:
        """True if the gap `[x0, x1]` before `tail` lies in a gutter that other lines show.

        They show it if they have a word below (or above) what stands left of it, from `start`.
        """
        middle = (x0 + x1) / 2
        wide = x1 - x0 >= _WIDE * tail.size
        clear = aligned = crossed = strict = 0
        for number, pieces in self._by_line.items():
            if number == tail.line:
                continue
            words = [word for piece in pieces for word in piece.words]
            before = any(word.x1 > start and word.x0 < x0 for word in words)
            over = any(word.x0 < middle - 1 and word.x1 > middle + 1 for word in words)
            crossed += over
            if over or not before:
                continue
            clear += 1
            whole = not any(p.x0 < middle - 1 and p.x1 > middle + 1 for p in pieces)
            behind = [p for p in pieces if p.x0 >= middle - 1] if whole else []
            strict += any(_lined_up(p, tail) for p in behind)
            first = next((word for word in words if word.x0 >= middle - 1), None)
            aligned += first is not None and _lined_up_word(first, tail)
        if crossed * 4 > max(strict, aligned):
            return False
        return (strict >= 2 and strict >= 0.2 * clear) or (
            (wide or tail.figure) and aligned >= 3 and aligned >= 0.6 * clear
        )


_WIDE = 0.35  # ems: more than a space between Latin words


def _lined_up(other: Piece, tail: Piece) -> bool:
    return (
        abs(other.x0 - tail.x0) <= _NEAR
        or abs(other.x1 - tail.x1) <= _NEAR
        or (abs(other.middle - tail.middle) <= _NEAR and not tail.figure)
    )


def _lined_up_word(word: Word, tail: Piece) -> bool:
    last = tail.words[0]
    if tail.figure:
        return is_figure(word.text) and abs(word.x1 - last.x1) <= _NEAR
    return abs(word.x0 - last.x0) <= _NEAR


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
    """True for a long label that runs on into a column of figures that is empty on its line.

    Between other labels above all figures, over one column alone, it is the header of that column.
    """
    first = min((one.level for one in pieces if one.figure), default=0.0)
    behind = any(one.line == piece.line and one.x1 <= piece.x0 for one in pieces)
    one_column = sum(_over(piece, extent) > _TOUCH for extent in figures) == 1
    if behind and one_column and piece.level < first - piece.size:
        return False
    for extent in figures:
        over = _over(piece, extent)
        if over <= _TOUCH or piece.kind is CellKind.PERIOD:
            continue
        before = extent[0] - piece.x0
        if before > 2 * piece.size and before > over:
            return True
    return False


def _without_bridges(pieces: list[Piece], walls: Sequence[float]) -> list[Piece]:
    """Leaves out words of sparse lines that would join two columns of the full lines."""
    counts = Counter(piece.line for piece in pieces)
    most = max(counts.values(), default=0)
    if most < 2:
        return pieces
    core = [piece for piece in pieces if counts[piece.line] >= max(2, 0.6 * most)]
    columns = _extents(core, walls)
    return [
        piece
        for piece in pieces
        if piece.figure
        or counts[piece.line] >= max(2, 0.6 * most)
        or sum(_over(piece, extent) > _TOUCH for extent in columns) <= 1
    ]


def _without_twins(
    columns: list[Extent], pieces: Sequence[Piece], walls: Sequence[float]
) -> list[Extent]:
    """Neighbours that are never both filled on one line are one column.

    A label stands over the middle of its column, words at its left end: where nothing is drawn and
    the column is wide, a gap parts them.
    """
    lines = [_lines_in(extent, pieces) for extent in columns]
    merged: list[Extent] = []
    held: list[set[int]] = []
    figured = {piece.line for piece in pieces if piece.figure}
    size = max((piece.size for piece in pieces), default=8.0)
    for number, (extent, own) in enumerate(zip(columns, lines, strict=True)):
        if merged and not held[-1] & own and not _wall_between(merged[-1], extent, walls):
            gap = extent[0] - merged[-1][1]
            heads = not own & figured and _stand_above(own, held[-1] & figured)
            follows = number + 1 < len(columns) and not own & (figured | lines[number + 1])
            nearer = follows and columns[number + 1][0] - extent[1] < gap
            if not nearer and (gap < 2.5 * size or len(own) == 1 or heads):
                merged[-1] = (merged[-1][0], extent[1])
                held[-1] |= own
                continue
        merged.append(extent)
        held.append(set(own))
    return merged


def _stand_above(labels: set[int], rows: set[int]) -> bool:
    """True if below each label stand rows of its own: labels of tables that follow each other."""
    marks = [*sorted(labels), max(rows, default=0) + 1]
    return all(
        any(above < row < below for row in rows) for above, below in itertools.pairwise(marks)
    )


_RARE = 0.25  # of the lines: what stands apart on fewer is a piece of its neighbour


def _fenced(columns: list[Extent], pieces: Sequence[Piece], walls: Sequence[float]) -> list[Extent]:
    """Where vertical lines part most columns, they part all: gaps between are spaces in cells.

    Two columns of figures stay two.
    """
    parted = sum(_wall_between(a, b, walls) for a, b in itertools.pairwise(columns))
    if parted < 0.6 * (len(columns) - 1):
        return columns
    size = max((piece.size for piece in pieces), default=8.0)
    lines = len({piece.line for piece in pieces})
    merged: list[Extent] = []
    for extent in columns:
        near = merged and (
            extent[0] - merged[-1][1] < size or len(_lines_in(extent, pieces)) < _RARE * lines
        )
        if near and not _wall_between(merged[-1], extent, walls):
            both = _holds_figures(merged[-1], pieces) and _holds_figures(extent, pieces)
            if not both:
                merged[-1] = (merged[-1][0], extent[1])
                continue
        merged.append(extent)
    return merged


def _wall_between(left: Extent, right: Extent, walls: Sequence[float]) -> bool:
    return any(left[1] - 2 <= wall <= right[0] + 2 for wall in walls)


def _lines_in(extent: Extent, pieces: Sequence[Piece]) -> set[int]:
    return {piece.line for piece in pieces if extent[0] - 0.1 <= piece.middle <= extent[1] + 0.1}


def _holds_figures(extent: Extent, pieces: Sequence[Piece]) -> bool:
    own = [piece for piece in pieces if extent[0] - 0.1 <= piece.middle <= extent[1] + 0.1]
    if _are_codes(own):
        return False
    figures = sum(piece.figure for piece in own)
    words = sum(not _valued(piece) for piece in own)
    if figures == words == 1:  # a header and one row
        return min(own, key=lambda piece: piece.level).figure is False
    return figures > words or (figures >= 2 and figures >= 0.8 * words)


def _are_codes(pieces: Sequence[Piece]) -> bool:
    """True for a column of stock codes: they name rows as words do."""
    figures = [piece for piece in pieces if piece.figure and piece.kind is not CellKind.DASH]
    codes = sum(piece.kind is CellKind.CODE for piece in figures)
    dotted = any("." in piece.text for piece in figures if piece.kind is CellKind.CODE)
    return codes > 0 and codes == len(figures) and (dotted or codes >= 3)


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
        if all(slot.figures for slot in slots[first:index]):
            continue  # what stands left has no names: numbers of the rows
        gutter = (slots[index - 1].x1 + slots[index].x0) / 2
        left = [p for p in pieces if slots[first].x0 - 2 <= p.middle < gutter]
        last = _next_break(slots, index)
        right = [p for p in pieces if gutter <= p.middle <= last + 2]
        if are_two(left, right):
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


def are_two(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """True if what stands right of a gutter is a table of its own.

    Its headers repeat those of the left (periods, 代码 and 名称), or neither has headers, or its
    lines are not those of the left.
    """
    heads_left, heads_right = _heads(left), _heads(right)
    shared = sum((heads_left & heads_right).values())
    if shared >= 2 or (shared and shared >= 0.5 * sum(heads_right.values())):
        return True
    if not heads_right and _names(right):
        return True
    lines_left = {piece.line for piece in left if piece.figure}
    lines_right = {piece.line for piece in right if piece.figure}
    common = len(lines_left & lines_right)
    return common < 0.6 * min(len(lines_left), len(lines_right))


def _names(pieces: Sequence[Piece]) -> bool:
    """True if the words of a part name its rows: nearly all differ, none is a rating."""
    words = [piece.text for piece in pieces if not piece.figure]
    rated = any(word in RATING_WORDS for word in words)
    return len(words) >= 2 and len(set(words)) >= 0.8 * len(words) and not rated


def _heads(pieces: Sequence[Piece]) -> Counter[str]:
    """The words above the first line of figures, and all periods in lines without figures."""
    with_figures = {piece.line for piece in pieces if piece.figure}
    first = min(with_figures, default=0)
    return Counter(
        piece.text.replace(" ", "")
        for piece in pieces
        if piece.line not in with_figures and (piece.line < first or piece.kind is CellKind.PERIOD)
    )
