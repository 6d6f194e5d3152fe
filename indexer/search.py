"""Search: a query becomes ranked chunks.

Stands between the snapshot and whoever asks; filters and roles first, then fusion, then ties.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from corpus.report import Role
from indexer.records import Filters, Hit
from indexer.snapshot import Snapshot


def search(
    snapshot: Snapshot,
    query: str,
    k: int,
    filters: Filters = Filters(),  # noqa: B008 - frozen
    roles: Collection[Role | str] | None = None,
) -> list[Hit]:
    """The best `k` chunks for `query`, best first; equal scores are ordered by passage id.

    Args:
        k: at least 1; more than there are gives all that share a term with the query.
        filters: which reports may be seen.
        roles: which roles a chunk may have; None means all.
    """
    if k < 1:
        raise ValueError(f"k is {k}, at least 1 expected")
    scores = snapshot.scores(query, snapshot.visible(filters, roles))
    best = _best(scores, snapshot.tie_order, k)
    chunks = snapshot.chunks(best.tolist())
    return [
        Hit(chunk, float(scores[number]), rank)
        for rank, (chunk, number) in enumerate(zip(chunks, best, strict=True), start=1)
    ]


def _best(
    scores: npt.NDArray[np.float32], tie_order: npt.NDArray[np.uint32], k: int
) -> npt.NDArray[np.int64]:
    """Chunk numbers of the `k` highest positive scores."""
    found = np.flatnonzero(scores > 0)
    if found.size > k:
        least = np.partition(scores[found], found.size - k)[found.size - k]
        found = found[scores[found] >= least]
    order = np.lexsort((tie_order[found], -scores[found]))
    return found[order][:k]
