"""The Python client against the real server, and against one that fails in every way it may."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from corpus.errors import ClientError
from service.client import AsyncClient, Cited, Client, Delta, Done, Meta, Replace
from service.client_events import EventReader
from service.client_wire import MOST_WAIT_S, Call, wait_s
from service.schemas import AskRequest, FilterRequest, Turn

QUESTION = "蓝色光标 2024 年的 EPS 是多少？"


@pytest.fixture
def client(site):
    with Client(site.url) as opened:
        yield opened


# --- what it can do ---


def test_an_answer_is_typed_and_the_same_as_over_http(client, site):
    answer = client.ask(QUESTION)
    raw = site.ask({"question": QUESTION}).json()
    volatile = {"id", "timings_ms"}
    assert answer.model_dump(mode="json", exclude=volatile) == {
        k: v for k, v in raw.items() if k not in volatile
    }
    assert answer.citations[0].cell.value == "0.23"


def test_history_filters_and_further_fields_go_along(client):
    turns = [Turn(role="user", content=QUESTION)]
    assert "2023" in client.ask("那 2023 年呢？", turns).standalone_question
    house = client.ask(QUESTION, filters=FilterRequest(brokers=["东吴证券"]), top_k=2)
    assert {one.broker for one in house.citations} == {"东吴证券"}
    assert len(house.passages) <= 2
    assert client.ask(AskRequest(question=QUESTION)).citations


def test_the_stream_joins_to_the_answer(client):
    events = list(client.stream(QUESTION))
    assert isinstance(events[0], Meta)
    assert isinstance(events[-1], Done)
    words = "".join(event.text for event in events if isinstance(event, Delta))
    assert words == events[-1].response.answer
    cited = [event.citation for event in events if isinstance(event, Cited)]
    assert cited == events[-1].response.citations


def test_search_reports_text_and_facts(client):
    assert client.search("Sora", k=3).hits[0].text
    reports = list(client.reports(status="indexed"))
    assert len(reports) == 2
    cited = client.ask(QUESTION).citations[0]
    assert client.text(cited.report_id)[cited.start : cited.end] == cited.quote
    assert client.report(cited.report_id).report_id == cited.report_id
    facts = list(client.facts(company="蓝色光标", period="2024E"))
    assert facts
    assert {fact.period for fact in facts} == {"2024"}


def test_pages_are_fetched_to_the_last(client, monkeypatch):
    whole = [fact.fact_id for fact in client.facts(company="蓝色光标")]
    monkeypatch.setattr("service.client_wire.PAGE", 3)
    assert [fact.fact_id for fact in client.facts(company="蓝色光标")] == whole
    assert len(whole) > 3
    monkeypatch.setattr("service.client_wire.PAGE", 1)
    assert len(list(client.reports())) == 2


def test_an_answer_can_be_looked_up_and_voted_on(client):
    answer = client.ask(QUESTION)
    assert client.answer(answer.id) == answer
    assert client.feedback(answer.id, "down", "年份不对", user="me").startswith("fb_")


def test_reports_arrive_and_go(serve_with, tmp_path, samples):
    from indexer.build import build

    build([samples], tmp_path / "index")
    site = serve_with(
        index=tmp_path / "index", store=tmp_path / "s.sqlite3", api_key="a-key-for-tests"
    )
    note = tmp_path / "测试纪要.txt"
    note.write_text("测试纪要\n\n公司2024年新建了三座工厂，投资12亿元。\n", encoding="utf-8")
    with Client(site.url, key="a-key-for-tests") as yanbao:
        job = yanbao.wait(yanbao.upload([note]), every_s=0.05)
        assert job.status == "done"
        (report_id,) = [file.report_id for file in job.files]
        assert yanbao.report(report_id).status == "indexed"
        assert yanbao.delete(report_id) is None
        with pytest.raises(ClientError) as refused:
            yanbao.report(report_id)
        assert refused.value.status == 404
    with Client(site.url) as stranger, pytest.raises(ClientError) as refused:
        stranger.upload([note])
    assert refused.value.status == 401


def test_the_async_client_does_the_same(site):
    async def all_of_it():
        async with AsyncClient(site.url) as yanbao:
            answer = await yanbao.ask(QUESTION)
            events = [event async for event in yanbao.stream(QUESTION)]
            hits = (await yanbao.search("Sora", 2)).hits
            reports = [report async for report in yanbao.reports()]
            facts = [fact async for fact in yanbao.facts(company="蓝色光标")]
            voted = await yanbao.feedback(answer.id, "up")
            return answer, events, hits, reports, facts, voted

    answer, events, hits, reports, facts, voted = asyncio.run(all_of_it())
    assert events[-1].response.answer == answer.answer
    assert len(hits) == len(reports) == 2
    assert facts
    assert voted.startswith("fb_")


# --- what it does when things go wrong ---


@contextmanager
def failing(*answers):
    """A server that gives these replies in turn: (status, headers, body); None: hangs up."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("content-length") or 0))
            reply = answers[min(len(seen), len(answers) - 1)]
            seen.append(self.path)
            if reply is None:
                self.connection.close()
                return
            status, headers, body = reply
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_DELETE = do_POST  # noqa: N815

        def handle_one_request(self):
            try:
                super().handle_one_request()
            except (ValueError, OSError):
                self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


BUSY = (503, {"Retry-After": "7"}, b'{"detail": "full"}')
HITS = (200, {}, b'{"hits": []}')


@pytest.mark.parametrize("busy", [BUSY, (429, {}, b""), None])
def test_what_passes_is_waited_for(busy):
    waits = []
    with failing(busy, busy, HITS) as (url, seen), Client(url, sleep=waits.append) as yanbao:
        assert yanbao.search("x").hits == []
        assert len(seen) == 3
    assert len(waits) == 2
    if busy is BUSY:
        assert all(7 <= one < 8 for one in waits)


def test_after_the_last_try_the_problem_is_told():
    with (
        failing(BUSY) as (url, seen),
        Client(url, tries=3, sleep=lambda _: None) as yanbao,
        pytest.raises(ClientError, match="503: full") as told,
    ):
        yanbao.ask(QUESTION)
    assert len(seen) == 3
    assert (told.value.status, told.value.problem) == (503, {"detail": "full"})


def test_a_refusal_is_not_sent_again():
    with failing((422, {}, b'{"detail": "no"}')) as (url, seen), Client(url) as yanbao:
        with pytest.raises(ClientError, match="422"):
            yanbao.ask(QUESTION)
        assert len(seen) == 1


def test_what_may_have_been_done_is_not_done_twice(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("a")
    waits = []
    with failing(None) as (url, seen), Client(url, sleep=waits.append) as yanbao:
        for call in (
            lambda: yanbao.feedback("ans_1", "up"),
            lambda: yanbao.upload([file]),
            lambda: yanbao.delete("r"),
        ):
            with pytest.raises(ClientError, match="cannot be reached"):
                call()
        assert len(seen) == 3
    assert waits == []


def test_an_upload_that_was_put_off_is_sent_whole_again(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("words")
    job = {"job_id": "job_1", "status": "done", "files": [], "progress": {"done": 0, "total": 0}}
    answers = (BUSY, (202, {}, json.dumps(job).encode()))
    with failing(*answers) as (url, _), Client(url, sleep=lambda _: None) as yanbao:
        assert yanbao.upload([file]).job_id == "job_1"


def test_nobody_there_is_told_in_words():
    with (
        Client("http://127.0.0.1:9", tries=2, sleep=lambda _: None) as yanbao,
        pytest.raises(ClientError, match="is the server running"),
    ):
        yanbao.search("x")


def test_a_stream_that_breaks_is_an_error_and_one_that_was_put_off_is_not():
    done = b'event: delta\ndata: {"text": "a"}\n\n'
    broken = done + b'event: error\ndata: {"status": 503, "detail": "gone"}\n\n'
    stream = {"Content-Type": "text/event-stream"}
    with (
        failing(BUSY, (200, stream, broken)) as (url, _),
        Client(url, sleep=lambda _: None) as yanbao,
    ):
        events = yanbao.stream(QUESTION)
        assert next(events) == Delta("a")
        with pytest.raises(ClientError, match="gone"):
            next(events)


def test_the_async_client_waits_too():
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    async def search(url):
        async with AsyncClient(url, sleep=sleep) as yanbao:
            return (await yanbao.search("x")).hits

    with failing(BUSY, None, HITS) as (url, _):
        assert asyncio.run(search(url)) == []
    assert len(waits) == 2


def test_a_wrong_question_is_refused_before_it_is_sent(client):
    for wrong in ("", "问" * 2001):
        with pytest.raises(ClientError, match="no question"):
            client.ask(wrong)
    with pytest.raises(ClientError, match="top_k"):
        client.ask(QUESTION, top_k=0)


def test_another_server_is_told_apart():
    with (
        failing((200, {}, b'{"hello": 1}')) as (url, _),
        Client(url) as yanbao,
        pytest.raises(ClientError, match="another shape"),
    ):
        yanbao.ask(QUESTION)


def test_waits_grow_are_bounded_and_read_dates():
    broken = httpx.ConnectError("x")
    assert 0.12 <= wait_s(0, broken) <= 0.25
    assert wait_s(50, broken) <= MOST_WAIT_S

    def asked(value):
        return wait_s(0, httpx.Response(503, headers={"Retry-After": value}))

    assert 3 <= asked(formatdate(time.time() + 4.5, usegmt=True)) <= 5
    assert asked(formatdate(time.time() - 900, usegmt=True)) < 0.1
    assert asked("999999999999") <= MOST_WAIT_S + 0.1
    assert asked("soon") <= 0.25


def test_events_of_a_stream_are_put_together_line_by_line():
    reader = EventReader()
    lines = [": ping", "event: replace", 'data: {"index": 2,', 'data: "text": "b"}', ""]
    assert [reader.line(one) for one in lines] == [None] * 4 + [Replace(2, "b")]
    assert [reader.line(one) for one in ("event: later", "data: {}", "")] == [None] * 3


def test_a_call_may_have_no_tries_only_by_mistake():
    with pytest.raises(ValueError, match="tries"):
        Client(tries=0)
    assert Call("GET", "/", lambda _: None).repeatable
