"""The models of OCR: where lines stand in a picture, and the letters of each line.

Used by `corpus.ocr`. The PP-OCR models come in rapidocr's wheel and are named by their paths, so
that nothing is ever looked for elsewhere; they are loaded when the first picture comes.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

Point = tuple[float, float]
Pixels = np.ndarray[Any, Any]

# Lines are looked for in a picture of this length, and read from the full one. With 960 a page of
# 191 lines lost none against 2000, and a process peaked at 387 MiB instead of 920.
_FIND_SIDE = 960
# A line whose mean confidence is lower is noise: stains, signatures, logos.
_LEAST = 0.5
_READ_HEIGHT = 48  # pixels of a line, as the reading model was taught
_READ_LEAST = 320  # pixels of its width: shorter lines are filled up
# Lines read before freed memory is given back: the heap of a page of long lines grew by 160 MiB.
_TOGETHER = 16
# glibc's heap keeps the holes that large blocks leave: blocks from this size on are given to the
# system as soon as they are freed. Finding lines peaked between 340 and 440 MiB before, at 341 now.
_LARGE_BYTES = 3 * 2**20
_MMAP_THRESHOLD = -3  # its name for mallopt
_NEXT_ROW = 10.0  # pixels by which the top of a line is lower than that of the one beside it
_FLAT = 8  # a picture so much broader than high holds one line; it is looked for with room around


@dataclass(slots=True)
class Letter:
    """A character, its middle, and whether a space stands before it."""

    text: str
    x: float
    y: float
    confidence: float
    spaced: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line: the corners of its box from the upper left, and its letters, in pixels."""

    corners: tuple[Point, Point, Point, Point]
    letters: list[Letter]


@dataclass(frozen=True, slots=True)
class _Models:
    """The two models and what rapidocr does before and after them."""

    find: Any
    read: Any
    prepare: Any
    boxes: Any
    decode: Any
    places: Any


def read_lines(pixels: Pixels) -> list[Line]:
    """The lines of a picture, from the top to the bottom.

    Args:
        pixels: (height, width, 3) uint8, blue first, as OpenCV has it.
    """
    boxes = _found(pixels)
    give_back()
    lines = []
    for number, box in enumerate(boxes):
        line = _line(pixels, box)
        if line is not None:
            lines.append(line)
        if number % _TOGETHER == _TOGETHER - 1:
            give_back()
    return lines


def give_back() -> None:
    """Returns freed memory to the system: glibc keeps 140 MiB of every page, and the watch over a
    worker counts them."""
    _libc("malloc_trim", 0)


def _libc(name: str, *arguments: int) -> None:
    """Calls glibc; elsewhere nothing of the kind is there."""
    function = getattr(ctypes.CDLL(None), name, None)
    if function is not None:
        function(*arguments)


@cache
def _models() -> _Models:
    from rapidocr.cal_rec_boxes import CalRecBoxes
    from rapidocr.ch_ppocr_det.utils import DBPostProcess, DetPreProcess
    from rapidocr.ch_ppocr_rec.utils import CTCLabelDecode

    _libc("mallopt", _MMAP_THRESHOLD, _LARGE_BYTES)
    find, read = _session("PP-OCRv6_det_small.onnx"), _session("PP-OCRv6_rec_small.onnx")
    letters = read.get_modelmeta().custom_metadata_map["character"].splitlines()
    return _Models(
        find,
        read,
        DetPreProcess(_FIND_SIDE, "max"),
        DBPostProcess(0.3, 0.5, 1000, 1.6, "fast", use_dilation=True),
        CTCLabelDecode(letters),
        CalRecBoxes(),
    )


def _session(name: str) -> Any:
    """A model in one thread: a build runs a process for each core."""
    import onnxruntime

    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("rapidocr is not installed", name="rapidocr")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Both keep memory for what comes next, and no two lines are of one width.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    path = Path(spec.origin).parent / "models" / name
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _run(session: Any, picture: Pixels) -> Pixels:
    answer: Pixels = session.run(None, {session.get_inputs()[0].name: picture})[0]
    return answer


def _found(pixels: Pixels) -> list[Pixels]:
    """The boxes of lines: four corners from the upper left."""
    models = _models()
    height, width = pixels.shape[:2]
    room = max(width // _FLAT - height, 32 - height, 0)
    if room:
        pixels = np.pad(pixels, ((0, room), (0, 0), (0, 0)), constant_values=255)
    picture = models.prepare(pixels)
    if picture is None:
        return []
    boxes, _ = models.boxes(_run(models.find, picture), pixels.shape[:2])
    return _ordered([np.clip(box, 0, (width, height)).astype(np.float32) for box in boxes])


def _ordered(boxes: list[Pixels]) -> list[Pixels]:
    """Row by row from the left, as lines are read."""
    rows: list[list[Pixels]] = []
    last = -math.inf
    for box in sorted(boxes, key=lambda one: float(one[0][1])):
        if box[0][1] - last >= _NEXT_ROW:
            rows.append([])
        rows[-1].append(box)
        last = float(box[0][1])
    return [box for row in rows for box in sorted(row, key=lambda one: float(one[0][0]))]


def _line(pixels: Pixels, box: Pixels) -> Line | None:
    """The letters in a box; None if it holds none."""
    from rapidocr.ch_ppocr_rec.typings import TextRecOutput
    from rapidocr.utils.process_img import get_rotate_crop_image

    models = _models()
    if min(np.ptp(box[:, 0]), np.ptp(box[:, 1])) < 1:
        return None
    strip = get_rotate_crop_image(pixels, box.copy())
    height, width = strip.shape[:2]
    broad = max(_READ_LEAST / _READ_HEIGHT, width / height)
    ((text, score),), (marks,) = models.decode(
        _run(models.read, _filled(strip, broad)),
        return_word_box=True,
        wh_ratio_list=[width / height],
        max_wh_ratio=broad,
    )
    if not text.strip() or score < _LEAST:
        return None
    told = TextRecOutput(txts=(text,), scores=[score], word_results=(marks,))
    placed = models.places([strip], box[np.newaxis], told, True).word_results[0]
    ax, bx, cx, dx = ((float(x), float(y)) for x, y in box)
    corners = (ax, bx, cx, dx)
    letters = _letters(text, float(score), placed, corners)
    return Line(corners, letters) if letters else None


def _filled(strip: Pixels, broad: float) -> Pixels:
    """A line as the reading model takes it: of one height, values from −1 to 1, filled with 0."""
    import cv2

    height, width = strip.shape[:2]
    full = int(_READ_HEIGHT * broad)
    used = min(int(np.ceil(_READ_HEIGHT * width / height)), full)
    picture = np.zeros((1, 3, _READ_HEIGHT, full), np.float32)
    small = cv2.resize(strip, (used, _READ_HEIGHT)).transpose(2, 0, 1)
    picture[0, :, :, :used] = (small.astype(np.float32) / 255 - 0.5) / 0.5
    return picture


def _letters(
    text: str, score: float, marks: Sequence[Any], corners: tuple[Point, Point, Point, Point]
) -> list[Letter]:
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
        letters.append(Letter(letter, float(x), float(y), float(confidence), spaced))
    return letters


def _along(corners: tuple[Point, Point, Point, Point], share: float) -> Point:
    """A point on the middle line of a box."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    left, right = ((ax + dx) / 2, (ay + dy) / 2), ((bx + cx) / 2, (by + cy) / 2)
    return (left[0] + share * (right[0] - left[0]), left[1] + share * (right[1] - left[1]))
