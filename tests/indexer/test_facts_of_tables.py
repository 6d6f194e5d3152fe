"""Forms of tables as statements and research reports print them, each worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from corpus.report import Report, Sourced, Span
from indexer.facts import extract_facts
from indexer.vocabulary import load_vocabulary
from tests.indexer.test_facts import meta, report_of

VOCABULARY = load_vocabulary()
OWN = meta(date(2024, 3, 1), subject="海川数科", code="300977.SZ")


def essence(report: Report) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (f.subject, f.metric, f.period, f.number)
        for f in extract_facts(report, VOCABULARY)
        if f.number is not None
    ]


def test_headings_inside_a_table_name_the_segments_of_their_rows() -> None:
    report = report_of(
        """
云业务 | |
营业收入 | 6.0 | 7.0
毛利率 | 24% | 25%
硬件 | |
营业收入 | 3.0 | 2.0
增长率 | -17% | -33%
合计 | |
营业收入 | 9.0 | 9.0
""",
        [("项目",), ("2023A",), ("2024E",)],
        (0,),
        title="表 6：收入拆分",
        unit="亿元",
        about=OWN,
    )
    assert essence(report) == [
        ("云业务", "revenue", "2023", "6.0"),
        ("云业务", "revenue", "2024", "7.0"),
        ("云业务", "gross_margin", "2023", "24"),
        ("云业务", "gross_margin", "2024", "25"),
        ("硬件", "revenue", "2023", "3.0"),
        ("硬件", "revenue", "2024", "2.0"),
        ("硬件", "revenue_yoy", "2023", "-17"),
        ("硬件", "revenue_yoy", "2024", "-33"),
        ("海川数科", "revenue", "2023", "9.0"),
        ("海川数科", "revenue", "2024", "9.0"),
    ]


def test_headings_over_groups_of_ratios_name_nobody() -> None:
    report = report_of(
        """
成长能力(%) | |
营业收入 | 5.0 | 20.0
盈利能力 | |
毛利率 | 45% | 46%
""",
        [("",), ("2023A",), ("2024E",)],
        (0,),
        about=OWN,
    )
    assert {fact[0] for fact in essence(report)} == {"海川数科"}
    assert ("海川数科", "revenue_yoy", "2024", "20.0") in essence(report)


def test_a_row_of_one_word_is_a_heading_and_no_figure() -> None:
    report = report_of(
        """
 | 分产品 |
云业务 | 6.0 | 24%
 | 分地区 |
国内 | 5.0 | 25%
""",
        [("",), ("营业收入（亿元）",), ("毛利率",)],
        (0,),
        about=OWN,
    )
    facts = extract_facts(report, VOCABULARY)
    assert [(f.subject, f.subject_kind, f.value) for f in facts] == [
        ("云业务", "segment", "6.0"),
        ("云业务", "segment", "24%"),
        ("国内", "region", "5.0"),
        ("国内", "region", "25%"),
    ]


def test_what_a_column_makes_of_the_row_s_metric() -> None:
    report = report_of(
        "营业收入 | 83.4 | 91.2 | -9% | 12% | 70%",
        [
            ("",),
            ("2025E", "新预测"),
            ("2025E", "前预测"),
            ("2025E", "差异"),
            ("2025E", "同比"),
            ("2025E", "占比"),
        ],
        (0,),
        unit="亿元",
        about=OWN,
    )
    facts = extract_facts(report, VOCABULARY)
    assert [(f.subject, f.metric, f.number, f.unit) for f in facts] == [
        ("海川数科", "revenue", "83.4", "亿元"),
        ("海川数科", "营业收入前预测", "91.2", "亿元"),
        ("海川数科", "营业收入差异", "-9", "%"),
        ("海川数科", "revenue_yoy", "12", "%"),
        ("海川数科", "营业收入占比", "70", "%"),
    ]
    assert facts[3].direction == "同比"


def test_a_side_bar_of_names_and_values_with_two_in_one() -> None:
    report = report_of(
        "收盘价 | 13.06元\n总市值/流通市值 | 21201/20980百万元\n市净率(倍) | 1.6",
        [("",), ("",)],
        (0,),
        title="基础数据",
        about=OWN,
    )
    facts = extract_facts(report, VOCABULARY)
    assert [(f.metric, f.value, f.unit) for f in facts] == [
        ("price", "13.06元", "元"),
        ("market_cap", "21201", "百万元"),
        ("float_cap", "20980", "百万元"),
        ("pb", "1.6", "倍"),
    ]
    for fact in facts:
        assert report.text[fact.start : fact.end] == fact.value


def test_scores_about_metrics_are_not_the_metrics() -> None:
    report = report_of(
        "PE | 3 | 4\nPB | 5 | 1",
        [("因子",), ("采掘",), ("化工",)],
        (0,),
        title="图表 15：各行业因子得分",
        about=meta(),
    )
    assert {f.metric for f in extract_facts(report, VOCABULARY)} == {"市盈率得分", "市净率得分"}


def test_in_a_table_of_scores_unknown_rows_are_scores_too() -> None:
    report = report_of(
        """
本月收益（%） | | -11.4 | -7.3
收益得分 | | 3 | 5
因子回报（%） | | 各行业对应因子的得分 |
PB | 3.5 | 5 | 4
预期PE | -0.8 | 2 | 3
3个月 | -3.8 | 4 | 1
""",
        [(), (), ("采掘",), ("化工",)],
        (0,),
        title="图表 14：因子分析",
        about=meta(),
    )
    assert essence(report) == [
        ("采掘", "本月收益", None, "-11.4"),
        ("化工", "本月收益", None, "-7.3"),
        ("采掘", "收益得分", None, "3"),
        ("化工", "收益得分", None, "5"),
        ("因子分析", "市净率因子回报", None, "3.5"),  # the column that only the banner heads
        ("采掘", "市净率得分", None, "5"),
        ("化工", "市净率得分", None, "4"),
        ("因子分析", "预期pe因子回报", None, "-0.8"),
        ("采掘", "预期pe得分", None, "2"),
        ("化工", "预期pe得分", None, "3"),
        ("因子分析", "3个月因子回报", None, "-3.8"),
        ("采掘", "3个月得分", None, "4"),
        ("化工", "3个月得分", None, "1"),
    ]


def test_returns_of_factors_keep_the_stretch_that_they_are_of() -> None:
    report = report_of(
        "PB | 1.2% | 0.3%\n3个月 | -0.2% | 0.9%",
        [("指标",), ("因子收益（月度平均）", "2008"), ("因子收益（月度平均）", "最近1年")],
        (0,),
        title="图表 10：各因子回报",
        about=meta(),
    )
    assert essence(report) == [
        ("各因子回报", "市净率因子收益", "2008", "1.2"),
        ("各因子回报", "市净率因子收益最近1年", None, "0.3"),
        ("各因子回报", "3个月因子收益", "2008", "-0.2"),
        ("各因子回报", "3个月因子收益最近1年", None, "0.9"),
    ]


def test_statistics_of_factors_in_a_quant_report_are_not_the_metrics() -> None:
    about = replace(meta(), title=Sourced("风格因子驱动下的量化选股", None))
    table = "电子元器件 | -0.0103 | 0.0106\n机0.0358械 | 0.0201 | 0.0044"
    headers: list[tuple[str, ...]] = [(), ("存货周转率",), ("市净率",)]
    report = report_of(table, headers, (0,), title="行业", about=about)
    assert essence(report) == [
        ("电子元器件", "存货周转率因子值", None, "-0.0103"),
        ("电子元器件", "市净率因子值", None, "0.0106"),
    ]  # a row whose key has swallowed a cell says nothing
    (first, *_) = essence(report_of("采掘 | 3.1 | 2.2", headers, (0,), title="行业", about=about))
    assert first == ("采掘", "inventory_turnover", None, "3.1")


def test_a_caption_dates_a_table_that_names_no_period() -> None:
    headers: list[tuple[str, ...]] = [("",), ("收入",), ("毛利率",), ("目标价",)]
    report = report_of(
        "云业务 | 6.0 | 24% | 9.1", headers, (0,), title="表 2：海川2023年度数据", about=OWN
    )
    assert essence(report) == [
        ("云业务", "revenue", "2023", "6.0"),
        ("云业务", "gross_margin", "2023", "24"),
        ("云业务", "target_price", None, "9.1"),
    ]
    for title in ("图 1：2020年以来的情况", "表 1：2022年与2023年", "表 1：2023年估值"):
        report = report_of("云业务 | 6.0 | 24% | 9.1", headers, (0,), title=title, about=OWN)
        assert {period for _, _, period, _ in essence(report)} == {None}
    title = "图 3：分部加总估值法（2025年）"
    report = report_of("云业务 | 6.0 | 24% | 9.1", headers, (0,), title=title, about=OWN)
    assert [fact.kind for fact in extract_facts(report, VOCABULARY)] == ["estimate"] * 2 + [None]


def test_offices_of_a_broker_state_nothing() -> None:
    report = report_of(
        "地址 | 天河北路 | 民田路\n邮政编码 | 510075 | 518026",
        [("",), ("广州",), ("深圳",)],
        (0,),
        about=meta(),
    )
    assert essence(report) == []


def test_a_title_without_words_names_nobody() -> None:
    report = report_of("绝对收益 | 1.5%", [("涨跌幅",), ("1M",)], (0,), title="-15%", about=meta())
    assert "-15%" not in {fact.subject for fact in extract_facts(report, VOCABULARY)}


def test_a_printed_unit_that_a_metric_cannot_have_makes_another_figure_of_it() -> None:
    report = report_of(
        "存货 | 1,041.0 | 5.30%",
        [("",), ("2022年末", "金额"), ("2022年末", "比重增减")],
        (0,),
        unit="百万元",
        about=OWN,
    )
    facts = extract_facts(report, VOCABULARY)
    assert [(f.subject, f.metric, f.unit) for f in facts] == [
        ("海川数科", "inventory", "百万元"),
        ("海川数科", "存货比重增减", "%"),
    ]


def test_unknown_rows_under_columns_of_this_and_last_period_are_figures() -> None:
    report = report_of(
        "中介机构费 | 94.7 | 80.1\n合同资产减值损失 | -1.0 | -2.0",
        [("项目",), ("本期发生额",), ("上期发生额",)],
        (0,),
        unit="百万元",
        about=OWN,
    )
    facts = extract_facts(report, VOCABULARY)
    assert {(f.subject, f.metric) for f in facts} == {
        ("海川数科", "中介机构费"),
        ("海川数科", "合同资产减值损失"),
    }


def test_names_beside_codes_are_the_subjects_wherever_they_stand() -> None:
    report = report_of(
        "600475.SZ | 16.7 | 某某环能",
        [("代码",), ("股价（元）",), ("公司简称",)],
        (0,),
        about=meta(),
    )
    (fact,) = extract_facts(report, VOCABULARY)
    assert (fact.subject, fact.code, fact.metric) == ("某某环能", "600475", "price")


def test_definitions_of_ratings_beside_prose_are_no_facts() -> None:
    report = report_of(
        "股票评级 | 买入 | 股价表现优于市场代表性指数10%以上\n | 中性 | 介于±10%之间\n | 卖出 | 弱于指数",
        [("类别",), ("级别",), ("说明",)],
        (0,),
        about=OWN,
    )
    assert extract_facts(report, VOCABULARY) == ()


def test_a_compound_rate_is_of_the_whole_stretch() -> None:
    report = report_of(
        "智能手机 | 1,292.2 | 3.1%",
        [("出货量（百万台）",), ("2020",), ("2025E-2029E复合增速",)],
        (0,),
        title="图表 2：全球消费电子出货量",
        about=meta(date(2025, 7, 14)),
    )
    assert essence(report) == [
        ("智能手机", "shipments", "2020", "1292.2"),
        ("智能手机", "shipments_cagr", "2025-01..2029-12", "3.1"),
    ]


@pytest.mark.parametrize("code", ["1810 HK Equity", "688036 CH Equity", "AAPL US Equity"])
def test_codes_as_terminals_print_them(code: str) -> None:
    report = report_of(
        f"{code} | 某某公司 | 57.4 | 买入", [("代码",), ("公司",), ("现价",), ("评级",)], (0, 1)
    )
    facts = extract_facts(report, VOCABULARY)
    assert {(f.subject, f.code) for f in facts} == {("某某公司", code.split()[0])}


def two_pages(first: Report, second: Report, between: str) -> Report:
    """The second report's table set behind the first one's, on the next page."""
    text = first.text + between + "\f"
    shift = len(text)
    (table,) = second.tables

    def moved(span: Span) -> Span:
        return Span(span.start + shift, span.end + shift)

    rows = tuple(
        replace(
            row,
            span=moved(row.span),
            cells=tuple(replace(cell, span=moved(cell.span)) for cell in row.cells),
        )
        for row in table.rows
    )
    header = moved(table.header_span) if table.header_span else None
    later = replace(table, span=moved(table.span), header_span=header, rows=rows)
    return replace(first, text=text + second.text, tables=(*first.tables, later))


def test_a_table_goes_on_over_the_page_with_its_header_and_unit() -> None:
    first = report_of(
        "营业收入 | 83 | 92", [("百万元",), ("2023A",), ("2024E",)], (0,), unit="百万元", about=OWN
    )
    second = report_of("净利润 | 8 | 9", [("",), ("",), ("",)], (0,), about=OWN)
    facts = extract_facts(two_pages(first, second, "请阅读末页声明\n"), VOCABULARY)
    assert [(f.metric, f.period, f.unit, f.page) for f in facts][2:] == [
        ("net_profit", "2023", "百万元", None),
        ("net_profit", "2024", "百万元", None),
    ]
    other = extract_facts(two_pages(first, second, "正文" * 200), VOCABULARY)
    assert [f.period for f in other][2:] == ["2023", "2024"]  # the text stands on the page before


def test_the_parent_s_own_statements_are_not_the_company_s() -> None:
    report = report_of(
        "营业收入 | 29.3 | 28.1",
        [("项目",), ("2025年第一季度",), ("2024年第一季度",)],
        (0,),
        title="母公司利润表",
        unit="亿元",
        about=OWN,
    )
    assert {fact[0] for fact in essence(report)} == {"母公司"}


def test_a_company_s_own_report_gives_the_period_of_its_columns() -> None:
    report = report_of(
        "营业收入 | 32.9 | 32.4 | 1.46",
        [("项目",), ("本报告期",), ("上年同期",), ("本报告期比上年同期增减变动幅度(%)",)],
        (0,),
        title="海川数科2025年第一季度报告",
        unit="亿元",
        about=meta(None, subject="海川数科", code="300977.SZ"),
    )
    facts = extract_facts(report, VOCABULARY)
    assert [(f.metric, f.period, f.kind, f.number) for f in facts] == [
        ("revenue", "2025Q1", "actual", "32.9"),
        ("revenue", "2024Q1", "actual", "32.4"),
        ("revenue_yoy", "2025Q1", "actual", "1.46"),
    ]


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("营业收入(百万元)", "百万元"),
        ("营业收入（单位：亿元）", "亿元"),
        ("营业收入[单位]万元", "万元"),
        ("营业收入/亿元", "亿元"),
    ],
)
def test_a_unit_in_the_words_of_a_row(header: str, unit: str) -> None:
    report = report_of(f"{header} | 12", [("",), ("2023A",)], (0,), about=OWN)
    (fact,) = extract_facts(report, VOCABULARY)
    assert (fact.metric, fact.unit, fact.unit_base) == ("revenue", unit, "元")
