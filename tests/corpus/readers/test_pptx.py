"""PowerPoint: a page a slide, reading order, tables with their grid, nothing of the notes."""

from __future__ import annotations

import io

import pptx
import pytest
from pptx.presentation import Presentation
from pptx.util import Pt

from corpus.errors import UnreadableFile
from corpus.raw import RawFile
from corpus.readers.pptx import read_pptx
from corpus.reading import parse
from corpus.report import BlockKind, SourceFile

BLANK, TITLED = 6, 5  # layouts of the default template


def data_of(deck: Presentation) -> bytes:
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def box(slide: object, x: float, y: float, words: str) -> None:
    shape = slide.shapes.add_textbox(Pt(x), Pt(y), Pt(100), Pt(20))  # type: ignore[attr-defined]
    shape.text_frame.text = words


def test_shapes_are_read_as_they_stand_and_slides_are_pages() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[TITLED])
    box(slide, 300, 150, "右栏")
    box(slide, 50, 155, "左栏")
    box(slide, 50, 300, "下方\n第二行")
    slide.shapes.title.text = "存储行业展望"
    slide.notes_slide.notes_text_frame.text = "讲者备注"
    group = deck.slides.add_slide(deck.slide_layouts[BLANK]).shapes.add_group_shape()
    box(group, 50, 100, "组内一")
    box(group, 50, 50, "组内二")
    found = read_pptx(data_of(deck), "a.pptx")
    assert found.text == "存储行业展望\n左栏\n右栏\n下方\n第二行\f组内二\n组内一"
    assert [span.of(found.text)[:3] for span in found.pages] == ["存储行", "组内二"]
    assert found.blocks[0].kind is BlockKind.HEADING
    assert "notes of 1 slides" in found.warnings[0]


def test_tables_keep_merged_cells() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    box(slide, 50, 30, "表 1: 重点公司估值")
    table = slide.shapes.add_table(4, 4, Pt(50), Pt(80), Pt(400), Pt(100)).table
    rows = (
        ("代码", "简称", "EPS（元）", ""),
        ("", "", "2023A", "2024E"),
        ("300418", "昆仑万维", "0.58", "0.70"),
        ("603444", "吉比特", "16.90", "-"),
    )
    for row, words in enumerate(rows):
        for column, word in enumerate(words):
            table.cell(row, column).text = word
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(1, 1))
    table.cell(0, 2).merge(table.cell(0, 3))
    data = data_of(deck)
    report = parse(RawFile("a", data, SourceFile("a.pptx", "pptx", len(data), "0" * 64)))
    (found,) = report.tables
    assert found.title == "表 1: 重点公司估值"
    assert [column.header for column in found.columns] == [
        ("代码",), ("简称",), ("EPS（元）", "2023A"), ("EPS（元）", "2024E"),
    ]  # fmt: skip
    assert found.rows[0].cells[3].text == "0.70"


def test_hidden_slides_are_stated_and_keep_their_number() -> None:
    deck = pptx.Presentation()
    for words in ("第一页", "藏起来", "第三页"):
        box(deck.slides.add_slide(deck.slide_layouts[BLANK]), 50, 50, words)
    deck.slides[1].element.set("show", "0")
    found = read_pptx(data_of(deck), "a.pptx")
    assert [span.of(found.text) for span in found.pages] == ["第一页", "", "第三页"]
    assert "hidden" in found.warnings[0]


def test_damaged_and_empty_decks_have_a_reason() -> None:
    deck = pptx.Presentation()
    with pytest.raises(UnreadableFile, match="no text that can be seen"):
        read_pptx(data_of(deck), "a.pptx")
    data = data_of(deck)
    with pytest.raises(UnreadableFile, match="damaged"):
        read_pptx(data[: len(data) // 2], "a.pptx")
