"""Figures, codes and periods that their cell's width has broken, put together again.

Stands between the pieces of `corpus.pdf.table_pieces` and the columns of
`corpus.pdf.table_columns`; `corpus.pdf.table_breaks` asks the same of rows that a page's end cuts.

A program that sets a table breaks a word where its cell ends: `14.2` above `6`, `202` above `3E`.
What is broken shows it: the figure has fewer decimals than its column, the period no last letter.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from enum import IntEnum

from corpus.cell_words import CellKind, kind_of
from corpus.pdf.lines import joint_of
from corpus.pdf.page import Word
from corpus.pdf.table_pieces import Piece, is_figure

_PITCH = 1.5  # ems between the lines of one cell; rows stand as near only in tables without wraps
_SIZES = 0.08


class Bond(IntEnum):
    """How surely two pieces, one below the other, are one broken word."""

    NONE = 0  # they cannot be
    MAY = 1  # nothing speaks against it
    SURE = 2  # the upper one alone is no whole word of its column


def rejoined(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of a table, those that broke over two lines as one (on the upper line)."""
    by_line: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        by_line[piece.line].append(piece)
    numbers = sorted(by_line, key=lambda n: min(piece.level for piece in by_line[n]))
    last: dict[int, int] = {}  # line → the lowest line that was joined to it
    columns = _Columns(pieces)
    above: list[int] = []
    for number in numbers:
        for upper in reversed(above[-2:]):
            done = _joined(by_line[upper], by_line[number], columns)
            if done is not None:
                by_line[upper], by_line[number] = done
                last[upper] = number
        if by_line[number]:
            above.append(number)
    return sorted((p for own in by_line.values() for p in own), key=lambda p: (p.line, p.x0))


def _joined(
    upper: Sequence[Piece], lower: Sequence[Piece], columns: _Columns
) -> tuple[list[Piece], list[Piece]] | None:
    """Two printed lines with what broke between them joined; None if nothing did."""
    pairs: list[tuple[Piece, Piece]] = []
    for below in lower:
        over = [one for one in upper if one.x0 < below.x1 and below.x0 < one.x1]
        if len(over) != 1 or not _near(over[0], below):
            return None
        pairs.append((over[0], below))
    if not pairs or len({id(above) for above, _ in pairs}) < len(pairs):
        return None
    bonds = [bond_of(above.text, below.text, columns.of(above)) for above, below in pairs]
    whole = [
        bond is not Bond.MAY or columns.is_full(above, below)
        for bond, (above, below) in zip(bonds, pairs, strict=True)
    ]
    if not (Bond.SURE in bonds and Bond.NONE not in bonds and all(whole)):
        return _periods(upper, lower, pairs)
    return _merged(upper, pairs), []


def _periods(
    upper: Sequence[Piece], lower: Sequence[Piece], pairs: Sequence[tuple[Piece, Piece]]
) -> tuple[list[Piece], list[Piece]] | None:
    """The broken periods of a header (`2023` above `E`), other labels left as they stand."""
    broken = [pair for pair in pairs if is_broken_period(pair[0].text, pair[1].text)]
    letters = any(below.text[-1:].isalpha() for _, below in broken)
    if len(broken) < 2 or not letters or any(piece.figure for _, piece in _rest(pairs, broken)):
        return None
    taken = {id(below) for _, below in broken}
    return _merged(upper, broken), [piece for piece in lower if id(piece) not in taken]


def _rest(
    pairs: Sequence[tuple[Piece, Piece]], taken: Sequence[tuple[Piece, Piece]]
) -> list[tuple[Piece, Piece]]:
    return [pair for pair in pairs if pair not in taken]


def _near(above: Piece, below: Piece) -> bool:
    size = above.size
    step = below.y1 - above.y1
    return 0.6 * size < step <= _PITCH * size and abs(size - below.size) <= _SIZES * size


def _merged(upper: Sequence[Piece], pairs: Sequence[tuple[Piece, Piece]]) -> list[Piece]:
    ends = {id(above): below for above, below in pairs}
    return [one if id(one) not in ends else whole_of(one, ends[id(one)]) for one in upper]


def whole_of(above: Piece, below: Piece) -> Piece:
    """Two pieces as one, on the upper line."""
    made = Piece([*above.words, *below.words], above.line)
    made.text = above.text + joint_in_cell(above.text, below.text) + below.text
    made.kind, made.figure = kind_of(made.text), is_figure(made.text)
    made.prose, made.wall = above.prose, above.wall
    return made


class _Columns:
    """What the figures of each column look like, and how far its words reach."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = sorted(pieces, key=lambda piece: piece.x0)

    def _own(self, piece: Piece) -> list[Piece]:
        return [one for one in self._pieces if one.x0 < piece.x1 and piece.x0 < one.x1]

    def of(self, piece: Piece) -> int | None:
        """The decimals of most figures in the column of a piece; None where it has none."""
        return decimals_of(one.text for one in self._own(piece) if one is not piece)

    def is_full(self, above: Piece, below: Piece) -> bool:
        """True if the first letter of `below` had no room behind `above`."""
        widest = max(one.x1 - one.x0 for one in self._own(above))
        return fills(above.words, below.words, widest)


def fills(above: Sequence[Word], below: Sequence[Word], widest: float) -> bool:
    """True if what stands below had no room behind `above` in a column that is `widest` wide.

    A line may break behind a minus; elsewhere in a figure only where the next letter has no room.
    """
    first = below[0]
    minus = kind_of("".join(word.text for word in above)) is CellKind.DASH
    needed = first.x1 - first.x0 if minus else first.edges[1] - first.edges[0]
    return above[-1].x1 - above[0].x0 + needed > widest - 0.1 * first.size


def decimals_of(texts: Iterable[str]) -> int | None:
    """The decimals that most figures have; None if there is no figure."""
    counts = Counter(
        _places(text) for text in texts if is_figure(text) and kind_of(text) is not CellKind.DASH
    )
    return min(counts, key=lambda places: (-counts[places], -places)) if counts else None


# ── words ───────────────────────────────────────────────────────────────────────────────────

_TAIL = re.compile(r"[\d,.]*[%％xX倍)）]?")
_DECIMALS = re.compile(r"\.(\d+)")
_GROUPED = re.compile(r"[-(（]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\D?")
_EXCHANGE = re.compile(r"\d{4,6}\.?|\d{4,6}\.[A-Z]", re.IGNORECASE)


def bond_of(above: str, below: str, decimals: int | None) -> Bond:
    """How surely two words of one column, one below the other, are one.

    Args:
        decimals: that most figures of the column have; None where it has no figures.
    """
    whole = above + below
    if is_broken_period(above, below):
        return Bond.SURE
    if kind_of(above) is kind_of(below) is CellKind.PERIOD:
        return Bond.NONE
    if _EXCHANGE.fullmatch(above) and kind_of(whole) is CellKind.CODE and not below.isdigit():
        return Bond.SURE
    if is_figure(above) or is_figure(below):
        return _figures(above, below, decimals)
    return Bond.MAY


def is_broken_period(above: str, below: str) -> bool:
    """True for `202` above `3E`, `2023` above `E`."""
    if not above[:1].isdigit() or kind_of(above + below) is not CellKind.PERIOD:
        return False
    return kind_of(above) is not CellKind.PERIOD or (below.isalpha() and len(below) == 1)


def _figures(above: str, below: str, decimals: int | None) -> Bond:
    """The bond of two parts of a figure: the whole must be one, the upper part none."""
    whole = above + below
    if not is_figure(whole) or not (_TAIL.fullmatch(below) or kind_of(above) is CellKind.DASH):
        return Bond.NONE
    if kind_of(above) is CellKind.DASH:
        return Bond.MAY if _places(whole) == (decimals or 0) and whole[0] in "-−–" else Bond.NONE
    if below[0] in "%％)）":
        return Bond.SURE
    if "," in above and not _GROUPED.fullmatch(above) and _GROUPED.fullmatch(whole):
        return Bond.SURE
    if "." in below[1:]:
        return Bond.NONE  # it is a figure by itself
    if decimals and _places(above) < decimals == _places(whole):
        return Bond.SURE
    return Bond.MAY if below.isdigit() and len(below) < len(above) else Bond.NONE


def _places(figure: str) -> int:
    """Decimals of a figure."""
    found = _DECIMALS.search(figure)
    return len(found[1]) if found else 0


def joint_in_cell(above: str, below: str) -> str:
    """What stands between two lines of one cell: nothing where a word broke."""
    whole = above + below
    if _EXCHANGE.fullmatch(above) and kind_of(whole) is CellKind.CODE:
        return ""
    if is_broken_period(above, below):
        return ""
    if kind_of(above) is CellKind.PERIOD or not is_figure(whole) or not below[:1].strip():
        return joint_of(above, below)
    if above.isdigit() and below.isdigit() and len(above) <= len(below):
        return joint_of(above, below)  # two counts below each other
    return ""
