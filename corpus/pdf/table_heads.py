"""Header lines → header cells, with the columns that each covers worked out.

Stands between the rows of `corpus.pdf.table_rows` and `corpus.pdf.tables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.cell_words import CellKind
from corpus.pdf.page import PageCell, Word
from corpus.pdf.table_cells import words_of
from corpus.pdf.table_columns import Slot
from corpus.pdf.table_pieces import Piece, cut_word
from corpus.pdf.table_rows import Placed, TableLine
from corpus.pdf.table_rules import Level


@dataclass(slots=True)
class Label:
    """A header cell in the making: pieces over the columns `[first, last]`."""

    pieces: list[Piece]
    first: int
    last: int
    level: int  # header line of its first piece

    @property
    def middle(self) -> float:
        """The x of its middle."""
        left = min(piece.x0 for piece in self.pieces)
        return (left + max(piece.x1 for piece in self.pieces)) / 2


def header_cells(
    lines: Sequence[TableLine], slots: Sequence[Slot], levels: Sequence[Level]
) -> tuple[list[PageCell], int]:
    """The cells of the header and how many rows it has.

    Args:
        levels: drawn lines that may underline a group.
    """
    labels = _labels([*lines[:-1], _cut_labels(lines[-1], slots)] if lines else [], slots, levels)
    paths = _paths(labels, len(slots))
    return _laid_out(paths, len(slots))


def _labels(
    lines: Sequence[TableLine], slots: Sequence[Slot], levels: Sequence[Level]
) -> list[Label]:
    """Header cells from the lowest line up, groups widened over their columns."""
    done: list[Label] = []
    below: list[Label | None] = [None] * len(slots)  # the nearest label below each column
    for number in range(len(lines) - 1, -1, -1):
        row = [Label([one.piece], one.first, one.last, number) for one in lines[number].placed]
        row = _side_joined(row)
        _widen(row, below, slots, lines[number], levels)
        for label in row:
            joined = _continued(label, below, levels)
            if joined is not None:
                joined.pieces.extend(label.pieces)
                joined.level = number
                continue
            done.append(label)
            for column in range(label.first, label.last + 1):
                below[column] = label
    return done


_NEAR_GUTTER = 1.6  # ems between a gutter and the place where two touching labels part


def _cut_labels(line: TableLine, slots: Sequence[Slot]) -> TableLine:
    """The lowest header line with labels cut that touch: 营业收入（亿元）营业成本（亿元）.

    A label there names one column. One that lies over several is cut near each gutter, behind a
    bracket or between words; it stays whole if there is no such place at every gutter.
    """
    placed: list[Placed] = []
    for one in line.placed:
        parts = _parts_at(one, slots) if one.first != one.last else []
        if parts:
            placed.extend(parts)
        else:
            placed.append(one)
    return TableLine(placed)


def _parts_at(one: Placed, slots: Sequence[Slot]) -> list[Placed]:
    places = _cutting_places(one.piece)
    cuts = []
    for column in range(one.first, one.last):
        left, right = slots[column].x1, slots[column + 1].x0
        reach = _NEAR_GUTTER * one.piece.size
        near = [cut for cut in places if left - reach <= cut[2] <= right + reach]
        near = [cut for cut in near if cut not in cuts]
        if not near:
            return []
        cuts.append(min(near, key=lambda cut: abs(cut[2] - (left + right) / 2)))
    parts: list[list[Word]] = [[]]
    for number, word in enumerate(one.piece.words):
        start = 0
        for _, character, _ in [cut for cut in cuts if cut[0] == number]:
            if character > start:
                parts[-1].append(cut_word(word, start, character))
            parts.append([])
            start = character
        if start < len(word.text):
            parts[-1].append(cut_word(word, start, len(word.text)) if start else word)
    if not all(parts):
        return []
    return [
        Placed(Piece(words, one.piece.line), one.first + index, one.first + index)
        for index, words in enumerate(parts)
    ]


def _cutting_places(piece: Piece) -> list[tuple[int, int, float]]:
    """Where a label may be cut: (word, character in it, x), before words and behind brackets."""
    places = []
    for number, word in enumerate(piece.words):
        if number:
            places.append((number, 0, (piece.words[number - 1].x1 + word.x0) / 2))
        for character, letter in enumerate(word.text[:-1], start=1):
            if letter in ")）】]":
                places.append((number, character, word.edges[character]))
    return places


def _side_joined(row: list[Label]) -> list[Label]:
    """Pieces of one line over the same single column are one label."""
    joined: list[Label] = []
    for label in sorted(row, key=lambda one: one.first):
        if joined and joined[-1].last >= label.first:
            joined[-1].pieces.extend(label.pieces)
            joined[-1].last = max(joined[-1].last, label.last)
        else:
            joined.append(label)
    return joined


def _continued(
    label: Label, below: Sequence[Label | None], levels: Sequence[Level]
) -> Label | None:
    """The label below if both are lines of one cell: no line parts them."""
    lower = below[label.first]
    if lower is None or (lower.first, lower.last) != (label.first, label.last):
        return None
    if any(below[column] is not lower for column in range(label.first, label.last + 1)):
        return None
    upper_text = "".join(piece.text for piece in label.pieces)
    kinds = {piece.kind for piece in lower.pieces}
    upper_kind = label.pieces[0].kind
    if CellKind.PERIOD in kinds and upper_kind is not CellKind.PERIOD:
        return None
    if kinds == {CellKind.UNIT} and not lower.pieces[0].text.startswith(("(", "（")):
        return None
    top = max(piece.y1 for piece in label.pieces)
    size = lower.pieces[0].size
    foot = min(piece.y0 for piece in lower.pieces)
    drawn = any(
        top - 0.3 * size <= one.y <= foot + 0.3 * size
        for one in levels
        if one.x0 <= label.middle <= one.x1
    )
    gap = foot - top
    if drawn and label.last > label.first:
        return None
    return lower if gap <= 0.9 * size and upper_text else None


def _widen(
    row: list[Label],
    below: Sequence[Label | None],
    slots: Sequence[Slot],
    line: TableLine,
    levels: Sequence[Level],
) -> None:
    """Lets labels cover the columns of their group: by an underline, else by their place."""
    fixed = [label for label in row if _underlined(label, row, below, slots, line, levels)]
    taken = {column for label in fixed for column in range(label.first, label.last + 1)}
    loose = [label for label in row if label not in fixed]
    for start, end in _free_runs(below, taken):
        inside = [label for label in loose if start <= label.first and label.last <= end]
        if inside:
            _share(inside, start, end, slots, below)


def _underlined(
    label: Label,
    row: Sequence[Label],
    below: Sequence[Label | None],
    slots: Sequence[Slot],
    line: TableLine,
    levels: Sequence[Level],
) -> bool:
    """Gives a label the columns that a line right under it covers; False if there is none."""
    bottom = max(piece.y1 for piece in label.pieces)
    if not any(below[label.first : label.last + 1]):
        return False
    for level in levels:
        if not -0.5 * line.size <= level.y - bottom <= 0.9 * line.size:
            continue
        own = [n for n, slot in enumerate(slots) if level.covers(slot.x0, slot.x1) > 0.6]
        if not own or len(own) >= len(slots) - 1 or not own[0] <= label.first <= own[-1]:
            continue
        alone = sum(level.x0 - 2 <= other.middle <= level.x1 + 2 for other in row) == 1
        if alone and level.x0 - 2 <= label.middle <= level.x1 + 2:
            label.first, label.last = own[0], own[-1]
            return True
    return False


def _free_runs(below: Sequence[Label | None], taken: set[int]) -> list[tuple[int, int]]:
    """Runs of columns over whose lower labels the labels of this row are dealt."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for column in range(len(below) + 1):
        open_here = column < len(below) and below[column] is not None and column not in taken
        if open_here and start is None:
            start = column
        elif not open_here and start is not None:
            runs.append((start, column - 1))
            start = None
    return runs


Groups = tuple[tuple[int, int], ...]
States = dict[tuple[int, int], tuple[float, Groups]]


def _share(
    labels: list[Label],
    start: int,
    end: int,
    slots: Sequence[Slot],
    below: Sequence[Label | None],
) -> None:
    """Deals the columns `[start, end]` to labels in order, each centred over (or at) its own.

    The cheapest of all ways to cut the run into as many groups as there are labels; a column may
    stay without a label.
    """
    if len(labels) > end - start or end - start > _MAX_RUN:
        return
    states: States = {(0, start): (0.0, ())}
    for column in range(start, end + 1):
        for used in range(len(labels) + 1):
            if (used, column) not in states:
                continue
            cost, groups = states[used, column]
            _offer(states, (used, column + 1), cost + _bare_cost(slots, column), groups)
            if used == len(labels):
                continue
            for last in _reaches(labels[used], column, end, slots, below):
                price = _price(labels[used], column, last, slots, below)
                _offer(states, (used + 1, last + 1), cost + price, (*groups, (column, last)))
    if (len(labels), end + 1) in states:
        dealt = states[len(labels), end + 1][1]
        for label, (first, last) in zip(labels, dealt, strict=True):
            label.first, label.last = first, last


_MAX_RUN = 60  # columns; the search below is quadratic


def _reaches(
    label: Label, first: int, end: int, slots: Sequence[Slot], below: Sequence[Label | None]
) -> list[int]:
    """The last columns of the groups from `first` that a label may cover."""
    if _wraps(label, slots, below):
        return [label.last] if first == label.first else []
    return [last for last in range(first, end + 1) if _may_cover(label, first, last, slots, below)]


def _wraps(label: Label, slots: Sequence[Slot], below: Sequence[Label | None]) -> bool:
    """True for the upper line of a wrapped label: right over a lower line of words, centred."""
    lower = below[label.first]
    if label.first != label.last or lower is None or lower.first != lower.last:
        return False
    if lower.pieces[0].kind is CellKind.PERIOD:
        return False
    size = label.pieces[0].size
    gap = min(p.y0 for p in lower.pieces) - max(p.y1 for p in label.pieces)
    left = min(p.x0 for p in label.pieces) - min(p.x0 for p in lower.pieces)
    aligned = abs(label.middle - lower.middle) <= 0.6 * size or abs(left) <= 0.3 * size
    return gap <= 0.75 * size and aligned


def _offer(states: States, key: tuple[int, int], cost: float, groups: Groups) -> None:
    if key not in states or cost < states[key][0] - 1e-9:
        states[key] = (cost, groups)


def _bare_cost(slots: Sequence[Slot], column: int) -> float:
    return 0.3 * (slots[column].x1 - slots[column].x0) + 2.0


_AT_END = 0.5  # ems that a label set at the right end of its group may stand off
_OFF_CENTRE = 0.12  # of a group's width: how far its label may stand from the middle


def _may_cover(
    label: Label, first: int, last: int, slots: Sequence[Slot], below: Sequence[Label | None]
) -> bool:
    """A group never cuts a lower label in two, and its label is centred over it or opens it."""
    if first > label.first or last < label.last:
        return False
    lower_first, lower_last = below[first], below[last]
    cut_left = lower_first is not None and lower_first.first < first
    cut_right = lower_last is not None and lower_last.last > last
    if cut_left or cut_right:
        return False
    if first == last or (first, last) == (label.first, label.last):
        return True
    size = label.pieces[0].size
    foot = max(piece.y1 for piece in label.pieces) - 0.1 * size
    lower = [one for one in below[first : last + 1] if one is not None]
    if any(piece.y0 < foot for one in lower for piece in one.pieces):
        return False  # beside it, not below: single labels of staggered lines
    x0, x1 = _extent(first, last, slots, below)
    left, right = min(p.x0 for p in label.pieces), max(p.x1 for p in label.pieces)
    centred = abs(label.middle - (x0 + x1) / 2) <= max(1.2 * size, _OFF_CENTRE * (x1 - x0))
    # Words below may as well stand beside it; periods and groups do not.
    below_it = all(one.pieces[0].kind is CellKind.PERIOD or one.last > one.first for one in lower)
    return centred or abs(left - x0) <= size or (below_it and abs(right - x1) <= _AT_END * size)


def _extent(
    first: int, last: int, slots: Sequence[Slot], below: Sequence[Label | None]
) -> tuple[float, float]:
    """From the left end of a group's first column to the right end of its last: of the labels
    there, where it has some (the column itself may be as wide as the group's own label)."""
    left, right = below[first], below[last]
    x0 = min(piece.x0 for piece in left.pieces) if left else slots[first].x0
    x1 = max(piece.x1 for piece in right.pieces) if right else slots[last].x1
    return x0, x1


def _price(
    label: Label, first: int, last: int, slots: Sequence[Slot], below: Sequence[Label | None]
) -> float:
    """How far the label stands from the middle of the group, or from its left end; points.

    Under one label no lower label repeats: the second 2024E opens the next group.
    """
    x0, x1 = _extent(first, last, slots, below)
    left, right = min(p.x0 for p in label.pieces), max(p.x1 for p in label.pieces)
    cost = min(abs(label.middle - (x0 + x1) / 2), abs(left - x0) + 4.0, abs(right - x1) + 6.0)
    seen: set[str] = set()
    kinds: set[bool] = set()
    texts: list[str] = []
    previous: Label | None = None
    for column in range(first, last + 1):
        lower = below[column]
        if lower is None or lower is previous:
            continue
        text = "".join(piece.text for piece in lower.pieces)
        cost += _REPEATED if text in seen else 0.0
        seen.add(text)
        kinds.add(lower.pieces[0].kind is CellKind.PERIOD)
        texts.append(text)
        previous = lower
    if kinds == {True} and texts != sorted(texts) and texts != sorted(texts, reverse=True):
        cost += _REPEATED  # 2024E 2025E 2023A: the last opens the next group
    return cost + (_MIXED if len(kinds) > 1 else 0.0)


_REPEATED = 40.0  # points: more than any label of one group stands off its middle
_MIXED = 25.0  # periods and other labels under one group label


def _paths(labels: list[Label], width: int) -> list[list[Label]]:
    """For each column its labels, top first."""
    paths: list[list[Label]] = [[] for _ in range(width)]
    for label in sorted(labels, key=lambda one: one.level):
        for column in range(label.first, label.last + 1):
            paths[column].append(label)
    return paths


def _laid_out(paths: list[list[Label]], width: int) -> tuple[list[PageCell], int]:
    """Cells of the header: a label stands at its depth, the lowest reaches down to the body."""
    depth = max((len(path) for path in paths), default=0)
    rows: dict[int, int] = {}
    for path in paths:
        for number, label in enumerate(path):
            rows[id(label)] = max(rows.get(id(label), 0), number)
    taken: list[list[bool]] = [[False] * width for _ in range(depth)]
    cells: list[PageCell] = []
    labels = {id(label): label for path in paths for label in path}
    for key, label in sorted(labels.items(), key=lambda item: (rows[item[0]], item[1].first)):
        top = rows[key]
        bottom = min(
            (
                rows[id(path[path.index(label) + 1])] - 1
                if path.index(label) + 1 < len(path)
                else depth - 1
            )
            for path in paths[label.first : label.last + 1]
        )
        span = bottom - top + 1
        cells.append(
            PageCell(top, label.first, words_of(label.pieces), span, label.last - label.first + 1)
        )
        for row in range(top, top + span):
            for column in range(label.first, label.last + 1):
                taken[row][column] = True
    for row in range(depth):
        for column in range(width):
            if not taken[row][column]:
                cells.append(PageCell(row, column, ()))
    return sorted(cells, key=lambda cell: (cell.row, cell.column)), depth
