"""Anatomy: the structure that was found in a report, as text for a terminal.

Stands beside `Report`: it shows sections, tables, metadata and warnings to whoever wonders why an
answer came out as it did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from corpus.report import Report, ReportMeta, Sourced, Span, Table
from service.console import grid


def anatomy_text(report: Report) -> str:
    """Metadata, sections, blocks and tables of `report`, with their offsets."""
    return "\n".join(_lines(report))


def anatomy_heads(report: Report) -> str:
    """File and metadata only."""
    return "\n".join(_head_lines(report))


def _head_lines(report: Report) -> Iterator[str]:
    file = report.file
    yield f"{report.report_id}: {file.type}, {file.bytes} B, {len(report.text)} characters"
    yield f"sha256 {file.sha256}"
    yield from _meta_lines(report.meta)


def _lines(report: Report) -> Iterator[str]:
    yield from _head_lines(report)
    yield f"\nSections ({len(report.sections)})"
    for section in report.sections:
        title = section.path[-1] if section.path else "(before any heading)"
        yield f"  {'  ' * section.level}{_place(section.span)} {title}"
    counts = Counter((block.kind.value, block.role.value) for block in report.blocks)
    yield f"\nBlocks ({len(report.blocks)})"
    yield from (f"  {kind}, {role}: {n}" for (kind, role), n in sorted(counts.items()))
    for number, table in enumerate(report.tables, start=1):
        yield f"\nTable {number} {_place(table.span)}"
        yield from _table_lines(table)
    if report.pages:
        yield f"\nPages: {len(report.pages)}"
    yield f"\nWarnings ({len(report.warnings)})"
    yield from (f"  {warning}" for warning in report.warnings)


def _meta_lines(meta: ReportMeta) -> Iterator[str]:
    yield "\nMetadata"
    for name in (
        "title",
        "broker",
        "published",
        "industry",
        "subject",
        "rating",
        "rating_change",
        "target_price",
        "price",
    ):
        found: Sourced[object] | None = getattr(meta, name)
        if found is not None:
            yield f"  {name}: {found.value} {_place(found.span)}"
    for code in meta.stock_codes:
        yield f"  stock_code: {code.value} {_place(code.span)}"
    for one in meta.analysts:
        stated = (one.role, one.licence, one.email, one.phone)
        known = ", ".join(part for part in stated if part)
        yield f"  analyst: {one.name} {_place(one.span)} {known}".rstrip()


def _table_lines(table: Table) -> Iterator[str]:
    yield f"  title: {table.title or '-'}; unit: {table.unit or '-'}"
    keys = ", ".join(str(c) for c in table.key_columns)
    yield f"  key columns: {keys or '-'}"
    header = [column_text(" / ".join(c.header), c.unit) for c in table.columns]
    body = [[cell.text for cell in row.cells] for row in table.rows]
    yield "\n".join(f"  {line}" for line in grid([header, *body]).split("\n"))


def column_text(header: str, unit: str | None) -> str:
    """A header with the unit that it does not say itself."""
    if unit and unit not in header:
        return f"{header} <{unit}>"
    return header or "(no header)"


def _place(span: Span | None) -> str:
    return f"[{span.start}, {span.end})" if span else "(given beside the text)"
