"""Numbers and units, exact; every expected value is worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.figures import (
    find_figures,
    from_base,
    is_missing,
    is_unit,
    parse_marked,
    parse_number,
    same_dimension,
    to_base,
)

UNITS = ["元", "千元", "万元", "百万元", "亿元", "万亿元", "元/股", "美元", "百万港元", "亿美元"]
UNITS += ["%", "‰", "个百分点", "pct", "bp", "倍", "x"]
UNITS += ["股", "万股", "亿股", "万吨", "元/吨", "GW", "家", "天"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,280.51", "1280.51"),
        ("１，２８０.５１", "1280.51"),
        ("12 345", "12345"),
        ("0.16", "0.16"),
        (".5", "0.5"),
        ("-0.87", "-0.87"),
        ("－0.87", "-0.87"),
        ("−13.19", "-13.19"),
        ("—8.11", "-8.11"),
        ("（0.88）", "-0.88"),
        ("(1,234)", "-1234"),
        ("+3.2%", "3.2"),
        ("12.3%", "12.3"),
        ("(12.3%)", "-12.3"),
        ("(12.3)%", "-12.3"),
        ("54.14倍", "54.14"),
        ("1.2亿元", "1.2"),
        ("¥37.90", "37.90"),
        ("三千二百", "3200"),
        ("一百零五", "105"),
        ("十二", "12"),
        ("两亿三千万", "230000000"),
        ("一点五", "1.5"),
        ("负二", "-2"),
        ("百分之十二", "12"),
        ("二〇二四", "2024"),
    ],
)
def test_numbers_are_read(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", " ", "-", "--", "—", "－", "N/A", "n.a.", "NA", "nan", "不适用", "/"]
)
def test_a_missing_figure_is_no_number(text: str) -> None:
    assert is_missing(text)
    assert parse_number(text) is None


@pytest.mark.parametrize(
    "text", ["买入", "2024E", "10%—20%", ">20%", "1,28", "1.2.3", "300058.SZ", "第一"]
)
def test_words_and_ranges_are_no_number(text: str) -> None:
    assert not is_missing(text)
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("value", "unit", "in_base", "base"),
    [
        ("4.6", "亿元", "460000000", "元"),
        ("1,280.51", "亿元", "128051000000", "元"),
        ("3", "百万元", "3000000", "元"),
        ("3", "人民币百万元", "3000000", "元"),
        ("2", "千元", "2000", "元"),
        ("0.16", "元/股", "0.16", "元/股"),
        ("2", "亿美元", "200000000", "美元"),
        ("5", "百万港元", "5000000", "港元"),
        ("12.3", "%", "12.3", "%"),
        ("0.5", "个百分点", "0.5", "pp"),
        ("50", "bp", "0.50", "pp"),
        ("54.14", "倍", "54.14", "倍"),
        ("54.14", "x", "54.14", "倍"),
        ("12.5", "万股", "125000", "股"),
        ("3", "手", "300", "股"),
        ("2", "GW", "2000000", "kW"),
        ("7", "颗粒", "7", "颗粒"),
    ],
)
def test_values_in_their_base_unit(value: str, unit: str, in_base: str, base: str) -> None:
    number = parse_number(value)
    assert number is not None
    assert to_base(number, unit) == (Decimal(in_base), base)


def test_per_cent_points_and_currencies_are_kept_apart() -> None:
    assert not same_dimension("%", "个百分点")
    assert not same_dimension("元", "美元")
    assert not same_dimension("元", "元/股")
    assert same_dimension("亿元", "万元")
    assert same_dimension("bp", "pct")


def test_only_units_are_units() -> None:
    assert all(is_unit(unit) for unit in UNITS)
    assert not any(is_unit(word) for word in ("", "EPS", "2024E", "营业收入", "TTM", "摊薄", "12"))


amounts = st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9
)


@given(amounts, st.sampled_from(UNITS))
def test_units_convert_there_and_back(value: Decimal, unit: str) -> None:
    in_base, base = to_base(value, unit)
    assert base is not None
    assert from_base(in_base, unit) == value
    assert to_base(in_base, base) == (in_base, base)  # a base unit is its own base


@given(amounts)
def test_a_number_is_read_as_it_is_written(value: Decimal) -> None:
    assert parse_number(f"{value:f}") == value
    assert parse_number(f"{value:,f}") == value
    assert parse_number(f"({abs(value):f})") == (-abs(value) if value else None)


def figures(text: str) -> list[tuple[str, str | None]]:
    return [(str(figure.value), figure.unit) for figure in find_figures(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("营业收入462.6亿元，同比增长12.3%", [("462.6", "亿元"), ("12.3", "%")]),
        ("毛利率下降0.5个百分点", [("0.5", "个百分点")]),
        ("EPS为0.16元/股，PE 44.38 倍", [("0.16", "元/股"), ("44.38", "倍")]),
        ("总额１．４２亿元", [("1.42", "亿元")]),
        ("在 -5% 与 5% 之间", [("-5", "%"), ("5", "%")]),
        ("客户1,280.5万户", [("1280.5", "万户")]),
        ("无数字", []),
    ],
)
def test_figures_in_running_text(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert figures(text) == expected


@pytest.mark.parametrize(
    ("text", "approx", "direction"),
    [
        ("约1.42亿元", "about", None),
        ("1.42亿元左右", "about", None),
        ("超过3000万股", "over", None),
        ("不足5%", "under", None),
        ("5%以上", "over", None),
        ("同比增长12.3%", None, "up"),
        ("同比下降12.3%", None, "down"),
        ("同比增长约12.3%", "about", "up"),
        ("收入12.3亿元", None, None),
    ],
)
def test_approximations_and_directions_keep_their_mark(
    text: str, approx: str | None, direction: str | None
) -> None:
    (figure,) = find_figures(text)
    assert (figure.approx, figure.direction) == (approx, direction)
    assert figure.mark is None or figure.mark in text
    assert (figure.mark is None) == (approx is None)


@pytest.mark.parametrize(
    ("text", "number", "mark"),
    [
        ("约12.3", "12.3", "约"),
        ("超过 1,280亿元", "1280", "超过"),
        ("3,000余", "3000", "余"),
        ("5%以上", "5", "以上"),
        ("≥10", "10", "不低于"),
        (">15%", "15", "超过"),
        ("(0.88)", "-0.88", None),
        ("第12", None, None),
        ("约翰", None, None),
        ("-", None, None),
    ],
)
def test_a_cell_s_figure_keeps_the_mark_that_leaves_it_open(
    text: str, number: str | None, mark: str | None
) -> None:
    value, found = parse_marked(text)
    assert (value, found if value is not None else None) == (
        Decimal(number) if number else None,
        mark,
    )


@given(st.text(alphabet="0123456789.,-+%亿万元股倍个百分点约超增长下降 （）Ａ", max_size=30))
def test_every_figure_stands_at_its_place(text: str) -> None:
    found = find_figures(text)
    for figure in found:
        assert text[figure.start : figure.end] == figure.text
    assert all(one.end <= other.start for one, other in pairwise(found))


def in_chinese(number: int) -> str:
    """A number below 10**12 in Chinese numerals, written the slow way of the school book."""
    if number >= 10**8:
        rest = number % 10**8
        gap = "零" if 0 < rest < 10**7 else ""
        return in_chinese(number // 10**8) + "亿" + gap + (in_chinese(rest) if rest else "")
    if number >= 10**4:
        rest = number % 10**4
        gap = "零" if 0 < rest < 10**3 else ""
        return in_chinese(number // 10**4) + "万" + gap + (in_chinese(rest) if rest else "")
    for unit, name in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            rest = number % unit
            gap = "零" if 0 < rest < unit // 10 else ""
            return in_chinese(number // unit) + name + gap + (in_chinese(rest) if rest else "")
    return "零一二三四五六七八九"[number]


@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_are_read_as_they_are_written(number: int) -> None:
    assert parse_number(in_chinese(number)) == number
