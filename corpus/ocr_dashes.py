"""Lone dashes of a scanned table, which the models do not see: told by their ink and their place.

Used by `corpus.ocr`, with the strokes of `corpus.ocr_ink`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from corpus.ocr_ink import Ink, Stroke
from corpus.ocr_models import Letter
from corpus.pdf.page import Rule

# Shares of the font size (em) of the words beside it: a hyphen is 0.3 wide, a dash 0.5 to 1.
_SHORTEST, _LONGEST, _THICKEST = 0.18, 1.1, 0.2
_LONG = 0.75  # is a dash that Han text sets, not a hyphen
_ABOVE, _BESIDE = 0.35, 0.4  # no other ink is as near: it is no part of a letter, no broken line
_MIDDLE = 0.45  # from the middle of the words beside it: an underline is lower
_CELL = 4.0  # of a cell's height at most: the frame of a chart is higher
_ROWS = 4.0  # to a figure of the same column
_EDGE = 0.3  # a dash may end so far beyond the figures of its column
# What is known of such a dash is its shape; an answer that rests on it says that OCR read it.
_CONFIDENCE = 0.9


@dataclass(slots=True)
class Found:
    """A line as it was found. `left`, `right`, `top`, `bottom`: of its box, in points."""

    letters: list[Letter]
    left: float
    right: float
    top: float
    bottom: float
    size: float = 0.0

    @property
    def height(self) -> float:
        """Of the line, across its letters."""
        return min(self.bottom - self.top, self.right - self.left)

    @property
    def middle(self) -> float:
        """Where its letters stand between top and bottom of the page."""
        return sum(letter.y for letter in self.letters) / len(self.letters)


def lone_dashes(ink: Ink, lines: Sequence[Found]) -> list[Found]:
    """Dashes that stand alone in a cell: of a drawn grid, or of a column of figures."""
    return [
        dash
        for stroke in ink.strokes
        if (dash := _dash(stroke, lines)) is not None
        and (_alone_in_cell(dash, ink.rules, lines) or _in_column(dash, lines))
    ]


def _dash(stroke: Stroke, lines: Sequence[Found]) -> Found | None:
    """The dash that a stroke is by its measures and the row that it stands in."""
    y = (stroke.y0 + stroke.y1) / 2
    row = [line for line in lines if abs(line.middle - y) <= _MIDDLE * line.size]
    if not row:
        return None
    size = median(line.size for line in row)
    wide, thick = stroke.x1 - stroke.x0, stroke.y1 - stroke.y0
    if not (_SHORTEST * size <= wide <= _LONGEST * size and thick <= _THICKEST * size):
        return None
    if stroke.above < _ABOVE * size or stroke.beside < _BESIDE * size:
        return None
    x = (stroke.x0 + stroke.x1) / 2
    if any(line.left < x < line.right and line.top < y < line.bottom for line in lines):
        return None
    text = "—" if wide > _LONG * size else "-"
    letter = Letter(text, x, y, _CONFIDENCE, spaced=False)
    return Found([letter], stroke.x0, stroke.x1, y - size / 2, y + size / 2, size)


def _alone_in_cell(dash: Found, rules: Sequence[Rule], lines: Sequence[Found]) -> bool:
    """True if drawn lines stand on its four sides, and nothing else between them."""
    x, y = dash.letters[0].x, dash.letters[0].y
    levels = [rule.y0 for rule in rules if rule.horizontal and rule.x0 <= x <= rule.x1]
    sides = [rule.x0 for rule in rules if not rule.horizontal and rule.y0 <= y <= rule.y1]
    above, below = [one for one in levels if one < y], [one for one in levels if one > y]
    before, after = [one for one in sides if one < x], [one for one in sides if one > x]
    if not (above and below and before and after):
        return False
    top, bottom, left, right = max(above), min(below), max(before), min(after)
    if bottom - top > _CELL * dash.size:
        return False
    return not any(
        left < letter.x < right and top < letter.y < bottom
        for line in lines
        for letter in line.letters
    )


def _in_column(dash: Found, lines: Sequence[Found]) -> bool:
    """True if figures stand beside it, and one above or below it."""
    x, y, size = dash.letters[0].x, dash.letters[0].y, dash.size
    figures = [line for line in lines if _is_figure(line)]
    beside = [line for line in figures if abs(line.middle - y) <= _MIDDLE * size]
    return len(beside) >= 2 and any(
        line.left - _EDGE * size <= x <= line.right + _EDGE * size
        and size / 2 < abs(line.middle - y) <= _ROWS * size
        for line in figures
    )


def _is_figure(line: Found) -> bool:
    text = "".join(letter.text for letter in line.letters)
    digits = sum(letter.isdigit() for letter in text)
    return digits > 0 and all(letter in "0123456789.,%-+()（）倍xX" for letter in text)
