"""The fact list over reports whose figures stand in tables and in sentences."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import Snapshot, open_snapshot
from service.fact_forms import COLUMNS, facts_csv, facts_parquet
from service.fact_list import FactQuery, facts_of, facts_page

REPORT = """东海证券

2024年03月01日

青山科技深度报告

青山科技（688001）主营光学镜头，2023年营业收入约12.8亿元，同比下降3.5%。预计2024年营业收入15亿元。

表 1：青山科技盈利预测（百万元）

项目\t2023A\t2024E
营业收入\t1,280.5\t1,500.0
毛利率\t45.2%\t-
"""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    place: Path = tmp_path_factory.mktemp("facts")
    (place / "reports").mkdir()
    (place / "reports" / "one.txt").write_text(REPORT, encoding="utf-8")
    build([place / "reports"], place / "index")
    return open_snapshot(place / "index")


def page(snapshot: Snapshot, **asked: object) -> list[tuple[str, str | None, str, str | None, str]]:
    found = facts_page(snapshot, FactQuery(**asked), "http://x").facts
    return [(f.metric, f.period, f.value, f.unit, f.source) for f in found]


def test_both_sources_are_listed_and_may_be_asked_for_alone(snapshot: Snapshot) -> None:
    sentences = [
        ("revenue", "2023", "12.8", "亿元", "sentence"),
        ("revenue", "2024", "15", "亿元", "sentence"),
    ]
    tables = [
        ("revenue", "2023", "1,280.5", "百万元", "table"),
        ("revenue", "2024", "1,500.0", "百万元", "table"),
    ]
    assert page(snapshot, metric="营业收入") == sentences + tables
    assert page(snapshot, metric="营业收入", source="sentence") == sentences
    assert page(snapshot, metric="营业收入", source="table") == tables
    assert page(snapshot, metric="营业收入", period="2024E", company="青山科技") == [
        sentences[1],
        tables[1],
    ]


def test_every_field_of_the_contract_is_there(snapshot: Snapshot) -> None:
    query = FactQuery(metric="营业收入同比", period="2023")
    (fact,) = facts_page(snapshot, query, "http://x").facts
    assert (fact.value, fact.unit, fact.value_base, fact.unit_base) == ("3.5", "%", "-3.5", "%")
    assert (fact.direction, fact.kind, fact.subject, fact.code) == (
        "同比", "actual", "青山科技", "688001",
    )  # fmt: skip
    assert (fact.broker, str(fact.published), fact.as_of) == ("东海证券", "2024-03-01", None)
    assert fact.citation.quote.startswith("青山科技（688001）主营光学镜头")
    assert fact.citation.cell is None
    assert fact.citation.quote in REPORT
    level = facts_page(snapshot, FactQuery(metric="revenue", period="2023"), "http://x").facts[0]
    assert (level.approx, level.value_base, level.unit_base) == ("约", "1280000000", "元")


def test_a_missing_figure_says_so(snapshot: Snapshot) -> None:
    (fact,) = facts_page(snapshot, FactQuery(metric="毛利率", period="2024"), "http://x").facts
    assert (fact.value, fact.value_base, fact.warnings) == ("-", None, ["报告未给出"])


def test_pages_follow_each_other(snapshot: Snapshot) -> None:
    every = page(snapshot)
    paged, cursor = [], None
    for _ in every:
        found = facts_page(snapshot, FactQuery(limit=2, cursor=cursor), "http://x")
        paged += [(f.metric, f.period, f.value, f.unit, f.source) for f in found.facts]
        cursor = found.next
        if cursor is None:
            break
    assert paged == every
    assert len(every) == 7


def test_files_hold_the_same_figures(snapshot: Snapshot) -> None:
    from pyarrow import parquet

    facts = list(facts_of(snapshot, FactQuery(limit=1), "http://x"))
    assert len(facts) == 7
    rows = list(csv.DictReader(io.StringIO(facts_csv(facts))))
    assert tuple(rows[0]) == COLUMNS
    table = parquet.read_table(io.BytesIO(facts_parquet(facts)))
    assert tuple(table.column_names) == COLUMNS
    for fact, row, packed in zip(facts, rows, table.to_pylist(), strict=True):
        assert (row["value"], row["citation"]) == (fact.value, fact.citation.url)
        assert packed["fact_id"] == row["fact_id"] == fact.fact_id
        assert packed["value_base"] == (Decimal(fact.value_base) if fact.value_base else None)
        assert packed["published"] == fact.published


def test_stances_and_ratings_are_listed_as_words(tmp_path: Path) -> None:
    text = (
        "东海证券\n\n2024年03月01日\n\n白酒行业周报\n\n"
        "投资建议：推荐贵州茅台、五粮液，建议关注泸州老窖。\n\n上调贵州茅台至“买入”评级。\n"
    )
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "one.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "reports"], tmp_path / "index")
    listed = open_snapshot(tmp_path / "index")
    stances = facts_page(listed, FactQuery(metric="stance"), "http://x").facts
    assert [(f.subject, f.value, f.value_base, f.name) for f in stances] == [
        ("贵州茅台", "推荐", None, "推荐与关注"),
        ("五粮液", "推荐", None, "推荐与关注"),
        ("泸州老窖", "建议关注", None, "推荐与关注"),
    ]
    assert {f.citation.quote for f in stances} == {
        "投资建议：推荐贵州茅台、五粮液，建议关注泸州老窖"
    }
    assert [f.value for f in facts_page(listed, FactQuery(metric="推荐与关注"), "").facts] == [
        f.value for f in stances
    ]
    of_one = facts_page(listed, FactQuery(company="600519", source="sentence"), "http://x").facts
    assert [(f.metric, f.value) for f in of_one] == [
        ("stance", "推荐"),
        ("rating_change", "上调"),
        ("rating", "买入"),
    ]
    assert len({f.fact_id for f in stances}) == len(stances)
