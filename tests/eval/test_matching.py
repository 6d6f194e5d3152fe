"""The matching rules of the contract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.matching import FoldedText, fold, squash, stands_in


@pytest.mark.parametrize(
    ("alternative", "answer"),
    [
        ("0.70", "为 0.70 元/股 [1]。"),
        ("0.70", "０．７０"),
        ("1280.51", "收入 1,280.51 亿元"),
        ("1,280.51", "收入 1280.51 亿元"),
        ("1280.51", "１，２８０．５１亿元"),
        ("买入", "评级：买 入"),
        ("-0.88", "为 -0.88 元"),
        ("2024年2月21日", "2024 年 2 月 21 日"),
        ("12345678", "12,345,678"),
    ],
)
def test_an_alternative_is_found_in_any_width_grouping_and_spacing(alternative, answer):
    assert stands_in(alternative, answer)


@pytest.mark.parametrize(
    ("alternative", "answer"),
    [
        ("0.70", "10.70"),
        ("0.70", "0.701"),
        ("0.70", "-0.70"),
        ("0.70", "2023-0.70"),
        ("0.7", "0.70"),
        ("0", "0.70"),
        ("280", "1,280.51"),
        ("280.51", "1,280.51"),
        ("70", "0.70"),
        ("买入", "增持"),
        ("昆仑", ""),
        ("", "有"),
        # the rule is about characters, so a name with a digit behind it does not count
        ("星澜科技", "星澜科技2031E"),
        ("0.70", "0.70-0.80"),
        ("元/股", "0.70 元/股"),
        ("0.95123", "0.95,123"),
    ],
)
def test_a_digit_point_or_minus_that_touches_forbids_the_match(alternative, answer):
    assert not stands_in(alternative, answer)


def test_a_later_free_place_counts_though_the_first_is_touched():
    assert stands_in("0.70", "10.70，即 0.70 元")


def test_places_are_of_the_original_text_whatever_its_spacing_and_width():
    text = "甲\t１２ ３\n乙 123"
    folded = FoldedText(text)
    spans = folded.places("123")
    assert [text[s.start : s.end] for s in spans] == ["１２ ３", "123"]
    assert folded.places("  ") == ()
    assert folded.places("不在") == ()


@given(st.text(alphabet="甲乙 \t\n１2３ab㎡", max_size=30), st.data())
def test_every_substring_is_found_at_its_own_place(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    wanted = fold(text[start:end])
    spans = FoldedText(text).places(text[start:end])
    assert bool(spans) == bool(wanted)
    assert all(wanted in fold(text[s.start : s.end]) for s in spans)
    if wanted:
        assert any(start <= s.start and s.end <= end for s in spans)


@given(st.text(max_size=40))
def test_squashing_twice_changes_nothing_more_than_once_for_plain_words(text):
    assert " " not in squash(text)
    assert "\t" not in squash(text)
