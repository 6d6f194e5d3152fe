"""Kept answers: every answer with its question, snapshot and conversation, to be looked up again.

Stands beside the way of an answer: whoever asks never waits for the disk; a thread writes.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from corpus.errors import StoreError
from service.schemas import AskResponse, FilterRequest, Turn
from service.store import Store

log = logging.getLogger(__name__)

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, asked_at REAL NOT NULL,
    conversation TEXT, question TEXT NOT NULL, answer TEXT NOT NULL, snapshot TEXT NOT NULL,
    response BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS answers_by_conversation ON answers (conversation, number);
CREATE INDEX IF NOT EXISTS answers_by_time ON answers (asked_at);
ALTER TABLE answers ADD COLUMN filters TEXT NOT NULL DEFAULT '{}'
"""
# An answer weighs some 30 KB until it is written: 500 are 15 MB and about a second of writing.
MAX_WAITING: Final = 500
# The contract takes 20 turns of history; ten questions with their answers are as many.
MAX_EARLIER: Final = 10
_MAX_TURN: Final = 8000  # the contract's limit of one turn
_PRUNE_EVERY: Final = 500  # answers written between two looks at age and number
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as it was given.

    Args:
        response: the JSON of `AskResponse`. filters: that of the request's `FilterRequest`.
    """

    id: str
    asked_at: float
    conversation: str | None
    question: str
    answer: str
    snapshot: str
    response: str
    filters: str = "{}"


class AnswerBook:
    """Keeps answers in the store, written behind the back of whoever asks.

    Args:
        most: answers that are kept; 0 keeps none. `days`: for how long.
        clock: seconds since 1970.
    """

    def __init__(
        self, store: Store, most: int, days: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._most = most
        self._age_s = days * _DAY_S
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: dict[str, Kept] = {}
        self._writer: threading.Thread | None = None
        self._closed = False
        self._since_pruned = _PRUNE_EVERY
        self.lost = 0

    def keep(self, response: AskResponse, text: str, filters: FilterRequest) -> None:
        """Takes an answer to be written soon; `text` is its JSON. Never waits.

        With the disk too slow for `MAX_WAITING` answers a further one is counted as `lost`.
        """
        if self._most == 0:
            return
        kept = Kept(
            id=response.id,
            asked_at=self._clock(),
            conversation=response.conversation_id,
            question=response.question,
            answer=response.answer,
            snapshot=response.snapshot.id,
            response=text,
            filters=filters.model_dump_json(exclude_defaults=True),
        )
        with self._changed:
            if self._closed or len(self._waiting) >= MAX_WAITING:
                self.lost += 1
                return
            self._waiting[kept.id] = kept
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="yanbao-answers")
                self._writer.start()
            self._changed.notify_all()

    def find(self, answer_id: str) -> Kept | None:
        """The answer of that id, written or not; None if there is none (any more).

        Raises:
            StoreError: the store cannot be read.
        """
        with self._changed:
            waiting = self._waiting.get(answer_id)
        if waiting is not None:
            return waiting
        self._store.table(SCHEMA)
        with self._store.reading() as connection:
            row = connection.execute("SELECT * FROM answers WHERE id = ?", (answer_id,)).fetchone()
        return None if row is None else _kept(row)

    def turns(self, conversation: str) -> list[Turn]:
        """The last questions and answers of a conversation, oldest first.

        Raises:
            StoreError: the store cannot be read.
        """
        # Looked at first: what is written in between is then seen twice, not missed.
        with self._changed:
            waiting = [k for k in self._waiting.values() if k.conversation == conversation]
        self._store.table(SCHEMA)
        with self._store.reading() as connection:
            rows = connection.execute(
                "SELECT id, question, answer FROM answers WHERE conversation = ? "
                "ORDER BY number DESC LIMIT ?",
                (conversation, MAX_EARLIER),
            ).fetchall()
        said = {row["id"]: (row["question"], row["answer"]) for row in reversed(rows)}
        said.update({k.id: (k.question, k.answer) for k in waiting})
        turns: list[Turn] = []
        for question, answer in list(said.values())[-MAX_EARLIER:]:
            turns.append(Turn(role="user", content=question))
            turns.append(Turn(role="assistant", content=answer[:_MAX_TURN]))
        return turns

    @property
    def waiting(self) -> int:
        """Answers that are not written yet."""
        return len(self._waiting)

    def close(self) -> None:
        """Writes all that waits and ends the thread; later answers are not kept."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._writer is not None:
            self._writer.join()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                batch = list(self._waiting.values())
            if not batch:
                return
            self._write_batch(batch)
            with self._changed:
                for kept in batch:
                    del self._waiting[kept.id]

    def _write_batch(self, batch: list[Kept]) -> None:
        rows = [_row(kept) for kept in batch]
        try:
            self._store.table(SCHEMA)
            with self._store.writing() as connection:
                connection.executemany(
                    "INSERT OR IGNORE INTO answers (id, asked_at, conversation, question, answer, "
                    "snapshot, response, filters) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    rows,
                )
                self._since_pruned += len(batch)
                if self._since_pruned >= _PRUNE_EVERY:
                    self._since_pruned = 0
                    self._prune(connection)
        except StoreError as error:
            if self.lost == 0:  # a full disk would say so at every answer
                log.error("answers are not kept: %s", error)
            self.lost += len(batch)

    def _prune(self, connection: sqlite3.Connection) -> None:
        """Forgets what is too old or too much; the oldest go first."""
        oldest = self._clock() - self._age_s
        connection.execute("DELETE FROM answers WHERE asked_at < ?", (oldest,))
        connection.execute(
            "DELETE FROM answers WHERE number <= (SELECT max(number) FROM answers) - ?",
            (self._most,),
        )


def _row(kept: Kept) -> tuple[object, ...]:
    packed = zlib.compress(
        kept.response.encode(), 6
    )  # passages repeat the reports: a fifth is left
    return (
        kept.id,
        kept.asked_at,
        kept.conversation,
        kept.question,
        kept.answer,
        kept.snapshot,
        packed,
        kept.filters,
    )


def _kept(row: sqlite3.Row) -> Kept:
    return Kept(
        id=row["id"],
        asked_at=row["asked_at"],
        conversation=row["conversation"],
        question=row["question"],
        answer=row["answer"],
        snapshot=row["snapshot"],
        response=zlib.decompress(row["response"]).decode(),
        filters=row["filters"],
    )
