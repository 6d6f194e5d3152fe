"""Fact list: the figures of the corpus as the contract shows them, each with its citation.

Stands between the fact store and `GET /v1/facts`; the command `facts` uses it too. `fact_forms`
writes what it gives.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from corpus.brokers import same_broker
from corpus.normalise import fold
from corpus.periods import Period, parse_period
from corpus.tickers import same_code
from indexer.records import Fact, FactKind, FactSource
from indexer.snapshot import Snapshot
from service.citing import Citer
from service.names import NameBook
from service.reading.draft import Evidence
from service.schemas import Citation, Request, Text


class FactQuery(Request):
    """Query string of `GET /v1/facts`; what is not given sets no condition."""

    company: Text | None = Field(default=None, min_length=1, max_length=200)
    metric: Text | None = Field(default=None, min_length=1, max_length=200)
    period: Text | None = Field(default=None, min_length=1, max_length=40)
    broker: Text | None = Field(default=None, min_length=1, max_length=200)
    report_id: Text | None = Field(default=None, min_length=1, max_length=500)
    source: Literal["all", "table", "sentence"] = "all"
    format: Literal["json", "csv", "parquet"] = "json"
    limit: int = Field(default=100, ge=1, le=1000)
    cursor: str | None = Field(default=None, pattern="^[0-9]{1,9}$")


class FactOut(BaseModel):
    """One figure: `value` as printed, `value_base` in the base unit (4.6 亿元 → 460000000 元).

    `name` is the metric's Chinese name, `approx` the mark that keeps the figure open (约, 超过).
    """

    fact_id: str
    report_id: str
    broker: str | None
    published: date | None
    subject: str
    code: str | None
    metric: str
    period: str | None
    kind: FactKind | None
    value: str
    unit: str | None
    value_base: str | None
    unit_base: str | None
    direction: str | None
    as_of: str | None
    warnings: list[str]
    citation: Citation
    name: str
    approx: str | None
    subject_kind: str | None
    source: FactSource


class FactPage(BaseModel):
    """`GET /v1/facts`. `next`: the cursor of the next page, null on the last."""

    facts: list[FactOut]
    next: str | None


def facts_page(snapshot: Snapshot, query: FactQuery, public_url: str) -> FactPage:
    """The figures that pass every condition of `query`, by report, then place in its text."""
    begin = int(query.cursor or 0)
    end = begin + query.limit
    found = _find(snapshot, query, end + 1)
    facts = [_out(snapshot, fact, public_url) for fact in found[begin:end]]
    return FactPage(facts=facts, next=str(end) if len(found) > end else None)


def facts_of(snapshot: Snapshot, query: FactQuery, public_url: str) -> Iterator[FactOut]:
    """Every figure that passes, whatever `limit` and `cursor` say: for files."""
    allowed = _reports(snapshot, query)
    for report_id in snapshot.report_ids() if allowed is None else sorted(allowed):
        one = query.model_copy(update={"report_id": report_id})
        for fact in _find(snapshot, one, None):
            yield _out(snapshot, fact, public_url)


def _find(snapshot: Snapshot, query: FactQuery, enough: int | None) -> list[Fact]:
    """The facts that pass, at least the first `enough` of them (None: all)."""
    period = parse_period(query.period) if query.period else None
    find = functools.partial(
        snapshot.facts.find,
        metrics=None if query.metric is None else _metrics(snapshot, query.metric),
        periods=None if query.period is None else [period.label if period else query.period],
        report_ids=_reports(snapshot, query),
        source=None if query.source == "all" else query.source,
    )
    if query.company is None:
        sieved = period is not None and period.kind is not None
        return _of_kind(find(limit=None if sieved else enough), period)
    names, codes = _company(snapshot, query.company)
    found = find(subjects=names) + (find(codes=codes) if codes else [])
    if not found and (short := NameBook(snapshot).abbreviated(fold(query.company), 0)):
        # 蓝标 is 蓝色光标 if it can be no other company.
        found = [] if short.rivals or short.company is None else find(subjects=[short.company.name])
    once = {(f.report_id, f.start, f.end, f.metric, f.subject): f for f in found}
    ordered = sorted(once.values(), key=lambda f: (f.report_id, f.start, f.end, f.metric))
    return _of_kind(ordered, period)


def _of_kind(facts: Iterable[Fact], period: Period | None) -> list[Fact]:
    """`2024E` asks for estimates only, `2024` for whatever the report states."""
    wanted = period.kind if period else None
    return [fact for fact in facts if wanted is None or fact.kind in {None, wanted}]


def _metrics(snapshot: Snapshot, asked: str) -> list[str]:
    """Ids of the metric, and its words, since unknown headers are their own ids."""
    known = snapshot.vocabulary.metric_of(asked)
    return [asked, known.id] if known else [asked]


def _reports(snapshot: Snapshot, query: FactQuery) -> list[str] | None:
    """The reports that may speak; None: all."""
    of_broker = None if query.broker is None else _reports_of(snapshot, query.broker)
    if query.report_id is None:
        return of_broker
    return [query.report_id] if of_broker is None or query.report_id in of_broker else []


def _reports_of(snapshot: Snapshot, broker: str) -> list[str]:
    return [
        record.report_id
        for record in snapshot.records()
        if record.meta.broker and same_broker(record.meta.broker.value, broker)
    ]


def _company(snapshot: Snapshot, asked: str) -> tuple[list[str], list[str]]:
    """All names and codes under which the corpus knows the company."""
    names, codes = [asked], []
    if re.search(r"\d", asked):
        codes.append(asked)
    for company in snapshot.lexicon.companies:
        called = {fold(name) for name in (company.name, *company.aliases)}
        by_code = company.code is not None and same_code(company.code, asked)
        if fold(asked) in called or by_code:
            names += [company.name, *company.aliases]
            codes += [company.code] if company.code else []
    return names, codes


def _out(snapshot: Snapshot, fact: Fact, public_url: str) -> FactOut:
    citer = Citer(snapshot, public_url)
    citer.marker(Evidence.of_fact(fact))
    citation = citer.citations[0]
    return FactOut(
        fact_id=fact.fact_id,
        report_id=fact.report_id,
        broker=citation.broker,
        published=citation.published,
        subject=fact.subject,
        code=fact.code,
        metric=fact.metric,
        period=fact.period,
        kind=fact.kind,
        value=fact.value,
        unit=fact.unit,
        value_base=fact.value_base,
        unit_base=fact.unit_base,
        direction=fact.direction,
        as_of=fact.as_of,
        warnings=[*(["报告未给出"] if fact.missing else []), *fact.warnings],
        citation=citation,
        name=snapshot.vocabulary.name_of(fact.metric),
        approx=fact.approx,
        subject_kind=fact.subject_kind,
        source=fact.source,
    )
