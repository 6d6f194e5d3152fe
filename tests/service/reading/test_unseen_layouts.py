"""Layouts of houses that nobody here has seen: a morning note, a sheet of an offering, a note from
Hong Kong in two languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[[str], AskResponse]
MORNING = """远峰证券研究所

晨会纪要

2025年5月12日 星期一

责任编辑：秦若谷
SAC执业证书编号：S0997525010001

今日重点推荐

【食品饮料】泉城酒业（600993.SH）2025年一季报点评：省外扩张提速，结构升级延续（买入，维持）
分析师：宋嘉禾

公司公告2025年一季报，实现营业收入42.36亿元，同比增长11.8%；归母净利润12.08亿元，同比增长14.2%。毛利率为76.4%，同比提升1.1pct，主要系产品结构升级。预计公司2025-2027年EPS分别为3.12/3.58/4.05元，维持“买入”评级，目标价82.00元。
风险提示：宏观经济波动；省外扩张不及预期。

【汽车】长河汽车（601988.SH）4月产销快报点评：出口短期承压，新能源占比创新高（增持，下调）
分析师：温朗

公司4月销售新车38.2万辆，同比增长9.6%；出口6.8万辆，同比下降3.0%，主要受俄罗斯报废税上调影响。我们下调2025年归母净利润预测至86.4亿元，评级由“买入”下调至“增持”。
"""
OFFERING = """明岳证券 新股研究

凌霄新材（301990.SZ）新股覆盖研究

2025年06月03日

分析师 顾南枝 S0997524080003

52周最高/最低（元）：126.80/48.35

公司主要从事高性能聚酰亚胺薄膜的研发、生产和销售，产品应用于柔性显示、新能源电池等领域。
2024年可比公司平均收入为5.02亿元，平均销售毛利率为31.4%；公司2024年毛利率为38.9%。

发行概况

拟公开发行股数	3,200万股
保荐机构	远峰证券
上市板块	创业板

表2 可比公司估值
代码	公司	股价（元）	EPS 2025E	EPS 2026E	PE 2025E	PE 2026E
300989	中衡光电	98.60	2.55	3.41	38.7	28.9
300986	天枢通信	75.20	2.26	2.90	33.3	25.9

公司近三年主要财务数据

项目	2022	2023	2024
毛利率（%）	36.2	37.5	38.9

◼ 风险提示：客户集中度较高；原材料价格波动；技术迭代。
"""
HONGKONG = """明岳国际证券

港股公司研究 | 互联网

2025年5月20日

悦读集团（09993.HK）

1Q25业绩：经调整净利润超预期

评级：BUY（维持）
目标价：HKD 38.00（前值HKD 33.50）

分析员 何思远, CFA

要点

• 1Q25总收入RMB 1.92bn（+6.7% YoY），符合预期。

Financial summary

(RMB mn)	FY24A	FY25E	FY26E
Revenue	8,121	8,690	9,350
EPS (RMB)	1.13	1.39	1.56
"""
WEEKLY = """澄江证券

有色金属行业周报

报告日期：2025-05-11

表1：主要金属价格及变动

| 品种 | 最新价 | 周涨跌幅 | 月涨跌幅 | 年初至今 |
| --- | --- | --- | --- | --- |
| 沪铜 | 77,450 | 0.6% | 3.2% | 5.1% |
| 沪锌 | 22,195 | -1.0% | -2.3% | -14.8% |
| 氧化镨钕 | 42.3 | 2.9% | 1.8% | 5.9% |
| 碳酸锂 | 6.49 | -4.6% | -10.1% | -13.5% |

数据来源：Wind
"""


@pytest.fixture(scope="module")
def ask(ask_of: Callable[[dict[str, str]], Ask]) -> Ask:
    return ask_of(
        {"morning": MORNING, "offering": OFFERING, "hongkong": HONGKONG, "weekly": WEEKLY}
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("泉城酒业2025年一季度归母净利润同比增长多少？", "14.2%"),
        ("泉城酒业2026年EPS预测是多少？", "3.58"),
        ("泉城酒业毛利率为什么提升？", "产品结构升级"),
        ("长河汽车2025年归母净利润预测是多少？", "86.4亿元"),
        ("长河汽车4月出口下降的原因是什么？", "报废税"),
        ("长河汽车的评级有什么变化？", "下调至“增持”"),
    ],
)
def test_each_item_of_a_morning_note_is_about_the_company_that_heads_it(ask, question, expected):
    answer = ask(question)
    assert expected in answer.answer
    assert {c.report_id for c in answer.citations} == {"morning"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("凌霄新材拟公开发行多少股？", "3,200万股"),
        ("凌霄新材的保荐机构是谁？", "远峰证券"),
        ("凌霄新材的52周最高价是多少", "126.80"),
        ("凌霄新材的52周最低价是多少", "48.35"),
        ("凌霄新材的上市板块是什么", "创业板"),
    ],
)
def test_a_value_is_found_beside_the_label_that_is_asked_for(ask, question, expected):
    answer = ask(question)
    assert expected in answer.answer
    assert expected in answer.citations[0].quote


@pytest.mark.parametrize(
    "question",
    ["凌霄新材的保荐机构收取了多少承销费用？", "明岳证券给予凌霄新材2025年多少倍市盈率？"],
)
def test_a_label_that_says_only_a_part_of_what_is_asked_is_no_answer(ask, question):
    answer = ask(question).answer
    assert "保荐机构为" not in answer
    assert "研究" not in answer


def test_peers_are_listed_from_their_table(ask):
    answer = ask("凌霄新材的可比公司有哪些？").answer
    assert "中衡光电、天枢通信" in answer


def test_the_mean_of_peers_is_never_that_of_the_companys_own_years(ask):
    answer = ask("凌霄新材的可比公司平均毛利率是多少").answer
    assert "31.4%" in answer
    assert "37.53" not in answer


def test_a_list_of_risks_behind_a_square_is_told_whole(ask):
    assert "技术迭代" in ask("凌霄新材的风险有哪些？").answer


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("悦读集团的评级是什么", "BUY"),
        ("悦读集团的目标价是多少？", "HKD 38.00"),
        ("悦读集团FY26E EPS", "1.56"),
    ],
)
def test_a_note_in_two_languages_is_read(ask, question, expected):
    answer = ask(question).answer
    assert expected in answer
    assert "9,350" not in answer


def test_another_companys_figure_is_no_answer(ask):
    answer = ask("悦读集团1Q25总收入是多少？")
    assert {c.report_id for c in answer.citations} <= {"hongkong"}
    assert "42.36" not in answer.answer


@pytest.mark.parametrize(
    ("question", "expected", "other"),
    [
        ("年初至今跌幅最大的金属是哪个？", "沪锌", "碳酸锂"),
        ("周跌幅最大的是哪个品种", "碳酸锂", "沪锌"),
        ("月涨跌幅最高的品种", "沪铜", "氧化镨钕"),
        ("碳酸锂的周涨跌幅", "-4.6%", "-10.1%"),
    ],
)
def test_of_columns_of_one_metric_the_stretch_that_is_named_is_meant(
    ask, question, expected, other
):
    answer = ask(question).answer
    assert expected in answer
    assert other not in answer
