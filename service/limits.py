"""Limits: how much of a body is read and how much work is taken on at once.

Stands at the border, between the socket and the answer: no request may hold memory, time or threads
without bound.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from starlette.requests import ClientDisconnect, Request

from service.problems import RETRY_AFTER_S, Problem
from service.strict_json import parse_strictly

T = TypeVar("T")

JSON_TYPES: Final = ("", "application/json", "application/x-www-form-urlencoded", "text/plain")
"""The last two are what `curl -d` and bare clients say without being asked; the body decides."""


async def read_json(request: Request, max_bytes: int, timeout_s: float) -> Any:
    """The JSON value of the request's body.

    Raises:
        Problem: 408 too slow, 413 too large, 415 not JSON in UTF-8.
        MalformedJson, UnfitJson: see `strict_json`.
    """
    _check_type(request)
    body = await read_body(request, max_bytes, timeout_s)
    return parse_strictly(body)


async def read_body(request: Request, max_bytes: int, timeout_s: float) -> bytes:
    """The body, counted while it arrives: neither Content-Length nor chunks are believed.

    Raises:
        Problem: 408 if it takes longer than `timeout_s`, 413 if it is larger than `max_bytes`.
    """
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and (len(stated) > 18 or int(stated) > max_bytes):
        raise _too_large(max_bytes)
    try:
        async with asyncio.timeout(timeout_s):
            return await _collect(request, max_bytes)
    except TimeoutError:
        raise Problem(
            408,
            f"The body did not arrive within {timeout_s:g} s.",
            headers={"Connection": "close"},
        ) from None
    except ClientDisconnect:
        raise Problem(400, "The connection ended before the body did.") from None


async def _collect(request: Request, max_bytes: int) -> bytes:
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(parts)


def _too_large(max_bytes: int) -> Problem:
    return Problem(413, f"The body is larger than {max_bytes} bytes.")


def _check_type(request: Request) -> None:
    """Refuses what says of itself that it is not JSON in UTF-8."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(415, "The body is compressed; send it as it is.")
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() not in JSON_TYPES:
        raise Problem(415, "The body is not application/json.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in {"utf-8", "utf8", "us-ascii"}:
            raise Problem(415, "The charset is not UTF-8.")


class WorkPool:
    """Threads for the computing, with a bounded queue before them.

    Belongs to one event loop; only that loop's thread counts the free places.
    """

    def __init__(self, workers: int, queue: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="yanbao")
        self._free = workers + queue
        self.places = workers + queue

    @property
    def taken(self) -> int:
        """Requests that are being computed or wait for it."""
        return self.places - self._free

    async def run(self, work: Callable[[], T], timeout_s: float) -> T:
        """What `work` returns, computed in a thread.

        A place is given back when the work ends, not when its caller stops waiting: a thread that
        still computes is not free.

        Raises:
            Problem: 503 with Retry-After if no place is free or `timeout_s` is over.
        """
        if self._free == 0:
            raise _overloaded("All places are taken")
        self._free -= 1
        loop = asyncio.get_running_loop()

        def done(_: Future[T]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._give_back)

        future = self._threads.submit(work)
        future.add_done_callback(done)
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise _overloaded(f"No answer within {timeout_s:g} s") from None

    def _give_back(self) -> None:
        self._free += 1

    def close(self) -> None:
        """Waits for running work and drops what has not begun."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def _overloaded(what: str) -> Problem:
    return Problem(503, f"{what}; try again shortly.", headers={"Retry-After": str(RETRY_AFTER_S)})
