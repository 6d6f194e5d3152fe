"""Talking: everything that the bot says to Slack, with patience for 429, 5xx and broken lines.

Stands between the crew and Slack's Web API; the only module that calls its methods.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from service.slack.blocks import Message
from service.slack.ledger import Job

log = logging.getLogger(__name__)

WORKING: Final = "hourglass_flowing_sand"
"""The reaction under a question that is being answered."""

TIMEOUT_S: Final = 20
"""Seconds for one call; Slack answers in tenths of a second, or not at all."""

PASSING: Final = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
"""Errors of Slack's that go by: the job is tried again. Others (archived, revoked …) are final."""

UNREACHABLE: Final = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "restricted_action"}
)
"""A channel in which the bot cannot speak; the person who asked is told in private instead."""


class _ServerErrors(AsyncRetryHandler):
    """Tries again after any 5xx; the SDK's own handler knows 500 and 503 only."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        return response is not None and response.status_code >= 500


class PassingTrouble(Exception):
    """Slack could not be reached, or was too busy, for longer than a call may last."""


class Talker:
    """Speaks for the bot.

    Args:
        token: `xoxb-…`.
        api_url: where Slack's Web API is, with a slash at the end.
    """

    def __init__(self, token: str, api_url: str) -> None:
        self._handlers: list[AsyncRetryHandler] = [
            AsyncRateLimitErrorRetryHandler(max_retry_count=5),
            _ServerErrors(max_retry_count=3),
            AsyncConnectionErrorRetryHandler(max_retry_count=2),
        ]
        self.client = AsyncWebClient(
            token=token, base_url=api_url, timeout=TIMEOUT_S, retry_handlers=self._handlers
        )

    async def open(self) -> None:
        """Opens the connections that all calls share."""
        self.client.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), trust_env=False
        )

    async def close(self) -> None:
        """Closes them."""
        session = self.client.session
        if session is not None:
            await session.close()
            self.client.session = None

    async def say(self, job: Job, message: Message, *, broadcast: bool = False) -> None:
        """Sends a message to where the job came from; `broadcast`: to the whole channel too.

        Raises:
            PassingTrouble: it may go out later. SlackApiError: it never will.
        """
        if job.response_url:
            await self._respond(job, message, public=broadcast)
        else:
            await self._post(job, message, broadcast)

    async def whisper(self, job: Job, message: Message) -> None:
        """Says something that only the person of the job sees.

        Raises:
            PassingTrouble, SlackApiError: as `say`.
        """
        if job.response_url:
            await self._respond(job, message, public=False)
            return
        await self._call(
            "chat.postEphemeral",
            channel=job.channel,
            user=job.user,
            thread_ts=job.thread_ts or None,
            text=message.text,
            blocks=message.blocks,
            link_names=False,
            parse="none",
        )

    async def show_work(self, job: Job) -> None:
        """Puts the sign of work under the question; without it the answer comes all the same."""
        await self._react("reactions.add", job)

    async def hide_work(self, job: Job) -> None:
        """Takes the sign away."""
        await self._react("reactions.remove", job)

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Opens a dialog; a trigger lives for three seconds only, so failures are only logged."""
        try:
            await self._call("views.open", trigger_id=trigger_id, view=view)
        except (SlackApiError, PassingTrouble) as error:
            log.warning("a dialog could not be opened: %s", _reason(error))

    async def _post(self, job: Job, message: Message, broadcast: bool) -> None:
        thread: dict[str, Any] = {"thread_ts": job.thread_ts} if job.thread_ts else {}
        if broadcast and thread:
            thread["reply_broadcast"] = True
        try:
            await self._call("chat.postMessage", channel=job.channel, **thread, **content(message))
        except SlackApiError as error:
            if error.response.get("error") not in UNREACHABLE or job.is_direct or broadcast:
                raise
            await self._call("chat.postMessage", channel=job.user, **content(message))

    async def _respond(self, job: Job, message: Message, *, public: bool) -> None:
        """By the address that came with a command or a button; Slack lets it live half an hour."""
        hook = AsyncWebhookClient(
            job.response_url,
            timeout=TIMEOUT_S,
            session=self.client.session,
            retry_handlers=self._handlers,
        )
        try:
            answer = await hook.send(
                text=message.text,
                blocks=message.blocks,
                response_type="in_channel" if public else "ephemeral",
                replace_original=False,
                delete_original=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PassingTrouble(type(error).__name__) from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise PassingTrouble(f"HTTP {answer.status_code}")
        if answer.status_code >= 400:
            raise SlackApiError(  # type: ignore[no-untyped-call]  # slack_sdk types it not
                "the response_url took no answer", {"error": f"HTTP {answer.status_code}"}
            )

    async def _react(self, method: str, job: Job) -> None:
        if not job.ts:
            return
        with suppress(SlackApiError, PassingTrouble):
            await self._call(method, channel=job.channel, timestamp=job.ts, name=WORKING)

    async def _call(self, method: str, **arguments: Any) -> None:
        try:
            await self.client.api_call(
                method, json={k: v for k, v in arguments.items() if v is not None}
            )
        except SlackApiError as error:
            status = getattr(error.response, "status_code", 0)
            if status == 429 or status >= 500 or error.response.get("error") in PASSING:
                raise PassingTrouble(_reason(error)) from error
            raise
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise PassingTrouble(type(error).__name__) from error


def content(message: Message) -> dict[str, Any]:
    """A message in which nothing turns into a mention, a link or a preview by itself."""
    return {
        "text": message.text,
        "blocks": message.blocks,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "mrkdwn": True,
    }


def _reason(error: Exception) -> str:
    if isinstance(error, SlackApiError):
        return str(error.response.get("error"))
    return str(error)
