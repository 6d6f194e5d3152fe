"""What page one of a printed report states outside of its title block."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.analysts import find_analysts
from corpus.cover import cover_date, cover_price, cover_rating, further_codes
from corpus.lines import split_lines


def test_the_date_of_the_report_is_later_than_those_of_related_reports() -> None:
    text = "相关研究\n动量因子研究 2009.09.28\n因子尾部相关性 2013.03.25\n因子系列（三） 2013年10月11日\n正文"
    found = cover_date(text, split_lines(text), len(text))
    assert found is not None
    assert found.value == date(2013, 10, 11)
    assert found.span is not None
    assert found.span.of(text) == "2013年10月11日"


def test_a_labelled_date_wins_and_dates_of_prices_do_not_count() -> None:
    text = "注：截至2025年7月15日收盘价\n发布时间：2020-11-16\n《周报》2021-01-02\n2020-12-01"
    found = cover_date(text, split_lines(text), len(text))
    assert found is not None
    assert found.value == date(2020, 11, 16)


@pytest.mark.parametrize(
    ("text", "word", "change"),
    [
        ("食品饮料\n优于大势\n正文", "优于大势", None),
        ("买入(首次)\n", "买入", "首次"),
        ("上调目标价，维持“买入”评级。", "买入", "维持"),
        ("我们看好公司，首次覆盖给予增持评级。", "增持", "首次覆盖"),
    ],
)
def test_the_rating_stands_alone_or_in_a_sentence(text: str, word: str, change: str | None) -> None:
    rating, changed = cover_rating(text, split_lines(text), len(text))
    assert rating is not None
    assert rating.value == word
    assert (changed.value if changed else None) == change


def test_a_change_without_a_rating_is_no_rating() -> None:
    text = "首次覆盖 | 科技行业\n首次覆盖\n"
    assert cover_rating(text, split_lines(text), len(text)) == (None, None)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("07月11日收盘价(元)\t33.30\n", "33.30"),
        ("收盘价：13.06元", "13.06元"),
        ("| 收盘价 | 13.06元 |", "13.06元"),
        ("目前股价（港元）\t18.6\n", "18.6"),
        ("52周内股价区间（港元）\t18.5-19.9\n", None),
        ("股价上涨20%", None),
        ("目标价：23.3港元", None),
    ],
)
def test_the_current_price_is_no_range_and_no_target(text: str, price: str | None) -> None:
    found = cover_price(text, len(text))
    assert (found.value if found else None) == price


def test_a_second_listing_of_the_subject_is_its_code_too() -> None:
    text = "甲科技（6613.HK）首次覆盖\n甲科技（300433.CH）\n乙科技（300999.SZ）"
    (found,) = further_codes(text, "甲科技", ["6613.HK"], len(text))
    assert found.value == "300433.CH"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("沈岱\n首席科技分析师\nshen@example.com\n马智焱\n科技分析师\n", ["沈岱", "马智焱"]),
        ("罗军 研究员\n电话：020-87555888\n胡海涛 研究助理\n", ["罗军", "胡海涛"]),
        ("联系人\n祗飞跃\n电话：021-23219984\n", ["祗飞跃"]),
    ],
)
def test_people_of_page_one_need_no_number(text: str, names: list[str]) -> None:
    found = find_analysts(text, len(text), cover=len(text))
    assert [one.name for one in found] == names
