"""Retrieval judged by evidence spans, whatever the chunks are: qrels, run and ir_measures.

Beside `eval.measures`. Each piece of gold evidence is a TREC topic of its own with one relevant
document: the first retrieved passage that holds it, or, if none does, the span itself, which no
run can contain. So recall@k asks "does the reader see the evidence among the first k passages",
and cutting the chunks in another way changes the answer only if it changes that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.report import Span
from eval.golden import Evidence, GoldenItem
from eval.sources import Sources

# A passage holds a piece of evidence if it has so much of its characters; a piece that a chunk
# border cuts in the middle is found by neither half, one that loses its tail is.
_HOLDS = 0.5
MEASURES = ("R@1", "R@3", "R@5", "R@10", "R@20", "RR@10", "nDCG@10")


@dataclass(frozen=True, slots=True)
class Topic:
    """One piece of evidence of one question, and what was retrieved for it.

    Args:
        topic: `{item id}#{number of the piece}`, the TREC query id.
        relevant: the one relevant document.
        ranking: passage ids, best first.
    """

    topic: str
    relevant: str
    ranking: tuple[str, ...]


def topics(
    item: GoldenItem, passages: Sequence[Mapping[str, Any]], sources: Sources
) -> list[Topic]:
    """The topics of a question; none if it has no evidence."""
    ranking = tuple(dict.fromkeys(p["passage_id"] for p in passages))
    found = []
    for number, piece in enumerate(item.evidence):
        places = sources.places(piece)
        holder = next((p["passage_id"] for p in passages if _holds(p, piece, places)), None)
        span = places[0] if places else Span(0, 0)
        document = holder or f"{piece.report}:{span.start}-{span.end}:missed"
        found.append(Topic(topic_id(item, number), document, ranking))
    return found


def topic_id(item: GoldenItem, number: int) -> str:
    """A TREC query id: no white space."""
    return f"{'_'.join(item.id.split())}#{number}"


def judged(topics: Iterable[Topic]) -> dict[str, dict[str, float]]:
    """Topic → measure → value, computed by ir_measures."""
    import ir_measures

    topics = list(topics)
    if not topics:
        return {}
    qrels = [ir_measures.Qrel(t.topic, t.relevant, 1) for t in topics]
    # Scores fall strictly, because evaluators order ties by document id and not by rank.
    run = [
        ir_measures.ScoredDoc(t.topic, passage, float(len(t.ranking) - rank))
        for t in topics
        for rank, passage in enumerate(t.ranking)
    ]
    wanted = [ir_measures.parse_measure(name) for name in MEASURES]
    values: dict[str, dict[str, float]] = {t.topic: dict.fromkeys(MEASURES, 0.0) for t in topics}
    if run:
        for metric in ir_measures.iter_calc(wanted, qrels, run):
            values[metric.query_id][str(metric.measure)] = float(metric.value)
    return values


def item_values(item: GoldenItem, by_topic: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The measures of a question: the mean over the pieces of its best evidence set."""
    numbers = {id(piece): n for n, piece in enumerate(item.evidence)}
    found: dict[str, float] = {}
    for name in MEASURES:
        means = [
            sum(by_topic[topic_id(item, numbers[id(p)])][name] for p in pieces) / len(pieces)
            for pieces in item.evidence_sets()
        ]
        if means:
            found[name] = max(means)
    return found


def wrong_document(item: GoldenItem, passages: Sequence[Mapping[str, Any]]) -> float | None:
    """1.0 if the first passage is of a report without evidence; None if nothing can be said."""
    reports = {piece.report for piece in item.evidence}
    if not reports:
        return None
    return float(not passages or passages[0]["report_id"] not in reports)


def qrels_lines(topics: Iterable[Topic]) -> list[str]:
    """TREC qrels: `topic 0 document relevance`."""
    return [f"{t.topic} 0 {t.relevant} 1" for t in topics]


def run_lines(topics: Iterable[Topic], tag: str) -> list[str]:
    """A TREC run: `topic Q0 document rank score tag`, scores strictly falling."""
    return [
        f"{t.topic} Q0 {passage} {rank} {len(t.ranking) - rank + 1} {tag}"
        for t in topics
        for rank, passage in enumerate(t.ranking, start=1)
    ]


def _holds(passage: Mapping[str, Any], piece: Evidence, places: Sequence[Span]) -> bool:
    if passage["report_id"] != piece.report:
        return False
    start, end = passage["start"], passage["end"]
    return any(
        min(end, place.end) - max(start, place.start) >= _HOLDS * len(place) for place in places
    )
