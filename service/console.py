"""Console: answers, passages, reports and facts as text for a terminal.

Stands beside the HTTP routes: the same shapes, for people instead of programs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from service.schemas import AskResponse, Citation, PassageOut, ReportOut

MAX_QUOTE: Final = 300
"""Characters of a quote that are shown: enough to recognise it; the rest is one link away."""


def answer_text(response: AskResponse) -> str:
    """The answer, then its numbered sources; for a refusal the nearest passages."""
    parts = ["".join(segment for segment, _ in segments(response))]
    if response.citations:
        parts += ["", "来源："]
        for citation in response.citations:
            parts += _citation_lines(citation)
    elif response.passages:
        parts += ["", "最接近的段落："]
        for number, passage in enumerate(response.passages[:3], start=1):
            parts += _passage_lines(number, passage)
    return "\n".join(parts)


def segments(response: AskResponse) -> Iterator[tuple[str, bool]]:
    """The answer in pieces, each with whether it is a table; those in aligned columns."""
    at = 0
    for table in response.tables:
        yield response.answer[at : table.start], False
        rows = [table.header]
        for row in table.rows:
            rows.append([cell.text + "".join(f" [{n}]" for n in cell.markers) for cell in row])
        yield f"{table.title}：\n{grid(rows)}", True
        at = table.end
    yield response.answer[at:], False


def passages_text(hits: Sequence[PassageOut]) -> str:
    """Search hits, best first."""
    lines: list[str] = []
    for number, hit in enumerate(hits, start=1):
        lines += _passage_lines(number, hit)
    return "\n".join(lines) or "没有找到相关段落。"


def reports_text(reports: Iterable[ReportOut]) -> str:
    """One line a report."""
    rows = [["报告", "券商", "日期", "状态", "标题"]]
    for report in reports:
        date = report.published.isoformat() if report.published else "-"
        title = report.title or "; ".join(report.warnings) or "-"
        rows.append([report.report_id, report.broker or "-", date, report.status, title])
    return grid(rows)


def report_text(report: ReportOut) -> str:
    """All that is known of one report."""
    analysts = "、".join(
        f"{one.name}（{one.licence}）" if one.licence else one.name for one in report.analysts
    )
    rows: list[tuple[str, str | None]] = [
        ("报告", report.report_id),
        ("标题", report.title),
        ("券商", report.broker),
        ("日期", report.published.isoformat() if report.published else None),
        ("分析师", analysts),
        ("股票代码", "、".join(report.stock_codes)),
        ("行业", report.industry),
        ("评级", report.rating),
        ("目标价", report.target_price),
        ("股价", report.price),
        ("文件", f"{report.file.name} ({report.file.type}, {report.file.bytes} B)"),
        ("sha256", report.file.sha256),
        ("页数", str(report.pages) if report.pages else None),
        ("字数", str(report.chars)),
        ("状态", report.status),
        *(("提示", warning) for warning in report.warnings),
    ]
    return grid([[label, value or "-"] for label, value in rows])


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Rows in aligned columns, Han characters counted as two."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max(width(row[c]) for row in rows if c < len(row)) for c in range(columns)]
    lines = []
    for row in rows:
        cells = [cell + " " * (widths[c] - width(cell)) for c, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(ch) in "WF" for ch in text)
    marks = sum(unicodedata.combining(ch) > 0 for ch in text)
    return len(text) + wide - marks


def harmless(text: str) -> str:
    """`text` without control characters: a report must not steer the reader's terminal."""
    return "".join(
        ch if ch in "\n\t" or unicodedata.category(ch) not in {"Cc", "Cf"} else " " for ch in text
    )


def _citation_lines(citation: Citation) -> list[str]:
    date = citation.published.isoformat() if citation.published else None
    title = f"《{citation.title}》" if citation.title else citation.report_id
    page = f"第 {citation.page} 页" if citation.page else None
    head = " · ".join(part for part in (citation.broker, date, title, page) if part)
    lines = [f"[{citation.marker}] {head}"]
    if citation.section:
        lines.append(f"    {' › '.join(citation.section)}")
    lines.append(f"    “{_short(citation.quote)}”")
    if citation.cell:
        cell = citation.cell
        place = " › ".join(part for part in (cell.table, cell.row, cell.column) if part)
        value = cell.value or "（空）"
        stated = not cell.unit or value.endswith(cell.unit)  # some cells do: 13.06元
        lines.append(f"    {place} = {value if stated else f'{value} {cell.unit}'}")
    lines.append(f"    {citation.url}")
    return lines


def _passage_lines(number: int, passage: PassageOut) -> list[str]:
    section = " › ".join(passage.section)
    head = f"{number}. {passage.passage_id}  ({passage.score:.2f})"
    return [f"{head}  {section}".rstrip(), f"    {_short(passage.text)}"]


def _short(text: str) -> str:
    """One line of at most `MAX_QUOTE` characters."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_QUOTE else line[: MAX_QUOTE - 1] + "…"
