"""Socket Mode: the bot over a connection that it opens itself, for where Slack cannot reach in.

Runs behind `yanbao slack`; needs no public address and no signing secret.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.errors import SlackApiError

from corpus.errors import ServiceError, SettingsError
from service.settings import Settings
from service.slack.asker import Asker
from service.slack.bot import Bot
from service.slack.mount import make_bot
from service.store import Store


async def run(
    settings: Settings,
    store: Store,
    asker: Asker,
    stopped: asyncio.Event,
    ready: Callable[[], None],
) -> None:
    """Listens to Slack until `stopped` is set; `ready` is called once the line stands.

    Raises:
        SettingsError: a token is missing. ServiceError: Slack does not take the line.
        StoreError: the store cannot be written.
    """
    token = need_tokens(settings)
    bot = make_bot(settings, store, asker)
    await bot.start()
    handler = AsyncSocketModeHandler(bot.app, token)
    try:
        # Asked for here, because the handler itself would try a refused token for ever.
        handler.client.wss_uri = await _address(bot, token)
        await _connect(handler, stopped)
        ready()
        await stopped.wait()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # Bolt types it not
        await bot.stop(settings.shutdown_timeout_s)


def need_tokens(settings: Settings) -> str:
    """The app-level token.

    Raises:
        SettingsError: it, or the bot's token, is missing.
    """
    missing = [
        name
        for name, token in (
            ("SLACK_APP_TOKEN", settings.slack_app_token),
            ("SLACK_BOT_TOKEN", settings.slack_bot_token),
        )
        if token is None
    ]
    if missing or settings.slack_app_token is None:
        raise SettingsError(f"settings: {' and '.join(missing)} missing; see docs/slack.md")
    return settings.slack_app_token.get_secret_value()


async def _address(bot: Bot, token: str) -> str:
    """Where Slack waits for the line.

    Raises:
        ServiceError: Slack refuses, or cannot be reached.
    """
    try:
        found = await bot.app.client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        reason = error.response.get("error")
        raise ServiceError(
            f"Slack does not open a line: {reason}; check SLACK_APP_TOKEN (xapp-…) and that "
            "Socket Mode is on for the app"
        ) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ServiceError(f"Slack cannot be reached: {error}; check the network") from None
    return str(found["url"])


async def _connect(handler: AsyncSocketModeHandler, stopped: asyncio.Event) -> None:
    """Connects, however long that takes, unless the bot is stopped before."""
    connecting = asyncio.ensure_future(handler.connect_async())  # type: ignore[no-untyped-call]  # nor this
    stopping = asyncio.ensure_future(stopped.wait())
    await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (connecting, stopping):
        task.cancel()
    await asyncio.gather(connecting, stopping, return_exceptions=True)
