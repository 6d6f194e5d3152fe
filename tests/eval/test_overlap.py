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
