"""A golden set put to a target, question by question, scored and measured.

The journey of `eval`: golden items → answers → outcomes. Tables and files are made elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from corpus.errors import EvalError
from eval.golden import GoldenItem
from eval.measures import Measures, measure
from eval.retrieval import Topic, item_values, judged, topics, wrong_document
from eval.scoring import Response, Verdict, score
from eval.sources import ReportTexts, Sources, Testimony, Witness
from eval.targets import AskError, Target

# After that many refusals to connect in a row the server is down, not slow.
GIVE_UP_AFTER = 3
# Deep enough for recall@20, the deepest measure that is reported.
DEPTH = 20

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, what came back, and what it is worth.

    Args:
        response, verdict, testimony: None if the request failed; `error` then says how.
        hits: what a search with the standalone question found, best first, without the words;
            None if the target was not asked for it.
        seconds: wall time of the request.
        testimony: what the reports said when this was scored (see `eval.sources`).
        measures: name → value in [0, 1] of every measure that applies.
    """

    item: GoldenItem
    response: Response | None
    hits: Sequence[Mapping[str, Any]] | None
    verdict: Verdict | None
    error: str | None
    seconds: float
    testimony: Mapping[str, Any] | None
    measures: Measures = field(default_factory=dict)


def run_items(
    items: Iterable[GoldenItem],
    target: Target,
    *,
    retrieve: bool = False,
    clock: Clock = time.perf_counter,
    done: Mapping[str, Outcome] | None = None,
    tick: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """The outcomes in the order of the items.

    Args:
        retrieve: also search for each question and measure what is found.
        done: outcomes of an earlier run by item id; those without an error are kept (`--resume`).
        tick: called after each item, for a progress bar or a journal.
    """
    texts = ReportTexts(target.text)
    outcomes: list[Outcome] = []
    refusals_to_connect = 0
    for item in items:
        earlier = (done or {}).get(item.id)
        if earlier is not None and earlier.error is None and earlier.item == item:
            outcome = earlier
        elif refusals_to_connect >= GIVE_UP_AFTER:
            outcome = _failed(item, f"not asked: {target.name} is down", 0.0)
        else:
            outcome, unreachable = _ask(item, target, texts, clock, retrieve)
            refusals_to_connect = refusals_to_connect + 1 if unreachable else 0
        outcomes.append(outcome)
        tick(outcome)
    return with_retrieval(outcomes)


def rescore(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The same answers judged again from what was stored; no index, no server."""
    again = []
    for old in outcomes:
        if old.response is None or old.testimony is None:
            again.append(old)
        else:
            sources = Testimony(dict(old.testimony))
            again.append(_judged(old.item, old.response, old.hits, sources, old.seconds))
    return with_retrieval(again)


def with_retrieval(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes with the retrieval measures added to those that have hits."""
    by_item = {n: outcome_topics(outcome) for n, outcome in enumerate(outcomes)}
    values = judged(topic for found in by_item.values() for topic in found)
    added = []
    for n, outcome in enumerate(outcomes):
        if by_item[n] and outcome.hits is not None:
            more = item_values(outcome.item, values)
            if (wrong := wrong_document(outcome.item, outcome.hits)) is not None:
                more["wrong_document@1"] = wrong
            outcome = replace(outcome, measures=outcome.measures | more)
        added.append(outcome)
    return added


def outcome_topics(outcome: Outcome) -> list[Topic]:
    """The TREC topics of an outcome; none without hits or evidence."""
    if outcome.hits is None or outcome.testimony is None:
        return []
    return topics(outcome.item, outcome.hits, Testimony(dict(outcome.testimony)))


def _ask(
    item: GoldenItem, target: Target, sources: Sources, clock: Clock, retrieve: bool
) -> tuple[Outcome, bool]:
    started = clock()
    try:
        response = target.ask(item.request())
        seconds = clock() - started
        hits = None
        if retrieve:
            found = target.search(response["standalone_question"], DEPTH, item.filters)
            keep = ("passage_id", "report_id", "start", "end", "score")
            hits = [{name: hit[name] for name in keep} for hit in found]
        return _judged(item, response, hits, Witness(sources), seconds), False
    except AskError as error:
        return _failed(item, str(error), clock() - started), error.unreachable
    except EvalError as error:  # the text of a report could not be fetched
        return _failed(item, str(error), clock() - started), False


def _judged(
    item: GoldenItem,
    response: Response,
    hits: Sequence[Mapping[str, Any]] | None,
    sources: Witness | Testimony,
    seconds: float,
) -> Outcome:
    verdict = score(item, response, sources)
    measures = measure(item, response, verdict, sources)
    return Outcome(item, response, hits, verdict, None, seconds, sources.testimony(), measures)


def _failed(item: GoldenItem, error: str, seconds: float) -> Outcome:
    return Outcome(item, None, None, None, error, seconds, None)
