"""Feedback: what people say of an answer, kept with all that is needed to learn from it.

Stands beside the kept answers; a vote keeps a copy of its answer, which may be forgotten before it.
"""

from __future__ import annotations

import secrets
import time
import zlib
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import BaseModel, Field

from service.answers import Kept
from service.schemas import AskResponse, FilterRequest, Request, Text
from service.store import Store

Vote = Literal["up", "down"]

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY, given_at REAL NOT NULL, answer_id TEXT NOT NULL, vote TEXT NOT NULL,
    comment TEXT NOT NULL, user TEXT, question TEXT NOT NULL, answer TEXT NOT NULL,
    snapshot TEXT NOT NULL, response BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS feedback_by_time ON feedback (given_at);
ALTER TABLE feedback ADD COLUMN filters TEXT NOT NULL DEFAULT '{}'
"""


@dataclass(frozen=True, slots=True)
class Given:
    """One vote with the answer that it is about; `given_at`: seconds since 1970."""

    feedback_id: str
    given_at: float
    vote: Vote
    comment: str
    user: str | None
    response: AskResponse
    filters: FilterRequest = field(default_factory=FilterRequest)


class FeedbackRequest(Request):
    """`POST /v1/feedback`. `user`: who says so, as the caller knows them."""

    answer_id: Text = Field(min_length=1, max_length=200)
    vote: Vote
    comment: Text = Field(default="", max_length=4000)
    user: Text | None = Field(default=None, max_length=200)


class FeedbackResponse(BaseModel):
    """Under which id it is kept."""

    feedback_id: str


def keep_feedback(store: Store, given: FeedbackRequest, kept: Kept) -> FeedbackResponse:
    """Writes a vote on an answer; when this returns it is on the disk.

    Raises:
        StoreError: it cannot be written.
    """
    feedback_id = f"fb_{secrets.token_hex(10)}"
    row = (
        feedback_id,
        time.time(),
        kept.id,
        given.vote,
        given.comment,
        given.user,
        kept.question,
        kept.answer,
        kept.snapshot,
        zlib.compress(kept.response.encode(), 6),
        kept.filters,
    )
    store.table(SCHEMA)
    with store.writing() as connection:
        connection.execute("INSERT INTO feedback VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)
    return FeedbackResponse(feedback_id=feedback_id)


def given_feedback(store: Store) -> list[Given]:
    """All votes, oldest first; none where there is no store.

    Raises:
        StoreError: it cannot be read.
    """
    if not store.path.exists():
        return []
    store.table(SCHEMA)
    with store.reading() as connection:
        rows = connection.execute("SELECT * FROM feedback ORDER BY given_at, id").fetchall()
    return [
        Given(
            feedback_id=row["id"],
            given_at=row["given_at"],
            vote=row["vote"],
            comment=row["comment"],
            user=row["user"],
            response=AskResponse.model_validate_json(zlib.decompress(row["response"])),
            filters=FilterRequest.model_validate_json(row["filters"]),
        )
        for row in rows
    ]
