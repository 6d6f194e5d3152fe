"""Carrying over: what of the snapshot before stays true in the next one, and under which numbers.

Stands under `assembly`. Counted terms of a chunk stay as long as its text is cut alike; a word that
the dictionary gains or loses touches the chunks that hold it, and no others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.keywords import NOWHERE, KeywordIndex, Segment
from indexer.manifest import Manifest
from indexer.segmentation import Engine, Segmenter, segmenter_fingerprint, words_weight

Words = Sequence[tuple[str, int]]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Table:
    """Which chunks belong to which report.

    Args:
        ids: of the reports, sorted; a report's number is its place here.
        firsts: `(reports + 1,)` int64; report i has the chunks `[firsts[i], firsts[i + 1])`.
    """

    ids: tuple[str, ...]
    firsts: Numbers

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return int(self.firsts[-1])

    @property
    def sizes(self) -> Numbers:
        """How many chunks each report has."""
        return np.diff(self.firsts)

    @property
    def report_of(self) -> npt.NDArray[np.uint32]:
        """`(chunks,)` number of each chunk's report."""
        return np.repeat(np.arange(len(self.ids), dtype=np.uint32), self.sizes)


def table_of(sizes: dict[str, int]) -> Table:
    """The table of reports with so many chunks each."""
    ids = tuple(sorted(sizes))
    firsts = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum([sizes[report_id] for report_id in ids], out=firsts[1:])
    return Table(ids, firsts)


def moved(before: Table, now: Table, kept: Collection[str]) -> Numbers:
    """`(chunks before,)` the new number of every chunk; -1 where its report is not in `kept`."""
    at = {report_id: number for number, report_id in enumerate(now.ids)}
    pairs = [(n, at[i]) for n, i in enumerate(before.ids) if i in kept]
    old, new = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    sizes = before.sizes[old]
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    found = np.full(before.chunks, -1, dtype=np.int64)
    found[np.repeat(before.firsts[old], sizes) + within] = (
        np.repeat(now.firsts[new], sizes) + within
    )
    return found


@dataclass(frozen=True, slots=True)
class Carried:
    """What a build need not count again.

    Args:
        moved: the new number of every chunk of the snapshot before, -1 if it is gone.
        stale: numbers before of the chunks that are still there and must be counted anew,
            ascending.
        segments: postings under their new numbers, without stale chunks, by name.
    """

    moved: Numbers
    stale: Numbers
    segments: dict[str, Segment]


def carry(
    manifest: Manifest,
    index: KeywordIndex,
    moves: Numbers,
    words: Words,
    segmenter: Segmenter,
) -> Carried:
    """What of the keyword index of a snapshot is still true.

    Args:
        manifest, index: of that snapshot; its segments stand in the order of `manifest.postings`.
        moves: see `moved`.
        words: of the new dictionary, which `segmenter` has.
    """
    there = moves >= 0
    if not _same_cutting(manifest, words, segmenter.engine):
        return Carried(moves, np.flatnonzero(there), {})
    touched = np.zeros(moves.size, dtype=bool)
    for word in sorted({word for word, _ in set(manifest.words) ^ set(words)}):
        touched[index.having(segmenter.context_free_keys(word))] = True
    # One place more, for chunks that were nowhere before.
    numbers = np.full(moves.size + 1, NOWHERE, dtype=np.uint32)
    stays = there & ~touched
    numbers[:-1][stays] = moves[stays]
    segments = {
        name: Segment(segment.postings, numbers[np.minimum(segment.numbers, moves.size)])
        for name, segment in zip(manifest.postings, index.segments, strict=True)
    }
    return Carried(moves, np.flatnonzero(there & touched), segments)


def _same_cutting(manifest: Manifest, words: Words, engine: Engine) -> bool:
    """True if texts without a new or lost word are cut as they were: by the same program, with
    the same sum of frequencies (`words_weight`)."""
    made_here = segmenter_fingerprint(manifest.words, engine) == manifest.segmenter
    return made_here and words_weight(manifest.words) == words_weight(words)
