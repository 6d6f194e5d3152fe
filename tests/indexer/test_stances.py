"""Words on companies as facts: 推荐 or 建议关注, ratings and how they were changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.report import Report, Sourced, Span
from indexer.stances import extract_stances
from indexer.vocabulary import load_vocabulary
from tests.indexer.test_sentence_facts import report_of

VOCABULARY = load_vocabulary()


def of_industry(text: str) -> Report:
    report = report_of(text)
    industry = Sourced("传媒", None)
    meta = replace(report.meta, subject=None, stock_codes=(), industry=industry)
    return replace(report, meta=meta)


def told(report: Report) -> list[tuple[str, str | None, str, str]]:
    return [(f.subject, f.code, f.metric, f.value) for f in extract_stances(report, VOCABULARY, ())]


def test_recommended_and_watched_companies_are_kept_apart() -> None:
    text = "头部IP有望受益，推荐贵州茅台、五粮液，建议积极关注泸州老窖（000568）等。"
    report = of_industry(text)
    assert told(report) == [
        ("贵州茅台", "600519", "stance", "推荐"),
        ("五粮液", "000858", "stance", "推荐"),
        ("泸州老窖", "000568", "stance", "建议关注"),
    ]
    for fact in extract_stances(report, VOCABULARY, ()):
        assert text[fact.start : fact.end] == fact.subject
        assert (fact.number, fact.source, fact.subject_kind) == (None, "sentence", "company")
        assert text[fact.line_start : fact.line_end].startswith("头部IP")


@pytest.mark.parametrize(
    "text",
    [
        "受益标的：贵州茅台、五粮液。",  # who gains is not yet who is to be bought
        "不推荐贵州茅台。",
        "相关研究《医药周报：重点推荐爱尔眼科》。",  # another report's words
        "推荐中国移动医疗器械产业链。",  # the beginning of another word
        "推荐标的评级600519贵州茅台1705.032.8买入。",  # a table that lost its grid
        "关注度提升，贵州茅台上涨。",
        "推荐逻辑清晰的龙头公司。",  # names nobody
    ],
)
def test_what_is_no_stance_is_no_fact(text: str) -> None:
    assert told(of_industry(text)) == []


def test_ratings_that_sentences_tell() -> None:
    assert told(report_of("业绩符合预期，首次覆盖，给予公司“买入”评级。")) == [
        ("海川数科", "300977", "rating_change", "首次覆盖"),
        ("海川数科", "300977", "rating", "买入"),
    ]
    text = "维持行业“增持”评级。上调贵州茅台至“买入”评级。给予贵州茅台、五粮液买入评级。"
    facts = extract_stances(of_industry(text), VOCABULARY, ())
    # A stock's rating and an industry's are told apart; of two companies it is left open.
    assert [(f.subject, f.subject_kind, f.metric, f.value) for f in facts] == [
        ("传媒", "industry", "rating_change", "维持"),
        ("传媒", "industry", "rating", "增持"),
        ("贵州茅台", "company", "rating_change", "上调"),
        ("贵州茅台", "company", "rating", "买入"),
    ]


def test_page_one_rates_the_company_or_the_industry() -> None:
    text = "增持(维持)\n正文。"
    rating, change = Sourced("增持", Span(0, 2)), Sourced("维持", Span(3, 5))
    for report, subject, kind in (
        (report_of(text), "海川数科", "company"),
        (of_industry(text), "传媒", "industry"),
    ):
        rated = replace(report, meta=replace(report.meta, rating=rating, rating_change=change))
        facts = extract_stances(rated, VOCABULARY, ())
        assert [(f.subject, f.subject_kind, f.metric, f.value) for f in facts] == [
            (subject, kind, "rating", "增持"),
            (subject, kind, "rating_change", "维持"),
        ]
