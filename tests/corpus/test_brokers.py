"""Securities houses in texts; the invented ones stand for those that no list knows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.brokers import find_brokers, known_brokers, same_broker, short_broker_name


def found(text: str, known: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    return [(one.name, text[one.start : one.end]) for one in find_brokers(text, known)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("中信证券给出的评级", "中信证券"),
        ("根据东吴证券", "东吴证券"),
        ("与华鑫证券", "华鑫证券"),
        ("关于海岳证券的研报", "海岳证券"),
        ("本报告由海岳证券制作", "海岳证券"),
        ("请问海岳证券研究所对传媒的看法", "海岳证券"),
        ("本研究报告仅供海岳证券股份有限公司的客户使用", "海岳证券"),
        ("注明出处为海岳证券研究所", "海岳证券"),
        ("2021年11月加盟海岳证券研究所", "海岳证券"),
        ("未经海岳证券书面授权", "海岳证券"),
        ("ＡＢ：海岳证券", "海岳证券"),
        ("海岳证券有限责任公司", "海岳证券"),
        ("和信证券怎么看", "和信证券"),
        ("与日升证券", "日升证券"),
        ("国泰君安证券", "国泰君安证券"),
        ("申万宏源证券研究所", "申万宏源证券"),
        ("海通的观点", "海通证券"),
        ("中金公司认为", "中金公司"),
        ("东吴怎么看", "东吴证券"),
        ("东方的观点", "东方证券"),
        ("高盛上调评级", "高盛"),
        ("大摩给出的目标价", "摩根士丹利"),
    ],
)
def test_a_house_is_found_cut_free_of_the_words_before_it(text: str, name: str) -> None:
    assert [one for one, _ in found(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "证券分析师 张三",
        "证券研究报告",
        "证券投资评级说明",
        "中国证券业协会授予的证券投资咨询执业资格",
        "上海证券交易所",
        "深圳证券交易所",
        "中国证券监督管理委员会",
        "中国证券报",
        "香港证券及期货条例",
        "投资者买入或者卖出证券的决定",
        "相关证券市场代表性指数",
        "本公司具备证券投资咨询业务资格",
        "不同证券研究机构采用不同的评级术语",
        "公司所发行的证券并进行交易",
        "哪家证券公司",
        "中信出版的评级",
        "华泰保险",
        "长江电力",
        "资料来源：中国信通院",
    ],
)
def test_what_is_no_house_is_not_found(text: str) -> None:
    assert found(text) == []


def test_several_houses_in_one_sentence() -> None:
    assert [name for name, _ in found("比较东吴和华鑫对该股的预测")] == ["东吴证券", "华鑫证券"]
    assert [name for name, _ in found("海岳证券与嘉和证券的看法")] == ["海岳证券", "嘉和证券"]
    assert found("华鑫证券有限责任公司（以下简称“华鑫证券”）") == [
        ("华鑫证券", "华鑫证券有限责任公司"),
        ("华鑫证券", "华鑫证券"),
    ]


def test_a_house_of_the_corpus_is_found_by_its_stem() -> None:
    assert found("海岳给它什么评级") == []
    assert found("海岳给它什么评级", ("海岳证券",)) == [("海岳证券", "海岳")]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("东吴证券股份有限公司", "东吴证券"),
        ("东吴证券研究所", "东吴证券"),
        ("东吴", "东吴证券"),
        ("海岳证券有限责任公司", "海岳证券"),
        ("海岳", "海岳"),
        ("中国国际金融股份有限公司", "中金公司"),
        ("中信建投证券股份有限公司", "中信建投证券"),
        ("国泰君安", "国泰君安证券"),
        ("广发证券发展研究中心", "广发证券"),
        ("兴业证券经济与金融研究院", "兴业证券"),
        ("中国银河证券", "银河证券"),
        (" 东吴 证券 ", "东吴证券"),
    ],
)
def test_short_names(name: str, short: str) -> None:
    assert short_broker_name(name) == short


def test_names_of_one_house_are_the_same() -> None:
    names = ["东吴", "东吴证券", "东吴证券研究所", "东吴证券股份有限公司"]
    assert all(same_broker(one, other) for one in names for other in names)
    assert same_broker("海岳", "海岳证券")
    assert not same_broker("东吴证券", "东方证券")
    assert not same_broker("", "证券")


def test_short_names_are_their_own_short_names() -> None:
    for name in known_brokers():
        assert short_broker_name(name) == name
        assert [one.name for one in find_brokers(f"{name}研究所认为")] == [name]


@given(st.text(alphabet="东吴海岳证券研究所股份有限公司的与和根据由交易中信 A", max_size=20))
def test_every_mention_stands_in_the_text_and_none_overlap(text: str) -> None:
    spans = [(one.start, one.end) for one in find_brokers(text, ("海岳证券",))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
