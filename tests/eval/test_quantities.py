"""The gold figure in an answer: value, unit, sign, precision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.golden import Numeric
from eval.quantities import find_quantity


@pytest.mark.parametrize(
    ("value", "unit", "answer", "found"),
    [
        ("0.70", "元/股", "为 0.70 元/股 [1]。", "right"),
        ("0.70", "元/股", "为 0.7 元/股", "right"),
        ("460.49", "亿元", "约 460.5 亿元", "right"),  # coarser, three digits kept
        ("0.23", "元/股", "0.2 元/股", "absent"),  # too coarse to say it
        ("1280.51", "亿元", "1,280.51亿元", "right"),
        ("1280.51", "亿元", "128051000000元", "right"),
        ("1.42", "亿元", "14200万元", "right"),
        ("1.42", "亿元", "1.42万元", "wrong_scale"),
        ("5", "%", "5个百分点", "wrong_unit"),
        ("-0.87", "元/股", "-0.87元/股", "right"),
        ("-0.87", "元/股", "0.87元/股", "wrong_sign"),
        ("65.34", None, "65.34倍", "right"),
        ("65.34", "倍", "65.34", "right"),
        ("65.34", "倍", "没有给出", "absent"),
        ("0.70", "元/股", "2023年 0.58 元/股，2024年 0.70 元/股", "right"),
        ("1", None, "见 [1]", "absent"),  # a mark is no figure
    ],
)
def test_what_the_answer_is_to_the_gold_figure(value, unit, answer, found):
    assert find_quantity(Numeric(value=value, unit=unit), answer) == found


def test_a_tolerance_replaces_the_rule_of_precision():
    assert find_quantity(Numeric(value="0.23", unit=None, abs_tol="0.05"), "0.2") == "right"
    assert find_quantity(Numeric(value="460.49", unit=None, abs_tol="0"), "460.5") == "absent"


@given(st.decimals(min_value=-9999, max_value=9999, places=2))
def test_a_figure_is_found_in_its_own_words(value):
    text = f"为 {value} 亿元"
    assert find_quantity(Numeric(value=str(value), unit="亿元"), text) == "right"
