"""What reports say of themselves, found by rule and with its place."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest

from corpus.dates import parse_date
from corpus.raw import Given
from corpus.readers.text import parse_text
from corpus.report import ReportMeta, SourceFile

FILE = SourceFile("t.txt", "txt", 1, "0" * 64)


def meta(text: str, given: Given | None = None) -> ReportMeta:
    return parse_text("t", text, FILE, given or Given()).meta


def sample(start: str) -> str:
    folder = files("corpus").joinpath("reports")
    (path,) = (p for p in folder.iterdir() if p.name.startswith(start))
    return path.read_text(encoding="utf-8")


def test_first_sample() -> None:
    found = meta(sample("000_"))
    assert found.title
    assert found.title.value.startswith("AGI 里程碑")
    assert found.broker
    assert found.broker.value == "东吴证券"
    assert found.published
    assert found.published.value == date(2024, 2, 21)
    assert [(a.name, a.licence, a.email, a.phone) for a in found.analysts] == [
        ("张良卫", "S0600516070001", "zhanglw@dwzq.com.cn", "021-60199793"),
        ("郭若娜", "S0600122080017", "guorn@dwzq.com.cn", None),
    ]
    assert found.rating
    assert found.rating_change
    assert found.industry
    assert (found.rating.value, found.rating_change.value) == ("增持", "维持")
    assert found.industry.value == "传媒"


def test_second_sample() -> None:
    found = meta(sample("003_"))
    assert found.title
    assert found.title.value == "从Sora看AI应用发展探索"
    assert found.broker
    assert found.broker.value == "华鑫证券"
    assert found.published
    assert found.published.value == date(2024, 2, 29)
    assert [(a.name, a.licence, a.role) for a in found.analysts] == [
        ("朱珠", "S1050521110001", "首席分析师")
    ]
    assert found.rating
    assert found.rating.value == "推荐"


COMPANY = """公司深度报告

昆仑万维（300418）深度报告：多模态加速

投资评级：跑赢行业（首次）

二〇二四年二月二十一日

分析师：欧阳明
执业证书编号：S0123456789012
ouyang@haiyue.com.cn 021-12345678

投资要点

2024年3月15日Sora推出后，海通证券认为行业需求回暖，目标价为 45.60 元，公司订单明显增加。

免责声明

本报告由海岳证券股份有限公司制作，仅供客户使用。海岳证券不承担任何法律责任，未经授权不得转载。
"""


def test_company_report() -> None:
    found = meta(COMPANY)
    assert found.title
    assert found.title.value == "昆仑万维（300418）深度报告：多模态加速"
    assert found.subject
    assert found.subject.value == "昆仑万维"
    assert [code.value for code in found.stock_codes] == ["300418"]
    assert found.published
    assert found.published.value == date(2024, 2, 21)
    assert found.broker
    assert found.broker.value == "海岳证券"
    assert [(a.name, a.licence) for a in found.analysts] == [("欧阳明", "S0123456789012")]
    assert found.rating
    assert found.rating.value == "跑赢行业"
    assert found.target_price
    assert found.target_price.value == "45.60 元"


def test_given_metadata_wins_and_has_no_place() -> None:
    given = Given(title="题", broker="东吴证券股份有限公司", published="2023/1/5")
    found = meta(COMPANY, given)
    assert found.title
    assert found.broker
    assert found.published
    assert (found.title.value, found.title.span) == ("题", None)
    assert (found.broker.value, found.broker.span) == ("东吴证券", None)
    assert (found.published.value, found.published.span) == (date(2023, 1, 5), None)


def test_a_given_date_that_is_none_is_a_warning() -> None:
    report = parse_text("t", COMPANY, FILE, Given(published="昨天"))
    assert report.meta.published
    assert report.meta.published.value == date(2024, 2, 21)
    assert "昨天" in report.warnings[0]


def test_a_report_that_states_nothing_has_nothing() -> None:
    found = meta("今天天气很好，2024年2月15日也很好。\n\n大家都出门了。")
    assert found.broker is found.published is found.rating is found.subject is None
    assert found.analysts == found.stock_codes == ()


@pytest.mark.parametrize(
    "words",
    ["2024 年 02 月 21 日", "2024-02-21", "2024/2/21", "20240221", "2024.02.21",
     "二〇二四年二月二十一日", "二零二四年二月二十一日", "２０２４年２月２１日", "21 Feb 2024", "February 21, 2024"],
)  # fmt: skip
def test_dates_as_reports_write_them(words: str) -> None:
    assert parse_date(words) == date(2024, 2, 21)


@pytest.mark.parametrize("words", ["2024年2月", "20241350", "12024-02-21", "2024-13-01", "2,024"])
def test_what_is_no_full_date(words: str) -> None:
    assert parse_date(words) is None


@pytest.mark.parametrize(
    ("opening", "house"),
    [
        ("东方证券研究报告\n\n光明科技（600001.SH）深度报告", "东方证券"),
        ("华泰证券 2024年05月06日\n\n红日能源点评", "华泰证券"),
        ("光明科技点评\n\n研究机构：招商证券\n", "招商证券"),
        ("中信证券（600030.SH）2023年报点评\n\n业绩稳健", None),
        ("中信证券业绩增长\n\n证券行业回暖", None),
    ],
)
def test_a_line_of_the_opening_that_says_little_else_names_the_house(
    opening: str, house: str | None
) -> None:
    broker = meta(f"{opening}\n\n收入增长。\n").broker
    assert (broker.value if broker else None) == house
