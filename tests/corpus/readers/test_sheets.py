"""Spreadsheets and separated values: values as displayed, tables kept apart, each cell by its name."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.raw import RawFile
from corpus.readers.csv import read_csv
from corpus.readers.sheets import reference
from corpus.readers.xlsx import read_xlsx
from corpus.reading import parse
from corpus.report import Report, SourceFile


def data_of(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def composed(book: Workbook) -> Composed:
    return read_xlsx(data_of(book), "模型.xlsx")


def report(book: Workbook) -> Report:
    data = data_of(book)
    return parse(RawFile("模型", data, SourceFile("模型.xlsx", "xlsx", len(data), "0" * 64)))


def valuation() -> Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "估值"
    sheet["A1"] = "表 1: 重点公司估值"
    sheet.merge_cells("A1:D1")
    sheet.append(["代码", "简称", "EPS（元/股）", None])
    sheet.append([None, None, "2023A", "2024E"])
    sheet.append(["300418", "昆仑万维", 0.58, 0.7])
    sheet.append(["603444", "吉比特", 16.9, 18.214])
    sheet.append(["资料来源：Wind"])
    for area in ("A2:A3", "B2:B3", "C2:D2"):
        sheet.merge_cells(area)
    for row in sheet["C4:D5"]:
        for cell in row:
            cell.number_format = "0.00"
    return book


def test_cells_show_what_is_displayed_and_know_sheet_and_reference() -> None:
    read = report(valuation())
    assert read.text.split("\n") == [
        "估值", "表 1: 重点公司估值", "代码\t简称\tEPS（元/股）", "\t\t2023A\t2024E",
        "300418\t昆仑万维\t0.58\t0.70", "603444\t吉比特\t16.90\t18.21", "资料来源：Wind",
    ]  # fmt: skip
    (table,) = read.tables
    assert (table.sheet, table.title) == ("估值", "表 1: 重点公司估值")
    assert [column.header for column in table.columns] == [
        ("代码",), ("简称",), ("EPS（元/股）", "2023A"), ("EPS（元/股）", "2024E"),
    ]  # fmt: skip
    cell = table.rows[1].cells[3]
    assert (cell.ref, cell.text, cell.span.of(read.text)) == ("D5", "18.21", "18.21")
    assert [section.path for section in read.sections] == [(), ("估值",)]


def test_several_tables_of_one_sheet_stay_apart() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows = [
        ["利润表（百万元）", 2022, 2023, None, "公司", "评级"],
        ["营业收入", 100, 120, None, "甲公司", "买入"],
        ["净利润", 10, 12, None, "乙公司", "增持"],
        [],
        ["指标", "甲", "乙"],
        ["毛利率", "20%", "30%"],
        ["净利率", "8%", "9%"],
    ]
    for row in rows:
        sheet.append(row)
    tables = report(book).tables
    shapes = [[column.header for column in table.columns] for table in tables]
    assert shapes == [
        [("利润表（百万元）",), ("2022",), ("2023",)], [("公司",), ("评级",)], [("指标",), ("甲",), ("乙",)],
    ]  # fmt: skip
    assert [table.rows[-1].cells[-1].ref for table in tables] == ["C3", "F3", "C7"]


def test_an_empty_row_inside_a_table_does_not_lose_its_header() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [
        ["百万元", "2022A", "2023A"],
        ["收入", 100, 120],
        [],
        ["成本", 60, 70],
        ["毛利", 40, 50],
    ]:
        sheet.append(row)
    (table,) = report(book).tables
    assert [table.row_key(row) for row in table.rows] == ["收入", "成本", "毛利"]
    assert table.rows[2].cells[2].ref == "C5"


def test_hidden_parts_are_left_out_and_stated() -> None:
    book = valuation()
    hidden = book.create_sheet("底稿")
    hidden["A1"] = "秘密"
    hidden.sheet_state = "hidden"
    sheet = book["估值"]
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["C"].hidden = True
    found = composed(book)
    assert "吉比特" not in found.text
    assert "0.58" not in found.text
    assert "秘密" not in found.text
    assert any("底稿" in warning for warning in found.warnings)
    assert any("hidden rows or columns" in warning for warning in found.warnings)


def test_formulas_without_a_value_are_stated() -> None:
    book = valuation()
    book["估值"]["F9"] = "=SUM(C4:C5)"
    assert "1 formulas hold no computed value" in composed(book).warnings[0]


def test_damaged_workbooks_have_a_reason() -> None:
    data = data_of(valuation())
    with pytest.raises(UnreadableFile, match="damaged"):
        read_xlsx(data[: len(data) // 2], "a.xlsx")
    with pytest.raises(UnreadableFile, match="no text that can be seen"):
        composed(openpyxl.Workbook())


@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_separated_values_of_any_mark_and_encoding(mark: str, codec: str) -> None:
    rows = [
        ["代码", "简称", "每股收益"],
        ["300418", "昆仑万维", "0.70"],
        ["603444", '"吉,比特"', "-"],
    ]
    data = "\r\n".join(mark.join(row) for row in rows).encode(codec)
    file = SourceFile("估值.csv", "csv", len(data), "0" * 64)
    read = parse(RawFile("估值", data, file))
    assert read.text.split("\n")[0] == "估值"
    (table,) = read.tables
    assert [column.header for column in table.columns] == [("代码",), ("简称",), ("每股收益",)]
    assert [(cell.text, cell.ref) for cell in table.rows[0].cells] == [
        ("300418", "A2"), ("昆仑万维", "B2"), ("0.70", "C2"),
    ]  # fmt: skip
    assert table.rows[1].cells[1].text == "吉,比特"


def test_references_count_as_letters_do() -> None:
    places = [(0, 0), (6, 1), (0, 25), (0, 26), (9, 701), (0, 702)]
    assert [reference(*place) for place in places] == ["A1", "B7", "Z1", "AA1", "ZZ10", "AAA1"]


def test_a_field_without_end_has_a_reason() -> None:
    with pytest.raises(UnreadableFile, match="separated values"):
        read_csv(("代码,名称\n" + '"' + "中文" * 100_000).encode(), "a.csv")
