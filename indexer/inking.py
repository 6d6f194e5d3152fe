"""Ink, packed: where the words stand on the pages, in about a byte a character.

Stands beside `store`: kept apart from a report's structure, because only a citation that is shown
asks for it, and it is larger than all the rest.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import accumulate, pairwise

import msgspec

from corpus.report import Ink, InkRun

# Edges are tenths of a point already; lines are kept to hundredths, far below what a screen shows.
_EDGE, _LINE = 10, 100


class _Packed(msgspec.Struct, array_like=True):
    """Whole numbers, each as the difference to the one before, so that most fit one byte.

    Args:
        lengths: characters of each run.
        edges: of all runs, one after the other; the first of each run is its place, not a step.
    """

    sizes: list[tuple[float, float]]
    starts: list[int]
    pages: list[int]
    tops: list[int]
    heights: list[int]
    lengths: list[int]
    edges: list[int]
    confidences: list[float | None]


_DECODER = msgspec.msgpack.Decoder(_Packed)


def pack_ink(ink: Ink | None) -> bytes:
    """The ink of a report; nothing for none."""
    if ink is None:
        return b""
    runs = ink.runs
    edges: list[int] = []
    for run in runs:
        tenths = [round(edge * _EDGE) for edge in run.edges]
        edges += tenths[:1]
        edges += [after - before for before, after in pairwise(tenths)]
    packed = _Packed(
        list(ink.sizes),
        _steps(run.start for run in runs),
        _steps(run.page for run in runs),
        _steps(round(run.top * _LINE) for run in runs),
        [round((run.bottom - run.top) * _LINE) for run in runs],
        [len(run.edges) for run in runs],
        edges,
        [run.confidence for run in runs] if any(r.confidence is not None for r in runs) else [],
    )
    return zlib.compress(msgspec.msgpack.encode(packed), 6)


def unpack_ink(data: bytes) -> Ink | None:
    """What `pack_ink` packed."""
    if not data:
        return None
    packed = _DECODER.decode(zlib.decompress(data))
    places = zip(
        accumulate(packed.starts),
        accumulate(packed.pages),
        accumulate(packed.tops),
        packed.heights,
        packed.lengths,
        packed.confidences or [None] * len(packed.starts),
        strict=True,
    )
    runs, at = [], 0
    for start, page, top, height, length, confidence in places:
        tenths = accumulate(packed.edges[at : at + length])
        at += length
        edges = tuple([tenth / _EDGE for tenth in tenths])
        runs.append(InkRun(start, page, top / _LINE, (top + height) / _LINE, edges, confidence))
    return Ink(tuple(packed.sizes), tuple(runs))


def _steps(numbers: Iterable[int]) -> list[int]:
    before, steps = 0, []
    for number in numbers:
        steps.append(number - before)
        before = number
    return steps
