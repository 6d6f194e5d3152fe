"""Notes in 〔〕: who is meant, and that quotes stay as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.build import build
from indexer.records import Filters
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.reading.noting import noted
from service.reading.scope import Scope, make_scope
from service.schemas import AskRequest

REPORT = """湖岸证券

砺砂科技（688913）公司点评

新品放量，上调预测

报告日期：2025年04月20日

分析师：闻人屿
SAC编号：S0877525110004

新品放量

公司的滤波器良率在三月升至94%，客户验证已经完成。我们认为，滤波器的放量将从下半年开始。
"""


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answerer]:
    folder: Path = tmp_path_factory.mktemp("noting")
    (folder / "one.txt").write_text(REPORT, encoding="utf-8")
    build([folder / "one.txt"], folder / "index")
    snapshot = open_snapshot(folder / "index")
    yield Answerer(snapshot)
    snapshot.close()


@pytest.fixture
def scope(answerer: Answerer) -> Scope:
    return make_scope(answerer.snapshot, Filters(), (), None)


def test_the_house_stands_behind_we(scope: Scope) -> None:
    assert noted("我们认为放量将至", "one", scope) == "我们〔湖岸证券〕认为放量将至"


def test_the_company_stands_behind_its_pronoun(scope: Scope) -> None:
    assert noted("公司的良率上升", "one", scope) == "公司〔砺砂科技〕的良率上升"
    assert noted("其良率上升", "one", scope) == "其〔砺砂科技〕良率上升"


@pytest.mark.parametrize(
    "words", ["其中良率上升", "我们的客户很多", "公司与砺砂科技合作", "良率上升"]
)
def test_what_needs_no_note_has_none(scope: Scope, words: str) -> None:
    assert noted(words, "one", scope) == words


def test_the_quote_carries_no_note(answerer: Answerer) -> None:
    answer = answerer.ask(AskRequest(question="湖岸证券认为滤波器的放量从什么时候开始？"))
    assert "我们〔湖岸证券〕认为" in answer.answer
    assert all("〔" not in c.quote for c in answer.citations)
    for mark in answer.highlights:
        assert answer.answer[mark.start : mark.end]
