"""Growth over whole tables, places in a column, shares of it, the room to a target price."""

from __future__ import annotations

from collections.abc import Callable

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


def test_the_fastest_growth_is_worked_out(ask: Ask) -> None:
    reply = ask("恒川证券2026年EPS增长最快的公司是哪家？")
    # 云杉 .81→1.29, 砺石 .12→.66 (450 %), 青禾 1.02→1.17, 玄圃 .22→.40
    assert "砺石股份（301987），（0.66 − 0.12） ÷ 0.12 = 450.00%" in reply.answer
    assert reply.computation is not None
    assert reply.computation.result == "450.00"
    assert len(reply.citations) == 1
    assert len(reply.computation.inputs) == 8


def test_growth_from_a_loss_is_named_and_not_ranked(ask: Ask) -> None:
    reply = ask("恒川证券2025年EPS增速最高的公司")
    assert "云杉智能" in reply.answer
    assert "砺石股份基数不为正，未计入" in reply.answer


def test_a_bound_on_growth(ask: Ask) -> None:
    reply = ask("恒川证券2026年EPS增长超过70%的公司有哪些？")  # 59 %, 450 %, 15 %, 82 %
    assert "共2家" in reply.answer
    assert "（0.40 − 0.22） ÷ 0.22 = 81.82%" in reply.answer
    assert "青禾电子" not in reply.answer


def test_who_turns_from_loss_to_profit(ask: Ask) -> None:
    reply = ask("恒川证券预测2025年EPS由负转正的公司有哪些？")
    assert "共1家：砺石股份（301987）（-0.31 → 0.12）" in reply.answer


def test_the_place_in_a_column_and_its_order_are_told(ask: Ask) -> None:
    reply = ask("海岳证券表中北溟科技的总市值排第几？")  # 1045.6, 312.4, 140.25, 88.15, 57.02
    assert "由高到低，5家公司中北溟科技（688566）排第4位" in reply.answer
    assert reply.computation is not None
    assert len(reply.computation.inputs) == 5
    below = ask("海岳证券表中北溟科技的总市值从小到大排第几？")
    assert "排第2位" in below.answer


def test_the_share_of_a_whole_column(ask: Ask) -> None:
    reply = ask("砺石股份的总市值占表中全部公司总市值的比例是多少？")
    assert reply.computation is not None
    assert reply.computation.result == "63.62"  # 1045.60 / 1643.42
    assert len(reply.computation.inputs) == 5


def test_the_room_to_a_target_names_the_price_it_takes(ask: Ask) -> None:
    reply = ask("云杉智能的目标价还有多少上涨空间？")
    assert "按恒川证券（2025-04-02）的价格63.10" in reply.answer
    assert "（96.50 − 63.10） ÷ 63.10 = 52.93%" in reply.answer
    assert {c.report_id for c in reply.citations} == {"haiyue-company", "hengchuan-weekly"}


def test_a_price_in_the_question_serves_too(ask: Ask) -> None:
    reply = ask("苍溪药业现价30元，到目标价的上涨空间是多少？")
    assert "（33.80 − 30） ÷ 30 = 12.67%" in reply.answer


def test_without_a_price_the_gap_is_named(ask: Ask) -> None:
    reply = ask("苍溪药业距目标价还有多少空间？")
    assert "33.80" in reply.answer
    assert "报告未给出苍溪药业的股价" in reply.answer
    assert [m.asked for m in reply.missing] == ["股价"]


def test_of_a_range_only_the_missing_year_is_named(ask: Ask) -> None:
    reply = ask("云岭智造2025–2027年每股收益")
    assert [gap.asked for gap in reply.missing] == ["2027年"]
    assert "1.24" in reply.answer
    assert "1.38" in reply.answer
