"""A user's own words: what each section of the file does, and how a wrong row is refused."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from corpus.errors import IndexerError
from corpus.figures import find_figures, is_unit, parse_number, same_dimension, to_base
from corpus.own_words import NO_OWN_WORDS, own_words, use_own_words
from corpus.periods import find_periods, parse_period
from corpus.tickers import load_listings
from indexer.facts import extract_facts
from indexer.sentence_facts import extract_sentence_facts
from indexer.vocabulary import Vocabulary, load_vocabulary
from tests.indexer.test_facts import meta
from tests.indexer.test_facts import report_of as table_report_of
from tests.indexer.test_sentence_facts import report_of

FILE = """
[[companies]]
name = "红日能源"
code = "688999.SH"
aliases = ["红日股份", "红日"]

[[companies]]
name = "茅台集团股份"
code = "600519"

[[units]]
unit = "标煤吨"
base = "吨"
factor = "0.7"

[[units]]
unit = "箱次"

[[periods]]
name = "上半财年"
means = "上半年"

[[periods]]
name = "十四五"
means = "2021-2025年"

[[metrics]]
id = "reach"
name = "渠道触达量"
family = "count"
"""


@pytest.fixture(autouse=True)
def nothing_of_ones_own() -> Iterator[None]:
    """Other tests know the shipped words only."""
    yield
    use_own_words(NO_OWN_WORDS)


@pytest.fixture
def own(tmp_path: Path) -> Vocabulary:
    path = tmp_path / "own.toml"
    path.write_text(FILE, encoding="utf-8")
    return load_vocabulary(path)


def test_companies_are_found_by_every_name(own: Vocabulary) -> None:
    listings = load_listings()
    named = listings.find("红日能源、红日股份与红日；贵州茅台")
    assert [(one.name, one.code) for one in named] == [
        ("红日能源", "688999"),
        ("红日能源", "688999"),
        ("红日能源", "688999"),
        ("茅台集团股份", "600519"),  # a name that the list gave it is another name of it
    ]
    assert listings.by_code("688999.SH") == "红日能源"
    assert listings.by_name("红日") == "688999"


def test_units_are_read_scaled_and_compared(own: Vocabulary) -> None:
    (figure,) = find_figures("消耗12.5万标煤吨")
    assert (figure.value, figure.unit) == (Decimal("12.5"), "万标煤吨")
    assert to_base(figure.value, figure.unit) == (Decimal("87500.0"), "吨")
    assert same_dimension("标煤吨", "万吨")
    assert is_unit("万箱次")
    assert not same_dimension("箱次", "箱")
    assert parse_number("3.2箱次") == Decimal("3.2")


def test_names_of_periods_mean_what_the_file_says(own: Vocabulary) -> None:
    assert parse_period("2024年上半财年") == parse_period("2024年上半年")
    assert parse_period("2024上半财年") == parse_period("2024H1")
    (open_one,) = find_periods("上半财年营收")
    assert open_one.relative
    assert open_one.period.on(date(2024, 9, 1)).label == "2024H1"
    years = [one.period.label for one in find_periods("“十四五”期间")]
    assert years == ["2021", "2022", "2023", "2024", "2025"]


def test_sentences_and_tables_are_read_with_them(own: Vocabulary) -> None:
    report = report_of("2023上半财年红日能源渠道触达量12.5万箱次。")
    report = replace(report, meta=replace(report.meta, subject=None, stock_codes=()))
    (fact,) = extract_sentence_facts(report, own)
    assert (fact.subject, fact.code, fact.metric, fact.period) == (
        "红日能源",
        "688999",
        "reach",
        "2023H1",
    )
    assert (fact.number, fact.unit, fact.value_base) == ("12.5", "万箱次", "125000")
    table = table_report_of(
        "渠道触达量（箱次） | 30 | 40",
        [("",), ("2022年上半财年",), ("2023年上半财年",)],
        (0,),
        about=meta(subject="海川数科"),
    )
    cells = [(f.period, f.number, f.unit) for f in extract_facts(table, own)]
    assert cells == [("2022H1", "30", "箱次"), ("2023H1", "40", "箱次")]


def test_other_words_make_another_fingerprint_and_go_to_other_processes(own: Vocabulary) -> None:
    shipped = load_vocabulary()
    assert own.fingerprint != shipped.fingerprint
    use_own_words(NO_OWN_WORDS)
    assert load_listings().by_code("688999") is None
    # A task takes the vocabulary along into a worker: it is made anew there, as a copy is.
    assert copy.copy(own).own == own_words()
    assert load_listings().by_code("688999") == "红日能源"


def test_without_a_file_nothing_is_added() -> None:
    assert load_vocabulary().own == NO_OWN_WORDS
    assert not is_unit("标煤吨")
    assert find_periods("上半财年营收") == []


@pytest.mark.parametrize(
    ("content", "met"),
    [
        ('[[companies]]\nname = "红日能源"', r"companies, row 1: 'code' is missing"),
        ('[[companies]]\nname = "红日"\ncode = "八"', r"companies, row 1: '八' is no stock code"),
        ('[[companies]]\nname = "日"\ncode = "688999"', r"'日' is too short"),
        (
            '[[companies]]\nname = "红日"\ncode = "688999"\naliases = "红"',
            r"'aliases' is '红', expected a list",
        ),
        (
            '[[companies]]\nname = "红日"\ncode = "688999"\nshort = "红"',
            r"unknown field 'short'; expected name and code, optionally aliases",
        ),
        ("[[companies]]\nname = 7\ncode = '688999'", r"'name' is 7, expected a word"),
        ('[[units]]\nunit = "标煤吨"\nbase = "斛"', r"units, row 1: base '斛' is no unit"),
        ('[[units]]\nunit = "标煤吨"\nbase = "吨"\nfactor = "多"', r"factor is '多'"),
        ('[[units]]\nunit = "标煤吨"\nbase = "吨"\nfactor = 0', r"expected a number above 0"),
        ('[[units]]\nunit = "标煤吨"\nfactor = 2', r"factor without base"),
        ('[[units]]\nunit = "3倍"', r"cannot be a unit"),
        ('[[units]]\nunit = "箱次"\n[[units]]\nbase = "吨"', r"units, row 2: 'unit' is missing"),
        ('[[periods]]\nname = "双十一"\nmeans = "打折"', r"periods, row 1: '打折' names no period"),
        ('[[company]]\nname = "红日"', r"unknown section 'company'; expected metrics, ratings"),
        ('[[metrics]]\nid = "new"', r"'new' is new and needs a name"),
        ('[[ratings]]\nword = "力荐"\nrank = 9', r"ratings, row 1: rank is 9, expected 0"),
        ("companies = 3", r"companies must be a list of rows"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, content: str, met: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(IndexerError, match=met):
        load_vocabulary(path)
    assert own_words() == NO_OWN_WORDS
