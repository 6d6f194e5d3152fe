"""Bytes of a PDF → its pages as words, lines, fills and pictures; pdfium's errors translated.

First step of `corpus.readers.pdf`; the only module that opens a PDF. pdfium is not thread-safe:
one thread of a process at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corpus.errors import UnreadableFile
from corpus.pdf.charts import pictures_of
from corpus.pdf.drawings import DrawingReader, Drawings
from corpus.pdf.glyphs import GlyphReader, Glyphs
from corpus.pdf.page import Page
from corpus.pdf.placing import Placing
from corpus.pdf.scans import Scan, is_scan, page_of_picture

if TYPE_CHECKING:
    import pypdfium2

# The longest report met, an annual report, has some 300 pages; a prospectus has 700.
MAX_PAGES = 3000
# A page without a size that can be used stands as A4.
_A4 = (595.0, 842.0)
_LARGEST = 14_400.0  # points: the largest page that the PDF standard knows
_MOST_GLYPHS = 60_000  # of one page; the densest statement page has 6,000

# What FPDF_GetLastError says of a document that could not be opened.
_WRONG_FORMAT, _PASSWORD, _SECURITY = 3, 4, 5


@dataclass(frozen=True, slots=True)
class Extracted:
    """One page, and what a reader should be warned of."""

    page: Page
    warning: str | None = None


def read_pages(data: bytes, name: str) -> Iterator[Extracted]:
    """The pages of a PDF, one after the other.

    Raises:
        UnreadableFile: it is encrypted, damaged, has no page or too many.
    """
    import pypdfium2

    with closing(_opened(pypdfium2, data, name)) as document:
        count = len(document)
        if count > MAX_PAGES:
            reason = f"is oversized ({count:,} pages), one report may have {MAX_PAGES:,}; split it"
            raise UnreadableFile(name, reason)
        for number in range(1, count + 1):
            yield _extracted(pypdfium2, document, number)


def damage_of(data: bytes) -> str | None:
    """What tells that the file is no longer as it was written; None for a whole one.

    pdfium mends such files as well as it can and does not say so.
    """
    tail = data[-2048:]
    if b"%%EOF" not in tail:
        return "the file is cut off at its end: text may be missing"
    places = re.findall(rb"startxref\s+(\d{1,12})", tail)
    head = max(data[:1024].find(b"%PDF-"), 0)
    if not places or not _is_table(data, int(places[-1]), head):
        return "the file is damaged (its table of objects is lost): text may be missing"
    return None


def _is_table(data: bytes, offset: int, head: int) -> bool:
    """True if a cross-reference table or stream stands there; offsets may count from the head."""
    for place in (offset, offset + head):
        if re.match(rb"\s*(?:xref|\d+\s+\d+\s+obj)", data[place : place + 40]):
            return True
    return False


def _opened(library: Any, data: bytes, name: str) -> pypdfium2.PdfDocument:
    if not data:
        raise UnreadableFile(name, "is empty, expected a PDF")
    if b"%PDF-" not in data[:1024]:
        raise UnreadableFile(name, "is no PDF: it does not begin with %PDF-; export it again")
    try:
        document: pypdfium2.PdfDocument = library.PdfDocument(data)
    except library.PdfiumError as error:
        raise UnreadableFile(name, _reason(error.err_code)) from error
    return document


def _reason(code: int | None) -> str:
    if code == _PASSWORD:
        return "is encrypted and asks for a password; save it without one"
    if code == _SECURITY:
        return "is encrypted in a way that cannot be opened; save it without encryption"
    if code == _WRONG_FORMAT:
        return "is damaged: no PDF structure could be found in it; export it again"
    return "cannot be opened as a PDF, or has no page; export it again"


def _extracted(library: Any, document: Any, number: int) -> Extracted:
    try:
        page = document[number - 1]
    except library.PdfiumError:
        blank = Page(number, *_A4, ())
        return Extracted(blank, f"page {number} cannot be read and was left out")
    try:
        return _page(library.raw, page, number)
    except library.PdfiumError:
        blank = Page(number, *_A4, ())
        return Extracted(blank, f"page {number} cannot be read and was left out")
    finally:
        page.close()


def _page(raw: Any, page: Any, number: int) -> Extracted:
    placing = _placing(page)
    text_page = page.get_textpage()
    try:
        glyphs = GlyphReader(raw, text_page.raw, placing, _MOST_GLYPHS).read()
    finally:
        text_page.close()
    drawings = DrawingReader(raw, page.raw, placing).read()
    made = _made(number, placing, glyphs, drawings)
    kind = is_scan(made, glyphs)
    if kind is Scan.NONE:
        warning = f"page {number} has more letters than are read" if glyphs.cut else None
        return Extracted(made, warning)
    read = page_of_picture(page, number, placing.width, placing.height)
    if read is not None:
        return Extracted(replace(read, rules=(*made.rules, *read.rules), fills=made.fills))
    if kind is Scan.GARBAGE:
        blank = replace(made, words=(), turned=())
        return Extracted(blank, f"page {number}: its letters have no meaning; its text is missing")
    return Extracted(made, f"page {number} is a picture: its text is missing")


def _placing(page: Any) -> Placing:
    left, bottom, right, top = page.get_bbox()
    if not (0 < right - left <= _LARGEST and 0 < top - bottom <= _LARGEST):
        left, bottom, right, top = 0.0, 0.0, *_A4
    return Placing(left, bottom, right, top, page.get_rotation() // 90 % 4)


def _made(number: int, placing: Placing, glyphs: Glyphs, drawings: Drawings) -> Page:
    """The page; the invisible text of a scan counts where there is hardly any other."""
    words, ocr = glyphs.words, False
    hidden = sum(len(word.text) for word in glyphs.hidden)
    if hidden > 4 * sum(len(word.text) for word in glyphs.words):
        words, ocr = [*glyphs.words, *glyphs.hidden], True
    return Page(
        number=number,
        width=placing.width,
        height=placing.height,
        words=tuple(words),
        rules=tuple(drawings.rules),
        fills=tuple(drawings.fills),
        images=pictures_of(drawings, placing.width, placing.height),
        ocr=ocr,
        turned=tuple(glyphs.turned),
    )
