"""Whole columns: extremes, filters, counts, lists, sums and means."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


def _rows(reply: AskResponse) -> list[str]:
    return [c.cell.row.split()[-1] for c in reply.citations if c.cell]


@pytest.mark.parametrize(
    ("question", "rows", "value"),
    [
        ("海岳证券表中2025E市盈率最低的公司是哪家？", ["云岭智造"], "15.16倍"),
        ("海岳证券表中2025E市盈率最高的公司是哪家？", ["云杉智能"], "71.25倍"),
        ("恒川证券表中2026E的EPS最高的公司是谁？", ["云杉智能"], "1.29"),
        ("总市值最小的公司是哪家？", ["云岭智造"], "57.02亿元"),
        ("恒川证券表中2024年EPS最低的公司", ["砺石股份"], "-0.31"),
        ("总市值前三的公司有哪些？", ["砺石股份", "云杉智能", "长城精工"], "1,045.60亿元"),
    ],
)
def test_the_extreme_of_a_column_is_found(
    ask: Ask, question: str, rows: list[str], value: str
) -> None:
    reply = ask(question)
    assert (reply.kind, _rows(reply)) == ("computed", rows)
    assert value in reply.answer


def test_open_cells_are_named_and_left_out_of_an_extreme(ask: Ask) -> None:
    reply = ask("海岳证券表中2025E市盈率最低的公司是哪家？")
    assert "砺石股份报告未给出，未计入" in reply.answer
    assert reply.computation is not None
    assert [i.value for i in reply.computation.inputs] == ["71.25", "24.30", "15.16", "40.07"]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("总市值超过100亿元的公司有几家？", ["云杉智能", "砺石股份", "长城精工"]),
        ("总市值低于900000万元的公司有哪些？", ["北溟科技", "云岭智造"]),
        ("海岳证券表中2026E市盈率介于18到32倍之间的公司", ["北溟科技", "长城精工"]),
        ("恒川证券表中2024年EPS为负的公司有哪些？", ["砺石股份"]),
        ("海岳证券表中评级为谨慎推荐的公司有哪些？", ["北溟科技", "长城精工"]),
        ("海岳证券表中2026E市盈率低于50倍且评级为推荐的公司", ["云岭智造"]),
    ],
)
def test_a_filter_keeps_the_rows_that_meet_every_bound(
    ask: Ask, question: str, rows: list[str]
) -> None:
    reply = ask(question)
    assert _rows(reply) == rows
    assert reply.computation is not None
    assert reply.computation.result == str(len(rows))
    assert f"{len(rows)}家" in reply.answer


def test_nothing_that_meets_the_bound_is_an_answer(ask: Ask) -> None:
    reply = ask("总市值超过9000亿元的公司有哪些？")
    assert (reply.refused, reply.computation.result if reply.computation else "") == (False, "0")
    assert "0家" in reply.answer


def test_a_sum_shows_its_working(ask: Ask) -> None:
    reply = ask("总市值合计是多少？")
    total = sum(map(Decimal, ("312.40", "1045.60", "88.15", "57.02", "140.25")))
    assert total == Decimal("1643.42")
    assert "= 1643.42亿元" in reply.answer
    assert reply.computation is not None
    assert (reply.computation.result, reply.computation.unit) == ("1643.42", "亿元")
    assert len(reply.computation.inputs) == len(reply.citations) == 5


def test_a_mean_states_its_rounding_and_leaves_open_cells_out(ask: Ask) -> None:
    reply = ask("海岳证券表中2025E平均市盈率是多少？")
    # (71.25 + 24.30 + 15.16 + 40.07) / 4 = 37.695, half up
    assert reply.computation is not None
    assert (reply.computation.result, reply.computation.rounding) == (
        "37.70",
        "half up, 2 decimals",
    )
    assert "÷ 4 = 37.70倍" in reply.answer


def test_each_report_answers_for_itself(ask: Ask) -> None:
    reply = ask("2026E市盈率最低的公司是哪家？")
    assert reply.kind == "comparison"
    assert _rows(reply) == ["青禾电子", "云岭智造"]


def test_a_period_that_no_column_holds_is_refused(ask: Ask) -> None:
    reply = ask("2031E市盈率最低的公司是哪家？")
    assert (reply.reason, reply.missing[0].asked) == ("no_such_period", "2031E")


def test_samples_answer_over_their_own_columns(ask_samples: Ask) -> None:
    reply = ask_samples("东吴证券表中2024E的PE最低的公司是哪家？")
    assert _rows(reply) == ["华策影视"]
    assert "15.55倍" in reply.answer


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("总市值第二大的公司是哪家？", "云杉智能"),
        ("总市值第三高的公司是哪家？", "长城精工"),
        ("总市值第2小的公司是哪家？", "北溟科技"),
        ("总市值排名第二的公司是哪家？", "云杉智能"),
        ("海岳证券表中2026E市盈率第二低的是谁？", "北溟科技"),
    ],
)
def test_a_place_in_the_order_is_found(ask: Ask, question: str, row: str) -> None:
    reply = ask(question)
    assert (reply.kind, _rows(reply)) == ("computed", [row])


def test_a_target_price_column_is_scanned_too(ask: Ask) -> None:
    reply = ask("目标价最高的公司是哪家？")
    assert _rows(reply) == ["苍溪药业"]
    assert "白榆医疗报告未给出" in reply.answer


def test_a_mean_over_the_rows_of_one_rating(ask: Ask) -> None:
    reply = ask("海岳证券表中推荐评级的公司2026E平均市盈率是多少？")
    assert reply.computation is not None
    # (101.13 + 13.62) / 2 = 57.375, half up
    assert reply.computation.result == "57.38"


def test_who_makes_a_profit_is_told_by_the_sign(ask: Ask) -> None:
    reply = ask("恒川证券表中2024年盈利的公司有几家？")
    assert _rows(reply) == ["云杉智能", "青禾电子", "玄圃软件"]
