"""Pages without a text that can be used: when a page is one, and how its picture is read.

Used by `corpus.pdf.extract`; the reading itself is `corpus.ocr`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from importlib import import_module
from typing import Any

from corpus.frequent_han import FREQUENT_HAN
from corpus.pdf.glyphs import Glyphs
from corpus.pdf.page import Page, Word

# A scan carries a page number or a stamp of a few letters at most.
_FEW = 40
_COVERED = 0.5  # of the page by pictures: logos and charts of a title page stay below
_UNKNOWN = 0.3  # of the glyphs: bullets and formulas of a true text are below a tenth
# Han characters that are judged; of a true text 75 to 90 % are frequent, of shuffled codes 5 %.
_ENOUGH = 60
_FREQUENT = 0.3
_STRANGE = 0.3  # of all characters: letters of other scripts, as a wrong decoding gives them
_SCALE = 200 / 72  # 200 dots per inch: what OCR of print is made for
_MOST_PIXELS = 30_000_000


class Scan(Enum):
    """What keeps the text of a page from being used."""

    NONE = "none"  # nothing: the text is good
    PICTURE = "picture"  # the page is a picture
    GARBAGE = "garbage"  # there are letters, but not these


def is_scan(page: Page, glyphs: Glyphs) -> Scan:
    """Whether the text of a page can be used; a page with a good text is never read by OCR."""
    count = sum(len(word.text) for word in page.words)
    if page.ocr and count >= _FEW:
        return Scan.NONE
    if count < _FEW:
        return Scan.PICTURE if _covered(page) >= _COVERED else Scan.NONE
    if glyphs.unknown > _UNKNOWN * max(glyphs.count, 1) or _is_garbage(page.words):
        return Scan.GARBAGE
    return Scan.NONE


def _covered(page: Page) -> float:
    """The share of the page under pictures; what overlaps counts twice, which does no harm."""
    area = sum((image.x1 - image.x0) * (image.y1 - image.y0) for image in page.images)
    return area / max(page.width * page.height, 1.0)


def _is_garbage(words: Sequence[Word]) -> bool:
    text = "".join(word.text for word in words)[:4000]
    han = [letter for letter in text if "\u4e00" <= letter <= "\u9fff"]
    frequent = sum(letter in FREQUENT_HAN for letter in han)
    if len(han) >= _ENOUGH and frequent < _FREQUENT * len(han):
        return True
    strange = sum(
        "\u0080" <= letter <= "\u1fff" and letter not in "·°±×÷§µαβγδεθλμπρσφωΔΣ" for letter in text
    )
    return len(text) >= _ENOUGH and strange > _STRANGE * len(text)


def page_of_picture(page: Any, number: int, width: float, height: float) -> Page | None:
    """The words of a rendered page; None if no OCR is there.

    Args:
        page: pdfium's page; width, height: as shown, in points.
    """
    try:
        ocr = import_module("corpus.ocr")
    except ModuleNotFoundError:
        return None
    scale = min(_SCALE, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    picture = page.render(scale=scale)  # its pixels live as long as it
    read: Page = ocr.read_pixels(picture.to_numpy(), number, width, height)
    return read
