"""Likeness: whether two reports are one publication, by a sketch of 128 numbers for each.

Stands beside `records`: a sketch is made when a report is parsed, sketches are compared when an
index is opened. MinHash over shingles of characters, the smallest k of all (Broder, "On the
resemblance and containment of documents", 1997, doi:10.1109/SEQUEN.1997.666900).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from corpus.report import BlockKind, Report, Role

SKETCH: Final = 128
"""Numbers of a sketch: the likeness is known to about 0.04."""

_SHINGLE: Final = 8  # characters: long enough that two reports of one trade share few by chance
_FEW: Final = 64  # shingles below which a likeness says nothing
_COMMON: Final = 40  # reports that may share a shingle: more is a house's formula, not a copy
_PRIME: Final = 1_000_003
_KINDS: Final = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.HEADING})
_NO_WORD = re.compile(r"[\W_]+")

Sketch = npt.NDArray[np.uint32]


def sketch_of(report: Report) -> bytes:
    """The sketch of a report's own words, `SKETCH` numbers of four bytes or fewer, ascending.

    Tables are left out where there is prose: another route lays them out in another way.
    """
    own = [b for b in report.blocks if b.role in (Role.BODY, Role.RISK)]
    prose = "".join(b.span.of(report.text) for b in own if b.kind in _KINDS)
    shingles = _shingles(prose)
    if shingles.size < _FEW:
        shingles = _shingles("".join(b.span.of(report.text) for b in own))
    if shingles.size < _FEW:
        return b""
    return shingles[:SKETCH].tobytes()


def _shingles(text: str) -> Sketch:
    """Hashes of all runs of `_SHINGLE` characters, each once, ascending."""
    plain = _NO_WORD.sub("", unicodedata.normalize("NFKC", text).lower())
    codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    if codes.size < _SHINGLE:
        return np.zeros(0, np.uint32)
    count = codes.size - _SHINGLE + 1
    mixed = np.zeros(count, np.uint64)
    for at in range(_SHINGLE):
        mixed = mixed * np.uint64(_PRIME) + codes[at : at + count]
    # splitmix64: neighbouring sums must not give neighbouring hashes
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.unique((mixed >> np.uint64(32)).astype("<u4"))


def likeness(one: bytes, other: bytes) -> float:
    """The share of shingles that two reports have in common, estimated; 0 without a sketch."""
    if not one or not other:
        return 0.0
    a, b = np.frombuffer(one, "<u4"), np.frombuffer(other, "<u4")
    smallest = np.union1d(a, b)[: min(SKETCH, max(a.size, b.size))]
    both = np.isin(smallest, a) & np.isin(smallest, b)
    return float(both.sum()) / smallest.size


def alike_pairs(sketches: Sequence[bytes], least: float) -> Iterable[tuple[int, int, float]]:
    """Pairs of places whose likeness is at least `least`, in order of the places."""
    sizes = [len(sketch) // 4 for sketch in sketches]
    if not any(sizes):
        return
    hashes = np.concatenate([np.frombuffer(sketch, "<u4") for sketch in sketches])
    owners = np.repeat(np.arange(len(sketches), dtype=np.int64), sizes)
    order = np.argsort(hashes, kind="stable")  # owners stay in order inside a group
    _, starts, counts = np.unique(hashes[order], return_index=True, return_counts=True)
    owners = owners[order]
    # Far below the least share of common numbers the exact estimate is not worth its time.
    for first, second in _often_together(owners, starts, counts, least * SKETCH / 4):
        like = likeness(sketches[first], sketches[second])
        if like >= least:
            yield first, second, like


def _often_together(
    owners: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    least: float,
) -> list[tuple[int, int]]:
    """Pairs of owners that share at least `least` groups, sorted; group i is
    `owners[starts[i] : starts[i] + counts[i]]`."""
    total = int(owners.max()) + 1
    keys = []
    for size in range(2, _COMMON + 1):
        begins = starts[counts == size]
        if begins.size:
            members = owners[begins[:, None] + np.arange(size)]
            left, right = np.triu_indices(size, 1)
            keys.append((members[:, left] * total + members[:, right]).ravel())
    if not keys:
        return []
    pairs, times = np.unique(np.concatenate(keys), return_counts=True)
    return [divmod(int(key), total) for key in pairs[times >= least]]
