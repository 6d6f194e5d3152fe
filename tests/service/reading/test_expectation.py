"""What kind of answer a question expects."""

import pytest

from service.reading.expectation import Expected, contradicts, defines, expectation_of, fits


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("什么时候投产", Expected.WHEN),
        ("哪一年成立", Expected.WHEN),
        ("合作期限为多少年", Expected.NUMBER),
        ("总投资额是多少", Expected.NUMBER),
        ("为什么毛利率改善", Expected.WHY),
        ("需求增长的原因是什么", Expected.WHY),
        ("包括哪些产品", Expected.LIST),
        ("什么是玻璃基板", Expected.DEFINITION),
        ("玻璃基板是什么", Expected.DEFINITION),
        ("谁签署了协议", Expected.WHO),
        ("总部在哪里", Expected.WHERE),
        ("如何提高良率", Expected.HOW),
        ("良率是否提升", Expected.YES_NO),
        ("良率提升", Expected.OTHER),
    ],
)
def test_the_asking_words_tell_the_kind(question: str, kind: Expected) -> None:
    assert expectation_of(question).kind is kind


def test_a_measure_word_must_be_counted_in_the_sentence() -> None:
    wanted = expectation_of("一共多少集")
    assert wanted.measure == "集"
    assert fits(wanted, "全剧共24集") is True
    assert fits(wanted, "全剧十二集") is True
    assert fits(wanted, "全剧投资2亿元") is False


def test_a_date_is_demanded_of_a_question_for_one() -> None:
    wanted = expectation_of("什么时候投产")
    assert fits(wanted, "计划于2025年9月投产") is True
    assert fits(wanted, "计划投产") is False
    assert fits(expectation_of("良率提升"), "什么都行") is None


def test_the_subject_of_a_definition_is_cut_out() -> None:
    assert expectation_of("什么是玻璃基板?").subject == "玻璃基板"
    assert defines("玻璃基板", "玻璃基板是一种封装材料")
    assert not defines("玻璃基板", "公司发布玻璃基板样品")


def test_another_count_of_the_same_measure_contradicts() -> None:
    assert contradicts("为什么是十二集", "全剧共六集")
    assert not contradicts("为什么是六集", "全剧共六集")
    assert not contradicts("为什么是六集", "全剧共六人")
