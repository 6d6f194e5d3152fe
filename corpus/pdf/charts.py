"""Pictures and charts of a page: images, and drawings of many strokes taken together.

Used by `corpus.pdf.extract`; a chart is what `corpus.pdf.page.Image` says: no part of the text.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.line_kinds import is_caption, is_source
from corpus.pdf.drawings import Drawings
from corpus.pdf.lines import Part, text_of
from corpus.pdf.page import Fill, Image, Page, PageTable, Rule
from corpus.pdf.placing import Box

_NEAR = 12.0  # points: strokes of one chart lie within this
_LEAST = 40.0  # points: a chart is larger than a logo's letter or a bullet, both ways
_MARKS = 3  # strokes: one curve alone is a decoration
_WHOLE_PAGE = 0.8
_MOST_SHAPES = 4000


def pictures_of(drawings: Drawings, width: float, height: float) -> tuple[Image, ...]:
    """Images, and groups of curves and slopes that are large enough to be a chart."""
    shapes = drawings.shapes[:_MOST_SHAPES]
    charts = [
        Image(*box)
        for box, marks in _groups(shapes)
        if marks >= _MARKS
        and min(box[2] - box[0], box[3] - box[1]) >= _LEAST
        and (box[2] - box[0]) * (box[3] - box[1]) < _WHOLE_PAGE * width * height
    ]
    return (*drawings.images, *charts)


def _groups(shapes: list[Box]) -> list[tuple[Box, int]]:
    """Boxes that touch or nearly touch, joined until nothing more does."""
    groups = [(shape, 1) for shape in sorted(set(shapes))]
    joined = True
    while joined:
        joined = False
        kept: list[tuple[Box, int]] = []
        for box, marks in groups:
            for number in range(len(kept) - 1, -1, -1):
                other, more = kept[number]
                if _touch(box, other):
                    kept[number] = (_around(box, other), marks + more)
                    joined = True
                    break
            else:
                kept.append((box, marks))
        groups = kept
    return groups


def _touch(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + _NEAR
        and other[0] <= one[2] + _NEAR
        and one[1] <= other[3] + _NEAR
        and other[1] <= one[3] + _NEAR
    )


def _around(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


# ── charts told by their caption and source line ────────────────────────────────────────────

_TALLEST = 420.0  # points between the caption of a chart and its source line
_REACH = 14.0  # points that labels stand outside of what is drawn
_DRAWN_LEAST = 3  # strokes, boxes or pictures between caption and source line


def charts_of(page: Page, parts: Sequence[Part], tables: Sequence[PageTable]) -> list[Image]:
    """The charts of a page: between a caption and its source line, and pictures with labels.

    Args:
        parts: the text of the page without furniture and tables.
    """
    captions = [
        part
        for part in parts
        if is_caption(text_of(part)) and not text_of(part).lstrip("附 ").startswith("表")
    ]
    sources = [part for part in parts if is_source(text_of(part))]
    found = []
    for caption in captions:
        source = _source_below(caption, sources, captions)
        if source is None:
            continue
        box = _drawn_between(page, caption, source, captions)
        if box is None or any(_meets(box, table) for table in tables):
            continue
        if not _holds_prose(box, parts):
            found.append(box)
    for image in page.images:
        if _is_chart(page, image, parts) and not any(_meets(image, other) for other in found):
            found.append(image)
    return found


_SENTENCES = 3  # long lines: a table of words stands there, no chart
_SENTENCE = 20  # characters; labels and legends are shorter


def _holds_prose(box: Image, parts: Sequence[Part]) -> bool:
    return sum(part.length >= _SENTENCE and holds(box, part) for part in parts) >= _SENTENCES


def _source_below(caption: Part, sources: Sequence[Part], captions: Sequence[Part]) -> Part | None:
    """The nearest source line below a caption and in its column, no other caption between."""
    below = [
        source
        for source in sources
        if 0 < source.y0 - caption.y1 <= _TALLEST and _abreast(caption, source)
    ]
    if not below:
        return None
    source = min(below, key=lambda one: one.y0)
    for other in captions:
        if caption.y1 <= other.y0 and other.y1 <= source.y0 and _abreast(other, source):
            return None
    return source


def _abreast(one: Part, other: Part) -> bool:
    """True if two lines begin at (nearly) the same place."""
    return abs(one.x0 - other.x0) <= 40 or (one.x0 <= other.x0 <= one.x1)


def _drawn_between(
    page: Page, caption: Part, source: Part, captions: Sequence[Part]
) -> Image | None:
    """The box of what is drawn between the two; None if that is too little for a chart."""
    right = min(
        (one.x0 - 2 for one in captions
         if abs(one.level - caption.level) < 40 and one.x0 > caption.x0 + 60),
        default=page.width,
    )  # fmt: skip
    left = min(caption.x0, source.x0) - _REACH
    drawn: list[Image | Fill | Rule] = [*page.images, *page.fills, *page.rules]
    boxes = [
        (one.x0, one.y0, one.x1, one.y1)
        for one in drawn
        if one.y0 >= caption.y0 - 2
        and one.y1 <= source.y1 + 2
        and one.x0 >= left
        and one.x1 <= right + 30
    ]
    if len(boxes) < _DRAWN_LEAST and not any(b[3] - b[1] > _LEAST for b in boxes):
        return None
    x0 = min(left, *(box[0] for box in boxes))
    x1 = max(box[2] for box in boxes)
    return Image(x0, caption.y1 - 1, min(x1 + _REACH, right), source.y0 + 1)


def _meets(image: Image, other: PageTable | Image) -> bool:
    return (
        image.x0 < other.x1 - 2
        and other.x0 < image.x1 - 2
        and image.y0 < other.y1 - 2
        and other.y0 < image.y1 - 2
    )


def _is_chart(page: Page, image: Image, parts: Sequence[Part]) -> bool:
    """True for a picture with short labels in it; what text is printed on is a background."""
    large = (image.x1 - image.x0) * (image.y1 - image.y0) > 0.5 * page.width * page.height
    if large and parts:
        return False
    if min(image.x1 - image.x0, image.y1 - image.y0) < _LEAST:
        return False
    inside = [part for part in parts if holds(image, part)]
    return all(part.length <= 18 and part.size <= 11 for part in inside)


def holds(image: Image, part: Part) -> bool:
    """True if the middle of a part lies in the picture."""
    middle = (part.x0 + part.x1) / 2
    return image.x0 <= middle <= image.x1 and image.y0 <= part.level <= image.y1
