"""What may stand in a picture only: the captions of charts whose subject is what was asked for.

Last word of a refusal: the index holds a chart's caption, not its curves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from corpus.normalise import fold
from corpus.report import BlockKind, Report, Span
from indexer.records import Hit
from service.query import Query
from service.reading.draft import Draft, Refusal
from service.reading.scope import Scope
from service.reading.weighing import weigh_question

COVERED: Final = 0.6
"""Share of the question's weight that a caption must hold: company and metric, say, of company,
metric and year."""

_MOST_REPORTS: Final = 8  # whose captions are looked at: those of the nearest passages
_MOST_SHOWN: Final = 2
_NUMBER = re.compile(r"图表?\s*[0-9０-９一二三四五六七八九十]+(?:[-–.．][0-9０-９]+)*")
_PICTURE = re.compile(r"\s*图")
_MATTERS: Final = frozenset({"no_such_metric", "no_such_period", "not_in_corpus", "low_support"})


@dataclass(frozen=True, slots=True)
class Captioned:
    """A picture with its caption; `page` is None where the report has no pages."""

    report_id: str
    caption: str
    span: Span
    page: int | None

    @property
    def place(self) -> str:
        """`图 3，第 5 页`."""
        found = _NUMBER.search(self.caption)
        number = found[0] if found else "无编号"
        return f"{number}，第 {self.page} 页" if self.page else number


def with_pictures(refusal: Refusal, query: Query, scope: Scope, hits: Sequence[Hit]) -> Refusal:
    """The refusal, with the pictures that may hold what is missing, if there are any.

    Args:
        hits: the passages nearest to the question, best first.
    """
    if refusal.reason not in _MATTERS:
        return refusal
    found = matching(query, scope, dict.fromkeys(hit.chunk.report_id for hit in hits))
    if not found:
        return refusal
    told = [f"该数据可能在图中（{one.place}）：{_named(one, scope)}。" for one in found]
    return replace(refusal, text=refusal.text + "".join(told))


def only_captions(draft: Draft, query: Query, scope: Scope) -> bool:
    """True if an answer rests on nothing but captions of pictures: a name is not what it names."""
    evidence = [e for s in draft.statements for e in s.evidence]
    if not evidence or "图" in query.text or any(e.fact is not None for e in evidence):
        return False
    for report_id in {e.report_id for e in evidence}:
        report = scope.snapshot.report(report_id)
        spans = [one.span for one in captioned(report)]
        for place in evidence:
            inside = Span(place.start, place.end)
            if place.report_id == report_id and not any(span.covers(inside) for span in spans):
                return False
    return True


def matching(query: Query, scope: Scope, report_ids: Iterable[str]) -> list[Captioned]:
    """The pictures whose caption holds most of what was asked for, best first."""
    weighing = weigh_question(query, scope.snapshot)
    if not weighing.words:
        return []
    scored = [
        (weighing.coverage([(fold(one.caption), 1.0)]), one)
        for report_id in list(report_ids)[:_MOST_REPORTS]
        for one in captioned(scope.snapshot.report(report_id))
    ]
    best = sorted((pair for pair in scored if pair[0] >= COVERED), key=lambda pair: -pair[0])
    return [one for _, one in best[:_MOST_SHOWN]]


def captioned(report: Report) -> Iterator[Captioned]:
    """Pictures that have a caption, and captions of pictures (图 3：…) under which nothing is left,
    as in a text that was taken out of its pages."""
    known = {picture.caption for picture in report.pictures if picture.caption}
    titles = [table.title_span for table in report.tables if table.title_span]
    for block in report.blocks:
        if block.kind is not BlockKind.CAPTION and block.span not in known:
            continue
        caption = block.span.of(report.text)
        if block.span in known or _stands_alone(block.span, caption, titles):
            page = report.page_at(block.span.start)
            yield Captioned(report.report_id, " ".join(caption.split()), block.span, page)


def _stands_alone(span: Span, caption: str, titles: Sequence[Span]) -> bool:
    if not _PICTURE.match(caption):
        return False
    return not any(span.overlaps(title) for title in titles)


def _named(one: Captioned, scope: Scope) -> str:
    return f"{scope.label(one.report_id)}“{one.caption}”"
