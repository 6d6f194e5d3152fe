"""Envelope: what every HTTP exchange carries: a request id, safe headers, a count, no traceback.

Outermost part of the HTTP app.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import Metrics
from service.problems import problem_response

access_log = logging.getLogger("yanbao.access")

CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Only our own files run: a report that holds markup can neither run nor fetch anything. `blob:` is
for pictures of pages, which are fetched with the key and shown from memory."""

SAFE_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods that are counted by name; the rest are one, or a client could fill the memory."""


class Envelope:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log_access: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._log_access = log_access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, whatever happens inside."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # the server sends its head and drops its body
        request = Request(scope, receive)
        request.state.request_id = request_id(request.headers.get("x-request-id"))
        began = time.perf_counter()
        status = 0

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), request.state.request_id)
            await send(message)

        try:
            await self._app(scope, receive, send_enveloped)
        except Exception as error:
            if status:
                raise  # half an answer is out; only closing the connection is honest
            await problem_response(request, error)(scope, receive, send_enveloped)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", "unmatched")
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._metrics.observe(route, method, status, seconds)
        if self._log_access:
            line: dict[str, Any] = {
                "request_id": scope["state"]["request_id"],
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            access_log.info(json.dumps(line))


def request_id(sent: str | None) -> str:
    """The caller's id in harmless characters, or a new one."""
    kept = re.sub(r"[^A-Za-z0-9._:/+=-]", "", sent or "")[:128]
    return kept or uuid.uuid4().hex


def _add_headers(headers: MutableHeaders, this_request: str) -> None:
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-ID"] = this_request
