"""Reader of pictures (PNG, JPEG): one page, read by OCR.

Joins `corpus.ocr` and the steps that every page of a PDF takes.
"""

from __future__ import annotations

import io
import warnings

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.readers.pdf import compose_pages

# A page of A3 at 600 dots per inch has 70 million; unpacked they take 3 bytes each.
MAX_PIXELS = 70_000_000
# More than 200 dots an inch of A4 tell OCR nothing new.
_SIDE = 2400
_A4 = (595.0, 842.0)


def read_picture_file(data: bytes, name: str) -> Composed:
    """The composed text of a picture of a page.

    Raises:
        UnreadableFile: damaged, oversized, or without a word.
    """
    from PIL import Image, ImageOps

    from corpus.ocr import read_picture

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image: Image.Image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        if image.width * image.height > MAX_PIXELS:
            size = f"{image.width:,} × {image.height:,} pixels"
            raise UnreadableFile(name, f"is oversized ({size}); save it smaller")
        image.draft("RGB", (_SIDE, _SIDE))  # a JPEG is read smaller at once
        image = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableFile(name, f"is a damaged picture ({error}); save it again") from error
    image.thumbnail((_SIDE, _SIDE))
    width, height = _points(image.width, image.height)
    page = read_picture(image, 1, width, height)
    if not page.words:
        raise UnreadableFile(name, "is a picture in which OCR finds no word; give a text version")
    return compose_pages([page], name, ())


def _points(width: int, height: int) -> tuple[float, float]:
    """The size of the page: as broad as A4, for a picture seldom tells its true size."""
    across = _A4[1] if width > height else _A4[0]
    return across, across * height / width
