"""Ink of a scanned page that is no letter: the lines that tables are ruled with.

Used by `corpus.ocr`.
"""

from __future__ import annotations

from collections.abc import Sequence
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


def drawn_rules(pixels: np.ndarray[Any, Any], scale: tuple[float, float]) -> list[Rule]:
    """Straight dark lines, as tables are ruled with."""
    from scipy import ndimage

    grey = pixels.min(axis=2)
    found = []
    for across in (True, False):
        along = 1 if across else 0
        step = scale[0 if across else 1]
        # darker than both of its sides: the edge of a shade is no line
        ink = _closed(grey, _BROAD_PX, 1 - along) - grey
        dark = (ink > _FAINT).astype(np.uint8)
        pieces = _opened(dark, _PIECE_PT / step, along)
        lines = _opened(_closed(pieces, _CROSSING_PX, along), _RULE_PT / step, along)
        labels, _ = ndimage.label(lines, structure=np.ones((3, 3)))
        found += [_rule(place, scale, across=across) for place in ndimage.find_objects(labels)]
    return sorted(found, key=lambda rule: (rule.y0, rule.x0, rule.y1, rule.x1))


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
