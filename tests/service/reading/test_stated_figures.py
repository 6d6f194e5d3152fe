"""Figures that sentences state: their period, what they measure, and whose they are."""

from __future__ import annotations

import pytest

from corpus.readers.text import parse_text
from corpus.report import BlockKind, SourceFile
from service.reading.stated_figures import Measure, Stated, stated_figures


def _stated(text: str) -> dict[str, Stated]:
    report = parse_text("r", text, SourceFile("r.txt", "txt", len(text), "0" * 64))
    assert all(block.kind is not BlockKind.TABLE for block in report.blocks)
    found = [one for index in range(len(report.blocks)) for one in stated_figures(report, index)]
    for one in found:
        assert one.sentence.covers(one.clause)
        assert one.clause.covers(one.value)
        assert one.figure.end == one.value.end
    return {one.value.of(report.text): one for one in found}


def test_each_figure_knows_its_period_and_what_it_measures() -> None:
    found = _stated(
        "根据协会的数据，2020年10月国内手机出货量2615.3万部，同比下降27.3%，环比增长12.5%，"
        "其中5G手机占比64.1%；预计2025年出货量为3.1亿部，CAGR为4.2%。"
    )
    assert found["2615.3万部"].measure is Measure.LEVEL
    assert found["2615.3万部"].periods == ("2020-10",)
    assert found["27.3%"].measure is Measure.YOY
    assert "手机出货量" in found["27.3%"].words
    assert found["12.5%"].measure is Measure.QOQ
    assert found["64.1%"].measure is Measure.SHARE
    assert found["3.1亿部"].periods == ("2025",)
    assert found["4.2%"].measure is Measure.CAGR


def test_names_and_figures_in_rows_belong_together_one_by_one() -> None:
    found = _stated("上半年，正极材料、负极材料、隔膜产量分别约为100万吨、67万吨和68亿平方米。")
    assert "负极材料" in found["67万吨"].words
    assert "隔膜" not in found["67万吨"].words
    assert "正极材料" not in found["68亿平方米"].words


def test_years_and_figures_in_rows_belong_together_one_by_one() -> None:
    found = _stated("公司2019-2021年营业收入分别为16.76/20.10/25.30亿元。")
    assert found["16.76"].periods == ("2019",)
    assert found["16.76"].unit == "亿元"
    assert found["20.10"].periods == ("2020",)
    assert found["25.30亿元"].periods == ("2021",)


@pytest.mark.parametrize(
    ("text", "value", "periods"),
    [
        ("2023年上半年收入277亿元（2022年上半年248亿元）。", "277亿元", ("2023H1",)),
        ("2023年上半年收入277亿元（2022年上半年248亿元）。", "248亿元", ("2022H1",)),
        ("2023年一季度营业利润为34亿元，去年同期为49亿元。", "49亿元", ("2022Q1",)),
        ("2023年二季度盈利729亿元，相比一季度的785亿元有所减少。", "785亿元", ("2023Q1",)),
        ("2023年占比由2020年的56.4%提升至62.1%。", "56.4%", ("2020",)),
    ],
)
def test_a_period_of_comparison_is_not_the_figures_own(
    text: str, value: str, periods: tuple[str, ...]
) -> None:
    assert _stated(text)[value].periods == periods


def test_growth_in_brackets_is_over_the_year() -> None:
    found = _stated("2019年样本医院销售额3.84亿元（+33.5%），毛利率为71.2%。")
    assert found["+33.5%"].measure is Measure.YOY
    assert "销售额" in found["+33.5%"].words
    assert found["71.2%"].measure is Measure.LEVEL
