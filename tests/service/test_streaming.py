"""Streaming of `/v1/ask`: the events of the contract, over a real socket."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from typing import Any

import pytest

from service.routes.context import Service
from service.schemas import AskResponse
from service.server import listen, make_server
from service.settings import Settings
from service.streaming import Channel, Event, ListenerLeft, events_response, sentences

QUESTIONS = [
    "蓝色光标 2024 年的 EPS 是多少？",
    "Sora 是什么？",
    "有哪些风险？",
    "昆仑万维2024E的EPS比2023E高多少？",
    "报告的分析师是谁？",
    "贵州茅台 2024 年的 EPS 是多少？",
]


def events_of(body: bytes) -> list[tuple[str, Any]]:
    """What a reader of the stream sees."""
    found = []
    for block in body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line[1:])
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def dechunked(reply: Any) -> bytes:
    """The body without the marks of chunked transfer."""
    if reply.headers.get("transfer-encoding") != "chunked":
        return reply.body
    body, rest = b"", reply.body
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            break
        body, rest = body + rest[:length], rest[length + 2 :]
    return body


def streamed(site: Any, body: dict[str, Any], **headers: str) -> list[tuple[str, Any]]:
    reply = site.ask(body, **headers)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/event-stream")
    return events_of(dechunked(reply))


def fixed(answer: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in answer.items() if k not in {"id", "timings_ms"}}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_stream_ends_with_the_answer_that_is_given_without_it(site, question):
    whole = site.ask({"question": question}).json()
    events = streamed(site, {"question": question, "stream": True})
    assert [name for name, _ in events].count("done") == 1
    assert events[0][0] == "meta"
    assert events[-1][0] == "done"
    assert fixed(events[-1][1]) == fixed(whole)
    assert events[0][1]["id"] == events[-1][1]["id"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_deltas_are_the_answer_and_citations_come_before_their_marks(site, question):
    events = streamed(site, {"question": question}, Accept="text/event-stream")
    done = events[-1][1]
    said, known = "", set()
    for name, data in events:
        if name == "citation":
            known.add(data["marker"])
        if name == "delta":
            said += data["text"]
            marks = {m for m in range(1, 60) if f"[{m}]" in data["text"]}
            assert marks <= known
    assert said == done["answer"]
    assert [c for n, c in events if n == "citation"] == done["citations"]


def test_an_answer_of_several_sentences_comes_in_several_deltas(site):
    events = streamed(site, {"question": "蓝色光标 2024 年的 EPS 是多少？", "stream": True})
    assert [n for n, _ in events].count("delta") == len(events[-1][1]["support"]) > 1


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b'{"question": ""}', 422), (b'{"question": "a", "stream": 1}', 422)],
)
def test_errors_before_the_first_byte_are_plain_problems(site, body, status):
    reply = site.ask(body, Accept="text/event-stream")
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"


def test_the_streams_headers_keep_it_from_being_gathered_or_stored(site):
    headers = site.ask({"question": "Sora 是什么？", "stream": True}).headers
    assert headers["x-accel-buffering"] == "no"
    assert headers["cache-control"] == "no-store"
    assert headers["x-request-id"]


def test_sentences_joined_are_the_answer_whatever_support_says():
    response = AskResponse.model_construct(
        answer="甲 [1]。乙 [2]。",
        support=[_support("甲", [1]), _support("不在此处", [9]), _support("乙", [2])],
    )
    assert list(sentences(response)) == [("甲 [1]。", [1]), ("乙 [2]。", [2])]
    bare = AskResponse.model_construct(answer="没有。", support=[])
    assert list(sentences(bare)) == [("没有。", [])]


def _support(sentence: str, markers: list[int]) -> Any:
    from service.schemas import Support

    return Support(sentence=sentence, markers=markers, supported=True)


class Reader:
    """An ASGI client that takes messages and leaves when it is told to."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.leave = asyncio.Event()
        self.got = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.got.set()

    async def receive(self) -> dict[str, Any]:
        await self.leave.wait()
        return {"type": "http.disconnect"}

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.sent)


def test_silence_is_filled_with_comments():
    async def scene() -> bytes:
        go, reader = asyncio.Event(), Reader()

        async def work(channel: Channel) -> None:
            channel.tell(Event("meta", "{}"))
            await go.wait()
            channel.tell(Event("done", "{}"))

        response = await events_response(work, heartbeat_s=0.01)
        running = asyncio.create_task(response({}, reader.receive, reader.send))
        while b": still working" not in reader.body:
            await asyncio.sleep(0.005)
        go.set()
        await running
        return reader.body

    body = asyncio.run(scene())
    assert body.startswith(b"event: meta\ndata: {}\n\n: ")
    assert body.endswith(b"event: done\ndata: {}\n\n")


def test_a_failure_after_the_first_byte_is_an_error_event():
    async def scene() -> list[tuple[str, Any]]:
        reader = Reader()

        async def work(channel: Channel) -> None:
            channel.tell(Event("meta", "{}"))
            raise ZeroDivisionError("a secret")

        response = await events_response(work, request_id="r1")
        await response({}, reader.receive, reader.send)
        return events_of(reader.body)

    events = asyncio.run(scene())
    assert [name for name, _ in events] == ["meta", "error"]
    assert (events[1][1]["status"], events[1][1]["request_id"]) == (500, "r1")
    assert "secret" not in json.dumps(events)


def test_a_failure_before_the_first_byte_is_raised():
    async def scene() -> None:
        async def work(channel: Channel) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await events_response(work)

    asyncio.run(scene())


def test_the_work_of_a_reader_who_leaves_ends():
    async def scene() -> bool:
        reader, ended = Reader(), threading.Event()

        def computing(channel: Channel) -> None:
            channel.tell(Event("meta", "{}"))
            try:
                while True:
                    ended.wait(0.002)
                    channel.tell(Event("delta", "{}"))
            except ListenerLeft:
                ended.set()
                raise

        response = await events_response(lambda c: asyncio.to_thread(computing, c))
        running = asyncio.create_task(response({}, reader.receive, reader.send))
        await reader.got.wait()
        reader.leave.set()
        await running
        return await asyncio.to_thread(ended.wait, 5)

    assert asyncio.run(scene())


def test_readers_who_leave_at_once_give_their_places_back(sample_index, tmp_path):
    settings = Settings(
        index=sample_index, port=0, workers=1, queue=3, store=tmp_path / "store.sqlite3"
    )
    # The server's inside is looked at, so it is started by hand here.
    listener = listen(settings.host, settings.port)
    server = make_server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = ("127.0.0.1", listener.getsockname()[1])
    body = json.dumps({"question": "Sora 是什么？", "stream": True}).encode()
    head = b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
    try:
        for _ in range(12):
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(head + body)
        answered = b""
        for _ in range(500):
            connection = http.client.HTTPConnection(*address, timeout=10)
            connection.request("POST", "/v1/ask", body)
            answered = connection.getresponse().read()
            connection.close()
            if b"overloaded" not in answered:
                break
            threading.Event().wait(0.01)
        assert b"event: done" in answered
        app: Any = server.config.app
        service: Service = app.state.service
        for _ in range(500):
            if service.pool.taken == 0:
                break
            threading.Event().wait(0.01)
        assert service.pool.taken == 0
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
