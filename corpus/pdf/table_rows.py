"""The rows of a table: which printed lines are one row, and which rows are headers.

Stands between the columns of `corpus.pdf.table_columns` and the cells of `corpus.pdf.table_cells`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from corpus.cell_words import CellKind
from corpus.pdf.table_columns import Slot
from corpus.pdf.table_pieces import Piece


@dataclass(slots=True)
class Placed:
    """A piece with the columns `[first, last]` that it lies over."""

    piece: Piece
    first: int
    last: int


@dataclass(slots=True)
class TableLine:
    """One printed line of one table."""

    placed: list[Placed]
    level: float = 0.0
    size: float = 0.0

    def __post_init__(self) -> None:
        self.level = sum(one.piece.level for one in self.placed) / len(self.placed)
        self.size = max(one.piece.size for one in self.placed)

    def figures(self, slots: Sequence[Slot]) -> bool:
        """True if a figure stands in a column of figures."""
        return any(
            one.piece.figure and one.first == one.last and slots[one.first].figures
            for one in self.placed
        )

    def alone(self) -> Placed | None:
        """Its only piece, else None."""
        return self.placed[0] if len(self.placed) == 1 else None


@dataclass(slots=True)
class DraftRow:
    """The lines of one row."""

    lines: list[TableLine] = field(default_factory=list)


def place(piece: Piece, slots: Sequence[Slot]) -> Placed:
    """The columns that a piece lies over."""
    overs = [min(piece.x1, slot.x1) - max(piece.x0, slot.x0) for slot in slots]
    if piece.figure or max(overs) <= 0:
        best = min(range(len(slots)), key=lambda i: (-max(overs[i], 0), _away(piece, slots[i])))
        return Placed(piece, best, best)
    width = piece.x1 - piece.x0
    own = [
        index
        for index, over in enumerate(overs)
        if over > 0.35 * min(width, slots[index].x1 - slots[index].x0) and over > 1.0
    ]
    if not own:
        own = [max(range(len(slots)), key=lambda index: overs[index])]
    if len(own) == 2 and piece.x0 <= slots[own[0]].x1 and _label_runs_on(piece, slots, own):
        own = own[:1]
    return Placed(piece, own[0], own[-1])


def _away(piece: Piece, slot: Slot) -> float:
    return max(slot.x0 - piece.middle, piece.middle - slot.x1, 0.0)


def _label_runs_on(piece: Piece, slots: Sequence[Slot], own: list[int]) -> bool:
    """True for a label that begins where its column begins and hangs over into figures."""
    first, second = slots[own[0]], slots[own[1]]
    starts = piece.x0 - first.x0 < 0.5 * (first.x1 - first.x0)
    return not first.figures and second.figures and starts


# ── headers ─────────────────────────────────────────────────────────────────────────────────

_MAX_HEADER_LINES = 9


def header_lines(
    lines: Sequence[TableLine], slots: Sequence[Slot], barriers: Sequence[float]
) -> int:
    """How many lines at the top are header."""
    first = next((n for n, line in enumerate(lines) if line.figures(slots)), len(lines))
    ruled = _above_barrier(lines, slots, barriers)
    if ruled is not None:
        return ruled if _covers(lines[:ruled], slots) else 0
    if first == len(lines) or first == 0:
        return 0
    while first > 0 and _is_subheading(lines[first - 1], first - 1):
        first -= 1
    if any(map(_tells, lines[:first])):
        return 0
    return first if first <= _MAX_HEADER_LINES else 0


def _covers(lines: Sequence[TableLine], slots: Sequence[Slot]) -> bool:
    """True if labels stand over half of the columns: else it is the end of a row of words that
    began on the page before."""
    named = {c for line in lines for one in line.placed for c in range(one.first, one.last + 1)}
    return len(named) >= 0.5 * len(slots)


def _is_subheading(line: TableLine, number: int) -> bool:
    alone = line.alone()
    return (
        alone is not None
        and alone.first == 0
        and alone.piece.kind not in (CellKind.PERIOD, CellKind.UNIT)
    )


def _above_barrier(
    lines: Sequence[TableLine], slots: Sequence[Slot], barriers: Sequence[float]
) -> int | None:
    """Lines above the first drawn line below which something stands; None if there is none."""
    count = None
    for barrier in barriers:
        above = sum(line.level < barrier for line in lines)
        if above == 0 or above == (count or 0):
            continue
        new = lines[count or 0 : above]
        if above >= len(lines) or above > _MAX_HEADER_LINES or any(map(_tells, new)):
            break
        if any(line.figures(slots) for line in new):
            break
        if count is None:
            if all(_names_all(line) for line in new) and len(slots) > 1:
                break
            count = above
            while count < len(lines) - 1 and _hangs(lines, count, slots):
                count += 1
        elif any(_states_heads(line) or _words_over(line, slots) for line in new):
            count = above  # groups of groups between, each under a line of its own
    return count


def _names_all(line: TableLine) -> bool:
    """True for a line that says nothing of single columns: one piece, at the left or over all."""
    alone = line.alone()
    return alone is not None and (alone.first == 0 or alone.first != alone.last)


def _hangs(lines: Sequence[TableLine], number: int, slots: Sequence[Slot]) -> bool:
    """True if a line overlaps the line above: cells of one row whose lines are staggered."""
    line, above = lines[number], lines[number - 1]
    near = line.level - above.level <= _STAGGERED * line.size
    return near and not line.figures(slots)


_STAGGERED = 0.8  # ems: lines of one cell stand wider than that
_LABEL = 28  # characters; what is longer, or ends a sentence, is no header


def _tells(line: TableLine) -> bool:
    """True if something stands there that no header says: a sentence."""
    return any(
        one.piece.prose or len(one.piece.text) > _LABEL or one.piece.text.endswith(("。", "；"))
        for one in line.placed
        if one.first == one.last
    )


def _states_heads(line: TableLine) -> bool:
    kinds = [one.piece.kind for one in line.placed]
    periods = kinds.count(CellKind.PERIOD)
    return periods >= 2 or all(kind in (CellKind.PERIOD, CellKind.UNIT) for kind in kinds)


def _words_over(line: TableLine, slots: Sequence[Slot]) -> bool:
    """True for words over most columns of figures, each over one: the labels of a header."""
    wide = sum(slot.figures for slot in slots)
    over = [p for p in line.placed if slots[p.first].figures and not p.piece.figure]
    labels = sum(p.first == p.last for p in over)
    return labels >= 2 and labels >= 0.6 * wide


def next_table(lines: Sequence[TableLine], slots: Sequence[Slot], start: int) -> int:
    """The line below figures where a new header begins, `len(lines)` if there is none.

    A new header is a line without figures that states two periods, or words over at least half
    of the columns of figures.
    """
    wide = sum(slot.figures for slot in slots)
    met = False
    for number in range(start, len(lines)):
        line = lines[number]
        if line.figures(slots):
            met = True
            continue
        if not met:
            continue
        if _names_next(lines, slots, number):
            return number
        over = [p for p in line.placed if slots[p.first].figures and not p.piece.figure]
        periods = sum(p.piece.kind is CellKind.PERIOD for p in over)
        labels = sum(p.first == p.last for p in over)
        more = any(later.figures(slots) for later in lines[number + 1 : number + 6])
        if more and (periods >= 2 or (labels >= 3 and labels >= 0.6 * wide)):
            return number
    return len(lines)


def _names_next(lines: Sequence[TableLine], slots: Sequence[Slot], number: int) -> bool:
    """True for a title alone on its line (行业投资评级说明：) above labels and figures."""
    alone = lines[number].alone()
    if alone is None or alone.piece.text[-1] not in "：:" or number + 2 >= len(lines):
        return False
    labels = lines[number + 1]
    return (
        len(labels.placed) >= 2 and not labels.figures(slots) and lines[number + 2].figures(slots)
    )


# ── body ────────────────────────────────────────────────────────────────────────────────────

_WRAP = 1.45  # ems between the lines of one cell, at the most, where rows stand wider
_CENTRED = 0.85  # ems: a label of two lines around the line of its figures


def body_rows(
    lines: Sequence[TableLine], slots: Sequence[Slot], barriers: Sequence[float]
) -> list[DraftRow]:
    """The lines of the body put together to rows, top to bottom."""
    bands: list[list[TableLine]] = [[]]
    marks = list(barriers)
    for line in lines:
        crossed = False
        while marks and marks[0] < line.level:
            marks.pop(0)
            crossed = True
        if crossed and bands[-1]:
            bands.append([])
        bands[-1].append(line)
    bands = [band for band in bands if band]
    anchors = [sum(line.figures(slots) for line in band) for band in bands]
    ruled = len(bands) >= 3 and sum(count <= 1 for count in anchors) >= 0.7 * len(bands)
    rows: list[DraftRow] = []
    for band, count in zip(bands, anchors, strict=True):
        if ruled and count <= 1 and not _several(band, slots):
            rows.append(DraftRow(list(band)))
        elif count:
            rows.extend(_around_figures(band, slots))
        else:
            rows.extend(_of_words(band, slots))
    return rows


def _several(band: Sequence[TableLine], slots: Sequence[Slot]) -> bool:
    """True if a band of words between two lines holds several rows: most lines open a row."""
    if len(band) < 2:
        return False
    full = sum(len(line.placed) >= max(2, len(slots) - 1) for line in band)
    if full == len(band) and len(slots) >= 3:
        return True
    opens = sum(line.placed[0].first == 0 and len(line.placed) >= 2 for line in band)
    return opens >= 4 and opens >= 0.7 * len(band)


def _around_figures(lines: Sequence[TableLine], slots: Sequence[Slot]) -> list[DraftRow]:
    """Each line of figures is a row; lines of words join the row that they belong to."""
    anchors = [number for number, line in enumerate(lines) if line.figures(slots)]
    steps = [lines[b].level - lines[a].level for a, b in itertools.pairwise(anchors) if b == a + 1]
    pitch = median(steps) if steps else 0.0
    edge = max(
        (p.piece.x1 for line in lines for p in line.placed if p.first == p.last == 0),
        default=0.0,
    )
    if len(slots) > 1:
        edge = max(edge, slots[1].x0 - 2.0 * lines[0].size)
    home: dict[int, int] = {number: number for number in anchors}
    for number in range(len(lines)):
        if number in home:
            continue
        above = home.get(number - 1)
        below = next((a for a in anchors if a > number), None)
        if below is not None and below != number + 1:
            below = None
        home[number] = _home(lines, number, above, below, pitch, edge)
    rows: dict[int, DraftRow] = {}
    for number, line in enumerate(lines):
        rows.setdefault(home[number], DraftRow()).lines.append(line)
    return [rows[key] for key in sorted(rows)]


def _home(
    lines: Sequence[TableLine],
    number: int,
    above: int | None,
    below: int | None,
    pitch: float,
    edge: float,
) -> int:
    """The row that a line without figures belongs to: its own, the one above or the one below."""
    line = lines[number]
    up = line.level - lines[above].level if above is not None else float("inf")
    near_up = line.level - lines[number - 1].level if number else float("inf")
    down = lines[below].level - line.level if below is not None else float("inf")
    if above is not None and _ends_label(line) and near_up <= _WRAP * line.size:
        return above
    best = above if up <= down else below
    if best is not None and min(up, down) < _CENTRED * line.size:
        return best
    if any(p.first != p.last for p in line.placed):
        return number
    if len(line.placed) >= 2 and not _all_hang(line, lines, above):
        return number
    nearest = min(near_up, down)
    if pitch and nearest < 0.72 * pitch and nearest <= _WRAP * line.size:
        best = above if near_up <= down else below
        if best is not None:
            return best
    if line.placed[0].first == 0:
        return _wrapped(lines, number, above, below, edge)
    return number


def _wrapped(
    lines: Sequence[TableLine], number: int, above: int | None, below: int | None, edge: float
) -> int:
    """The row of a lone label: above or below if one of the two fills its column, else its own."""
    line = lines[number]
    piece = line.placed[0].piece
    reach = _WRAP * line.size
    near = above is not None and line.level - lines[number - 1].level <= reach
    if above is not None and near and _fills(lines[number - 1], edge):
        return above
    if below is not None and lines[below].level - line.level <= reach:
        label = next((p.piece for p in lines[below].placed if p.first == 0), None)
        full = piece.x1 > edge - 1.2 * piece.size
        if full and label is not None and label.x1 < edge - 2.0 * piece.size:
            return below
    return number


def _ends_label(line: TableLine) -> bool:
    """True for the unit of the label above: （元） alone on its line."""
    alone = line.alone()
    return (
        alone is not None
        and alone.first == 0
        and alone.piece.text[0] in "（("
        and (alone.piece.text[-1] in "）)")
    )


def _all_hang(line: TableLine, lines: Sequence[TableLine], above: int | None) -> bool:
    return (
        above is not None
        and all(
            any(one.first == other.first for other in lines[above].placed) for one in line.placed
        )
        and line.level - lines[above].level <= 1.3 * line.size
    )


def _fills(line: TableLine, edge: float) -> bool:
    """True if the label of a line reaches the right end of its column."""
    label = next((one.piece for one in line.placed if one.first == one.last == 0), None)
    return label is not None and label.x1 > edge - 1.2 * label.size and len(label.text) >= 6


def _of_words(lines: Sequence[TableLine], slots: Sequence[Slot]) -> list[DraftRow]:
    """Rows of a table of words: by wider gaps, by the cells of the first column, or around them.

    Lines that overlap are cells of one row whose lines are staggered.
    """
    groups: list[DraftRow] = [DraftRow([lines[0]])]
    for before, line in itertools.pairwise(lines):
        if line.level - before.level <= _STAGGERED * line.size:
            groups[-1].lines.append(line)
        else:
            groups.append(DraftRow([line]))
    if len(groups) == 1:
        return groups
    gaps = [b.lines[0].level - a.lines[-1].level for a, b in itertools.pairwise(groups)]
    tight = min(gaps)
    opens = [any(p.first == 0 for line in group.lines for p in line.placed) for group in groups]
    by_gap = max(gaps) > 1.45 * tight and sum(opens) < 0.7 * len(opens)
    if not by_gap and not opens[0] and sum(opens) < 0.7 * len(opens):
        return _around_names(groups, opens)
    rows = [groups[0]]
    for gap, opened, group in zip(gaps, opens[1:], groups[1:], strict=True):
        if (gap > 1.3 * tight) if by_gap else opened:
            rows.append(group)
        else:
            rows[-1].lines.extend(group.lines)
    return rows


def _around_names(groups: Sequence[DraftRow], opens: Sequence[bool]) -> list[DraftRow]:
    """Rows of even lines whose names stand at the middle of their rows.

    A row that begins at line a and has its name at line n ends at line 2n - a.
    """
    rows: list[DraftRow] = []
    names = [number for number, opened in enumerate(opens) if opened]
    start = 0
    for index, name in enumerate(names):
        last = index == len(names) - 1
        end = len(groups) if last else min(max(2 * name - start + 1, name + 1), names[index + 1])
        rows.append(DraftRow([line for group in groups[start:end] for line in group.lines]))
        start = end
    if start < len(groups):
        rows.append(DraftRow([line for group in groups[start:] for line in group.lines]))
    return rows
