"""`yanbao slack`: the Slack bot in Socket Mode, over the index of this machine or a server's.

Stands behind the command; imports Bolt only when it runs.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from service.settings import Settings

if TYPE_CHECKING:
    from service.slack.asker import Asker
    from service.store import Store


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Runs the bot until SIGINT or SIGTERM; returns 0.

    Raises:
        ServiceError: a token is missing, or Slack, index or store cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="yanbao slack", description="The Slack bot in Socket Mode; see docs/slack.md."
    )
    parser.add_argument(
        "--url", help="ask the server there (with YANBAO_API_KEY) instead of the index here"
    )
    asyncio.run(_run(settings, parser.parse_args(list(arguments)).url))
    return 0


async def _run(settings: Settings, url: str | None) -> None:
    from service.slack.socket_mode import need_tokens, run
    from service.store import Store

    need_tokens(settings)  # before the index is opened, which takes its time
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    store = Store(settings.store)
    try:
        async with _remote(settings, url) if url else _local(settings, store) as asker:
            await run(settings, store, asker, stopped, _say_ready)
    finally:
        store.close()


@asynccontextmanager
async def _local(settings: Settings, store: Store) -> AsyncIterator[Asker]:
    from service.answers import AnswerBook
    from service.asking import make_desk
    from service.limits import WorkPool
    from service.opening import live_index
    from service.slack.asker import LocalAsker

    live = live_index(settings)
    live.start()
    pool, slow_pool = WorkPool(settings.workers, settings.queue), WorkPool(settings.llm_parallel, 0)
    desk = make_desk(settings, AnswerBook(store, settings.keep_answers, settings.keep_days))
    try:
        yield LocalAsker(desk, live, pool, slow_pool, store)
    finally:
        pool.close()
        slow_pool.close()
        desk.close()
        live.close()


@asynccontextmanager
async def _remote(settings: Settings, url: str) -> AsyncIterator[Asker]:
    from service.client import AsyncClient
    from service.slack.asker import RemoteAsker

    key = settings.api_key.get_secret_value() if settings.api_key else None
    async with AsyncClient(url, key) as client:
        yield RemoteAsker(client)


def _say_ready() -> None:
    print("yanbao: listening to Slack  (Ctrl-C ends)", file=sys.stderr, flush=True)
