"""What page one of a company's report says of that company: its rating and its target price.

Used by `figures` beside the facts of tables; a sector's report rates no single company here.
"""

from __future__ import annotations

import re

from corpus.figures import parse_number
from corpus.normalise import fold
from corpus.report import Report, ReportMeta, Sourced, Span
from indexer.records import Fact
from service.names import Company
from service.reading.places import line_of
from service.reading.scope import Scope

# The part of a text that page one fills.
_FRONT = 3_000
_SECTOR_DATA = re.compile("行业(?:基本|基础|市场)?(?:数据|概况|资料)")


def front_facts(
    company: Company, metric: str, report_ids: tuple[str, ...], scope: Scope
) -> list[Fact]:
    """The rating or target price that reports on this company print on page one."""
    found = []
    for report_id in report_ids:
        meta = scope.records[report_id].meta
        stated = _stated(metric, meta)
        on_it = _is_on(company, meta) or (
            metric == "rating" and is_sector(company, report_id, scope)
        )
        if stated is not None and stated.span is not None and on_it:
            report = scope.snapshot.report(report_id)
            found.append(_fact(company, metric, stated.span, report, scope))
    return found


def is_sector(company: Company, report_id: str, scope: Scope) -> bool:
    """True if the report is on the sector of that name: no company's report, and page one says
    the name's 行业 or prints it as its industry."""
    meta = scope.records[report_id].meta
    if company.code is not None or meta.subject is not None:
        return False
    name, front = fold(company.name), fold(scope.snapshot.text(report_id)[:_FRONT])
    named = meta.industry is not None and fold(meta.industry.value) == name
    return named or f"{name}行业" in front or f"/{name}" in front


def sector_facts(
    company: Company, metric: str, report_ids: tuple[str, ...], scope: Scope
) -> list[Fact]:
    """The figures that reports on a sector print of it under 行业数据."""
    known = scope.snapshot.vocabulary
    return [
        fact
        for report_id in report_ids
        if is_sector(company, report_id, scope)
        for fact in scope.snapshot.facts.find(report_ids=(report_id,))
        if _SECTOR_DATA.fullmatch(fact.subject)
        and (
            fact.metric == metric
            or metric in {m.metric.id for m in known.find_metrics(fact.metric_text)}
        )
    ]


def _stated(metric: str, meta: ReportMeta) -> Sourced[str] | None:
    return {"rating": meta.rating, "target_price": meta.target_price}.get(metric)


def is_subject(company: Company, report_id: str, scope: Scope) -> bool:
    """True if the report is on that company: page one names it, or its code."""
    meta = scope.records[report_id].meta
    codes = {code.value.split(".")[0] for code in meta.stock_codes}
    return _is_on(company, meta) or company.code in codes


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
