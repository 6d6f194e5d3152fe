"""A local Slack: its Web API over real HTTP, and the requests that it would sign and send.

Used by `bench/slack.py` and the tests of the bot; knows the limits that Slack enforces.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from service.slack.signing import signature_of

SECRET: Final = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105  # the example of Slack's docs
TOKEN: Final = "xoxb-local-fake"  # noqa: S105  # opens nothing: the fake asks for it
TEAM, BOT_USER, BOT_ID, CHANNEL = "T0001", "UBOT", "BBOT", "C0001"

Fault = Callable[[str, int], "tuple[int, dict[str, str], Any] | None"]
"""(method, number of its calls before) → status, headers, JSON; None: it works."""

_numbers = itertools.count(1)


class FakeSlack:
    """Slack's side: what was called, in order, and what it shall answer.

    Attributes:
        calls: method and arguments of each call that worked.
        faults: asked before each call.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[tuple[str, dict[str, Any]]] = []
        self.faults: Fault = lambda method, number: None
        self.url = ""
        self.websocket = ""
        self._changed = threading.Condition()
        self._seen: dict[str, int] = {}

    def called(self, method: str) -> list[dict[str, Any]]:
        """The arguments of all calls of one method."""
        with self._changed:
            return [given for name, given in self.calls if name == method]

    def wait_for(
        self, method: str, count: int = 1, timeout_s: float = 20.0
    ) -> list[dict[str, Any]]:
        """The arguments, once `count` calls are there.

        Raises:
            TimeoutError: they did not come.
        """
        with self._changed:
            there = self._changed.wait_for(
                lambda: sum(name == method for name, _ in self.calls) >= count, timeout_s
            )
        if not there:
            raise TimeoutError(f"{len(self.called(method))} of {count} calls of {method}")
        return self.called(method)

    def answer(self, path: str, given: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of one call."""
        method = "response_url" if path.startswith("/hooks/") else path.removeprefix("/api/")
        with self._changed:
            number = self._seen.get(method, 0)
            self._seen[method] = number + 1
            fault = self.faults(method, number) or over_limit(given)
            (self.refused if fault else self.calls).append((method, given))
            self._changed.notify_all()
        if fault:
            return fault
        return 200, {}, self._reply(method)

    def _reply(self, method: str) -> Any:
        known = {
            "auth.test": {
                "user_id": BOT_USER,
                "bot_id": BOT_ID,
                "team_id": TEAM,
                "url": "https://x.slack.com/",
            },
            "apps.connections.open": {"url": self.websocket},
        }
        return {"ok": True, "ts": f"1700000000.{next(_numbers):06d}", **known.get(method, {})}


def over_limit(given: dict[str, Any]) -> tuple[int, dict[str, str], Any] | None:
    """What Slack says to a message over its limits."""
    blocks = given.get("blocks") or []
    texts = [one["text"] for block in blocks for one in _objects(block)]
    too_long = any(not 0 < len(text) <= 3000 for text in texts)
    if len(blocks) > 50 or too_long or len(str(given.get("text") or "")) > 40_000:
        return 200, {}, {"ok": False, "error": "invalid_blocks"}
    return None


def _objects(block: dict[str, Any]) -> list[dict[str, Any]]:
    if block["type"] == "section":
        return [block["text"]]
    return list(block["elements"]) if block["type"] == "context" else []


@contextmanager
def fake_slack() -> Iterator[FakeSlack]:
    """Slack on a free port of this machine."""
    fake = FakeSlack()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            if "json" in self.headers.get("content-type", ""):
                given = json.loads(body or "{}")
            else:
                given = dict(urllib.parse.parse_qsl(body))
            status, headers, reply = fake.answer(self.path, given)
            content = json.dumps(reply).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers with which Slack sends `body`."""
    timestamp = str(int(time.time() if at is None else at))
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature_of(secret, timestamp, body),
        "Content-Type": "application/json",
    }


def event(text: str, kind: str = "app_mention", **more: Any) -> dict[str, Any]:
    """The outer event of a message to the bot, with ids of its own."""
    number = next(_numbers)
    inner = {
        "type": kind,
        "user": "U0001",
        "text": f"<@{BOT_USER}> {text}" if kind == "app_mention" else text,
        "ts": f"1700000001.{number:06d}",
        "channel": CHANNEL,
        "team": TEAM,
        **more,
    }
    return {
        "token": "unused",
        "team_id": TEAM,
        "api_app_id": "A0001",
        "type": "event_callback",
        "event_id": f"Ev{number:08d}",
        "event_time": 1_700_000_001,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        "event": inner,
    }


def packed(payload: dict[str, Any]) -> bytes:
    """An outer event as it is sent."""
    return json.dumps(payload).encode()
