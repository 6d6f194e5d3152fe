"""The contract's words on refusals, brokers and missing figures, over HTTP, as a stranger."""

from __future__ import annotations

import re

import pytest

REFUSALS = {
    "国泰君安预测蓝色光标2024年EPS是多少": "no_such_broker",
    "国泰君安预测贵州茅台2030年ROE是多少": "no_such_broker",
    "中信建投预测蓝色光标2024年EPS是多少": "no_such_broker",  # 中信证券 has a report here
    "贵州茅台2024年EPS是多少": "no_such_company",
    "东吴证券预测贵州茅台2024年EPS": "no_such_company",
    "中信证券预测蓝色光标2024年EPS": "no_such_company",
    "蓝色光标2030年ROE是多少": "no_such_metric",
    "东吴证券预测光线传媒的2024年毛利率是多少": "no_such_metric",
    "蓝色光标2030年EPS是多少": "no_such_period",
    "今天天气怎么样": "not_in_corpus",
    "火星上有生命吗": "not_in_corpus",
    "asdfgh": "not_in_corpus",
    "？": "not_in_corpus",
}


def asked(site, question, **fields):
    reply = site.ask({"question": question, **fields})
    assert reply.status == 200
    return reply.json()


@pytest.mark.parametrize(("question", "reason"), REFUSALS.items())
def test_the_first_reason_that_holds_is_given_with_passages_and_words(mixed_site, question, reason):
    answer = asked(mixed_site, question)
    assert (answer["refused"], answer["kind"], answer["reason"]) == (True, "refusal", reason)
    assert answer["citations"] == []
    assert answer["others"] == []
    assert answer["passages"]
    assert re.search("[\u4e00-\u9fff]{4}", answer["answer"])
    assert answer["missing"][0]["reason"] == reason


@pytest.mark.parametrize(
    "filters",
    [
        {"stock_codes": ["999999"]},
        {"report_ids": ["nope"]},
        {"brokers": ["国泰君安"]},
        {"published_from": "2024-02-22", "published_to": "2024-02-28"},
        {"published_from": "2025-01-01", "published_to": "2024-01-01"},
        {"brokers": ["东吴证券"], "published_from": "2024-02-29"},
    ],
)
def test_filters_that_leave_nothing_refuse_and_show_nothing_from_outside(mixed_site, filters):
    answer = asked(mixed_site, "蓝色光标2024年的EPS是多少？", filters=filters)
    assert (answer["refused"], answer["reason"]) == (True, "not_in_corpus")
    assert answer["passages"] == []
    assert "筛选" in answer["answer"]


def test_a_house_outside_the_filters_has_no_report(mixed_site):
    filters = {"brokers": ["东吴证券"]}
    answer = asked(mixed_site, "华鑫证券预测蓝色光标2024年EPS是多少", filters=filters)
    assert answer["reason"] == "no_such_broker"


@pytest.mark.parametrize("cell", ["2023A", "2024E"])
def test_an_empty_cell_and_a_dash_are_cited_answers(mixed_site, cell):
    answer = asked(mixed_site, f"丙丁股份{cell} EPS是多少")
    assert not answer["refused"]
    assert "报告未给出" in answer["answer"]
    citation = answer["citations"][0]
    assert citation["quote"] == "600011\t丙丁股份\t\t-"
    assert citation["cell"]["value"] == {"2023A": "", "2024E": "-"}[cell]


def test_a_period_that_the_header_holds_is_said_once(mixed_site):
    said = asked(mixed_site, "甲乙股份2024E EPS是多少")["answer"]
    assert "甲乙股份（600010）的2024E（预测）EPS为1.80元/股" in said


def test_a_missing_figure_is_named_with_its_company_in_the_askers_words(mixed_site):
    answer = asked(mixed_site, "东吴证券预测光线传媒的2024年ROE是多少")
    assert "东吴证券的报告中没有给出光线传媒的ROE" in answer["answer"]
    assert answer["missing"][0]["asked"] == "ROE"
    answer = asked(mixed_site, "蓝色光标2024E和2030年的EPS")
    assert (answer["refused"], answer["missing"][0]["asked"]) == (False, "2030年")
    assert "没有蓝色光标的EPS在2030年的数据" in answer["answer"]


def test_companies_that_are_named_instead_have_a_code_where_any_has_one(mixed_site):
    gap = asked(mixed_site, "贵州茅台2024年EPS是多少")["missing"][0]
    codes = {fact["subject"]: fact["code"] for fact in facts(mixed_site)}
    assert gap["instead"]
    assert all(codes[name] for name in gap["instead"])


def facts(site):
    return site.get("/v1/facts?limit=1000").json()["facts"]


@pytest.mark.parametrize(
    ("asserted", "verdict"),
    [("增长了50%", "不是"), ("增长了21%", "是"), ("增长20.69%", "是"), ("下降了21%", "不是")],
)
def test_an_asserted_growth_is_judged_by_the_computed_one(mixed_site, asserted, verdict):
    answer = asked(mixed_site, f"昆仑万维2024年EPS{asserted}对吗")
    assert answer["answer"].startswith(f"{verdict}，东吴证券")
    assert answer["computation"]["result"] == "20.69"
    assert len(answer["citations"]) == 2


def test_each_house_has_a_verdict_of_its_own(mixed_site):
    said = asked(mixed_site, "光线传媒2024年EPS增长了50%对吗")["answer"]
    assert "不是，增长率：（0.24 − 0.15） ÷ 0.15 = 60.00%" in said
    assert "。是，增长率：（0.33 − 0.22） ÷ 0.22 = 50.00%" in said
