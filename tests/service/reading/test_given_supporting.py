"""The option that a text supports: its signs, and the whole journey from a prompt."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from service.query import Query
from service.reading.given import read_given
from service.reading.given.prompt import read_choice
from service.reading.given.supporting import NAMES, shipped_weights, signs_of, supported

_NEWS = "【松原重工：股东拟减持】财经社11月2日电，松原重工公告，股东何某因个人资金需求，计划减持公司股份不超过26000股，占总股本的0.05%，其原持有股份104000股。"


@pytest.mark.parametrize(
    ("question", "options", "letter"),
    [
        ("何某计划减持多少股？", "A. 104000股\nB. 26000股\nC. 52000股\nD. 0.05%", "B"),
        (
            "何某减持的原因是什么？",
            "A. 看空公司前景\nB. 公司回购\nC. 个人资金需求\nD. 监管要求",
            "C",
        ),
        ("何某计划减持的比例不超过总股本的多少？", "A. 0.0005\nB. 0.05\nC. 0.26\nD. 0.104", "A"),
    ],
)
def test_a_text_with_options_below_is_answered(question: str, options: str, letter: str) -> None:
    draft = read_given(Query("", asked=f"{_NEWS}\n{question}\n{options}"))
    assert draft is not None
    assert f"：选{letter}（" in draft.statements[0].text
    assert draft.statements[0].evidence == ()


def test_of_two_options_that_deny_each_other_the_text_decides() -> None:
    text = "保险条款：因外伤实施的手术不在保障范围内，其他手术由本公司给付保险金。"
    options = ["因外伤实施的手术在保障范围内。", "因外伤实施的手术不在保障范围内。"]
    assert supported(text, "因外伤实施的手术是否在保障范围内？", options)[0] == 1


def test_signs_are_differences_from_their_mean_and_order_does_not_matter() -> None:
    options = ["26000股", "104000股", "52000股"]
    rows = signs_of(_NEWS, "计划减持多少股？", options)
    assert all(len(row) == len(NAMES) for row in rows)
    for column in zip(*rows, strict=True):
        assert sum(column) == pytest.approx(0, abs=1e-9)
    turned = signs_of(_NEWS, "计划减持多少股？", options[::-1])
    assert turned[::-1] == [pytest.approx(row) for row in rows]


def test_a_question_without_a_text_or_without_options_is_no_choice() -> None:
    assert read_choice("哪家公司减持了？\nA. 甲\nB. 乙") is None
    assert read_choice(f"{_NEWS}\n何某计划减持多少股？") is None
    assert read_choice("云杉智能2025年EPS是多少？") is None


def test_the_weights_fit_the_signs_and_no_measured_row_taught_them() -> None:
    told = shipped_weights()
    assert len(told.weight) == len(told.scale) == len(NAMES)
    text = files("service").joinpath("data", "options_manifest.json").read_text(encoding="utf-8")
    trained = json.loads(text)
    assert set(trained) == {
        "fin_eva/金融事件解读",
        "fin_eva/保险条款解读",
        "fin_eva/金融产品分析",
    }
    assert all(len(ids) == 71 for ids in trained.values())
