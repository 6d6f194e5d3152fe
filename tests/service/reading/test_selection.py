"""Rows of a table chosen by bounds, by the scale of a house, by the mean of the column."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "names", "left_out"),
    [
        # The house's own scale: 强烈推荐 > 推荐 > 谨慎推荐 > 回避.
        ("海岳证券给出推荐以上评级的公司", ("云杉智能", "砺石股份", "云岭智造"), ("北溟科技", "长城精工")),
        ("海岳证券给出谨慎推荐及以下评级的公司有哪些", ("北溟科技", "长城精工"), ("砺石股份",)),
        ("海岳证券2025E市盈率介于20到50倍的公司有哪些", ("北溟科技", "长城精工"), ("云岭智造",)),
        ("海岳证券2026E每股收益高于平均水平的公司", ("云杉智能", "云岭智造"), ("砺石股份",)),
        ("海岳证券2026E每股收益低于中位数的公司有几家", ("砺石股份", "长城精工"), ("云杉智能",)),
    ],
)  # fmt: skip
def test_the_rows_that_meet_it_are_named(
    ask: Ask, question: str, names: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    reply = ask(question)
    assert all(name in reply.answer for name in names), reply.answer
    assert not any(name in reply.answer for name in left_out), reply.answer
    assert len(reply.citations) == len(names)


def test_both_bounds_are_told_and_the_row_is_cited_once(ask: Ask) -> None:
    reply = ask("海岳证券2025E市盈率低于50倍且每股收益超过1元的公司")
    assert "云岭智造（301966）15.16倍（2025E（预测）每股收益 1.24元）" in reply.answer
    assert len(reply.citations) == 1


def test_the_metric_before_the_superlative_ranks(ask: Ask) -> None:
    reply = ask("恒川证券2026E的PE最低的两家及其EPS")
    assert "青禾电子（301993），为15.74倍（2026E（预测）EPS 1.17）" in reply.answer
    assert "0.40" not in reply.answer


def test_both_ends_and_what_lies_between(ask: Ask) -> None:
    reply = ask("海岳证券表中总市值最大和最小的公司相差多少？")
    assert "砺石股份（301987），为1,045.60亿元" in reply.answer
    assert "云岭智造（301966），为57.02亿元" in reply.answer
    assert "1045.60 − 57.02 = 988.58亿元" in reply.answer
    assert reply.computation is not None
    assert reply.computation.result == "988.58"


def test_the_median_of_a_column(ask: Ask) -> None:
    reply = ask("海岳证券表中总市值的中位数是多少？")  # 57.02 88.15 140.25 312.40 1045.60
    assert reply.computation is not None
    assert reply.computation.result == "140.25"
    assert len(reply.computation.inputs) == 5


def test_a_share_of_another_figure(ask: Ask) -> None:
    reply = ask("云岭智造的总市值占北溟科技的百分之几？")
    assert "57.02 ÷ 88.15 = 64.69%" in reply.answer
