"""The store gives back what was written, found by every key, alone and from many threads."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.fact_store import FactStore, write_facts
from indexer.records import CellPath, Fact

FIRST = Fact(
    fact_id="a:10-14",
    report_id="a",
    subject="启明云图",
    code="688301",
    metric="eps",
    metric_text="EPS (元/股)",
    period="2023",
    period_text="2023E",
    kind="estimate",
    value="0.58",
    number="0.58",
    unit="元/股",
    start=10,
    end=14,
    line_start=0,
    line_end=20,
    cell=CellPath("表 1", "688301 启明云图", "EPS (元/股) 2023E", 0, 2, 5),
    as_of=None,
)
SECOND = replace(FIRST, fact_id="a:16-20", period="2024", period_text="2024E", start=16, end=20)
OTHER = replace(
    FIRST,
    fact_id="b:3-5",
    report_id="b",
    subject="启明云图",
    metric="rating",
    metric_text="投资评级",
    period=None,
    period_text=None,
    kind=None,
    value="买入",
    number=None,
    unit=None,
    start=3,
    end=5,
)
SENTENCE = replace(
    FIRST, fact_id="b:30-36", report_id="b", subject="全国票房", code=None, metric="box_office",
    metric_text="票房", start=30, end=36, cell=None, as_of="2024-02-21",
    approx="约", subject_kind="industry", value_base="373.9", unit_base="元", page=3,
    direction="同比", warnings=("与图 3 不符",),
)  # fmt: skip


def store_of(*facts: Fact) -> FactStore:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    assert write_facts(connection, facts) == len(facts)
    return FactStore(connection)


@pytest.fixture
def store() -> FactStore:
    return store_of(SENTENCE, SECOND, OTHER, FIRST)


def test_facts_come_back_as_they_were_in_the_order_of_the_text(store: FactStore) -> None:
    assert store.find(source=None) == [FIRST, SECOND, OTHER, SENTENCE]
    assert store.find(source=None, limit=2, offset=1) == [SECOND, OTHER]


def test_facts_of_sentences_are_given_when_they_are_asked_for(store: FactStore) -> None:
    assert store.find() == [FIRST, SECOND, OTHER]
    assert store.find(source="sentence") == [SENTENCE]
    assert [subject.name for subject in store.subjects()] == ["启明云图"]
    assert [use.metric for use in store.metrics("sentence")] == ["box_office"]
    assert store.periods(subject="全国票房") == ()


def test_conditions_hold_together_and_values_are_alternatives(store: FactStore) -> None:
    assert store.find(metrics=("eps",), periods=("2024",)) == [SECOND]
    assert store.find(periods=("2024", "2023"), report_ids=("a",)) == [FIRST, SECOND]
    assert store.find(subjects=("启明云图",), metrics=("rating", "eps"), report_ids=["b"]) == [
        OTHER
    ]
    assert store.find(limit=1) == [FIRST]


def test_an_empty_condition_matches_nothing(store: FactStore) -> None:
    assert store.find(subjects=()) == []
    assert store.find(report_ids=()) == []


@pytest.mark.parametrize("name", ["启明云图", "啟明雲圖", " 启明 云图 "])
def test_names_are_compared_folded(store: FactStore, name: str) -> None:
    assert store.find(subjects=(name,), metrics=("ＥＰＳ",)) == [FIRST, SECOND]


@pytest.mark.parametrize("code", ["688301", "688301.SH"])
def test_codes_are_compared_without_suffix(store: FactStore, code: str) -> None:
    assert store.find(codes=(code,)) == [FIRST, SECOND, OTHER]


def test_a_hong_kong_code_is_found_with_and_without_its_zeros() -> None:
    fact = replace(FIRST, code="0700")
    assert store_of(fact).find(codes=("00700.HK",)) == [fact]


def test_subjects_metrics_and_periods_are_listed(store: FactStore) -> None:
    named = {subject.name: subject for subject in store.subjects(source=None)}
    assert named["启明云图"].report_ids == ("a", "b")
    assert named["全国票房"].code is None
    assert [(use.metric, use.texts) for use in store.metrics(source=None)] == [
        ("box_office", ("票房",)),
        ("eps", ("EPS (元/股)",)),
        ("rating", ("投资评级",)),
    ]
    assert store.periods() == ("2023", "2024")
    assert store.periods(subject="全国票房", source=None) == ("2023",)
    assert store.periods(subject="启明云图", metric="rating") == ()
    assert store.count() == 4


def test_a_database_without_facts_is_an_empty_store() -> None:
    store = FactStore(sqlite3.connect(":memory:"))
    assert (store.count(), store.find(), store.subjects(), store.periods()) == (0, [], (), ())


def test_facts_can_be_added_later() -> None:
    connection = sqlite3.connect(":memory:")
    write_facts(connection, [FIRST])
    assert write_facts(connection, [OTHER]) == 1
    assert FactStore(connection).find() == [FIRST, OTHER]


def test_many_threads_may_ask_at_once(store: FactStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: store.find(metrics=("eps",)), range(200)))
    assert all(answer == [FIRST, SECOND] for answer in answers)


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(words, words, st.none() | st.sampled_from(["2023", "2024Q1"])), max_size=20)
)
def test_whatever_is_written_is_found_by_its_own_keys(
    rows: list[tuple[str, str, str | None]],
) -> None:
    facts = [
        replace(FIRST, fact_id=f"a:{at}-{at + 1}", subject=subject, metric=metric, period=period,
                start=at, end=at + 1)
        for at, (subject, metric, period) in enumerate(rows)
    ]  # fmt: skip
    store = store_of(*facts)
    assert store.find() == facts
    for fact in facts:
        periods = (fact.period,) if fact.period else None
        assert fact in store.find(subjects=(fact.subject,), metrics=(fact.metric,), periods=periods)
