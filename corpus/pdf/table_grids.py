"""Tables drawn as full grids: each cell is a box of lines, spans are lines left out.

Stands beside `corpus.pdf.table_areas`, which finds all other tables; what is found here is exact,
since nothing is told by white space.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from corpus.cell_words import CellKind, kind_of
from corpus.pdf.page import Page, PageCell, PageTable, Rule, Word
from corpus.pdf.table_pieces import is_figure, joined

_SNAP = 2.5  # points: lines nearer than this are one
_BRIDGE = 4.0  # points: a line broken by less is whole
_PARTS = 0.6  # of a side must be drawn to part two cells
_LEAST = 6.0  # points: nearer lines are a double line, no row
_FILLED = 0.45  # of the cells of a grid hold words; of the boxes of a drawing fewer do
_STACKED = 3  # figures below each other in one cell: rows that no line parts
_LABEL = 40  # characters; what is longer is no header


@dataclass(slots=True)
class _Lines:
    """Drawn lines of one direction: place across → stretches along, sorted, joined."""

    places: dict[float, list[tuple[float, float]]]

    def covers(self, place: float, start: float, end: float) -> bool:
        """True if most of the stretch is drawn."""
        drawn = sum(max(0.0, min(high, end) - max(low, start)) for low, high in self.places[place])
        return drawn >= _PARTS * (end - start)


@dataclass(slots=True)
class _Grid:
    """Lines that meet each other: `xs` left to right, `ys` top to bottom."""

    xs: list[float]
    ys: list[float]
    across: _Lines
    down: _Lines


@dataclass(slots=True)
class _Box:
    """A cell of a grid."""

    row: int
    column: int
    row_span: int
    column_span: int
    words: list[Word] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words, for judging."""
        return joined(self.words)


def find_grids(page: Page) -> list[PageTable]:
    """Every fully drawn table of a page, top to bottom."""
    found: list[PageTable] = []
    for grid in _grids(page.rules):
        boxes = _boxes(grid)
        if boxes is None or not _fill(boxes, grid, page.words) or not _is_table(boxes):
            continue
        found.extend(_tables(boxes, grid))
    return sorted(found, key=lambda table: (table.y0, table.x0))


# ── lines ───────────────────────────────────────────────────────────────────────────────────


def _grids(rules: Sequence[Rule]) -> Iterable[_Grid]:
    """Groups of lines that meet, each with at least two rows and two columns."""
    across = _joined((rule.y0, rule.x0, rule.x1) for rule in rules if rule.horizontal)
    down = _joined((rule.x0, rule.y0, rule.y1) for rule in rules if not rule.horizontal)
    lines = [(True, place, *part) for place, parts in across.items() for part in parts]
    lines += [(False, place, *part) for place, parts in down.items() for part in parts]
    if len(lines) > 1500:  # a map or a chart
        return
    for group in _meeting(lines):
        xs = sorted({place for flat, place, *_ in group if not flat})
        ys = sorted({place for flat, place, *_ in group if flat})
        xs, ys = _with_edges(xs, group), _without_doubles(ys)
        xs = _without_doubles(xs)
        if len(xs) >= 3 and len(ys) >= 3:
            yield _Grid(xs, ys, _of(group, ys, flat=True), _of(group, xs, flat=False))


Line = tuple[bool, float, float, float]


def _joined(
    rules: Iterable[tuple[float, float, float]],
) -> dict[float, list[tuple[float, float]]]:
    """Lines at (nearly) one place as one, with their stretches joined."""
    parts: dict[float, list[tuple[float, float]]] = defaultdict(list)
    last: float | None = None
    for place, start, end in sorted(rules):
        if last is None or place - last > _SNAP:
            last = place
        parts[last].append((min(start, end), max(start, end)))
    return {place: _merged(stretches) for place, stretches in parts.items()}


def _merged(stretches: list[tuple[float, float]]) -> list[tuple[float, float]]:
    whole: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if whole and start - whole[-1][1] <= _BRIDGE:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole


def _meeting(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines in groups that touch or cross."""
    flat = [line for line in lines if line[0]]
    upright = [line for line in lines if not line[0]]
    home = {line: number for number, line in enumerate(lines)}

    def root(line: Line) -> int:
        number = home[line]
        while home[lines[number]] != number:
            number = home[lines[number]]
        return number

    for one in flat:
        for other in upright:
            meets = one[2] - _BRIDGE <= other[1] <= one[3] + _BRIDGE
            if meets and other[2] - _BRIDGE <= one[1] <= other[3] + _BRIDGE:
                home[lines[root(one)]] = root(other)
    groups: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        groups[root(line)].append(line)
    return list(groups.values())


def _with_edges(xs: list[float], group: Sequence[Line]) -> list[float]:
    """The uprights, and the ends of the lines across where a grid is open at its sides."""
    left = min((line[2] for line in group if line[0]), default=0.0)
    right = max((line[3] for line in group if line[0]), default=0.0)
    found = list(xs)
    if found and left < found[0] - 2 * _LEAST:
        found.insert(0, left)
    if found and right > found[-1] + 2 * _LEAST:
        found.append(right)
    return found


def _without_doubles(places: list[float]) -> list[float]:
    kept: list[float] = []
    for place in places:
        if not kept or place - kept[-1] >= _LEAST:
            kept.append(place)
    return kept


def _of(group: Sequence[Line], places: Sequence[float], *, flat: bool) -> _Lines:
    """The stretches of one direction by the places that were kept."""
    parts: dict[float, list[tuple[float, float]]] = {place: [] for place in places}
    for line in group:
        if line[0] is flat:
            nearest = min(places, key=lambda place: abs(place - line[1]))
            parts[nearest].append((line[2], line[3]))
    return _Lines({place: _merged(stretches) for place, stretches in parts.items()})


# ── cells ───────────────────────────────────────────────────────────────────────────────────


def _boxes(grid: _Grid) -> list[_Box] | None:
    """The cells by the lines between them; None if they are no rectangles."""
    height, width = len(grid.ys) - 1, len(grid.xs) - 1
    owner = [[-1] * width for _ in range(height)]
    boxes: list[_Box] = []
    for row, column in itertools.product(range(height), range(width)):
        if owner[row][column] >= 0:
            continue
        right = column + 1
        while right < width and owner[row][right] < 0 and not _wall(grid, row, right):
            right += 1
        bottom = row + 1
        while bottom < height and not any(_floor(grid, bottom, c) for c in range(column, right)):
            bottom += 1
        for r, c in itertools.product(range(row, bottom), range(column, right)):
            if owner[r][c] >= 0:
                return None
            owner[r][c] = len(boxes)
        boxes.append(_Box(row, column, bottom - row, right - column))
    return boxes


def _wall(grid: _Grid, row: int, column: int) -> bool:
    """True if a line stands left of the column in the row."""
    return grid.down.covers(grid.xs[column], grid.ys[row], grid.ys[row + 1])


def _floor(grid: _Grid, row: int, column: int) -> bool:
    """True if a line lies above the row in the column."""
    return grid.across.covers(grid.ys[row], grid.xs[column], grid.xs[column + 1])


def _fill(boxes: Sequence[_Box], grid: _Grid, words: Sequence[Word]) -> bool:
    """Puts the words into their cells; False if too many lie across a line."""
    place: dict[tuple[int, int], _Box] = {}
    for box in boxes:
        for row in range(box.row, box.row + box.row_span):
            for column in range(box.column, box.column + box.column_span):
                place[row, column] = box
    across = inside = 0
    for word in words:
        x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
        row, column = bisect_left(grid.ys, y) - 1, bisect_left(grid.xs, x) - 1
        if not (0 <= row < len(grid.ys) - 1 and 0 <= column < len(grid.xs) - 1):
            continue
        box = place[row, column]
        box.words.append(word)
        inside += 1
        left, right = grid.xs[box.column], grid.xs[box.column + box.column_span]
        across += word.x0 < left - word.size or word.x1 > right + word.size
    return across <= 0.05 * inside


def _is_table(boxes: Sequence[_Box]) -> bool:
    """False for frames, charts, and grids whose cells hold several rows."""
    if len(boxes) < 4:
        return False
    filled = sum(bool(box.words) for box in boxes)
    if filled < 4 or filled < _FILLED * len(boxes):
        return False
    return sum(_is_stack(box) or _is_line(box) for box in boxes) <= 0.05 * len(boxes)


def _is_line(box: _Box) -> bool:
    """True for a cell that holds figures beside each other: columns that no line parts."""
    figures = sorted((w for w in box.words if is_figure(w.text)), key=lambda word: word.x0)
    return any(
        right.x0 - left.x1 > 1.5 * left.size and abs(left.y0 - right.y0) < 0.5 * left.size
        for left, right in itertools.pairwise(figures)
    )


def _is_stack(box: _Box) -> bool:
    levels = {round(word.y0 / 4) for word in box.words if is_figure(word.text)}
    plain = sum(len(word.text) for word in box.words if not is_figure(word.text))
    return len(levels) >= _STACKED and plain <= 4


# ── tables ──────────────────────────────────────────────────────────────────────────────────


def _tables(boxes: Sequence[_Box], grid: _Grid) -> list[PageTable]:
    """The tables of a grid: a row that is one cell names what is below, if a header follows."""
    height, width = len(grid.ys) - 1, len(grid.xs) - 1
    rows: list[list[_Box]] = [[] for _ in range(height)]
    for box in boxes:
        rows[box.row].append(box)
    cuts = [0]
    for row in range(1, height):
        if _is_whole(rows[row - 1], width) and row - 1 in cuts:
            continue
        named = _is_whole(rows[row], width) and _heads(rows, row + 1)
        if named or _opens(rows, row, cuts[-1]):
            cuts.append(row)
    found = []
    for start, end in itertools.pairwise([*cuts, height]):
        table = _table(rows, start, end, grid)
        if table is not None:
            found.append(table)
    return found


def _is_whole(row: Sequence[_Box], width: int) -> bool:
    """True for a row of one cell with words."""
    return len(row) == 1 and row[0].column_span == width and bool(row[0].words)


def _heads(rows: Sequence[Sequence[_Box]], number: int) -> bool:
    """True if a row can be a header: several labels, no figure."""
    if number >= len(rows) or len(rows[number]) < 2:
        return False
    return all(box.words and _is_label(box) for box in rows[number])


def _opens(rows: Sequence[Sequence[_Box]], number: int, start: int) -> bool:
    """True for a row of labels between rows of figures: from there on the columns hold else."""
    if len(rows[number]) < 3 or number + 1 >= len(rows):
        return False
    labels = [box for box in rows[number] if box.words]
    if len(labels) < len(rows[number]) - 1 or not all(map(_is_label, labels)):
        return False
    deep = max(box.row + box.row_span for box in rows[number])
    before = any(_has_figure(row) for row in rows[start:number])
    return before and deep < len(rows) and _has_figure(rows[deep]) and _has_figure(rows[number - 1])


def _has_figure(row: Sequence[_Box]) -> bool:
    return any(is_figure(box.text) and kind_of(box.text) is CellKind.NUMBER for box in row[1:])


def _is_label(box: _Box) -> bool:
    text = box.text
    return not is_figure(text) and len(text) <= _LABEL and not text.endswith(("。", "；"))


def _table(rows: Sequence[list[_Box]], start: int, end: int, grid: _Grid) -> PageTable | None:
    width = len(grid.xs) - 1
    title: list[Word] = []
    while start < end and _is_whole(rows[start], width) and end - start > 2:
        title.extend(rows[start][0].words)
        start += 1
    cells = [
        PageCell(box.row - start, box.column, _in_order(box.words), box.row_span, box.column_span)
        for row in rows[start:end]
        for box in row
        if box.row + box.row_span <= end
    ]
    cells, depth, columns = _packed(cells, end - start, width)
    if depth < 1 or columns < 2 or not any(cell.words for cell in cells):
        return None
    top = grid.ys[start] if not title else min(word.y0 for word in title)
    return PageTable(
        grid.xs[0], top, grid.xs[-1], grid.ys[end], tuple(cells), depth, columns,
        _header_rows(cells, depth, columns), True, title=_in_order(title),
    )  # fmt: skip


def _in_order(words: Sequence[Word]) -> tuple[Word, ...]:
    return tuple(sorted(words, key=lambda word: (round((word.y0 + word.y1) / 6), word.x0)))


def _packed(cells: list[PageCell], rows: int, columns: int) -> tuple[list[PageCell], int, int]:
    """The cells without rows and columns in which none begins with words."""
    used_rows = sorted({cell.row for cell in cells if cell.words})
    used_columns = sorted({cell.column for cell in cells if cell.words})
    if len(used_rows) == rows and len(used_columns) == columns:
        return cells, rows, columns
    packed = []
    for cell in cells:
        row, column = bisect_left(used_rows, cell.row), bisect_left(used_columns, cell.column)
        row_span = bisect_left(used_rows, cell.row + cell.row_span) - row
        column_span = bisect_left(used_columns, cell.column + cell.column_span) - column
        if row_span and column_span:
            packed.append(PageCell(row, column, cell.words, row_span, column_span))
    return packed, len(used_rows), len(used_columns)


def _header_rows(cells: Sequence[PageCell], rows: int, columns: int) -> int:
    """How many rows at the top hold labels only, those that reach over several counted whole."""
    figures = [0] * rows
    labels = [0] * rows  # columns that stand under a label of the row, the first left out
    deep = [row + 1 for row in range(rows)]
    for cell in cells:
        text = joined(cell.words)
        deep[cell.row] = max(deep[cell.row], cell.row + cell.row_span)
        if not text:
            continue
        if is_figure(text) and kind_of(text) is not CellKind.PERIOD:
            figures[cell.row] += 1
        if len(text) <= _LABEL and not text.endswith(("。", "；")):
            labels[cell.row] += cell.column_span - (cell.column == 0)
    first = next((row for row in range(rows) if figures[row]), None)
    if first == 0 or labels[0] < 0.5 * (columns - 1):
        return 0
    depth = deep[0]
    if first is None:
        return depth if rows > depth and labels[0] >= max(1, 0.6 * (columns - 1)) else 0
    while depth < first and labels[depth] >= 1 and _spans(cells, depth):
        depth = deep[depth]
    return depth if depth <= first else 0


def _spans(cells: Sequence[PageCell], row: int) -> bool:
    """True if a cell of the row above covers several columns: the row names its parts."""
    return any(
        cell.column_span > 1 and cell.words and cell.row + cell.row_span == row for cell in cells
    )
