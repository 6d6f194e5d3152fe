"""The glyphs of a PDF page → words with the place of each character.

First step of `corpus.pdf.extract`; talks to pdfium's text page by its C interface, since its
Python objects cost ten times the work itself.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, field, replace
from typing import Any

from corpus.pdf.page import Word
from corpus.pdf.placing import Box, Placing

# Gaps in ems. Glyphs of one word touch; a space is 0.25 em or more, squeezed in justified type to
# about 0.2; kerning and letter-spacing stay below.
_GAP = 0.2
_BACK = 0.5  # a glyph that begins this far left of the last one's end is no next letter
_LEVEL = 0.15  # baselines of one word differ by less
_TWIN = 0.12  # the same letter drawn again within this distance: fake bold, shadow
# The box of a line of Han type around its baseline, in ems; fonts state anything.
_ABOVE, _BELOW = 0.88, 0.12
_UPRIGHT = math.radians(3)  # scanned and slightly turned lines still count as upright
_MOST_CLIPS = 16  # paths of one clip, and corners of a path, that are looked at
_MIN_SIZE = 1.0  # points: smaller glyphs cannot be read
_SPACES = frozenset(" \t\r\n\x0b\x0c\x85\u00a0\u2028\u2029\u200b\ufeff\x00")
# What the bullets of the usual symbol fonts look like; their codes mean nothing elsewhere.
_SYMBOLS = {
    0x6C: "●", 0x6E: "■", 0x75: "◆", 0x77: "◆", 0x71: "❑", 0xA7: "▪", 0xA8: "◻", 0xB2: "◇",
    0xD8: "➢", 0xE0: "→", 0xFC: "✓", 0xFE: "✓", 0xB7: "•", 0x9F: "•", 0x6F: "□", 0x70: "□",
    0x76: "❖", 0xF0: "→", 0x96: "•", 0xA4: "○", 0x6D: "○", 0xE8: "→", 0xB0: "•",
}  # fmt: skip
_SOFT_HYPHEN = "\x02"  # pdfium's sign for a hyphen at the end of a line


@dataclass(slots=True)
class Glyphs:
    """What the text layer of a page holds.

    Args:
        words: upright, in the order of the file; `turned`: see `Page.turned`.
        hidden: words drawn with an invisible pen (the text behind a scan).
        count: glyphs that could be seen; `unknown` of them without a usable Unicode value.
        cut: the page holds more glyphs than are read.
    """

    words: list[Word] = field(default_factory=list)
    turned: list[tuple[Word, ...]] = field(default_factory=list)
    hidden: list[Word] = field(default_factory=list)
    count: int = 0
    unknown: int = 0
    cut: bool = False


@dataclass(slots=True)
class _Style:
    """What all glyphs of one text object share."""

    size: float
    angle: float
    font: str
    bold: bool
    colour: tuple[int, int, int]
    visible: bool
    seen: bool  # False: invisible by its rendering mode, so perhaps the text of a scan
    level: float  # y of the baseline on the page, from the top
    clip: Box | None  # what is left of the page for it; None: all


@dataclass(slots=True)
class _Run:
    """The word that is being put together."""

    style: _Style
    spaced: bool
    letters: list[str] = field(default_factory=list)
    edges: list[float] = field(default_factory=list)
    end: float = 0.0


class GlyphReader:
    """Reads the glyphs of one page; `read` once.

    Args:
        most: glyphs that are read at most.
    """

    def __init__(self, raw: Any, text_page: Any, placing: Placing, most: int) -> None:
        self.most = most
        self.raw, self.page, self.placing = raw, text_page, placing
        self.found = Glyphs()
        self.styles: dict[int, _Style] = {}
        self.fonts: dict[int, tuple[str, bool]] = {}
        self.twins: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
        self.run: _Run | None = None
        self._half = False  # the character before was the first half of a pair
        self.last: tuple[str, float, float, int] | None = None  # the letter before
        self.doubled: set[float] = set()  # left edges of glyphs that were drawn twice

    def read(self) -> Glyphs:
        """All glyphs as words."""
        raw, page = self.raw, self.page
        unicode_of, object_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetTextObject
        box_of = raw.FPDFText_GetLooseCharBox
        box = raw.FS_RECTF()
        reference = ctypes.byref(box)
        spaced = False
        count = raw.FPDFText_CountChars(page)
        self.found.cut = count > self.most
        for number in range(min(count, self.most)):
            code = unicode_of(page, number)
            if 0xDC00 <= code < 0xE000 and number and self._half:
                continue  # the second half of a character that was read with its first
            self._half = 0xD800 <= code < 0xDC00
            if self._half and number + 1 < count:
                code = _joined(code, unicode_of(page, number + 1))
            letter = _letter(code)
            if letter in _SPACES:
                self._close()
                spaced = spaced or not raw.FPDFText_IsGenerated(page, number)
                continue
            owner = object_of(page, number)
            if not owner or not box_of(page, number, reference):
                continue
            key = ctypes.addressof(owner.contents)
            style = self.styles.get(key)
            if style is None:
                style = self.styles[key] = self._style(owner, number)
            if not style.visible:
                continue
            corners = (box.left, box.bottom, box.right, box.top)
            self._add(letter, number, style, self.placing.box(*corners), spaced)
            spaced = False
        self._close()
        if self.doubled:
            self.found.words = [self._doubled(word) for word in self.found.words]
        return self.found

    def _doubled(self, word: Word) -> Word:
        """Bold, if most of its letters were drawn twice."""
        twice = sum(edge in self.doubled for edge in word.edges[:-1])
        return replace(word, bold=True) if twice * 2 > len(word.text) else word

    def _style(self, owner: Any, number: int) -> _Style:
        raw, page = self.raw, self.page
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(page, number, matrix)
        size = raw.FPDFText_GetFontSize(page, number) * math.hypot(matrix.c, matrix.d)
        angle = self.placing.angle(math.atan2(matrix.b, matrix.a))
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(page, number, x, y)
        level = self.placing.point(x.value, y.value)[1]
        font, bold = self._font(owner)
        mode = raw.FPDFTextObj_GetTextRenderMode(owner)
        stroked = mode in (raw.FPDF_TEXTRENDERMODE_FILL_STROKE, raw.FPDF_TEXTRENDERMODE_STROKE)
        colour, alpha = self._colour(owner)
        seen = mode not in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
        visible = size >= _MIN_SIZE and alpha > 0
        clip = self._clip(owner, matrix)
        return _Style(size, angle, font, bold or stroked, colour, visible, seen, level, clip)

    def _clip(self, owner: Any, shown: Any) -> Box | None:
        """The box that cuts off what is drawn outside of it: marks of templates are hidden so.

        Args:
            shown: the matrix of the letters on the page. Where it is not the object's own, the
                object stands in a form, whose clips have places of their own: they are left out.
        """
        raw = self.raw
        own = raw.FS_MATRIX()
        raw.FPDFPageObj_GetMatrix(owner, own)
        if abs(own.a - shown.a) + abs(own.d - shown.d) + abs(own.f - shown.f) > 0.1:
            return None
        clip = raw.FPDFPageObj_GetClipPath(owner)
        count = raw.FPDFClipPath_CountPaths(clip) if clip else 0
        x, y = ctypes.c_float(), ctypes.c_float()
        box: Box | None = None
        for path in range(min(count, _MOST_CLIPS)):
            places = []
            corners = raw.FPDFClipPath_CountPathSegments(clip, path)
            if corners > _MOST_CLIPS:
                continue  # no plain box: what it leaves is not worth the time
            for number in range(corners):
                segment = raw.FPDFClipPath_GetPathSegment(clip, path, number)
                if segment and raw.FPDFPathSegment_GetPoint(segment, x, y):
                    places.append(self.placing.point(x.value, y.value))
            if places:
                xs, ys = [place[0] for place in places], [place[1] for place in places]
                around = (min(xs), min(ys), max(xs), max(ys))
                box = around if box is None else _overlap(box, around)
        return box

    def _font(self, owner: Any) -> tuple[str, bool]:
        raw = self.raw
        font = raw.FPDFTextObj_GetFont(owner)
        if not font:
            return "", False
        key = ctypes.addressof(font.contents)
        if key not in self.fonts:
            buffer = ctypes.create_string_buffer(128)
            raw.FPDFFont_GetBaseFontName(font, buffer, 128)
            name = buffer.value.decode("utf-8", "replace")
            self.fonts[key] = (name, _is_bold(name, raw.FPDFFont_GetWeight(font)))
        return self.fonts[key]

    def _colour(self, owner: Any) -> tuple[tuple[int, int, int], int]:
        parts = [ctypes.c_uint() for _ in range(4)]
        if not self.raw.FPDFPageObj_GetFillColor(owner, *parts):
            return (0, 0, 0), 255
        red, green, blue, alpha = (part.value for part in parts)
        return (red, green, blue), alpha

    def _add(
        self,
        letter: str,
        number: int,
        style: _Style,
        box: tuple[float, float, float, float],
        spaced: bool,
    ) -> None:
        x0, y0, x1, y1 = box
        if not self.placing.holds((x0 + x1) / 2, (y0 + y1) / 2):
            self._close()
            return
        if style.clip is not None and not _within(style.clip, (x0 + x1) / 2, (y0 + y1) / 2):
            return
        same = (letter, x0, y0, id(style)) == self.last  # ff of one glyph: both have its box
        self.last = (letter, x0, y0, id(style))
        if not same and self._is_twin(letter, style, x0, y0):
            return
        self.found.count += 1
        if _unknown(letter) or self.raw.FPDFText_HasUnicodeMapError(self.page, number) == 1:
            self.found.unknown += 1
        if abs(style.angle) > _UPRIGHT:
            self._close()
            self._add_turned(letter, style, box, spaced)
            return
        run = self.run
        if run is None or spaced or not _follows(run, style, x0):
            self._close()
            run = self.run = _Run(style, spaced)
        elif run.letters and x0 < run.edges[-1]:
            x0 = run.edges[-1]
        run.letters.append(letter)
        run.edges.append(x0)
        run.end = max(x1, x0)

    def _is_twin(self, letter: str, style: _Style, x: float, y: float) -> bool:
        """True if the same letter was drawn at (nearly) the same place before."""
        reach = _TWIN * style.size
        cell = max(style.size, _MIN_SIZE)
        columns = {int((x - reach) // cell), int((x + reach) // cell)}
        rows = {int((y - reach) // cell), int((y + reach) // cell)}
        for column in columns:
            for row in rows:
                for other_x, other_y in self.twins.get((letter, column, row), ()):
                    if abs(other_x - x) <= reach and abs(other_y - y) <= reach:
                        self.doubled.add(other_x)
                        return True
        self.twins.setdefault((letter, int(x // cell), int(y // cell)), []).append((x, y))
        return False

    def _add_turned(
        self, letter: str, style: _Style, box: tuple[float, float, float, float], spaced: bool
    ) -> None:
        x0, y0, x1, y1 = box
        word = Word(letter, x0, y0, x1, y1, (x0, x1), style.size, style.font, style.bold,
                    style.colour, spaced=spaced)  # fmt: skip
        runs = self.found.turned
        if runs and not spaced and _beside(runs[-1][-1], word):
            runs[-1] = (*runs[-1], word)
        else:
            runs.append((word,))

    def _close(self) -> None:
        run, self.run = self.run, None
        if run is None:
            return
        style = run.style
        word = Word(
            "".join(run.letters), run.edges[0], style.level - _ABOVE * style.size, run.end,
            style.level + _BELOW * style.size, (*run.edges, run.end), style.size, style.font,
            style.bold, style.colour, spaced=run.spaced,
        )  # fmt: skip
        (self.found.words if style.seen else self.found.hidden).append(word)


def _overlap(one: Box, other: Box) -> Box:
    return (
        max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]),
    )  # fmt: skip


def _within(box: Box, x: float, y: float) -> bool:
    return box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1


def _joined(high: int, low: int) -> int:
    """The character of two halves (UTF-16): letters of formulas stand beyond 0xFFFF."""
    if not 0xDC00 <= low < 0xE000:
        return high
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)


def _letter(code: int) -> str:
    """The character of a code; control signs and half characters become a space."""
    if code == ord(_SOFT_HYPHEN):
        return "-"
    if 0xF020 <= code <= 0xF0FF:
        return _SYMBOLS.get(code - 0xF000, chr(code))
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return " " if code < 0x20 else "\ufffd"
    return chr(code)


def _unknown(letter: str) -> bool:
    """True for a sign that means nothing outside of its font."""
    return letter == "\ufffd" or "\ue000" <= letter <= "\uf8ff" or letter >= "\U000f0000"


def _is_bold(name: str, weight: int) -> bool:
    lowered = name.lower()
    if any(part in lowered for part in ("bold", "black", "heavy", "simhei", "黑体")):
        return True
    return weight >= 600  # CSS: 600 is demi-bold


def _follows(run: _Run, style: _Style, x0: float) -> bool:
    """True if a glyph that begins at `x0` is the next letter of the run."""
    old = run.style
    if style is not old and (
        abs(style.level - old.level) > _LEVEL * old.size
        or abs(style.size - old.size) > _LEVEL * old.size
        or style.bold != old.bold
        or style.colour != old.colour
        or style.seen != old.seen
    ):
        return False
    gap = (x0 - run.end) / min(style.size, old.size)
    return -_BACK <= gap <= _GAP


def _beside(last: Word, word: Word) -> bool:
    """True if two glyphs of turned type stand within an em and a half of each other."""
    reach = 1.5 * max(last.size, word.size)
    across = max(last.x0, word.x0) - min(last.x1, word.x1)
    along = max(last.y0, word.y0) - min(last.y1, word.y1)
    return abs(last.size - word.size) < 0.2 * last.size and across < reach and along < reach
