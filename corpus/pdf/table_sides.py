"""Tables that stand side by side or below each other in one box, told before their columns are.

Stands between the boxes of `corpus.pdf.table_areas` and `corpus.pdf.table_columns`: the columns of
statements that are stacked in two halves of a page stand at other places in each.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from corpus.cell_words import RATING_WORDS, CellKind, kind_of
from corpus.pdf.page import PageTable
from corpus.pdf.table_columns import are_two
from corpus.pdf.table_pieces import Piece, is_figure, joined

_SAME = 1.5  # points between the left ends of the labels of one table
_LINES = 4  # lines with a label at one place
_DIFFERENT = 0.8  # of the labels of rows
_ACROSS = 0.05  # of the lines may cross a gutter: a title, a note


def gutters_before_labels(pieces: Sequence[Piece]) -> list[float]:
    """The x of the gutters left of the labels of tables that stand right of other tables.

    There is one where labels begin below each other behind the figures of rows that have labels of
    their own, figures follow them, and what stands right of it is a table.
    """
    lines = _lines(pieces)
    starts: list[Piece] = []
    for line in lines:
        for number, piece in enumerate(line):
            if _is_label(piece) and _has_row(line[:number]) and _has_values(line[number + 1 :]):
                starts.append(piece)
    found: list[float] = []
    left = float("-inf")
    for group in _columns(starts):
        x = min(piece.x0 for piece in group) - _SAME / 2
        labels = {piece.text for piece in group}
        crossed = sum(any(p.x0 < x - 1 and p.x1 > x + 2 for p in line) for line in lines)
        if len(labels) < _DIFFERENT * len(group) or crossed > _ACROSS * len(lines):
            continue
        before = [piece for piece in pieces if left <= piece.middle < x]
        behind = [piece for piece in pieces if piece.middle >= x]
        if are_two(before, behind):
            found.append(x)
            left = x
    return found


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    by_line: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_line[piece.line].append(piece)
    return [sorted(by_line[number], key=lambda one: one.x0) for number in sorted(by_line)]


def _is_label(piece: Piece) -> bool:
    return (
        not piece.figure
        and piece.kind is CellKind.TEXT
        and len(piece.text) > 1
        and piece.text not in RATING_WORDS
    )


def _has_row(before: Sequence[Piece]) -> bool:
    """True if a row of another table stands there: its label, and a figure last, no code (a code
    stands before a name of its own row)."""
    if not before or not before[-1].figure or before[-1].kind is CellKind.CODE:
        return False
    return any(_is_label(piece) for piece in before)


def _has_values(behind: Sequence[Piece]) -> bool:
    return bool(behind) and behind[0].figure


def _columns(starts: Sequence[Piece]) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    for piece in sorted(starts, key=lambda one: one.x0):
        if groups and piece.x0 - groups[-1][0].x0 <= _SAME:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [group for group in groups if len({piece.line for piece in group}) >= _LINES]


def stacked_parts(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of tables that follow each other, cut above each further header of periods.

    The title above the header goes with it.
    """
    lines = _lines(pieces)
    cuts = [0]
    for number in range(1, len(lines)):
        figures = any(piece.figure for line in lines[cuts[-1] : number] for piece in line)
        if not figures or not _is_header(lines[number]) or not _follows(lines, number):
            continue
        while number - 1 > cuts[-1] and _is_title(lines[number - 1]):
            number -= 1
        cuts.append(number)
    return [
        [piece for line in lines[start:end] for piece in line]
        for start, end in itertools.pairwise([*cuts, len(lines)])
    ]


def _is_header(line: Sequence[Piece]) -> bool:
    periods = sum(piece.kind is CellKind.PERIOD for piece in line)
    return periods >= _PERIODS and not any(piece.figure for piece in line)


_PERIODS = 2


def _follows(lines: Sequence[Sequence[Piece]], number: int) -> bool:
    """True if rows of figures stand below a header."""
    return any(piece.figure for line in lines[number + 1 : number + 4] for piece in line)


def _is_title(line: Sequence[Piece]) -> bool:
    first = line[0]
    if first.figure or first.kind is not CellKind.TEXT or len(first.text) > _TITLE:
        return False
    return all("单位" in piece.text or piece.kind is CellKind.UNIT for piece in line[1:])


_TITLE = 24  # characters


def halves(table: PageTable) -> list[PageTable]:
    """The tables that a grid draws side by side as one: headers and labels begin anew.

    Such are the statements of the last page: years stand again behind a second column of labels.
    """
    places = _new_labels(table)
    edges = [0, *places, table.columns]
    for cell in table.cells:
        if any(cell.column < place < cell.column + cell.column_span for place in places):
            return [table]
    return [_columns_of(table, *pair) for pair in itertools.pairwise(edges)] if places else [table]


def _new_labels(table: PageTable) -> list[int]:
    """The columns of labels behind the first whose header is followed by the first one's years."""
    heads = [""] * table.columns
    for cell in table.cells:
        if cell.row < table.header_rows and cell.words and cell.column_span == 1:
            heads[cell.column] = joined(cell.words)
    dated = [kind_of(head) is CellKind.PERIOD for head in heads]
    starts = [n for n, own in enumerate(dated) if not own and dated[n + 1 : n + 3] == [True] * 2]
    if not starts or starts[0] != 0:
        return []
    ends = [*starts[1:], table.columns]
    first = heads[1 : ends[0]]
    same = all(heads[a + 1 : b] == first for a, b in zip(starts, ends, strict=True))
    return starts[1:] if same and all(_are_labels(table, column) for column in starts[1:]) else []


def _are_labels(table: PageTable, column: int) -> bool:
    texts = [
        joined(cell.words)
        for cell in table.cells
        if cell.column == column and cell.row >= table.header_rows and cell.words
    ]
    words = [text for text in texts if not is_figure(text)]
    return len(words) >= _LINES and len(set(words)) >= _DIFFERENT * len(texts)


def _columns_of(table: PageTable, first: int, last: int) -> PageTable:
    """Some columns of a table as a table, rows at its end that hold nothing left out."""
    cells = [
        replace(cell, column=cell.column - first)
        for cell in table.cells
        if first <= cell.column < last
    ]
    words = [word for cell in cells for word in cell.words]
    rows = 1 + max(cell.row for cell in cells if cell.words)
    return replace(
        table,
        x0=min(word.x0 for word in words),
        x1=max(word.x1 for word in words),
        cells=tuple(cell for cell in cells if cell.row < rows),
        rows=rows,
        columns=last - first,
    )
