"""Word files: what a reader of the page sees, in order, with the grid of each table."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.raw import RawFile
from corpus.readers.docx import read_docx
from corpus.readers.docx_styles import numeral
from corpus.reading import parse
from corpus.report import BlockKind, Report, SourceFile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PROSE = "本周存储价格继续回升，渠道库存回落到正常水平，预计下季度延续涨势。"


def data_of(document: Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def composed(document: Document) -> Composed:
    return read_docx(data_of(document), "a.docx")


def report(document: Document) -> Report:
    data = data_of(document)
    return parse(RawFile("a", data, SourceFile("a.docx", "docx", len(data), "0" * 64)))


def test_headings_make_sections_by_style_and_by_outline_level() -> None:
    document = docx.Document()
    document.add_heading("行业概况", 1)
    document.add_paragraph(PROSE)
    own = document.add_paragraph("存储")
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "1")
    own._p.get_or_add_pPr().append(level)
    document.add_paragraph(PROSE)
    paths = [section.path for section in report(document).sections]
    assert paths == [(), ("行业概况",), ("行业概况", "存储")]


def test_a_table_keeps_merged_cells_and_stated_header_rows() -> None:
    document = docx.Document()
    document.add_paragraph("表 1: 重点公司估值（亿元）")
    table = document.add_table(4, 4)
    rows = (
        ("代码", "简称", "EPS", ""),
        ("", "", "2023", "2024"),
        ("300418", "昆仑万维", "0.58", "0.70"),
        ("603444", "吉比特", "16.9", "18.2"),
    )
    for row, words in zip(table.rows, rows, strict=True):
        for cell, word in zip(row.cells, words, strict=True):
            cell.text = word
    table.cell(0, 2).merge(table.cell(0, 3))
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(1, 1))
    for row in table.rows[:2]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph("资料来源：Wind")
    read = report(document)
    (found,) = read.tables
    assert found.title == "表 1: 重点公司估值（亿元）"
    assert [column.header for column in found.columns] == [
        ("代码",), ("简称",), ("EPS", "2023"), ("EPS", "2024"),
    ]  # fmt: skip
    cell = found.rows[0].cells[3]
    assert (found.row_key(found.rows[0]), cell.text) == ("300418 昆仑万维", "0.70")
    assert cell.span.of(read.text) == "0.70"
    assert found.rows[0].span.of(read.text) == "300418\t昆仑万维\t0.58\t0.70"
    assert read.blocks[-1].kind is BlockKind.SOURCE


def test_deletions_and_hidden_words_are_left_out_and_insertions_said() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("维持")
    for xml in (
        f"<w:del {W}><w:r><w:delText>减持</w:delText></w:r></w:del>",
        f"<w:ins {W}><w:r><w:t>增持</w:t></w:r></w:ins>",
        f"<w:r {W}><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r>",
        f"<w:r {W}><w:t>评级</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(xml))
    found = composed(document)
    assert found.text == "维持增持评级"
    assert "tracked changes" in found.warnings[0]


def test_heads_and_feet_are_furniture_and_lists_show_their_numbers() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "东吴证券研究所"
    document.sections[0].footer.paragraphs[0].text = "请务必阅读正文之后的免责声明"
    for words in ("需求回升", "库存回落"):
        document.add_paragraph(words, style="List Number")
    document.add_paragraph("价格上涨", style="List Bullet")
    found = composed(document)
    assert found.text.split("\n") == [
        "东吴证券研究所", "1. 需求回升", "2. 库存回落", "• 价格上涨", "请务必阅读正文之后的免责声明",
    ]  # fmt: skip
    kinds = [block.kind for block in found.blocks]
    assert kinds == [BlockKind.FURNITURE, *[BlockKind.LIST_ITEM] * 3, BlockKind.FURNITURE]


@pytest.mark.parametrize(
    ("count", "form", "words"),
    [(3, "decimal", "3"), (1, "chineseCounting", "一"), (10, "chineseCountingThousand", "十"),
     (21, "chineseCounting", "二十一"), (27, "upperLetter", "AA"), (4, "lowerRoman", "iv"),
     (2, "decimalEnclosedCircle", "②"), (5, "none", "")],
)  # fmt: skip
def test_numerals(count: int, form: str, words: str) -> None:
    assert numeral(count, form) == words


def test_text_boxes_stand_behind_the_title_lines_and_once() -> None:
    document = docx.Document()
    document.add_paragraph("存储价格回升")
    box = (
        f'<w:r {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent><mc:Choice Requires="wps">'
        "<w:drawing><w:txbxContent><w:p><w:r><w:t>投资评级：增持</w:t></w:r></w:p></w:txbxContent>"
        "</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r>"
        "<w:t>投资评级：增持</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    document.paragraphs[0]._p.append(parse_xml(box))
    document.add_paragraph("2024年3月18日")
    document.add_paragraph(PROSE)
    assert composed(document).text.split("\n") == [
        "存储价格回升", "2024年3月18日", "投资评级：增持", PROSE,
    ]  # fmt: skip


def test_a_table_that_only_lays_out_is_prose() -> None:
    document = docx.Document()
    left, right = document.add_table(1, 2).rows[0].cells
    for _ in range(4):
        left.add_paragraph(PROSE + PROSE)
    right.add_paragraph("投资评级：增持")
    found = composed(document)
    assert all(block.table is None for block in found.blocks)
    assert found.text.split("\n") == [PROSE + PROSE] * 4 + ["投资评级：增持"]


def test_damaged_and_empty_files_have_a_reason() -> None:
    whole = data_of(docx.Document())
    with pytest.raises(UnreadableFile, match="no text that can be seen"):
        read_docx(whole, "a.docx")
    with pytest.raises(UnreadableFile, match="damaged"):
        read_docx(whole[: len(whole) // 2], "a.docx")
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            bomb = b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"
            new.writestr(part, bomb if part == "word/document.xml" else old.read(part))
    with pytest.raises(UnreadableFile, match="document type definition"):
        read_docx(buffer.getvalue(), "a.docx")
