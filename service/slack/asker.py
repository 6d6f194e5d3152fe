"""Asker: where the bot has its questions answered: in this process, or by a server over HTTP.

Stands between the bot and the one desk; the bot has no pipeline of its own.
"""

from __future__ import annotations

import time
from typing import Final, Protocol

from service.answers import Kept
from service.asking import Desk
from service.client import AsyncClient
from service.feedback import FeedbackRequest, Vote, keep_feedback
from service.limits import WorkPool
from service.live import LiveIndex
from service.schemas import AskRequest, AskResponse
from service.store import Store

PATIENCE_S: Final = 90.0
"""Seconds that a question from Slack may wait and be computed: no connection is held meanwhile."""


class Asker(Protocol):
    """Answers questions and keeps votes."""

    async def ask(self, request: AskRequest) -> AskResponse:
        """The answer; a refusal is one too."""

    async def vote(self, response: AskResponse, vote: Vote, comment: str, user: str) -> None:
        """Keeps what somebody thinks of an answer."""


class LocalAsker:
    """Asks at the desk of this process, in its pools.

    Args:
        slow_pool: for questions that a language model reads, which takes seconds.
    """

    def __init__(
        self, desk: Desk, live: LiveIndex, pool: WorkPool, slow_pool: WorkPool, store: Store
    ) -> None:
        self._desk = desk
        self._live = live
        self._pool = pool
        self._slow_pool = slow_pool
        self._store = store

    async def ask(self, request: AskRequest) -> AskResponse:
        """The answer from the snapshot that is served now.

        Raises:
            Problem: 503, all places are taken or the time is over.
            YanbaoError: the snapshot cannot be read.
        """

        slow = self._desk.wants_model(request)
        quick = slow and self._slow_pool.taken >= self._slow_pool.places

        def answered() -> AskResponse:
            with self._live.lease() as served:
                return self._desk.ask(served.answerer, request, quick=quick)[0]

        pool = self._slow_pool if slow and not quick else self._pool
        return await pool.run(answered, PATIENCE_S)

    async def vote(self, response: AskResponse, vote: Vote, comment: str, user: str) -> None:
        """Keeps the vote with the answer as the bot showed it.

        Raises:
            StoreError: it cannot be written.
        """
        given = FeedbackRequest(answer_id=response.id, vote=vote, comment=comment, user=user)
        kept = Kept(
            id=response.id,
            asked_at=time.time(),
            conversation=response.conversation_id,
            question=response.question,
            answer=response.answer,
            snapshot=response.snapshot.id,
            response=response.model_dump_json(),
        )
        await self._pool.run(lambda: keep_feedback(self._store, given, kept), PATIENCE_S)


class RemoteAsker:
    """Asks a server over HTTP; its client waits and tries again by itself."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def ask(self, request: AskRequest) -> AskResponse:
        """The answer of the server.

        Raises:
            ClientError: it does not answer, or refuses the request.
        """
        return await self._client.ask(request)

    async def vote(self, response: AskResponse, vote: Vote, comment: str, user: str) -> None:
        """Keeps the vote in the server's store.

        Raises:
            ClientError: it cannot be kept.
        """
        await self._client.feedback(response.id, vote, comment, user=user)
