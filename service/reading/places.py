"""Whole lines to quote for a datum of page one: a lone word is a poor quote.

Used by the readers of metadata and persons.
"""

from __future__ import annotations

from typing import Any

from corpus.report import Report, Sourced, Span
from service.reading.draft import Evidence

# A hard-wrapped text may hold a whole paragraph in one line; then the datum itself is quoted.
_MAX_LINE = 200


def line_of(report: Report, span: Span) -> Evidence:
    """The line that holds a span, without white space around it."""
    text = report.text
    start = max(text.rfind("\n", 0, span.start), text.rfind("\f", 0, span.start)) + 1
    ends = [at for at in (text.find("\n", span.end), text.find("\f", span.end)) if at >= 0]
    end = min(ends, default=len(text))
    while start < span.start and text[start].isspace():
        start += 1
    while end > span.end and text[end - 1].isspace():
        end -= 1
    if end - start > _MAX_LINE:
        start, end = span.start, span.end
    return Evidence(report.report_id, start, end)


def places_of(report: Report, sourced: Sourced[Any]) -> tuple[Evidence, ...]:
    """Where a datum stands; the opening of the report if it was given beside the text."""
    return (line_of(report, sourced.span),) if sourced.span else (opening_of(report),)


def opening_of(report: Report) -> Evidence:
    """The first block: what was given beside the text has no words of its own to quote."""
    span = report.blocks[0].span if report.blocks else Span(0, min(len(report.text), 1))
    return line_of(report, Span(span.start, min(span.start + 1, span.end)))


def title_of(report: Report) -> str:
    """The title, or the id of a report without one."""
    return report.meta.title.value if report.meta.title else report.report_id
