"""Asking: where the bot has its questions answered: in this process, or by a server over HTTP.

Stands between the bot and the one answerer; the bot has no pipeline of its own.
"""

from __future__ import annotations

from typing import Protocol

from service.limits import WorkPool
from service.live import LiveIndex
from service.schemas import AskRequest, AskResponse


class Asker(Protocol):
    """Answers questions and keeps votes."""

    async def ask(self, request: AskRequest) -> AskResponse:
        """The answer; a refusal is one too."""

    async def vote(self, response: AskResponse, vote: str, comment: str, user: str) -> None:
        """Keeps what somebody thinks of an answer."""


class LocalAsker:
    """Answers from the index that is open in this process, in its pool.

    Args:
        timeout_s: seconds that a question may wait and be computed.
    """

    def __init__(self, live: LiveIndex, pool: WorkPool, timeout_s: float) -> None:
        self._live = live
        self._pool = pool
        self._timeout_s = timeout_s

    async def ask(self, request: AskRequest) -> AskResponse:
        """The answer from the snapshot that is served now.

        Raises:
            Problem: 503, all places are taken or the time is over.
            YanbaoError: the snapshot cannot be read.
        """

        def answered() -> AskResponse:
            with self._live.lease() as served:
                return served.answerer.ask(request)

        return await self._pool.run(answered, self._timeout_s)

    async def vote(self, response: AskResponse, vote: str, comment: str, user: str) -> None:
        """Keeps the vote."""
