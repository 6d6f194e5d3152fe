"""How figures are put into words."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.records import Fact
from indexer.snapshot import Snapshot
from service.reading.wording import (
    full_name,
    metric_name,
    number,
    period_phrase,
    plain,
    rounded,
    signed,
    unit_of,
    value_with_unit,
)


@pytest.fixture(scope="module")
def eps(invented: Snapshot) -> Fact:
    (fact,) = invented.facts.find(
        subjects=("北溟科技",), metrics=("eps",), periods=("2026",), report_ids=("haiyue-chips",)
    )
    return fact


def test_a_figure_is_named_with_company_period_and_metric(eps: Fact, invented: Snapshot) -> None:
    assert full_name(eps) == "北溟科技（688566）的2026E（预测）每股收益"
    assert value_with_unit(eps, invented.vocabulary) == "0.93元"
    assert metric_name(replace(eps, metric_text="EPS (元/股)")) == "EPS"
    assert metric_name(replace(eps, metric_text="(元)")) == "(元)"
    assert metric_name(replace(eps, metric_text="一、营业总收入")) == "营业总收入"
    assert metric_name(replace(eps, metric_text="其中：利息收入（元）")) == "利息收入"


def test_a_year_says_whether_it_is_past_or_forecast(eps: Fact) -> None:
    assert period_phrase(eps) == "2026E（预测）"
    assert period_phrase(replace(eps, period_text="2024", kind="actual")) == "2024年（实际）"
    assert period_phrase(replace(eps, period=None, period_text=None)) == ""
    own = replace(eps, period="2025Q1", period_text="本报告期", kind="actual")
    assert period_phrase(own) == "2025Q1（本报告期，实际）"
    assert period_phrase(replace(own, period_text="本报告期比上年同期增减")) == "2025Q1（实际）"


def test_only_multiples_get_a_unit_that_no_report_states(eps: Fact, invented: Snapshot) -> None:
    bare = replace(eps, unit=None)
    assert unit_of(bare, invented.vocabulary) == ""
    assert unit_of(replace(bare, metric="pe"), invented.vocabulary) == "倍"


@pytest.mark.parametrize("mark", ["", "-", "--", "—"])
def test_an_open_figure_is_said_to_be_open(eps: Fact, invented: Snapshot, mark: str) -> None:
    gap = replace(eps, value=mark, number=None)
    assert value_with_unit(gap, invented.vocabulary) == "报告未给出"
    with pytest.raises(ValueError, match="holds no number"):
        number(gap)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.125", "0.13"), ("0.135", "0.14"), ("-0.125", "-0.13"), ("2", "2.00"), ("0.004", "0.00")],
)
def test_halves_are_rounded_away_from_nought(value: str, shown: str) -> None:
    assert plain(rounded(Decimal(value))) == shown


def test_a_negative_operand_stands_in_brackets() -> None:
    assert signed(Decimal("-0.5")) == "（-0.5）"
    assert signed(Decimal("0.5")) == "0.5"


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6
    )
)
def test_a_plain_number_reads_back_as_itself(value: Decimal) -> None:
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)
    assert abs(rounded(value) - value) <= Decimal("0.005")
