"""Saved questions: asked again on every new snapshot; what changed in their answers is kept.

Stands in the store. A change is a figure or a citation that came or went, not a new wording.
"""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from corpus.errors import TooManySaved, UnknownSaved
from service.schemas import AskRequest, AskResponse, Citation, FilterRequest, Request, Text
from service.store import Store

MAX_SAVED: Final = 1000
"""Questions that are kept: all are asked for each snapshot, at about 5 ms each."""

KEPT_CHANGES: Final = 10_000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS saved (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, request TEXT NOT NULL UNIQUE,
  created REAL NOT NULL, snapshot TEXT NOT NULL DEFAULT '', response BLOB);
CREATE TABLE IF NOT EXISTS saved_changes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, saved_id TEXT NOT NULL, found REAL NOT NULL,
  before BLOB NOT NULL, after BLOB NOT NULL, posted TEXT NOT NULL DEFAULT 'no');
CREATE INDEX IF NOT EXISTS saved_changes_posted ON saved_changes (posted)
"""

_FIGURE: Final = re.compile(r"(?<![A-Za-z0-9.])[-+]?\d[\d,]*(?:\.\d+)?%?")
_NO_FIGURE: Final = re.compile(r"\[\d+\]|\d{4}-\d{2}-\d{2}")
"""Marks of citations, and dates of reports: a citation tells of them."""

Ask = Callable[[AskRequest], AskResponse]


class _Shape(BaseModel):
    """Built when it is first used: few starts of a server ever show one."""

    model_config = ConfigDict(defer_build=True)


class SavedRequest(Request):
    """`POST /v1/saved`."""

    question: Text = Field(min_length=1, max_length=2000)
    filters: FilterRequest = FilterRequest()


class SavedOut(_Shape):
    """A saved question; `answer` is the last one, null until it is asked."""

    saved_id: str
    question: str
    filters: FilterRequest
    created: datetime
    snapshot: str | None
    answer: str | None


class SavedPage(_Shape):
    """`GET /v1/saved`."""

    saved: list[SavedOut]


class Difference(_Shape):
    """What came into an answer and what went: figures of its words, quotes with their source."""

    figures_added: list[str]
    figures_removed: list[str]
    citations_added: list[Citation]
    citations_removed: list[Citation]


class ChangeOut(_Shape):
    """A changed answer; `answer` is the whole new one."""

    change_id: int
    saved_id: str
    question: str
    found: datetime
    before: str
    difference: Difference
    answer: AskResponse


class ChangePage(_Shape):
    """`GET /v1/saved/changes`, newest first; `next`: the cursor of the next page."""

    changes: list[ChangeOut]
    next: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    saved_id: str
    request: AskRequest
    snapshot: str
    before: AskResponse | None


class SavedQuestions:
    """The saved questions of one store; safe to use from several threads and processes."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock

    def add_asked(self, given: SavedRequest, snapshot_id: str, ask: Ask) -> SavedOut:
        """Saves a question and asks it at once: what its asker saw is what later answers are
        compared with, whatever is served by the time of the next look.

        Raises:
            StoreError: it cannot be kept. TooManySaved: there is no room.
        """
        saved_id = self.add(given).saved_id
        self.ask_again(snapshot_id, ask, only=saved_id)
        return next(one for one in self.listed() if one.saved_id == saved_id)

    def add(self, given: SavedRequest) -> SavedOut:
        """Saves a question; the same one again gives the one that is there.

        Raises:
            StoreError: it cannot be kept. TooManySaved: there is no room.
        """
        request = AskRequest(question=given.question, filters=given.filters)
        body = request.model_dump_json(exclude_defaults=True)
        self._store.table(_SCHEMA)
        with self._store.writing() as db:
            if db.execute("SELECT count(*) FROM saved").fetchone()[0] >= MAX_SAVED:
                raise TooManySaved(f"{MAX_SAVED} questions are saved; remove one first")
            db.execute(
                "INSERT OR IGNORE INTO saved (id, request, created) VALUES (?, ?, ?)",
                (f"sq_{secrets.token_hex(8)}", body, self._clock()),
            )
            row = db.execute("SELECT * FROM saved WHERE request = ?", (body,)).fetchone()
        return _saved_out(row)

    def listed(self) -> list[SavedOut]:
        """All saved questions, oldest first."""
        if not self._store.path.exists():
            return []
        self._store.table(_SCHEMA)
        with self._store.reading() as db:
            return [_saved_out(row) for row in db.execute("SELECT * FROM saved ORDER BY number")]

    def remove(self, saved_id: str) -> None:
        """Forgets a question and its changes.

        Raises:
            UnknownSaved: there is none of that id.
        """
        self._store.table(_SCHEMA)
        with self._store.writing() as db:
            gone = db.execute("DELETE FROM saved WHERE id = ?", (saved_id,)).rowcount
            db.execute("DELETE FROM saved_changes WHERE saved_id = ?", (saved_id,))
        if gone == 0:
            raise UnknownSaved(f"{saved_id}: no question is saved under this id")

    def ask_again(self, snapshot_id: str, ask: Ask, only: str | None = None) -> int:
        """Asks what was not asked of this snapshot yet; returns how many answers changed.

        The first answer of a question is what later ones are compared with, no change itself.
        """
        changed = 0
        for row in self._due(snapshot_id, only):
            after = ask(row.request)
            changed += self._keep(row, snapshot_id, after)
        return changed

    def changes(self, limit: int = 50, before: int | None = None) -> ChangePage:
        """Changes, newest first; `before`: only those with a smaller number."""
        if not self._store.path.exists():
            return ChangePage(changes=[], next=None)
        self._store.table(_SCHEMA)
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT * FROM saved_changes WHERE ? IS NULL OR number < ?"
                " ORDER BY number DESC LIMIT ?",
                (before, before, limit + 1),
            ).fetchall()
        found = [_change_out(row) for row in rows[:limit]]
        return ChangePage(
            changes=found, next=str(found[-1].change_id) if len(rows) > limit else None
        )

    def take_unposted(self) -> list[ChangeOut]:
        """Changes that no one has announced; whoever takes them announces them, or `put_back`s."""
        if not self._store.path.exists():
            return []
        self._store.table(_SCHEMA)
        with self._store.reading() as db:  # most looks find nothing: they need not lock the store
            if db.execute("SELECT 1 FROM saved_changes WHERE posted = 'no'").fetchone() is None:
                return []
        with self._store.writing() as db:
            rows = db.execute(
                "UPDATE saved_changes SET posted = 'yes' WHERE posted = 'no' RETURNING *"
            ).fetchall()
        return sorted(map(_change_out, rows), key=lambda change: change.change_id)

    def put_back(self, changes: Sequence[ChangeOut]) -> None:
        """Notes that these were not announced after all."""
        with self._store.writing() as db:
            db.executemany(
                "UPDATE saved_changes SET posted = 'no' WHERE number = ?",
                [(change.change_id,) for change in changes],
            )

    def _due(self, snapshot_id: str, only: str | None) -> list[_Row]:
        if not self._store.path.exists():  # looking for questions must not make a store
            return []
        self._store.table(_SCHEMA)
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT * FROM saved WHERE snapshot <> ? AND (? IS NULL OR id = ?) ORDER BY number",
                (snapshot_id, only, only),
            ).fetchall()
        return [
            _Row(
                row["id"],
                AskRequest.model_validate_json(row["request"]),
                row["snapshot"],
                _unpacked(row["response"]) if row["response"] else None,
            )
            for row in rows
        ]

    def _keep(self, row: _Row, snapshot_id: str, after: AskResponse) -> bool:
        packed = _packed(after)
        with self._store.writing() as db:
            ours = db.execute(
                "UPDATE saved SET snapshot = ?, response = ? WHERE id = ? AND snapshot = ?",
                (snapshot_id, packed, row.saved_id, row.snapshot),
            ).rowcount
            if ours == 0 or row.before is None or not differs(row.before, after):
                return False  # another process was first, or there is nothing to tell
            db.execute(
                "INSERT INTO saved_changes (saved_id, found, before, after) VALUES (?, ?, ?, ?)",
                (row.saved_id, self._clock(), _packed(row.before), packed),
            )
            db.execute(
                "DELETE FROM saved_changes WHERE number <= "
                "(SELECT max(number) FROM saved_changes) - ?",
                (KEPT_CHANGES,),
            )
        return True


def differs(before: AskResponse, after: AskResponse) -> bool:
    """True if a figure or a citation came or went, or a refusal became an answer or the reverse."""
    told = difference(before, after)
    return before.refused != after.refused or any(told.model_dump().values())


def difference(before: AskResponse, after: AskResponse) -> Difference:
    """What came and what went; offsets, ids, times and markers do not count."""
    old, new = _figures(before), _figures(after)
    was, now = _evidence(before), _evidence(after)
    return Difference(
        figures_added=[one for one in new if one not in old],
        figures_removed=[one for one in old if one not in new],
        citations_added=[cited for key, cited in now.items() if key not in was],
        citations_removed=[cited for key, cited in was.items() if key not in now],
    )


def _figures(response: AskResponse) -> list[str]:
    """The figures in the words of an answer, in order, without its marks; none in a refusal, which
    counts what there is instead."""
    if response.refused:
        return []
    words = _NO_FIGURE.sub(" ", response.answer)
    return list(dict.fromkeys(one.replace(",", "") for one in _FIGURE.findall(words)))


def _evidence(response: AskResponse) -> dict[tuple[str, ...], Citation]:
    """Citations by what they say: report, words, and the cell's row, column and value."""
    found = {}
    for one in response.citations:
        cell = (one.cell.row, one.cell.column, one.cell.value) if one.cell else ()
        found[(one.report_id, " ".join(one.quote.split()), *cell)] = one
    return found


def _packed(response: AskResponse) -> bytes:
    return zlib.compress(response.model_dump_json().encode(), 6)


def _unpacked(blob: bytes) -> AskResponse:
    return AskResponse.model_validate_json(zlib.decompress(blob))


def _saved_out(fields: sqlite3.Row) -> SavedOut:
    request = AskRequest.model_validate(json.loads(fields["request"]))
    last = _unpacked(fields["response"]) if fields["response"] else None
    return SavedOut(
        saved_id=fields["id"],
        question=request.question,
        filters=request.filters,
        created=_time(fields["created"]),
        snapshot=fields["snapshot"] or None,
        answer=last.answer if last else None,
    )


def _change_out(fields: sqlite3.Row) -> ChangeOut:
    before, after = _unpacked(fields["before"]), _unpacked(fields["after"])
    return ChangeOut(
        change_id=fields["number"],
        saved_id=fields["saved_id"],
        question=after.question,
        found=_time(fields["found"]),
        before=before.answer,
        difference=difference(before, after),
        answer=after,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
