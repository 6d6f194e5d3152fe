"""Keyword index: BM25 over words and character bigrams, held in memory-mapped arrays.

Stands behind `search`: term keys → one score for each chunk. No dictionary is loaded to query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.segmentation import TermCounts
from indexer.term_keys import Keys

Floats = npt.NDArray[np.float32]
ChunkNumbers = npt.NDArray[np.uint32]

# Measured best on Chinese passages of about 300 characters with 100,000 distractors.
K1, B = 0.9, 0.4

ARRAYS = ("keys", "starts", "chunks", "impacts")


@dataclass(frozen=True, slots=True)
class KeywordIndex:
    """Postings by term key, with each posting's BM25 part already worked out.

    Args:
        keys: `(terms,)` uint64, ascending.
        starts: `(terms + 1,)` int64; postings of term i are `[starts[i], starts[i + 1])`.
        chunks: `(postings,)` uint32 chunk numbers, ascending within a term.
        impacts: `(postings,)` float32.
        size: number of chunks.
    """

    keys: Keys
    starts: npt.NDArray[np.int64]
    chunks: ChunkNumbers
    impacts: Floats
    size: int

    def scores(self, keys: Keys) -> Floats:
        """`(size,)` float32 BM25 scores; a key that stands twice counts twice."""
        total = np.zeros(self.size, dtype=np.float32)
        wanted, times = np.unique(keys, return_counts=True)
        for key, count in zip(wanted, times, strict=True):
            low, high = self._range(key)
            if low < high:
                total[self.chunks[low:high]] += self.impacts[low:high] * np.float32(count)
        return total

    def having(self, keys: Keys) -> ChunkNumbers:
        """Numbers of the chunks that hold all of these terms, ascending."""
        ranges = sorted((self._range(key) for key in np.unique(keys)), key=lambda r: r[1] - r[0])
        if not ranges:
            return np.empty(0, dtype=np.uint32)
        found = np.asarray(self.chunks[slice(*ranges[0])])
        for low, high in ranges[1:]:
            if not found.size:
                break
            found = np.intersect1d(found, self.chunks[low:high], assume_unique=True)
        return found

    def _range(self, key: np.uint64) -> tuple[int, int]:
        at = int(np.searchsorted(self.keys, key))
        if at == len(self.keys) or self.keys[at] != key:
            return 0, 0
        return int(self.starts[at]), int(self.starts[at + 1])

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """The arrays by name, as they are stored."""
        return {name: getattr(self, name) for name in ARRAYS}


def build_keywords(batches: Sequence[TermCounts]) -> KeywordIndex:
    """The index of all chunks; batch after batch in the order of their numbers.

    Scores follow BM25 with Lucene's idf (Robertson & Zaragoza 2009, doi:10.1561/1500000019):
    `ln(1 + (N - df + 0.5) / (df + 0.5)) · tf / (tf + k1 · (1 - b + b · length / mean length))`.
    """
    lengths = np.concatenate([b.lengths for b in batches] or [np.empty(0, dtype=np.uint32)])
    size = int(lengths.size)
    sizes = np.array([b.lengths.size for b in batches], dtype=np.int64)
    firsts = np.cumsum(sizes) - sizes
    keys = np.concatenate([b.keys for b in batches] or [np.empty(0, dtype=np.uint64)])
    chunks = np.concatenate(
        [b.texts + np.uint32(first) for b, first in zip(batches, firsts, strict=True)]
        or [np.empty(0, dtype=np.uint32)]
    )
    counts = np.concatenate([b.counts for b in batches] or [np.empty(0, dtype=np.uint16)])
    order = np.argsort(keys, kind="stable")
    keys, chunks, counts = keys[order], chunks[order], counts[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if keys.size else keys[:0]
    starts = np.append(first, keys.size).astype(np.int64)
    impacts = _impacts(counts, lengths[chunks], np.diff(starts), size, lengths)
    return KeywordIndex(keys[starts[:-1]], starts, chunks.astype(np.uint32), impacts, size)


def _impacts(
    counts: npt.NDArray[np.uint16],
    own_lengths: npt.NDArray[np.uint32],
    frequencies: npt.NDArray[np.int64],
    size: int,
    lengths: npt.NDArray[np.uint32],
) -> Floats:
    mean = float(lengths.mean()) if size and lengths.any() else 1.0
    idf = np.log1p((size - frequencies + 0.5) / (frequencies + 0.5)).astype(np.float32)
    tf = counts.astype(np.float32)
    norm = np.float32(K1) * (np.float32(1 - B) + np.float32(B / mean) * own_lengths)
    return (np.repeat(idf, frequencies) * tf / (tf + norm.astype(np.float32))).astype(np.float32)
