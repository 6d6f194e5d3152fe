"""Kept answers, conversations by id and feedback: nothing waits for the disk, nothing is lost."""

from __future__ import annotations

import json
import threading
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import StoreError
from service.answers import MAX_WAITING, AnswerBook
from service.schemas import AskResponse, FilterRequest, Models, SnapshotInfo, Timings
from service.store import Store

FIRST = "华鑫证券预测蓝色光标2024年的EPS是多少？"


def response(number: int, conversation: str | None = None) -> AskResponse:
    return AskResponse(
        id=f"ans_{number}",
        question=f"问{number}",
        standalone_question=f"问{number}",
        answer=f"答{number}。",
        refused=True,
        reason="low_support",
        kind="refusal",
        confidence=0.5,
        missing=[],
        support=[],
        highlights=[],
        computation=None,
        others=[],
        citations=[],
        passages=[],
        snapshot=SnapshotInfo(id="s", reports=1, passages=1),
        models=Models(embedder=None, reranker=None, reader="r"),
        timings_ms=Timings(retrieve=0, read=0, total=0),
        conversation_id=conversation,
    )


def fill(book: AnswerBook, *numbers: int, conversation: str | None = None) -> None:
    for number in numbers:
        made = response(number, conversation)
        book.keep(made, made.model_dump_json(), FilterRequest())


def ids(path: Path) -> list[str]:
    store = Store(path)
    with store.reading() as connection:
        rows = connection.execute("SELECT id FROM answers ORDER BY number").fetchall()
    store.close()
    return [row["id"] for row in rows]


def test_an_answer_is_found_at_once_and_after_it_was_written(tmp_path):
    store = Store(tmp_path / "store.sqlite3")
    book = AnswerBook(store, most=10, days=1)
    fill(book, 1)
    assert book.find("ans_1").response == response(1).model_dump_json()
    book.close()
    again = AnswerBook(store, most=10, days=1)
    assert again.find("ans_1").response == response(1).model_dump_json()
    assert again.find("ans_2") is None
    store.close()


def test_a_clean_stop_loses_nothing(tmp_path):
    store = Store(tmp_path / "store.sqlite3")
    book = AnswerBook(store, most=1000, days=1)
    fill(book, *range(200))
    book.close()
    store.close()
    assert ids(tmp_path / "store.sqlite3") == [f"ans_{n}" for n in range(200)]
    assert book.lost == 0


def test_number_and_age_are_bounded_and_the_oldest_go_first(tmp_path):
    path, now = tmp_path / "store.sqlite3", 1_000_000.0
    for start in (0, 10):
        store = Store(path)
        book = AnswerBook(store, most=5, days=1, clock=lambda: now)
        fill(book, *range(start, start + 7))
        book.close()
        store.close()
    kept = ids(path)
    assert len(kept) <= 5 + 7  # each book looks when it begins to write
    assert kept == [f"ans_{n}" for n in [*range(7), *range(10, 17)]][-len(kept) :]
    now += 2 * 86_400
    store = Store(path)
    book = AnswerBook(store, most=100, days=1, clock=lambda: now)
    fill(book, 99)
    book.close()
    store.close()
    assert ids(path) == ["ans_99"]


def test_none_is_kept_where_none_is_wished(tmp_path):
    store = Store(tmp_path / "store.sqlite3")
    book = AnswerBook(store, most=0, days=1)
    fill(book, 1)
    book.close()
    assert not (tmp_path / "store.sqlite3").exists()


class SlowStore(Store):
    """A store whose disk hangs until it is let go."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go = threading.Event()

    @contextmanager
    def writing(self) -> Any:
        assert self.go.wait(20)
        with super().writing() as connection:
            yield connection


def test_a_hanging_disk_delays_nobody_and_what_is_too_much_is_counted(tmp_path):
    store = SlowStore(tmp_path / "store.sqlite3")
    book = AnswerBook(store, most=10_000, days=1)
    fill(book, *range(MAX_WAITING + 7))  # would hang here if it waited
    assert (book.waiting, book.lost) == (MAX_WAITING, 7)
    assert book.find("ans_3") is not None
    store.go.set()
    book.close()
    assert len(ids(tmp_path / "store.sqlite3")) == MAX_WAITING
    store.close()


class FullStore(Store):
    """A store whose disk is full."""

    @contextmanager
    def writing(self) -> Any:
        raise StoreError("the disk is full")
        yield


def test_a_full_disk_is_said_once_and_answers_go_on(tmp_path, caplog):
    book = AnswerBook(FullStore(tmp_path / "store.sqlite3"), most=10, days=1)
    fill(book, 1)
    while book.waiting:
        threading.Event().wait(0.002)
    fill(book, 2, 3)
    book.close()
    assert book.lost == 3
    assert [r.message for r in caplog.records] == ["answers are not kept: the disk is full"]


def test_turns_are_those_of_the_conversation_oldest_first_and_bounded(tmp_path):
    store = Store(tmp_path / "store.sqlite3")
    book = AnswerBook(store, most=100, days=1)
    fill(book, *range(3), conversation="a")
    fill(book, 50, conversation="b")
    fill(book, 60)
    assert [t.content for t in book.turns("a")] == ["问0", "答0。", "问1", "答1。", "问2", "答2。"]
    assert [t.role for t in book.turns("b")] == ["user", "assistant"]
    fill(book, *range(3, 20), conversation="a")
    book.close()
    turns = AnswerBook(store, most=100, days=1).turns("a")
    assert [t.content for t in turns][-2:] == ["问19", "答19。"]
    assert len(turns) == 20
    store.close()


# --- over HTTP ---------------------------------------------------------------------------------


def post(site, path, body):
    return site.send("POST", path, json.dumps(body).encode(), Content_Type="application/json")


def test_an_earlier_answer_is_given_again_as_it_was(site):
    for asked in ({"question": "Sora 是什么？"}, {"question": "贵州茅台的EPS是多少？"}):
        answer = site.ask(asked).json()
        assert site.get(f"/v1/answers/{answer['id']}").json() == answer
    reply = site.get("/v1/answers/ans_nobody")
    assert reply.status == 404
    assert reply.json()["type"] == "urn:yanbao:problem:unknown-answer"
    assert "nobody" not in reply.body.decode()


def test_a_conversation_is_resumed_by_its_id_and_across_a_restart(serve_with, tmp_path):
    store = tmp_path / "store.sqlite3"
    site = serve_with(store=store)
    first = site.ask({"question": FIRST, "conversation_id": "c1"}).json()
    assert first["conversation_id"] == "c1"
    follow = {"question": "那2023年呢？", "conversation_id": "c1"}
    said = site.ask(follow).json()
    assert said["standalone_question"] == "华鑫证券预测蓝色光标2023年的EPS是多少？"
    again = serve_with(store=store).ask({"question": "东吴呢？", "conversation_id": "c1"}).json()
    assert again["standalone_question"] == "东吴预测蓝色光标2023年的EPS是多少？"
    fresh = site.ask({**follow, "conversation_id": "c2"}).json()
    assert fresh["standalone_question"] == "那2023年呢？"


def test_a_history_that_is_sent_wins_over_the_kept_one(site):
    site.ask({"question": FIRST, "conversation_id": "c9"})
    turn = {"role": "user", "content": "东吴证券预测昆仑万维2024年的PE是多少？"}
    asked = {"question": "2023年呢？", "conversation_id": "c9", "history": [turn]}
    assert "昆仑万维" in site.ask(asked).json()["standalone_question"]


def test_without_a_conversation_none_is_named(site):
    assert site.ask({"question": FIRST}).json()["conversation_id"] is None


def test_feedback_keeps_question_answer_snapshot_and_user(serve_with, tmp_path):
    site = serve_with(store=tmp_path / "store.sqlite3")
    asked = {"question": FIRST, "filters": {"brokers": ["东吴证券"]}, "as_of": "2024-03-01"}
    answer = site.ask(asked).json()
    given = {"answer_id": answer["id"], "vote": "down", "comment": "单位呢？", "user": "U1"}
    reply = post(site, "/v1/feedback", given)
    assert reply.status == 201
    store = Store(tmp_path / "store.sqlite3")
    with store.reading() as connection:
        (row,) = connection.execute("SELECT * FROM feedback").fetchall()
    store.close()
    assert row["id"] == reply.json()["feedback_id"]
    assert (row["vote"], row["comment"], row["user"]) == ("down", "单位呢？", "U1")
    assert (row["question"], row["answer"]) == (FIRST, answer["answer"])
    assert row["snapshot"] == answer["snapshot"]["id"]
    assert json.loads(zlib.decompress(row["response"])) == answer
    # whoever tries the question again must see the same reports
    assert json.loads(row["filters"]) == {"brokers": ["东吴证券"], "published_to": "2024-03-01"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"answer_id": "ans_none", "vote": "up", "comment": ""}, 404),
        ({"answer_id": "ans_none", "vote": "maybe", "comment": ""}, 422),
        ({"answer_id": "ans_none", "vote": "up", "comment": 3}, 422),
        ({"answer_id": "ans_none", "vote": "up", "more": 1}, 422),
        ({"vote": "up"}, 422),
        ([], 422),
    ],
)
def test_wrong_feedback_is_refused(site, body, status):
    reply = post(site, "/v1/feedback", body)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"


def test_feedback_follows_the_guard_of_reads(sample_index):
    from starlette.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    key = "a-long-enough-key"
    app = create_app(Settings(index=sample_index, api_key=key))
    given = {"answer_id": "ans_none", "vote": "up", "comment": ""}
    with TestClient(app, client=("192.0.2.1", 1)) as far:
        assert far.post("/v1/feedback", json=given).status_code == 401
        assert far.get("/v1/answers/any").status_code == 401
        allowed = {"Authorization": f"Bearer {key}"}
        assert far.post("/v1/feedback", json=given, headers=allowed).status_code == 404


def test_metrics_tell_of_answers_that_wait_or_were_lost(site):
    text = site.get("/metrics").body.decode()
    assert "yanbao_answers_lost 0" in text
