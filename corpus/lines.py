"""The lines of a text with their places: what structure and tables are read from.

First look at a canonical text; nothing is changed or left out but white space.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Every break that can end a line in a report; `\f` ends a page too.
_LINE = re.compile(r"[^\n\r\f\v\x85\u2028\u2029]+")


@dataclass(slots=True)
class Line:
    """A line that holds more than white space.

    Args:
        start, end: without surrounding white space; `raw_start`, `raw_end`: the whole line.
        text: `report.text[start:end]`.
        gap: line breaks between the line before and this one (1: the very next line).
        new_page: a form feed stands between.
    """

    start: int
    end: int
    raw_start: int
    raw_end: int
    text: str
    gap: int
    new_page: bool


def split_lines(text: str) -> list[Line]:
    """The lines of `text` that are not blank, in order."""
    lines: list[Line] = []
    last_end = 0
    for found in _LINE.finditer(text):
        raw = found.group()
        stripped = raw.strip()
        if not stripped:
            continue
        start = found.start() + (len(raw) - len(raw.lstrip()))
        between = text[last_end : found.start()]
        gap = between.count("\n") or (1 if lines and between else 0)
        end = start + len(stripped)
        lines.append(Line(start, end, found.start(), found.end(), stripped, gap, "\f" in between))
        last_end = found.end()
    return lines
