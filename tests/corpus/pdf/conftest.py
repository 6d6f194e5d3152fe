"""A PDF drawn by hand, so that every place of a letter is known: no library writes these."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

WIDTH, HEIGHT = 595, 842


def em(letter: str) -> float:
    return 1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.5


@dataclass
class Sheet:
    """One page: words, lines, boxes and a grey picture, placed in points from the top left."""

    marks: list[str] = field(default_factory=list)
    picture: bool = False

    def write(self, text: str, x: float, y: float, size: float = 10, bold: bool = False) -> None:
        """One line of text whose line box begins at `y`. Bold: drawn with a heavy outline."""
        codes = text.encode("utf-16-be").hex().upper()
        mode = "2 Tr 0.4 w" if bold else "0 Tr"
        base = HEIGHT - y - 0.88 * size
        self.marks.append(f"BT /F1 {size} Tf {mode} 1 0 0 1 {x} {base} Tm <{codes}> Tj ET")

    def column(self, text: str, x: float, y: float, letters: int, size: float = 10) -> float:
        """A paragraph set in lines of so many Han letters, first line two in; its lower end."""
        text = "\u3000\u3000" + text
        for start in range(0, len(text), letters):
            line = text[start : start + letters]
            indent = len(line) - len(line.lstrip("\u3000"))
            self.write(line[indent:], x + indent * size, y, size)
            y += 1.5 * size
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.marks.append(f"0.5 w {x0} {HEIGHT - y0} m {x1} {HEIGHT - y1} l S")

    def box(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.marks.append(f"0.8 g {x0} {HEIGHT - y1} {x1 - x0} {y1 - y0} re f 0 g")

    def image(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.picture = True
        self.marks.append(f"q {x1 - x0} 0 0 {y1 - y0} {x0} {HEIGHT - y1} cm /I1 Do Q")


def written(sheets: list[Sheet], extra: str = "") -> bytes:
    """The file. Letters by their Unicode values; Han are an em wide, all others half an em."""
    objects: dict[int, bytes] = {
        3: b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        b"/DescendantFonts [4 0 R] >>",
        4: b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 "
        b"/W [1 [" + b" 500" * 94 + b"] 814 939 500] /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R >>",
        5: b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -120 1000 880]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >>",
        6: _stream(b"\x80", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 "
                   b"/ColorSpace /DeviceGray /BitsPerComponent 8 "),
    }  # fmt: skip
    kids = []
    for number, sheet in enumerate(sheets):
        page, content = 10 + 2 * number, 11 + 2 * number
        kids.append(f"{page} 0 R")
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {content} 0 R "
            "/Resources << /Font << /F1 3 0 R >> /XObject << /I1 6 0 R >> >> >>"
        ).encode()
        objects[content] = _stream("\n".join(sheet.marks).encode(), b"")
    objects[1] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _file(objects, extra)


def _stream(data: bytes, entries: bytes) -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def _file(objects: dict[int, bytes], extra: str) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s>>\n" % (max(objects) + 1, extra.encode())
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


@pytest.fixture
def sheet() -> type[Sheet]:
    """A page to draw on."""
    return Sheet


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    """Pages → the bytes of a PDF."""
    return written
