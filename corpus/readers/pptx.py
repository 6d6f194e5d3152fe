"""Reader of PowerPoint files (.pptx): a page a slide, its shapes in reading order, tables as grids.

Ends in `corpus.composed`. python-pptx reads the shapes; notes of the speaker are left out, for
they are not on the slide.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.readers.composing import Composer, Placed, one_line
from corpus.readers.ooxml import Package
from corpus.report import BlockKind

MAX_SLIDES = 2000
_MAX_DEPTH = 20
_ENGLISH_METRIC = 12700  # EMU of a point
# Shapes whose upper edges differ by less stand side by side, and are read from the left.
_LEVEL_PT = 12
# Types of placeholders (ECMA-376, part 1, 19.7.10) that repeat on every slide.
_FURNITURE = {"DATE", "FOOTER", "SLIDE_NUMBER", "HEADER"}
_TITLES = {"TITLE", "CENTER_TITLE", "VERTICAL_TITLE"}


@dataclass(frozen=True, slots=True)
class _Shape:
    """A shape and its upper left corner on the slide, in points."""

    shape: Any
    left: float
    top: float


def read_pptx(data: bytes, name: str) -> Composed:
    """The composed text of a presentation.

    Raises:
        UnreadableFile: damaged, encrypted, oversized, or without a visible word.
    """
    package = Package(data, name)
    for part in package.names():
        if part.endswith((".xml", ".rels")):
            content = package.read(part)
            if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:4096]:
                raise package.damaged("a part holds a document type definition")
    try:
        return _composed(_opened(data), name)
    except (UnreadableFile, MemoryError):
        raise
    except Exception as error:  # python-pptx lets through whatever it stumbles over
        what = f"{type(error).__name__}: {error}"[:120]
        raise UnreadableFile(
            name, f"is damaged ({what}); open it in PowerPoint and save it"
        ) from error


def _opened(data: bytes) -> Any:
    from pptx import Presentation

    return Presentation(io.BytesIO(data))


def _composed(deck: Any, name: str) -> Composed:
    composer = Composer(name, paged=True)
    slides = list(deck.slides)
    if len(slides) > MAX_SLIDES:
        raise UnreadableFile(
            name, f"has {len(slides):,} slides, one file may have {MAX_SLIDES:,}; split it"
        )
    noted = hidden = 0
    for slide in slides:
        if slide.element.get("show") == "0":
            hidden += 1
        else:
            noted += slide.has_notes_slide and bool(_notes(slide))
            _slide(composer, slide)
        composer.end_page()  # a hidden slide keeps its number
    if hidden:
        composer.warnings.append(f"{hidden} hidden slides were left out")
    if noted:
        composer.warnings.append(f"the speaker's notes of {noted} slides were left out")
    return composer.finish()


def _notes(slide: Any) -> str:
    frame = slide.notes_slide.notes_text_frame
    return "" if frame is None else str(frame.text).strip()


def _slide(composer: Composer, slide: Any) -> None:
    title = slide.shapes.title
    first = None if title is None else title.shape_id
    feet = []
    for placed in _in_order(list(_flat(slide.shapes, 0.0, 0.0, 1.0, 1.0, 0)), first):
        if _kind(placed.shape) in _FURNITURE:
            feet.append(placed.shape)
        else:
            _put(composer, placed.shape)
    for shape in feet:
        composer.line(shape.text_frame.text, BlockKind.FURNITURE)


def _flat(
    shapes: Iterable[Any], left: float, top: float, across: float, down: float, depth: int
) -> Iterator[_Shape]:
    """The shapes, those of groups in their place on the slide."""
    for shape in shapes:
        x = left + across * (shape.left or 0) / _ENGLISH_METRIC
        y = top + down * (shape.top or 0) / _ENGLISH_METRIC
        if not _is_group(shape):
            yield _Shape(shape, x, y)
        elif depth < _MAX_DEPTH:
            frame = shape.element.grpSpPr.find(
                "{http://schemas.openxmlformats.org/drawingml/2006/main}xfrm"
            )
            ox, oy, sx, sy = _inner(frame)
            yield from _flat(
                shape.shapes, x - across * sx * ox, y - down * sy * oy,
                across * sx, down * sy, depth + 1,
            )  # fmt: skip


def _is_group(shape: Any) -> bool:
    return hasattr(shape, "shapes")


def _inner(frame: Any) -> tuple[float, float, float, float]:
    """Where the coordinates inside of a group begin, in points, and how they are scaled."""
    if frame is None:
        return 0.0, 0.0, 1.0, 1.0
    parts = {one.tag.rpartition("}")[2]: one for one in frame}
    begin, size, outer = (parts.get(key) for key in ("chOff", "chExt", "ext"))
    if begin is None or size is None or outer is None:
        return 0.0, 0.0, 1.0, 1.0
    wide, high = int(size.get("cx") or 0), int(size.get("cy") or 0)
    return (
        int(begin.get("x") or 0) / _ENGLISH_METRIC,
        int(begin.get("y") or 0) / _ENGLISH_METRIC,
        int(outer.get("cx") or 0) / wide if wide else 1.0,
        int(outer.get("cy") or 0) / high if high else 1.0,
    )


def _in_order(shapes: list[_Shape], title: int | None) -> list[_Shape]:
    """The title first, then rows from the top, each from the left."""
    rest = sorted(shapes, key=lambda one: (one.top, one.left))
    rows: list[list[_Shape]] = []
    for one in rest:
        if rows and one.top - rows[-1][0].top < _LEVEL_PT:
            rows[-1].append(one)
        else:
            rows.append([one])
    ordered = [one for row in rows for one in sorted(row, key=lambda shape: shape.left)]
    return sorted(ordered, key=lambda one: one.shape.shape_id != title or title is None)


def _kind(shape: Any) -> str:
    """The type of a placeholder; empty for other shapes."""
    if not shape.is_placeholder:
        return ""
    kind = shape.placeholder_format.type
    return kind.name if kind is not None else ""


def _put(composer: Composer, shape: Any) -> None:
    if getattr(shape, "has_table", False):
        composer.table(_cells(shape.table))  # its "header row" is a style: words tell how many
    elif getattr(shape, "has_chart", False):
        chart = shape.chart
        if chart.has_title and chart.chart_title.has_text_frame:
            composer.line(chart.chart_title.text_frame.text, BlockKind.CAPTION)
        composer.picture()
    elif getattr(shape, "has_text_frame", False) and shape.text_frame.text.strip():
        _text(composer, shape)
    elif hasattr(shape, "image") or shape.shape_type is None:
        composer.picture()


def _text(composer: Composer, shape: Any) -> None:
    is_title = _kind(shape) in _TITLES
    if is_title:
        composer.lines(shape.text_frame.text.replace("\v", "\n"), BlockKind.HEADING, 1)
        return
    for paragraph in shape.text_frame.paragraphs:
        composer.lines(paragraph.text.replace("\v", "\n"))


def _cells(table: Any) -> list[Placed]:
    placed = []
    for row_number, row in enumerate(table.rows):
        for column, cell in enumerate(row.cells):
            if cell.is_spanned:
                continue
            extent = (cell.span_height, cell.span_width) if cell.is_merge_origin else (1, 1)
            placed.append(Placed(row_number, column, one_line(cell.text), *extent))
    return placed
