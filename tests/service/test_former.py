"""Former forecasts: which column of a metric a question means."""

from __future__ import annotations

import pytest

from indexer.vocabulary import load_vocabulary
from service.former import of_columns
from service.query import AskedMetric

VOCABULARY = load_vocabulary()
HELD = frozenset({"revenue", "net_profit", "eps", "营业收入前预测", "营业收入差异", "净利润旧预测"})


def asked(text: str, *metrics: str) -> list[str]:
    slots = [AskedMetric(one, VOCABULARY.name_of(one), 0, 1) for one in metrics]
    return [one.id for one in of_columns(text, slots, HELD, VOCABULARY)]


@pytest.mark.parametrize(
    "text",
    [
        "砺石股份2025年营业收入的前预测是多少",
        "砺石股份2025年营收上次预测多少",
        "调整前的营业收入是多少",
        "此前预测的2025年收入",
        "原来的预测里收入多少",
    ],
)
def test_a_former_forecast_is_a_column_of_its_own(text: str) -> None:
    assert asked(text, "revenue") == ["营业收入前预测"]


def test_both_forecasts_are_told_where_both_are_asked_for() -> None:
    assert asked("营业收入的新预测和前预测", "revenue") == ["营业收入前预测", "revenue"]


def test_what_changed_comes_first_with_both_forecasts() -> None:
    assert asked("营收预测下调了多少", "revenue") == ["营业收入差异", "营业收入前预测", "revenue"]


def test_profit_goes_by_either_of_its_names() -> None:
    assert asked("归母净利润的旧预测", "parent_profit") == ["净利润旧预测"]


def test_without_such_a_column_the_metric_stays() -> None:
    assert asked("EPS的前预测是多少", "eps") == ["eps"]
    assert asked("2025年营业收入预测", "revenue") == ["revenue"]
    assert asked("目前预测的营业收入", "revenue") == ["revenue"]
