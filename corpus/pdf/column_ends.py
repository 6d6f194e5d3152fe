"""Where two columns end above two others, and the sides of a gutter.

Stands between `corpus.pdf.lines` and `corpus.pdf.order`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.line_kinds import is_caption, is_list_item, is_source
from corpus.pdf.lines import BULLET, Part, text_of

_HALF = frozenset("，。；：、！？）”’》」】")
_ROW_CHARS = 9  # labels of rows are shorter; lines of a column of prose are longer
_PROSE = re.compile(r"[，。；、]")

Interval = tuple[float, float]


_OPEN = re.compile(r"[^。；;！!？?：:…）)》】”\s]\Z")


def sections(strips: Sequence[Sequence[Part]], gutter: Interval) -> Iterator[list[Part]]:
    """The parts of two columns, cut where both end and two new ones begin below them.

    The white between strips leads over both columns, but it does on any page by chance: they end
    there if the last line on the left goes on at the top of the right, as nothing below it does.
    """
    first = 0
    for number in range(1, len(strips)):
        if not sides(strips[number], gutter)[0]:
            continue  # the right one is longer
        if _ends_above(strips[first:number], strips[number:], gutter):
            yield [part for strip in strips[first:number] for part in strip]
            first = number
    yield [part for strip in strips[first:] for part in strip]


def _ends_above(
    above: Sequence[Sequence[Part]], below: Sequence[Sequence[Part]], gutter: Interval
) -> bool:
    left, right = sides([part for strip in above for part in strip], gutter)
    under, _ = sides([part for strip in below for part in strip], gutter)
    if not left or not right or not under:
        return False
    left, top, under = down(left), down(right)[0], down(under)
    indent = top.x0 - min(part.x0 for part in right)
    if not (_is_open(left, gutter[0]) and indent <= top.size and _goes_on(left[-1], top)):
        return False
    return not _is_open(under, gutter[0]) and not _goes_on(left[-1], under[0])


def _is_open(parts: Sequence[Part], right: float) -> bool:
    """True if the last of some lines is full and ends within a sentence."""
    last = parts[-1]
    if not last.is_text or right_of(last) < right - 1.5 * last.size or last.length <= _ROW_CHARS:
        return False
    words = "".join(text_of(part) for part in parts[-3:])
    return _OPEN.search(words) is not None and _PROSE.search(words) is not None


def _goes_on(above: Part, part: Part) -> bool:
    """True if a part may be the next line of a paragraph."""
    if not part.is_text or abs(part.size - above.size) > _ALIKE * above.size:
        return False
    words = text_of(part)
    marked = BULLET.match(words[:1]) is not None or is_list_item(words)
    return not (marked or is_caption(words) or is_source(words))


_ALIKE = 0.08  # by which the sizes of lines of one paragraph differ at the most


def sides(parts: Sequence[Part], gutter: Interval) -> tuple[list[Part], list[Part]]:
    """The parts left and right of a gutter."""
    middle = sum(gutter) / 2
    left = [part for part in parts if _middle(part) < middle]
    return left, [part for part in parts if _middle(part) >= middle]


def _middle(part: Part) -> float:
    return (part.x0 + part.x1) / 2


def right_of(part: Part) -> float:
    """Where its ink ends: full-width marks at the end of a line are half empty."""
    last = part.words[-1] if part.words else None
    if last is not None and last.text[-1] in _HALF:
        return part.x1 - 0.45 * last.size
    return part.x1


def down(parts: list[Part]) -> list[Part]:
    """Parts from top to bottom."""
    return sorted(parts, key=lambda part: (part.level, part.x0))
