"""What a house says of the companies that it names: 推荐 them, or only 建议关注.

Stands below `stance`; reads the sentences of the body by `indexer.stances`, with all names that
the corpus knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.normalise import fold
from corpus.report import Report, Role, Span
from corpus.widths import fold_in_place
from indexer.stances import RECOMMENDED, WATCHED, stances_in
from service.reading.scope import Scope
from service.reading.sentences import sentences_of

__all__ = ["RECOMMENDED", "WATCHED", "Mention", "mentions_of"]


@dataclass(frozen=True, slots=True)
class Mention:
    """A company in a sentence: `stance` as the sentence puts it, `topic` what stands before."""

    report_id: str
    name: str
    stance: str
    place: Span
    sentence: Span
    topic: str


def mentions_of(report: Report, scope: Scope) -> list[Mention]:
    """Every company that the body recommends or asks to watch, in order."""
    names = _names(report.report_id, scope)
    found: list[Mention] = []
    for index, block in enumerate(report.blocks):
        if block.role not in {Role.BODY, Role.FRONT}:
            continue
        for sentence in sentences_of(report, index):
            found += _of_sentence(report, sentence.span, names)
    return found


def _names(report_id: str, scope: Scope) -> frozenset[str]:
    snapshot = scope.snapshot
    names = {s.name for s in snapshot.facts.subjects() if s.code or report_id in s.report_ids}
    names |= {c.name for c in snapshot.lexicon.companies}
    return frozenset(fold(name) for name in names if len(name) > 1)


def _of_sentence(report: Report, span: Span, names: frozenset[str]) -> Iterator[Mention]:
    for one in stances_in(fold_in_place(span.of(report.text)), names):
        place = Span(span.start + one.start, span.start + one.end)
        name = place.of(report.text)
        yield Mention(report.report_id, name, one.stance, place, span, one.topic)
