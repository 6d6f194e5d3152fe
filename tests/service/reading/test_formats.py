"""Figures of Word, HTML, spreadsheet, CSV and archived files, asked for and cited by their cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pptx
import pytest
from PIL import Image, ImageDraw, ImageFont
from pptx.util import Pt

from indexer.build import build
from indexer.snapshot import Snapshot, open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, Citation

ROWS = {
    "docx": ("688101", "砚台科技"),
    "html": ("688102", "湖笔智能"),
    "xlsx": ("688103", "宣纸股份"),
    "csv": ("688104", "徽墨电子"),
    "zip": ("688105", "竹简数据"),
    "pptx": ("688107", "玉琮光电"),
}
HEADS = ["证券代码", "证券简称", "EPS（元/股） 2024A", "EPS（元/股） 2025E"]


def rows_of(kind: str) -> list[list[str]]:
    """A header, the company that is asked for, and one that is not."""
    code, name = ROWS[kind]
    return [HEADS, [code, name, "0.42", "0.88"], ["688199", f"{name[:2]}乙", "1.42", "1.88"]]


def word_file() -> bytes:
    document = docx.Document()
    document.add_paragraph("表 2：重点公司盈利预测")
    table = document.add_table(3, 4)
    for row, words in zip(table.rows, rows_of("docx"), strict=True):
        for cell, word in zip(row.cells, words, strict=True):
            cell.text = word
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def slides() -> bytes:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "重点公司盈利预测"
    table = slide.shapes.add_table(3, 4, Pt(50), Pt(150), Pt(500), Pt(100)).table
    for row, words in enumerate(rows_of("pptx")):
        for column, word in enumerate(words):
            table.cell(row, column).text = word
    buffer = io.BytesIO()
    deck.save(buffer)
    return buffer.getvalue()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "盈利预测"
    for row in rows_of("xlsx"):
        sheet.append([float(word) if "." in word else word for word in row])
    for row in sheet["C2:D3"]:
        for cell in row:
            cell.number_format = "0.00"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def page(kind: str) -> bytes:
    rows = "".join(
        "<tr>" + "".join(f"<td>{word}</td>" for word in row) + "</tr>" for row in rows_of(kind)
    )
    return f"<html><body><p>盈利预测</p><table>{rows}</table></body></html>".encode("gb18030")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("formats")
    source = folder / "in"
    source.mkdir()
    (source / "甲.docx").write_bytes(word_file())
    (source / "庚.pptx").write_bytes(slides())
    (source / "乙.htm").write_bytes(page("html"))
    (source / "丙.xlsx").write_bytes(workbook())
    lines = "\n".join(",".join(row) for row in rows_of("csv"))
    (source / "丁.csv").write_text(lines, encoding="gb18030")
    with zipfile.ZipFile(source / "戊.zip", "w") as packed:
        packed.writestr("内/己.html", page("zip"))
    outcome = build([source], folder / "index")
    assert not outcome.quarantined
    opened = open_snapshot(folder / "index")
    yield opened
    opened.close()


def cited(snapshot: Snapshot, kind: str) -> Citation:
    """The one citation of the answer to what the company's estimate is."""
    answer = Answerer(snapshot).ask(AskRequest(question=f"{ROWS[kind][1]}2025E的EPS是多少？"))
    assert not answer.refused
    assert "0.88" in answer.answer
    (citation,) = answer.citations
    text = snapshot.text(citation.report_id)
    assert text[citation.start : citation.end] == citation.quote
    assert citation.cell is not None
    assert citation.cell.value == "0.88" == text[citation.cell.start : citation.cell.end]
    assert citation.cell.row == " ".join(ROWS[kind])
    assert citation.ocr_confidence is None
    assert "图片" not in answer.answer
    return citation


@pytest.mark.parametrize(
    ("kind", "report_id", "sheet", "ref"),
    [
        ("docx", "甲", None, None),
        ("html", "乙", None, None),
        ("xlsx", "丙", "盈利预测", "D2"),
        ("csv", "丁", "丁", "D2"),
        ("zip", "戊--己", None, None),
        ("pptx", "庚", None, None),
    ],
)
def test_a_figure_is_cited_by_its_cell(
    snapshot: Snapshot, kind: str, report_id: str, sheet: str | None, ref: str | None
) -> None:
    citation = cited(snapshot, kind)
    assert (citation.report_id, citation.sheet, citation.ref) == (report_id, sheet, ref)
    assert citation.page == (1 if kind == "pptx" else None)
    assert snapshot.original(snapshot.report(report_id).file.sha256) is not None


def picture_of(rows: list[list[str]], font: str) -> bytes:
    """A page of 595 × 300 points at 200 dots an inch with a ruled table."""
    scale = 200 / 72
    image = Image.new("RGB", (int(595 * scale), int(300 * scale)), "white")
    draw = ImageDraw.Draw(image)
    type_ = ImageFont.truetype(font, 10 * scale)
    draw.text((50 * scale, 40 * scale), "表 2：重点公司盈利预测", fill="black", font=type_)
    for row, words in enumerate(rows):
        for column, word in enumerate(words):
            x, y = 50 + 125 * column, 70 + 24 * row
            box = [x * scale, y * scale, (x + 125) * scale, (y + 24) * scale]
            draw.rectangle(box, outline="black", width=2)
            draw.text(((x + 6) * scale, (y + 5) * scale), word, fill="black", font=type_)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_figure_read_from_a_picture_says_so(tmp_path: Path) -> None:
    fonts = sorted(Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc"))
    if not fonts:
        pytest.skip("needs a Chinese font (fonts-noto-cjk)")
    rows = [HEADS, ["688106", "青铜鼎科", "0.42", "0.88"], ["688199", "石鼓文化", "1.42", "1.88"]]
    (tmp_path / "扫描.png").write_bytes(picture_of(rows, str(fonts[0])))
    outcome = build([tmp_path / "扫描.png"], tmp_path / "index")
    assert not outcome.quarantined
    opened = open_snapshot(tmp_path / "index")
    answer = Answerer(opened).ask(AskRequest(question="青铜鼎科2025E的EPS是多少？"))
    (citation,) = answer.citations
    assert citation.cell is not None
    assert (citation.cell.row, citation.cell.value) == ("688106 青铜鼎科", "0.88")
    assert citation.page == 1
    assert citation.ocr_confidence is not None
    assert 0.5 < citation.ocr_confidence <= 1
    assert answer.answer.endswith("（引文 [1] 由图片识别得出，可能有误）")
    opened.close()
