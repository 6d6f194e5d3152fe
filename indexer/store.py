"""One SQLite file of a snapshot: reports with their chunks, ink and facts.

Stands between `assembly`, which writes it once, and `stores`, which reads all of a snapshot's.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import cast

import msgspec

from corpus.report import Ink, Report
from indexer.inking import pack_ink, unpack_ink
from indexer.lexicon import ReportNames
from indexer.likeness import sketch_of
from indexer.records import Chunk, Fact, ReportRecord

# News items and short notes: compressing them would cost a tenth of the build and save little.
_WORTH_SQUEEZING = 8_192

_SCHEMA = """
CREATE TABLE reports (
    report_id TEXT PRIMARY KEY, digest TEXT NOT NULL, first_chunk INTEGER NOT NULL,
    chunks INTEGER NOT NULL, record BLOB NOT NULL, report BLOB NOT NULL, text BLOB NOT NULL,
    facts BLOB NOT NULL, names BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE ink (report_id TEXT PRIMARY KEY, ink BLOB NOT NULL);
CREATE TABLE chunks (number INTEGER PRIMARY KEY, chunk BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class ParsedReport:
    """One report with all that is made of it alone, packed for storing and for other processes.

    Args:
        digest: sha256 of the content before compression; part of the snapshot's id.
        chunks: the chunks, each packed.
        ink: see `inking`; empty where the source has no pages.
    """

    report_id: str
    digest: str
    record: bytes
    report: bytes
    text: bytes
    facts: bytes
    names: bytes
    chunks: tuple[bytes, ...]
    ink: bytes = b""


def pack(
    report: Report, chunks: Sequence[Chunk], facts: Sequence[Fact], names: ReportNames
) -> ParsedReport:
    """A report and what was made of it, packed."""
    record = ReportRecord(
        report_id=report.report_id,
        meta=report.meta,
        file=report.file,
        pages=len(report.pages) or None,
        chars=len(report.text),
        warnings=report.warnings,
        sketch=sketch_of(report),
    )
    text = report.text.encode("utf-8", "surrogatepass")
    structure = replace(report, text="", ink=None)
    parts = [msgspec.msgpack.encode(part) for part in (record, structure, facts, names)]
    ink = pack_ink(report.ink)
    packed = tuple(msgspec.msgpack.encode(chunk) for chunk in chunks)
    digest = hashlib.sha256()
    for part in (text, *parts, *packed, ink):
        digest.update(len(part).to_bytes(8, "little") + part)
    small = [_squeezed(part) for part in parts]
    return ParsedReport(
        report.report_id,
        digest.hexdigest(),
        parts[0],
        small[1],
        _squeezed(text),
        small[2],
        parts[3],
        packed,
        ink,
    )


def _squeezed(data: bytes) -> bytes:
    """Compressed where that saves much; the first byte tells."""
    if len(data) < _WORTH_SQUEEZING:
        return b"=" + data
    return b"z" + zlib.compress(data, 1)


def _full(data: bytes) -> bytes:
    return data[1:] if data[:1] == b"=" else zlib.decompress(memoryview(data)[1:])


@cache
def _decoder(kind: object) -> msgspec.msgpack.Decoder[object]:
    return msgspec.msgpack.Decoder(kind)


def unpack_report(packed: bytes, text: bytes) -> Report:
    """The whole structure of a report, without its ink."""
    report = cast(Report, _decoder(Report).decode(_full(packed)))
    return replace(report, text=_full(text).decode("utf-8", "surrogatepass"))


def unpack_chunk(packed: bytes) -> Chunk:
    """One chunk."""
    return cast(Chunk, _decoder(Chunk).decode(packed))


def unpack_facts(packed: bytes) -> tuple[Fact, ...]:
    """The facts of one report."""
    return msgspec.msgpack.decode(_full(packed), type=tuple[Fact, ...])


def unpack_names(packed: bytes) -> ReportNames:
    """The names that one report holds."""
    return msgspec.msgpack.decode(packed, type=ReportNames)


def unpack_record(packed: bytes) -> ReportRecord:
    """What lists show of a report."""
    return msgspec.msgpack.decode(packed, type=ReportRecord)


# --- writing ----------------------------------------------------------------------------------


def create_store(path: Path) -> sqlite3.Connection:
    """A new, empty store; nothing of it is durable until the snapshot is published."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=8192;" + _SCHEMA
    )
    connection.execute("BEGIN")
    return connection


def write_report(connection: sqlite3.Connection, parsed: ParsedReport, first_chunk: int) -> None:
    """Adds a report whose chunks are numbered from `first_chunk` within this store."""
    connection.execute(
        "INSERT INTO reports VALUES (?,?,?,?,?,?,?,?,?)",
        (
            parsed.report_id,
            parsed.digest,
            first_chunk,
            len(parsed.chunks),
            parsed.record,
            parsed.report,
            parsed.text,
            parsed.facts,
            parsed.names,
        ),
    )
    if parsed.ink:
        connection.execute("INSERT INTO ink VALUES (?,?)", (parsed.report_id, parsed.ink))
    connection.executemany(
        "INSERT INTO chunks VALUES (?,?)", enumerate(parsed.chunks, start=first_chunk)
    )


# --- reading ----------------------------------------------------------------------------------


class ReportStore:
    """Reads a store; safe to share between threads, because nothing is ever written to it.

    Args:
        connection: opened with `open_read_only`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def report_ids(self) -> tuple[str, ...]:
        """All report ids, sorted."""
        rows = self._connection.execute("SELECT report_id FROM reports ORDER BY report_id")
        return tuple(row[0] for row in rows)

    def records(self) -> tuple[ReportRecord, ...]:
        """What lists show of each report, sorted by id."""
        rows = self._connection.execute("SELECT record FROM reports ORDER BY report_id")
        return tuple(unpack_record(row[0]) for row in rows)

    def text(self, report_id: str) -> str:
        """The canonical text.

        Raises:
            KeyError: no such report.
        """
        row = self._connection.execute(
            "SELECT text FROM reports WHERE report_id=?", (report_id,)
        ).fetchone()
        if row is None:
            raise KeyError(report_id)
        return _full(row[0]).decode("utf-8", "surrogatepass")

    def ink(self, report_id: str) -> Ink | None:
        """Where the words stand on the pages; None for a report without pages.

        Raises:
            KeyError: no such report.
        """
        return unpack_ink(self._packed_ink(report_id))

    def report(self, report_id: str) -> Report:
        """The whole structure, without its ink.

        Raises:
            KeyError: no such report.
        """
        row = self._connection.execute(
            "SELECT report, text FROM reports WHERE report_id=?", (report_id,)
        ).fetchone()
        if row is None:
            raise KeyError(report_id)
        return unpack_report(*row)

    def chunk(self, number: int) -> Chunk:
        """The chunk of that number within this store.

        Raises:
            IndexError: no such number.
        """
        row = self._connection.execute(
            "SELECT chunk FROM chunks WHERE number=?", (number,)
        ).fetchone()
        if row is None:
            raise IndexError(f"no chunk {number} in this snapshot")
        return unpack_chunk(row[0])

    def some_chunks(self, numbers: Sequence[int]) -> list[Chunk]:
        """The chunks of these numbers, in their order.

        Raises:
            IndexError: no such number.
        """
        asked = json.dumps([int(number) for number in numbers])
        rows = self._connection.execute(
            "SELECT number, chunk FROM chunks WHERE number IN (SELECT value FROM json_each(?))",
            (asked,),
        )
        found = dict(rows)
        for number in numbers:
            if number not in found:
                raise IndexError(f"no chunk {number} in this snapshot")
        return [unpack_chunk(found[number]) for number in numbers]

    def chunks_of(self, report_id: str) -> tuple[Chunk, ...]:
        """The chunks of one report, in order.

        Raises:
            KeyError: no such report.
        """
        return tuple(unpack_chunk(packed) for packed in self._packed_chunks(report_id))

    def parsed(self, report_id: str) -> ParsedReport:
        """A report as it was packed, to be carried over into the next snapshot.

        Raises:
            KeyError: no such report.
        """
        row = self._connection.execute(
            "SELECT digest, record, report, text, facts, names FROM reports WHERE report_id=?",
            (report_id,),
        ).fetchone()
        if row is None:
            raise KeyError(report_id)
        digest, record, report, text, facts, names = row
        chunks = self._packed_chunks(report_id)
        ink = self._packed_ink(report_id)
        return ParsedReport(report_id, digest, record, report, text, facts, names, chunks, ink)

    def digests(self) -> dict[str, str]:
        """Content digest of every report."""
        return dict(self._connection.execute("SELECT report_id, digest FROM reports"))

    def names(self) -> dict[str, bytes]:
        """The packed names of every report."""
        return dict(self._connection.execute("SELECT report_id, names FROM reports"))

    def _packed_chunks(self, report_id: str) -> tuple[bytes, ...]:
        found = self._connection.execute(
            "SELECT first_chunk, chunks FROM reports WHERE report_id=?", (report_id,)
        ).fetchone()
        if found is None:
            raise KeyError(report_id)
        first, count = found
        rows = self._connection.execute(
            "SELECT chunk FROM chunks WHERE number>=? AND number<? ORDER BY number",
            (first, first + count),
        )
        return tuple(row[0] for row in rows)

    def _packed_ink(self, report_id: str) -> bytes:
        row = self._connection.execute(
            "SELECT ink.ink FROM reports LEFT JOIN ink USING (report_id) WHERE report_id=?",
            (report_id,),
        ).fetchone()
        if row is None:
            raise KeyError(report_id)
        return row[0] or b""


def open_read_only(path: Path) -> sqlite3.Connection:
    """A connection that never writes and may be used from any thread.

    SQLite guards a connection itself (serialized mode); an immutable file needs no locks.
    """
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
