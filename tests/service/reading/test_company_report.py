"""A house's report on one company: page one, segments, peers, growth rows, ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

Ask = Callable[[str], AskResponse]
COMPANY = """恒川证券

砺石股份（301987.SZ）深度报告

2025年3月18日

投资评级：买入

基础数据

| 项目 | 数值 |
| --- | --- |
| 12个月股价区间（元） | 11.20-31.90 |
| 近3个月日均成交额（百万元） | 512.00 |

表1：盈利预测与财务指标

| 单位：百万元 | 2024A | 2025E | 2026E |
| --- | --- | --- | --- |
| 营业收入 | 9,500 | 10,900 | 12,300 |
| (+/-%) | 4.1% | 14.7% | 12.8% |
| 归母净利润 | 310 | 420 | 515 |
| 年增长率（%） | 8.2% | 35.5% | 22.6% |
| 永续增长率 |  |  | 3.0% |

表：资产负债

| 单位：百万元 | 2024年12月31日 | 2023年12月31日 |
| --- | --- | --- |
| 货币资金 | 777 | 690 |
| 存货 | 120 | 115 |

公司主要产品为玻璃基板和封装载板。近年来公司不断拓展应用领域。

据砺石股份微信公众号，公司与某大学签署合作协议，共建联合实验室，面向新产品展开研究。

表2：分业务收入预测（亿元）

| 项目 | 2024 | 2025E |
| --- | --- | --- |
| 玻璃基板 | | |
| 营业收入 | 61.0 | 70.4 |
| 毛利率 | 31% | 33% |
| 封装载板 | | |
| 营业收入 | 34.0 | 38.6 |
| 毛利率 | 18% | 19% |

正文。

表3：可比公司估值

| 代码 | 公司简称 | 2025E PE | 2026E PE |
| --- | --- | --- | --- |
| 688977.SH | 云杉智能 | 41.2 | 30.8 |
| 688566.SH | 北溟科技 | 24.3 | 18.6 |
| 平均 | | 32.8 | 24.7 |
| 301987.SZ | 砺石股份 | 55.1 | 44.9 |

恒川证券投资评级标准

| 类别 | 说明 |
| --- | --- |
| 股票投资评级 | 分析师给出下列评级中的其中一项，代表其对报告日起六个月内股价相对表现的看法 |
"""


SECTOR = """恒川证券

/纺织制造

证券研究报告 / 行业动态报告

2025年4月2日

棉价回落，关注龙头

投资评级：优于大势

证券分析师：许南星
执业证书编号：S0991525030021

行业数据

| 项目 | 数值 |
| --- | --- |
| 成分股数量（只） | 88 |
| 成分股资产负债率（%） | 41.20 |

正文。纺织制造行业的订单在回升。

风险提示：汇率波动，海外需求走弱。

表1：细分行业

| 行业 | 2025E PE | 2026E PE |
| --- | --- | --- |
| 纺织制造 | 14.2 | 12.9 |
| 家用电器 | 11.1 | 10.2 |
"""


@pytest.fixture(scope="module")
def ask_company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder: Path = tmp_path_factory.mktemp("company")
    (folder / "lishi.txt").write_text(COMPANY, encoding="utf-8")
    (folder / "textile.txt").write_text(SECTOR, encoding="utf-8")
    build([folder / "lishi.txt", folder / "textile.txt"], folder / "index")
    snapshot = open_snapshot(folder / "index")
    answerer = Answerer(snapshot)
    yield lambda question: answerer.ask(AskRequest(question=question))
    snapshot.close()


def _values(reply: AskResponse) -> list[str]:
    return [c.cell.value for c in reply.citations if c.cell]


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("砺石股份2025年营业收入同比增速是多少？", ["14.7%"]),
        ("砺石股份2025-2026年归母净利润增速分别是多少？", ["35.5%", "22.6%"]),
        ("砺石股份近三个月日均成交额是多少？", ["512.00"]),
        ("砺石股份12个月股价区间是多少？", ["11.20-31.90"]),
        ("砺石股份的永续增长率是多少？", ["3.0%"]),
        ("砺石股份2024年12月末的货币资金是多少？", ["777"]),
        ("砺石股份玻璃基板2025年的收入是多少？", ["70.4"]),
        ("砺石股份封装载板业务2025年毛利率预计是多少？", ["19%"]),
        ("砺石股份可比公司2025年PE的平均值是多少？", ["32.8"]),
        ("砺石股份的可比公司里2025年PE最高的是哪家？", ["41.2"]),
    ],
)
def test_the_cell_that_is_meant_answers(ask_company: Ask, question: str, values: list[str]) -> None:
    reply = ask_company(question)
    assert not reply.refused
    assert _values(reply) == values


def test_the_words_of_a_scale_are_no_rating(ask_company: Ask) -> None:
    reply = ask_company("恒川证券给砺石股份的评级是什么？")
    assert "买入" in reply.answer
    assert "其中一项" not in reply.answer


def test_the_higher_company_is_named_not_its_house(ask_company: Ask) -> None:
    assert "砺石股份更高" in ask_company("砺石股份和北溟科技2025年的PE哪个更高？").answer


def test_the_name_of_the_company_tells_no_sentence_of_its_report(ask_company: Ask) -> None:
    reply = ask_company("砺石股份的主要产品有哪些？")
    assert "玻璃基板和封装载板" in reply.answer.split("[1]")[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("恒川证券对纺织制造行业的评级是什么？", "优于大势"),
        ("纺织制造行业的资产负债率是多少？", "41.20"),
        ("纺织制造行业成分股数量是多少？", "88"),
        ("纺织制造行业有哪些风险？", "汇率波动"),
        ("恒川证券纺织制造报告的分析师及执业证书编号？", "S0991525030021"),
    ],
)
def test_a_report_on_a_sector_answers_for_the_sector(
    ask_company: Ask, question: str, said: str
) -> None:
    reply = ask_company(question)
    assert said in reply.answer
    assert {c.report_id for c in reply.citations} == {"textile"}
