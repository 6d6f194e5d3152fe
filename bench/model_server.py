"""An OpenAI-compatible server on this machine that plays a language model, well or badly.

Used by `bench/llm_failures.py` and by the tests of the model reader. Nothing in it is a model: what
it says is scripted, how it says it is one of the ways in which real servers fail.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

Script = Callable[[str], str]
"""The user's message, sources and all → what the model says."""

MANNERS: Final = (
    "429",
    "500",
    "html",
    "stall",
    "stall_midway",
    "trickle",
    "garbage",
    "not_json",
    "endless",
    "flood",
    "cut",
    "empty",
)
"""Ways to fail; `well` is none of them."""

_SOURCE: Final = re.compile(r'<资料-\w+ 编号="(\d+)"[^>]*>\n(.*?)\n</资料-\w+>', re.DOTALL)


def sources_in(prompt: str) -> dict[int, str]:
    """The numbered sources of a prompt."""
    return {int(number): text for number, text in _SOURCE.findall(prompt)}


def quoting(prompt: str) -> str:
    """An honest answer: the first whole sentence of the first source, with its marker."""
    for number, text in sources_in(prompt).items():
        for sentence in re.findall(r"[^。！？\n]{8,120}。", text):
            return f"{sentence[:-1]}[{number}]。"
    return "无法回答。"


class ModelServer(ThreadingHTTPServer):
    """The server; `manner` and `script` may be changed while it runs."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.manner = "well"
        self.script: Script = quoting
        self.prompts: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """What `YANBAO_OPENAI_BASE_URL` is set to."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is the very thing that is tested."""


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """A running server, stopped at the end."""
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet."""

    def do_GET(self) -> None:
        self._whole(200, "application/json", b'{"object":"list","data":[{"id":"fake-1"}]}')

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = body["messages"][-1]["content"]
        self.server.bodies.append(body)
        self.server.prompts.append(prompt)
        manner = self.server.manner
        with suppress(ConnectionError, TimeoutError):
            if manner in ("429", "500"):
                self._whole(int(manner), "application/json", b'{"error":{"message":"no"}}')
            elif manner == "html":
                self._whole(200, "text/html", b"<html><body>Bad Gateway</body></html>" * 50)
            elif manner == "stall":
                self.server.closing.wait(60)
            else:
                self._stream(manner, self.server.script(prompt))

    def _stream(self, manner: str, said: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        speak = getattr(self, f"_{manner}", self._well)
        speak(said)

    def _well(self, said: str) -> None:
        for at in range(0, len(said), 7):
            self._words(said[at : at + 7])
        self._raw(self._event("", "stop") + b"data: [DONE]\n\n")

    def _stall_midway(self, said: str) -> None:
        self._words(said[: max(4, len(said) // 2)])
        self.server.closing.wait(60)

    def _trickle(self, said: str) -> None:
        for byte in self._event(said * 20):
            self._raw(bytes([byte]))
            if self.server.closing.wait(0.1):
                return

    def _garbage(self, _: str) -> None:
        self._raw(bytes(range(256)) * 64)

    def _not_json(self, _: str) -> None:
        self._raw(b"data: {not json}\n\n")

    def _endless(self, said: str) -> None:
        until = time.monotonic() + 60
        while not self.server.closing.is_set() and time.monotonic() < until:
            self._words(said or "同一句话。")

    def _flood(self, _: str) -> None:
        until = time.monotonic() + 60
        while not self.server.closing.is_set() and time.monotonic() < until:
            self._raw(b"x" * 65536)

    def _cut(self, said: str) -> None:
        self._words(said[: max(4, len(said) // 2)])
        self._raw(self._event(said)[:20])

    def _empty(self, _: str) -> None:
        self._raw(self._event("", "stop") + b"data: [DONE]\n\n")

    def _words(self, words: str) -> None:
        self._raw(self._event(words))

    def _event(self, words: str, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": {"content": words}, "finish_reason": finish}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "fake-1"}
        return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()

    def _raw(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def _whole(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
