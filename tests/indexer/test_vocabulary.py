"""Metrics and rating words by all their names."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import IndexerError
from indexer.vocabulary import Vocabulary, load_vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def test_there_are_at_least_150_metrics_and_no_name_means_two(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.metrics) >= 150
    owners: dict[str, str] = {}
    for metric in vocabulary.metrics.values():
        for name in (metric.name, *metric.aliases):
            folded = name.removeprefix("!").lower().replace(" ", "")
            assert owners.setdefault(folded, metric.id) == metric.id, name


def test_every_name_of_a_metric_names_it_in_a_header(vocabulary: Vocabulary) -> None:
    for metric in vocabulary.metrics.values():
        for name in (metric.name, *metric.aliases):
            named = vocabulary.metric_of(name.removeprefix("!"))
            assert named is not None
            assert named.id == metric.id, name


@pytest.mark.parametrize(
    ("header", "metric"),
    [
        ("EPS (元/股)", "eps"),
        ("ＥＰＳ（元）", "eps"),
        (("EPS (元/股)", "2024E"), "eps"),
        (("2024E", "EPS"), "eps"),
        (("估值", "PE", "2024"), "pe"),
        ("2023E PE", "pe"),
        ("PE(X)", "pe"),
        ("PE (TTM)", "pe_ttm"),
        ("2024-02-29 股价", "price"),
        ("收盘价(2024/2/21)", "price"),
        (("总市值", "(亿元)"), "market_cap"),
        ("总市值/亿元", "market_cap"),
        ("市值（亿港元）", "market_cap"),
        ("投资评级", "rating"),
        ("一、营业总收入", "revenue"),
        ("营业收入（百万元）", "revenue"),
        ("营业收入增长率(%)", "revenue_yoy"),
        (("营业收入", "同比(%)"), "revenue_yoy"),
        (("归母净利润", "YoY"), "parent_profit_yoy"),
        ("归属于上市公司股东的扣除非经常性损益的净利润", "core_profit"),
        ("增长率(%)", "growth"),
        ("每股收益 - 最新股本摊薄（元）", "eps"),
    ],
)
def test_headers_name_metrics(
    vocabulary: Vocabulary, header: tuple[str, ...] | str, metric: str
) -> None:
    named = vocabulary.metric_of(header)
    assert named is not None
    assert named.id == metric


@pytest.mark.parametrize(
    "header",
    ["海外收入", "游戏业务收入", "代码", "公司", "2024E", "", (), "(元)", "PE分位数", "备注"],
)
def test_other_words_make_another_metric(
    vocabulary: Vocabulary, header: tuple[str, ...] | str
) -> None:
    assert vocabulary.metric_of(header) is None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("蓝色光标2023E EPS是多少", [("eps", "EPS")]),
        ("ＥＰＳ和PE谁高", [("eps", "ＥＰＳ"), ("pe", "PE")]),
        ("eps最高的公司", [("eps", "eps")]),
        ("2024PE", [("pe", "PE")]),
        ("归母净利润同比增长多少", [("parent_profit_yoy", "归母净利润同比增长")]),
        ("营业收入的增速", [("revenue_yoy", "营业收入的增速")]),
        ("每股 收益", [("eps", "每股 收益")]),
        ("总市值和收盘价", [("market_cap", "总市值"), ("price", "收盘价")]),
        ("OPEX与COPE", []),
        ("天气如何", []),
    ],
)
def test_metrics_in_questions(
    vocabulary: Vocabulary, question: str, expected: list[tuple[str, str]]
) -> None:
    found = vocabulary.find_metrics(question)
    assert [(mention.metric.id, mention.text) for mention in found] == expected


def test_words_that_are_ordinary_ones_too_are_weak(vocabulary: Vocabulary) -> None:
    (mention,) = vocabulary.find_metrics("哪家增长最快")
    assert mention.weak
    assert not vocabulary.find_metrics("市盈率")[0].weak


def test_ids_lead_to_metrics_growth_included(vocabulary: Vocabulary) -> None:
    assert vocabulary.name_of("eps") == "每股收益"
    assert vocabulary.name_of("revenue_yoy") == "营业收入同比增速"
    assert vocabulary.name_of("渠道触达系数") == "渠道触达系数"
    assert vocabulary.get("nothing_yoy") is None


def test_rating_words_stand_in_order(vocabulary: Vocabulary) -> None:
    rank = {rating.word: rating.rank for rating in vocabulary.rating_words}
    assert rank["买入"] > rank["增持"] > rank["中性"] > rank["减持"] > rank["卖出"]
    found = vocabulary.find_ratings("由“增持”上调至“强烈推荐”，Outperform")
    assert [mention.rating.word for mention in found] == ["增持", "强烈推荐", "Outperform"]


@pytest.mark.parametrize(
    "text", ["买入", "“买入”", "买入(维持)", "维持买入评级", " 买入 ", "买入-A"]
)
def test_a_rating_cell_is_read(vocabulary: Vocabulary, text: str) -> None:
    rating = vocabulary.rating_of(text)
    assert rating is not None
    assert rating.word == "买入"


@pytest.mark.parametrize(
    ("cell", "metric"),
    [
        ("每股指标（元）每股收益", "eps"),
        ("归母净利润增长获利能力", "parent_profit_yoy"),
        ("获利能力毛利率", "gross_margin"),
        ("盈利能力", None),
    ],
)
def test_a_heading_that_ran_into_a_row_does_not_hide_its_metric(
    vocabulary: Vocabulary, cell: str, metric: str | None
) -> None:
    found = vocabulary.metric_of(cell)
    assert (found.id if found else None) == metric


def test_a_user_file_is_merged_on_top(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "own.json"
    path.write_text(
        json.dumps(
            {
                "metrics": [
                    {"id": "eps", "aliases": ["每股赚头"]},
                    {"id": "reach", "name": "渠道触达系数", "family": "ratio"},
                ],
                "ratings": [{"word": "力荐", "rank": 5}],
            }
        ),
        encoding="utf-8",
    )
    own = load_vocabulary(path)
    assert [one.metric.id for one in own.find_metrics("每股赚头、EPS、渠道触达系数")] == [
        "eps",
        "eps",
        "reach",
    ]
    assert own.rating_of("力荐") is not None
    assert own.fingerprint != vocabulary.fingerprint
    assert load_vocabulary().fingerprint == vocabulary.fingerprint


def test_a_user_file_may_be_toml(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[metrics]]\nid = "reach"\nname = "渠道触达系数"\n', encoding="utf-8")
    assert load_vocabulary(path).metrics["reach"].name == "渠道触达系数"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{"),
        ("a.json", "[]"),
        ("a.toml", "x = "),
        ("a.json", '{"metrics": [{"name": "无 id"}]}'),
        ("a.json", '{"ratings": [{"word": "力荐", "rank": "高"}]}'),
        ("a.json", '{"metrics": ["eps"]}'),
    ],
)
def test_a_wrong_user_file_is_refused_by_name(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(IndexerError, match=name):
        load_vocabulary(path)


def test_a_user_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match=r"none\.json"):
        load_vocabulary(tmp_path / "none.json")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="每股收益EPS Ｐpe市盈率同比增长(%)（）/2024E营业入", max_size=24))
def test_every_mention_stands_at_its_place(text: str) -> None:
    found = load_vocabulary().find_metrics(text)
    assert all(text[mention.start : mention.end] == mention.text for mention in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_the_currency_of_each_row_is_no_part_of_the_metric() -> None:
    found = load_vocabulary().metric_of("目标价（LC）")
    assert found is not None
    assert found.id == "target_price"
