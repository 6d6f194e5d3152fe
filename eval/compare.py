"""Two runs side by side: did it get better, and could chance have done that?

After `eval.records`. Paired by question; randomisation test and bootstrap are scipy's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.gate import CEILINGS
from eval.run import Outcome

RESAMPLES = 9_999
ALPHA = 0.05
# A run is worse if one of these is; the others explain why.
DECIDING = ("right", "cited", "verbatim", "refusal_recall", "no_misattribution")

Word = Literal["better", "worse", "no evidence"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in two runs over the same questions.

    Args:
        before, after: means.
        low, high: 95 % bootstrap interval of the difference (after minus before).
        p: two-sided, of the paired randomisation test; `p_holm` corrected over all measures.
        wins, losses: questions on which the second run is better, worse.
        detectable: the difference that so many questions would show in four of five repeats.
    """

    measure: str
    n: int
    before: float
    after: float
    low: float
    high: float
    p: float
    p_holm: float
    wins: int
    losses: int
    detectable: float

    @property
    def word(self) -> Word:
        """`better` and `worse` only when chance is an unlikely reason."""
        if self.p_holm >= ALPHA or self.after == self.before:
            return "no evidence"
        return "better" if (self.after > self.before) != (self.measure in CEILINGS) else "worse"


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one run gets right and the other does not."""

    item: str
    question: str
    now_right: bool
    before: str
    after: str


def differences(
    before: Mapping[str, Outcome], after: Mapping[str, Outcome], seed: int = 0
) -> list[Difference]:
    """Every measure that both runs have on at least two common questions."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for item, one in before.items():
        other = after.get(item)
        if other is None or one.error is not None or other.error is not None:
            continue
        for name in one.measures.keys() & other.measures.keys():
            pairs.setdefault(name, []).append((one.measures[name], other.measures[name]))
    found = [_difference(name, pairs[name], seed) for name in sorted(pairs) if len(pairs[name]) > 1]
    return _holm(found)


def flips(before: Mapping[str, Outcome], after: Mapping[str, Outcome]) -> list[Flip]:
    """The questions that changed sides, losses first."""
    found = []
    for item, one in before.items():
        other = after.get(item)
        if other is None or one.verdict is None or other.verdict is None:
            continue
        if one.verdict.right != other.verdict.right:
            answers = [str((o.response or {}).get("answer", "")) for o in (one, other)]
            found.append(Flip(item, one.item.question, other.verdict.right, *answers))
    return sorted(found, key=lambda flip: flip.now_right)


def worse(found: Sequence[Difference]) -> list[Difference]:
    """The deciding measures that got worse."""
    return [one for one in found if one.measure in DECIDING and one.word == "worse"]


def _difference(name: str, pairs: Sequence[tuple[float, float]], seed: int) -> Difference:
    changes = [b - a for a, b in pairs]
    mean = math.fsum(changes) / len(changes)
    spread = math.sqrt(math.fsum((c - mean) ** 2 for c in changes) / (len(changes) - 1))
    low, high = _interval(changes, spread, mean, seed)
    p = _chance(changes, seed)
    better = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    wins, losses = better[::-1] if name in CEILINGS else better
    return Difference(
        measure=name,
        n=len(pairs),
        before=math.fsum(a for a, _ in pairs) / len(pairs),
        after=math.fsum(b for _, b in pairs) / len(pairs),
        low=low,
        high=high,
        p=p,
        p_holm=p,
        wins=wins,
        losses=losses,
        # Normal approximation: 1.96 for alpha 0.05 two-sided and 0.84 for power 0.8.
        detectable=(1.96 + 0.84) * spread / math.sqrt(len(changes)),
    )


def _chance(changes: Sequence[float], seed: int) -> float:
    """Two-sided p of the sign-flipping (paired randomisation) test."""
    import numpy as np
    from scipy.stats import permutation_test

    if not any(changes):
        return 1.0
    result = permutation_test(
        (np.asarray(changes),),
        lambda x, axis: np.mean(x, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=1000,
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)


def _interval(
    changes: Sequence[float], spread: float, mean: float, seed: int
) -> tuple[float, float]:
    import numpy as np
    from scipy.stats import bootstrap

    if spread == 0:
        return mean, mean
    result = bootstrap(
        (np.asarray(changes),),
        np.mean,
        n_resamples=RESAMPLES,
        batch=1000,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)


def _holm(found: Sequence[Difference]) -> list[Difference]:
    """Holm's step-down correction (1979) over the measures."""
    from dataclasses import replace

    corrected: dict[str, float] = {}
    highest = 0.0
    for place, one in enumerate(sorted(found, key=lambda d: d.p)):
        highest = max(highest, min(1.0, one.p * (len(found) - place)))
        corrected[one.measure] = highest
    return [replace(one, p_holm=corrected[one.measure]) for one in found]
