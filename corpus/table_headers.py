"""Which rows of a grid are headers, and which columns each header cell covers.

Stands between `corpus.table_grid` and the finished Table. Both questions are decided by content:

* A header row holds no figure and no code: words, periods and units only. What stands above a
  rule line is header; rows below the first one go on being header while they state periods,
  units, or words above such a row.
* A header row with a cell for every column: a label covers the empty cells to its right while
  labels of one kind, none repeated, stand below them (EPS over 2022A 2023E 2024E; the next 2022A
  begins the next group).
* A header row with fewer cells than columns, and none of them empty: the labels are dealt to
  columns in order by the cheapest fit (dynamic programming) of words to data: a code label to
  the code column, a group label to a whole group of the row below, a period to figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.cell_words import RATING_WORDS, CellKind
from corpus.table_grid import Grid, GridCell, GridRow

_VALUES = frozenset({CellKind.NUMBER, CellKind.CODE})
_MAX_HEADERS = 5  # three of words and periods, units, and one to spare
_MAX_DEALT_COLUMNS = 80  # the fit below is cubic


@dataclass(slots=True)
class HeaderTree:
    """Header cells over leaf columns.

    Args:
        paths: for each leaf column the cells above it, top first.
    """

    paths: list[list[GridCell]]


def count_header_rows(grid: Grid) -> int:
    """How many rows at the top are headers; 0 for a table that has none."""
    rows = grid.rows
    if grid.heads:
        return _continued(rows, min(grid.heads, len(rows) - 1))
    if grid.ruled:
        return _continued(rows, min(grid.ruled, len(rows)))
    if not rows or not _may_open(rows):
        return 0
    return _continued(rows, 1)


def _may_open(rows: Sequence[GridRow]) -> bool:
    """True if the first row can be a header."""
    first = rows[0]
    kinds = [cell.kind for cell in first.cells]
    if any(kind in _VALUES for kind in kinds) or all(kind is CellKind.EMPTY for kind in kinds):
        return False
    if any(len(cell.text) > 40 for cell in first.cells):
        return False  # prose: the first of the definitions, not a label
    if any(kind is CellKind.PERIOD for kind in kinds[1:]):
        return True
    if len(rows) > 1 and any(cell.text in RATING_WORDS for cell in first.cells):
        return False  # 买入 | 未来六个月… : the ratings themselves
    return not any(kind is CellKind.DASH for kind in kinds[1:]) or len(rows) > 2


def _continued(rows: Sequence[GridRow], start: int) -> int:
    """`start`, moved over further header rows below it."""
    end = start
    for index in range(start, min(len(rows) - 1, _MAX_HEADERS)):
        if not _is_wordy(rows[index]):
            break
        if _states_periods_or_units(rows[index]):
            end = index + 1
    return end


def _is_wordy(row: GridRow) -> bool:
    kinds = {cell.kind for cell in row.cells}
    return not kinds & _VALUES and CellKind.DASH not in kinds and kinds != {CellKind.EMPTY}


def _states_periods_or_units(row: GridRow) -> bool:
    """True for a header row of periods or units: two periods, or nothing but units and periods."""
    kinds = [cell.kind for cell in row.cells if cell.kind is not CellKind.EMPTY]
    periods = kinds.count(CellKind.PERIOD)
    return periods >= 2 or all(kind in (CellKind.PERIOD, CellKind.UNIT) for kind in kinds)


def build_paths(grid: Grid, headers: int, width: int) -> HeaderTree:
    """The header path of each of `width` leaf columns from the first `headers` rows."""
    paths: list[list[GridCell]] = [[] for _ in range(width)]
    types = column_types(grid.rows[headers:], width)
    below: list[GridCell | None] = [None] * width  # the nearest label below, units left out
    for row in reversed(grid.rows[:headers]):
        owners = _owners(row, below, types, width)
        for column, owner in enumerate(owners):
            if owner is None or any(owner is lower for lower in paths[column]):
                continue  # nothing above, or a cell that reaches down over several header rows
            paths[column].insert(0, owner)
            if owner.kind is not CellKind.UNIT:
                below[column] = owner
    return HeaderTree(paths)


def _owners(
    row: GridRow, below: list[GridCell | None], types: list[CellKind], width: int
) -> list[GridCell | None]:
    """For each column the cell of `row` that covers it."""
    cells = list(row.cells)
    if len(cells) >= width and any(cell.extent != (1, 1) for cell in cells):
        return [cell if cell.text else None for cell in cells[:width]]
    while len(cells) > width and not cells[-1].text:
        cells.pop()
    while len(cells) > width and not cells[0].text:
        cells.pop(0)
    short = len(cells) < width and all(cell.text for cell in cells)
    if (short or not row.placed) and len(cells) < width <= _MAX_DEALT_COLUMNS:
        return _dealt([cell for cell in cells if cell.text], below, types)
    placed: list[GridCell | None] = [cell if cell.text else None for cell in cells[:width]]
    placed += [None] * (width - len(placed))
    return _spread(placed, below)


# ── a cell for every column ─────────────────────────────────────────────────────────────────


def _spread(placed: list[GridCell | None], below: list[GridCell | None]) -> list[GridCell | None]:
    owners = list(placed)
    for start, end in _groups(below):
        inside = [column for column in range(start, end) if placed[column] is not None]
        if end - start < 2 or not inside:
            continue
        label = below[start]
        centred = label is not None and label.kind is CellKind.PERIOD
        if inside[0] != start and not centred:
            start = inside[0]
        for column in range(start, end):
            owners[column] = placed[_nearest(column, inside, from_left=inside[0] == start)]
    return owners


def _nearest(column: int, inside: list[int], *, from_left: bool) -> int:
    """The labelled column that covers `column`: the last at or left of it, or the closest one."""
    if from_left:
        return max(place for place in inside if place <= column)
    return min(inside, key=lambda place: (abs(place - column), place))


def _groups(below: list[GridCell | None]) -> list[tuple[int, int]]:
    """Maximal runs of columns whose labels are of one kind and none twice, as `[start, end)`."""
    groups: list[tuple[int, int]] = []
    start = 0
    seen: set[str] = set()
    for column in range(len(below) + 1):
        label = below[column] if column < len(below) else None
        before = below[column - 1] if column else None
        breaks = label is None or before is None or _label_kind(label) is not _label_kind(before)
        again = label is not None and label is not before and label.text in seen
        if column > start and (breaks or again):
            groups.append((start, column))
            start, seen = column, set()
        if label is None:
            start = column + 1
        else:
            seen.add(label.text)
    return groups


def _label_kind(label: GridCell) -> bool:
    return label.kind is CellKind.PERIOD


# ── fewer cells than columns ────────────────────────────────────────────────────────────────

_NONE = float("-inf")


def _dealt(
    cells: list[GridCell], below: list[GridCell | None], types: list[CellKind]
) -> list[GridCell | None]:
    """Deals cells to columns in order with the best sum of fits; a column may stay without."""
    width = len(below)
    groups = set(_groups(below))
    best = [[_NONE] * (width + 1) for _ in range(len(cells) + 1)]
    came = [[0] * (width + 1) for _ in range(len(cells) + 1)]
    best[0][0] = 0.0
    for used in range(len(cells) + 1):
        for column in range(1, width + 1):
            skipped = best[used][column - 1] + _skip(column - 1, below, types)
            best[used][column], came[used][column] = max(best[used][column], skipped), column
            for start in range(column) if used else ():
                if best[used - 1][start] == _NONE:
                    continue
                fit = _fit(cells[used - 1], start, column, below, types, groups)
                total = best[used - 1][start] + fit
                if total > best[used][column]:
                    best[used][column], came[used][column] = total, start
    return _walk_back(cells, came, width)


def _walk_back(cells: list[GridCell], came: list[list[int]], width: int) -> list[GridCell | None]:
    owners: list[GridCell | None] = [None] * width
    used, column = len(cells), width
    while used and column:
        start = came[used][column]
        if start == column:  # this column stayed without a label
            column -= 1
            continue
        used -= 1
        owners[start:column] = [cells[used]] * (column - start)
        column = start
    return owners


def _skip(column: int, below: list[GridCell | None], types: list[CellKind]) -> float:
    """What it costs to leave a column without a label in this row."""
    if types[column] is CellKind.EMPTY or types[column] is CellKind.UNIT:  # UNIT: an ordinal
        return -0.2
    return -0.8 if below[column] is not None else -2.0


def _fit(
    cell: GridCell,
    start: int,
    end: int,
    below: list[GridCell | None],
    types: list[CellKind],
    groups: set[tuple[int, int]],
) -> float:
    """How well one label covers the columns `[start, end)`."""
    if end - start == 1:
        split = any(first <= start < last and last - first > 1 for first, last in groups)
        return _fit_one(cell, types[start]) - (1.5 if split else 0.0)
    if _meaning(cell) in ("code", "name", "rating"):
        return -6.0
    labels = [below[column] for column in range(start, end)]
    if any(label is None for label in labels):
        return -6.0
    if any(types[column] in (CellKind.CODE, CellKind.TEXT) for column in range(start, end)):
        return -4.0
    if (start, end) in groups:
        return 2.0
    inside = any(first <= start and end <= last for first, last in groups)
    return 0.0 if inside else -3.0


_CODE_LABEL = re.compile(r"代码|代號|code|ticker", re.IGNORECASE)
_NAME_LABEL = re.compile(
    r"(?:公司|证券|股票|标的|企业|简称|名称|品种|证券简称|公司名称|股票名称|个股|子公司|name"
    r"|company)(?:简称|名称)?",
    re.IGNORECASE,
)
_RATING_LABEL = re.compile(r"评级|投资建议|投资评级|rating", re.IGNORECASE)
_ORDINAL_LABEL = re.compile(r"序号|编号|排名|no\.?|#", re.IGNORECASE)


def _meaning(cell: GridCell) -> str:
    """What kind of column a label asks for: code, name, rating, ordinal, figures, or any."""
    if cell.kind in (CellKind.PERIOD, CellKind.UNIT):
        return "figures"
    for name, pattern in (("code", _CODE_LABEL), ("rating", _RATING_LABEL)):
        if pattern.search(cell.text):
            return name
    if _NAME_LABEL.fullmatch(cell.text):
        return "name"
    return "ordinal" if _ORDINAL_LABEL.fullmatch(cell.text) else "any"


# (what the label asks for) → fit to a column of codes, text, figures, and of ordinals.
_FITS = {
    "code": (3.0, -1.0, -2.0, -2.0),
    "name": (-2.0, 2.0, -3.0, -2.0),
    "rating": (-3.0, 2.0, -2.0, -2.0),
    "figures": (-4.0, -3.0, 2.0, -2.0),
    "ordinal": (-2.0, -1.0, 0.5, 2.0),
    "any": (-2.0, 0.5, 1.0, -1.0),
}


def _fit_one(cell: GridCell, kind: CellKind) -> float:
    code, text, figures, ordinal = _FITS[_meaning(cell)]
    if kind is CellKind.CODE:
        return code
    if kind is CellKind.TEXT:
        return text
    return ordinal if kind is CellKind.UNIT else figures


# ── what a column holds ─────────────────────────────────────────────────────────────────────


def column_types(rows: Sequence[GridRow], width: int) -> list[CellKind]:
    """For each column CODE, TEXT, NUMBER, PERIOD or EMPTY; UNIT stands for ordinals 1, 2, 3."""
    types = []
    for column in range(width):
        cells = [row.cells[column] for row in rows if column < len(row.cells)]
        types.append(_column_type(cells))
    return types


def _column_type(cells: list[GridCell]) -> CellKind:
    kinds = [cell.kind for cell in cells if cell.kind not in (CellKind.EMPTY, CellKind.DASH)]
    if not kinds:
        return CellKind.NUMBER if any(cell.text for cell in cells) else CellKind.EMPTY
    if _are_ordinals([cell.text for cell in cells]):
        return CellKind.UNIT
    half = len(kinds) / 2
    for kind in (CellKind.CODE, CellKind.TEXT):
        if kinds.count(kind) >= max(half, 1):
            return kind
    if kinds.count(CellKind.PERIOD) > half:
        return CellKind.PERIOD
    return CellKind.NUMBER


def _are_ordinals(texts: list[str]) -> bool:
    """True for 1, 2, 3 …, in any order: a numbering, which names nothing."""
    if len(texts) < 2 or not all(text.isdigit() and len(text) <= 3 for text in texts):
        return False
    numbers = sorted(map(int, texts))
    return numbers == list(range(1, len(numbers) + 1))
