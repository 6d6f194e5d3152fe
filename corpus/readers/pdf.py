"""Reader of PDF: bytes → the canonical text with tables, pages, pictures and ink.

Joins the steps of `corpus.pdf`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.pdf.charts import charts_of, holds
from corpus.pdf.cover import title_of
from corpus.pdf.extract import damage_of, read_pages
from corpus.pdf.furniture import Furniture, find_furniture
from corpus.pdf.headings import ranked
from corpus.pdf.lines import Line, Part, parts_of, rows_of
from corpus.pdf.order import ordered
from corpus.pdf.page import Page, PageTable
from corpus.pdf.paragraphs import Body, PageBlock, blocks_of, join_over_pages
from corpus.pdf.table_breaks import mended, same_header
from corpus.pdf.table_pages import tables_beside_prose
from corpus.pdf.table_spills import spilled
from corpus.pdf.tables import continued
from corpus.pdf.writing import Writer
from corpus.report import BlockKind, Ink, Picture, Rect, Span


def read_pdf(data: bytes, name: str, *, tables: bool = True) -> Composed:
    """The composed text of a PDF.

    Args:
        tables: look for tables; else their words stand in the text as lines.

    Raises:
        UnreadableFile: it is encrypted, damaged, or holds no text that can be read.
    """
    pages, warnings = [], []
    for extracted in read_pages(data, name):
        pages.append(extracted.page)
        if extracted.warning:
            warnings.append(extracted.warning)
    if not any(page.words for page in pages):
        told = f" ({warnings[0]})" if warnings else ""
        raise UnreadableFile(name, f"holds no text that can be read{told}; give a text version")
    damage = damage_of(data)
    if damage:
        warnings.insert(0, damage)
    return _composed(pages, name, tuple(warnings), tables)


def compose_pages(pages: Sequence[Page], name: str, warnings: tuple[str, ...]) -> Composed:
    """The composed text of pages whose words are known, from a file or from OCR."""
    return _composed(pages, name, warnings, with_tables=True)


def _composed(
    pages: Sequence[Page], name: str, warnings: tuple[str, ...], with_tables: bool
) -> Composed:
    furniture = find_furniture(pages)
    body = _body(pages)
    laid = _laid(pages, furniture, body, with_tables)
    ranked(laid)
    title = title_of(laid[0], body, pages[0].height)
    writer = Writer(name, [page.width for page in pages])
    pictures: list[Picture] = []
    for number, (page, blocks, apart) in enumerate(zip(pages, laid, furniture, strict=True)):
        _write_page(writer, page, blocks, apart, pictures)
        writer.end_page(last=number + 1 == len(pages))
    sizes = tuple((page.width, page.height) for page in pages)
    ocr = tuple(
        span for page, span in zip(pages, writer.pages, strict=True) if page.ocr and len(span)
    )
    return Composed(
        text=writer.text,
        blocks=tuple(writer.blocks),
        pages=tuple(writer.pages),
        ink=Ink(sizes, tuple(writer.runs)),
        ocr=ocr,
        pictures=tuple(pictures),
        warnings=warnings,
        title=writer.places.get(id(title)),
    )


def _body(pages: Sequence[Page]) -> Body:
    """Size and weight of most of the letters."""
    sizes: Counter[float] = Counter()
    bold: Counter[bool] = Counter()
    for page in pages:
        for word in page.words:
            sizes[round(word.size, 1)] += len(word.text)
            bold[word.bold] += len(word.text)
    size = min(sizes, key=lambda one: (-sizes[one], one)) if sizes else 10.0
    return Body(size, bold[True] > bold[False])


def _laid(
    pages: Sequence[Page], furniture: Sequence[Furniture], body: Body, with_tables: bool
) -> list[list[PageBlock]]:
    """The blocks of every page; tables know whether they go on."""
    laid: list[list[PageBlock]] = []
    before: tuple[Page, list[PageTable]] | None = None
    for page, apart in zip(pages, furniture, strict=True):
        taken = apart.words()
        kept = Page(
            page.number, page.width, page.height,
            tuple(word for word in page.words if id(word) not in taken),
            page.rules, page.fills, page.images, page.ocr, page.turned,
        )  # fmt: skip
        tables = tables_beside_prose(kept) if with_tables else []
        if before is not None and with_tables:
            tables = _continuing(*before, tables, kept)
            kept = _mended(laid[-1], before[1], tables, kept)
        blocks = _blocks(kept, tables, body)
        if laid:
            join_over_pages(laid[-1], blocks)
        laid.append(blocks)
        before = (kept, tables) if tables else None
    return laid


def _mended(
    laid: Sequence[PageBlock], before: Sequence[PageTable], tables: list[PageTable], page: Page
) -> Page:
    """The page without the rest of a row that the end of the page before cut off; that row, in
    the blocks laid there, is whole then, and `tables` have it no more."""
    for one in before:
        first = tables[0] if tables else None
        if first is not None and not (first.continues or same_header(one, first)):
            first = None
        found = mended(one, first, page)
        if found is None:
            continue
        for block in laid:
            if block.table is one:
                block.table = found.before
        if first is not None:
            tables[:1] = [] if found.table is None else [found.table]
        taken = {id(word) for word in found.rest}
        return replace(page, words=tuple(word for word in page.words if id(word) not in taken))
    return page


def _continuing(
    last: Page, before: Sequence[PageTable], tables: list[PageTable], page: Page
) -> list[PageTable]:
    """The tables of a page, the first one marked if it goes on with one of the page before."""
    if tables and any(continued(one, last, tables[0], page) for one in before):
        return [replace(tables[0], continues=True), *tables[1:]]
    for one in before:
        rows = spilled(one, last, page)
        if rows is not None and not any(table.y0 <= rows.y1 for table in tables):
            return [rows, *tables]
    return tables


def _blocks(page: Page, tables: Sequence[PageTable], body: Body) -> list[PageBlock]:
    in_tables = {id(word) for table in tables for cell in table.cells for word in cell.words} | {
        id(word) for table in tables for word in table.title
    }
    text = parts_of(word for word in page.words if id(word) not in in_tables)
    charts = charts_of(page, text, tables)
    parts = [part for part in text if not any(holds(chart, part) for chart in charts)]
    parts += [Part(t.x0, t.y0, t.x1, t.y1, table=t) for t in tables]
    parts += [Part(c.x0, c.y0, c.x1, c.y1, picture=c) for c in charts]
    blocks = blocks_of(ordered(parts), body)
    for block in blocks:
        if block.picture is not None:
            inside = [word for part in text if holds(block.picture, part) for word in part.words]
            block.lines = [Line(row) for row in rows_of(inside)]
    return blocks


def _write_page(
    writer: Writer,
    page: Page,
    blocks: Sequence[PageBlock],
    apart: Furniture,
    pictures: list[Picture],
) -> None:
    for part in _rows(apart.top):
        writer.block([part], BlockKind.FURNITURE)
    for block in blocks:
        if block.table is not None:
            _write_table(writer, block.table)
        elif block.picture is not None:
            caption = _caption_above(writer)
            box = block.picture
            rect = Rect(page.number, box.x0, box.y0, box.x1, box.y1)
            pictures.append(Picture(page.number, caption, rect))
            if block.lines:
                writer.block(block.lines, BlockKind.FURNITURE)
        else:
            span = writer.block(block.lines, block.kind, block.level, rest=block.rest)
            writer.places[id(block)] = span
    for part in _rows(apart.foot):
        writer.block([part], BlockKind.FURNITURE)
    for side in apart.side:
        writer.block([Line([word]) for word in side.words], BlockKind.FURNITURE, stacked=True)
    for run in page.turned:
        writer.block([Line([word]) for word in run], BlockKind.FURNITURE, stacked=True)


def _write_table(writer: Writer, table: PageTable) -> None:
    title = None
    if table.title:
        title = writer.block([Line(row) for row in rows_of(table.title)], BlockKind.CAPTION)
    writer.table(table, title)


def _caption_above(writer: Writer) -> Span | None:
    """The caption written last, if nothing but a picture came after it."""
    last = writer.blocks[-1] if writer.blocks else None
    return last.span if last is not None and last.kind is BlockKind.CAPTION else None


def _rows(parts: Sequence[Part]) -> list[Line]:
    return [Line(row) for row in rows_of(word for part in parts for word in part.words)]
