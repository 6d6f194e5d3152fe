"""What a question takes for granted, held against invented reports: 是, 不是, or the correction."""

from collections.abc import Callable

import pytest

from service.reading.premises import denies
from service.schemas import AskResponse

Ask = Callable[[str], AskResponse]

HAIYUE = """海岳证券

锂电设备行业深度报告

设备更新进入第二轮

2025 年 03 月 18 日

证券分析师 陆知遥
执业证书: S0991525030007

投资要点

- **出海是主线。** 我们认为干法电极设备将率先在欧洲放量，海外订单的毛利率高于国内。
- **风险提示:** 下游扩产不及预期。

一、公司动态

青禾装备于2022年在无锡投产第三座工厂，工厂由中建四局承建，年产能为八百台。2024年6月，青禾装备出售了旗下叉车业务，回笼资金3.2亿元用于干法电极研发。青禾装备的总部位于常州，员工共有2300人。

青禾装备是江苏省属国有企业，控股股东为苏锡集团。公司未开展光伏设备业务。中国有史以来最大的叉车订单由青禾装备取得。

二、干法电极

干法电极设备有三个技术特点：一是不使用溶剂，省去烘干环节；二是能耗降低约四成；三是对粘结剂的均匀性要求更高。

据公司公告，三号线的良率为91%。
在另一处调研纪要中，三号线的良率为86%。
"""
HENGCHUAN = """恒川证券

锂电设备跟踪：干法电极仍需验证

2025 年 04 月 02 日

证券分析师 方既白
执业证书: S0880525040001

核心观点

我们认为干法电极设备短期难以放量，欧洲客户的验证周期至少需要十八个月，建议等待量产良率数据。

公司方面，白榆机械由周闻溪于2011年创立，主营卷绕机。白榆机械的营收没有披露分产品口径。
"""


@pytest.fixture(scope="module")
def ask(ask_of: Callable[[dict[str, str]], Ask]) -> Ask:
    return ask_of({"haiyue": HAIYUE, "hengchuan": HENGCHUAN})


@pytest.mark.parametrize(
    ("question", "said", "asserted"),
    [
        ("青禾装备收购了叉车业务吗？", "出售", "收购"),
        ("青禾装备是在2023年投产第三座工厂的吗？", "2022年", "2023年"),
        ("青禾装备的总部位于苏州吗？", "常州", "苏州"),
        ("青禾装备的第三座工厂是由中铁三局承建的吗？", "中建四局", "中铁三局"),
        ("青禾装备是民营企业吗？", "国有", "民营"),
        ("青禾装备员工有3000人，对吗？", "2300人", "3000人"),
        ("白榆机械是由陈默创立的吗？", "周闻溪", "陈默"),
    ],
)
def test_what_the_report_says_otherwise_is_denied_with_its_own_word(
    ask: Ask, question: str, said: str, asserted: str
) -> None:
    answer = ask(question)
    assert answer.answer.startswith(f"不是，报告为“{said}”而非“{asserted}”")
    assert any(said in c.quote for c in answer.citations)
    assert not any(asserted in c.quote for c in answer.citations)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("青禾装备出售了叉车业务吗？", "出售了旗下叉车业务"),
        ("青禾装备在2022年投产第三座工厂，对吗？", "于2022年在无锡投产"),
        ("青禾装备是国有企业吗？", "国有企业"),
        ("白榆机械由周闻溪创立吗？", "由周闻溪"),
    ],
)
def test_what_the_report_says_is_confirmed_with_the_sentence(
    ask: Ask, question: str, words: str
) -> None:
    answer = ask(question)
    assert answer.answer.startswith("是，")
    assert words in answer.citations[0].quote
    houses = [c.broker for c in answer.citations]
    assert answer.answer.count("海岳证券（") <= 1  # who goes on speaking is named once
    assert len(answer.answer) <= 240
    assert houses == sorted(houses, key=houses.index)


def test_a_denied_deed_is_denied(ask: Ask) -> None:
    answer = ask("青禾装备开展光伏设备业务了吗？")
    assert answer.answer.startswith("不是，")
    assert "未开展光伏设备业务" in answer.citations[0].quote


@pytest.mark.parametrize(
    ("question", "said", "asserted"),
    [
        ("青禾装备为什么收购叉车业务？", "出售", "收购"),
        ("青禾装备的第三座工厂为什么在2023年投产？", "2022年", "2023年"),
    ],
)
def test_a_reason_for_what_is_not_so_corrects_the_premise(
    ask: Ask, question: str, said: str, asserted: str
) -> None:
    answer = ask(question)
    opening = f"问题的前提与报告不符，报告为“{said}”而非“{asserted}”"
    assert answer.answer.startswith(opening)
    assert said in answer.citations[0].quote


def test_two_sentences_of_one_report_that_disagree_stand_side_by_side(ask: Ask) -> None:
    judged = ask("三号线的良率是91%吗？")
    asked = ask("三号线的良率是多少？")
    assert judged.answer.startswith("报告中的表述不一")
    for answer in (judged, asked):
        assert "91%" in answer.answer
        assert "86%" in answer.answer
        assert len(answer.citations) == 2


@pytest.mark.parametrize(
    "question",
    [
        "白榆机械收购了青禾装备吗？",
        "青禾装备由谁控股？",
        "青禾装备什么时候投产第三座工厂？",
        "青禾装备出售的业务被称为什么？",
        "青禾装备的控股股东为何？",
        "青禾装备未来会放量吗？",
    ],
)
def test_where_no_sentence_speaks_of_all_of_it_nothing_is_judged(ask: Ask, question: str) -> None:
    answer = ask(question).answer
    assert not answer.startswith(("是，", "不是，", "问题的前提", "报告中的表述不一"))


@pytest.mark.parametrize(
    "question",
    [
        "海岳和恒川对干法电极的看法有何不同？",
        "海岳证券和恒川证券怎么看干法电极？",
        "两家券商对干法电极设备放量的观点有什么分歧？",
    ],
)
def test_views_of_two_houses_are_told_house_by_house(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert answer.kind == "comparison"
    assert answer.answer.index("恒川证券（2025-04-02）") < answer.answer.index(
        "海岳证券（2025-03-18）"
    )
    assert "短期难以放量" in answer.answer
    assert "率先在欧洲放量" in answer.answer
    assert "叉车" not in answer.answer


def test_a_list_within_a_paragraph_is_given_whole(ask: Ask) -> None:
    answer = ask("干法电极有哪些技术特点？").answer
    assert all(words in answer for words in ("不使用溶剂", "能耗降低约四成", "均匀性要求更高"))


@pytest.mark.parametrize(
    ("norm", "denied"),
    [
        ("公司尚未放量", True),
        ("公司没有再放量", True),
        ("公司不会放量", True),
        ("未来放量可期", False),
        ("不过放量时要小心", False),
        ("不仅放量，而且提价", False),
    ],
)
def test_words_that_begin_like_a_denial_deny_nothing(norm: str, denied: bool) -> None:
    assert denies(["放量"], norm) is denied
