"""Figures cut from the labels of the next table that stand right behind them.

Stands between the pieces of `corpus.pdf.table_pieces` and the boxes of `corpus.pdf.table_areas`.

Statements are set side by side with hardly any white between: `78,239 经营活动现金流` is the last
figure of one and the first label of the other. Labels that begin below each other tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.cell_words import CellKind, kind_of
from corpus.pdf.table_pieces import Piece, PrintedLine, cut_word, is_figure

_LINES = 4  # that must have such a label at one place
_SAME = 1.0  # points between the left ends of labels of one column
_OTHER = 2  # further figures on the line: a row of a statement has several years
_DIFFERENT = 0.8  # of the labels; units behind figures are all the same


@dataclass(frozen=True, slots=True)
class _Seam:
    """A place in a piece where a label may begin: the character of a word, and its left edge."""

    piece: Piece
    word: int
    character: int
    x: float

    def halves(self) -> tuple[Piece, Piece]:
        """What stands before and behind it."""
        words = list(self.piece.words)
        split = words[self.word]
        if self.character:
            left = cut_word(split, 0, self.character)
            right = cut_word(split, self.character, len(split.text))
            before, behind = [*words[: self.word], left], [right, *words[self.word + 1 :]]
        else:
            before, behind = words[: self.word], words[self.word :]
        return Piece(before, self.piece.line), Piece(behind, self.piece.line)


def cut_before_labels(lines: Sequence[PrintedLine]) -> None:
    """Cuts pieces `figure label` of rows of figures where labels stand below each other."""
    seams = [
        seam
        for line in lines
        if sum(piece.figure for piece in line.pieces) >= _OTHER
        for piece in line.pieces
        if (seam := _seam(piece)) is not None
    ]
    places = _places(seams)
    if not places:
        return
    for line in lines:
        line.pieces = [part for piece in line.pieces for part in _parts(piece, places)]


def _seam(piece: Piece) -> _Seam | None:
    """Where a piece that begins with a figure or a period goes on with a label."""
    text = ""
    for number, word in enumerate(piece.words):
        for character, letter in enumerate(word.text):
            valued = is_figure(text) or kind_of(text) is CellKind.PERIOD
            if text and valued and letter.isalpha() and not _grows(text, word.text[character:]):
                return _Seam(piece, number, character, word.edges[character])
            text += letter
    return None


def _grows(text: str, rest: str) -> bool:
    """True if a letter still belongs to the period or figure: the E of 2024E, 亿元 of 12.5亿元."""
    whole = text + rest
    if is_figure(whole) or kind_of(whole) is CellKind.PERIOD:
        return True
    return kind_of(text + rest[0]) is CellKind.PERIOD and kind_of(text) is CellKind.PERIOD


def _places(seams: Sequence[_Seam]) -> list[float]:
    """The x at which enough different labels begin."""
    groups: list[list[_Seam]] = []
    for seam in sorted(seams, key=lambda one: one.x):
        if groups and seam.x - groups[-1][0].x <= _SAME:
            groups[-1].append(seam)
        else:
            groups.append([seam])
    found = []
    for group in groups:
        labels = [seam.halves()[1].text for seam in group]
        told = {label for label in labels if len(label) > 1 and kind_of(label) is CellKind.TEXT}
        if len(group) >= _LINES and len(told) >= _DIFFERENT * len(group):
            found.append(group[0].x)
    return found


def _parts(piece: Piece, places: Sequence[float]) -> list[Piece]:
    seam = _seam(piece)
    if seam is None or not any(-_SAME <= seam.x - x <= 2 * _SAME for x in places):
        return [piece]
    return list(seam.halves())
