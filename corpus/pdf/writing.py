"""Blocks of pages → the canonical text, with the place of every letter on its page.

Last step of `corpus.readers.pdf` before the structure is laid over the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from corpus.composed import KnownBlock, KnownCell, KnownTable
from corpus.errors import UnreadableFile
from corpus.pdf.lines import Line, joint_of, rows_of
from corpus.pdf.page import PageCell, PageTable
from corpus.pdf.table_wraps import joint_in_cell
from corpus.readers.composing import MAX_CHARS
from corpus.report import BlockKind, InkRun, Span


class Writer:
    """Takes lines in reading order; keeps text, blocks, pages and ink.

    Args:
        name: of the file, for errors.
        widths: of the pages, in points.
    """

    def __init__(self, name: str, widths: Sequence[float]) -> None:
        self._name = name
        self._widths = widths
        self._parts: list[str] = []
        self._tail = ""  # the last characters written, for joints
        self.length = 0
        self.page = 1
        self._page_start = 0
        self._fresh = True
        self.blocks: list[KnownBlock] = []
        self.pages: list[Span] = []
        self.runs: list[InkRun] = []
        self.places: dict[int, Span] = {}  # identity of a page's block → where it was written

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def end_page(self, *, last: bool) -> None:
        """What comes next stands on the next page."""
        self.pages.append(Span(self._page_start, self.length))
        if not last:
            self._put("\f")
        self._page_start = self.length
        self._fresh = True
        self.page += 1

    def block(
        self,
        lines: Sequence[Line],
        kind: BlockKind,
        level: int | None = None,
        *,
        rest: Sequence[Line] = (),
        stacked: bool = False,
    ) -> Span:
        """Writes lines as one line of the text.

        Args:
            rest: lines at the top of the next page that go on with them.
            stacked: they are letters set upright.
        """
        self._begin()
        start = self.length
        for number, line in enumerate([*lines, *rest]):
            if number and not stacked:
                self._put(joint_of(self._tail, line.text))
            self._line(line, self.page + (number >= len(lines)))
        span = Span(start, self.length)
        heading = level if kind is BlockKind.HEADING else None
        self.blocks.append(KnownBlock(kind, span, heading))
        return span

    def table(self, table: PageTable, title: Span | None) -> None:
        """Writes a table: a line a row, cells parted by tabs."""
        starting = {(cell.row, cell.column): cell for cell in table.cells if cell.words}
        places: dict[tuple[int, int], Span] = {}
        spans = []
        first = self.length + (0 if self._fresh else 1)
        for row in range(table.rows):
            self._begin()
            start = self.length
            filled = [c for c in range(table.columns) if (row, c) in starting]
            for column in range(table.columns):
                if column and column <= max(filled, default=0):
                    self._put("\t")
                begin = self.length
                if (row, column) in starting:
                    self._cell(starting[row, column])
                places[row, column] = Span(begin, self.length)
            if not filled:  # a row without a word would be no line
                self._put("\t")
            spans.append(Span(start, self.length))
        cells = tuple(
            KnownCell(
                cell.row, cell.column, places[cell.row, cell.column], cell.row_span,
                cell.column_span,
            )
            for cell in sorted(table.cells, key=lambda one: (one.row, one.column))
        )  # fmt: skip
        known = KnownTable(
            tuple(spans), table.columns, cells, table.header_rows, title, table.continues
        )
        whole = Span(first, self.length)
        self.blocks.append(KnownBlock(BlockKind.TABLE, whole, table=known))

    def _cell(self, cell: PageCell) -> None:
        above = ""
        for words, page in ((cell.words, self.page), (cell.rest, self.page + 1)):
            for line in map(Line, rows_of(words)):
                if above:
                    self._put(joint_in_cell(above, line.text))
                self._line(line, page)
                above = line.text

    def _begin(self) -> None:
        if not self._fresh:
            self._put("\n")
        self._fresh = False

    def _line(self, line: Line, page: int) -> None:
        """One printed line: its letters, and one run of ink."""
        start = self.length
        edges: list[float] = []  # the left edge of each letter, and the right edge of the last
        text = ""
        for gap, word in zip(line.gaps, line.words, strict=True):
            if text and not gap:
                edges.pop()  # letters of two words touch
            edges.extend(word.edges)  # behind a space: its left edge is the last word's right one
            text += gap + word.text
        self._put(text)
        wide = self._widths[page - 1]
        rounded = tuple(round(min(edge, wide), 1) for edge in accumulate(edges, max))
        confidence = min(
            (w.confidence for w in line.words if w.confidence is not None), default=None
        )
        self.runs.append(
            InkRun(start, page, round(line.y0, 2), round(line.y1, 2), rounded, confidence)
        )

    def _put(self, text: str) -> None:
        if not text:
            return
        self._parts.append(text)
        self._tail = text[-1:]
        self.length += len(text)
        if self.length > MAX_CHARS:
            raise UnreadableFile(
                self._name, f"is oversized, one report may have {MAX_CHARS:,} characters; split it"
            )
