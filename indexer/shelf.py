"""What a build holds while it runs: the snapshot it starts from, and what was parsed anew.

Stands under `build`, on disk, so that memory does not grow with the corpus.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import msgspec

from corpus.errors import IndexerError
from indexer.lexicon import ReportNames
from indexer.manifest import read_manifest, verify_files
from indexer.records import QuarantinedFile
from indexer.snapshot import STORE_FILE
from indexer.store import ParsedReport, ReportStore, open_read_only, unpack_names

SOURCES_FILE = "sources.msgpack"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report or a quarantined file came from.

    Args:
        path: absolute path of the file.
        sha256: of the bytes that the report was made of.
        parser: fingerprint of the code that parsed it.
    """

    path: str
    sha256: str
    parser: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Origins of everything in a snapshot; beside the content, not part of its id."""

    reports: dict[str, Origin]
    quarantined: dict[str, list[QuarantinedFile]]  # by absolute path


def read_sources(folder: Path) -> Sources:
    """The origins of a published snapshot."""
    return msgspec.msgpack.decode((folder / SOURCES_FILE).read_bytes(), type=Sources)


class Previous:
    """The snapshot that a build starts from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        verify_files(folder, self.manifest)
        self.sources = read_sources(folder)
        self._connection = open_read_only(folder / STORE_FILE)
        self.store = ReportStore(self._connection)

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()


class Shelf:
    """Parsed reports of this build, on disk until all are there and can be numbered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE shelf (report_id TEXT PRIMARY KEY, parsed BLOB NOT NULL);"
        )
        self._connection.execute("BEGIN")
        self.digests: dict[str, str] = {}
        self.names: dict[str, ReportNames] = {}
        self.bytes = 0

    @property
    def count(self) -> int:
        """How many reports lie here."""
        return len(self.digests)

    def put(self, report: ParsedReport) -> None:
        """Adds a report.

        Raises:
            IndexerError: it cannot be written.
        """
        packed = msgspec.msgpack.encode(report)
        try:
            self._connection.execute("INSERT INTO shelf VALUES (?,?)", (report.report_id, packed))
        except sqlite3.OperationalError as error:
            raise IndexerError(f"{self._path}: cannot be written ({error})") from error
        self.digests[report.report_id] = report.digest
        self.names[report.report_id] = unpack_names(report.names)
        self.bytes += sum(map(len, report.chunks))

    def get(self, report_id: str) -> ParsedReport:
        """A report that was put here."""
        (packed,) = self._connection.execute(
            "SELECT parsed FROM shelf WHERE report_id=?", (report_id,)
        ).fetchone()
        return msgspec.msgpack.decode(packed, type=ParsedReport)

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def remove(self) -> None:
        """Takes the shelf out of the staging folder."""
        self.close()
        self._path.unlink()
