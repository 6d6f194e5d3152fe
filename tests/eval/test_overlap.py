"""CMRC's measures and list F1, worked out by hand."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.overlap import char_f1, exact_match, list_f1, list_items, segments

WORDS = st.text(alphabet="甲乙丙丁 ab12。，、：%.", max_size=25)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("在2019年用GPT", ["在", "2019", "年", "用", "gpt"]),
        ("《战国无双3》", ["战", "国", "无", "双", "3"]),
        ("3.5%", ["3.5", "%"]),
        # Han one by one, the rest in the words that nltk's word_tokenize makes of it.
        ("A股2024E的EPS为0.70元/股", ["a", "股", "2024e", "的", "eps", "为", "0.70", "元", "股"]),
        ("GPT-4 Turbo发布", ["gpt4", "turbo", "发", "布"]),
        ("约1,280.51亿", ["约", "1,280.51", "亿"]),
        ("apples, pears和figs.", ["apples", ",", "pears", "和", "figs", "."]),
        ("St. John", ["st.", "john"]),
        ("见（图1）", ["见", "图", "1"]),
        ("(A)类60％", ["(", "a", ")", "类", "60％"]),
        ('他说"OK"', ["他", "说", "``", "ok", "''"]),
        ("it's 5%", ["it", "'s", "5", "%"]),
        ("1990–2013年", ["1990", "–", "2013", "年"]),
        ("等……", ["等", "……"]),  # the script means to drop it and does not: it is two characters
        ("光荣和ω-force", ["光", "荣", "和", "ωforce"]),  # the script drops the dash in the run
        ("", []),
        ("。，", []),
    ],
)
def test_segmentation_is_that_of_the_published_script(text, tokens):
    assert segments(text) == tokens


@pytest.mark.parametrize(
    ("prediction", "answers", "f1"),
    [
        ("光荣", ["光荣"], 1.0),
        ("光荣公司", ["光荣"], 2 * 0.5 * 1 / 1.5),  # run 2 of 4, of 2
        ("甲乙丙丁", ["乙丙", "丁"], 2 * 0.5 * 1 / 1.5),
        ("甲乙丁", ["甲丙丁"], 1 / 3),  # the longest run is one token, not the two in common
        ("戊", ["甲"], 0.0),
        ("", ["甲"], 0.0),
        ("甲。", ["甲"], 1.0),
        ("2019年", ["2019"], 2 * 0.5 / 1.5),
        # 战 国 无 双 3 由 koei 开 发: the gold is the first five of nine tokens.
        ("战国无双3由Koei开发", ["战国无双3"], 2 * (5 / 9) * 1 / (5 / 9 + 1)),
        ("0.70元/股", ["0.70元"], 2 * (2 / 3) * 1 / (2 / 3 + 1)),  # 0.70 元 股 against 0.70 元
        ("2024E EPS", ["EPS"], 2 * 0.5 / 1.5),
        ("买入（维持）", ["买入"], 2 * 0.5 / 1.5),  # brackets are no tokens: two of four
        ("增持", ["买入", "增持评级"], 2 * 1 * 0.5 / 1.5),  # the best gold counts
    ],
)
def test_character_f1_by_hand(prediction, answers, f1):
    assert char_f1(prediction, answers) == pytest.approx(f1)


def test_exact_match_ignores_punctuation_and_case():
    assert exact_match("《GPT》。", ["gpt"])
    assert not exact_match("gpt4", ["gpt"])


def _longest_common_run_slowly(one, other):
    runs = {tuple(one[i:j]) for i in range(len(one)) for j in range(i + 1, len(one) + 1)}
    return max(
        (len(r) for r in runs if any(tuple(other[k : k + len(r)]) == r for k in range(len(other)))),
        default=0,
    )


@given(WORDS, WORDS)
def test_character_f1_agrees_with_a_slower_way_and_stays_in_range(one, other):
    a, b = segments(one), segments(other)
    common = _longest_common_run_slowly(a, b)
    expected = 0.0 if not common else 2 * common / (len(a) + len(b))
    assert char_f1(one, [other]) == pytest.approx(expected)
    assert 0 <= char_f1(one, [other]) <= 1
    assert char_f1(one, [other]) == pytest.approx(char_f1(other, [one]))


@given(
    st.lists(st.text(alphabet="甲乙丙丁戊己庚辛", min_size=3, max_size=8), min_size=2, max_size=8)
)
def test_golds_score_one(golds):
    assert all(char_f1(gold, [gold]) == 1.0 for gold in golds)


def test_shuffled_golds_score_near_chance():
    rng = random.Random(7)
    golds = ["".join(rng.choices([chr(0x4E00 + i) for i in range(900)], k=8)) for _ in range(300)]
    shuffled = golds[1:] + golds[:1]
    assert sum(char_f1(a, [b]) for a, b in zip(golds, shuffled, strict=True)) / 300 < 0.02


@pytest.mark.parametrize(
    ("answer", "groups", "f1"),
    [
        ("共3家：甲公司、乙公司、丙公司[1]。", [["甲公司"], ["乙公司"], ["丙公司"]], 1.0),
        ("甲公司、乙公司", [["甲公司"], ["丙公司"]], 0.5),
        ("甲公司、甲公司", [["甲公司"], ["乙公司"]], 0.5),  # one item matches one gold only
        ("甲公司", [["甲", "甲公司"], ["乙公司"]], 2 / 3),
        ("没有", [["甲公司"]], 0.0),
        ("", [["甲公司"]], 0.0),
    ],
)
def test_list_f1_by_hand(answer, groups, f1):
    assert list_f1(answer, groups) == pytest.approx(f1)


def test_the_enumeration_is_what_stands_behind_its_colon():
    assert list_items("东吴证券：以下3家：甲、乙、丙[1]。") == ["甲", "乙", "丙"]


@given(WORDS, st.lists(st.lists(st.sampled_from("甲乙丙"), min_size=1, max_size=2), max_size=4))
def test_list_f1_stays_in_range(answer, groups):
    assert 0 <= list_f1(answer, groups) <= 1
