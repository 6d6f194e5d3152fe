"""Segments: files written once and used by one snapshot after the other; which go on, which are
merged.

Stands under `assembly`. A build writes at most one new segment of each kind (store, postings) and
links those that stay into its folder, so that every snapshot is whole and an old one can go.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

FLOOR: Final = 1_000
"""Chunks below which a segment is always written anew with what is new (about 0.1 s): a small
corpus stays one segment, and a morning's reports do not become a segment each."""


def staying(live: Sequence[int], whole: Sequence[int], fresh: int) -> list[bool]:
    """Which segments go on as they are; the others are merged with what is new.

    A segment that is not larger than what is gathered already is gathered too, so that sizes at
    least double from one to the next: a corpus of n chunks has at most about log2(n / FLOOR)
    segments, and a chunk is written about as often in its life.

    Args:
        live: chunks of each segment that are still there.
        whole: chunks that it was written with.
        fresh: new chunks.
    """
    stay = [2 * left >= size > 0 and left > 0 for left, size in zip(live, whole, strict=True)]
    gathered = fresh + sum(left for left, stays in zip(live, stay, strict=True) if not stays)
    for at in sorted(range(len(live)), key=live.__getitem__):
        if not stay[at]:
            continue
        if live[at] > max(gathered, FLOOR):
            break
        stay[at] = False
        gathered += live[at]
    return stay


def next_name(names: Iterable[str]) -> str:
    """A name that none of these segments has."""
    return str(max(map(int, names), default=0) + 1)


def link(source: Path, folder: Path) -> None:
    """Puts a file that never changes into another folder, without copying where that can be."""
    try:
        os.link(source, folder / source.name)
    except OSError:  # a file system without links; a full one will say so again
        shutil.copyfile(source, folder / source.name)
