"""A company's own report answers for it: its sentences, its years, and nobody's disclaimer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

Ask = Callable[[str], AskResponse]
OWN = """澄江证券

碧潭食品（600997.SH）：业绩稳健

评级：买入（维持）

2024年03月05日

投资要点

碧潭食品2023年营业收入为12.50亿元，同比增长15.3%。毛利率为30.5%。老灶记是其最大客户。
"""
OTHER = """远峰证券

餐饮行业周报

2024年03月06日

连锁餐饮企业正在为客户提供更多的预制菜品，客户资源成为竞争的关键。

免责声明

本研究报告仅供远峰证券股份有限公司的客户使用，公司不会因接收人收到本报告而视其为客户。
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    place = tmp_path_factory.mktemp("own")
    (place / "reports").mkdir()
    (place / "reports" / "own.txt").write_text(OWN, encoding="utf-8")
    (place / "reports" / "other.txt").write_text(OTHER, encoding="utf-8")
    build([place / "reports"], place / "index", processes=1)
    with_snapshot = open_snapshot(place / "index")
    answerer = Answerer(with_snapshot)
    yield lambda question: answerer.ask(AskRequest(question=question))
    with_snapshot.close()


def test_a_figure_goes_on_with_the_year_of_the_sentence_before_it(ask: Ask) -> None:
    answer = ask("碧潭食品2023年毛利率")
    assert "30.5%" in answer.answer
    assert ask("碧潭食品2021年毛利率").refused


def test_who_the_customer_is_is_told_from_the_companys_own_report(ask: Ask) -> None:
    answer = ask("碧潭食品的客户是谁？")
    assert "老灶记" in answer.answer
    assert {c.report_id for c in answer.citations} == {"own"}
