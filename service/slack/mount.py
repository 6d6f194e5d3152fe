"""Mount: the bot as an ASGI endpoint for `/slack/events`, and as a whole from the settings.

Stands between the HTTP app and the bot; the app imports it only where Slack's secrets are set.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import Request
from starlette.responses import Response

from corpus.errors import SettingsError
from service.limits import read_body
from service.problems import Problem
from service.settings import Settings
from service.slack.asker import Asker
from service.slack.bot import Bot
from service.slack.crew import Crew
from service.slack.ledger import Ledger
from service.slack.signing import is_signed
from service.slack.talking import Talker
from service.store import Store


def make_bot(settings: Settings, store: Store, asker: Asker, signing_secret: str = "") -> Bot:
    """The bot as the settings describe it, not started.

    Raises:
        SettingsError: the bot token is missing.
    """
    if settings.slack_bot_token is None:
        raise SettingsError("settings: SLACK_BOT_TOKEN is missing; see docs/slack.md")
    talker = Talker(settings.slack_bot_token.get_secret_value(), str(settings.slack_api_url))
    ledger = Ledger(store, settings.slack_per_minute)
    crew = Crew(ledger, asker, talker, settings)
    return Bot(talker, crew, signing_secret)


class SlackEndpoint:
    """`/slack/events`: signed requests go to Bolt, all others get 401.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(
        self, settings: Settings, store: Store, asker: Asker, clock: Callable[[], float] = time.time
    ) -> None:
        secret = settings.slack_signing_secret
        if secret is None:
            raise SettingsError("settings: SLACK_SIGNING_SECRET is missing; see docs/slack.md")
        self._secret = secret.get_secret_value()
        self._settings = settings
        self._clock = clock
        self._bot = make_bot(settings, store, asker, self._secret)

    async def start(self) -> None:
        """Begins to work off what is waiting.

        Raises:
            StoreError: the store cannot be written.
        """
        await self._bot.start()

    async def stop(self) -> None:
        """Finishes what is begun; half of the server's own time, since it has more to finish."""
        await self._bot.stop(self._settings.shutdown_timeout_s / 2)

    async def receive(self, request: Request) -> Response:
        """The answer to one request.

        Raises:
            Problem: 401 not signed by Slack, 400 signed but no JSON, 408 and 413 as everywhere,
                503 it could not be kept: Slack sends it again.
        """
        settings = self._settings
        body = await read_body(request, settings.max_body_bytes, settings.body_timeout_s)
        timestamps = request.headers.getlist("x-slack-request-timestamp")
        signatures = request.headers.getlist("x-slack-signature")
        if not is_signed(self._secret, timestamps, signatures, body, self._clock()):
            raise Problem(401, "The request is not signed by Slack.")
        return await self._dispatch(_bolt_request(request, body, timestamps[0], signatures[0]))

    async def _dispatch(self, request: AsyncBoltRequest) -> Response:
        answer = await self._bot.app.async_dispatch(request)
        if answer.status >= 500:
            raise Problem(503, "The event could not be taken; send it again.")
        if answer.status == 404:  # an event that nobody here listens to is no fault of Slack's
            return Response(status_code=200)
        headers = {name: values[0] for name, values in answer.headers.items() if values}
        return Response(answer.body, status_code=answer.status, headers=headers)


def _bolt_request(
    request: Request, body: bytes, timestamp: str, signature: str
) -> AsyncBoltRequest:
    """What Bolt sees: the very headers that were checked, and the body as text.

    Raises:
        Problem: 400, the body is not what its type says.
    """
    headers: dict[str, Any] = {
        "content-type": request.headers.get("content-type", ""),
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
    }
    try:
        made = AsyncBoltRequest(body=body.decode("utf-8"), headers=headers)
    except (ValueError, RecursionError, TypeError, AttributeError, KeyError):
        raise Problem(400, "The body is not what Slack sends.") from None
    if not isinstance(made.body, dict):
        raise Problem(400, "The body is not what Slack sends.")
    return made
