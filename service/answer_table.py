"""The figures of an answer as a table for a spreadsheet, each with the link to its cell.

Stands between a kept answer and the person who takes its figures along.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from service.schemas import AskResponse

COLUMNS: Final = (
    "主体", "代码", "指标", "期间", "类型", "数值", "单位", "券商", "日期", "研报", "原文", "链接",
)  # fmt: skip
_KINDS: Final = {"actual": "实际", "estimate": "预测", "guidance": "指引"}
_LINK: Final = len(COLUMNS) - 1
_VALUE: Final = COLUMNS.index("数值")
_NUMBER: Final = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")


def table_rows(response: AskResponse) -> Iterator[tuple[str, ...]]:
    """One row a figure, `COLUMNS` wide, in the order of the markers."""
    cited = {citation.marker: citation for citation in response.citations}
    for figure in response.figures:
        source = cited[figure.marker]
        yield (
            figure.subject,
            figure.code or "",
            figure.name,
            figure.period or "",
            _KINDS.get(figure.kind or "", ""),
            figure.value,
            figure.unit or "",
            source.broker or "",
            source.published.isoformat() if source.published else "",
            source.title or source.report_id,
            source.quote,
            source.url,
        )


def table_csv(response: AskResponse, notice: str) -> bytes:
    """The table with the question above and the notice below, UTF-8 with a mark for Excel."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(response.question)])
    writer.writerow(COLUMNS)
    for row in table_rows(response):
        writer.writerow([_harmless(cell) for cell in row])
    writer.writerow([_harmless(notice_of(response, notice))])
    return out.getvalue().encode("utf-8-sig")


def table_xlsx(response: AskResponse, notice: str) -> bytes:
    """The same as a workbook: values as numbers where they are, a link in each row."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # a new workbook has one  # noqa: S101
    sheet.title = "数据"
    sheet.append([_text(response.question)])
    sheet.append(list(COLUMNS))
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for row in table_rows(response):
        sheet.append([_text(cell) for cell in row])
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s"  # words of a report are never a formula
        value = sheet.cell(sheet.max_row, _VALUE + 1)
        if _NUMBER.fullmatch(row[_VALUE]):
            value.value = float(row[_VALUE].replace(",", ""))
            value.number_format = _format_of(row[_VALUE])
        link = sheet.cell(sheet.max_row, _LINK + 1)
        link.hyperlink = row[_LINK]
    sheet.append([_text(notice_of(response, notice))])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def notice_of(response: AskResponse, notice: str) -> str:
    """The notice with brokers and dates of the sources in it."""
    named = [
        " ".join(part for part in (c.broker, c.published and c.published.isoformat()) if part)
        for c in response.citations
    ]
    sources = "、".join(dict.fromkeys(name for name in named if name))
    return notice.replace("{sources}", sources or "研报")


def _format_of(value: str) -> str:
    """As many decimals as were printed."""
    decimals = len(value.partition(".")[2])
    whole = "#,##0" if "," in value else "0"
    return f"{whole}.{'0' * decimals}" if decimals else whole


def _text(value: str) -> str:
    """Without the control characters that no workbook may hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", value)


def _harmless(value: str) -> str:
    """A cell that no spreadsheet takes for a formula; figures stay figures."""
    if re.match(r"[=+@\t\r-]", value) and not _NUMBER.fullmatch(value) and value != "-":
        return f"'{value}"
    return value
