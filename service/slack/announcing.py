"""Announcing: changed answers of saved questions are posted to a channel.

Runs in the thread that watches the saved questions, with the bot's words and the bot's token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from corpus.errors import ServiceError
from service.saved import ChangeOut
from service.settings import Settings
from service.slack.blocks import change_messages
from service.slack.talking import TIMEOUT_S, content


def announcer(settings: Settings) -> Callable[[Sequence[ChangeOut]], None] | None:
    """Posts changes to the channel of the settings; None if none is set."""
    token, channel = settings.slack_bot_token, settings.slack_channel
    if token is None or channel is None:
        return None
    client = WebClient(
        token=token.get_secret_value(),
        base_url=str(settings.slack_api_url),
        timeout=TIMEOUT_S,
        retry_handlers=[
            ConnectionErrorRetryHandler(max_retry_count=2),
            RateLimitErrorRetryHandler(max_retry_count=3),
            ServerErrorRetryHandler(max_retry_count=2),
        ],
    )

    def announce(changes: Sequence[ChangeOut]) -> None:
        for change in changes:
            for message in change_messages(change, settings.notice):
                _post(client, channel, content(message))

    return announce


def _post(client: WebClient, channel: str, message: dict[str, object]) -> None:
    try:
        client.api_call("chat.postMessage", json={"channel": channel, **message})
    except SlackApiError as error:
        raise ServiceError(
            f"Slack does not take a message for {channel}: {error.response.get('error')}; is the "
            "bot in the channel?"
        ) from None
