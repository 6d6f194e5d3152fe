"""Trains the odds of stated figures: which figure is the one asked for, and whether any is.

    .venv/bin/python scripts/train_stated.py DATA     (DATA: the folder with text/; scipy fits)

Questions and reports are made of news items (`stated_questions.py`). Writes service/data:
stated.json and stated_manifest.json (the ids of the items that were asked about). Prints what a
model that was fitted without a branch does on that branch.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from stated_questions import Asked, Branch, branches
from train_certainty import fitted
from train_ranker import OUT, indexed

from corpus.normalise import fold
from indexer.records import Filters
from indexer.snapshot import Snapshot
from service.answering import Answerer
from service.reading.prose import find_passages, roles_of
from service.reading.scope import make_scope
from service.reading.stated import WEIGHED, asks_for_figure, best_fits
from service.reading.stated_odds import Candidate, signs_of
from service.reading.stated_traits import TRAITS, asked_figure, traits_of

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
SEEDS = (5,)
# Ridge penalty; the hand-made score is expected to count so much.
L2, PRIOR = 20.0, 3.0
# Search finds the chunk of a long report less surely than that of twelve news items; its order may
# count no more than this. The factors of the hand-made score may lose at most a part of their
# weight there.
MOST_NEAR, LEAST_FACTOR = 6.0, -1.0
FACTORS = ("support", "measures", "of_period", "names", "region", "in_unit")
# A removed sentence whose value still stands among the best was not the only one.
STILL_THERE = 15


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one question, best first by the hand-made score."""

    branch: str
    traits: Floats
    prior: Floats
    holds: Flags
    absent: bool
    values: tuple[str, ...]
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Padded:
    """All groups as arrays of one width, the traits scaled."""

    traits: Floats
    prior: Floats
    there: Flags
    holds: Flags


def main() -> int:
    """Makes the questions, trains, writes; gives the exit code."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    news = Path(sys.argv[1]) / "text" / "news.jsonl.gz"
    groups: list[Group] = []
    asked: set[str] = set()
    for seed in SEEDS:
        for branch in branches(news, seed):
            own = list(_groups(branch))
            groups += own
            asked |= {question.news_id for question in branch.questions}
            print(f"seed {seed}, {branch.name}: {len(own)} questions", file=sys.stderr)
    (OUT / "stated.json").write_text(json.dumps(_trained(groups)) + "\n", encoding="utf-8")
    listed = json.dumps({"news": sorted(asked)}, indent=0)
    (OUT / "stated_manifest.json").write_text(listed + "\n", encoding="utf-8")
    return 0


def _groups(branch: Branch) -> Iterator[Group]:
    with indexed(branch.reports) as snapshot:
        answerer = Answerer(snapshot)
        for question in branch.questions:
            group = _group(question, branch.name, answerer, snapshot)
            if group is not None:
                yield group


def _group(question: Asked, branch: str, answerer: Answerer, snapshot: Snapshot) -> Group | None:
    query = answerer.parse(question.text)
    scope = make_scope(snapshot, Filters(), (), None)
    if not asks_for_figure(query):
        return None
    asked = asked_figure(query, scope)
    fits = best_fits(query, asked, scope, find_passages(query, scope, roles_of(query)))
    values = [_digits(f.stated.value.of(snapshot.text(f.stated.report_id))) for f in fits]
    same = np.array([value == _digits(question.answer) for value in values], dtype=bool)
    if not fits or (question.absent and same[:STILL_THERE].any()):
        return None
    return Group(
        branch,
        np.array([traits_of(fit, asked) for fit in fits]),
        np.array([fit.prior for fit in fits]),
        same & (not question.absent),
        question.absent,
        tuple(values),
        tuple(fit.stated.report_id for fit in fits),
    )


def _digits(words: str) -> str:
    return re.sub(r"[^\d.]", "", fold(words))


def _trained(groups: Sequence[Group]) -> dict[str, object]:
    every = np.concatenate([g.traits for g in groups])
    mean, spread = every.mean(axis=0), every.std(axis=0) + 1e-6
    padded = _padded(groups, mean, spread)
    names = np.array([g.branch for g in groups])
    logits: list[Floats] = [np.zeros(0)] * len(groups)
    for name in sorted(set(names)):  # each branch by a model that has not seen it
        weights = _fit(padded, np.flatnonzero(names != name), spread)
        for at in np.flatnonzero(names == name).tolist():
            logits[at] = _logits(padded, weights, at, len(groups[at].prior))
    signs = np.array([_signs(g, own) for g, own in zip(groups, logits, strict=True)])
    best = [int(np.argmax(own)) for own in logits]
    right = np.array([g.holds[at] for g, at in zip(groups, best, strict=True)])
    _tell(groups, names, signs, right)
    weights = _fit(padded, np.arange(len(groups)), spread)
    raw = weights[2:] / spread
    return {
        "prior": round(float(weights[0]), 4),
        "none": round(float(-weights[1] - raw @ mean), 4),
        "traits": {n: round(float(v), 4) for n, v in zip(TRAITS, raw, strict=True)},
        "signs": fitted(signs, right),
    }


def _padded(groups: Sequence[Group], mean: Floats, spread: Floats) -> Padded:
    size = (len(groups), WEIGHED)
    made = Padded(
        np.zeros((*size, len(TRAITS))), np.zeros(size), np.zeros(size, bool), np.zeros(size, bool)
    )
    for at, group in enumerate(groups):
        count = len(group.prior)
        made.traits[at, :count] = (group.traits - mean) / spread
        made.prior[at, :count] = group.prior
        made.there[at, :count] = True
        made.holds[at, :count] = group.holds
    return made


def _fit(padded: Padded, chosen: npt.NDArray[np.intp], spread: Floats) -> Floats:
    """A softmax over the candidates and “none of them”: weight of the hand-made score, of none,
    and of the scaled traits."""
    from scipy.optimize import minimize

    traits, prior = padded.traits[chosen], padded.prior[chosen]
    there, holds = padded.there[chosen], padded.holds[chosen]
    target = np.concatenate([holds, ~holds.any(axis=1, keepdims=True)], axis=1)

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = np.where(there, traits @ weights[2:] + weights[0] * prior, -1e9)
        none = np.full((len(chosen), 1), weights[1])
        every = np.concatenate([scores, none], axis=1)
        shares = np.exp(every - every.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        held = (shares * target).sum(axis=1, keepdims=True) + 1e-12
        gap = shares - shares * target / held
        own = gap[:, :-1] * there
        slope = np.einsum("ij,ijk->k", own, traits) + L2 * weights[2:]
        first = np.array([(own * prior).sum() + weights[0] - PRIOR, gap[:, -1].sum()])
        penalty = L2 * weights[2:] @ weights[2:] + (weights[0] - PRIOR) ** 2
        return float(-np.log(held).sum() + 0.5 * penalty), np.concatenate([first, slope])

    bounds: list[tuple[float | None, float | None]] = [(1.0, None), (None, None)]
    for name, unit in zip(TRAITS, spread, strict=True):
        least = LEAST_FACTOR * float(unit) if name in FACTORS else None
        bounds.append((least, MOST_NEAR * float(unit) if name == "near" else None))
    start = np.zeros(len(TRAITS) + 2)
    start[:2] = PRIOR, -6.0
    made = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(made.x, dtype=np.float64)


def _logits(padded: Padded, weights: Floats, at: int, count: int) -> Floats:
    own = padded.traits[at, :count] @ weights[2:] + weights[0] * padded.prior[at, :count]
    return np.asarray(own - weights[1], dtype=np.float64)


def _signs(group: Group, logits: Floats) -> list[float]:
    order = np.argsort(-logits, kind="stable")
    return signs_of([Candidate(float(logits[n]), group.values[n], group.reports[n]) for n in order])


def _tell(
    groups: Sequence[Group], names: npt.NDArray[np.str_], signs: Floats, right: Flags
) -> None:
    """What the odds do on branches that they were not fitted on, by threshold."""
    sure = np.zeros(len(groups))
    for name in sorted(set(names)):
        weights = np.array(fitted(signs[names != name], right[names != name]))
        values = weights[0] + signs[names == name] @ weights[1:]
        sure[names == name] = 1 / (1 + np.exp(-values))
    absent = np.array([g.absent for g in groups])
    print(f"{(~absent).sum()} with an answer, best figure right: {right[~absent].mean():.3f}")
    for least in (0.2, 0.3, 0.4, 0.45, 0.5, 0.6, 0.7):
        said = sure >= least
        there = said[~absent]
        print(
            f"from {least}: right {(right[~absent] & there).mean():.3f},"
            f" wrong {(~right[~absent] & there).mean():.3f}, refused {(~there).mean():.3f};"
            f" of {absent.sum()} without an answer refused {(~said[absent]).mean():.3f}"
        )


if __name__ == "__main__":
    sys.exit(main())
