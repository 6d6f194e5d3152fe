"""Rows that are not the company's own: movers, holders, returns over months, former forecasts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[[str], AskResponse]
WEEKLY = """远峰证券

餐饮零售行业周报

2025年03月10日

行业评级：增持

| 涨跌幅（%） | 1M | 3M | 12M |
| --- | --- | --- | --- |
| 绝对收益 | 2.10% | -4.30% | 18.25% |
| 相对收益 | 0.40% | -1.75% | 9.05% |

本周沪深300下跌0.59%，餐饮零售板块上涨2.31%，强于大盘。各子板块中，火锅上涨3.75%，连锁茶饮下跌1.12%，便利店（申万）上涨0.48%。

表1：餐饮零售本周涨幅前三名

| 代码 | 股票名称 | 股价(元) | 涨幅(%) |
| --- | --- | --- | --- |
| 301987.SZ | 砺石股份 | 12.40 | 11.52 |
| 600997.SH | 碧潭食品 | 30.15 | 8.04 |
| 301986.SZ | 竹里餐饮 | 7.77 | 6.31 |

表2：餐饮零售本月涨幅前三名

| 代码 | 股票名称 | 股价(元) | 涨幅(%) |
| --- | --- | --- | --- |
| 600997.SH | 碧潭食品 | 30.15 | 21.90 |
| 301985.SZ | 栖霞百货 | 5.02 | 17.46 |
| 301987.SZ | 砺石股份 | 12.40 | 9.33 |

表3：本周公告

| 公司 | 代码 | 日期 | 摘要 | 内容 |
| --- | --- | --- | --- | --- |
| 碧潭食品 | 600997.SH | 20250306 | 股东减持 | 汪若溪计划减持公司股份不超过120.5万股，占其所持股份的15%。 |
| 栖霞百货 | 301985.SZ | 20250307 | 股东大会 | 公司拟审议关于变更募集资金用途的议案。 |

表4：下周大事提醒

| 公司 | 股票代码 | 日期 | 内容 |
| --- | --- | --- | --- |
| 竹里餐饮 | 301986.SZ | 2025-03-19 | 临时股东大会 |
| 栖霞百货 | 301985.SZ | 2025-03-20 | 限售股解禁 |

表5：覆盖公司

| 代码 | 公司 | 评级 | 目标价（港元） |
| --- | --- | --- | --- |
| 301984.SZ | 云岫科技-W | 买入 | 75.50 |
| 301983.SZ | 青槐汽车(QHMOTOR) | 持有 | 41.20 |
"""
COMPANY = """恒川证券

砺石股份（301987.SZ）：新品放量

2025年3月18日

投资评级：买入

目标价：22.50元

表1：盈利预测调整

| 单位：百万元 | 2025E 新预测 | 2025E 前预测 | 2025E 差异 |
| --- | --- | --- | --- |
| 营业收入 | 10,900 | 11,650 | -6.4% |
| 归母净利润 | 420 | 405 | 3.7% |

乐观情景：目标价31.40元。公司董事长顾北辰先生从业二十年。砺石股份2025年市盈率为23.1倍。

截至2025年2月末，公司第二大股东为澄江投资，持有公司7.31%的股份。
"""
QUARTERLY = """竹里餐饮股份有限公司2025年第一季度报告

证券代码：301986 证券简称：竹里餐饮

前10名股东持股情况

| 股东名称 | 股东性质 | 持股数量 | 持股比例(%) |
| --- | --- | --- | --- |
| 竹里控股有限公司 | 境内法人 | 65,000,000 | 32.50 |
| 林若川 | 境内自然人 | 18,200,000 | 9.10 |
| 北湖基金 | 其他 | 6,400,000 | 3.20 |
"""


@pytest.fixture(scope="module")
def ask(ask_of: Callable[[dict[str, str]], Ask]) -> Ask:
    return ask_of({"weekly": WEEKLY, "company": COMPANY, "quarterly": QUARTERLY})


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("餐饮零售行业近12个月绝对收益是多少？", "18.25%"),
        ("餐饮零售近三个月的相对收益", "-1.75%"),
        ("餐饮零售行业1M绝对收益", "2.10%"),
        ("餐饮零售最近一年涨跌幅", "18.25%"),  # absolute where none is said
    ],
)
def test_returns_over_months_are_read_by_row_and_stretch(
    ask: Ask, question: str, value: str
) -> None:
    answer = ask(question)
    assert value in answer.answer
    assert [c.cell.value for c in answer.citations if c.cell] == [value]


def test_a_stretch_that_is_not_there_is_not_answered_with_another(ask: Ask) -> None:
    answer = ask("餐饮零售行业近6个月绝对收益是多少？")
    assert not any(value in answer.answer for value in ("18.25", "-4.30", "2.10"))


def test_movers_come_from_the_list_of_the_asked_time(ask: Ask) -> None:
    answer = ask("餐饮零售本月涨幅前三名是哪些股票？").answer
    assert answer.index("碧潭食品") < answer.index("栖霞百货") < answer.index("砺石股份")
    assert "21.90" in answer
    assert "竹里餐饮" not in answer
    week = ask("本周涨幅最大的是哪只股票？").answer
    assert "砺石股份" in week
    assert "11.52" in week
    assert "碧潭食品" not in week


def test_movers_of_the_other_direction_are_not_answered_with_these(ask: Ask) -> None:
    answer = ask("餐饮零售本周跌幅前三名是哪些股票？").answer
    assert "跌幅前3名依次是" not in answer


def test_holders_are_told_by_rank_and_by_name(ask: Ask) -> None:
    first = ask("竹里餐饮第一大股东持股比例是多少？")
    assert "竹里控股有限公司" in first.answer
    assert "32.50" in first.answer
    assert [c.report_id for c in first.citations] == ["quarterly"]
    assert "林若川" in ask("竹里餐饮第二大股东是谁？").answer
    three = ask("竹里餐饮前三大股东有哪些？").answer
    assert all(name in three for name in ("竹里控股有限公司", "林若川", "北湖基金"))
    assert "18,200,000" in ask("林若川持有竹里餐饮多少股？").answer


def test_a_holder_that_only_a_sentence_names_is_quoted(ask: Ask) -> None:
    answer = ask("砺石股份第二大股东持股比例")
    assert "7.31%" in answer.answer
    assert "澄江投资" in answer.citations[0].quote
    assert ask("砺石股份第三大股东持股比例").refused


def test_a_former_forecast_is_told_apart_from_the_new_one(ask: Ask) -> None:
    former = ask("砺石股份2025年营业收入的前预测是多少？").answer
    assert "11,650" in former
    assert "10,900" not in former
    changed = ask("恒川证券把砺石股份2025年营收预测下调了多少？").answer
    assert "-6.4%" in changed
    assert "%%" not in changed
    assert "10,900" in ask("砺石股份2025年营业收入预测是多少？").answer


def test_a_cell_that_is_a_sentence_answers_for_its_company(ask: Ask) -> None:
    answer = ask("碧潭食品汪若溪计划减持多少股？")
    assert "120.5万股" in answer.answer
    assert "2025-03-19" in ask("竹里餐饮什么时候开临时股东大会？").answer
    assert "2025-03-20" in ask("栖霞百货限售股解禁是哪天？").answer


def test_another_companys_report_does_not_speak_for_the_one_that_is_asked(ask: Ask) -> None:
    assert "顾北辰" in ask("砺石股份的董事长是谁？").answer
    assert "顾北辰" not in ask("竹里餐饮的董事长是谁？").answer


def test_pe_is_found_where_a_sentence_writes_it_out(ask: Ask) -> None:
    assert "23.1" in ask("砺石股份2025年的PE是多少？").answer


def test_what_a_list_adds_to_a_name_is_not_needed(ask: Ask) -> None:
    assert "75.50" in ask("云岫科技的目标价是多少？").answer
    assert "持有" in ask("青槐汽车是什么评级？").answer


def test_a_figure_of_one_case_is_not_that_of_the_base_case(ask: Ask) -> None:
    assert "22.50" in ask("砺石股份的目标价是多少？").answer
    hopeful = ask("砺石股份乐观情景下的目标价是多少？").answer
    assert "31.40" in hopeful
    assert "22.50" not in hopeful


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("餐饮零售板块本周涨跌幅是多少？", "上涨2.31%"),
        ("本周火锅板块涨跌幅", "上涨3.75%"),
        ("连锁茶饮上周跌了多少？", "下跌1.12%"),
        ("沪深300本周涨跌幅", "下跌0.59%"),
        ("便利店本周涨幅是多少", "上涨0.48%"),
    ],
)
def test_the_move_of_a_sector_is_told_by_its_sentence(ask: Ask, question: str, value: str) -> None:
    answer = ask(question)
    assert value in answer.answer
    assert value.strip("上涨下跌") in answer.citations[0].quote


def test_the_end_of_a_longer_name_and_another_time_are_no_answer(ask: Ask) -> None:
    assert "：茶饮下跌" not in ask("茶饮本周涨跌幅").answer
    assert "：火锅上涨" not in ask("火锅板块本月涨跌幅").answer
