"""What was removed is refused, what is there is answered, and the weights fit the signs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.reading.certainty import SIGNS, Certainty
from service.schemas import AskRequest

# Invented articles: what they say is true of nobody.
ARTICLES = {
    "沅陵灯塔": "沅陵灯塔位于沅陵岛的东端，建于1911年，塔高31米，由工程师贺廷柏设计。灯塔的外墙涂成红白两色。",
    "青萝鱼": "青萝鱼是一种淡水鱼，体长约12厘米，以水草和小虾为食。它分布于青萝河的上游，每年四月产卵。",
    "霜叶琴": "霜叶琴是一种拨弦乐器，有七根弦，流行于霜叶镇一带。它的琴身用桐木制成，演奏者多为盲人。",
    "铁梁桥": "铁梁桥横跨白沙江，全长640米，1958年通车。桥面原有电车轨道，1983年拆除。",
}
ASKED = {
    "沅陵灯塔": ("沅陵灯塔是谁设计的？", "贺廷柏"),
    "青萝鱼": ("青萝鱼以什么为食？", "水草和小虾"),
    "霜叶琴": ("霜叶琴有几根弦？", "七根弦"),
    "铁梁桥": ("铁梁桥的电车轨道哪一年拆除？", "1983年"),
}


@pytest.fixture(scope="module")
def without_the_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answerer]:
    folder: Path = tmp_path_factory.mktemp("certainty")
    rows = [{"id": f"p{n}", "title": t, "text": x} for n, (t, x) in enumerate(ARTICLES.items())]
    lines = [json.dumps(r, ensure_ascii=False) for r in rows if r["title"] != "铁梁桥"]
    (folder / "reports.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    build([folder / "reports.jsonl"], folder / "index")
    snapshot = open_snapshot(folder / "index")
    yield Answerer(snapshot)
    snapshot.close()


def test_the_weights_fit_the_signs() -> None:
    text = files("service").joinpath("data", "certainty.json").read_text(encoding="utf-8")
    assert {len(weights) for weights in json.loads(text).values()} == {len(SIGNS) + 1}


@pytest.mark.parametrize("title", [t for t in ASKED if t != "铁梁桥"])
def test_what_is_there_is_answered_shortly(without_the_bridge: Answerer, title: str) -> None:
    question, words = ASKED[title]
    answer = without_the_bridge.ask(AskRequest(question=question))
    assert not answer.refused
    assert words in answer.answer
    assert len(answer.answer) <= 120
    for citation in answer.citations:
        text = without_the_bridge.snapshot.text(citation.report_id)
        assert text[citation.start : citation.end] == citation.quote


def test_what_was_removed_is_refused(without_the_bridge: Answerer) -> None:
    answer = without_the_bridge.ask(AskRequest(question=ASKED["铁梁桥"][0]))
    assert answer.refused
    assert answer.reason in ("not_in_corpus", "low_support")
    assert answer.passages or not answer.citations


def test_a_report_of_a_house_is_refused_only_where_nothing_speaks_for_it() -> None:
    assert Certainty(0.2, 0.9, article=True).absent
    assert not Certainty(0.2, 0.9, article=False).absent
