"""A company's own report names its company, and the bank that sponsors it is not its author."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.issuer import find_issuer
from corpus.reading import read_source
from corpus.report import Report
from corpus.sources import discover

ANNUAL = """南屏智造装备股份有限公司
2023 年年度报告全文
2024年4月

第一节 重要提示

股票简称\t南屏智造\t股票代码\t301975
公司聘请的报告期内履行持续督导职责的保荐机构
国信证券股份有限公司

主要会计数据
\t2023年\t2022年\t本年比上年增减
营业收入（元）\t1,932,081.34\t1,036,737.08\t86.36%
归属于上市公司股东的净利润（元）\t317,885.59\t284,046.04\t11.91%
"""


def parsed(tmp_path: Path, text: str) -> Report:
    path = tmp_path / "own.txt"
    path.write_text(text, encoding="utf-8")
    (report,) = read_source(discover([path])[0])
    assert isinstance(report, Report)
    return report


def test_the_company_is_the_subject_and_no_house_the_author(tmp_path: Path) -> None:
    meta = parsed(tmp_path, ANNUAL).meta
    assert meta.broker is None
    assert meta.subject is not None
    assert (meta.subject.value, [code.value for code in meta.stock_codes]) == (
        "南屏智造",
        ["301975"],
    )
    assert meta.title is not None
    assert meta.title.value == "南屏智造装备股份有限公司2023年年度报告全文"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            "公司代码：601974 公司简称：云溪股份\n云溪实业集团股份有限公司\n2025年第一季度报告",
            "云溪股份",
        ),
        ("云溪实业集团股份有限公司 二〇二三年半年度报告摘要", "云溪实业集团股份有限公司"),
    ],
)
def test_other_covers(text: str, subject: str) -> None:
    issuer = find_issuer(text)
    assert issuer is not None
    assert issuer.subject.value == subject
    assert issuer.subject.span is not None
    assert issuer.subject.span.of(text) == subject


@pytest.mark.parametrize(
    "text",
    [
        "恒川证券\n\n云溪股份点评：公司发布2025年第一季度报告，营收增长12%",
        "云溪实业集团股份有限公司深度报告\n\n2025年3月",
    ],
)
def test_a_house_that_writes_of_such_a_report_is_no_issuer(text: str) -> None:
    assert find_issuer(text) is None
