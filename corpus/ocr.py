"""OCR: a picture of a page → the same `Page` that a text layer gives, each word with a confidence.

Stands beside `corpus.pdf.extract`. `corpus.ocr_models` gives letters in pixels, `corpus.ocr_ink`
the drawn lines; here they become words of one size and height in points, on an upright page.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from corpus.ocr_dashes import Found, lone_dashes
from corpus.ocr_ink import Ink, drawn_ink
from corpus.ocr_models import Letter, Pixels, Point, give_back, read_lines
from corpus.pdf.page import Page, Rule, Word

if TYPE_CHECKING:
    from PIL.Image import Image

# A line longer than high is set upright; the axis labels of charts are not.
_TURNED = 1.5
# Lines of one size differ by so much as OCR measures them.
_ALIKE = 0.09
# A page that is held less aslant than this (degrees) needs no turning.
_STRAIGHT = 0.15
_LATIN_WIDTH = 0.55  # of a digit or letter, in ems; of Han 1
_DIGIT_WIDTH = 0.53  # 0.50 in serif fonts, 0.556 in sans serif ones
_SAME_ROW = 0.3  # cells of one row that differ less in size differ by measuring
_BOX_HEIGHT = 1.45  # of the box that is found around a line, in ems
_LEVEL = 0.4  # ems by which the heights of a row differ; the next row is one em off at least
_BARS = "|丨│︱｜"  # as which the lines between cells are read
_BAR = 0.4  # ems between such a letter and the line
_GAP = 0.9  # ems of white between two characters that part words or cells


def read_picture(image: Image, page_number: int, width_pt: float, height_pt: float) -> Page:
    """The words and drawn lines of a picture of a page.

    Args:
        width_pt, height_pt: of the page that the picture shows the whole of.
    """
    pixels = np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
    return read_pixels(np.ascontiguousarray(pixels[:, :, ::-1]), page_number, width_pt, height_pt)


def read_pixels(pixels: Pixels, page_number: int, width_pt: float, height_pt: float) -> Page:
    """The same of pixels as pdfium paints them: (height, width, 3) uint8, blue first."""
    scale = (width_pt / pixels.shape[1], height_pt / pixels.shape[0])
    lines = read_lines(pixels)
    angle = _slant([line.corners for line in lines])
    upright: list[Found] = []
    turned: list[Found] = []
    for line in lines:
        points = [_place(point, angle, pixels.shape, scale) for point in line.corners]
        for letter in line.letters:
            letter.x, letter.y = _place((letter.x, letter.y), angle, pixels.shape, scale)
        found = Found(line.letters, *_bounds(points))
        high = found.bottom - found.top > _TURNED * (found.right - found.left)
        (turned if high and len(found.letters) > 1 else upright).append(found)
    _measure([*upright, *turned])
    ink = Ink([], []) if abs(angle) > 1 else drawn_ink(pixels, scale)
    give_back()
    upright += lone_dashes(ink, upright)
    _level(upright)
    uprights = [rule for rule in ink.rules if not rule.horizontal]
    words = tuple(word for found in upright for word in _words(found, uprights))
    strips = tuple(
        tuple(_single(letter, found.size) for letter in found.letters) for found in turned
    )
    return Page(
        page_number, width_pt, height_pt, words, rules=tuple(ink.rules), ocr=True, turned=strips
    )


# ── places ────────────────────────────────────────────────────────────────────────────────────────


def _slant(boxes: Sequence[Sequence[Point]]) -> float:
    """How far aslant the page is held, in degrees; long lines say it best."""
    angles = []
    for (ax, ay), (bx, by), *_ in boxes:
        if bx - ax > 20 * abs(by - ay) or bx - ax > 200:
            angles += [math.degrees(math.atan2(by - ay, bx - ax))] * max(int((bx - ax) / 50), 1)
    angle = median(angles) if angles else 0.0
    return angle if _STRAIGHT < abs(angle) < 10 else 0.0


def _place(point: Point, angle: float, shape: tuple[int, ...], scale: tuple[float, float]) -> Point:
    """A pixel's place on the page in points, the page turned upright about its middle."""
    x, y = point
    if angle:
        turn = math.radians(-angle)
        cx, cy = shape[1] / 2, shape[0] / 2
        x, y = (
            cx + (x - cx) * math.cos(turn) - (y - cy) * math.sin(turn),
            cy + (x - cx) * math.sin(turn) + (y - cy) * math.cos(turn),
        )
    return x * scale[0], y * scale[1]


def _bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), max(xs), min(ys), max(ys)


def _measure(lines: Sequence[Found]) -> None:
    """Font sizes: of a line by the distance of its letters, else by the height of its box; then
    one size for all that are alike."""
    pitches = [_pitch(line) for line in lines]
    ratios = [
        line.height / pitch for line, pitch in zip(lines, pitches, strict=True) if pitch is not None
    ]
    ratio = median(ratios) if ratios else _BOX_HEIGHT
    weight: dict[float, int] = {}
    # measured ones first, long ones first: what they agree on the others are put to
    order = sorted(
        zip(lines, pitches, strict=True), key=lambda pair: (pair[1] is None, -len(pair[0].letters))
    )
    for line, pitch in order:
        own = max(round((pitch or line.height / ratio) * 2) / 2, 1.0)
        alike = _ALIKE if pitch else _SAME_ROW
        near = [size for size in weight if abs(size - own) <= alike * size]
        line.size = min(near, key=lambda one: (abs(one - own), one)) if near else own
        weight[line.size] = weight.get(line.size, 0) + len(line.letters)


def _pitch(line: Found) -> float | None:
    """The font size by the distance of Han, else of digits, that follow each other; None if too
    few do."""
    pairs = [pair for pair in itertools.pairwise(line.letters) if not pair[1].spaced]
    for kind, width in ((_is_wide, 1.0), (str.isdigit, _DIGIT_WIDTH)):
        steps = [
            math.hypot(b.x - a.x, b.y - a.y) / width
            for a, b in pairs
            if kind(a.text) and kind(b.text)
        ]
        if len(steps) > 1:
            return median(steps)
    return None


def _level(lines: Sequence[Found]) -> None:
    """Puts what stands side by side at one height: boxes of words, figures and marks differ by a
    point or two, which would tear the rows of a table."""
    group: list[Found] = []
    for line in [*sorted(lines, key=lambda one: one.middle), None]:
        if group and (line is None or line.middle - group[0].middle > _LEVEL * line.size):
            y = median(one.middle for one in group)
            size = _common_size(group)
            for one in group:
                one.size = size if abs(one.size - size) <= _SAME_ROW * size else one.size
                shift = y - one.middle
                for letter in one.letters:
                    letter.y += shift
            group = []
        if line is not None:
            group.append(line)


def _common_size(lines: Sequence[Found]) -> float:
    """The size of most letters of a row."""
    weight: dict[float, int] = {}
    for line in lines:
        weight[line.size] = weight.get(line.size, 0) + len(line.letters)
    return min(weight, key=lambda size: (-weight[size], size))


def _ems(letter: str) -> float:
    return 1.0 if _is_wide(letter) else _LATIN_WIDTH


def _is_wide(letter: str) -> bool:
    return letter >= "\u2e80"


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


def _words(line: Found, uprights: Sequence[Rule]) -> list[Word]:
    """A line cut where spaces, gaps or drawn lines stand; what was read of such a line is left
    out."""
    through = [rule.x0 for rule in uprights if rule.y0 <= line.middle <= rule.y1]
    runs: list[list[Letter]] = []
    for letter in line.letters:
        if letter.text in _BARS and any(abs(x - letter.x) < _BAR * line.size for x in through):
            continue
        before = runs[-1][-1] if runs else None
        if (
            before is None
            or letter.spaced
            or _gap(before, letter, line.size) > _GAP * line.size
            or any(before.x < x < letter.x for x in through)
        ):
            runs.append([])
        runs[-1].append(letter)
    words = []
    for run in runs:
        # boxes are found with white around them; the letters say where the words end
        left = max(run[0].x - _ems(run[0].text) * line.size / 2, line.left)
        right = min(run[-1].x + _ems(run[-1].text) * line.size / 2, line.right)
        words.append(_word(run, left, right, line.size))
    return words


def _gap(a: Letter, b: Letter, size: float) -> float:
    return b.x - a.x - (_ems(a.text) + _ems(b.text)) / 2 * size


def _word(run: list[Letter], left: float, right: float, size: float) -> Word:
    middles = [(a.x + b.x) / 2 for a, b in itertools.pairwise(run)]
    edges = [min(left, run[0].x), *middles, max(right, run[-1].x)]
    for index in range(1, len(edges)):
        edges[index] = max(edges[index], edges[index - 1])
    y = round(sum(letter.y for letter in run) / len(run), 2)
    return Word(
        "".join(letter.text for letter in run),
        edges[0],
        y - 0.6 * size,
        edges[-1],
        y + 0.6 * size,
        tuple(edges),
        size,
        confidence=round(min(letter.confidence for letter in run), 3),
        spaced=run[0].spaced,
    )


def _single(letter: Letter, size: float) -> Word:
    return _word([letter], letter.x - size / 2, letter.x + size / 2, size)
