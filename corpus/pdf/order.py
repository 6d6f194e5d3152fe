"""The reading order of a page: columns, side bars and strips, found by the white between parts.

Stands between `corpus.pdf.lines` and `corpus.pdf.paragraphs`. A recursive cut: strips that share
a gutter make columns, left before right; what crosses the gutter parts them.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.pdf.column_ends import Interval, down, right_of, sections, sides
from corpus.pdf.lines import Part, part_of, text_of
from corpus.pdf.table_pieces import is_contact, is_figure

_GUTTER = 6.0  # points: the narrowest white between columns of text
_SUPPORT = 2.4  # line heights that must stand on both sides of a gutter
_LEVEL = 0.3  # of the size: lines of close type overlap by as much
_DEEPEST = 12
_ROW_CHARS = 9  # labels of rows are shorter; lines of a column of prose are longer
_MOST_ROWS = 40
_AHEAD = 8  # strips in which both columns begin
_ROWS = 0.5  # of the strips of a list have a name and a value


@dataclass(frozen=True, slots=True)
class PageColumn:
    """A column of a page: its parts from top to bottom, and where its room ends on the right."""

    parts: list[Part]
    right: float


def ordered(parts: Sequence[Part]) -> list[PageColumn]:
    """The columns of a page in reading order."""
    right = max((right_of(part) for part in parts), default=0.0)
    whole = _cut_at_gutters(parts)
    return [column for column in _regions(whole, right, 0) if column.parts]


_TALL = 80.0  # points: the gutter of columns that high is a gutter elsewhere on the page too
_INDENTED = 3.0  # ems that the first line of a paragraph may stand in


def _cut_at_gutters(parts: Sequence[Part]) -> list[Part]:
    """The parts, lines of two columns cut that nearly touch: a mark hangs into the gutter."""
    gutters = [
        group.gutter
        for group in _groups(_strips(parts))
        if group.gutter and group.strips[-1].y1 - group.strips[0].y0 >= _TALL
    ]
    found: list[Part] = []
    for part in parts:
        pieces = [part]
        for gutter in gutters:
            pieces = [half for piece in pieces for half in _halves(piece, gutter)]
        found.extend(pieces)
    return found


def _halves(part: Part, gutter: Interval) -> list[Part]:
    if not part.is_text or part.x0 >= gutter[0] or part.x1 <= gutter[1]:
        return [part]
    for number, (left, right) in enumerate(pairwise(part.words), start=1):
        begins = gutter[1] - 2 <= right.x0 <= gutter[1] + _INDENTED * right.size
        if begins and left.x1 <= gutter[1] and right.x0 - left.x1 > 0.1 * right.size:
            return [part_of(part.words[:number]), part_of(part.words[number:])]
    return [part]


@dataclass(frozen=True, slots=True)
class Gutter:
    """White between two columns of a page, `[y0, y1]` high, `[x0, x1]` wide."""

    x0: float
    y0: float
    x1: float
    y1: float


def prose_gutters(parts: Sequence[Part]) -> list[Gutter]:
    """The gutters beside columns of prose: no table reaches over one of them.

    Args:
        parts: all text of a page, that of tables too.
    """
    found = []
    for group in _groups(_strips(parts)):
        if group.gutter is None:
            continue
        own = [part for strip in group.strips for part in strip.parts]
        y0, y1 = group.strips[0].y0, group.strips[-1].y1
        gutter = Gutter(group.gutter[0], y0, group.gutter[1], y1)
        if is_beside_prose(gutter, own):
            found.append(gutter)
    return found


def is_beside_prose(gutter: Gutter, parts: Sequence[Part]) -> bool:
    """True if several lines of prose stand on one side of a gutter."""
    beside = [part for part in parts if gutter.y0 <= part.level <= gutter.y1]
    left, right = sides(beside, (gutter.x0, gutter.x1))
    return max(sum(map(_is_prose, side)) for side in (left, right)) >= _PROSE_LINES


_PROSE_LINES = 5
_PROSE = re.compile(r"[，。；、]")


def _is_prose(part: Part) -> bool:
    return part.length >= 16 and _PROSE.search(text_of(part)) is not None


def _regions(parts: list[Part], right: float, depth: int) -> Iterator[PageColumn]:
    if len(parts) < 2 or depth > _DEEPEST:
        yield PageColumn(down(parts), right)
        return
    plain: list[Part] = []
    for group in _groups(_strips(parts)):
        own = [part for strip in group.strips for part in strip.parts]
        if group.gutter is None:
            plain.extend(own)
            continue
        if plain:
            yield PageColumn(down(plain), right)
            plain = []
        for part in sections([strip.parts for strip in group.strips], group.gutter):
            before, behind = sides(part, group.gutter)
            if before:
                yield from _regions(before, max(map(right_of, before)), depth + 1)
            if behind:
                yield from _regions(behind, right, depth + 1)
    if plain:
        yield PageColumn(down(plain), right)


# ── strips ──────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Strip:
    """Parts between two levels that nothing crosses."""

    parts: list[Part]
    y0: float
    y1: float


@dataclass(slots=True)
class _Group:
    """Strips that follow each other and share a gutter; None: they are one column."""

    strips: list[_Strip]
    gutter: Interval | None


def _strips(parts: Sequence[Part]) -> list[_Strip]:
    strips: list[_Strip] = []
    for part in sorted(parts, key=lambda one: (one.y0, one.x0)):
        slack = _LEVEL * part.size if part.is_text else 0.0
        if strips and part.y0 < strips[-1].y1 - slack:
            strips[-1].parts.append(part)
            strips[-1].y1 = max(strips[-1].y1, part.y1)
        else:
            strips.append(_Strip([part], part.y0, part.y1))
    return strips


def _groups(strips: list[_Strip]) -> list[_Group]:
    """Runs of strips with a gutter, and what stands between them."""
    groups: list[_Group] = []
    start = 0
    while start < len(strips):
        end, gutter = _longest(strips, start)
        if gutter is None:
            if groups and groups[-1].gutter is None:
                groups[-1].strips.append(strips[start])
            else:
                groups.append(_Group([strips[start]], None))
            start += 1
            continue
        begin = _reach_up(groups, gutter)
        groups.append(_Group([*begin, *strips[start:end]], gutter))
        start = end
    return [group for group in groups if group.strips]


def _longest(strips: Sequence[_Strip], start: int) -> tuple[int, Interval | None]:
    """The longest run from `start` that shares a gutter, and the gutter."""
    first: list[Part] = []
    for strip in strips[start : start + _AHEAD]:  # the other column may begin lower
        first.extend(strip.parts)
        if _gaps(first):
            break
    best: tuple[int, Interval | None] = (start, None)
    weight = 0.0
    for end, gutter in (run for gap in _gaps(first) for run in _runs(strips, start, gap)):
        end = _trimmed(strips, start, end, gutter)
        support = _depth(strips[start:end], gutter)
        merit = support * (gutter[1] - gutter[0]) ** 0.5  # of equal ones the wider
        if merit > weight and _are_columns(strips[start:end], gutter):
            best, weight = (end, gutter), merit
    return best


def _gaps(parts: Sequence[Part]) -> list[Interval]:
    """The white between parts from left to right, at least a gutter wide."""
    gaps = []
    right = None
    for part in sorted(parts, key=lambda one: one.x0):
        if right is not None and part.x0 - right >= _GUTTER:
            gaps.append((right, part.x0))
        right = right_of(part) if right is None else max(right, right_of(part))
    return gaps


def _runs(strips: Sequence[_Strip], start: int, gap: Interval) -> Iterator[tuple[int, Interval]]:
    """How far a gap reaches down, and what is left of it there.

    Where a part stands inside of the gap, the white on either side of it may be the gutter.
    """
    waiting = [(start + 1, gap)]
    tried = 0
    while waiting and tried < _MOST_RUNS:
        end, now = waiting.pop()
        tried += 1
        while end < len(strips):
            left = [now]
            for part in strips[end].parts:
                left = [rest for one in left for rest in _rests(part, one)]
            if not left:
                break
            waiting.extend((end + 1, other) for other in left[1:])
            now = left[0]
            end += 1
        yield end, now


_MOST_RUNS = 8


def _rests(part: Part, gap: Interval) -> list[Interval]:
    """What a part leaves of a gap, wide enough for a gutter."""
    low, high = gap
    right = right_of(part)
    if right <= low or part.x0 >= high:
        return [gap]
    rests = [(low, min(part.x0, high)), (max(right, low), high)]
    return [rest for rest in rests if rest[1] - rest[0] >= _GUTTER]


def _support(parts: Sequence[Part], gutter: Interval) -> float:
    """Line heights of the thinner side."""
    return min(sum(_lines_high(part) for part in side) for side in sides(parts, gutter))


def _depth(strips: Sequence[_Strip], gutter: Interval) -> float:
    """Line heights of the thinner side, cells of one row as one."""
    depths = [0.0, 0.0]
    for strip in strips:
        for number, side in enumerate(sides(strip.parts, gutter)):
            levels = {round(part.level) for part in side if part.is_text}
            depths[number] += len(levels) + sum(_lines_high(p) for p in side if not p.is_text)
    return min(depths)


def _lines_high(part: Part) -> float:
    return 1.0 if part.is_text else max((part.y1 - part.y0) / 12, 1.0)


def _trimmed(strips: Sequence[_Strip], start: int, end: int, gutter: Interval) -> int:
    """Without the strips at the end that stand on one side and belong to what follows.

    At the end of the region they belong to their column. Before a strip that crosses the gutter
    they are its heading or its first line, if they stand nearer to it than to what is above.
    """
    if end >= len(strips):
        return end
    last = end
    while last > start + 1 and _one_sided(strips[last - 1 : end], gutter):
        last -= 1
    if last == end:
        return end
    spaces = [strips[cut].y0 - strips[cut - 1].y1 for cut in range(last, end + 1)]
    above = [b.y0 - a.y1 for a, b in pairwise(strips[start:last])]
    usual = max(statistics.median(above), 1.0) if above else 1.0
    widest = spaces.index(max(spaces))
    if widest == len(spaces) - 1 or spaces[widest] < _PARTED * usual:
        return end
    return last + widest


def _one_sided(strips: Sequence[_Strip], gutter: Interval) -> bool:
    """True if all parts stand on the same side."""
    left, right = sides([part for strip in strips for part in strip.parts], gutter)
    return not (left and right)


_PARTED = 1.6  # times the usual white between lines: a heading stands off by that


def _reach_up(groups: list[_Group], gutter: Interval) -> list[_Strip]:
    """The strips right above that leave the gutter free: the beginnings of its columns."""
    taken: list[_Strip] = []
    if not groups or groups[-1].gutter is not None:
        return taken
    above = groups[-1].strips
    while above and all(
        right_of(part) <= gutter[0] + 1 or part.x0 >= gutter[1] - 1 for part in above[-1].parts
    ):
        taken.insert(0, above.pop())
    return taken


def _are_columns(strips: Sequence[_Strip], gutter: Interval) -> bool:
    """False for the rows of a list of names and values, and for too little on one side."""
    parts = [part for strip in strips for part in strip.parts]
    if any(_are_values(side) for side in sides(parts, gutter)):
        return False
    if _support(parts, gutter) < _SUPPORT:
        return _is_wide(parts, gutter) or _are_headed(strips, gutter)
    if len(strips) > _MOST_ROWS or not all(part.is_text for part in parts):
        return True
    both = level = 0
    for strip in strips:
        left, right = sides(strip.parts, gutter)
        if left and right:
            both += 1
            tallest = max(part.y1 - part.y0 for part in strip.parts)
            level += strip.y1 - strip.y0 <= 1.3 * tallest
    left, right = sides(parts, gutter)
    if both < max(2, _ROWS * len(strips)) or level < 0.8 * both:
        return True
    if all(any(is_contact(text_of(part)) for part in side) for side in (left, right)):
        return True  # the cards of two people
    short = min(statistics.median(p.length for p in side) for side in (left, right))
    return short > _ROW_CHARS


def _are_values(parts: Sequence[Part]) -> bool:
    """True for the figures of a list of names and values: they are no column of a page."""
    figures = sum(part.is_text and is_figure(text_of(part)) for part in parts)
    return figures >= _VALUES * len(parts)


_VALUES = 0.8  # of the parts of a side


def _are_headed(strips: Sequence[_Strip], gutter: Interval) -> bool:
    """True for two headings beside each other above smaller things: each opens a column."""
    left, right = sides(strips[0].parts, gutter)
    if len(left) != 1 or len(right) != 1 or not (left[0].is_text and right[0].is_text):
        return False
    below = [p for strip in strips[1:] for p in strip.parts]
    texts = [w.size for p in below for w in p.words] + [
        w.size for p in below if p.table for cell in p.table.cells for w in cell.words
    ]
    largest = max(texts, default=left[0].size)
    return min(left[0].size, right[0].size) >= _HEADING * largest


_HEADING = 1.25  # times the size of what stands below


def _is_wide(parts: Sequence[Part], gutter: Interval) -> bool:
    """Two lines far apart are no columns; two tall things beside each other are."""
    left, right = sides(parts, gutter)
    return all(any(not part.is_text for part in side) for side in (left, right))
