"""Keyword index: BM25 over words and character bigrams, held in memory-mapped arrays.

Stands behind `search`: term keys → one score for each chunk. No dictionary is loaded to query, and
what only the whole corpus tells (how many chunks hold a term, how long they are) is worked out
when it is asked, so that postings written once can be used by every later snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.arrays import mapped
from indexer.segmentation import TermCounts
from indexer.term_keys import Keys

Floats = npt.NDArray[np.float32]
ChunkNumbers = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.uint16]

# Measured best on Chinese passages of about 300 characters with 100,000 distractors.
K1, B = 0.9, 0.4

NOWHERE: Final = 0xFFFF_FFFF
"""The number of a chunk that is no longer in the index, or is counted anew in a later segment."""

SEGMENT_ARRAYS = ("keys", "starts", "chunks", "counts")


@dataclass(frozen=True, slots=True)
class Postings:
    """Where terms stand, in one segment: written once, never changed.

    Args:
        keys: `(terms,)` uint64, ascending.
        starts: `(terms + 1,)` int64; postings of term i are `[starts[i], starts[i + 1])`.
        chunks: `(postings,)` uint32 places of chunks within the segment, ascending within a term.
        counts: `(postings,)` uint16 how often it stands there.
    """

    keys: Keys
    starts: npt.NDArray[np.int64]
    chunks: ChunkNumbers
    counts: Counts

    def ranges(self, wanted: Keys) -> tuple[list[int], list[int]]:
        """Where the postings of each wanted term begin and end; an unknown one has none."""
        if not self.keys.size:
            return [0] * wanted.size, [0] * wanted.size
        at = np.minimum(np.searchsorted(self.keys, wanted), self.keys.size - 1)
        known = self.keys[at] == wanted
        return (self.starts[at] * known).tolist(), (self.starts[at + 1] * known).tolist()

    def arrays(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """The arrays by name, as they are stored."""
        return {name: getattr(self, name) for name in SEGMENT_ARRAYS}


class Segment:
    """Postings with the numbers that their chunks have in one snapshot.

    Args:
        numbers: `(chunks,)` uint32 number of each chunk of the segment, or `NOWHERE`.
    """

    def __init__(self, postings: Postings, numbers: ChunkNumbers) -> None:
        self.postings = postings
        self.numbers = numbers
        live = numbers != NOWHERE
        self.live = int(live.sum())
        self._whole = self.live == numbers.size
        # A segment that is the whole index needs no translation.
        self._same = self._whole and bool((numbers == np.arange(numbers.size)).all())

    def take(self, low: int, high: int) -> tuple[ChunkNumbers, Counts]:
        """Numbers and counts of the postings `[low, high)` whose chunks are still there."""
        chunks, counts = self.postings.chunks[low:high], self.postings.counts[low:high]
        if self._same:
            return chunks, counts
        numbers = self.numbers[chunks]
        if self._whole:
            return numbers, counts
        live = numbers != NOWHERE
        return numbers[live], counts[live]

    def having(self, keys: Keys) -> ChunkNumbers:
        """Numbers of its chunks that hold all of these terms."""
        ranges = sorted(zip(*self.postings.ranges(keys), strict=True), key=lambda r: r[1] - r[0])
        found: ChunkNumbers = np.asarray(self.postings.chunks[slice(*ranges[0])])
        for low, high in ranges[1:]:
            if not found.size:
                break
            found = np.intersect1d(found, self.postings.chunks[low:high], assume_unique=True)
        if self._same:
            return found
        numbers = self.numbers[found]
        there: ChunkNumbers = numbers[numbers != NOWHERE]
        return there

    def entries(self) -> tuple[Keys, ChunkNumbers, Counts]:
        """Every posting whose chunk is still there: key, number and count, ordered by key."""
        keys = np.repeat(self.postings.keys, np.diff(self.postings.starts))
        numbers = self.numbers[self.postings.chunks]
        live = numbers != NOWHERE
        return keys[live], numbers[live], self.postings.counts[live]


class KeywordIndex:
    """All segments together; the same scores however the chunks are spread over them.

    Args:
        lengths: `(chunks,)` uint32 number of terms of each chunk, by its number.
    """

    def __init__(self, segments: Sequence[Segment], lengths: npt.NDArray[np.uint32]) -> None:
        self.segments = tuple(segments)
        self.lengths = lengths
        self.size = int(lengths.size)

    @cached_property
    def _norms(self) -> Floats:
        """`(size,)` what the length of a chunk takes away from its counts."""
        mean = float(self.lengths.mean()) if self.size and self.lengths.any() else 1.0
        longer = np.float32(B / mean) * self.lengths
        norms: Floats = (np.float32(K1) * (np.float32(1 - B) + longer)).astype(np.float32)
        return norms

    def scores(self, keys: Keys) -> Floats:
        """`(size,)` float32 BM25 scores; a key that stands twice counts twice.

        BM25 with Lucene's idf (Robertson & Zaragoza 2009, doi:10.1561/1500000019):
        `ln(1 + (N - df + 0.5) / (df + 0.5)) · tf / (tf + k1 · (1 - b + b · length / mean length))`.
        """
        wanted, times = np.unique(keys, return_counts=True)
        numbers, counts, holding = self._postings_of(wanted)
        idf = np.log1p((self.size - holding + 0.5) / (holding + 0.5)) * times
        tf = counts.astype(np.float32)
        parts = np.repeat(idf.astype(np.float32), holding) * tf / (tf + self._norms[numbers])
        # Term after term, whatever the segments, and in 64 bits: the order of the sum is settled.
        return np.bincount(numbers, parts, minlength=self.size).astype(np.float32)

    def _postings_of(self, wanted: Keys) -> tuple[ChunkNumbers, Counts, npt.NDArray[np.int64]]:
        """Numbers and counts, term after term, and how many chunks hold each term."""
        ranges = [segment.postings.ranges(wanted) for segment in self.segments]
        numbers: list[ChunkNumbers] = []
        counts: list[Counts] = []
        holding = np.zeros(wanted.size, dtype=np.int64)
        for term in range(wanted.size):
            for segment, (lows, highs) in zip(self.segments, ranges, strict=True):
                if lows[term] < highs[term]:
                    some, often = segment.take(lows[term], highs[term])
                    numbers.append(some)
                    counts.append(often)
                    holding[term] += some.size
        if not numbers:
            return np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.uint16), holding
        return np.concatenate(numbers), np.concatenate(counts), holding

    def having(self, keys: Keys) -> ChunkNumbers:
        """Numbers of the chunks that hold all of these terms, ascending."""
        wanted = np.unique(keys)
        if not wanted.size or not self.segments:
            return np.empty(0, dtype=np.uint32)
        found = [segment.having(wanted) for segment in self.segments]
        return np.sort(np.concatenate(found)) if len(found) > 1 else np.sort(found[0])

    def counts(self) -> TermCounts:
        """The terms of all chunks as one batch."""
        keys, numbers, counts = _ordered([segment.entries() for segment in self.segments])
        return TermCounts(keys, numbers, counts, self.lengths)


def open_segments(folder: Path, names: Sequence[str]) -> list[Segment]:
    """The segments of a snapshot, by memory map."""
    return [
        Segment(
            Postings(*(mapped(folder, f"{array}_{name}") for array in SEGMENT_ARRAYS)),
            mapped(folder, f"numbers_{name}"),
        )
        for name in names
    ]


def build_postings(batches: Sequence[TermCounts]) -> Postings:
    """Postings of the texts of all batches, numbered one batch after the other."""
    sizes = np.array([b.lengths.size for b in batches], dtype=np.int64)
    firsts = np.cumsum(sizes) - sizes
    keys = np.concatenate([b.keys for b in batches] or [np.empty(0, dtype=np.uint64)])
    chunks = np.concatenate(
        [b.texts + np.uint32(first) for b, first in zip(batches, firsts, strict=True)]
        or [np.empty(0, dtype=np.uint32)]
    )
    counts = np.concatenate([b.counts for b in batches] or [np.empty(0, dtype=np.uint16)])
    order = np.argsort(keys, kind="stable")
    return _postings(keys[order], chunks[order], counts[order])


def merged(segments: Sequence[Segment]) -> Segment:
    """One segment of all chunks of these that are still there."""
    keys, numbers, counts = _ordered([segment.entries() for segment in segments])
    live = [segment.numbers[segment.numbers != NOWHERE] for segment in segments]
    own = np.sort(np.concatenate(live))
    chunks = np.searchsorted(own, numbers).astype(np.uint32)
    return Segment(_postings(keys, chunks, counts), own)


def _ordered(
    entries: Sequence[tuple[Keys, ChunkNumbers, Counts]],
) -> tuple[Keys, ChunkNumbers, Counts]:
    """Postings of several segments, ordered by key, then number."""
    if not entries:
        return (
            np.empty(0, dtype=np.uint64),
            np.empty(0, dtype=np.uint32),
            np.empty(0, dtype=np.uint16),
        )
    keys, numbers, counts = (np.concatenate(columns) for columns in zip(*entries, strict=True))
    order = np.lexsort((numbers, keys))
    return keys[order], numbers[order], counts[order]


def _postings(keys: Keys, chunks: ChunkNumbers, counts: Counts) -> Postings:
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if keys.size else keys[:0]
    starts = np.append(first, keys.size).astype(np.int64)
    return Postings(keys[starts[:-1]], starts, chunks.astype(np.uint32), counts)
