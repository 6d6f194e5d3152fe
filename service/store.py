"""The store: what people leave behind (answers, feedback, jobs, keys, events), in one SQLite file.

Stands beside the index, which holds reports only; each table belongs to the module that names it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import StoreError

# Another process may hold the file for one short transaction; more than this means it is stuck.
_BUSY_S = 10.0


class Store:
    """One SQLite file that several threads and processes may use at once.

    The file and its folder are made when the first table is asked for; `table` may be called as
    often as one likes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        self._tables: set[str] = set()

    def table(self, schema: str) -> None:
        """Makes tables, indexes and columns that are not there yet (`CREATE … IF NOT EXISTS …;
        ALTER TABLE … ADD COLUMN …`: a store of an earlier version gets the column).

        Raises:
            StoreError: the file cannot be made or written, or is no store.
        """
        if schema in self._tables:
            return
        with self.writing() as connection:
            for statement in filter(str.strip, schema.split(";")):
                try:
                    connection.execute(statement)
                except sqlite3.OperationalError as error:
                    if "duplicate column name" not in str(error):
                        raise
        self._tables.add(schema)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block is kept, or nothing of it.

        Raises:
            StoreError: it cannot be written.
        """
        with self._told() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to ask questions with; rows are read by name.

        Raises:
            StoreError: it cannot be read.
        """
        with self._told() as connection:
            yield connection

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()

    @contextmanager
    def _told(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the store {self.path} cannot be used ({error}); check its folder's permissions "
                "and free space, or set YANBAO_STORE to another file"
            ) from error

    def _connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        held: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if held is not None:
            return held
        self.path.parent.mkdir(parents=True, exist_ok=True)
        made = sqlite3.connect(
            self.path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        made.row_factory = sqlite3.Row
        # WAL: readers do not wait for the writer; NORMAL: a power cut may cost the last moment,
        # never the file.
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=NORMAL")
        self._local.connection = made
        with self._lock:
            self._open.append(made)
        return made
