"""What page one of a company's report says of that company: its rating and its target price.

Used by `figures` beside the facts of tables; a sector's report rates no single company here.
"""

from __future__ import annotations

from corpus.figures import parse_number
from corpus.normalise import fold
from corpus.report import Report, ReportMeta, Sourced, Span
from indexer.records import Fact
from service.names import Company
from service.reading.places import line_of
from service.reading.scope import Scope


def front_facts(
    company: Company, metric: str, report_ids: tuple[str, ...], scope: Scope
) -> list[Fact]:
    """The rating or target price that reports on this company print on page one."""
    found = []
    for report_id in report_ids:
        meta = scope.records[report_id].meta
        stated = _stated(metric, meta)
        if stated is not None and stated.span is not None and _is_on(company, meta):
            report = scope.snapshot.report(report_id)
            found.append(_fact(company, metric, stated.span, report, scope))
    return found


def _stated(metric: str, meta: ReportMeta) -> Sourced[str] | None:
    return {"rating": meta.rating, "target_price": meta.target_price}.get(metric)


def _is_on(company: Company, meta: ReportMeta) -> bool:
    return meta.subject is not None and fold(meta.subject.value) == fold(company.name)


def _fact(company: Company, metric: str, span: Span, report: Report, scope: Scope) -> Fact:
    value = span.of(report.text)
    line = line_of(report, span)
    number = None if metric == "rating" else parse_number(value)
    return Fact(
        fact_id=f"{report.report_id}:{span.start}-{span.end}",
        report_id=report.report_id,
        subject=company.name,
        code=company.code,
        metric=metric,
        metric_text=scope.snapshot.vocabulary.name_of(metric),
        period=None,
        period_text=None,
        kind=None,
        value=value,
        number=None if number is None else format(number, "f"),
        unit="元" if number is not None and value.endswith("元") else None,
        start=span.start,
        end=span.end,
        line_start=line.start,
        line_end=line.end,
        cell=None,
        as_of=None,
    )
