"""The normal form: what changes, what stays, and that every place can be found again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.normalise import fold, fold_all, normalise

REPORT_LIKE = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "东吴證券研報營收增长，。：（）Ａｂ１２３,.%％ \u3000\t\n\u200b…①㎡ﬁİ½GPT-4于於乾"
        ),
        st.characters(),
    ),
    max_size=400,
)


@pytest.mark.parametrize(
    ("given_text", "normal"),
    [
        ("2 月 17 日", "2月17日"),
        ("２０２４年", "2024年"),
        ("東吳證券", "东吴证券"),
        ("1,280.51 亿元", "1280.51亿元"),
        ("１，２８０", "1280"),
        ("12,345,678", "12345678"),
        ("OpenAI 的 Sora", "openai的sora"),
        ("蓝\u200b色光标", "蓝色光标"),
        ("营业收入：（百万元）", "营业收入:(百万元)"),
        ("Vision Pro", "vision pro"),
    ],
)
def test_width_script_case_spaces_and_separators_fold(given_text: str, normal: str) -> None:
    assert fold(given_text) == normal


@pytest.mark.parametrize(
    "text",
    [
        "增长5，300家门店",  # two clauses, not five thousand three hundred
        "2023,2024",  # a list of years
        "1,28",
        "哪吒与乾坤",  # simplified text that OpenCC's table would change
        "①2023",  # would read 12023
        "昆仑万维  460.49",  # columns aligned with spaces
        "公司\t名称\n代码",
    ],
)
def test_what_must_not_be_touched_stays(text: str) -> None:
    assert fold(text) == text


@given(REPORT_LIKE)
@settings(max_examples=300, deadline=None)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(REPORT_LIKE)
@settings(max_examples=300, deadline=None)
def test_every_character_comes_from_a_place_that_gives_it(text: str) -> None:
    normal = normalise(text)
    for at, char in enumerate(normal.text):
        span = normal.to_source(at, at + 1)
        assert len(span) == 1
        assert char in fold(span.of(text)) or char in fold(text[: span.end])[-8:]
    assert normal.to_source(0, len(normal.text)).end <= len(text)


@given(REPORT_LIKE, REPORT_LIKE)
@settings(max_examples=100, deadline=None)
def test_short_and_long_texts_fold_alike(one: str, other: str) -> None:
    """Long texts go through arrays, short ones through a loop."""
    padding = "\n" + "甲乙丙丁" * 100
    assert fold(one + padding) == fold(one) + padding
    assert fold(one + "\n" + other) == fold(one) + "\n" + fold(other)


def test_a_place_leads_back_to_the_very_words() -> None:
    text = "合计 １，２８０．５１ 亿元，其中 東吳證券 占三成" + "。" * 300
    normal = normalise(text)
    at = normal.text.index("1280.51")
    assert normal.to_source(at, at + 7).of(text) == "１，２８０．５１"
    at = normal.text.index("东吴证券")
    assert normal.to_source(at, at + 4).of(text) == "東吳證券"


def test_an_empty_range_keeps_its_place() -> None:
    normal = normalise("中 文")
    assert normal.to_source(2, 2).start == 3
    assert normal.to_source(0, 0).start == 0
    with pytest.raises(ValueError, match=r"outside 0\.\.2"):
        normal.to_source(0, 3)


@given(st.text(alphabet="0123456789,,,,.元a-", min_size=1, max_size=30))
@settings(max_examples=500, deadline=None)
def test_exactly_the_commas_of_thousands_are_dropped(text: str) -> None:
    # The second, slower way: one search through all of the text.
    groups = r"(?<![\d.,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])"
    assert normalise(text).text == re.sub(groups, lambda found: found[0].replace(",", ""), text)


@given(st.lists(st.text(alphabet="增长 5，300家１后後ＡbA,，1234\u200b①\x1e\n", max_size=40)))
def test_texts_folded_together_are_folded_as_each_alone(texts: list[str]) -> None:
    assert fold_all(texts) == [fold(text) for text in texts]
