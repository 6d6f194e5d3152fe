"""The stores of a snapshot as one: every report lies in one of them, and chunks have one numbering.

Stands between `Snapshot` or a build, which read, and `store`, which knows a single file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from corpus.report import Ink, Report
from indexer.arrays import mapped
from indexer.manifest import StoreEntry
from indexer.records import Chunk, ReportRecord
from indexer.store import ParsedReport, ReportStore, open_read_only

Found = TypeVar("Found")

PLACE_ARRAYS = ("report_of", "chunks_from", "store_of", "stored_from")


@dataclass(frozen=True, slots=True)
class Places:
    """Where each chunk lies. Reports are numbered by id, chunks by report, then by place.

    Args:
        report_of: `(chunks,)` uint32 number of each chunk's report.
        chunks_from: `(reports + 1,)` int64 number of each report's first chunk.
        store_of: `(reports,)` uint32 which store holds it.
        stored_from: `(reports,)` int64 number of its first chunk within that store.
    """

    report_of: npt.NDArray[np.uint32]
    chunks_from: npt.NDArray[np.int64]
    store_of: npt.NDArray[np.uint32]
    stored_from: npt.NDArray[np.int64]


class Part:
    """One store and the reports in it that are no longer part of the snapshot."""

    def __init__(self, folder: Path, entry: StoreEntry) -> None:
        self.name = entry.name
        self.connection = open_read_only(folder / store_file(entry.name))
        self.store = ReportStore(self.connection)
        self.gone = frozenset(entry.gone)


class Stores:
    """Reads the stores of one snapshot; safe to share between threads."""

    def __init__(self, parts: Sequence[Part], places: Places) -> None:
        self.parts = tuple(parts)
        self.places = places

    def report_ids(self) -> tuple[str, ...]:
        """All report ids, sorted."""
        return tuple(sorted(self._gathered(lambda store: dict.fromkeys(store.report_ids()))))

    def records(self) -> tuple[ReportRecord, ...]:
        """What lists show of each report, sorted by id."""
        found = self._gathered(lambda store: {r.report_id: r for r in store.records()})
        return tuple(found[report_id] for report_id in sorted(found))

    def digests(self) -> dict[str, str]:
        """Content digest of every report."""
        return self._gathered(ReportStore.digests)

    def names(self) -> dict[str, bytes]:
        """The packed names of every report."""
        return self._gathered(ReportStore.names)

    def text(self, report_id: str) -> str:
        """The canonical text.

        Raises:
            KeyError: no such report.
        """
        return self._first(lambda store: store.text(report_id), report_id)

    def ink(self, report_id: str) -> Ink | None:
        """Where the words stand on the pages; None for a report without pages.

        Raises:
            KeyError: no such report.
        """
        return self._first(lambda store: store.ink(report_id), report_id)

    def report(self, report_id: str) -> Report:
        """The whole structure, without its ink.

        Raises:
            KeyError: no such report.
        """
        return self._first(lambda store: store.report(report_id), report_id)

    def parsed(self, report_id: str) -> ParsedReport:
        """A report as it was packed, to be carried over into the next snapshot.

        Raises:
            KeyError: no such report.
        """
        return self._first(lambda store: store.parsed(report_id), report_id)

    def chunks_of(self, report_id: str) -> tuple[Chunk, ...]:
        """The chunks of one report, in order.

        Raises:
            KeyError: no such report.
        """
        return self._first(lambda store: store.chunks_of(report_id), report_id)

    def chunk(self, number: int) -> Chunk:
        """The chunk of that number.

        Raises:
            IndexError: no such number.
        """
        if not 0 <= number < self.places.report_of.size:
            raise IndexError(f"no chunk {number} in this snapshot")
        report = int(self.places.report_of[number])
        within = number - int(self.places.chunks_from[report])
        store = self.parts[int(self.places.store_of[report])].store
        return store.chunk(int(self.places.stored_from[report]) + within)

    def some_chunks(self, numbers: Sequence[int]) -> list[Chunk]:
        """The chunks of these numbers, in their order.

        Raises:
            IndexError: no such number.
        """
        wanted = np.array(numbers, dtype=np.int64)
        places = self.places
        if wanted.size and not (wanted.min() >= 0 and wanted.max() < places.report_of.size):
            raise IndexError(f"no chunk {wanted.min()} or {wanted.max()} in this snapshot")
        reports = places.report_of[wanted]
        within = wanted - places.chunks_from[reports] + places.stored_from[reports]
        owners = places.store_of[reports]
        found: dict[int, Chunk] = {}
        for at, part in enumerate(self.parts):
            own = owners == at
            chunks = part.store.some_chunks(within[own].tolist()) if own.any() else []
            found.update(zip(wanted[own].tolist(), chunks, strict=True))
        return [found[number] for number in numbers]

    def chunks(self) -> Iterator[Chunk]:
        """All chunks by number, one at a time."""
        for report_id in self.report_ids():
            yield from self.chunks_of(report_id)

    def close(self) -> None:
        """Lets go of the files."""
        for part in self.parts:
            part.connection.close()

    def _gathered(self, read: Callable[[ReportStore], dict[str, Found]]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for part in self.parts:
            rows = read(part.store)
            found.update({i: row for i, row in rows.items() if i not in part.gone})
        return found

    def _first(self, read: Callable[[ReportStore], Found], report_id: str) -> Found:
        for part in reversed(self.parts):  # what is asked for is more often new than old
            if report_id not in part.gone:
                try:
                    return read(part.store)
                except KeyError:
                    continue
        raise KeyError(report_id)


def open_stores(folder: Path, entries: Sequence[StoreEntry]) -> Stores:
    """The stores of a snapshot folder, as its manifest names them."""
    places = Places(*(mapped(folder, name) for name in PLACE_ARRAYS))
    return Stores([Part(folder, entry) for entry in entries], places)


def store_file(name: str) -> str:
    """The file name of a store."""
    return f"reports_{name}.sqlite"
