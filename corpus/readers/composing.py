"""Lines and grids → a composed text with the place of each: what every office format ends in.

Stands between the readers of formats with a known structure and `corpus.composed`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.composed import Composed, KnownBlock, KnownCell, KnownTable
from corpus.errors import UnreadableFile
from corpus.line_kinds import is_caption
from corpus.raw import Given
from corpus.report import BlockKind, Picture, Span

# As many characters of Chinese as a text file may have (16 MiB); what is longer is no report.
MAX_CHARS = 16 * 2**20 // 3
# Places of one table, empty ones counted: each costs about 100 bytes once it is laid out.
MAX_PLACES = 1_000_000
# Characters that show nothing, and those that no text may hold: controls, halves of pairs.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\ufeff\ud800-\udfff\ufffe\uffff]+"
)
_DRAWN = re.compile(r"\W*(?:附?图|Fig|Chart|Exhibit)", re.IGNORECASE)


def one_line(words: str) -> str:
    """The words with single spaces between them and nothing that cannot be seen."""
    if not words.isprintable():
        words = _UNSEEN.sub("", words)
    return " ".join(words.split())


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell of a grid as a reader found it.

    Args:
        row, column: of its upper left corner, from 0.
        words: any text; line breaks in it become spaces.
        ref: reference in a spreadsheet.
    """

    row: int
    column: int
    words: str
    row_span: int = 1
    column_span: int = 1
    ref: str | None = None


class Composer:
    """Takes blocks in reading order and keeps their places.

    Args:
        name: of the file, for errors.
        paged: the format has pages; `end_page` ends each.
    """

    def __init__(self, name: str, *, paged: bool = False) -> None:
        self._name = name
        self._paged = paged
        self._parts: list[str] = []
        self._length = 0
        self._fresh = True  # nothing stands on this page yet
        self._page_start = 0
        self._blocks: list[KnownBlock] = []
        self._pages: list[Span] = []
        self._pictures: list[tuple[int, int | None]] = []  # blocks before it, its page
        self.warnings: list[str] = []

    def line(
        self, words: str, kind: BlockKind = BlockKind.PARAGRAPH, level: int | None = None
    ) -> Span | None:
        """Adds one line; its place, or None if nothing of it can be seen."""
        words = one_line(words)
        if not words:
            return None
        start = self._begin(words)
        span = Span(start, start + len(words))
        self._blocks.append(KnownBlock(kind, span, level if kind is BlockKind.HEADING else None))
        return span

    def lines(
        self, words: str, kind: BlockKind = BlockKind.PARAGRAPH, level: int | None = None
    ) -> None:
        """Adds each line of a text that its writer broke into lines.

        A heading over several lines is one heading.
        """
        if kind is BlockKind.HEADING:
            self.line(words, kind, level)
            return
        for line in words.split("\n"):
            self.line(line, kind)

    def table(
        self,
        cells: Sequence[Placed],
        *,
        header_rows: int | None = None,
        title: Span | None = None,
        sheet: str | None = None,
        continues: bool = False,
    ) -> None:
        """Adds a table; rows and columns in which no words begin are left out.

        Args:
            cells: in any order, none over another.
            header_rows: rows of the grid as given.
            continues: it goes on with the table before it, under the same columns.
        """
        cells = [replace(cell, words=one_line(cell.words)) for cell in cells]
        cells = sorted((cell for cell in cells if cell.words), key=lambda c: (c.row, c.column))
        if not cells:
            return
        rows = sorted({cell.row for cell in cells})
        columns = sorted({cell.column for cell in cells})
        if len(rows) * len(columns) > MAX_PLACES:
            raise UnreadableFile(
                self._name,
                f"holds a table of {len(rows):,} rows and {len(columns):,} columns, one may have "
                f"{MAX_PLACES:,} places; split it",
            )
        heads = None if header_rows is None else bisect_left(rows, header_rows)
        packed = [_packed(cell, rows, columns) for cell in cells]
        if len(packed) == 1:
            self.line(packed[0].words)
            return
        self._table(packed, len(rows), len(columns), heads, title, sheet, continues)

    def picture(self) -> None:
        """A picture stands here whose content is not in the text."""
        page = len(self._pages) + 1 if self._paged else None
        self._pictures.append((len(self._blocks), page))

    def end_page(self) -> None:
        """What comes next stands on the next page."""
        self._pages.append(Span(self._page_start, self._length))
        self._parts.append("\f")
        self._length += 1
        self._page_start = self._length
        self._fresh = True

    def finish(self, given: Given | None = None) -> Composed:
        """The composed text.

        Raises:
            UnreadableFile: nothing was added.
        """
        if not self._blocks:
            raise UnreadableFile(
                self._name, "holds no text that can be seen, expected the text of a report"
            )
        if self._paged:  # the form feed behind the last page is none: nothing follows it
            self._parts.pop()
            self._length -= 1
        text = "".join(self._parts)
        pictures = tuple(
            Picture(page, self._caption(text, number), None) for number, page in self._pictures
        )
        return Composed(
            text=text,
            blocks=tuple(self._blocks),
            pages=tuple(self._pages),
            pictures=pictures,
            given=given or Given(),
            warnings=tuple(self.warnings),
        )

    def _begin(self, words: str) -> int:
        """Puts words on a line of their own; where they begin."""
        if not self._fresh:
            self._parts.append("\n")
            self._length += 1
        start = self._length
        self._parts.append(words)
        self._length += len(words)
        self._fresh = False
        if self._length > MAX_CHARS:
            raise UnreadableFile(
                self._name, f"is oversized, one report may have {MAX_CHARS:,} characters; split it"
            )
        return start

    def _table(
        self,
        cells: list[Placed],
        rows: int,
        columns: int,
        heads: int | None,
        title: Span | None,
        sheet: str | None,
        continues: bool,
    ) -> None:
        starting: list[dict[int, Placed]] = [{} for _ in range(rows)]
        for cell in cells:
            starting[cell.row][cell.column] = cell
        covered = _covered(cells)
        spans: list[Span] = []
        known: list[KnownCell] = []
        for row, own in enumerate(starting):
            words = [own[column].words if column in own else "" for column in range(max(own) + 1)]
            place = self._begin("\t".join(words))
            end = self._length
            spans.append(Span(place, end))
            for column in range(columns):
                here = own.get(column)
                stop = place + len(here.words) if here else place
                if here:
                    extent = (here.row_span, here.column_span)
                    known.append(KnownCell(row, column, Span(place, stop), *extent, here.ref))
                elif (row, column) not in covered:
                    known.append(KnownCell(row, column, Span(place, place)))
                place = min(stop + 1, end)
        table = KnownTable(
            tuple(spans), columns, tuple(known), heads, title, continues=continues, sheet=sheet
        )
        whole = Span(spans[0].start, spans[-1].end)
        self._blocks.append(KnownBlock(BlockKind.TABLE, whole, table=table))

    def _caption(self, text: str, number: int) -> Span | None:
        """The caption of a picture that stands behind `number` blocks: above it, else below."""
        for near in (number - 1, number):
            if 0 <= near < len(self._blocks):
                words = self._blocks[near].span.of(text)
                if "\n" not in words and _DRAWN.match(words) and is_caption(words):
                    return self._blocks[near].span
        return None


def _packed(cell: Placed, rows: list[int], columns: list[int]) -> Placed:
    """The cell in a grid of those rows and columns alone."""
    row, column = bisect_left(rows, cell.row), bisect_left(columns, cell.column)
    below = bisect_left(rows, cell.row + cell.row_span)
    right = bisect_left(columns, cell.column + cell.column_span)
    return replace(
        cell,
        row=row,
        column=column,
        row_span=max(below - row, 1),
        column_span=max(right - column, 1),
    )


def _covered(cells: Sequence[Placed]) -> set[tuple[int, int]]:
    """The places under cells of several rows or columns."""
    return {
        (row, column)
        for cell in cells
        if cell.row_span > 1 or cell.column_span > 1
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    }
