"""What a build holds while it runs: the snapshot it starts from, and what was parsed anew.

Stands under `build`, on disk, so that memory does not grow with the corpus.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy.typing as npt

from corpus.errors import IndexerError
from indexer.arrays import mapped
from indexer.carrying import Table
from indexer.chunk_arrays import CHUNK_ARRAYS
from indexer.keywords import KeywordIndex, open_segments
from indexer.lexicon import LEXICON_FILE, Lexicon, ReportNames
from indexer.manifest import read_manifest, verify_files
from indexer.records import QuarantinedFile
from indexer.segmentation import Engine, segmenter_fingerprint
from indexer.store import ParsedReport, unpack_names
from indexer.stores import open_stores

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
        self.stores = open_stores(folder, self.manifest.stores)

    def cut_here(self, engine: Engine) -> bool:
        """True if this program, with this engine, cuts as the program did that made it."""
        return segmenter_fingerprint(self.manifest.words, engine) == self.manifest.segmenter

    def table(self) -> Table:
        """Its reports and how its chunks are numbered."""
        return Table(self.stores.report_ids(), self.stores.places.chunks_from)

    def chunk_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What is known of each of its chunks."""
        return {name: mapped(self.folder, name) for name in CHUNK_ARRAYS}

    def keywords(self) -> KeywordIndex:
        """Its keyword index."""
        segments = open_segments(self.folder, self.manifest.postings)
        return KeywordIndex(segments, mapped(self.folder, "lengths"))

    def lexicon(self) -> Lexicon:
        """The names that it states."""
        return Lexicon.from_bytes((self.folder / LEXICON_FILE).read_bytes())

    def close(self) -> None:
        """Lets go of the files."""
        self.stores.close()


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
        self.sizes: dict[str, int] = {}  # chunks of each report
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
        self.sizes[report.report_id] = len(report.chunks)
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
