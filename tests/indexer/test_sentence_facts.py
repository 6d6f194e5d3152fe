"""Figures of sentences; what is not certain is left to prose."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.report import (
    Block,
    BlockKind,
    Report,
    ReportMeta,
    Role,
    Section,
    Sourced,
    SourceFile,
    Span,
)
from indexer.records import Fact
from indexer.sentence_facts import extract_sentence_facts
from indexer.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()


def report_of(text: str, role: Role = Role.BODY) -> Report:
    meta = ReportMeta(
        title=None,
        broker=None,
        published=Sourced(date(2024, 3, 1), None),
        analysts=(),
        stock_codes=(Sourced("300977.SZ", None),),
        industry=None,
        rating=None,
        rating_change=None,
        target_price=None,
        subject=Sourced("海川数科", None),
    )
    whole = Span(0, len(text))
    return Report(
        report_id="r",
        text=text,
        file=SourceFile("r.txt", "txt", len(text), "0"),
        meta=meta,
        sections=(Section(0, 0, (), whole),),
        blocks=(Block(BlockKind.PARAGRAPH, role, whole, 0),),
        tables=(),
        pages=(),
        extra=(),
        warnings=(),
    )


def facts(text: str) -> tuple[Fact, ...]:
    return extract_sentence_facts(report_of(text), VOCABULARY)


def essence(text: str) -> list[tuple[str, str, str | None, str | None, str | None]]:
    return [(f.subject, f.metric, f.period, f.number, f.unit) for f in facts(text)]


def test_a_level_and_its_growth() -> None:
    text = "2023年公司实现营业收入462.6亿元，同比增长12.3%；归母净利润31.2亿元，同比下降5.6%。"
    assert essence(text) == [
        ("海川数科", "revenue", "2023", "462.6", "亿元"),
        ("海川数科", "revenue_yoy", "2023", "12.3", "%"),
        ("海川数科", "parent_profit", "2023", "31.2", "亿元"),
        ("海川数科", "parent_profit_yoy", "2023", "-5.6", "%"),
    ]
    assert {fact.code for fact in facts(text)} == {"300977"}
    assert {fact.kind for fact in facts(text)} == {"actual"}


def test_a_series_of_years_takes_a_series_of_figures() -> None:
    text = "预计公司2023-2025年归母净利润分别为7.0/8.5/10.2亿元，对应PE为65/54/45倍。"
    assert essence(text) == [
        ("海川数科", "parent_profit", "2023", "7.0", "亿元"),
        ("海川数科", "parent_profit", "2024", "8.5", "亿元"),
        ("海川数科", "parent_profit", "2025", "10.2", "亿元"),
        ("海川数科", "pe", "2023", "65", "倍"),
        ("海川数科", "pe", "2024", "54", "倍"),
        ("海川数科", "pe", "2025", "45", "倍"),
    ]
    assert {fact.kind for fact in facts(text)} == {"estimate"}


def test_a_series_that_does_not_match_its_years_is_left_alone() -> None:
    assert essence("预计2023-2025年EPS分别为0.58/0.70元") == []


def test_the_words_before_the_metric_may_be_the_subject() -> None:
    assert essence("2023年国内短剧市场规模达373.9亿元，同比增长267.65%。") == [
        ("国内短剧", "market_size", "2023", "373.9", "亿元"),
        ("国内短剧", "market_size_yoy", "2023", "267.65", "%"),
    ]


def test_a_listed_company_in_the_sentence_is_the_subject() -> None:
    (fact,) = facts("贵州茅台2022年营业收入1,275.5亿元。")
    assert (fact.subject, fact.code, fact.value) == ("贵州茅台", "600519", "1,275.5")
    assert fact.number == "1275.5"


def test_a_name_with_its_code_is_the_subject_of_what_follows() -> None:
    (fact,) = facts("启明云图（688301）是行业龙头。2023年公司营业收入12.1亿元。")
    assert (fact.subject, fact.code) == ("启明云图", "688301")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # from one year to another
            "全球激光雷达市场规模从2019年的120亿元增长至2023年的300亿元。",
            [
                ("全球激光雷达", "market_size", "2019", "120", "亿元"),
                ("全球激光雷达", "market_size", "2023", "300", "亿元"),
            ],
        ),
        (  # a compound rate belongs to the stretch of years
            "2019-2023年国内激光雷达市场规模CAGR为25.7%",
            [("国内激光雷达", "market_size_cagr", "2019-01..2023-12", "25.7", "%")],
        ),
        (  # two metrics, two figures
            "2023年公司营业收入、归母净利润分别为12.3亿元、2.1亿元",
            [
                ("海川数科", "revenue", "2023", "12.3", "亿元"),
                ("海川数科", "parent_profit", "2023", "2.1", "亿元"),
            ],
        ),
        (  # 同比 and 环比 behind a level
            "24Q1公司营收12亿元，同比增长8%，环比下降3%",
            [
                ("海川数科", "revenue", "2024Q1", "12", "亿元"),
                ("海川数科", "revenue_yoy", "2024Q1", "8", "%"),
                ("海川数科", "revenue_qoq", "2024Q1", "-3", "%"),
            ],
        ),
        (  # growth first, the level behind it
            "2023年1-6月公司营收同比增长37.9%至16.6亿元",
            [
                ("海川数科", "revenue_yoy", "2023H1", "37.9", "%"),
                ("海川数科", "revenue", "2023H1", "16.6", "亿元"),
            ],
        ),
        (  # a quarter takes the year of its sentence
            "2023年公司营收40亿元，其中四季度营收12亿元",
            [
                ("海川数科", "revenue", "2023", "40", "亿元"),
                ("海川数科", "revenue", "2023Q4", "12", "亿元"),
            ],
        ),
        (  # the period between metric and figure
            "海外光伏组件出货量2023年有望达到60GW",
            [("海外光伏组件", "shipments", "2023", "60", "GW")],
        ),
        (  # a change in points
            "2023年公司毛利率为45.2%，同比下降1.3个百分点",
            [
                ("海川数科", "gross_margin", "2023", "45.2", "%"),
                ("海川数科", "gross_margin_yoy", "2023", "-1.3", "个百分点"),
            ],
        ),
        (  # a line that the margin broke
            "海川数科是国内领先的工业软件公司之一，2023年公司实现营业收入\n462.6亿元",
            [("海川数科", "revenue", "2023", "462.6", "亿元")],
        ),
        (  # a heading names the segment that follows
            "2）伺服电机：积极开发新产品，预计2025-2026年营收同比增速分别约40%、30%",
            [
                ("伺服电机", "revenue_yoy", "2025", "40", "%"),
                ("伺服电机", "revenue_yoy", "2026", "30", "%"),
            ],
        ),
        (  # words before a listed name
            "2023年行业龙头贵州茅台营业收入1,275.5亿元",
            [("贵州茅台", "revenue", "2023", "1275.5", "亿元")],
        ),
        (  # the next year is no figure of the list before it
            "2010年我国家用器械市场规模为137.6亿元，2014年市场规模为376.4亿元",
            [
                ("我国家用器械", "market_size", "2010", "137.6", "亿元"),
                ("我国家用器械", "market_size", "2014", "376.4", "亿元"),
            ],
        ),
        (  # the country is told once
            "2023年11月国内手机出货量2958.4万部，其中智能手机出货量2771.0万部",
            [
                ("国内手机", "shipments", "2023-11", "2958.4", "万部"),
                ("国内智能手机", "shipments", "2023-11", "2771.0", "万部"),
            ],
        ),
        (  # a short form of the name that the sentence opens with
            "环旭电子：4Q22环旭实现营收182.2亿元",
            [("环旭电子", "revenue", "2022Q4", "182.2", "亿元")],
        ),
        (  # a metric without a figure names the segment as well
            "我们假设2024年电力业务收入稳步增长，毛利率25%",
            [("电力业务", "gross_margin", "2024", "25", "%")],
        ),
        (  # a foreign company before the period is meant until another is
            "友达光电2022Q4整体营收为28.27亿美元，实现净利润3.12亿美元",
            [
                ("友达光电", "revenue", "2022Q4", "28.27", "亿美元"),
                ("友达光电", "net_profit", "2022Q4", "3.12", "亿美元"),
            ],
        ),
        (  # a segment, and the company again
            "2023年公司云业务收入12亿元，公司归母净利润3亿元",
            [
                ("云业务", "revenue", "2023", "12", "亿元"),
                ("海川数科", "parent_profit", "2023", "3", "亿元"),
            ],
        ),
    ],
)
def test_what_sentences_state(
    text: str, expected: list[tuple[str, str, str | None, str | None, str | None]]
) -> None:
    assert essence(text) == expected


def test_a_mark_and_a_base_value_are_kept() -> None:
    (fact,) = facts("截至2024年2月21日，公司总市值约462.6亿元")
    assert (fact.approx, fact.value_base, fact.unit_base) == ("约", "46260000000", "元")
    assert (fact.period, fact.as_of, fact.subject_kind) == ("2024-02-21", "2024-02-21", "company")


def test_a_foreign_currency_stays_apart() -> None:
    (fact,) = facts("2019年公司营业收入为32.74亿丹麦克朗")
    assert (fact.unit, fact.value_base, fact.unit_base) == ("亿丹麦克朗", "3274000000", "丹麦克朗")


def test_guidance_is_marked() -> None:
    (fact,) = facts("公司指引2024年营业收入超过500亿元")
    assert (fact.subject, fact.kind) == ("海川数科", "guidance")


@pytest.mark.parametrize(
    "text",
    [
        "营业收入462.6亿元",  # no period
        "2023年毛利率下降0.5个百分点",  # a change, not a level
        "2023年营业收入增长12%",  # over what, it does not say
        "2023年营业收入462.6倍",  # a unit that cannot be
        "2023年公司总额1.42亿元",  # no known metric
        "2024年2月票房34.6亿元",  # of which market, it does not say
        "2023年营业收入稳步增长",
        "2023年收入增速超过30%的企业有4家",  # counts companies
        "公司成立于2005年，营业收入12亿元",  # the year of another thing
        "2023年公司毛利率为10%-15%",  # a range
        "2023年公司营收增长，四季度营收",
        "四季度公司营收12亿元",  # of which year, it does not say
        "2023年SiC、GaN器件市场规模分别增长至14亿元和3.7亿美元",  # of two things
        "自2011年以来公司营收12亿元",
        "2023年台积电约2.1万亿新台币，归母净利润8384亿新台币",  # not of the report's company
        "2021年03月05日财联社晶圆均价升至1634美元",  # the day of a notice
        "2023年前三季度公司经营平稳，预计全年毛利率45%",  # of another period
        "2023年公司在热泵行业开拓有成效，销量约1469万台",  # of which product, it does not say
        "到2026年，全球行业出货量预计将达到80亿个",  # of which industry, it does not say
        "2019年公司人均创利均超过14万元",  # of several
        "2023年Pad延续景气中国PC出货量719.5万台",  # a heading has run into a name
        "2023年计划新增锂电池铜箔产能1500吨",  # not the capacity
        "2023年，对应的功率半导体市场规模为31.4亿美元",  # of what was told before
        "北京厂（2019年收入排名第一）规划产能3万片/月",  # the year is the bracket's
        "超市场预期（Wind一致预期2023年公司归母净利润为24.1亿元）",  # others' forecast
        "2023年天猫平台药房等渠道销量91.03万元",  # money is no volume
        "2023年公司净利润同比提升2.7个百分点",  # of its margin, by a slip of the pen
        "2023年中国人均GDP6.46万元",  # a head's
        "公司2023年IGBT市场占有率达到2.2%",  # hers, not the product's
        "受到1Q23铺货高基数影响；云板块实现收入8.00亿元",  # the quarter of another clause
        "2021E2022E归属于母公司净利润1,8552,887净利润增长率29.3%37.7%",  # a table without grid
    ],
)
def test_what_is_not_certain_is_no_fact(text: str) -> None:
    assert essence(text) == []


def test_words_between_that_name_another_end_what_was_meant() -> None:
    text = "2018年我国器械市场规模为5304亿元，其中影像是最大的细分板块，占比16%，预计2018年市场规模约850亿元"
    assert [number for _, _, _, number, _ in essence(text)] == ["5304"]


def test_a_name_that_a_long_report_says_once_may_have_a_heading_in_it() -> None:
    sentence = "2023年谐波减速器销量12.3万台。"
    filler = "公司经营稳健，各项工作有序推进。" * 100
    assert essence(sentence + filler) == []
    twice = essence(sentence + filler + "谐波减速器是关键部件。")
    assert twice == [("谐波减速器", "sales_volume", "2023", "12.3", "万台")]
    assert essence(sentence) == twice  # a short text says a name once


@pytest.mark.parametrize(
    "text",
    [
        "据中国医药物资协会预测，2023年总销售额超过2500亿元",  # no listed company
        "2023年全国医保收支结构基金收入10005584015845支",  # a table that ran into one
    ],
)
def test_a_name_that_goes_on_and_figures_that_ran_together(text: str) -> None:
    assert essence(text) == []


def test_what_was_expected_is_no_estimate() -> None:
    (fact,) = facts("双率优于预期，2023年公司营收126.8亿元")
    assert fact.kind == "actual"


def test_in_a_report_on_no_company_a_segment_needs_its_owner() -> None:
    def of_industry(text: str) -> list[tuple[str, str | None]]:
        report = report_of(text)
        report = replace(report, meta=replace(report.meta, subject=None, stock_codes=()))
        return [(f.subject, f.number) for f in extract_sentence_facts(report, VOCABULARY)]

    assert of_industry("2019年EDA软件收入占比59%。2019年功率器件收入7.1亿元。") == []
    told = of_industry("晶方科技：公司公布2021年Q1财报，实现营收3.29亿元")
    assert told == [("晶方科技", "3.29")]
    told = of_industry("安图生物：公司2022年实现化学发光业务收入12亿元")
    assert told == [("安图生物化学发光业务", "12")]


def test_the_kind_of_figures_that_a_forecast_starts_from() -> None:
    kinds = [f.kind for f in facts("全球存储市场规模有望从2022年的31.4亿元升至2026年的68.6亿元")]
    assert kinds == ["actual", "estimate"]
    (fact,) = facts("2024Q1公司实现归母净利润3.1亿元")  # the report is of March
    assert fact.kind == "actual"
    (fact,) = facts("2024Q1公司归母净利润3.1亿元")
    assert fact.kind is None


def test_a_change_up_to_a_level_is_a_level() -> None:
    assert essence("2023年公司毛利率提升至45.2%") == [
        ("海川数科", "gross_margin", "2023", "45.2", "%")
    ]


def test_disclaimers_state_no_figures() -> None:
    report = report_of("2023年公司营业收入462.6亿元", Role.DISCLAIMER)
    assert extract_sentence_facts(report, VOCABULARY) == ()


PIECES = [
    "2023年",
    "公司",
    "营业收入",
    "为",
    "462.6亿元",
    "，",
    "同比增长",
    "12.3%",
    "。",
    "EPS",
    "\n",
]
PIECES += ["分别为", "0.5/0.6元", "2024-2025年", "１．２倍", "预计", "毛利率", "贵州茅台"]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
@example(["2023年", "2023年", "。", "2023年", "毛利率", "\n", "12.3%"])  # a full line is wrapped
def test_every_fact_stands_word_for_word_in_its_sentence(words: list[str]) -> None:
    text = "".join(words)
    for fact in facts(text):
        assert text[fact.start : fact.end] == fact.value
        assert fact.line_start <= fact.start < fact.end <= fact.line_end
        assert "\n" not in fact.value
        for at in range(fact.line_start, fact.line_end):
            if text[at] == "\n":  # only a page's margin breaks a sentence, never its writer
                assert at - (text.rfind("\n", 0, at) + 1) >= 18
