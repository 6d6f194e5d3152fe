"""Results that follow from the figures beside them need no source; wrong ones are not let off."""

import pytest

from eval.workings import inputs_only


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("相差：0.70 − 0.58 = 0.12元/股", "相差：0.70 − 0.58 元/股"),
        ("均值 （0.77 + 0.70） ÷ 2 = 0.735元", "均值 （0.77 + 0.70） 元"),
        ("增长率：（0.70 − 0.58） ÷ 0.58 = 20.69%", "增长率：（0.70 − 0.58） ÷ 0.58 "),
        ("（6.14 ÷ 1.52）^(1/2) − 1 = 100.98%", "（6.14 ÷ 1.52） "),
        ("（-6300） + 1480 = -4820万元", "（-6300） + 1480 万元"),
        ("n = 2", "n = 2"),
        ("相差：0.70 − 0.58 = 0.13元/股", "相差：0.70 − 0.58 = 0.13元/股"),
        ("（0.77 + 0.70） ÷ 3 = 0.49元", "（0.77 + 0.70） ÷ 3 元"),
    ],
)
def test_only_true_results_are_taken_out(sentence: str, left: str) -> None:
    assert inputs_only(sentence) == left
