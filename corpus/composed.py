"""A canonical text composed by a reader of a format, with what the reader knows of its blocks.

Stands between `corpus/readers/` (PDF, DOCX, HTML …) and `corpus.structure`, which takes what is
known here and works out the rest: roles, sections, front matter, titles of tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.raw import Given
from corpus.report import BlockKind, Ink, Picture, Span


@dataclass(frozen=True, slots=True)
class KnownCell:
    """A cell of a table whose place in the grid is known.

    Args:
        row, column: of its upper left corner, from 0, header rows counted.
        row_span, column_span: how many rows and columns it covers, at least 1.
        span: its words in the canonical text, without white space around them; an empty cell has
            an empty span where its words would stand.
        ref: reference in a spreadsheet (B7), else None.
    """

    row: int
    column: int
    span: Span
    row_span: int = 1
    column_span: int = 1
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A table as a reader found it: its grid, and how many rows are headers.

    Args:
        rows: the line of each row in the canonical text, top to bottom.
        columns: leaf columns.
        cells: every cell once, by row, then column.
        header_rows: None if the reader cannot tell; then the words decide.
        title: the caption, if the reader knows it (it stands outside or inside of the table).
        continues: it goes on with the table before it (over a page break) and its columns are
            those of that table; header paths are taken from there, `header_rows` are repeats.
        sheet: name of the sheet, None elsewhere.
    """

    rows: tuple[Span, ...]
    columns: int
    cells: tuple[KnownCell, ...]
    header_rows: int | None = None
    title: Span | None = None
    continues: bool = False
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class KnownBlock:
    """A block whose form the reader knows.

    Args:
        kind: by its form.
        span: from its first to its last character; whole lines of the canonical text. A block
            that is no table is one line.
        level: of a heading, 1 for the outermost; None where only "heading" is known, or if it is
            none.
        table: of a TABLE.
    """

    kind: BlockKind
    span: Span
    level: int | None = None
    table: KnownTable | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """What a reader makes of a file.

    Args:
        text: the canonical text: lines of one paragraph joined, blocks separated by `\\n`, pages
            by `\\f`, a table a line a row with cells separated by `\\t`.
        blocks: in order; every character that is no white space stands in exactly one.
        pages: the span of each page, empty if the format has none.
        given: metadata that the file states beside its text (a title property is none: they are
            seldom true).
        title: the line that is the title by the way it is set, if the reader can tell.
        warnings: what a reader of the index should know: pages that could not be read …
    """

    text: str
    blocks: tuple[KnownBlock, ...]
    pages: tuple[Span, ...] = ()
    ink: Ink | None = None
    ocr: tuple[Span, ...] = ()
    pictures: tuple[Picture, ...] = ()
    given: Given = field(default_factory=Given)
    warnings: tuple[str, ...] = ()
    title: Span | None = None
