"""Where a table has its data from."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("关注公司及盈利预测表的资料来源是什么？", "资料来源：Wind，恒川证券研究所"),
        ("盈利预测与财务指标的数据来源是什么？", "资料来源：公司公告，海岳证券研究所"),
        (
            "重点公司盈利预测与估值表的数据来源是什么？",
            "资料来源：公司公告，海岳证券研究所预测。注：总市值为截至 2025/3/17 数据。",
        ),
    ],
)
def test_the_source_line_of_the_named_table_answers(ask: Ask, question: str, quote: str) -> None:
    reply = ask(question)
    assert [c.quote for c in reply.citations] == [quote]


def test_an_unknown_table_has_no_source(ask: Ask) -> None:
    reply = ask("全球航运指数图的数据来源是什么？")
    assert reply.refused
