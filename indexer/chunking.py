"""Chunks of a report: the spans that are indexed, searched and cited.

Stands between `Report` and the index; follows sections, sentences and table rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.report import Block, BlockKind, Report, Role, Span, Table
from indexer.records import Chunk
from indexer.segmentation import plain_cutter

# About 300 characters measured best for passages that carry one answer (field notes, 2c); a
# quarter more is allowed where it keeps a paragraph in one piece.
TARGET_CHARS = 300
MAX_CHARS = 400
_CONTEXT_CHARS = 400  # column names of a very wide table would drown its figures
_LONGEST_WORD = 2_000  # beyond this a run without any boundary is no word and is cut

_SENTENCE_END = re.compile(r"(?:[。！？!?；;]+|\n|\.(?=\s))[”’\"'』」）)\]*]*\s*")
_CLAUSE_END = re.compile(r"[，,、：:）)\s]")
_NUMBER_PART = re.compile(r"[0-9A-Za-z０-９.,，．%％+\-]")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a block that stands in one chunk: `[start, end)`."""

    start: int
    end: int
    role: Role
    section: int
    table: int | None = None
    heading: bool = False

    def joined(self, other: _Piece) -> _Piece:
        """Both as one; the text after a heading decides the section."""
        return _Piece(
            self.start,
            other.end,
            self.role,
            other.section if self.heading else self.section,
            self.table if other.table is None else other.table,
            self.heading and other.heading,
        )


def chunk_report(report: Report) -> tuple[Chunk, ...]:
    """All chunks of a report, in order; they do not overlap, and every character that is neither
    white space nor page furniture stands in one of them."""
    return tuple(_to_chunk(report, piece) for piece in _pack(report))


# --- packing pieces ---------------------------------------------------------------------------


def _pack(report: Report) -> list[_Piece]:
    packed: list[_Piece] = []
    furniture_before = True
    for block in _whole_blocks(report.blocks):
        if block.kind is BlockKind.FURNITURE:
            furniture_before = True
            continue
        for piece in _pieces_of(report, block):
            if packed and not furniture_before and _fits(report, packed[-1], piece, block):
                packed[-1] = packed[-1].joined(piece)
            else:
                packed.append(piece)
            furniture_before = False
    return packed


def _whole_blocks(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks, with paragraphs that touch as one: a giant line was parted without regard to
    words and numbers."""
    last: Block | None = None
    for block in blocks:
        if last is not None and _touch(last, block):
            last = replace(last, span=Span(last.span.start, block.span.end))
            continue
        if last is not None:
            yield last
        last = block
    if last is not None:
        yield last


def _touch(one: Block, other: Block) -> bool:
    return (
        one.span.end == other.span.start
        and one.kind is other.kind is BlockKind.PARAGRAPH
        and (one.role, one.section) == (other.role, other.section)
    )


def _fits(report: Report, last: _Piece, piece: _Piece, block: Block) -> bool:
    """True if `piece` may stand in one chunk with what comes before it."""
    if last.role is not piece.role:
        return False
    if piece.table is not None:
        before = report.text[last.start : last.end]
        caption = report.tables[piece.table].title
        return last.table is None and caption is not None and before.strip() == caption.strip()
    if last.table is not None:
        return block.kind is BlockKind.SOURCE and piece.end - last.end <= MAX_CHARS
    if last.section != piece.section and not last.heading:
        return False
    size = piece.end - last.start
    return size <= TARGET_CHARS or (size <= MAX_CHARS and (last.heading or _is_tail(piece)))


def _is_tail(piece: _Piece) -> bool:
    return piece.end - piece.start < TARGET_CHARS // 5


def _pieces_of(report: Report, block: Block) -> Iterator[_Piece]:
    start, end = block.span.start, block.span.end
    heading = block.kind is BlockKind.HEADING
    if block.table is not None:
        cuts = _table_cuts(report.tables[block.table], start, end)
    elif end - start <= TARGET_CHARS:
        cuts = []
    else:
        cuts = _text_cuts(report.text, start, end)
    for low, high in zip([start, *cuts], [*cuts, end], strict=True):
        high = _without_trailing_space(report.text, low, high)
        if high > low:
            yield _Piece(low, high, block.role, block.section, block.table, heading)


def _without_trailing_space(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


# --- where a table and a text may be cut ------------------------------------------------------


def _table_cuts(table: Table, start: int, end: int) -> list[int]:
    """Row starts at which a table is cut so that pieces stay near the target."""
    if end - start <= MAX_CHARS:
        return []
    cuts: list[int] = []
    last = start
    for number, row in enumerate(table.rows):
        at = row.span.start
        if number and last < at < end and row.span.end - last > TARGET_CHARS:
            cuts.append(at)
            last = at
    return cuts


def _text_cuts(text: str, start: int, end: int) -> list[int]:
    """Places at which a text longer than the target is cut: sentence ends, else clause ends,
    else word boundaries. Short sentences are gathered again by `_pack`."""
    cuts: list[int] = []
    last = start
    for match in _SENTENCE_END.finditer(text, start, end):
        at = match.end()
        if at - last > MAX_CHARS:
            cuts.extend(_long_sentence_cuts(text, last, at))
        if at < end:
            cuts.append(at)
        last = at
    if end - last > MAX_CHARS:
        cuts.extend(_long_sentence_cuts(text, last, end))
    return cuts


def _long_sentence_cuts(text: str, start: int, end: int) -> Iterator[int]:
    while end - start > MAX_CHARS:
        start = _last_clause_end(text, start) or _last_word_boundary(text, start, end)
        if start >= end:
            return
        yield start


def _last_clause_end(text: str, start: int) -> int | None:
    window = text[start + TARGET_CHARS // 2 : start + TARGET_CHARS]
    for match in reversed(list(_CLAUSE_END.finditer(window))):
        at = start + TARGET_CHARS // 2 + match.end()
        if not _inside_number(text, at):
            return at
    return None


def _inside_number(text: str, at: int) -> bool:
    """True if a cut at `at` would part a number or a Latin word: 1,|280 or GPT|-4."""
    if not 0 < at < len(text):
        return False
    return bool(_NUMBER_PART.match(text[at - 1]) and _NUMBER_PART.match(text[at]))


def _last_word_boundary(text: str, start: int, end: int) -> int:
    """The last boundary between two words within the target, else the first one after it."""
    size = TARGET_CHARS
    while True:
        window = text[start : min(start + size, end)]
        at, found = start, 0
        words = _words(window)
        for word in words[: -1 if start + size < end else None]:
            at += len(word)
            if not _inside_number(text, at):
                found = at
        if found > start:
            return found
        if size >= _LONGEST_WORD:
            return min(start + size, end)
        size *= 2


def _words(text: str) -> list[str]:
    words: list[str] = plain_cutter().cut(text)
    return words


# --- a chunk ----------------------------------------------------------------------------------


def _to_chunk(report: Report, piece: _Piece) -> Chunk:
    path = report.sections[piece.section].path
    return Chunk(
        report_id=report.report_id,
        start=piece.start,
        end=piece.end,
        text=report.text[piece.start : piece.end],
        context=_context(report, piece, path),
        section=path,
        role=piece.role.value,
        table=piece.table,
        page=report.page_at(piece.start),
    )


def _context(report: Report, piece: _Piece, path: tuple[str, ...]) -> str:
    title = report.meta.title.value if report.meta.title else ""
    parts = [title, *(heading for heading in path if heading != title)]
    if piece.table is not None:
        parts.append(_table_context(report.tables[piece.table]))
    return "\n".join(part for part in parts if part)


def _table_context(table: Table) -> str:
    """Title, header cells and units of a table, each once."""
    words = [table.title or "", table.unit or ""]
    for column in table.columns:
        words.extend([*column.header, column.unit or ""])
    return " ".join(dict.fromkeys(word for word in words if word))[:_CONTEXT_CHARS]
