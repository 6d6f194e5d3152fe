"""The Slack bot under load: a real server, a local Slack, signed deliveries.

Exactly once: events × deliveries, in parallel, with a stop (SIGTERM) and a kill (SIGKILL) of the
server between them. Acknowledgement: 50 deliveries in parallel while every answer takes 5 s.
Run: `python bench/slack.py [--events 1000] [--deliveries 4] [--kill]` after `make index`.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measuring import ROOT, Figure, free_port, golden_questions, index_dir, machine, need_index
from measuring import report as report_figures
from slack_fake import SECRET, TOKEN, FakeSlack, event, fake_slack, packed, signed

PARALLEL = 50
ACK_LIMIT_MS = 500.0
ANSWER_S = 5.0
SLOW = """
import sys, time
from service.answering import Answerer
quick = Answerer.take
delay = float(sys.argv.pop(1))
def take(self, request):
    time.sleep(delay)
    return quick(self, request)
Answerer.take = take
import yanbao
sys.exit(yanbao.main())
"""


@contextmanager
def serving(slack: FakeSlack, store: Path, delay_s: float = 0.0) -> Iterator[tuple[int, Any]]:
    """`yanbao serve` with the bot; port and process."""
    port = free_port()
    environment = {
        **os.environ,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_BOT_TOKEN": TOKEN,
        "YANBAO_SLACK_API_URL": f"{slack.url}api/",
        "YANBAO_SLACK_PER_MINUTE": "1000000",
        "YANBAO_STORE": str(store),
    }
    command = ["serve", "--index", str(index_dir()), "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(delay_s), *command], cwd=ROOT, env=environment
    )
    try:
        _wait_until_ready(port, process)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _wait_until_ready(port: int, process: Any) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"yanbao serve exited {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server is not ready after 30 s")


def deliver(port: int, payload: dict[str, Any]) -> float | None:
    """Milliseconds until the acknowledgement; None: it was not acknowledged."""
    body = packed(payload)
    begin = time.perf_counter()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", "/slack/events", body, signed(body))
        response = connection.getresponse()
        response.read()
        connection.close()
    except (OSError, http.client.HTTPException):
        return None
    return (time.perf_counter() - begin) * 1000 if response.status == 200 else None


def once(events: int, deliveries: int, kill: bool, folder: Path) -> tuple[list[Figure], float]:
    """Every event so often, shuffled; the server ends twice on the way. Also the 99th percentile
    of the acknowledgements."""
    draw = random.Random(1)
    asked = golden_questions()
    sent = [event(draw.choice(asked), user=f"U{n}") for n in range(events)]
    queue = sent * deliveries
    draw.shuffle(queue)
    thirds = [queue[n::3] for n in range(3)]
    unacknowledged: list[dict[str, Any]] = []
    times: list[float] = []
    with fake_slack() as slack, ThreadPoolExecutor(PARALLEL) as pool:
        for number, part in enumerate(thirds):
            with serving(slack, folder / "once.sqlite3") as (port, process):
                for one, ms in zip(part, pool.map(lambda e: deliver(port, e), part), strict=True):
                    times += [ms] if ms is not None else []
                    unacknowledged += [one] if ms is None else []
                if kill and number == 1:
                    process.kill()
                if number == 2:  # Slack sends again what was not acknowledged
                    list(pool.map(lambda e: deliver(port, e), unacknowledged))
                    _settle(slack, events, 75 if kill else 30)
        threads = Counter(post["thread_ts"] for post in slack.called("chat.postMessage"))
    wanted = {one["event"]["ts"] for one in sent}
    twice = sum(count - 1 for count in threads.values())
    missing = len(wanted - set(threads))
    print(f"{len(queue)} deliveries of {events} events: {sum(threads.values())} replies")
    return [
        Figure("events answered more than once", twice, "events", 0.5),
        Figure("events not answered", missing, "events", None if kill else 0.5),
    ], statistics.quantiles(times, n=100)[98]


def _settle(slack: FakeSlack, events: int, quiet_s: float) -> None:
    """Waits until all are answered, or nothing has come for `quiet_s` (the lease of a killed
    process is 45 s)."""
    before = -1
    while (now := len(slack.called("chat.postMessage"))) < events and now != before:
        before = now
        try:
            slack.wait_for("chat.postMessage", min(events, now + 50), timeout_s=quiet_s)
        except TimeoutError:
            continue
    time.sleep(2)  # a reply too many would come now


def acknowledgements(folder: Path, rounds: int = 10) -> list[float]:
    """Milliseconds of 50 parallel deliveries, some rounds, while every answer takes 5 s."""
    times: list[float] = []
    with (
        fake_slack() as slack,
        ThreadPoolExecutor(PARALLEL) as pool,
        serving(slack, folder / "slow.sqlite3", ANSWER_S) as (port, _),
    ):
        deliver(port, event("热身"))
        for number in range(rounds):
            payloads = [event("慢问题", user=f"U{number}-{n}") for n in range(PARALLEL)]
            found = list(pool.map(lambda e: deliver(port, e), payloads))
            times += [ms for ms in found if ms is not None]
            if len(times) != (number + 1) * PARALLEL:
                raise RuntimeError("a delivery was not acknowledged")
            time.sleep(0.5)
    return times


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and prints; 3 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--deliveries", type=int, default=4)
    parser.add_argument("--kill", action="store_true", help="SIGKILL between the parts, once")
    options = parser.parse_args(argv)
    need_index()
    print(f"the Slack bot on {machine()}")
    with tempfile.TemporaryDirectory() as name:
        figures, loaded_ms = once(options.events, options.deliveries, options.kill, Path(name))
        times = acknowledgements(Path(name))
    return report_figures(
        [
            *figures,
            Figure("ack, quick answers: p99", loaded_ms, "ms"),
            Figure("ack, answers of 5 s: p50", statistics.median(times), "ms"),
            Figure(
                "ack, answers of 5 s: p99",
                statistics.quantiles(times, n=100)[98],
                "ms",
                ACK_LIMIT_MS,
            ),
            Figure("ack, answers of 5 s: slowest", max(times), "ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
