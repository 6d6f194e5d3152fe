"""The stores of a new snapshot: those that stay are linked, one is written, and every chunk gets
its place; on the way out come the texts whose terms must be counted.

Stands under `assembly`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from indexer.arrays import save
from indexer.carrying import Carried, Table
from indexer.chunk_arrays import ChunkArrays
from indexer.fact_store import write_facts
from indexer.manifest import StoreEntry
from indexer.records import Chunk, Fact
from indexer.segmentation import MOST_TEXTS
from indexer.segments import link, next_name, staying
from indexer.shelf import Previous
from indexer.store import ParsedReport, create_store, unpack_chunk, unpack_facts, write_report
from indexer.stores import PLACE_ARRAYS, Places, store_file

_BATCH_CHARS = 400_000  # text counted in one task


class StoreWriter:
    """Writes the stores of one snapshot.

    Args:
        parsed: gives a report by id.
        kept: reports that are in the snapshot before as they shall be here.
        carried: what of that snapshot stays; None if there is none.
        arrays: told of new chunks.

    Attributes:
        counted: numbers of the chunks whose texts `batches` gave, ascending.
        entries: the stores, as the manifest names them.
        linked: names of the files that are the very ones of the snapshot before.
    """

    def __init__(
        self,
        folder: Path,
        table: Table,
        parsed: Callable[[str], ParsedReport],
        arrays: ChunkArrays,
        kept: Collection[str] = (),
        previous: Previous | None = None,
        carried: Carried | None = None,
    ) -> None:
        self._folder, self._table, self._parsed, self._arrays = folder, table, parsed, arrays
        self._kept = kept
        self._previous = previous
        self.counted: list[int] = []
        self.entries: list[StoreEntry] = []
        self.linked: list[str] = []
        self._store_of = np.zeros(len(table.ids), dtype=np.uint32)
        self._stored_from = np.zeros(len(table.ids), dtype=np.int64)
        self._stale = _stale_by_report(table, carried) if carried else {}
        settled = self._link_stores(previous) if previous else set()
        self._unwritten = [n for n in range(len(table.ids)) if n not in settled]

    def _link_stores(self, previous: Previous) -> set[int]:
        """Links the stores that stay; the numbers of the reports that lie in them."""
        before, places = previous.table(), previous.stores.places
        numbers = {report_id: number for number, report_id in enumerate(self._table.ids)}
        held: list[list[tuple[int, int]]] = [[] for _ in previous.manifest.stores]
        live = [0] * len(held)
        for old, report_id in enumerate(before.ids):
            if report_id in self._kept:
                store = int(places.store_of[old])
                held[store].append((old, numbers[report_id]))
                live[store] += int(before.sizes[old])
        whole = [entry.chunks for entry in previous.manifest.stores]
        stay = staying(live, whole, self._table.chunks - sum(live))
        settled: set[int] = set()
        for store in range(len(held)):
            if not stay[store]:
                continue
            self._link(previous, store, {before.ids[old] for old, _ in held[store]})
            for old, new in held[store]:
                self._store_of[new] = len(self.entries) - 1
                self._stored_from[new] = places.stored_from[old]
                settled.add(new)
        return settled

    def _link(self, previous: Previous, store: int, live: Collection[str]) -> None:
        entry = previous.manifest.stores[store]
        name = store_file(entry.name)
        link(previous.folder / name, self._folder)
        self.linked.append(name)
        gone = [i for i in previous.stores.parts[store].store.report_ids() if i not in live]
        self.entries.append(StoreEntry(entry.name, entry.chunks, gone))

    def batches(self) -> Iterator[list[str]]:
        """Writes what must be written, and gives batches of texts to be counted, in the order of
        their chunks' numbers."""
        batch: list[str] = []
        size = 0
        for chunk in self._chunks_to_count():
            batch.append(chunk.indexed_text)
            size += len(batch[-1])
            if size >= _BATCH_CHARS or len(batch) == MOST_TEXTS:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _chunks_to_count(self) -> Iterator[Chunk]:
        if not self._unwritten:
            for number in sorted(self._stale):
                yield from self._stale_chunks(number)
            return
        name = next_name(entry.name for entry in self._previous_entries())
        unwritten = set(self._unwritten)
        connection = create_store(self._folder / store_file(name))
        stored = 0
        try:
            for number in sorted(unwritten | self._stale.keys()):
                if number in unwritten:
                    self._stored_from[number] = stored
                    self._store_of[number] = len(self.entries)
                    yield from self._write(connection, number, stored)
                    stored += int(self._table.sizes[number])
                else:
                    yield from self._stale_chunks(number)
            write_facts(connection, self._stored_facts(connection))
            if connection.in_transaction:
                connection.execute("COMMIT")
        finally:
            connection.close()
        self.entries.append(StoreEntry(name, stored, []))

    def _previous_entries(self) -> Sequence[StoreEntry]:
        return self._previous.manifest.stores if self._previous else ()

    def _write(self, connection: sqlite3.Connection, number: int, stored: int) -> Iterator[Chunk]:
        """Writes one report; gives those of its chunks that must be counted."""
        report_id, first = self._table.ids[number], int(self._table.firsts[number])
        parsed = self._parsed(report_id)
        write_report(connection, parsed, stored)
        if report_id in self._kept:
            yield from self._stale_chunks(number)
            return
        chunks = [unpack_chunk(packed) for packed in parsed.chunks]
        self._arrays.put(first, chunks)
        self.counted += range(first, first + len(chunks))
        yield from chunks

    def _stale_chunks(self, number: int) -> Iterator[Chunk]:
        if self._previous is None:
            return
        for old, new in self._stale.get(number, ()):
            self.counted.append(new)
            yield self._previous.stores.chunk(old)

    def _stored_facts(self, connection: sqlite3.Connection) -> Iterator[Fact]:
        for number in self._unwritten:
            row = connection.execute(
                "SELECT facts FROM reports WHERE report_id=?", (self._table.ids[number],)
            )
            yield from unpack_facts(row.fetchone()[0])

    def places(self) -> Places:
        """Where each chunk lies, once all batches were drawn."""
        table = self._table
        return Places(table.report_of, table.firsts, self._store_of, self._stored_from)

    def save_places(self) -> None:
        """Writes them down."""
        places = self.places()
        for name in PLACE_ARRAYS:
            save(self._folder, name, getattr(places, name))


def _stale_by_report(table: Table, carried: Carried) -> dict[int, list[tuple[int, int]]]:
    """The stale chunks of each report as (number before, number now), in order."""
    numbers = carried.moved[carried.stale]
    reports = np.searchsorted(table.firsts, numbers, side="right") - 1
    found: dict[int, list[tuple[int, int]]] = {}
    for report, old, new in zip(
        reports.tolist(), carried.stale.tolist(), numbers.tolist(), strict=True
    ):
        found.setdefault(report, []).append((old, new))
    return found
