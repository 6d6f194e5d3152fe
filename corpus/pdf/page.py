"""A PDF page as positioned words, lines, fills and pictures: what layout and tables work on.

Made by `corpus.pdf.extract` from a text layer or by `corpus.ocr` from a picture; read by
`corpus.pdf.order` and `corpus.pdf.tables`. Points (1/72 inch), origin top left, y downwards, the
page turned as a reader holds it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A run of glyphs on one baseline without a gap that parts words or cells.

    Args:
        x0, y0, x1, y1: its box (line height of the font, not the ink of the glyphs).
        edges: left edge of each character, and the right edge of the last: `len(text) + 1`.
        size: font size in points, as seen on the page.
        bold: by font name, weight or rendering mode.
        colour: `(r, g, b)`, 0..255.
        confidence: of OCR, 0..1; None for a text layer.
        spaced: the file itself sets a space character before it (not only a gap).
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    edges: tuple[float, ...]
    size: float
    font: str = ""
    bold: bool = False
    colour: tuple[int, int, int] = (0, 0, 0)
    confidence: float | None = None
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn line, horizontal (`y0 == y1`) or vertical (`x0 == x1`); thin filled boxes too."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float

    @property
    def horizontal(self) -> bool:
        """False for a vertical line."""
        return self.y0 == self.y1


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled rectangle: a side bar, a shaded header or row."""

    x0: float
    y0: float
    x1: float
    y1: float
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, or a drawing of many paths (a chart)."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `number` counts from 1; words in the order of the file.

    Args:
        ocr: the words come from OCR.
        turned: words that are set sideways or aslant (labels of axes, strips at the edge,
            watermarks), a run of words of one character each; no part of `words`.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    rules: tuple[Rule, ...] = ()
    fills: tuple[Fill, ...] = ()
    images: tuple[Image, ...] = ()
    ocr: bool = False
    turned: tuple[tuple[Word, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell found on a page.

    Args:
        row, column: upper left corner in the grid, from 0.
        words: in reading order; empty for an empty cell. A cell of several printed lines is one
            cell.
        rest: what a page's end cut off: words at the top of the next page.
    """

    row: int
    column: int
    words: tuple[Word, ...]
    row_span: int = 1
    column_span: int = 1
    rest: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table found on one page.

    Args:
        x0, y0, x1, y1: the box that holds all its words; what lies in it is no prose.
        cells: every cell of the grid once, empty ones too, by row, then column.
        rows, columns: size of the grid.
        header_rows: rows at the top that are headers; 0 if none.
        ruled: found by drawn lines; else by alignment.
        continues: it goes on with the last table of the page before.
        title: the words of its caption, if the caption stands inside of the box.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    cells: tuple[PageCell, ...]
    rows: int
    columns: int
    header_rows: int
    ruled: bool
    continues: bool = False
    title: tuple[Word, ...] = ()
