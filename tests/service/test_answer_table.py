"""The figures of an answer for a spreadsheet: what was cited, where it stands, and no formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl

from service.answer_table import table_csv, table_xlsx
from service.schemas import AskResponse

FIGURE = "蓝色光标 2024 年的 EPS 是多少？"


def test_csv_and_workbook_hold_each_cited_figure_with_its_link(site: Any) -> None:
    asked = site.ask({"question": FIGURE}).json()
    reply = site.get(f"/v1/answers/{asked['id']}/table")
    assert reply.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(reply.body.decode("utf-8-sig"))))
    assert rows[0] == [FIGURE]
    wanted = [
        ("蓝色光标", c["cell"]["value"], c["cell"]["unit"] or "", c["broker"], c["url"])
        for c in asked["citations"]
    ]
    assert [(r[0], r[5], r[6], r[7], r[11]) for r in rows[2:-1]] == wanted
    assert "华鑫证券 2024-02-29、东吴证券 2024-02-21" in rows[-1][0]
    book = site.get(f"/v1/answers/{asked['id']}/table?format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(book.body)).active
    assert sheet is not None
    got = [row for row in sheet.iter_rows(min_row=3, max_row=2 + len(wanted))]
    assert [row[5].value for row in got] == [0.23, 0.23]
    assert [row[5].number_format for row in got] == ["0.00", "0.00"]
    assert [row[11].hyperlink.target for row in got] == [url for *_, url in wanted]


def test_an_unknown_answer_or_format_is_refused(site: Any) -> None:
    assert site.get("/v1/answers/ans_none/table").status == 404
    assert site.get("/v1/answers/ans_none/table?format=pdf").status == 422


def test_words_of_a_report_are_no_formula(site: Any) -> None:
    asked = site.ask({"question": FIGURE}).json()
    hostile = '=HYPERLINK("http://192.0.2.1","x")'
    asked["figures"][0].update(subject=hostile, value="-1,280.50")
    asked["citations"][0]["quote"] = "@SUM(1)\x01"
    response = AskResponse.model_validate(asked)
    line = list(csv.reader(io.StringIO(table_csv(response, "注").decode("utf-8-sig"))))[2]
    assert (line[0], line[5], line[10]) == (f"'{hostile}", "-1,280.50", "'@SUM(1)\x01")
    sheet = openpyxl.load_workbook(io.BytesIO(table_xlsx(response, "注"))).active
    assert sheet is not None
    assert (sheet["A3"].value, sheet["A3"].data_type) == (hostile, "s")
    assert (sheet["F3"].value, sheet["F3"].number_format) == (-1280.5, "#,##0.00")
