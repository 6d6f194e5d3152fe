"""Words of a page → pieces: runs of words on one printed line that belong to one cell or sentence.

Stands between `corpus.pdf.page` and `corpus.pdf.table_areas`; knows letters and gaps, no tables.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.cell_words import CellKind, kind_of
from corpus.pdf.page import Page, Word
from corpus.table_titles import CAPTION

# Gaps in ems. Latin words of a label stand 0.25 to 0.35 apart; justified type stretches that to
# about 0.6; cells of different columns are rarely nearer than that, except figures, which are
# parted at any gap that can be seen.
_WORD_GAP = 0.7
_FIGURE_GAP = 0.45  # between a figure and a word: `12 个月`, `PE 2024`
_TOUCHING = 0.16  # nearer glyphs are one figure that the file sets in parts
_SAME_LINE = 0.4  # of the smaller size: fonts of one line place their boxes a little apart
_SPACE = 0.12  # a gap that is read as a space between Latin words


class Piece:
    """A run of words on one line.

    Attributes:
        words: left to right; `line`: number of the printed line, top to bottom.
        text: the words, a space where a gap parts Latin words or figures.
        prose: part of a paragraph; `wall`: of a caption, a source line or a line with leaders: what
            no table holds. Both are set by `mark_prose`.
    """

    __slots__ = (
        "figure",
        "kind",
        "line",
        "prose",
        "size",
        "text",
        "wall",
        "words",
        "x0",
        "x1",
        "y0",
        "y1",
    )

    def __init__(self, words: Sequence[Word], line: int) -> None:
        self.words = tuple(words)
        self.line = line
        self.x0 = min(word.x0 for word in words)
        self.x1 = max(word.x1 for word in words)
        self.y0 = min(word.y0 for word in words)
        self.y1 = max(word.y1 for word in words)
        self.size = max(word.size for word in words)
        self.text = joined(words)
        self.kind = kind_of(self.text)
        self.figure = is_figure(self.text)
        self.prose = False
        self.wall = False

    @property
    def middle(self) -> float:
        """The x of its middle."""
        return (self.x0 + self.x1) / 2

    @property
    def level(self) -> float:
        """The y of its middle."""
        return (self.y0 + self.y1) / 2

    def __repr__(self) -> str:
        return f"Piece({self.text!r}, {self.x0:.0f}..{self.x1:.0f}, line {self.line})"


@dataclass(slots=True)
class PrintedLine:
    """The pieces of one baseline, left to right, over the whole width of the page."""

    number: int
    pieces: list[Piece]

    @property
    def level(self) -> float:
        """The y of the line's middle."""
        return sum(piece.level for piece in self.pieces) / len(self.pieces)


_FIGURE = re.compile(
    r"[-+−–<>≥≤~≈$¥￥(（]*\d[\d,，.]*\s*[)）]?\s*(?:%|％|‰|[xX倍]|pct|bps?|pp)?[)）]?[*#]?"
    r"(?:\s*[-–—~/]\s*[-+−–(（]*\d[\d,.]*\s*[)）]?(?:%|％|[xX倍])?[)）]?)*"
    r"(?:[万亿]?[元股]|[万亿])?",
)
_PHONE = re.compile(r"[(（]?\+?0\d{1,3}[)）]?[-–—\s]\d{4}.*|\d{3,4}-\d{7,8}.*|1[3-9]\d{9}")
_ORDINAL = re.compile(r"\d{1,3}[.．、)）]")
_DAY = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")
_DATED = re.compile(r"(?:19|20)\d{2}([-/.])\d{1,2}\1\d{1,2}\s*[^\d\s]")  # 2024-02-29 股 of 股价
_VALUES = frozenset({CellKind.NUMBER, CellKind.DASH, CellKind.CODE})


@lru_cache(maxsize=16384)
def is_figure(text: str) -> bool:
    """True for what stands in a column of figures: 1,280.5, (3.2%), 16.3/43.8, `-`; no year."""
    if _PHONE.fullmatch(text) or _DAY.fullmatch(text) or _ORDINAL.fullmatch(text):
        return False
    if _DATED.match(text):
        return False
    kind = kind_of(text)
    return kind in _VALUES or (kind is not CellKind.PERIOD and bool(_FIGURE.fullmatch(text)))


_CONTACT = re.compile(r"@[\w.-]+\.|[(（]?0\d{2,3}[)）]?[-–—\s]?\d{7,8}|1[3-9]\d{9}")


def is_contact(text: str) -> bool:
    """True if a telephone number or a mail address stands in the text."""
    return _CONTACT.search(text) is not None


def joined(words: Sequence[Word]) -> str:
    """The text of words of one line."""
    text = ""
    before: Word | None = None
    for word in words:
        if before is not None and _parted(before, word):
            text += " "
        text += word.text
        before = word
    return text.strip()


def _parted(left: Word, right: Word) -> bool:
    if _han(left.text[-1:]) and _han(right.text[:1]):
        return False
    return right.x0 - left.x1 > _SPACE * min(left.size, right.size)


def _han(letter: str) -> bool:
    return "\u2e80" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uff65"


def lines_of(page: Page, words: Sequence[Word] | None = None) -> list[PrintedLine]:
    """The printed lines of a page, top to bottom, cut into pieces."""
    chosen = page.words if words is None else words
    usable = [part for word in chosen for part in _parts(word) if part.text.strip()]
    usable.sort(key=lambda word: ((word.y0 + word.y1) / 2, word.x0))
    rows: list[list[Word]] = []
    levels: list[float] = []
    for word in usable:
        level = (word.y0 + word.y1) / 2
        if rows and level - levels[-1] <= _SAME_LINE * min(word.size, rows[-1][-1].size):
            rows[-1].append(word)
            levels[-1] += (level - levels[-1]) / len(rows[-1])
        else:
            rows.append([word])
            levels.append(level)
    lines = []
    for number, row in enumerate(rows):
        row.sort(key=lambda word: word.x0)
        lines.append(PrintedLine(number, _cut(row, number)))
    return lines


def _parts(word: Word) -> list[Word]:
    """A word that holds spaces, cut at them: cells of narrow columns may come as one word."""
    if " " not in word.text.strip():
        return [word]
    return [cut_word(word, *found.span()) for found in re.finditer(r"\S+", word.text)]


def cut_word(word: Word, start: int, end: int) -> Word:
    """The characters `[start, end)` of a word as a word of their own."""
    edges = word.edges[start : end + 1]
    return Word(
        word.text[start:end], edges[0], word.y0, edges[-1], word.y1, edges, word.size, word.font,
        word.bold, word.colour, word.confidence,
    )  # fmt: skip


def _cut(row: list[Word], number: int) -> list[Piece]:
    runs: list[list[Word]] = []
    for word in row:
        if runs and _belongs(runs[-1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Piece(words, number) for words in _sentences(runs)]


def _belongs(words: list[Word], word: Word) -> bool:
    """True if `word` goes on with the words before it."""
    last = words[-1]
    gap = (word.x0 - last.x1) / max(min(last.size, word.size), 1.0)
    if gap < _TOUCHING:
        return gap > -1.0 or not (_valued(last.text) and _valued(word.text))
    if len(words) == 1 and BULLET.fullmatch(last.text):
        return gap < _BULLET_GAP
    left, right = _valued(last.text), _valued(word.text)
    if left and right:
        return gap < _FIGURE_GAP and bool(_DATE_PARTS.fullmatch(f"{last.text} {word.text}"))
    return gap < (_FIGURE_GAP if left or right else _WORD_GAP)


_BULLET_GAP = 3.0  # a bullet stands before its text, at a tab's distance
_DATE_PARTS = re.compile(r"\S*[年月] (?:\d{1,2}|[一二三四1-4]季度?|[上下]半年)[年月日]?\S*")
BULLET = re.compile(r"[•●■◼◆▪▶►➢✓·○□\u2022\uf000-\uf0ff]")


def _valued(text: str) -> bool:
    return is_figure(text) or kind_of(text) is CellKind.PERIOD


_SENTENCE_GAP = 1.0  # ems around a figure that stands in a sentence
_SENTENCE_SIDE = 8  # so many characters on one side are more than a label


def _sentences(runs: list[list[Word]]) -> list[list[Word]]:
    """Puts figures back between the words of a sentence: 过去 12 个月内并没有…"""
    number = 1
    while number < len(runs) - 1:
        left, figure, right = runs[number - 1 : number + 2]
        if _in_sentence(left, figure, right):
            runs[number - 1 : number + 2] = [[*left, *figure, *right]]
        else:
            number += 1
    return runs


def _in_sentence(left: list[Word], figure: list[Word], right: list[Word]) -> bool:
    if not _valued(joined(figure)) or _valued(joined(left)) or _valued(joined(right)):
        return False
    size = figure[0].size
    near = max(figure[0].x0 - left[-1].x1, right[0].x0 - figure[-1].x1) < _SENTENCE_GAP * size
    longer = max(sum(len(word.text) for word in side) for side in (left, right))
    return near and longer >= _SENTENCE_SIDE


# ── paragraphs ──────────────────────────────────────────────────────────────────────────────

_PROSE_CHARS = 16  # a shorter line is a label, a cell or the end of a paragraph
_SENTENCE = re.compile(r"[，。；！？、：]")
_LONG = 34  # so many characters with a mark of a sentence are prose even on one line


def mark_prose(lines: Sequence[PrintedLine]) -> None:
    """Marks the pieces of paragraphs: long lines that begin and end with their neighbours."""
    last_seen: list[Piece] = []
    for line in lines:
        for piece in line.pieces:
            if len(piece.text) < _PROSE_CHARS:
                continue
            if len(piece.text) >= _LONG and len(_SENTENCE.findall(piece.text)) >= 2:
                piece.prose = True
            for above in reversed(last_seen[-12:]):
                if _goes_on(above, piece):
                    above.prose = piece.prose = True
            last_seen.append(piece)
    _mark_ends(lines)
    for line in lines:
        _mark_walls(line)


LEADERS = re.compile(r"\.{4,}|…{2,}|·{4,}|(?:\.\s){4,}|_{6,}|(?:…\s*){2,}")
_SOURCE = re.compile(
    r"[(（*\s]*(?:(?:数据|资料|信息|图片|内容)\s*来源|来源\s*[：:]|(?:备注|附注|注释|注)\s*\d*\s*[：:]"
    r"|Sources?\s*[：:])",
    re.IGNORECASE,
)
_CAPTION_PIECES = 3  # the number of a caption may stand apart from its name and its words
_CAPTION_GAP = 2.5  # ems between them


def _mark_walls(line: PrintedLine) -> None:
    for number, piece in enumerate(line.pieces):
        if piece.wall:
            continue
        group = [piece]
        for after in line.pieces[number + 1 : number + _CAPTION_PIECES]:
            if after.x0 - group[-1].x1 > _CAPTION_GAP * piece.size:
                break
            group.append(after)
        text = " ".join(one.text for one in group)
        if _SOURCE.match(piece.text) or LEADERS.search(piece.text):
            piece.wall = True
        elif CAPTION.match(text):
            for one in group:
                one.wall = True


def _goes_on(above: Piece, below: Piece) -> bool:
    pitch = below.level - above.level
    if not 0 < pitch <= 2.4 * below.size or abs(above.size - below.size) > 0.15 * below.size:
        return False
    ends = abs(above.x1 - below.x1) <= 1.2 * below.size
    begins = -2.6 * below.size <= below.x0 - above.x0 <= 0.6 * below.size
    text = above.text + below.text
    return begins and ends and bool(_SENTENCE.search(text))


def _mark_ends(lines: Sequence[PrintedLine]) -> None:
    """The short first and last lines of a marked paragraph belong to it."""
    for before, line in itertools.pairwise(lines):
        prose = [piece for piece in before.pieces if piece.prose]
        for piece in line.pieces:
            for above in prose:
                near = 0 < piece.level - above.level <= 2.0 * above.size
                inside = abs(piece.x0 - above.x0) <= 2.6 * above.size and piece.x1 <= above.x1
                open_end = above.text[-1] not in "。！？；"
                told = len(line.pieces) == 1 or len(piece.text) >= 8
                if near and inside and open_end and told and not piece.figure:
                    piece.prose = True
