"""Prose questions: the reports' own sentences, or why there are none."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("推理算力需求增长的原因是什么？", "长上下文模型普及"),
        ("砺石股份什么时候发布第三代玻璃基板样品？", "2025 年 1 月"),
        ("第三代玻璃基板样品的良率提升至多少？", "92%"),
        ("玄圃软件与青禾电子的合作期限是多久？", "三年"),
        ("云杉智能二期产线总投资额是多少？", "23.6 亿元"),
        ("云杉智能毛利率改善的原因是什么？", "推理卡占比提升"),
        ("端侧芯片的放量取决于什么？", "散热方案成熟"),
        ("双抗药物的研发周期是多久？", "约为八年"),
    ],
)
def test_the_sentence_is_quoted_word_for_word(ask: Ask, question: str, words: str) -> None:
    reply = ask(question)
    assert reply.kind == "passage"
    assert words in reply.answer
    assert any(words in c.quote for c in reply.citations)
    assert all(c.cell is None for c in reply.citations)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("上海到北京的高铁几点发车？", "not_in_corpus"),
        ("火星探测器什么时候着陆？", "not_in_corpus"),
        ("Zentrix平台的用户数是多少？", "not_in_corpus"),
        ("砺石股份的创始人是谁？", "low_support"),
        ("恒川证券怎么看双抗药物？", "low_support"),
        ("玄圃软件与青禾电子合作协议的金额是多少？", "low_support"),
    ],
)
def test_what_no_sentence_carries_is_refused(ask: Ask, question: str, reason: str) -> None:
    reply = ask(question)
    assert reply.refused
    assert reply.reason == reason


def test_the_nearest_passages_come_with_a_refusal(ask: Ask) -> None:
    reply = ask("砺石股份的创始人是谁？")
    assert any("砺石股份" in p.text for p in reply.passages)


def test_a_house_speaks_only_for_itself(ask: Ask) -> None:
    reply = ask("恒川证券认为端侧芯片的放量取决于什么？")
    assert {c.broker for c in reply.citations} == {"恒川证券"}
    assert ask("海岳证券认为双抗药物的研发周期是多久？").refused


def test_disclaimers_answer_only_when_asked_for(ask: Ask) -> None:
    assert "免责" not in ask("推理算力需求增长的原因是什么？").answer
    reply = ask("海岳证券的报告可以翻版复制吗？")
    assert "未经书面许可" in reply.answer


def test_a_house_that_says_nothing_on_the_matter_is_named(ask: Ask) -> None:
    answer = ask("恒川证券和海岳证券怎么看端侧芯片的散热方案？")
    assert not answer.refused
    assert "散热方案成熟" in answer.answer
    if len({c.broker for c in answer.citations}) == 1:
        assert [(gap.slot, gap.asked) for gap in answer.missing] == [("broker", "海岳证券")]
