"""Follow-ups that lean on several earlier turns, over the invented reports."""

from __future__ import annotations

import pytest

from service.answering import Answerer
from service.schemas import AskRequest, AskResponse, Turn

A = "海岳证券预测云杉智能2025E的EPS是多少？"


def last(answerer: Answerer, *said: str) -> AskResponse:
    turns = [Turn(role="user", content=words) for words in said[:-1]]
    return answerer.ask(AskRequest(question=said[-1], history=turns))


@pytest.mark.parametrize(
    ("said", "standalone"),
    [
        ((A, "砺石股份呢", "两家差多少？"), "海岳证券预测云杉智能和砺石股份2025E的EPS差多少？"),
        ((A, "恒川证券呢", "两家差多少"), "海岳证券和恒川证券预测云杉智能2025E的EPS差多少"),
        ((A, "2026E呢", "这两年差多少"), "海岳证券预测云杉智能2025E和2026E的EPS差多少"),
        ((A, "砺石股份呢", "哪家更高"), "海岳证券预测云杉智能和砺石股份2025E的EPS哪家更高"),
        (
            (A, "砺石股份呢", "北溟科技呢", "三家里谁最高"),
            "海岳证券预测云杉智能和砺石股份和北溟科技2025E的EPS谁最高",
        ),
    ],
)
def test_sides_that_are_not_named_are_those_of_the_turns_before(answerer, said, standalone):
    assert last(answerer, *said).standalone_question == standalone


@pytest.mark.parametrize(
    ("said", "standalone"),
    [
        ((A, "砺石股份呢", "回到前面那家，2026E呢"), "海岳证券预测云杉智能2026E的EPS是多少？"),
        ((A, "砺石股份呢", "上一家呢"), "海岳证券预测云杉智能2025E的EPS是多少？"),
        ((A, "砺石股份呢", "还是看刚才那家的市盈率"), "海岳证券预测云杉智能2025E的市盈率是多少？"),
        (
            (A, "砺石股份呢", "北溟科技呢", "第一家的市盈率"),
            "海岳证券预测云杉智能2025E的市盈率是多少？",
        ),
        (
            (A, "先进封装是什么？", "回到云杉智能，2026E呢"),
            "海岳证券预测云杉智能2026E的EPS是多少？",
        ),
        ((A, "先进封装是什么？", "回到前面那家公司"), A),
        ((A, "先进封装是什么？", "说回云杉智能"), A),
        (
            (A, "先进封装是什么？", "第一个问题，换成2026E"),
            "海岳证券预测云杉智能2026E的EPS是多少？",
        ),
    ],
)
def test_a_topic_that_was_left_is_returned_to(answerer, said, standalone):
    assert last(answerer, *said).standalone_question == standalone


def test_that_house_is_the_one_spoken_of_last(answerer):
    said = ("恒川证券报告的分析师是谁？", "云杉智能2025E的EPS是多少？", "那家券商的风险提示有哪些")
    assert last(answerer, *said).standalone_question == "恒川证券的风险提示有哪些"


def test_a_house_is_asked_for_its_view_of_the_matter_before(answerer):
    reply = last(answerer, "先进封装是什么？", "海岳证券怎么看？")
    assert reply.standalone_question == "海岳证券怎么看先进封装"


def test_both_figures_of_a_recalled_pair_are_cited(answerer):
    reply = last(answerer, A, "恒川证券呢", "两家差多少")
    assert {c.broker for c in reply.citations} == {"海岳证券", "恒川证券"}


@pytest.mark.parametrize(
    "question",
    [
        "云杉智能和砺石股份2025E的EPS差多少？",
        "海岳证券怎么看先进封装？",
        "第一大客户是谁，占比相差多少个百分点？",
        "上一年的情况如何",
        "前面提到的先进封装是什么？",
    ],
)
def test_a_first_question_stands_as_it_is(answerer, question):
    assert last(answerer, question).standalone_question == question


def test_a_comparison_without_two_sides_before_it_is_left_alone(answerer):
    assert "和" not in last(answerer, A, "差多少").standalone_question


def test_thanks_ask_nothing_new(answerer):
    assert last(answerer, A, "砺石股份呢", "谢谢").standalone_question == (
        "海岳证券预测砺石股份2025E的EPS是多少？"
    )


@pytest.mark.parametrize("words", ["那呢" * 1000, "云杉智能2025E的EPS" * 500, "，" * 8000])
def test_long_histories_are_not_understood_to_their_end(answerer, monkeypatch, words):
    parsed: list[int] = []
    parse = answerer._parse

    def counted(question: str):
        parsed.append(len(question))
        return parse(question)

    monkeypatch.setattr(answerer, "_parse", counted)
    last(answerer, *([words[:8000]] * 19), "2026E呢")
    assert sum(parsed) < 20_000
