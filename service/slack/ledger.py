"""Ledger: which events were taken, which are still to be answered, and what a thread has said.

Stands in the store, so that a delivery is answered once, across restarts and processes.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from service.schemas import AskResponse, Turn
from service.store import Store

LEASE_S: Final = 45.0
"""Seconds after which the jobs of a process that no longer renews its lease are taken up."""

MAX_TRIES: Final = 5
MINUTE_S: Final = 60.0

KEEP_JOBS_S: Final = 7 * 86_400.0
"""Slack repeats a delivery within the hour; a week leaves room for a stopped process."""

KEEP_ANSWERS_S: Final = 90 * 86_400.0
"""How long buttons under an answer work and a thread is remembered."""

MAX_TURNS: Final = 8
"""Earlier questions of a thread that go along; the contract takes 20 turns of either role."""

MAX_TURN_CHARS: Final = 8000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS slack_jobs (
  event_id TEXT PRIMARY KEY, message TEXT UNIQUE, thread TEXT NOT NULL, user TEXT NOT NULL,
  state TEXT NOT NULL, body TEXT NOT NULL, at REAL NOT NULL, lease REAL NOT NULL,
  owner TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0, put_off INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS slack_jobs_open ON slack_jobs (state, lease);
CREATE INDEX IF NOT EXISTS slack_jobs_thread ON slack_jobs (thread, state);
CREATE INDEX IF NOT EXISTS slack_jobs_user ON slack_jobs (user, at);
CREATE TABLE IF NOT EXISTS slack_turns (
  event_id TEXT PRIMARY KEY, thread TEXT NOT NULL, at REAL NOT NULL, answer_id TEXT NOT NULL,
  response TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS slack_turns_thread ON slack_turns (thread, at);
CREATE INDEX IF NOT EXISTS slack_turns_answer ON slack_turns (answer_id)
"""

# The jobs of one thread are done one after the other: a follow-up needs the answer before it.
_NEXT: Final = """
UPDATE slack_jobs SET state = 'working', owner = :owner, lease = :until, tries = tries + 1
WHERE rowid = (
  SELECT rowid FROM slack_jobs AS one
  WHERE state IN ('waiting', 'working') AND lease <= :now AND NOT EXISTS (
    SELECT 1 FROM slack_jobs AS other WHERE other.thread = one.thread
    AND other.state IN ('waiting', 'working', 'posting') AND other.rowid < one.rowid)
  ORDER BY rowid LIMIT 1)
RETURNING body, tries, sent
"""


class Kind(StrEnum):
    """What a job asks for."""

    ASK = "ask"
    HELP = "help"
    SLOW_DOWN = "slow_down"
    PASSAGES = "passages"
    SHARE = "share"
    VOTE = "vote"


class Taken(StrEnum):
    """What became of a delivery."""

    NEW = "new"
    REPEATED = "repeated"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing that someone in Slack wants.

    Attributes:
        event_id: Slack's id of the event, or one made of the interaction's own.
        message: channel and timestamp of the message; two events may tell of one message.
        thread_ts: the thread that is answered in; empty: by `response_url`, for one person only.
        ts: the message that carries the sign of work; empty: there is none.
        text: the question, or the comment of a vote.
        tries, sent: how often it was begun, and messages of its reply that are out.
    """

    event_id: str
    message: str
    kind: Kind
    team: str
    user: str
    channel: str
    thread_ts: str = ""
    ts: str = ""
    text: str = ""
    answer_id: str = ""
    vote: Literal["", "up", "down"] = ""
    response_url: str = ""
    is_direct: bool = False
    tries: int = 0
    sent: int = 0

    @property
    def thread(self) -> str:
        """The conversation that the job belongs to."""
        return f"{self.team}:{self.channel}:{self.thread_ts or self.event_id}"


class Ledger:
    """Jobs, turns and answers of the bot; may be used from several threads and processes.

    Args:
        per_minute: questions of one person in a minute; the next ones are put off.
    """

    def __init__(
        self, store: Store, per_minute: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._per_minute = per_minute
        self._clock = clock
        self._owner = secrets.token_hex(8)

    def open(self) -> None:
        """Makes the tables and forgets what is old.

        Raises:
            StoreError: the store cannot be written.
        """
        self._store.table(_SCHEMA)
        now = self._clock()
        with self._store.writing() as db:
            db.execute("DELETE FROM slack_jobs WHERE at < ?", (now - KEEP_JOBS_S,))
            db.execute("DELETE FROM slack_turns WHERE at < ?", (now - KEEP_ANSWERS_S,))

    def take(self, job: Job) -> Taken:
        """Keeps a job unless its event or its message was taken already.

        Raises:
            StoreError: it cannot be kept; the delivery must not be acknowledged.
        """
        now = self._clock()
        with self._store.writing() as db:
            asked, told = db.execute(
                "SELECT count(*), total(put_off) FROM slack_jobs WHERE user = ? AND at > ?",
                (job.user, now - MINUTE_S),
            ).fetchone()
            over = job.kind in (Kind.ASK, Kind.HELP) and asked >= self._per_minute
            kept = replace(job, kind=Kind.SLOW_DOWN) if over else job
            silent = over and told > 0  # once a minute is told, not once a message
            row = db.execute(
                "INSERT OR IGNORE INTO slack_jobs"
                " (event_id, message, thread, user, state, body, at, lease, put_off)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
                (
                    job.event_id,
                    job.message,
                    job.thread,
                    job.user,
                    "done" if silent else "waiting",
                    "" if silent else json.dumps(asdict(kept), ensure_ascii=False),
                    now,
                    over,
                ),
            )
        if row.rowcount == 0:
            return Taken.REPEATED
        return Taken.OVER if over else Taken.NEW

    def next(self) -> Job | None:
        """The next job, for this process alone until its lease ends; None: nothing is waiting."""
        now = self._clock()
        with self._store.writing() as db:
            # Whoever posted and never came back may have posted: once is promised, so it rests.
            # What was begun too often probably ends the process that begins it.
            db.execute(
                "UPDATE slack_jobs SET state = 'lost' WHERE lease <= ?"
                " AND (state = 'posting' OR state = 'working' AND tries >= ?)",
                (now, MAX_TRIES),
            )
            row = db.execute(
                _NEXT, {"now": now, "until": now + LEASE_S, "owner": self._owner}
            ).fetchone()
        if row is None:
            return None
        return replace(_job(row["body"]), tries=row["tries"], sent=row["sent"])

    def renew(self) -> None:
        """Says that this process is alive and at its jobs."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE slack_jobs SET lease = ?"
                " WHERE owner = ? AND state IN ('working', 'posting')",
                (self._clock() + LEASE_S, self._owner),
            )

    def posting(self, job: Job) -> bool:
        """Notes that the reply goes out now: from here on it is never begun again by itself.

        False: another process has taken the job, because this one was silent for too long.
        """
        with self._store.writing() as db:
            row = db.execute(
                "UPDATE slack_jobs SET state = 'posting', lease = ?"
                " WHERE event_id = ? AND owner = ? AND state = 'working'",
                (self._clock() + LEASE_S, job.event_id, self._owner),
            )
        return row.rowcount == 1

    def sent(self, job: Job, messages: int) -> None:
        """Notes how many messages of the reply are out; they are not sent again."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE slack_jobs SET sent = ? WHERE event_id = ?", (messages, job.event_id)
            )

    def done(self, job: Job) -> None:
        """Notes that the job is finished; its words are forgotten."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE slack_jobs SET state = 'done', body = '' WHERE event_id = ?",
                (job.event_id,),
            )

    def failed(self, job: Job) -> None:
        """Notes that the job is given up; its words stay for whoever looks after the bot."""
        self._set(job, "failed", 0)

    def again(self, job: Job, after_s: float = 0.0) -> None:
        """Gives the job back: it is worked on again after `after_s` seconds, by anyone."""
        self._set(job, "waiting", self._clock() + after_s)

    def leave(self) -> None:
        """Gives back what this process took and did not finish; a reply that may be out stays."""
        with self._store.writing() as db:
            db.execute(
                "UPDATE slack_jobs SET state = 'waiting', lease = 0, tries = tries - 1"
                " WHERE owner = ? AND state = 'working'",
                (self._owner,),
            )

    def remember(self, job: Job, response: AskResponse) -> None:
        """Keeps an answer as a turn of its thread and for the buttons under it."""
        with self._store.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO slack_turns (event_id, thread, at, answer_id, response)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    job.event_id,
                    job.thread,
                    self._clock(),
                    response.id,
                    response.model_dump_json(),
                ),
            )

    def history(self, job: Job) -> list[Turn]:
        """The earlier turns of the job's thread, oldest first."""
        with self._store.reading() as db:
            rows = db.execute(
                "SELECT response FROM slack_turns WHERE thread = ? AND event_id <> ?"
                " ORDER BY at DESC LIMIT ?",
                (job.thread, job.event_id, MAX_TURNS),
            ).fetchall()
        turns = []
        for row in reversed(rows):
            said = AskResponse.model_validate_json(row["response"])
            turns.append(Turn(role="user", content=said.question))
            turns.append(Turn(role="assistant", content=said.answer[:MAX_TURN_CHARS]))
        return turns

    def given(self, job: Job) -> AskResponse | None:
        """The answer to this very job, if an earlier try had it but could not post it."""
        return self._find("event_id", job.event_id)

    def answer(self, answer_id: str) -> AskResponse | None:
        """An answer that the bot gave; None if it is forgotten."""
        return self._find("answer_id", answer_id)

    def _find(self, column: Literal["event_id", "answer_id"], value: str) -> AskResponse | None:
        with self._store.reading() as db:
            row = db.execute(
                f"SELECT response FROM slack_turns WHERE {column} = ?",  # noqa: S608  # of ours
                (value,),
            ).fetchone()
        return AskResponse.model_validate_json(row["response"]) if row else None

    def _set(self, job: Job, state: str, lease: float) -> None:
        with self._store.writing() as db:
            db.execute(
                "UPDATE slack_jobs SET state = ?, lease = ? WHERE event_id = ?",
                (state, lease, job.event_id),
            )


def _job(body: str) -> Job:
    fields = json.loads(body)
    return Job(**{**fields, "kind": Kind(fields["kind"])})
