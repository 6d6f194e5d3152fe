"""What is drawn on a PDF page beside its letters: lines, filled boxes, pictures, charts.

Second step of `corpus.pdf.extract`; talks to pdfium's page objects by its C interface.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.pdf.page import Fill, Image, Rule
from corpus.pdf.placing import Box, Placing

_THIN = 2.0  # points: a box flatter than this is a line; borders are 0.25 to 1.5 wide
_SMALL = 2.0  # points: shorter marks are dots
_STRAIGHT = 0.3  # points that the ends of a straight line may be off
# Objects of a page that are looked at: enough for the densest table (each border by itself makes
# some 4,000); maps and scatter charts have 100,000 and say nothing more after these.
_MOST_OBJECTS = 20_000
_MOST_SEGMENTS = 2_000  # of one path; a whole grid in one path has some 400
_DEEPEST = 6  # forms in forms; a file may hold a loop
_WHOLE_PAGE = 0.8  # of the page: a larger drawing is its background

Matrix = tuple[float, float, float, float, float, float]


@dataclass(slots=True)
class Drawings:
    """What stands on a page beside letters.

    Args:
        shapes: boxes of drawings that are neither lines nor boxes: curves, slopes, polygons.
        shaded: boxes that are painted in a way that cannot be told (shadings, patterns).
        paths: how many drawings there are.
    """

    rules: list[Rule] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    shapes: list[Box] = field(default_factory=list)
    shaded: list[Box] = field(default_factory=list)
    paths: int = 0


class DrawingReader:
    """Reads what is drawn on one page; `read` once."""

    def __init__(self, raw: Any, page: Any, placing: Placing) -> None:
        self.raw, self.page, self.placing = raw, page, placing
        self.found = Drawings()
        self.left = _MOST_OBJECTS

    def read(self) -> Drawings:
        """All lines, boxes and pictures."""
        raw, page = self.raw, self.page
        count = raw.FPDFPage_CountObjects(page)
        objects = (raw.FPDFPage_GetObject(page, number) for number in range(count))
        self._all(objects, None, 0)
        return self.found

    def _all(self, objects: Iterator[Any], outer: Matrix | None, depth: int) -> None:
        raw = self.raw
        kind_of = raw.FPDFPageObj_GetType
        for one in objects:
            kind = kind_of(one)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                continue
            self.left -= 1
            if self.left < 0:
                return
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self._path(one, outer)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                self._picture(one, outer)
            elif kind == raw.FPDF_PAGEOBJ_SHADING:
                box = self._bounds(one, outer)
                if box is not None:
                    self.found.shaded.append(box)
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
                matrix = _times(self._matrix(one), outer)
                count = raw.FPDFFormObj_CountObjects(one)
                inner = (raw.FPDFFormObj_GetObject(one, number) for number in range(count))
                self._all(inner, matrix, depth + 1)

    def _matrix(self, one: Any) -> Matrix:
        matrix = self.raw.FS_MATRIX()
        if not self.raw.FPDFPageObj_GetMatrix(one, matrix):
            return (1, 0, 0, 1, 0, 0)
        return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)

    def _bounds(self, one: Any, outer: Matrix | None) -> Box | None:
        """The box of an object on the page; None if it lies off the page."""
        parts = [ctypes.c_float() for _ in range(4)]
        if not self.raw.FPDFPageObj_GetBounds(one, *parts):
            return None
        left, bottom, right, top = (part.value for part in parts)
        corners = [(left, bottom), (right, top), (left, top), (right, bottom)]
        if outer is not None:
            corners = [_moved(x, y, outer) for x, y in corners]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        x0, y0, x1, y1 = self.placing.box(min(xs), min(ys), max(xs), max(ys))
        if x1 < 0 or y1 < 0 or x0 > self.placing.width or y0 > self.placing.height:
            return None
        return x0, y0, x1, y1

    def _clipped(self, box: Box) -> Box:
        x0, y0, x1, y1 = box
        return max(x0, 0), max(y0, 0), min(x1, self.placing.width), min(y1, self.placing.height)

    def _picture(self, one: Any, outer: Matrix | None) -> None:
        box = self._bounds(one, outer)
        if box is None:
            return
        x0, y0, x1, y1 = self._clipped(box)
        if x1 - x0 > _SMALL and y1 - y0 > _SMALL:
            self.found.images.append(Image(x0, y0, x1, y1))

    # paths

    def _path(self, one: Any, outer: Matrix | None) -> None:
        raw = self.raw
        mode, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(one, mode, stroke)
        if not mode.value and not stroke.value:
            return  # it only clips
        box = self._bounds(one, outer)
        if box is None:
            return
        self.found.paths += 1
        pen = self._pen(one, outer) if stroke.value else 0.0
        colour = self._fill(one) if mode.value else None
        count = raw.FPDFPath_CountSegments(one)
        if count < 2 or (colour is None and not stroke.value):
            return
        if count > _MOST_SEGMENTS:
            self._shape(box, colour)
            return
        if min(box[2] - box[0], box[3] - box[1]) - pen <= _THIN and count <= 6:
            self._thin(box, pen)
            return
        for points, curved in self._parts(one, count, outer):
            self._part(points, curved, colour, stroke.value != 0, pen)

    def _pen(self, one: Any, outer: Matrix | None) -> float:
        width = ctypes.c_float()
        if not self.raw.FPDFPageObj_GetStrokeWidth(one, width):
            return 0.0
        scale = 1.0 if outer is None else abs(outer[0] * outer[3] - outer[1] * outer[2]) ** 0.5
        return width.value * scale

    def _fill(self, one: Any) -> tuple[int, int, int] | None:
        parts = [ctypes.c_uint() for _ in range(4)]
        if not self.raw.FPDFPageObj_GetFillColor(one, *parts):
            return None
        red, green, blue, alpha = (part.value for part in parts)
        return (red, green, blue) if alpha else None

    def _parts(
        self, one: Any, count: int, outer: Matrix | None
    ) -> Iterator[tuple[list[tuple[float, float]], bool]]:
        """The strokes of a path: their points on the page, and whether they have a curve."""
        raw = self.raw
        matrix = _times(self._matrix(one), outer)
        x, y = ctypes.c_float(), ctypes.c_float()
        points: list[tuple[float, float]] = []
        curved = False
        for number in range(count):
            segment = raw.FPDFPath_GetPathSegment(one, number)
            kind = raw.FPDFPathSegment_GetType(segment)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            place = self.placing.point(*_moved(x.value, y.value, matrix))
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if len(points) > 1:
                    yield points, curved
                points, curved = [place], False
                continue
            points.append(place)
            curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
            if raw.FPDFPathSegment_GetClose(segment) and points[0] != place:
                points.append(points[0])
        if len(points) > 1:
            yield points, curved

    def _part(
        self,
        points: list[tuple[float, float]],
        curved: bool,
        colour: tuple[int, int, int] | None,
        stroked: bool,
        pen: float,
    ) -> None:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        box = (min(xs), min(ys), max(xs), max(ys))
        width, height = box[2] - box[0], box[3] - box[1]
        if not curved and min(width, height) <= _THIN:
            self._thin(box, pen)
            return
        if curved or not _is_square(points):
            self._shape(box, colour)
            return
        if colour is not None and len(points) >= 4:
            self.found.fills.append(Fill(*self._clipped(box), colour))
        if stroked:
            for (x0, y0), (x1, y1) in itertools.pairwise(points):
                self._thin((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), pen)

    def _thin(self, box: Box, pen: float) -> None:
        x0, y0, x1, y1 = box
        width, height = x1 - x0, y1 - y0
        if max(width, height) < _SMALL:
            return
        if width >= height:
            middle = (y0 + y1) / 2
            self.found.rules.append(Rule(x0, middle, x1, middle, max(pen, height)))
        else:
            middle = (x0 + x1) / 2
            self.found.rules.append(Rule(middle, y0, middle, y1, max(pen, width)))

    def _shape(self, box: Box, colour: tuple[int, int, int] | None) -> None:
        x0, y0, x1, y1 = self._clipped(box)
        if x1 <= x0 or y1 <= y0:
            return
        if colour is not None:
            self.found.shaded.append((x0, y0, x1, y1))
        if (x1 - x0) * (y1 - y0) < _WHOLE_PAGE * self.placing.width * self.placing.height:
            self.found.shapes.append((x0, y0, x1, y1))


def _moved(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _times(inner: Matrix, outer: Matrix | None) -> Matrix:
    """First `inner`, then `outer`."""
    if outer is None:
        return inner
    a, b, c, d, e, f = inner
    e2, f2 = _moved(e, f, outer)
    o = outer
    return (
        a * o[0] + b * o[2], a * o[1] + b * o[3], c * o[0] + d * o[2], c * o[1] + d * o[3], e2, f2,
    )  # fmt: skip


def _is_square(points: list[tuple[float, float]]) -> bool:
    """True if every stroke runs along an axis."""
    return all(
        abs(x0 - x1) <= _STRAIGHT or abs(y0 - y1) <= _STRAIGHT
        for (x0, y0), (x1, y1) in itertools.pairwise(points)
    )
