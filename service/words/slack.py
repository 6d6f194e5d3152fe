"""`yanbao slack`: the Slack bot in Socket Mode, over the index of this machine.

Stands behind the command; imports Bolt only when it runs.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from service.settings import Settings


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Runs the bot until SIGINT or SIGTERM; returns 0.

    Raises:
        ServiceError: a token is missing, or Slack, index or store cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="yanbao slack", description="The Slack bot in Socket Mode; see docs/slack.md."
    )
    parser.parse_args(list(arguments))
    asyncio.run(_run(settings))
    return 0


async def _run(settings: Settings) -> None:
    from service.limits import WorkPool
    from service.opening import live_index
    from service.slack.asking import LocalAsker
    from service.slack.socket_mode import run
    from service.store import Store

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    store, pool, live = (
        Store(settings.store),
        WorkPool(settings.workers, settings.queue),
        live_index(settings),
    )
    live.start()
    try:
        asker = LocalAsker(live, pool, settings.ask_timeout_s)
        await run(settings, store, asker, stopped, _say_ready)
    finally:
        pool.close()
        live.close()
        store.close()


def _say_ready() -> None:
    print("yanbao: listening to Slack  (Ctrl-C ends)", file=sys.stderr, flush=True)
