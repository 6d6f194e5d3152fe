"""Figures that must agree: what rounding explains is left alone, what it does not is said."""

from __future__ import annotations

from datetime import date

import pytest

from indexer.cross_checks import cross_checked
from indexer.facts import extract_facts
from indexer.records import Fact
from indexer.vocabulary import load_vocabulary
from tests.indexer.test_facts import meta, report_of

VOCABULARY = load_vocabulary()
OWN = meta(date(2024, 3, 1), subject="海川数科", code="300977.SZ")


def checked(table: str, *columns: str, unit: str | None = "百万元") -> tuple[Fact, ...]:
    headers = [("项目",), *((column,) for column in columns or ("2023A", "2024E"))]
    report = report_of(table, headers, (0,), unit=unit, about=OWN)
    return cross_checked(extract_facts(report, VOCABULARY))


def warned(facts: tuple[Fact, ...]) -> dict[tuple[str, str | None], tuple[str, ...]]:
    return {(f.metric, f.period): f.warnings for f in facts if f.warnings}


def test_growth_that_fits_its_levels_within_rounding_is_left_alone() -> None:
    # 1200 / 1000 = 20.0 %; 98 / 71 = 38.03 %, and 98 may be 97.5 to 98.5
    assert warned(checked("营业收入 | 1,000 | 1,200\n增长率(%) | - | 20.0\n")) == {}
    assert warned(checked("营业收入 | 71 | 98\n增长率(%) | - | 38.6\n")) == {}


def test_growth_that_does_not_fit_is_said_at_the_rate_and_at_the_level() -> None:
    found = warned(checked("营业收入 | 1,000 | 1,200\n增长率(%) | - | 35.0\n"))
    words = "与数值不符：1,200百万元 ÷ 1,000百万元 − 1 = 20.00%，表中为 35.0%"
    assert found == {("revenue_yoy", "2024"): (words,), ("revenue", "2024"): (words,)}


def test_growth_from_a_loss_is_not_judged() -> None:
    assert warned(checked("净利润 | -10 | 20\n增长率(%) | - | -300\n")) == {}


@pytest.mark.parametrize(("pe", "said"), [("20.0", False), ("19.9", False), ("35.0", True)])
def test_eps_times_pe_is_the_price(pe: str, said: bool) -> None:
    report = report_of(
        f"启明云图 | 24.00 | 1.20 | {pe}",
        [("公司",), ("收盘价（元）",), ("EPS（元）", "2024E"), ("PE", "2024E")],
        (0,),
        about=meta(date(2024, 3, 1)),
    )
    facts = cross_checked(extract_facts(report, VOCABULARY))
    assert [fact.metric for fact in facts if fact.warnings] == (["pe"] if said else [])


def test_a_margin_is_profit_by_revenue_under_one_of_its_definitions() -> None:
    good = "营业收入 | 1,000 | 1,200\n净利润 | 100 | 120\n归母净利润 | 90 | 96\n净利率 | 10.0% | 8.0%\n"
    assert warned(checked(good)) == {}
    found = warned(checked(good.replace("8.0%", "18.0%")))
    assert list(found) == [("net_margin", "2024")]
    assert "计为 10.00%，表中为 18.0%" in found["net_margin", "2024"][0]


def test_parts_make_their_total() -> None:
    good = "流动资产 | 60 | 70\n非流动资产 | 40 | 50\n资产总计 | 100 | 121\n"
    assert warned(checked(good)) == {}  # 121 against 120 is rounding
    found = warned(checked(good.replace("121", "140")))
    assert found == {
        ("total_assets", "2024"): (
            "与分项不符：由流动资产、非流动资产得 120百万元，表中为 140百万元",
        )
    }


def test_the_minority_s_equity_may_stand_apart() -> None:
    table = "负债合计 | 60\n少数股东权益 | 5\n股东权益 | 40\n负债和股东权益总计 | 105\n"
    assert warned(checked(table, "2023A")) == {}


def test_a_cost_is_subtracted_with_or_without_its_minus() -> None:
    for cost in ("40", "-40", "(40)"):
        table = f"营业收入 | 100\n营业成本 | {cost}\n毛利 | 60\n"
        assert warned(checked(table, "2023A")) == {}


def test_rows_add_up_to_the_row_of_their_total() -> None:
    def summed(total: str) -> list[str]:
        report = report_of(
            f"云业务 | 6.0\n硬件 | 3.0\n合计 | {total}",
            [("分产品",), ("营业收入（亿元）", "2023A")],
            (0,),
            about=OWN,
        )
        facts = cross_checked(extract_facts(report, VOCABULARY))
        return [warning for fact in facts for warning in fact.warnings]

    assert summed("9.0") == []
    assert summed("12.0") == ["与分项不符：各行之和为 9.0亿元，表中为 12.0亿元"]
