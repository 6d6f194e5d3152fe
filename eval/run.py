"""A golden set put to a target, question by question, and scored.

The journey of `eval`: golden items → answers → verdicts. Tables and files are made elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.errors import EvalError
from eval.golden import GoldenItem
from eval.scoring import Response, Verdict, score
from eval.sources import ReportTexts, Sources, Testimony, Witness
from eval.targets import AskError, Target

# After that many refusals to connect in a row the server is down, not slow.
GIVE_UP_AFTER = 3

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question, what came back, and what it is worth.

    Args:
        response, verdict, testimony: None if the request failed; `error` then says how.
        seconds: wall time of the request.
        testimony: what the reports said when this was scored (see `eval.sources`).
    """

    item: GoldenItem
    response: Response | None
    verdict: Verdict | None
    error: str | None
    seconds: float
    testimony: Mapping[str, Any] | None


def run_items(
    items: Iterable[GoldenItem],
    target: Target,
    *,
    clock: Clock = time.perf_counter,
    done: Mapping[str, Outcome] | None = None,
    tick: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """The outcomes in the order of the items.

    Args:
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
            outcome, unreachable = _ask(item, target, texts, clock)
            refusals_to_connect = refusals_to_connect + 1 if unreachable else 0
        outcomes.append(outcome)
        tick(outcome)
    return outcomes


def rescore(outcome: Outcome) -> Outcome:
    """The same answer judged again from what was stored; no index, no server."""
    if outcome.response is None or outcome.testimony is None:
        return outcome
    verdict = score(outcome.item, outcome.response, Testimony(dict(outcome.testimony)))
    return Outcome(
        outcome.item, outcome.response, verdict, None, outcome.seconds, outcome.testimony
    )


def _ask(item: GoldenItem, target: Target, sources: Sources, clock: Clock) -> tuple[Outcome, bool]:
    started = clock()
    try:
        response = target.ask(item.request())
        seconds = clock() - started
        witness = Witness(sources)
        verdict = score(item, response, witness)
    except AskError as error:
        return _failed(item, str(error), clock() - started), error.unreachable
    except EvalError as error:  # the text of a report could not be fetched
        return _failed(item, str(error), clock() - started), False
    return Outcome(item, response, verdict, None, seconds, witness.testimony()), False


def _failed(item: GoldenItem, error: str, seconds: float) -> Outcome:
    return Outcome(item, None, None, error, seconds, None)
