"""Clauses of a sentence with their exact places, and the window of them that answers shortest.

Used by `composing`: a long sentence is cut at clause borders, so that the quote stays verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.report import Span

# A clause ends at a comma, a colon or a semicolon outside brackets and titles; 1,280 has none.
_BORDER = re.compile(r"[，；：]|[,;:](?![0-9/])")
_OPENED, _CLOSED = "（(《「『“【", "）)》」』”】"
# A clause shorter than this says nothing alone (其中，此外，).
LEAST = 4


def clauses_of(text: str, span: Span) -> list[Span]:
    """The clauses of a sentence, in order; together they are the whole of it."""
    found: list[Span] = []
    start = span.start
    for match in _BORDER.finditer(text, span.start, span.end):
        if match.end() - start < LEAST or _inside(text, start, match.start()):
            continue
        found.append(Span(start, match.end()))
        start = match.end()
    if start < span.end:
        if found and span.end - start < LEAST:
            found[-1] = Span(found[-1].start, span.end)
        else:
            found.append(Span(start, span.end))
    return found


def window_of(lengths: Sequence[int], worth: Sequence[float], limit: int) -> tuple[int, int]:
    """The run `[first, end)` of clauses of at most `limit` characters that is worth most; of equal
    runs the longest, then the first. A single clause may be longer than the limit."""
    best, chosen = (-1.0, -1), (0, 1)
    for first in range(len(lengths)):
        size, gained = 0, 0.0
        for end in range(first, len(lengths)):
            size += lengths[end]
            gained += worth[end]
            if size > limit and end > first:
                break
            key = (round(gained, 6), min(size, limit))
            if key > best and (size <= limit or end == first):
                best, chosen = key, (first, end + 1)
    return chosen


def _inside(text: str, start: int, at: int) -> bool:
    """True if a bracket or a title that opened since `start` is still open."""
    depth = 0
    for ch in text[start:at]:
        depth += (ch in _OPENED) - (ch in _CLOSED and depth > 0)
    return depth > 0
