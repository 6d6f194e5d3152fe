"""Arrays with one number for each chunk: role, length, place among equal scores.

Stands under `assembly`: carried over from the snapshot before, or taken from new chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.report import Role
from indexer.carrying import Numbers, Table
from indexer.records import Chunk

ROLES = tuple(Role)  # a chunk's role is stored as its place in this tuple
_ROLE_NUMBERS = {role.value: number for number, role in enumerate(ROLES)}

CHUNK_ARRAYS = ("role_of", "lengths", "tie_within")


class ChunkArrays:
    """The arrays of one snapshot while it is made.

    Attributes:
        role_of: (chunks,) uint8 place in `ROLES`.
        lengths: (chunks,) uint32 number of terms.
        tie_within: (chunks,) uint32 place among the passage ids of the same report.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self.role_of = np.zeros(table.chunks, dtype=np.uint8)
        self.lengths = np.zeros(table.chunks, dtype=np.uint32)
        self.tie_within = np.zeros(table.chunks, dtype=np.uint32)

    def carry(self, before: Mapping[str, npt.NDArray[Any]], moves: Numbers) -> None:
        """Takes over what the chunks that are still there had before."""
        there = np.flatnonzero(moves >= 0)
        for name in CHUNK_ARRAYS:
            getattr(self, name)[moves[there]] = before[name][there]

    def put(self, first: int, chunks: Sequence[Chunk]) -> None:
        """Enters the chunks of one report, numbered from `first`; their lengths come later."""
        ids = [chunk.passage_id for chunk in chunks]
        for place, within in enumerate(sorted(range(len(ids)), key=ids.__getitem__)):
            self.tie_within[first + within] = place
        self.role_of[first : first + len(ids)] = [_ROLE_NUMBERS[chunk.role] for chunk in chunks]

    def finish(self, chunks: Callable[[], Iterable[Chunk]]) -> dict[str, npt.NDArray[Any]]:
        """All arrays by name, with `tie_order`: the place of each chunk among all passage ids.

        Args:
            chunks: gives all chunks by number; rarely needed.
        """
        found: dict[str, npt.NDArray[Any]] = {name: getattr(self, name) for name in CHUNK_ARRAYS}
        return {**found, "tie_order": self._tie_order(chunks)}

    def _tie_order(self, chunks: Callable[[], Iterable[Chunk]]) -> npt.NDArray[np.uint32]:
        begins = [f"{report_id}:" for report_id in self._table.ids]
        order = sorted(range(len(begins)), key=begins.__getitem__)
        if any(begins[after].startswith(begins[one]) for one, after in pairwise(order)):
            # `a` and `a:b`: the passages of two reports stand between one another.
            ids = [chunk.passage_id for chunk in chunks()]
            places = np.empty(len(ids), dtype=np.uint32)
            places[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
            return places
        sizes = self._table.sizes[order]
        before = np.empty(len(order), dtype=np.int64)
        before[order] = np.cumsum(sizes) - sizes
        return (np.repeat(before, self._table.sizes) + self.tie_within).astype(np.uint32)
