"""Listed companies and stock codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.tickers import (
    Listings,
    find_codes,
    is_common_word,
    load_listings,
    parse_code,
    same_code,
)


@pytest.fixture(scope="module")
def listings() -> Listings:
    return load_listings()


def test_names_and_codes_lead_to_each_other(listings: Listings) -> None:
    assert listings.by_code("600519") == "贵州茅台"
    assert listings.by_code("600519.SH") == "贵州茅台"
    assert listings.by_name("贵州茅台") == "600519"
    assert listings.by_code("999999") is None
    assert listings.by_name("无此公司") is None
    assert listings.by_code("不是代码") is None


@pytest.mark.parametrize("name", ["TCL科技", "ＴＣＬ科技", "tcl科技", " TCL 科技 ", "*STTCL科技"])
def test_width_case_and_passing_marks_do_not_matter(listings: Listings, name: str) -> None:
    assert listings.by_name(name) == "000100"


def test_every_name_is_found_in_a_sentence(listings: Listings) -> None:
    for name, code in listings.names():
        found = listings.find(f"“{name}”")
        assert [(one.name, one.code, one.start) for one in found] == [(name, code, 1)]


def test_the_longest_name_wins_and_places_are_those_of_the_text(listings: Listings) -> None:
    text = "问：中信证券与 ＴＣＬ科技、万科Ａ"
    found = listings.find(text)
    assert [text[one.start : one.end] for one in found] == ["中信证券", "ＴＣＬ科技", "万科Ａ"]


def test_names_that_are_ordinary_words_are_marked(listings: Listings) -> None:
    assert all(is_common_word(name) for name in ("机器人", "太阳能", "新经典", "太平洋", "农产品"))
    assert all(is_common_word(name) for name in ("数字人", "线上线下"))
    assert not any(is_common_word(name) for name in ("贵州茅台", "比亚迪", "招商银行"))
    assert listings.find("机器人的销量")[0].common


def test_the_list_is_shares_only_without_passing_marks(listings: Listings) -> None:
    names = [name for name, _ in listings.names()]
    assert len(names) > 4500
    assert not [name for name in names if name.startswith(("*", "ST", "XD")) or " " in name]
    assert all(len(code) == 6 and code.isdigit() for _, code in listings.names())


def test_an_empty_text_names_nobody(listings: Listings) -> None:
    assert listings.find("") == []
    assert listings.find("中") == []


@pytest.mark.parametrize(
    ("text", "code", "suffix"),
    [
        ("300058", "300058", None),
        ("002605.SZ", "002605", "SZ"),
        ("002605.sz", "002605", "SZ"),
        ("SH600519", "600519", "SH"),
        ("（300058）", "300058", None),
        ("０７００.HK", "0700", "HK"),
        ("00700.HK", "00700", "HK"),
        ("MSFT.O", "MSFT", "O"),
    ],
)
def test_codes_are_read(text: str, code: str, suffix: str | None) -> None:
    parsed = parse_code(text)
    assert parsed is not None
    assert (parsed.code, parsed.suffix) == (code, suffix)


@pytest.mark.parametrize(
    "text", ["", "1280.51", "30005", "3000581", "S0600516070001", "2024", "EPS"]
)
def test_what_is_no_code_is_not_read_as_one(text: str) -> None:
    assert parse_code(text) is None


def test_codes_in_running_text() -> None:
    text = "蓝色光标（300058）与002605.SZ，成交额 123456.78 元，电话 021-60199793"
    assert [(code.code, text[code.start : code.end]) for code in find_codes(text)] == [
        ("300058", "300058"),
        ("002605", "002605.SZ"),
    ]


def test_codes_are_the_same_with_and_without_suffix() -> None:
    assert same_code("300058", "300058.SZ")
    assert same_code("0700.HK", "00700.HK")
    assert not same_code("000001.SZ", "000001.SH")
    assert not same_code("300058", "300059")
    assert not same_code("", "")


@given(st.text(max_size=40))
def test_any_text_can_be_looked_through(text: str) -> None:
    for code in find_codes(text):
        assert 0 <= code.start < code.end <= len(text)
    for name in load_listings().find(text):
        assert 0 <= name.start < name.end <= len(text)
