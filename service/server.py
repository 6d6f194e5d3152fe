"""Server: runs the HTTP app on a socket until it is told to stop.

Stands between the command `serve` and the app. uvicorn sets no deadline for request heads and ends
by killing itself with the signal it got; both are mended here.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from corpus.errors import ServiceError
from service.app import create_app
from service.envelope import SAFE_HEADERS, access_log, request_id
from service.live import LiveIndex
from service.problems import MEDIA_TYPE, Problem
from service.settings import Settings

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
"""Connections that may wait to be accepted; uvicorn's own default."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        ServiceError: the address is taken, unknown or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where the protocol is named; else replies take 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ServiceError(
            f"cannot listen on {host}:{port}: {reason}; try another --port"
        ) from None
    return listener


def serve(settings: Settings, live: LiveIndex, listener: socket.socket) -> None:
    """Answers requests on `listener` until SIGINT or SIGTERM, then finishes those in flight."""
    make_server(settings, live).run(sockets=[listener])


def make_server(settings: Settings, live: LiveIndex | None = None) -> QuietServer:
    """The server over the index that `settings` name; `live`: that index, open already."""
    if settings.access_log:
        _log_requests()
    config = uvicorn.Config(
        create_app(settings, live),
        loop="asyncio",
        http=deadline_protocol(settings.header_timeout_s),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",  # its warnings tell of clients' faults, which any client could multiply
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    return QuietServer(config)


def _log_requests() -> None:
    """Sends one bare JSON line per request to standard error, whatever else is logged."""
    if not access_log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        access_log.addHandler(handler)
    access_log.setLevel(logging.INFO)
    access_log.propagate = False


class QuietServer(uvicorn.Server):
    """uvicorn that returns after a signal instead of raising it again: a wish is no failure."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends gracefully at the first SIGINT or SIGTERM, at once at the second."""

        def stop(number: int, frame: FrameType | None) -> None:
            self.force_exit = self.should_exit
            self.should_exit = True

        if threading.current_thread() is not threading.main_thread():
            yield  # signals reach the main thread only
            return
        handled = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, stop) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def deadline_protocol(timeout_s: float) -> type[asyncio.Protocol]:
    """HTTP/1.1 that closes connections on which no request is being answered for `timeout_s`."""
    return type("_DeadlineProtocol", (DeadlineProtocol,), {"timeout_s": timeout_s})


class DeadlineProtocol(H11Protocol):
    """uvicorn's protocol with a deadline for heads, for bodies and for replies that nobody reads.

    Attributes:
        timeout_s: seconds; set by `deadline_protocol`, because uvicorn makes the instances.
    """

    timeout_s = 10.0
    _idle_since = 0.0
    _was_unread = False

    def connection_made(self, transport: Any) -> None:
        """Starts the clock with the connection."""
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self.loop.call_later(self.timeout_s, self._close_if_idle)

    def on_response_complete(self) -> None:
        """Starts the clock again: the next request on this connection may be slow too."""
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Answers bytes that are no request with a problem document, then closes."""
        this_request = request_id(None)
        body = Problem(400, "This is not an HTTP request.").body(this_request)
        head = [
            ("Content-Type", MEDIA_TYPE),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
            ("X-Request-ID", this_request),
            *SAFE_HEADERS.items(),
        ]
        answer = (
            h11.Response(status_code=400, headers=head, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )
        try:
            for event in answer:
                self.transport.write(self.conn.send(event) or b"")
        except h11.LocalProtocolError:
            log.info("garbage after a response; the connection is closed")
        self.transport.close()

    def _close_if_idle(self) -> None:
        if self.transport.is_closing():
            return
        busy = self.cycle is not None and not self.cycle.response_complete
        unread = busy and self.flow.write_paused and self._was_unread
        self._was_unread = busy and self.flow.write_paused
        left = self.timeout_s if busy else self._idle_since + self.timeout_s - self.loop.time()
        if left <= 0 or unread:
            self.transport.abort()  # close() would wait for a peer that may never read
        else:
            self.loop.call_later(left, self._close_if_idle)
