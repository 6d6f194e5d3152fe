"""Streaming: an answer as server-sent events, from the computing thread to the reader's socket.

Stands between the answerer and the routes that stream. Pieces joined in order are the answer.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from service.citing import Citer
from service.problems import problem_of
from service.reading.draft import Statement
from service.schemas import AskResponse, Citation

HEARTBEAT_S: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies close what is silent for longer."""

MEDIA_TYPE: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: meta, delta, replace, citation, done or error; `data` is JSON in one line."""

    name: str
    data: str

    def wire(self) -> bytes:
        """As it goes over the line."""
        return f"event: {self.name}\ndata: {self.data}\n\n".encode()


class ListenerLeft(Exception):  # no fault: the reader has closed the connection
    """Nobody listens any more; the work ends."""


class Listener(Protocol):
    """Takes the events of one answer while it is made."""

    def tell(self, event: Event) -> None:
        """Passes an event on.

        Raises:
            ListenerLeft: nobody listens any more.
        """

    def gone(self) -> bool:
        """True once nobody listens any more."""


class Channel:
    """Events from a computing thread to the event loop that made the channel."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
        self._left = threading.Event()

    def tell(self, event: Event) -> None:
        """Passes an event on; from any thread."""
        if self._left.is_set():
            raise ListenerLeft
        self._put(event)

    def gone(self) -> bool:
        """True once the reader has left."""
        return self._left.is_set()

    def leave(self) -> None:
        """Tells the computing thread to stop."""
        self._left.set()

    def ended(self, task: asyncio.Task[Any]) -> None:
        """Closes the channel with what its work ended with."""
        self._put(None if task.cancelled() else task.exception())

    async def next(self, timeout_s: float | None = None) -> Event | None:
        """The next event; None at the end.

        Raises:
            TimeoutError: none within `timeout_s`.
            Exception: what the work failed with.
        """
        async with asyncio.timeout(timeout_s):
            item = await self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _put(self, item: Event | BaseException | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)


def meta_event(response: AskResponse) -> Event:
    """What is known before the first word."""
    shown = {"id", "question", "standalone_question", "conversation_id", "snapshot", "models"}
    return Event("meta", response.model_dump_json(include=shown))


def delta_event(text: str) -> Event:
    """The next words of the answer."""
    return Event("delta", json.dumps({"text": text}, ensure_ascii=False))


def replace_event(index: int, text: str) -> Event:
    """Other words for delta number `index` (from 0); empty: it is withdrawn."""
    return Event("replace", json.dumps({"index": index, "text": text}, ensure_ascii=False))


def citation_event(citation: Citation) -> Event:
    """A citation, sent before the first words that use its marker."""
    return Event("citation", citation.model_dump_json())


def done_event(text: str) -> Event:
    """The whole response; `text` is its JSON."""
    return Event("done", text)


def tell_whole(response: AskResponse, listener: Listener) -> None:
    """A finished answer, sentence by sentence, each behind its citations."""
    listener.tell(meta_event(response))
    open_ = {c.marker: c for c in response.citations}
    for words, markers in sentences(response):
        for marker in markers:
            if marker in open_:
                listener.tell(citation_event(open_.pop(marker)))
        listener.tell(delta_event(words))
    for citation in open_.values():
        listener.tell(citation_event(citation))


def sentences(response: AskResponse) -> Iterator[tuple[str, list[int]]]:
    """The answer cut where its sentences begin, each piece with its markers."""
    starts: list[tuple[int, list[int]]] = []
    at = 0
    for support in response.support:
        found = response.answer.find(support.sentence, at)
        if found < 0:
            continue
        starts.append((found if starts else 0, support.markers))
        at = found + len(support.sentence)
    starts = starts or [(0, [])]
    ends = [start for start, _ in starts[1:]] + [len(response.answer)]
    for (start, markers), end in zip(starts, ends, strict=True):
        yield response.answer[start:end], markers


class Teller:
    """Tells an answer while it is made: each statement at once, at the end what differs.

    Args:
        response: names id, snapshot and models of the answer to come.
        citer: numbers evidence as the final answer will.
    """

    def __init__(self, response: AskResponse, citer: Citer, listener: Listener | None) -> None:
        self._listener = listener
        self._citer = citer
        self._said: list[str] = []
        self._cited = 0
        if listener is not None:
            listener.tell(meta_event(response))

    def gone(self) -> bool:
        """True once nobody listens any more."""
        return self._listener is not None and self._listener.gone()

    def say(self, statement: Statement) -> None:
        """Tells one statement with the citations that it is the first to use."""
        if self._listener is None:
            return
        words = self._citer.compose([statement]).answer
        self._cite(self._citer.citations)
        self._said.append(words)
        self._listener.tell(delta_event(words))

    def rest(self, response: AskResponse) -> None:
        """Tells what was not said yet, and puts right what was said otherwise."""
        if self._listener is None:
            return
        final = [words for words, _ in sentences(response)]
        self._cite(response.citations)
        for index, said in enumerate(self._said):
            words = final[index] if index < len(final) else ""
            if said != words:
                self._listener.tell(replace_event(index, words))
        for words in final[len(self._said) :]:
            self._listener.tell(delta_event(words))

    def _cite(self, citations: list[Citation]) -> None:
        if self._listener is not None:
            for citation in citations[self._cited :]:
                self._listener.tell(citation_event(citation))
        self._cited = max(self._cited, len(citations))


async def events_response(
    work: Callable[[Channel], Awaitable[Any]],
    wire: Callable[[Event], bytes] = Event.wire,
    fault: Callable[[Exception, str], bytes] | None = None,
    request_id: str = "",
    heartbeat_s: float = HEARTBEAT_S,
) -> Response:
    """The stream of what `work` tells its channel.

    Args:
        work: starts computing; what it raises before its first event is raised here.
        wire: how an event goes over the line. `fault`: how an error after the first one does.
    """
    channel = Channel()
    task = asyncio.ensure_future(work(channel))
    task.add_done_callback(channel.ended)
    first = await channel.next()
    fault = fault or error_wire

    async def lines() -> AsyncIterator[bytes]:
        event = first
        while event is not None:
            if line := wire(event):
                yield line
            while True:
                try:
                    event = await channel.next(heartbeat_s)
                    break
                except TimeoutError:
                    yield b": still working\n\n"
                except Exception as error:
                    yield fault(error, request_id)
                    return

    def leave() -> None:
        channel.leave()
        task.cancel()

    return EventStream(lines(), leave)


def error_wire(error: Exception, request_id: str) -> bytes:
    """An error after the first byte, as an event with the problem document."""
    return Event("error", problem_of(error).body(request_id).decode()).wire()


class EventStream(Response):
    """Sends lines until they end or the reader leaves; `leave` is called in either case."""

    media_type = MEDIA_TYPE

    def __init__(self, lines: AsyncIterator[bytes], leave: Callable[[], None]) -> None:
        self._lines = lines
        self._leave = leave
        self.status_code = 200
        self.background = None
        # A proxy that gathers a reply before it passes it on would make a stream pointless.
        self.init_headers({"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the stream; ends early when the reader closes the connection."""
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            ended = sending.done()
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if ended:
            sending.result()

    async def _send(self, send: Send) -> None:
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(head)
        async for line in self._lines:
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
