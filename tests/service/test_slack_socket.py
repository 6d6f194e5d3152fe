"""`yanbao slack`: the real command over a real websocket to a local Slack."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

import yanbao

from .test_slack import QUESTION, words_of


class Line:
    """Slack's end of the websocket: sends envelopes, keeps what is acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.changed = threading.Condition()
        self.socket: web.WebSocketResponse | None = None
        self.loop = asyncio.new_event_loop()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        with self.changed:
            self.socket = socket
            self.changed.notify_all()
        async for message in socket:
            if message.type == WSMsgType.TEXT and "envelope_id" in message.data:
                with self.changed:
                    self.acknowledged.append(json.loads(message.data)["envelope_id"])
                    self.changed.notify_all()
        return socket

    def send(self, payload: dict, envelope: str) -> None:
        content = {"type": "events_api", "envelope_id": envelope, "payload": payload}
        sending = self.socket.send_str(json.dumps(content))
        asyncio.run_coroutine_threadsafe(sending, self.loop).result(10)

    def wait(self, true) -> None:
        with self.changed:
            assert self.changed.wait_for(true, 30)


@contextmanager
def line():
    made = Line()
    app = web.Application()
    app.router.add_get("/link", made.handle)
    started = threading.Event()
    runner = web.AppRunner(app)

    async def serve():
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.url = f"ws://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/link"
        started.set()

    def run():
        asyncio.set_event_loop(made.loop)
        made.loop.run_until_complete(serve())
        made.loop.run_forever()
        made.loop.run_until_complete(runner.cleanup())
        made.loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(10)
    try:
        yield made
    finally:
        made.loop.call_soon_threadsafe(made.loop.stop)
        thread.join(10)


def start(tmp_path, index, slack=None, words=(), **environment):
    given = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", **environment}
    if slack:
        given["YANBAO_SLACK_API_URL"] = f"{slack.url}api/"
    command = [sys.executable, str(Path(yanbao.__file__)), "slack", "--index", str(index), *words]
    return subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, **{k: v for k, v in given.items() if v}},
        stderr=subprocess.PIPE,
        text=True,
    )


def last_words(process):
    """What it says until it ends by itself."""
    try:
        return process.communicate(timeout=30)[1]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_socket_mode_answers_once_acknowledges_all_and_ends_with_zero(
    fakes,
    sample_index,
    tmp_path,
):
    with fakes.fake_slack() as slack, line() as wire:
        slack.websocket = wire.url
        process = start(tmp_path, sample_index, slack)
        try:
            wire.wait(lambda: wire.socket is not None)
            event = fakes.event(QUESTION)
            for number in range(3):
                wire.send(event, f"e{number}")
            wire.wait(lambda: len(wire.acknowledged) == 3)
            (posted,) = slack.wait_for("chat.postMessage")
            assert "0.23" in words_of(posted)
            slack.wait_for("reactions.remove")
        finally:
            process.send_signal(signal.SIGTERM)
            said = last_words(process)
        assert process.returncode == 0, said
        assert said.splitlines() == ["yanbao: listening to Slack  (Ctrl-C ends)"]
        assert len(slack.called("chat.postMessage")) == 1


def test_the_bot_may_ask_a_server_over_http(fakes, site, tmp_path):
    with fakes.fake_slack() as slack, line() as wire:
        slack.websocket = wire.url
        nowhere = tmp_path / "no-index"
        process = start(tmp_path, nowhere, slack, words=("--url", site.url))
        try:
            wire.wait(lambda: wire.socket is not None)
            wire.send(fakes.event(QUESTION), "e1")
            (posted,) = slack.wait_for("chat.postMessage")
            assert "0.23" in words_of(posted)
        finally:
            process.send_signal(signal.SIGTERM)
            said = last_words(process)
        assert process.returncode == 0, said


def test_a_refused_token_is_one_line_and_exit_one(fakes, sample_index, tmp_path):
    with fakes.fake_slack() as slack:
        slack.faults = lambda method, number: (
            (200, {}, {"ok": False, "error": "invalid_auth"})
            if method == "apps.connections.open"
            else None
        )
        process = start(tmp_path, sample_index, slack)
        said = last_words(process)
    assert process.returncode == 1
    assert said.count("\n") == 1
    assert "invalid_auth" in said


@pytest.mark.parametrize("missing", ["SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"])
def test_a_missing_token_is_named_at_once(tmp_path, missing, monkeypatch, capsys):
    for name in {"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"} - {missing}:
        monkeypatch.setenv(name, "x")
    assert yanbao.main(["slack", "--index", str(tmp_path / "no-index")]) == 2
    assert missing in capsys.readouterr().err
