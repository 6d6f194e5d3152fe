"""Words → parts of printed lines, and parts → lines with their text: what layout works on.

Stands between `corpus.pdf.page` and `corpus.pdf.order`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.pdf.page import Image, PageTable, Word

_SAME_LINE = 0.4  # of the smaller size: fonts of one line place their boxes a little apart
# Ems between words of one part. Justified type stretches gaps to about 0.7; gutters between
# columns of text begin at an em.
_PART_GAP = 0.8
_BULLET_GAP = 3.5  # a bullet stands before its text, at a tab's distance
_SPACE = 0.15  # ems: a gap between Latin words
_WIDE = 0.9  # ems: a gap that parts what stands on one line even between Han characters
_RAISED = 0.75  # a word smaller than this beside its neighbours is a mark of a footnote

BULLETS = "•●■◼◆▪▶►➢➤✓√❑❖·○□◇▲△★☆⚫◻⬛▌\uf000-\uf0ff"
BULLET = re.compile(rf"[{BULLETS}]|[-–—](?=\Z)")


@dataclass(slots=True)
class Part:
    """What layout moves as one: a run of words of one line, a table, or a picture."""

    x0: float
    y0: float
    x1: float
    y1: float
    words: list[Word] = field(default_factory=list)
    table: PageTable | None = None
    picture: Image | None = None

    @property
    def size(self) -> float:
        """Of the largest word; 10 for what has no words."""
        return max((word.size for word in self.words), default=10.0)

    @property
    def level(self) -> float:
        """The y of its middle."""
        return (self.y0 + self.y1) / 2

    @property
    def is_text(self) -> bool:
        """True for a run of words."""
        return bool(self.words)

    @property
    def length(self) -> int:
        """Characters."""
        return sum(len(word.text) for word in self.words)


def text_of(part: Part) -> str:
    """The words of a part."""
    return " ".join(word.text for word in part.words)


def part_of(words: Sequence[Word]) -> Part:
    """A run of words of one line, left to right."""
    return Part(
        min(word.x0 for word in words),
        min(word.y0 for word in words),
        max(word.x1 for word in words),
        max(word.y1 for word in words),
        list(words),
    )


def rows_of(words: Iterable[Word]) -> list[list[Word]]:
    """Words by baseline, top to bottom, each row left to right.

    Raised figures of footnotes stand in the row of the word that they touch.
    """
    usable = sorted((word for word in words if word.text.strip()), key=_height)
    marks = [word for word in usable if word.size <= _MARK_SIZE and _MARK.fullmatch(word.text)]
    rows = _rows([word for word in usable if word not in marks] if marks else usable)
    homeless = []
    for mark in marks:
        home = next((row for row in rows if _is_mark(mark, row)), None)
        if home is None:
            homeless.append(mark)
        else:
            home.append(mark)
    if homeless:
        rows = _rows(sorted((w for row in [*rows, homeless] for w in row), key=_height))
    for row in rows:
        row.sort(key=lambda word: word.x0)
    return rows


def _height(word: Word) -> tuple[float, float]:
    return word.y0 + word.y1, word.x0


def _rows(usable: Sequence[Word]) -> list[list[Word]]:
    rows: list[list[Word]] = []
    level = 0.0
    for word in usable:
        own = (word.y0 + word.y1) / 2
        if rows and own - level <= _SAME_LINE * min(word.size, rows[-1][-1].size):
            rows[-1].append(word)
            level += (own - level) / len(rows[-1])
        else:
            rows.append([word])
            level = own
    return rows


_MARK_SIZE = 8.0  # points: figures in this size may be marks of footnotes
_MARK = re.compile(r"[\d*†‡#①-⑳\[\]()（）]{1,4}")


def _is_mark(mark: Word, row: Sequence[Word]) -> bool:
    """True for a small word that touches a word of the row and overlaps its height."""
    for word in row:
        if mark.size > _RAISED * word.size:
            continue
        beside = min(abs(mark.x0 - word.x1), abs(word.x0 - mark.x1)) <= 0.4 * word.size
        across = min(mark.y1, word.y1) - max(mark.y0, word.y0)
        if beside and across > 0.4 * mark.size:
            return True
    return False


def parts_of(words: Iterable[Word]) -> list[Part]:
    """Runs of words without a gap that may be a gutter, top to bottom, left to right."""
    parts: list[Part] = []
    for row in rows_of(words):
        run: list[Word] = []
        for word in row:
            if run and not _belongs(run, word):
                parts.append(part_of(run))
                run = []
            run.append(word)
        parts.append(part_of(run))
    return parts


def _belongs(run: Sequence[Word], word: Word) -> bool:
    last = run[-1]
    gap = (word.x0 - last.x1) / max(min(last.size, word.size), 1.0)
    if len(run) == 1 and BULLET.fullmatch(last.text):
        return gap < _BULLET_GAP
    return gap < _PART_GAP


# ── lines ───────────────────────────────────────────────────────────────────────────────────


class Line:
    """One printed line of a column.

    Attributes:
        words: left to right; `gaps`: what stands before each of them, "" or " ".
        size: of most of its characters; `bold`: most of them are.
        parted: it has a gap that no sentence has: a name and its value, two cells.
    """

    __slots__ = ("bold", "gaps", "parted", "size", "text", "words", "x0", "x1", "y0", "y1")

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = sorted(words, key=lambda word: word.x0)
        self.gaps = ["", *(gap_of(a, b) for a, b in pairwise(self.words))]
        self.text = "".join(
            gap + word.text for gap, word in zip(self.gaps, self.words, strict=True)
        ).strip()
        self.parted = _is_parted(self.words)
        self.x0 = self.words[0].x0
        self.x1 = max(word.x1 for word in self.words)
        self.size = _most((word.size, len(word.text)) for word in self.words)
        heavy = sum(len(word.text) for word in self.words if word.bold)
        self.bold = heavy * 2 > sum(len(word.text) for word in self.words)
        main = [word for word in self.words if word.size >= _RAISED * self.size] or self.words
        self.y0 = min(word.y0 for word in main)
        self.y1 = max(word.y1 for word in main)

    @property
    def level(self) -> float:
        """The y of its middle."""
        return (self.y0 + self.y1) / 2

    def __repr__(self) -> str:
        return f"Line({self.text!r}, {self.x0:.0f}..{self.x1:.0f}, y {self.y0:.0f})"


_PARTED = 1.8  # ems; justified type leaves no such gap


def _is_parted(words: Sequence[Word]) -> bool:
    return any(
        right.x0 - left.x1 > _PARTED * min(left.size, right.size)
        for number, (left, right) in enumerate(pairwise(words))
        if number or not BULLET.fullmatch(left.text)
    )


def _most(weighed: Iterable[tuple[float, int]]) -> float:
    counts: Counter[float] = Counter()
    for value, weight in weighed:
        counts[round(value, 1)] += weight
    return min(counts, key=lambda value: (-counts[value], value))


def gap_of(left: Word, right: Word) -> str:
    """What stands between two words of one line: nothing or a space."""
    ends, begins = left.text[-1:], right.text[:1]
    size = min(left.size, right.size)
    gap = right.x0 - left.x1
    if gap >= _WIDE * size:
        return " "
    if is_han(ends) and is_han(begins):
        return ""
    if is_han(ends) or is_han(begins):
        return " " if right.spaced and gap > _SPACE * size else ""
    return " " if gap > _SPACE * size else ""


def is_han(letter: str) -> bool:
    """True for a Han character or a mark of Han type."""
    return bool(letter) and (
        "\u2e80" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uff65" or letter in "“”‘’—…"
        or letter >= "\U00020000"
    )  # fmt: skip


def joint_of(above: str, below: str) -> str:
    """What stands between two lines of one paragraph."""
    ends, begins = above[-1:], below[:1]
    if not ends or not begins or is_han(ends) or is_han(begins):
        return ""
    if ends == "-" and begins.islower():
        return ""
    if (ends.isdigit() and begins in "%,.，") or ends in "/" or begins in "/":
        return ""
    return " "


def lines_of_parts(parts: Sequence[Part]) -> list[Line]:
    """The lines of the text parts of one column, top to bottom."""
    words = [word for part in parts for word in part.words]
    return [Line(row) for row in rows_of(words)]
