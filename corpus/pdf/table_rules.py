"""Drawn lines and shaded bands of a page, cleaned: pieces joined, doubles and ornaments dropped.

Stands beside `corpus.pdf.table_pieces`, below `corpus.pdf.table_areas`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from corpus.pdf.page import Fill, Page

_SAME = 1.6  # points: lines nearer than this are one line drawn twice or in pieces
_JOIN = 3.5  # points between pieces of one line (borders of neighbouring cells, dashes)
_SHORT = 8.0  # points: shorter marks are ticks, bullets, signs
_MAX_RULES = 4000  # a page with more is a drawing; its lines say nothing about tables
_DOUBLE = 3.2  # points between the two lines of a double line


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line at `y` from `x0` to `x1`."""

    y: float
    x0: float
    x1: float

    def covers(self, left: float, right: float) -> float:
        """The share of `[left, right]` that lies above or below this line, 0..1."""
        return max(0.0, min(self.x1, right) - max(self.x0, left)) / max(right - left, 0.1)


@dataclass(frozen=True, slots=True)
class Upright:
    """A vertical line at `x` from `y0` to `y1`."""

    x: float
    y0: float
    y1: float

    def covers(self, top: float, bottom: float) -> float:
        """The share of `[top, bottom]` beside this line, 0..1."""
        return max(0.0, min(self.y1, bottom) - max(self.y0, top)) / max(bottom - top, 0.1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """All that is drawn on a page that may belong to tables.

    Args:
        levels: by y, then x; `uprights`: by x, then y.
        bands: shaded boxes of about a row's height or of several rows, neighbours of one height
            joined; by y, then x.
    """

    levels: tuple[Level, ...]
    uprights: tuple[Upright, ...]
    bands: tuple[Fill, ...]


def drawn_on(page: Page) -> Drawn:
    """The lines and bands of a page."""
    rules = page.rules if len(page.rules) <= _MAX_RULES else ()
    across = [(rule.y0, min(rule.x0, rule.x1), max(rule.x0, rule.x1))
              for rule in rules if rule.horizontal]  # fmt: skip
    down = [(rule.x0, min(rule.y0, rule.y1), max(rule.y0, rule.y1))
            for rule in rules if not rule.horizontal]  # fmt: skip
    levels = [Level(*line) for line in _undoubled(_joined(across))]
    uprights = [Upright(*line) for line in _undoubled(_joined(down))]
    return Drawn(tuple(levels), tuple(uprights), tuple(_bands(page)))


def full_levels(drawn: Drawn, x0: float, x1: float, share: float) -> list[float]:
    """The y of lines and band edges that cover at least `share` of `[x0, x1]`, in pieces or not."""
    levels = [*drawn.levels]
    for band in drawn.bands:
        levels += [Level(band.y0, band.x0, band.x1), Level(band.y1, band.x0, band.x1)]
    levels = sorted((one for one in levels if one.covers(x0, x1) > 0), key=lambda one: one.y)
    found: list[float] = []
    number = 0
    while number < len(levels):
        end = number
        while end < len(levels) and levels[end].y - levels[number].y <= _DOUBLE:
            end += 1
        group = levels[number:end]
        if _union(group, x0, x1) >= share * (x1 - x0):
            found.append(sum(one.y for one in group) / len(group))
        number = end
    return found


def _union(levels: list[Level], x0: float, x1: float) -> float:
    """The length of `[x0, x1]` that the lines cover together."""
    total, reached = 0.0, x0
    for level in sorted(levels, key=lambda one: one.x0):
        start, end = max(level.x0, reached), min(level.x1, x1)
        if end > start:
            total += end - start
            reached = end
    return total


Line = tuple[float, float, float]  # place, start, end


def _joined(lines: list[Line]) -> list[Line]:
    """Collinear pieces that touch (or nearly) as one line; short marks dropped."""
    found: list[Line] = []
    for group in _clusters(sorted(lines), lambda line: line[0], _SAME):
        place = sum(line[0] for line in group) / len(group)
        start, end = 0.0, float("-inf")
        for _, first, last in sorted(group, key=lambda line: line[1]):
            if first > end + _JOIN:
                if end - start >= _SHORT:
                    found.append((place, start, end))
                start, end = first, last
            end = max(end, last)
        if end - start >= _SHORT:
            found.append((place, start, end))
    return found


def _undoubled(lines: list[Line]) -> list[Line]:
    """Double lines as one, between the two."""
    kept: list[Line] = []
    for line in sorted(lines):
        twin = next((number for number in range(len(kept) - 1, max(len(kept) - 8, -1), -1)
                     if _twins(kept[number], line)), None)  # fmt: skip
        if twin is None:
            kept.append(line)
            continue
        other = kept[twin]
        kept[twin] = ((other[0] + line[0]) / 2, min(other[1], line[1]), max(other[2], line[2]))
    return sorted(kept)


def _twins(one: Line, other: Line) -> bool:
    near = abs(one[0] - other[0]) <= _DOUBLE
    return near and abs(one[1] - other[1]) <= _DOUBLE and abs(one[2] - other[2]) <= _DOUBLE


def _clusters(
    lines: Iterable[Line], key: Callable[[Line], float], reach: float
) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if groups and key(line) - key(groups[-1][0]) <= reach:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


# ── shaded bands ────────────────────────────────────────────────────────────────────────────

_WHITE = 250  # lighter in all parts is paper
_MAX_SHARE = 0.5  # of the page's height; taller boxes are backgrounds and side bars
_MIN_BAND = 4.0  # points: flatter boxes are lines or ornaments


def _bands(page: Page) -> list[Fill]:
    boxes = [
        fill
        for fill in page.fills
        if min(fill.colour) < _WHITE
        and _MIN_BAND <= fill.y1 - fill.y0 <= _MAX_SHARE * page.height
        and fill.x1 - fill.x0 >= _SHORT
    ]
    if len(boxes) > _MAX_RULES:
        return []
    boxes.sort(key=lambda fill: (round(fill.y0), round(fill.y1), fill.x0))
    bands: list[Fill] = []
    for box in boxes:
        last = bands[-1] if bands else None
        if (
            last is not None
            and last.colour == box.colour
            and abs(last.y0 - box.y0) <= _SAME
            and abs(last.y1 - box.y1) <= _SAME
            and box.x0 <= last.x1 + _JOIN
        ):
            bands[-1] = Fill(last.x0, last.y0, max(last.x1, box.x1), last.y1, last.colour)
        else:
            bands.append(box)
    return sorted(bands, key=lambda fill: (fill.y0, fill.x0))
