"""The table of normalisations by hand; numerals against a slower way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.wording import same, says, tokens

SAME = [
    ("１，２８０．５１亿元", "128051000000元"),
    ("1280.51亿元", "1,280.51 億元"),
    ("十二万八千", "128000"),
    ("一百二十三亿元", "123亿元"),
    ("一百二十三亿元", "12300000000元"),
    ("一千二百八十点五一亿元", "1280.51亿元"),
    ("两千万元", "0.2亿元"),
    ("5.3万个", "53000个"),
    ("百分之五点三", "5.3%"),
    ("百分之三十二", "32％"),
    ("负零点八八元/股", "-0.88元/股"),
    ("三成", "30%"),
    ("3.2pct", "3.2个百分点"),
    ("320bp", "3.2个百分点"),
    ("141.20x", "141.2倍"),
    ("十五家", "15家"),
    ("2024年2月21日", "2024-02-21"),
    ("2024/2/21", "2024年02月21日"),
    ("二〇二四年", "2024年"),
    ("24年一季度", "2024年第一季度"),
    ("2023E", "2023年预测"),
    ("300058.SZ", "300058"),
    ("《藍色光標》", "蓝色光标"),
    ("买入。", "買入"),
]
OTHER = [
    ("5%", "5个百分点"),  # never folded into one another
    ("0.88", "-0.88"),
    ("1.42亿元", "1.42万元"),
    ("1.42亿元", "1.42亿美元"),
    ("2023E", "2023A"),
    ("2023年", "2024年"),
    ("0.7", "0.07"),
    ("买入", "增持"),
    ("十五家", "五十家"),
    ("成立", "10%立"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_the_same_match_exactly(one, other):
    assert same(one, [other])
    assert same(other, [one])
    assert says(f"公司披露为{one}，同比持平[1]。", [[other]])


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_differs_in_unit_sign_scale_or_period_does_not_match(one, other):
    assert not same(one, [other])
    assert not says(f"公司披露为{one}，同比持平[1]。", [[other]])


def test_a_gold_without_unit_leaves_it_open_and_one_with_a_unit_does_not():
    assert same("0.70元/股", ["0.70"])
    assert not same("0.70", ["0.70元/股"])
    assert same("1,280.51亿元", ["1280.51"])  # as printed
    assert same("128051000000元", ["1280.51亿元"])
    assert not same("128051000000元", ["1280.51"])
    assert same("2024E", ["2024"])
    assert not same("2024", ["2024E"])


def test_every_group_is_needed_and_one_alternative_of_it():
    answer = "东吴证券（2024-02-21）为0.16元/股 [1]；华鑫证券为0.05 [2]。"
    assert says(answer, [["0.16"], ["0.05"], ["东吴", "东吴证券"]])
    assert not says(answer, [["0.16"], ["0.06"]])
    assert not says(answer, [["1"]])  # a mark is no figure


def test_words_that_hold_numerals_stay_what_they_are():
    assert same("万达电影", ["万达电影"])
    assert not same("百度", ["100"])
    assert says("统一股份与百度合作", [["百度"]])
    assert says("unCLIP两步走 成本可能更高", [["两步走"]])


DIGITS = "零一二三四五六七八九"


def spelt(number: int) -> str:
    """The plain way: place by place in groups of four, one 零 for a gap."""
    if number == 0:
        return "零"
    groups = []
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    text = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            continue
        if text and (group < 1000 or groups[place + 1] % 10 == 0):
            text += "零"
        text += _four(group) + ("", "万", "亿")[place]
    return text


def _four(group: int) -> str:
    text, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = group // power % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + name
        gap = digit == 0
    return text


@given(st.integers(1, 999_999_999_999))
def test_numerals_are_read_as_they_are_spelt(number):
    assert same(f"共{spelt(number)}元", [f"共{number}元"])


@given(st.text(alphabet="一二两十百千万亿点零负成分之0123.,%元年月E[]、。甲", max_size=20))
def test_a_text_says_itself_and_nothing_raises(text):
    assert same(text, [text]) == bool(tokens(text))
    assert says(text, [[text]]) == bool(tokens(text))
