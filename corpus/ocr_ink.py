"""Ink of a scanned page: the lines that tables are ruled with, and lone short strokes.

Used by `corpus.ocr`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.pdf.page import Rule

# Rules are as long as this at least; the longest stroke of a title's letter is shorter.
_RULE_PT = 30.0
# Where lines cross, neither is darker than its sides: pieces are joined over the gap.
_PIECE_PT = 8.0
_CROSSING_PX = 9
_BROAD_PX = 11  # what is broader than that is a bar
_FAINT = 40  # of 255: the grey of a light line on white paper
_AROUND_RULE_PX = 5  # the soft edge of a line belongs to it
# A dash of the smallest print (5 points) and of a title (20 points); a dash is flat.
_NARROW_PT, _WIDE_PT = 1.2, 20.0
_FLAT = 1.8
_ROOM_PT = 12.0  # how far around it is looked for other ink


@dataclass(frozen=True, slots=True)
class Stroke:
    """A short level stroke, in points, with the white around it that holds no other ink.

    Args:
        above: to the nearest ink above or below that is no drawn line; `beside`: at its sides.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    above: float
    beside: float


@dataclass(frozen=True, slots=True)
class Ink:
    """What is drawn on a page: straight lines by y, then x; strokes from the top."""

    rules: list[Rule]
    strokes: list[Stroke]


def drawn_ink(pixels: np.ndarray[Any, Any], scale: tuple[float, float]) -> Ink:
    """Straight dark lines, as tables are ruled with, and strokes that may be dashes."""
    from scipy import ndimage

    grey = pixels.min(axis=2)
    found: list[Rule] = []
    marks = np.zeros(grey.shape, np.uint8)
    drawn = np.zeros(grey.shape, np.uint8)
    for across in (True, False):
        along = 1 if across else 0
        step = scale[0 if across else 1]
        # darker than both of its sides: the edge of a shade is no line
        dark = (_closed(grey, _BROAD_PX, 1 - along) - grey > _FAINT).astype(np.uint8)
        pieces = _opened(dark, _PIECE_PT / step, along)
        lines = _opened(_closed(pieces, _CROSSING_PX, along), _RULE_PT / step, along)
        labels, _ = ndimage.label(lines, structure=np.ones((3, 3)))
        found += [_rule(place, scale, across=across) for place in ndimage.find_objects(labels)]
        del labels
        marks |= dark
        drawn |= lines
    marks &= 1 - ndimage.maximum_filter(drawn, _AROUND_RULE_PX)
    rules = sorted(found, key=lambda rule: (rule.y0, rule.x0, rule.y1, rule.x1))
    return Ink(rules, _strokes(marks, scale))


def _strokes(marks: np.ndarray[Any, Any], scale: tuple[float, float]) -> list[Stroke]:
    """Pieces of ink wider than high, whose neighbours are some way off."""
    from scipy import ndimage

    labels, _ = ndimage.label(marks, structure=np.ones((3, 3)))
    strokes = []
    room_x, room_y = (int(_ROOM_PT / step) for step in scale)
    for rows, columns in ndimage.find_objects(labels):
        wide, high = columns.stop - columns.start, rows.stop - rows.start
        if not (_NARROW_PT <= wide * scale[0] <= _WIDE_PT and wide >= _FLAT * high):
            continue
        above = marks[max(rows.start - room_y, 0) : rows.stop + room_y, columns]
        left, right = max(columns.start - room_x, 0), columns.stop + room_x
        beside = marks[max(rows.start - high, 0) : rows.stop + high, left:right]
        strokes.append(
            Stroke(
                columns.start * scale[0],
                rows.start * scale[1],
                columns.stop * scale[0],
                rows.stop * scale[1],
                scale[1] * _white(above.any(axis=1), rows.start - max(rows.start - room_y, 0)),
                scale[0] * _white(beside.any(axis=0), columns.start - left),
            )
        )
    return strokes


def _white(inked: Any, start: int) -> int:
    """Pixels from a run of ink to the nearest other ink of a line of pixels.

    Args:
        start: where the run begins.
    """
    places = np.flatnonzero(inked)
    end = start
    while end < len(inked) and inked[end]:
        end += 1
    before = places[places < start]
    after = places[places >= end]
    return min(
        start - int(before[-1]) - 1 if len(before) else len(inked),
        int(after[0]) - end if len(after) else len(inked),
    )


def _closed(image: np.ndarray[Any, Any], length: float, axis: int) -> Any:
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    size = _odd(length)
    return minimum_filter1d(maximum_filter1d(image, size, axis), size, axis)


def _opened(image: np.ndarray[Any, Any], length: float, axis: int) -> Any:
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    size = _odd(length)
    return maximum_filter1d(minimum_filter1d(image, size, axis), size, axis)


def _odd(length: float) -> int:
    """A whole number of pixels that has a middle one: what is opened must not wander."""
    return max(int(length), 3) | 1


def _rule(place: Sequence[slice], scale: tuple[float, float], *, across: bool) -> Rule:
    rows, columns = place
    x0, x1 = columns.start * scale[0], columns.stop * scale[0]
    y0, y1 = rows.start * scale[1], rows.stop * scale[1]
    if across:
        middle = (y0 + y1) / 2
        return Rule(x0, middle, x1, middle, y1 - y0)
    middle = (x0 + x1) / 2
    return Rule(middle, y0, middle, y1, x1 - x0)
