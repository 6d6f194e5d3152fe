"""What a rating word means at each house."""

from collections.abc import Callable

import pytest

from indexer.snapshot import Snapshot
from service.reading.ratings import definition_lines
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("强烈推荐是什么意思？", "- 强烈推荐：预期未来 12 个月个股涨跌幅相对基准在 25% 以上；"),
        (
            "海岳证券公司评级中推荐的标准是什么？",
            "- 推荐：预期未来 12 个月个股涨跌幅相对基准介于 10% 与 25% 之间；",
        ),
        (
            "海岳证券行业评级强于大市的定义",
            "- 强于大市：预期未来 12 个月内，行业指数相对强于基准 8% 以上；",
        ),
        ("恒川证券的增持评级标准是什么？", "2\t增持\t6%—18%"),
        ("中性评级是什么意思？", "3\t中性\t-6%—6%"),
    ],
)
def test_the_definition_of_the_word_is_quoted(ask: Ask, question: str, quote: str) -> None:
    assert ask(question).citations[0].quote == quote


def test_the_horizon_of_a_table_stands_beside_it(ask: Ask) -> None:
    assert "9个月" in ask("恒川证券的增持评级标准是什么？").answer


def test_each_house_speaks_of_its_own_words(ask: Ask) -> None:
    reply = ask("买入和强烈推荐分别代表什么涨幅？")
    assert reply.kind == "comparison"
    assert ">18%" in reply.answer
    assert "25% 以上" in reply.answer


def test_a_word_that_no_house_defines_is_refused(ask: Ask) -> None:
    assert ask("海岳证券的跑赢行业评级是什么意思？").refused


def test_definition_lines_are_whole_lines_of_the_text(invented: Snapshot) -> None:
    report = invented.report("haiyue-chips")
    lines = definition_lines(report)
    assert len([ln for ln in lines if ln.is_definition]) == 6
    for line in lines:
        assert line.span.of(report.text) == line.text


def test_a_word_that_only_another_house_uses_is_mentioned_at_most(ask: Ask) -> None:
    assert ask("海岳证券的跑赢行业评级是什么意思？").reason == "not_in_corpus"
    assert ask("恒川证券的强烈推荐评级是什么意思？").refused
