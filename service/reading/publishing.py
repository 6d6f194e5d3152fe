"""How far apart two reports came out, and which came first.

A reader: `Query + Scope → Draft | None`, from the dates printed on page one.
"""

from __future__ import annotations

import re
from typing import Final

from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.places import opening_of, places_of
from service.reading.scope import Scope
from service.schemas import Computation, ComputationInput

_APART: Final = re.compile(
    "(?:早|晚|相差|差|相隔|间隔|隔|先|后)(?:了|出|发布|发表|发|写|有)*(?:多少|几)个?(?:天|日)"
)
_FIRST: Final = re.compile(
    "(?:哪|谁)一?(?:篇|份|个|家)?的?(?:报告|研报|点评)?的?(?:发布|发表|出|发|写)?(?:得|的|时间|日期)?"
    "(?:更|最|比较)?(?:早|晚|新|先|后)(?:发布|发表|出)?[?？。]*\\Z"
)
_REPORTS: Final = re.compile("报告|研报|点评|[两那这一哪][篇份]|发布|发表|出具")


def read_publishing(query: Query, scope: Scope) -> Outcome | None:
    """The days between two reports, the earlier one first; None for any other question."""
    if query.companies or query.metrics or not _REPORTS.search(query.text):
        return None
    if not (_APART.search(query.text) or _FIRST.search(query.text)):
        return None
    dated = [(day, i) for i in scope.speaking if (day := scope.published(i)) is not None]
    if len(query.known_brokers) == 2:  # the newest of each house
        newest = {scope.broker(i): (day, i) for day, i in reversed(dated)}
        dated = [newest[b] for b in query.known_brokers if b in newest]
    if len(dated) != 2:
        return None
    (first, one), (second, other) = sorted(dated)
    days = (second - first).days
    places = [_place(i, scope) for i in (one, other)]
    words = f"早{days}天（{second.isoformat()} − {first.isoformat()} = {days}天）"
    text = (
        f"{scope.label(one)}的报告比{scope.label(other)}的{words}"
        if days
        else f"{scope.label(one)}的报告与{scope.label(other)}的在同一天（相差0天）"
    )
    worked = Computation(
        expression=f"{second.isoformat()} - {first.isoformat()}",
        inputs=[made for i in (one, other) if (made := _input(i, scope)) is not None],
        result=str(days),
        unit="天",
        rounding=None,
    )
    statement = Statement(text, tuple(places), (f"{days}天",))
    return Draft("computed", [statement], 0.95, computation=worked)


def _place(report_id: str, scope: Scope) -> Evidence:
    """The line that states the date."""
    report = scope.snapshot.report(report_id)
    published = report.meta.published
    return places_of(report, published)[0] if published else opening_of(report)


def _input(report_id: str, scope: Scope) -> ComputationInput | None:
    """The date as it is printed; None where it was given beside the text."""
    report = scope.snapshot.report(report_id)
    span = report.meta.published.span if report.meta.published else None
    if span is None:
        return None
    value = span.of(report.text)
    return ComputationInput(report_id=report_id, start=span.start, end=span.end, value=value)
