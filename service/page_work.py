"""The drawing of pages, in a process of its own: a hostile PDF takes nothing but this process.

`python -m service.page_work`; `painting` starts it, hands it files and gets PNG pictures back.
"""

from __future__ import annotations

import io
import math
import resource
import sys
from typing import IO, Any, Final

import msgspec

MAX_PIXELS: Final = 4_000_000
"""Of one picture; an A4 page at `SCALE` has two million."""

MAX_SIDE: Final = 4096
SCALE: Final = 2.0
"""Pixels for each point: 144 dpi, at which footnotes can be read on a screen."""

MEMORY_BYTES: Final = 1024 * 2**20
"""Data that the process may reserve; the largest pages of real reports take about 200 MiB."""

_MARK: Final = (255, 226, 90)  # paper white becomes this yellow, black ink stays black
_MARGIN: Final = 1.5  # points around the words, so that thin strokes at the edge are inside


class Wish(msgspec.Struct, frozen=True):
    """A page to be drawn.

    Args:
        data: the whole PDF; None: the one of the wish before.
        page: from 1.
        marks: boxes `(x0, y0, x1, y1)` in points, origin top left.
        size: width and height of the page in points, as the boxes know it; None: as the file says.
        scale: pixels for each point, less where the picture would be too large.
    """

    data: bytes | None
    page: int
    marks: list[tuple[float, float, float, float]]
    size: tuple[float, float] | None
    scale: float = SCALE


class Drawn(msgspec.Struct, frozen=True):
    """The PNG picture, or what is wrong with the file or its page."""

    png: bytes | None
    fault: str | None = None


def main() -> None:
    """Draws what comes on standard input until it ends."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    document: Any = None
    while (packed := read_frame(sys.stdin.buffer)) is not None:
        wish = msgspec.msgpack.decode(packed, type=Wish)
        try:
            if wish.data is not None:
                document = _opened(wish.data)
            drawn = Drawn(_png(document, wish))
        except MemoryError:
            drawn = Drawn(None, "memory")
        except Exception as error:  # pdfium and Pillow raise many kinds; all mean the same here
            drawn = Drawn(None, type(error).__name__)
        write_frame(sys.stdout.buffer, msgspec.msgpack.encode(drawn))


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Writes a length of eight bytes and the content."""
    stream.write(len(content).to_bytes(8, "big"))
    stream.write(content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """What `write_frame` wrote; None at the end of the stream."""
    length = stream.read(8)
    if len(length) < 8:
        return None
    content = stream.read(int.from_bytes(length, "big"))
    return content if len(content) == int.from_bytes(length, "big") else None


def _opened(data: bytes) -> Any:
    import pypdfium2

    return pypdfium2.PdfDocument(data)


def _png(document: Any, wish: Wish) -> bytes:
    page = document[wish.page - 1]
    width, height = page.get_size()
    scale = _scale(width, height, wish.scale)
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    wide, high = wish.size or (width, height)
    for box in wish.marks:
        _mark(picture, box, picture.width / wide, picture.height / high)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _scale(width: float, height: float, wanted: float) -> float:
    pixels = math.sqrt(MAX_PIXELS / max(width * height, 1))
    return min(wanted, pixels, MAX_SIDE / max(width, height, 1))


def _mark(picture: Any, box: tuple[float, float, float, float], across: float, down: float) -> None:
    """Lays a light colour under the words: what is dark stays dark."""
    from PIL import Image, ImageChops

    x0, y0, x1, y1 = box
    left = max(math.floor((x0 - _MARGIN) * across), 0)
    top = max(math.floor((y0 - _MARGIN) * down), 0)
    right = min(math.ceil((x1 + _MARGIN) * across), picture.width)
    bottom = min(math.ceil((y1 + _MARGIN) * down), picture.height)
    if left < right and top < bottom:
        area = (left, top, right, bottom)
        under = Image.new("RGB", (right - left, bottom - top), _MARK)
        picture.paste(ImageChops.multiply(picture.crop(area), under), area)


if __name__ == "__main__":
    main()
