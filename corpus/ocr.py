"""OCR: a picture of a page → the same `Page` that a text layer gives, each word with a confidence.

Stands beside `corpus.pdf.extract`. rapidocr runs the PP-OCR models that its wheel holds; they are
named by their paths, so that nothing is ever looked for elsewhere, and loaded when the first
picture comes: a process that needs no OCR never has them.
"""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.pdf.page import Page, Rule, Word

if TYPE_CHECKING:
    from PIL.Image import Image

# Lines are looked for in a picture of this length, and read from the full one. With 960 a page of
# 191 lines lost none against 2000, and a process peaked at 387 MiB instead of 920.
_FIND_SIDE = 960
# A line whose mean confidence is lower is noise: stains, signatures, logos.
_LEAST = 0.5
# A line longer than high is set upright; the axis labels of charts are not.
_TURNED = 1.5
# Rules are as long as this at least; the longest stroke of a title's letter is shorter.
_RULE_PT = 30.0
# Where lines cross, neither is darker than its sides: pieces are joined over the gap.
_PIECE_PT = 8.0
_CROSSING_PX = 9
_BROAD_PX = 11  # what is broader than that is a bar
_FAINT = 40  # of 255: the grey of a light line on white paper
# Lines of one size differ by so much as OCR measures them.
_ALIKE = 0.09
# A page that is held less aslant than this (degrees) needs no turning.
_STRAIGHT = 0.15
_LATIN_WIDTH = 0.55  # of a digit or letter, in ems; of Han 1
_DIGIT_WIDTH = 0.53  # 0.50 in serif fonts, 0.556 in sans serif ones
_SAME_ROW = 0.3  # cells of one row that differ less in size differ by measuring
_BOX_HEIGHT = 1.45  # of the box that is found around a line, in ems
_LEVEL = 0.4  # ems by which the heights of a row differ; the next row is one em off at least
_GAP = 0.9  # ems of white between two characters that part words or cells

_Point = tuple[float, float]


@dataclass(slots=True)
class _Letter:
    """A character, its middle in points, and whether a space stands before it."""

    text: str
    x: float
    y: float
    confidence: float
    spaced: bool


@dataclass(slots=True)
class _Found:
    """A line as it was found. `left`, `right`, `top`, `bottom`: of its box, in points."""

    letters: list[_Letter]
    left: float
    right: float
    top: float
    bottom: float
    size: float = 0.0

    @property
    def height(self) -> float:
        """Of the line, across its letters."""
        return min(self.bottom - self.top, self.right - self.left)

    @property
    def middle(self) -> float:
        """Where its letters stand between top and bottom of the page."""
        return sum(letter.y for letter in self.letters) / len(self.letters)


def read_picture(image: Image, page_number: int, width_pt: float, height_pt: float) -> Page:
    """The words and drawn lines of a picture of a page.

    Args:
        width_pt, height_pt: of the page that the picture shows the whole of.
    """
    pixels = np.asarray(image.convert("RGB"))
    scale = (width_pt / image.width, height_pt / image.height)
    boxes, lines = _read(pixels)
    angle = _slant(boxes)
    upright: list[_Found] = []
    turned: list[_Found] = []
    for box, letters in zip(boxes, lines, strict=True):
        points = [_place(point, angle, pixels.shape, scale) for point in box]
        for letter in letters:
            letter.x, letter.y = _place((letter.x, letter.y), angle, pixels.shape, scale)
        found = _Found(letters, *_bounds(points))
        high = found.bottom - found.top > _TURNED * (found.right - found.left)
        (turned if high and len(letters) > 1 else upright).append(found)
    _measure([*upright, *turned])
    _level(upright)
    words = tuple(word for found in upright for word in _words(found))
    strips = tuple(
        tuple(_single(letter, found.size) for letter in found.letters) for found in turned
    )
    rules = () if abs(angle) > 1 else _rules(pixels, scale)
    return Page(
        page_number, width_pt, height_pt, words, rules=tuple(rules), ocr=True, turned=strips
    )


# ── the models ──────────────────────────────────────────────────────────────────────────────


@cache
def _engine() -> Any:
    """rapidocr with the models of its wheel, one thread: a build runs a process for each core."""
    from rapidocr import RapidOCR

    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("rapidocr is not installed", name="rapidocr")
    models = Path(spec.origin).parent / "models"
    return RapidOCR(
        params={
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            "Cls.model_path": str(models / "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "critical",
            "Global.use_cls": False,  # lines upside down: pages are turned before they come
            "Global.text_score": _LEAST,
            "Global.max_side_len": 20000,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "Det.limit_type": "max",
            "Det.limit_side_len": _FIND_SIDE,
            "Rec.rec_batch_num": 1,  # lines read together are padded to the longest
        }
    )


def _read(pixels: np.ndarray[Any, Any]) -> tuple[list[list[_Point]], list[list[_Letter]]]:
    """Boxes (four corners from the upper left) and letters of each line, in pixels."""
    result = _engine()(np.ascontiguousarray(pixels[:, :, ::-1]))
    _give_back()
    if result.txts is None or result.boxes is None:
        return [], []
    boxes, lines = [], []
    for box, text, score, marks in zip(
        result.boxes, result.txts, result.scores, result.word_results, strict=True
    ):
        corners = [(float(x), float(y)) for x, y in box]
        letters = _letters(text, float(score), marks, corners)
        if letters:
            boxes.append(corners)
            lines.append(letters)
    return boxes, lines


def _give_back() -> None:
    """Returns freed memory to the system: glibc keeps 140 MiB of every page, and the watch over a
    worker counts them. Elsewhere nothing of the kind is there."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _letters(text: str, score: float, marks: Sequence[Any], corners: list[_Point]) -> list[_Letter]:
    """The characters that are no spaces, each where the model saw it; evenly spread if it does
    not tell of all."""
    shown = [(index, letter) for index, letter in enumerate(text) if not letter.isspace()]
    known = len(marks) == len(shown) and all(
        mark[0] == letter for mark, (_, letter) in zip(marks, shown, strict=True)
    )
    letters = []
    for number, (index, letter) in enumerate(shown):
        if known:
            _, confidence, quad = marks[number]
            x = sum(point[0] for point in quad) / 4
            y = sum(point[1] for point in quad) / 4
        else:
            confidence, (x, y) = score, _along(corners, (index + 0.5) / len(text))
        spaced = index > 0 and text[index - 1].isspace()
        letters.append(_Letter(letter, float(x), float(y), float(confidence), spaced))
    return letters


def _along(corners: list[_Point], share: float) -> _Point:
    """A point on the middle line of a box."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    left, right = ((ax + dx) / 2, (ay + dy) / 2), ((bx + cx) / 2, (by + cy) / 2)
    return (left[0] + share * (right[0] - left[0]), left[1] + share * (right[1] - left[1]))


# ── places ──────────────────────────────────────────────────────────────────────────────────


def _slant(boxes: Sequence[Sequence[_Point]]) -> float:
    """How far aslant the page is held, in degrees; long lines say it best."""
    angles = []
    for (ax, ay), (bx, by), *_ in boxes:
        if bx - ax > 20 * abs(by - ay) or bx - ax > 200:
            angles += [math.degrees(math.atan2(by - ay, bx - ax))] * max(int((bx - ax) / 50), 1)
    angle = median(angles) if angles else 0.0
    return angle if _STRAIGHT < abs(angle) < 10 else 0.0


def _place(
    point: _Point, angle: float, shape: tuple[int, ...], scale: tuple[float, float]
) -> _Point:
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


def _bounds(points: Sequence[_Point]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), max(xs), min(ys), max(ys)


def _measure(lines: Sequence[_Found]) -> None:
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


def _pitch(line: _Found) -> float | None:
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


def _level(lines: Sequence[_Found]) -> None:
    """Puts what stands side by side at one height: boxes of words, figures and marks differ by a
    point or two, which would tear the rows of a table."""
    group: list[_Found] = []
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


def _common_size(lines: Sequence[_Found]) -> float:
    """The size of most letters of a row."""
    weight: dict[float, int] = {}
    for line in lines:
        weight[line.size] = weight.get(line.size, 0) + len(line.letters)
    return min(weight, key=lambda size: (-weight[size], size))


def _ems(letter: str) -> float:
    return 1.0 if _is_wide(letter) else _LATIN_WIDTH


def _is_wide(letter: str) -> bool:
    return letter >= "\u2e80"


# ── words ───────────────────────────────────────────────────────────────────────────────────


def _words(line: _Found) -> list[Word]:
    """A line cut where spaces or gaps stand."""
    runs: list[list[_Letter]] = []
    for letter in line.letters:
        before = runs[-1][-1] if runs else None
        if before is None or letter.spaced or _gap(before, letter, line.size) > _GAP * line.size:
            runs.append([])
        runs[-1].append(letter)
    words = []
    for run in runs:
        # boxes are found with white around them; the letters say where the words end
        left = max(run[0].x - _ems(run[0].text) * line.size / 2, line.left)
        right = min(run[-1].x + _ems(run[-1].text) * line.size / 2, line.right)
        words.append(_word(run, left, right, line.size))
    return words


def _gap(a: _Letter, b: _Letter, size: float) -> float:
    return b.x - a.x - (_ems(a.text) + _ems(b.text)) / 2 * size


def _word(run: list[_Letter], left: float, right: float, size: float) -> Word:
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


def _single(letter: _Letter, size: float) -> Word:
    return _word([letter], letter.x - size / 2, letter.x + size / 2, size)


# ── drawn lines ─────────────────────────────────────────────────────────────────────────────


def _rules(pixels: np.ndarray[Any, Any], scale: tuple[float, float]) -> list[Rule]:
    """Straight dark lines, as tables are ruled with."""
    from scipy import ndimage

    grey = pixels.min(axis=2)
    found = []
    for across in (True, False):
        along = 1 if across else 0
        step = scale[0 if across else 1]
        # darker than both of its sides: the edge of a shade is no line
        ink = _closed(grey, _BROAD_PX, 1 - along) - grey
        dark = (ink > _FAINT).astype(np.uint8)
        pieces = _opened(dark, _PIECE_PT / step, along)
        lines = _opened(_closed(pieces, _CROSSING_PX, along), _RULE_PT / step, along)
        labels, _ = ndimage.label(lines, structure=np.ones((3, 3)))
        found += [_rule(place, scale, across=across) for place in ndimage.find_objects(labels)]
    return sorted(found, key=lambda rule: (rule.y0, rule.x0, rule.y1, rule.x1))


def _closed(image: np.ndarray[Any, Any], length: float, axis: int) -> Any:
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    size = _odd(length)
    return minimum_filter1d(maximum_filter1d(image, size, axis), size, axis)


def _opened(image: np.ndarray[Any, Any], length: float, axis: int) -> Any:
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    size = _odd(length)
    return maximum_filter1d(minimum_filter1d(image, size, axis), size, axis)


def _odd(length: float) -> int:
    """A whole number of pixels that has a middle one: what is opened must not wander."""
    return max(int(length), 3) | 1


def _rule(place: Sequence[slice], scale: tuple[float, float], *, across: bool) -> Rule:
    rows, columns = place
    x0, x1 = columns.start * scale[0], columns.stop * scale[0]
    y0, y1 = rows.start * scale[1], rows.stop * scale[1]
    if across:
        middle = (y0 + y1) / 2
        return Rule(x0, middle, x1, middle, y1 - y0)
    middle = (x0 + x1) / 2
    return Rule(middle, y0, middle, y1, x1 - x0)
