"""Lines whose breaks were lost on the way, cut into pieces of whole sentences.

Stands between `corpus.lines` and `corpus.structure`; the text itself is untouched.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from corpus.lines import Line

# Lines above this length are no lines of a printed page: their breaks were lost on the way.
GIANT_LINE = 1500
# A piece of a giant line ends at the first sentence end behind this length.
_PIECE = 360
# Where a lost line break is sure enough: captions, sources, notices, legal headings, numbering.
_MARK = re.compile(
    r"(?<=[。；：.%）)\d\u4e00-\u9fff])(?=(?:图表?|表)\s?\d{1,3}[：:])|(?=(?:资料|数据"
    r"|信息)来源[：:])|(?<=[。）)])(?=风险提示)|(?=请务必阅读)"
    r"|(?<=[。\d])(?=(?:分析师|证券分析师|投资)?(?:声明|承诺|免责声明|评级说明|评级标准"
    r"|免责条款|法律声明))|(?<=。)(?=[一二三四五六七八九十]、)"
    r"|(?<=。)(?=[（(][一二三四五六七八九十][)）])"
    r"|(?<=。)(?=\d\.\d{1,2}(?:\.\d)?[\u4e00-\u9fff])|(?<=。)(?=[■◆●•])"
)
_INSIDE = re.compile(r"\d(?:[,，](?=\d{3}(?!\d))|[.．](?=\d))")  # as in 1,280.51
_SENTENCE_END = re.compile(r"[。！？!?；;](?:[”’」』）)]*)|\.{6,}\s*\d*")


def cut_giants(text: str, lines: list[Line]) -> list[Line]:
    """The lines, giant ones cut at tell-tale marks and at sentence ends."""
    if all(line.end - line.start <= GIANT_LINE for line in lines):
        return lines
    cut: list[Line] = []
    for line in lines:
        if line.end - line.start <= GIANT_LINE:
            cut.append(line)
        else:
            cut.extend(_pieces(text, line))
    return cut


def _pieces(text: str, line: Line) -> Iterator[Line]:
    marks = [found.start() for found in _MARK.finditer(text, line.start, line.end)]
    edges = sorted({line.start, line.end, *marks})
    gap, new_page = line.gap, line.new_page
    for left, right in itertools.pairwise(edges):
        for start, end in _sentences(text, left, right):
            words = text[start:end]
            start += len(words) - len(words.lstrip())
            words = words.strip()
            if words:
                end = start + len(words)
                yield Line(start, end, start, end, words, gap, new_page)
                gap, new_page = 2, False


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces of about `_PIECE` characters that end with a sentence, at most `GIANT_LINE` long."""
    while end - start > _PIECE:
        found = _SENTENCE_END.search(text, start + _PIECE // 2, end)
        stop = found.end() if found else end
        if stop - start > GIANT_LINE:
            stop = _soft_end(text, start, start + GIANT_LINE)
        yield start, stop
        start = stop
    if start < end:
        yield start, end


def _soft_end(text: str, start: int, limit: int) -> int:
    """A comma, a space, a change away from digits and letters, or at least no number's inside,
    before `limit`."""
    free = [p for p in range(limit, start + _PIECE, -1) if not _parts_number(text, p)]
    for place in free:
        if text[place - 1] in "，,、 　\t":
            return place
    for place in free:
        if not (text[place - 1].isascii() and text[place].isascii()):
            return place
    return free[0] if free else limit


def _parts_number(text: str, place: int) -> bool:
    """True if a cut before `text[place]` would part a number: `1,|280`, `12|.5`, `12|34`."""
    if text[place].isdecimal() and text[place - 1].isdecimal():
        return True
    # Before the mark inside a number, or behind it.
    return bool(_INSIDE.match(text, place - 1) or _INSIDE.match(text, place - 2))
