"""Jobs: what was asked of the index over HTTP, kept in the store so that a restart loses nothing.

Stands between the routes, which write jobs down, and the intake, which does them.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Literal

from service.store import Store

JobKind = Literal["add", "remove"]
JobStatus = Literal["queued", "running", "done", "failed"]
FileStatus = Literal["queued", "indexed", "quarantined", "failed", "removed"]

KEPT_S: Final = 30 * 86_400.0
"""How long a finished job can be looked up."""

_PARTS: Final = 1_000_000  # places of parts begin here: no file has so many lines that are refused

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS jobs (
  job_id TEXT PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL,
  created REAL NOT NULL, finished REAL
);
CREATE INDEX IF NOT EXISTS jobs_by_status ON jobs (status, created);
CREATE TABLE IF NOT EXISTS job_files (
  job_id TEXT NOT NULL REFERENCES jobs, place INTEGER NOT NULL, name TEXT NOT NULL,
  report_id TEXT, status TEXT NOT NULL, reason TEXT, PRIMARY KEY (job_id, place)
);
"""


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file of a job, or a part of one that was refused (`news.jsonl:17`).

    Args:
        place: its number within the job, from 0.
        report_id: None while it is unknown, and for a file of many reports.
    """

    place: int
    name: str
    report_id: str | None
    status: FileStatus
    reason: str | None

    def part(self, number: int, name: str, report_id: str, reason: str) -> JobFile:
        """A part of this file that is quarantined, listed behind all files."""
        place = (self.place + 1) * _PARTS + number
        return JobFile(place, name, report_id or None, "quarantined", reason)


@dataclass(frozen=True, slots=True)
class Job:
    """Files to be indexed, or a report to be removed."""

    job_id: str
    kind: JobKind
    status: JobStatus
    files: tuple[JobFile, ...]

    @property
    def wanted(self) -> tuple[JobFile, ...]:
        """The files that were asked for, without refused parts of them."""
        return tuple(file for file in self.files if file.place < _PARTS)

    @property
    def open(self) -> bool:
        """True while there is something left to do."""
        return self.status in ("queued", "running")


def new_job_id() -> str:
    """An id that nobody can guess."""
    return f"job_{secrets.token_hex(10)}"


class Jobs:
    """The jobs of one store; safe to use from several threads and processes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def any_kept(self) -> bool:
        """True if the store exists; looking for jobs must not make one."""
        return self._store.path.exists()

    def write_down(self, job_id: str, kind: JobKind, files: Sequence[JobFile]) -> Job:
        """A new job, queued and durable when this returns."""
        rows = [(job_id, f.place, f.name, f.report_id, f.status, f.reason) for f in files]
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO jobs VALUES (?,?,'queued',?,NULL)", (job_id, kind, time.time())
            )
            connection.executemany("INSERT INTO job_files VALUES (?,?,?,?,?,?)", rows)
        return Job(job_id, kind, "queued", tuple(files))

    def get(self, job_id: str) -> Job | None:
        """The job of that id, if there is one."""
        if not self.any_kept:
            return None
        self._store.table(_SCHEMA)
        with self._store.reading() as connection:
            row = connection.execute("SELECT * FROM jobs WHERE job_id=?", (job_id,)).fetchone()
            return _job(connection, row) if row else None

    def left(self) -> list[Job]:
        """Jobs that are not done, oldest first; those under way before a restart among them."""
        if not self.any_kept:
            return []
        self._store.table(_SCHEMA)
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM jobs WHERE status IN ('queued','running') ORDER BY created, job_id"
            ).fetchall()
            return [_job(connection, row) for row in rows]

    def begin(self, job_id: str) -> None:
        """Notes that a job is under way."""
        with self._writing() as connection:
            connection.execute("UPDATE jobs SET status='running' WHERE job_id=?", (job_id,))

    def settle(self, job_id: str, file: JobFile) -> None:
        """Notes what became of a file, or of a part of one whose place is new."""
        row = (job_id, file.place, file.name, file.report_id, file.status, file.reason)
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO job_files VALUES (?,?,?,?,?,?)", row)

    def end(self, job_id: str, status: JobStatus) -> None:
        """Notes that a job is done or failed, and forgets those that ended long ago."""
        now = time.time()
        with self._writing() as connection:
            connection.execute(
                "UPDATE jobs SET status=?, finished=? WHERE job_id=?", (status, now, job_id)
            )
            connection.execute(
                "DELETE FROM job_files WHERE job_id IN "
                "(SELECT job_id FROM jobs WHERE finished < ?)",
                (now - KEPT_S,),
            )
            connection.execute("DELETE FROM jobs WHERE finished < ?", (now - KEPT_S,))

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        self._store.table(_SCHEMA)
        return self._store.writing()


def _job(connection: sqlite3.Connection, row: sqlite3.Row) -> Job:
    files = connection.execute(
        "SELECT * FROM job_files WHERE job_id=? ORDER BY place", (row["job_id"],)
    )
    listed = tuple(
        JobFile(f["place"], f["name"], f["report_id"], f["status"], f["reason"]) for f in files
    )
    return Job(row["job_id"], row["kind"], row["status"], listed)
