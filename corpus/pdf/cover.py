"""The title of a report by the way page one is set: the largest words that can be one.

Used by `corpus.readers.pdf`; what the words of page one say is read by `corpus.metadata`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.boilerplate import heading_role
from corpus.cell_words import RATING_WORDS
from corpus.front import signal
from corpus.pdf.paragraphs import Body, PageBlock
from corpus.report import BlockKind
from corpus.title_words import is_no_title, is_series

_LARGER = 1.12  # times the body: titles are set larger than what they stand above
_UPPER = 0.66  # of the page's height: below stand charts and notices
_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z]")
_COMPANY = re.compile(
    r"[\u4e00-\u9fffA-Za-z*·\- ]{2,14}\s*[（(\[]\s*[\dA-Z]{1,6}\s*(?:\.\s*[A-Z]{1,3})?\s*[)）\]]"
    r"\s*[\u4e00-\u9fff]{0,4}"
)
_SAME_SIZE = 0.94  # of the largest: set alike


def title_of(blocks: Sequence[PageBlock], body: Body, height: float) -> PageBlock | None:
    """The block of page one that is the title; None if nothing is set like one."""
    found = [block for block in blocks if _may_be(block, body, height)]
    if not found:
        return None
    named = [block for block in found if not _COMPANY.fullmatch(block.text)] or found
    largest = max(block.size for block in named)
    return next(block for block in named if block.size >= _SAME_SIZE * largest)


def _may_be(block: PageBlock, body: Body, height: float) -> bool:
    if block.kind not in (BlockKind.HEADING, BlockKind.PARAGRAPH) or not block.lines:
        return False
    if block.size < _LARGER * body.size or block.lines[0].y0 > _UPPER * height:
        return False
    text = block.text
    if not 6 <= len(text) <= 120 or len(_WORDS.findall(text)) < 5 or text[-1] in "。；，：:":
        return False
    if signal(text) or heading_role(text) is not None or text in RATING_WORDS:
        return False
    return not (is_no_title(text) or is_series(text) or text.startswith(("——", "--", "—")))
