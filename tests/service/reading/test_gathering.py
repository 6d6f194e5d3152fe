"""A list is quoted whole when the question wants it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

TEXT = """清嘉证券

储能行业点评

2025 年 06 月 03 日

钠离子电池的三个优势

- 资源充足：钠盐在地壳中储量丰富；
- 低温性能好：零下二十度容量保持率高；
- 成本低：正极不含锂与钴。

储能需求回暖，海外订单增加。
"""


@pytest.fixture(scope="module")
def reply(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], AskResponse]:
    place: Path = tmp_path_factory.mktemp("list")
    (place / "battery.txt").write_text(TEXT, encoding="utf-8")
    build([place / "battery.txt"], place / "index", processes=1)
    answerer = Answerer(open_snapshot(place / "index"))
    return lambda question: answerer.ask(AskRequest(question=question))


def test_every_item_of_the_list_is_quoted(reply: Callable[[str], AskResponse]) -> None:
    told = reply("钠离子电池有哪些优势？")
    for item in ("资源充足", "低温性能好", "成本低"):
        assert item in told.answer
    assert len(told.citations) == 3
    for citation in told.citations:
        assert TEXT[citation.start : citation.end] == citation.quote


def test_what_stands_beside_the_list_is_not_in_it(reply: Callable[[str], AskResponse]) -> None:
    assert "海外订单" not in reply("钠离子电池有哪些优势？").answer


def test_a_corpus_of_one_prose_report_refuses_figures(
    reply: Callable[[str], AskResponse],
) -> None:
    told = reply("云杉智能2025E的EPS是多少？")
    assert (told.refused, told.reason) == (True, "no_such_company")
