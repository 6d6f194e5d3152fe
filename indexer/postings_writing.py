"""The postings of a new snapshot: segments that stay are linked, one is written.

Stands under `assembly`, beside `store_writing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.arrays import save
from indexer.carrying import Carried
from indexer.keywords import SEGMENT_ARRAYS, Segment, build_postings, merged
from indexer.segmentation import TermCounts
from indexer.segments import link, next_name, staying


@dataclass(frozen=True, slots=True)
class WrittenPostings:
    """What was written. `names` and `segments` in the same order; `linked`: names of files."""

    names: list[str]
    segments: list[Segment]
    linked: list[str]


def write_postings(
    folder: Path,
    counted: Sequence[TermCounts],
    numbers: Sequence[int],
    before: Path | None = None,
    carried: Carried | None = None,
) -> WrittenPostings:
    """Writes the postings of a snapshot into `folder`.

    Args:
        counted: terms of new and stale chunks, batch after batch.
        numbers: the numbers of these chunks, ascending.
        before: folder of the snapshot before.
        carried: its postings.
    """
    old = carried.segments if carried else {}
    fresh = Segment(build_postings(counted), np.array(numbers, dtype=np.uint32))
    live = [segment.live for segment in old.values()]
    stay = staying(live, [segment.numbers.size for segment in old.values()], fresh.live)
    written = WrittenPostings([], [], [])
    gathered = [fresh] if fresh.live else []
    for (name, segment), stays in zip(old.items(), stay, strict=True):
        if not stays:
            gathered += [segment] if segment.live else []
        elif before is not None:
            files = [f"{array}_{name}.npy" for array in SEGMENT_ARRAYS]
            for file in files:
                link(before / file, folder)
            written.linked.extend(files)
            _add(written, folder, name, segment)
    if gathered:
        whole = gathered[0] if len(gathered) == 1 and gathered[0] is fresh else merged(gathered)
        name = next_name(old)
        for array, values in whole.postings.arrays().items():
            save(folder, f"{array}_{name}", values)
        _add(written, folder, name, whole)
    return written


def _add(written: WrittenPostings, folder: Path, name: str, segment: Segment) -> None:
    save(folder, f"numbers_{name}", segment.numbers)
    written.names.append(name)
    written.segments.append(segment)
