"""Questions that bring a table or figures along are answered from those."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.reading.given.formulas import evaluate, terms_of
from service.reading.given.prompt import read_prompt
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]

_FUNDS = """
| 基金简称           |   管理费用/营业收入 |   单位净值增长率 |    换手次数 |
|                |                [单位]% |      [单位]% |     [单位]次 |
|:---------------|---------------------:|-----------:|----------:|
| 19澜沧08         |          -1358.30     |  -37.44   | 0.02 |
| 北岭债01      |             -2.9 |   -9.23 | 0.05 |
| 20西浦G2         |           -28.56 |   19.98  | 0.07 |
"""
_OIL = """
| -   | 南屿原油(美元/桶)   | -   | 北岭原油(美元/桶)   | -   |
|:-------------|:--------------|:-------------|:-------------|:--------------|
| 时间           | 收盘价         | 涨跌幅(%)       | 结算价         | 涨跌幅(%)       |
| 2023年5月06日  | 70.92         | 0.04    | 75.18         | 0.34   |
| 2023年5月03日  | 70.89         | -1.93  | 74.89         | -2.26  |
"""
_GAP = """
|   年份 | 存货   | 应付账款   |
|-----:|:-------|:-------|
| 2019 | 5.207亿 | 1.074亿 |
| 2022 | 2.791亿 | 6028万  |
营运缺口的计算公式为：营运缺口=存货-应付账款。
复合年均增长率的计算公式为：复合年均增长率=(现有价值/基础价值)^(1/年数) - 1。
"""
_STATEMENT = """
| 指标 | 2021年 | 2020年 |
|:--|--:|--:|
| 甲类产值(亿元) | 1200 | 1000 |
| 乙类产值(亿元) | 330.5 | 300 |
"""
_NEWS = """
澜沧机电公告，2023年实现营业收入35.6亿元，同比增长12.4%；归母净利润4.1亿元，同比下降8.3%。分业务看，电机、减速器收入较上年分别增加15.2%和6.4%。
"""


@pytest.mark.parametrize(
    ("question", "holds", "leaves_out"),
    [
        (f"你是一个助手。请根据下面的数据，回答20西浦G2的单位净值增长率是多少？请给出正确选项。{_FUNDS}", ["19.98%"], ["-9.23", "0.07"]),
        (f"根据下表，北岭债01的换手次数是多少？{_FUNDS}", ["0.05次"], ["0.02", "-9.23"]),
        (f"根据下表，单位净值增长率最低的是哪只？{_FUNDS}", ["19澜沧08", "-37.44%"], ["19.98"]),
        (f"2023年5月3日北岭原油的结算价和涨跌幅是多少？{_OIL}", ["74.89", "-2.26"], ["70.89", "75.18"]),
        (f"你是一个助手。请根据给定的数据和公式计算公司2019-2022年营运缺口的复合年均增长率，保留两位小数。{_GAP}", ["-19.10%"], []),
        (f"请根据以下内容，计算总产值同比增长率。{_STATEMENT}", ["17.73%"], []),
        (f"请根据以下内容，计算甲类产值同比增长率。{_STATEMENT}", ["（1200亿元 − 1000亿元） ÷ 1000亿元 = 20.00%"], []),
        (f"根据以下内容，澜沧机电归母净利润同比变动多少？{_NEWS}", ["8.3%"], ["12.4%", "15.2%"]),
        (f"根据以下内容，澜沧机电2023年营业收入是多少？{_NEWS}", ["35.6亿元"], ["4.1亿元"]),
        (f"根据以下内容，减速器收入较上年增加多少？{_NEWS}", ["6.4%"], ["15.2%"]),
        ("计算甲原油价格涨跌幅。\n2023年5月2日甲原油82.48美元/桶，5月3日80.89美元/桶。", ["-1.93%"], []),
        ("请计算甲公司近三年营业总收入复合年均增长率，保留两位小数。\n已知甲公司2019-2022年的营业总收入分别为5.5亿元、14.3亿元、16.8亿元和17.7亿元。\n复合年均增长率的计算公式为： v=(现有价值/基础价值)^(1/年数) - 1。", ["47.64%"], []),
        ("请计算该公司的毛利率，保留一位小数。\n2022年公司营业收入为50亿元，营业成本为35亿元。", ["30.0%"], []),
        ("请计算该公司的市盈率。\n公司股价为24元，每股收益为1.5元。", ["16"], []),
        ("请根据公式计算股息支付率。\n公司现金分红为3亿元，净利润为12亿元。\n股息支付率=现金分红/净利润×100%。", ["25.00%"], []),
        ("电机收入是减速器收入的几倍？\n电机收入为24亿元，减速器收入为16亿元。", ["1.50倍"], []),
        ("甲业务收入占总收入的比例是多少？请计算。\n甲业务收入为24亿元，总收入为96亿元。", ["25.00%"], []),
    ],
)  # fmt: skip
def test_the_prompts_own_data_answers(
    ask: Ask, question: str, holds: list[str], leaves_out: list[str]
) -> None:
    reply = ask(question)
    assert not reply.refused
    for words in holds:
        assert words in reply.answer, reply.answer
    for words in leaves_out:
        assert words not in reply.answer, reply.answer
    assert reply.citations == []


def test_a_question_over_two_lines_without_data_is_none() -> None:
    assert read_prompt("云杉智能2025年EPS是多少？\n谢谢") is None
    assert read_prompt("云杉智能2025年EPS是多少？") is None


def test_formulas_in_words() -> None:
    assert terms_of("(营业收入-营业成本)/营业收入×100%") == ["营业收入", "营业成本"]
    from decimal import Decimal

    held = {"甲": Decimal(7), "乙": Decimal(2)}
    assert evaluate("(甲-乙)*2^乙", held) == 20
    assert evaluate("甲/0", held) is None
    assert evaluate("甲-丙", held) is None


@pytest.mark.parametrize(
    "question",
    [
        "301994，\n有几家是多少超过0.5元",
        "？营业收入哪些公司97？97\x0c目录",
        "97\n哪些公司超过0.5元？",
        "股息率低于20倍\n平均",
    ],
)
def test_a_bare_number_beside_a_question_is_no_data(question: str) -> None:
    assert read_prompt(question) is None


def test_two_figures_of_something_are_data_without_a_sentence() -> None:
    prompt = read_prompt("销售额 500亿元\n利润 30亿元\n利润是多少？")
    assert prompt is not None
    assert read_prompt("平均\nEPS相关研究沈砚秋超过0.5元-是0.90元吗") is None
