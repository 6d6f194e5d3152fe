"""Periods as reports write them; every expected label is worked out by hand."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.periods import Period, find_periods, parse_period, without_periods


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("2022", "2022", None),
        ("2022A", "2022", "actual"),
        ("2023E", "2023", "estimate"),
        ("2023e", "2023", "estimate"),
        ("2024F", "2024", "estimate"),
        ("2024(E)", "2024", "estimate"),
        ("2024E年", "2024", "estimate"),
        ("2024年预测", "2024", "estimate"),
        ("2023年实际", "2023", "actual"),
        ("2025年指引", "2025", "guidance"),
        ("FY24", "2024", None),
        ("FY2025E", "2025", "estimate"),
        ("23E", "2023", "estimate"),
        ("24年", "2024", None),
        ("2024年", "2024", None),
        ("2024 年度", "2024", None),
        ("2023年报", "2023", None),
        ("2023年末", "2023", None),
        ("２０２４Ｅ", "2024", "estimate"),
        ("（2024E）", "2024", "estimate"),
        ("二〇二四年", "2024", None),
        ("二零二三年", "2023", None),
        ("24Q1", "2024Q1", None),
        ("2024Q1E", "2024Q1", "estimate"),
        ("2024-Q1", "2024Q1", None),
        ("1Q24", "2024Q1", None),
        ("Q4 2023", "2023Q4", None),
        ("2024年一季度", "2024Q1", None),
        ("2024 年第 3 季度", "2024Q3", None),
        ("2024年1-3月", "2024Q1", None),
        ("2024H1", "2024H1", None),
        ("1H24", "2024H1", None),
        ("2024年上半年", "2024H1", None),
        ("2024年1-6月", "2024H1", None),
        ("2024年中报", "2024H1", None),
        ("2023年下半年", "2023H2", None),
        ("2024年前三季度", "2024-01..2024-09", None),
        ("2024年1-9月", "2024-01..2024-09", None),
        ("2024年三季报", "2024-01..2024-09", None),
        ("9M24", "2024-01..2024-09", None),
        ("2024年2-3月", "2024-02..2024-03", None),
        ("2024年1-12月", "2024", None),
        ("2024-02", "2024-02", None),
        ("2024 年 02 月", "2024-02", None),
        ("2023.07", "2023-07", None),
        ("2024/2/21", "2024-02-21", None),
        ("2024-02-29", "2024-02-29", None),
        ("2024年2月21日", "2024-02-21", None),
        ("2024 年 02 月 21 日", "2024-02-21", None),
        ("24年2月21日", "2024-02-21", None),
        ("二〇二四年二月二十一日", "2024-02-21", None),
        ("20240221", "2024-02-21", None),
        ("去年", "Y-1", None),
        ("前三季度", "Y+0-01..Y+0-09", None),
        ("今年一季度", "Y+0Q1", None),
    ],
)
def test_a_cell_that_is_a_period_is_read(text: str, label: str, kind: str | None) -> None:
    period = parse_period(text)
    assert period is not None
    assert (period.label, period.kind) == (label, kind)


@pytest.mark.parametrize(
    "text",
    ["", " ", "300058", "002022", "1280.51", "1,280.51", "2024.5", "37.90", "-", "2024/13/01",
     "2023-02-29", "2024家", "EPS", "公司", "2023E EPS", "10年", "2023年和2024年", "10%—20%"],
)  # fmt: skip
def test_what_is_no_period_is_not_read_as_one(text: str) -> None:
    assert parse_period(text) is None


def labels(text: str, today: date | None = None) -> list[str]:
    return [mention.period.label for mention in find_periods(text, today)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年和2024年的EPS", ["2023", "2024"]),
        ("2022-2024年EPS", ["2022", "2023", "2024"]),
        ("2022至2024年", ["2022", "2023", "2024"]),
        ("2022-24年", ["2022", "2023", "2024"]),
        ("2023E/2024E", ["2023", "2024"]),
        ("预计23/24/25年归母净利润", ["2023", "2024", "2025"]),
        ("2025-2025年有望", ["2025"]),
        ("2024Q1-2024Q3", ["2024Q1", "2024Q3"]),
        ("收盘价为截至 2024/2/21 数据", ["2024-02-21"]),
        ("昆仑万维2024PE", ["2024"]),
        ("2023年的一季度", ["2023Q1"]),
        ("2023年h1营收", ["2023H1"]),
        ("2023年q3营收", ["2023Q3"]),
        ("从2023年ChatGPT 到2024年的Sora", ["2023", "2024"]),
        ("2月17日，发布", ["Y+0-02-17"]),
        ("2024家公司", []),
        ("共 2024 人", []),
        ("股价2024.02元", []),
        ("10年期国债", []),
        ("近20年来", []),
        ("未来3年", []),
        ("未来6个月", []),
        ("6 至 12 个月内", []),
        ("电话021-60199793", []),
        ("S0600516070001", []),
        ("分辨率1920*1280", []),
        ("300058 蓝色光标", []),
    ],
)
def test_periods_in_running_text(text: str, expected: list[str]) -> None:
    assert labels(text) == expected


def test_a_mark_after_a_range_is_the_last_year_s() -> None:
    kinds = [mention.period.kind for mention in find_periods("2022-2024E")]
    assert kinds == [None, None, "estimate"]


def test_relative_periods_are_counted_from_the_given_day() -> None:
    day = date(2024, 2, 21)
    assert labels("去年、今年、明年", day) == ["2023", "2024", "2025"]
    assert labels("今明两年", day) == ["2024", "2025"]
    assert labels("今年前三季度", day) == ["2024-01..2024-09"]
    mention = find_periods("去年净利润", day)[0]
    assert mention.relative
    assert not find_periods("2023年净利润", day)[0].relative


def test_a_range_of_years_shares_one_span() -> None:
    mentions = find_periods("问2022-2024年EPS")
    assert {(mention.start, mention.end, mention.text) for mention in mentions} == {
        (1, 11, "2022-2024年")
    }


def test_only_labels_of_the_table_make_a_period() -> None:
    for wrong in ("2024E", "24", "2024-2", "2024Q5", ""):
        with pytest.raises(ValueError, match="no period label"):
            Period(wrong)


def test_the_label_tells_year_and_day() -> None:
    assert Period("2024Q1").year == 2024
    assert Period("Y-1").year is None
    assert Period("2024").is_year
    assert Period("2024-02-21").is_day
    assert Period("Y-1").on(date(2024, 5, 1)).label == "2023"


@given(st.text(alphabet="2024年月日Q1H-/.E至 一季上半前三今去个家元，ＡＥ０二〇", max_size=24))
def test_every_mention_stands_at_its_place_and_none_overlap(text: str) -> None:
    mentions = find_periods(text)
    for mention in mentions:
        assert text[mention.start : mention.end] == mention.text
    spans = sorted({(mention.start, mention.end) for mention in mentions})
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


@given(st.dates(date(1990, 1, 1), date(2049, 12, 31)))
def test_every_day_is_read_in_every_way_of_writing_it(day: date) -> None:
    written = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year} 年 {day.month:02d} 月 {day.day:02d} 日",
        f"{day:%Y%m%d}",
        f"{day:%Y.%m.%d}",
    ]
    assert {parse_period(text) for text in written} == {Period(day.isoformat())}


def test_a_range_of_years_is_cut_out_once() -> None:
    assert without_periods("2020-2024复合增速") == "复合增速"
    assert without_periods("2023A 营业收入 2024E") == " 营业收入 "
