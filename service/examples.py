"""Examples: questions that the corpus at hand can answer, for the page to begin with.

Stands between the snapshot and the page. Made from facts and metadata, so that they fit any corpus.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from indexer.snapshot import ReportRecord, Snapshot

MAX_EXAMPLES: Final = 6
"""Two lines of buttons on a wide screen."""

MAX_REPORTS: Final = 50
"""Reports that are looked at: examples need no full view of a large corpus."""


def example_questions(snapshot: Snapshot) -> list[str]:
    """Up to `MAX_EXAMPLES` questions, of as many kinds as the corpus allows."""
    records = snapshot.records()[:MAX_REPORTS]
    questions = [*_about_figures(snapshot, records), *_about_reports(records)]
    return list(dict.fromkeys(questions))[:MAX_EXAMPLES]


def _about_figures(snapshot: Snapshot, records: tuple[ReportRecord, ...]) -> Iterator[str]:
    """A figure, then the highest of its column, then a figure that two reports give."""
    stated: dict[tuple[str, str, str], set[str]] = {}
    for record in records:
        for fact in snapshot.facts.find(report_ids=[record.report_id], limit=300):
            if fact.number and fact.period and len(fact.period) == 4 and fact.cell:
                key = (fact.subject, fact.metric, fact.period)
                stated.setdefault(key, set()).add(fact.report_id)
    if not stated:
        return
    subject, metric, period = max(stated, key=lambda key: (len(stated[key]), key[2], key[0]))
    name = snapshot.vocabulary.name_of(metric)
    yield f"{subject}{period}年的{name}是多少？"
    single = [key for key, reports in stated.items() if len(reports) == 1]
    if single:
        subject, metric, period = single[0]
        yield f"{subject}{period}年{snapshot.vocabulary.name_of(metric)}是多少？"
    same_column = {key[0] for key in stated if key[1:] == (metric, period)}
    if len(same_column) > 2:
        yield f"{period}年{name}最高的是哪家公司？"


def _about_reports(records: tuple[ReportRecord, ...]) -> Iterator[str]:
    for record in records:
        broker = record.meta.broker.value if record.meta.broker else None
        if broker is None:
            continue
        if record.meta.analysts:
            yield f"{broker}这份报告的分析师是谁？"
        yield f"{broker}提示了哪些风险？"
    for record in records:
        if record.meta.broker:
            yield f"{record.meta.broker.value}的“买入”评级是什么意思？"
