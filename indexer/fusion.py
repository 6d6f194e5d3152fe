"""Fusion of keyword and vector scores, weighted by what the vectors were measured to be worth.

Stands between the two indexes and `search`. A weak embedder gets weight 0 and changes nothing.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from indexer.segmentation import Segmenter, stop_words

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

# Equal shares with a weak embedder took R@1 from 95.5 to 27 (field notes, 5), so shares are small.
GRID = (0.0, 0.05, 0.1, 0.2, 0.4)
DEPTH = 200  # vectors beyond this rank add nothing at these weights
MOST_QUERIES = 300  # enough to tell a gain of two points from chance
_KEPT_WORDS = 0.4  # share of a sentence's words that a self-made question keeps
_SURE = 2.0  # standard errors by which a weight must beat keywords alone

_SENTENCE = re.compile(r"[^。！？!?；;\n]{12,120}")


def fuse(keyword_scores: Floats, numbers: Numbers, cosines: Floats, weight: float) -> Floats:
    """`(n_chunks,)` keyword scores, each raised by its cosine times `weight` times the best
    keyword score. Without any keyword match the cosines stand alone."""
    top = float(keyword_scores.max(initial=0.0)) or 1.0
    fused = keyword_scores.copy()
    fused[numbers] += np.float32(weight * top) * np.maximum(cosines, 0).astype(np.float32)
    return fused


def self_made_queries(
    texts: Sequence[str], segmenter: Segmenter, count: int = MOST_QUERIES
) -> list[tuple[str, int]]:
    """Questions with known answers, made of the corpus itself: some words of a sentence, and the
    index of the text that holds it (inverse cloze, Lee et al. 2019, doi:10.18653/v1/P19-1612)."""
    step = max(1, len(texts) // count)
    made = []
    for at in range(0, len(texts), step):
        chance = random.Random(at)  # noqa: S311 - repeatable, not secret
        sentences = _SENTENCE.findall(texts[at])
        if not sentences:
            continue
        words = [w for w in segmenter.words(chance.choice(sentences)) if w not in stop_words()]
        kept = max(2, round(len(words) * _KEPT_WORDS))
        if len(words) >= 2 * kept - 1:
            chosen = sorted(chance.sample(range(len(words)), kept))
            made.append((" ".join(words[i] for i in chosen), at))
    return made[:count]


def choose_weight(
    queries: Sequence[tuple[str, int]],
    keyword_scores: Callable[[str], Floats],
    nearest: Callable[[str], tuple[Numbers, Floats]],
) -> tuple[float, dict[str, float]]:
    """The weight with the best mean reciprocal rank, and every weight's; 0 unless another one is
    better by twice the standard error of the difference."""
    ranks: dict[float, list[float]] = {weight: [] for weight in GRID}
    for query, answer in queries:
        scores = keyword_scores(query)
        numbers, cosines = nearest(query)
        for weight in GRID:
            fused = fuse(scores, numbers, cosines, weight) if weight else scores
            better = int((fused > fused[answer]).sum())
            ranks[weight].append(1 / (1 + better) if fused[answer] > 0 else 0.0)
    measured = {f"{w:g}": round(float(np.mean(r)), 4) for w, r in ranks.items() if r}
    alone = np.array(ranks[0.0])
    best, best_gain = 0.0, 0.0
    for weight in GRID[1:]:
        gains = np.array(ranks[weight]) - alone
        mean = float(gains.mean()) if gains.size else 0.0
        error = float(gains.std(ddof=1)) / math.sqrt(gains.size) if gains.size > 1 else math.inf
        if mean > max(best_gain, _SURE * error):
            best, best_gain = weight, mean
    return best, measured
