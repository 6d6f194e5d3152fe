"""Abbreviations and other names, as the reports state them in brackets; dates compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

Ask = Callable[..., AskResponse]

TEXT = """青岚证券

新型储能行业深度报告

2025年06月11日

液流电池进入示范期

压缩空气储能（Compressed Air Energy Storage，CAES）已有百兆瓦级项目。钒液流电池（VRFB）的成本仍高。

能量管理系统（以下简称“EMS”）由砚池能源科技股份有限公司（以下简称“砚池能源”）提供。

BMS (Battery Management System) 负责监测电芯。虚拟电厂聚合分布式资源，参与电力市场的辅助服务。
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], AskResponse]]:
    place: Path = tmp_path_factory.mktemp("names")
    folder = place / "in"
    folder.mkdir()
    (folder / "storage.txt").write_text(TEXT, encoding="utf-8")
    build([folder], place / "index", processes=1)
    snapshot = open_snapshot(place / "index")
    answerer = Answerer(snapshot)
    yield lambda question: answerer.ask(AskRequest(question=question))
    snapshot.close()


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("BMS的全称是什么？", "Battery Management System"),
        ("压缩空气储能的英文名是什么？", "Compressed Air Energy Storage"),
        ("钒液流电池的英文缩写？", "VRFB"),
        ("VRFB的中文名称是什么？", "钒液流电池"),
        ("报告中的EMS全称是什么", "能量管理系统"),
        ("砚池能源的全称叫什么？", "砚池能源科技股份有限公司"),
        ("能量管理系统简称什么？", "EMS"),
    ],
)
def test_the_other_name_is_the_stated_one(
    asked: Callable[[str], AskResponse], question: str, name: str
) -> None:
    reply = asked(question)
    assert f"为{name} [1]" in reply.answer
    assert name in reply.citations[0].quote
    assert len(reply.citations[0].quote) < 120


def test_a_name_without_another_one_is_refused(asked: Callable[[str], AskResponse]) -> None:
    reply = asked("虚拟电厂的英文缩写是什么？")
    assert (reply.refused, reply.reason) == (True, "low_support")
    assert "没有给出它的缩写" in reply.answer


@pytest.mark.parametrize(
    "question",
    [
        "海岳证券的行业报告和恒川证券的周报相差几天？",
        "恒川证券的报告比海岳证券的晚发布多少天？",
        "海岳证券和恒川证券的报告，哪一篇更早？",
    ],
)
def test_days_between_two_reports_are_counted(ask: Ask, question: str) -> None:
    reply = ask(question, as_of=date(2025, 4, 30))
    assert reply.kind == "computed"
    assert "15天" in reply.answer
    assert reply.answer.index("海岳证券") < reply.answer.index("早15天")
    assert reply.computation is not None
    assert reply.computation.result == "15"
    assert [c.quote for c in reply.citations] == ["2025 年 03 月 18 日", "报告日期：2025年04月02日"]


def test_days_of_something_else_are_not_those_of_the_reports(ask: Ask) -> None:
    assert ask("合作协议签了多少天？").kind != "computed"
