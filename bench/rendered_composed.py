"""Items as a reader that makes no fault would compose them: text, blocks, tables, two pages.

The upper bound for every reader of a format: what is wrong here is wrong in roles and metadata.
"""

from __future__ import annotations

from collections.abc import Sequence

from rendered_items import Grid, Item, Words, header_cells
from rendering import Layout

from corpus.composed import Composed, KnownBlock, KnownCell, KnownTable
from corpus.report import BlockKind, Span

_KINDS = {
    "title": BlockKind.HEADING,
    "heading": BlockKind.HEADING,
    "list": BlockKind.LIST_ITEM,
    "caption": BlockKind.CAPTION,
    "source": BlockKind.SOURCE,
}


def composed(items: Sequence[Item], layout: Layout, house: str) -> Composed:
    """Running lines around two pages; the side bar before the main text if it stands at the left,
    behind that of page one if it stands at the right."""
    side = [item for item in items if item.side] if layout.side else []
    main = [item for item in items if not (layout.side and item.side)]
    turn = next((n for n, item in enumerate(main) if _is_chapter(item)), len(main))
    pages = [main[:turn], main[turn:]]
    pages[0] = side + pages[0] if layout.side == "left" else pages[0] + side
    writer = _Writer()
    for number, page in enumerate(pages, start=1):
        if page:
            writer.page(page, layout, house, number, len(pages))
    return Composed(writer.text, tuple(writer.blocks), tuple(writer.pages))


def _is_chapter(item: Item) -> bool:
    return isinstance(item, Words) and item.kind == "heading" and item.text[:1].isdigit()


class _Writer:
    def __init__(self) -> None:
        self.text = ""
        self.blocks: list[KnownBlock] = []
        self.pages: list[Span] = []

    def page(self, items: Sequence[Item], layout: Layout, house: str, page: int, of: int) -> None:
        if self.pages:
            self.text += "\f"
        start = len(self.text)
        running = [line.replace("{house}", house) for line in (layout.head, layout.foot)]
        head, foot = (line.replace("##", str(of)).replace("#", str(page)) for line in running)
        for piece in filter(None, head.split("\t")):
            self.line(piece, BlockKind.FURNITURE)
        for item in items:
            if isinstance(item, Grid):
                self.grid(item)
            else:
                level = item.level or None
                self.line(item.text, _KINDS.get(item.kind, BlockKind.PARAGRAPH), level)
        for piece in filter(None, foot.split("\t")):
            self.line(piece, BlockKind.FURNITURE)
        self.pages.append(Span(start, len(self.text)))

    def line(self, words: str, kind: BlockKind, level: int | None = None) -> None:
        start = self.begin()
        self.text += words
        level = level if kind is BlockKind.HEADING else None
        self.blocks.append(KnownBlock(kind, Span(start, len(self.text)), level))

    def begin(self) -> int:
        if self.text and self.text[-1] != "\f":
            self.text += "\n"
        return len(self.text)

    def grid(self, grid: Grid) -> None:
        start = self.begin()
        cells: list[KnownCell] = []
        rows: list[Span] = []
        for number, head in enumerate(header_cells(grid)):
            row = [""] * len(grid.headers)
            for cell in head:
                row[cell.column] = cell.words
            spans = {cell.column: (cell.rows, cell.columns) for cell in head}
            self.row(number, row, spans, cells, rows)
        for number, words in enumerate(grid.rows, start=grid.depth):
            spans = {column: (1, 1) for column in range(len(words))}
            self.row(number, words, spans, cells, rows)
        table = KnownTable(tuple(rows), len(grid.headers), tuple(cells), grid.depth)
        span = Span(start, len(self.text))
        self.blocks.append(KnownBlock(BlockKind.TABLE, span, table=table))

    def row(
        self,
        number: int,
        words: Sequence[str],
        spans: dict[int, tuple[int, int]],
        cells: list[KnownCell],
        rows: list[Span],
    ) -> None:
        """One line; `spans`: column → rows and columns of the cells that begin there."""
        start = self.begin()
        for column, cell in enumerate(words):
            self.text += "\t" if column else ""
            place = Span(len(self.text), len(self.text) + len(cell))
            self.text += cell
            if column in spans:
                cells.append(KnownCell(number, column, place, *spans[column]))
        rows.append(Span(start, len(self.text)))
