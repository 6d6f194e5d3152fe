"""What every fact is given beside its words, worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.figures import from_base, is_unit, to_base
from indexer.records import SubjectKind
from indexer.typing_facts import base_of, direction_of, subject_kind_of
from indexer.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()


@pytest.mark.parametrize(
    ("number", "unit", "metric", "expected"),
    [
        ("462.6", "亿元", "revenue", ("46260000000", "元")),
        ("1,5".replace(",", "."), "百万元", "revenue", ("1500000", "元")),
        ("0.58", "元", "eps", ("0.58", "元/股")),
        ("0.58", "元/股", "eps", ("0.58", "元/股")),
        ("0.58", "港元", "eps", ("0.58", "港元/股")),
        ("3.1", "亿美元", "revenue", ("310000000", "美元")),
        ("65", None, "pe", ("65", "倍")),
        ("0.5", "个百分点", "gross_margin", ("0.5", "pp")),
        ("50", "bp", "nim", ("0.5", "pp")),
        ("45.20", "%", "gross_margin", ("45.2", "%")),
        ("300", "万股", "total_shares", ("3000000", "股")),
        ("7", None, "gross_margin", ("7", None)),  # a share or per cent: the report does not say
        (None, "亿元", "revenue", (None, None)),
    ],
)
def test_a_figure_in_its_base_unit(
    number: str | None, unit: str | None, metric: str, expected: tuple[str | None, str | None]
) -> None:
    assert base_of(number, unit, VOCABULARY.get(metric)) == expected


@pytest.mark.parametrize(
    ("metric", "words", "expected"),
    [
        ("revenue_yoy", "同比", "同比"),
        ("revenue_qoq", "环比", "环比"),
        ("growth", "增长率", "同比"),
        ("revenue", "营业收入", None),
        (None, "客单价同比", "同比"),
        (None, "客单价环比", "环比"),
    ],
)
def test_a_change_says_what_it_is_counted_from(
    metric: str | None, words: str, expected: str | None
) -> None:
    assert direction_of(VOCABULARY.get(metric) if metric else None, words) == expected


@pytest.mark.parametrize(
    ("name", "code", "header", "expected"),
    [
        ("海川数科", "300977", "", "company"),
        ("贵州茅台", None, "", "company"),
        ("海川数科", None, "公司简称", "company"),
        ("华东地区", None, "", "region"),
        ("海外", None, "业务", "region"),
        ("云端订阅", None, "分业务", "segment"),
        ("云端业务", None, "", "segment"),
        ("星尘手机", None, "产品", "product"),
        ("光伏行业", None, "", "industry"),
        ("合计", None, "", None),
    ],
)
def test_what_a_subject_is(
    name: str, code: str | None, header: str, expected: SubjectKind | None
) -> None:
    assert subject_kind_of(name, code, None, header) == expected


UNITS = [
    "元",
    "亿元",
    "万元",
    "百万元",
    "千元",
    "亿美元",
    "百万港元",
    "元/股",
    "%",
    "pct",
    "bp",
    "倍",
]
UNITS += ["万股", "亿股", "万台", "GW", "MWh", "天", "个百分点", "万吨", "亿人次"]
NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


@settings(max_examples=150, deadline=None)
@given(NUMBERS, st.sampled_from(UNITS))
def test_units_go_there_and_back(number: Decimal, unit: str) -> None:
    value, base = to_base(number, unit)
    assert base is not None
    assert from_base(value, unit) == number
    assert to_base(value, base) == (value, base) or unit in {"GW", "MWh"}


@settings(max_examples=150, deadline=None)
@given(NUMBERS, st.sampled_from([*UNITS, None]), st.sampled_from(sorted(VOCABULARY.metrics)))
def test_normalising_twice_changes_nothing(number: Decimal, unit: str | None, metric: str) -> None:
    known = VOCABULARY.get(metric)
    value, base = base_of(format(number, "f"), unit, known)
    assert base is None or is_unit(base)
    assert base_of(value, base, known) == (value, base)
