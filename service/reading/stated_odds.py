"""The odds that a stated figure is the one asked for, and that the best of them is right.

Between `stated_traits` and `stated`: two small logistic models over hand-made traits, fitted by
`scripts/train_stated.py` on questions over news whose sentence is there and on ones whose sentence
was removed (`service/data/stated.md`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# Signs of the best figure among its rivals, for the second model.
SIGNS = ("logit", "margin", "rivals", "agree")
# Beyond so much the margin tells nothing more.
MOST_MARGIN = 5.0
# Figures within so much of the best one's log odds rival it, or bear it out.
RIVAL, AGREEING = 1.5, 2.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the second model sees of a figure: its log odds, value and report."""

    logit: float
    value: str
    report_id: str


def log_odds(traits: Sequence[float], prior: float) -> float:
    """How much likelier a figure is the one asked for than that none is.

    Args:
        traits: as `stated_traits.TRAITS`.
        prior: the logarithm of the hand-made score.
    """
    weights = _weights()
    value = weights.none + weights.prior * prior
    return value + sum(w * t for w, t in zip(weights.traits, traits, strict=True))


def certainty(candidates: Sequence[Candidate]) -> float:
    """The probability that the first candidate is right; candidates best first."""
    weights = _weights().signs
    value = weights[0] + sum(w * s for w, s in zip(weights[1:], signs_of(candidates), strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def signs_of(candidates: Sequence[Candidate]) -> list[float]:
    """The `SIGNS` of the first candidate among all, best first."""
    best = candidates[0]
    second = next((c.logit for c in candidates if c.value != best.value), -math.inf)
    rivals = {c.value for c in candidates if c.logit > best.logit - RIVAL} - {best.value}
    agreeing = {
        c.report_id for c in candidates if c.value == best.value and c.logit > best.logit - AGREEING
    } - {best.report_id}
    margin = min(best.logit - second, MOST_MARGIN)
    return [best.logit, margin, math.log1p(len(rivals)), math.log1p(len(agreeing))]


@dataclass(frozen=True, slots=True)
class _Weights:
    prior: float
    none: float
    traits: tuple[float, ...]
    signs: tuple[float, ...]


@cache
def _weights() -> _Weights:
    text = files("service").joinpath("data", "stated.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return _Weights(
        stored["prior"], stored["none"], tuple(stored["traits"].values()), tuple(stored["signs"])
    )
