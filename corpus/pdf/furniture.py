"""Page furniture: running heads, page numbers, notices, strips at the edge, found by repetition.

Stands between `corpus.pdf.page` and `corpus.pdf.order`: what is found here is laid out no further.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.line_kinds import is_notice, is_page_number
from corpus.pdf.lines import Part, parts_of, rows_of
from corpus.pdf.page import Page, Word
from corpus.pdf.table_pieces import is_figure

# Where furniture may stand: shares of the page's height from its edges, and of its width.
_TOP, _BOTTOM, _SIDE = 0.16, 0.86, 0.09
_SHARE = 0.15  # of the pages must carry it: odd and even pages differ, chapters have own heads
_LEVEL = 3.0  # points by which its place may vary
_BAND = 0.4  # of the pages have furniture at this level: what stands there once is furniture too
_STACK = 4  # letters below each other are words that are set upright
_COUNTS = frozenset("0123456789-")  # the ordinals of a table's rows
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[A-Za-z\u4e00-\u9fff]")  # figures alone may be cells of tables


@dataclass(slots=True)
class Furniture:
    """What is furniture on one page: parts at the top, at the foot and at the sides, in order."""

    top: list[Part] = field(default_factory=list)
    foot: list[Part] = field(default_factory=list)
    side: list[Part] = field(default_factory=list)

    def words(self) -> set[int]:
        """The identities of its words."""
        return {
            id(word)
            for parts in (self.top, self.foot, self.side)
            for part in parts
            for word in part.words
        }


def find_furniture(pages: Sequence[Page]) -> list[Furniture]:
    """The furniture of each page of a document."""
    margins = [_margin_parts(page) for page in pages]
    repeated = _repeated(pages, margins)
    bands = _bands(pages, margins, repeated)
    return [
        _of_page(page, parts, repeated, bands) for page, parts in zip(pages, margins, strict=True)
    ]


Key = tuple[str, int]


def _margin_parts(page: Page) -> list[Part]:
    """The parts of a page that stand where furniture may."""
    words, stacks = _without_stacks(page)
    cells = _cells(page.words)
    near = [
        word
        for word in words
        if id(word) not in cells
        and (
            word.y1 <= _TOP * page.height
            or word.y0 >= _BOTTOM * page.height
            or word.x1 <= _SIDE * page.width
            or word.x0 >= (1 - _SIDE) * page.width
        )
    ]
    return [*parts_of(near), *stacks]


_EXACT = re.compile(r"\d[.,]\d|%|\d{4}")  # what page numbers and dates of footers are not
_HEAD_GAP = 2.6  # ems between the header of a table and its first row


def _cells(words: Sequence[Word]) -> set[int]:
    """Words of rows of figures and of the labels right above them: a table that goes on over
    pages repeats its header at one level, but it is no furniture."""
    rows = rows_of(words)
    figures = [
        sum(bool(_EXACT.search(word.text)) and is_figure(word.text) for word in row) for row in rows
    ]
    found: set[int] = set()
    for number, row in enumerate(rows):
        near = [
            other
            for other in (number - 1, number + 1)
            if 0 <= other < len(rows) and _apart(rows[min(number, other)], rows[max(number, other)])
        ]
        row_of_figures = figures[number] >= 3 or (
            figures[number] >= 2 and any(figures[other] >= 2 for other in near)
        )
        heads = len(row) >= 3 and number + 1 in near and figures[number + 1] >= 2
        if row_of_figures or heads:
            found.update(id(word) for word in row)
    return found


def _apart(above: Sequence[Word], below: Sequence[Word]) -> bool:
    """True if two rows stand as near as rows of a table."""
    return below[0].y0 - above[0].y1 <= _HEAD_GAP * above[0].size


def _without_stacks(page: Page) -> tuple[list[Word], list[Part]]:
    """Words, and single letters below each other at the sides, as one part each."""
    columns: dict[int, list[Word]] = defaultdict(list)
    for word in page.words:
        if len(word.text) == 1 and (
            word.x1 <= _SIDE * page.width or word.x0 >= (1 - _SIDE) * page.width
        ):
            columns[round((word.x0 + word.x1) / 6)].append(word)
    stacks: list[Part] = []
    taken: set[int] = set()
    for letters in columns.values():
        letters.sort(key=lambda word: word.y0)
        runs: list[list[Word]] = []
        for letter in letters:
            if runs and letter.y0 - runs[-1][-1].y1 <= 1.5 * letter.size:
                runs[-1].append(letter)
            else:
                runs.append([letter])
        for run in runs:
            if len(run) >= _STACK and len({letter.text for letter in run} - _COUNTS) >= _STACK - 1:
                taken.update(id(letter) for letter in run)
                x0, x1 = min(w.x0 for w in run), max(w.x1 for w in run)
                stacks.append(Part(x0, run[0].y0, x1, run[-1].y1, run))
    return [word for word in page.words if id(word) not in taken], stacks


def _masked(part: Part) -> str:
    return _DIGITS.sub("#", "".join(word.text for word in part.words))


def _keys(part: Part) -> tuple[Key, Key]:
    """The words and the level, rounded both ways, so that nearly equal levels share a key."""
    words = _masked(part)
    return (words, math.floor(part.y0 / _LEVEL)), (
        words,
        math.floor(part.y0 / _LEVEL + 0.5) - 10**6,
    )


def _repeated(pages: Sequence[Page], margins: Sequence[list[Part]]) -> set[Key]:
    """The keys that stand on enough pages."""
    met: dict[Key, set[int]] = defaultdict(set)
    for page, parts in zip(pages, margins, strict=True):
        for part in parts:
            for key in _keys(part):
                met[key].add(page.number)
    need = _need(len(pages))
    return {
        key
        for key, numbers in met.items()
        if len(numbers) >= (need if _LETTER.search(key[0]) else max(need, len(pages) // 2))
    }


def _need(pages: int) -> int:
    return max(2 if pages <= 4 else 3, math.ceil(_SHARE * pages))


def _bands(
    pages: Sequence[Page], margins: Sequence[list[Part]], repeated: set[Key]
) -> frozenset[int]:
    """The levels at which most pages carry furniture."""
    met: dict[int, set[int]] = defaultdict(set)
    for page, parts in zip(pages, margins, strict=True):
        for part in parts:
            if any(key in repeated for key in _keys(part)):
                met[round(part.y0 / _LEVEL)].add(page.number)
    return frozenset(
        level for level, numbers in met.items() if len(numbers) >= max(_BAND * len(pages), 3)
    )


def _of_page(
    page: Page, parts: Sequence[Part], repeated: set[Key], bands: frozenset[int]
) -> Furniture:
    found = Furniture()
    for part in parts:
        stacked = len(part.words) >= _STACK and part.y1 - part.y0 > 2.5 * part.size
        if not (stacked or _is_furniture(page, part, repeated, bands)):
            continue
        if stacked or (_TOP * page.height < part.y1 and part.y0 < _BOTTOM * page.height):
            found.side.append(part)
        elif part.y1 <= _TOP * page.height:
            found.top.append(part)
        else:
            found.foot.append(part)
    return found


def _is_furniture(page: Page, part: Part, repeated: set[Key], bands: frozenset[int]) -> bool:
    if any(key in repeated for key in _keys(part)):
        return True
    text = " ".join(word.text for word in part.words)
    inside = _TOP * page.height < part.y1 and part.y0 < _BOTTOM * page.height
    if not inside and (is_notice(text) or (is_page_number(text) and _is_last(page, part))):
        return True
    level = round(part.y0 / _LEVEL)
    return bool({level - 1, level, level + 1} & bands) and not inside and page.number > 1


def _is_last(page: Page, part: Part) -> bool:
    """True if nothing stands below it, or nothing above it, and no other figure beside it."""
    others = [word for word in page.words if word not in part.words]
    levels = [(word.y0 + word.y1) / 2 for word in others]
    if any(
        abs(level - part.level) < 0.5 * part.size and is_figure(word.text)
        for level, word in zip(levels, others, strict=True)
    ):
        return False  # a row of figures
    return not levels or part.level >= max(levels) - 2 or part.level <= min(levels) + 2
