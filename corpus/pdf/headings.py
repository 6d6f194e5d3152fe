"""The levels of headings, from their size and weight over a whole document.

Stands between `corpus.pdf.paragraphs` and `corpus.pdf.writing`.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.line_kinds import numbered_style
from corpus.pdf.paragraphs import PageBlock
from corpus.report import BlockKind

_DEEPEST = 5
_STEP = 0.7  # points: sizes that differ by less are one


def ranked(pages: Sequence[Sequence[PageBlock]]) -> None:
    """Sets the level of every heading: larger above smaller; the title of page one is level 1.

    Headings of body size that are numbered get no level: their numbers tell more.
    """
    headings = [block for blocks in pages for block in blocks if block.kind is BlockKind.HEADING]
    sizes: list[float] = []
    for size in sorted({block.size for block in headings}, reverse=True):
        if not sizes or sizes[-1] - size >= _STEP:
            sizes.append(size)
    for block in headings:
        rank = next((n for n, size in enumerate(sizes, 1) if size - block.size < _STEP), len(sizes))
        numbered = numbered_style(block.text) is not None
        block.level = None if numbered and rank == len(sizes) else min(rank, _DEEPEST)
