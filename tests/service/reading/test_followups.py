"""Follow-ups are completed from the user's own earlier turns."""

from collections.abc import Callable

import pytest

from service.answering import Answerer
from service.schemas import AskRequest, AskResponse, Turn

Ask = Callable[..., AskResponse]
FIRST = "海岳证券预测云杉智能2025E的EPS是多少？"


@pytest.mark.parametrize(
    "question",
    [FIRST, "那恒川证券呢", "它的市盈率是多少", "  两头有空格 ", "作者是谁？", "下一年呢", "?"],
)
def test_without_history_the_question_stands_as_it_is(ask: Ask, question: str) -> None:
    assert ask(question).standalone_question == question


@pytest.mark.parametrize(
    ("question", "standalone"),
    [
        ("那恒川证券呢？", "恒川证券预测云杉智能2025E的EPS是多少？"),
        ("2026E呢？", "海岳证券预测云杉智能2026E的EPS是多少？"),
        ("那砺石股份呢", "海岳证券预测砺石股份2025E的EPS是多少？"),
        ("下一年呢？", "海岳证券预测云杉智能2026年的EPS是多少？"),
        ("云岭智造2026E的市盈率是多少？", "云岭智造2026E的市盈率是多少？"),
    ],
)
def test_a_new_slot_takes_the_place_of_the_old_one(
    ask: Ask, question: str, standalone: str
) -> None:
    assert ask(question, FIRST).standalone_question == standalone


def test_slots_are_carried_over_several_turns(ask: Ask) -> None:
    reply = ask("那砺石股份2026E呢", FIRST, "恒川证券呢")
    assert reply.standalone_question == "恒川证券预测砺石股份2026E的EPS是多少？"
    assert reply.citations[0].cell is not None
    assert reply.citations[0].cell.value == "0.66"


def test_a_pronoun_stands_for_the_company_of_the_turn_before(ask: Ask) -> None:
    reply = ask("它的市盈率呢？", "海岳证券预测北溟科技2026E的EPS是多少？")
    assert [c.cell.value for c in reply.citations if c.cell] == ["18.55"]


def test_the_one_person_of_the_turn_before_is_meant(ask: Ask) -> None:
    reply = ask("他的执业证书编号是多少", "恒川证券报告的分析师是谁")
    assert "S0882524110003" in reply.answer


def test_what_the_assistant_said_gives_no_slot(answerer: Answerer) -> None:
    turns = [
        Turn(role="user", content=FIRST),
        Turn(role="assistant", content="恒川证券预测玄圃软件2024年的市盈率为182.33倍"),
    ]
    reply = answerer.ask(AskRequest(question="2026E呢？", history=turns))
    assert reply.standalone_question == "海岳证券预测云杉智能2026E的EPS是多少？"


def test_an_assistant_alone_gives_nothing(answerer: Answerer) -> None:
    turns = [Turn(role="assistant", content=FIRST)]
    reply = answerer.ask(AskRequest(question="2026E呢？", history=turns))
    assert reply.standalone_question == "2026E呢？"


def test_a_refused_turn_is_a_turn_all_the_same(ask: Ask) -> None:
    refused = "南岭证券预测云杉智能2025E的EPS是多少？"
    assert ask(refused).refused
    reply = ask("恒川证券呢？", refused)
    assert (reply.refused, reply.kind) == (False, "fact")
    assert "0.81" in reply.answer


def test_empty_turns_do_no_harm(ask: Ask) -> None:
    assert ask(FIRST, "", " \n").standalone_question == FIRST


def test_the_answer_to_the_follow_up_is_that_of_the_whole_question(ask: Ask) -> None:
    followed, whole = ask("2026E呢？", FIRST), ask("海岳证券预测云杉智能2026E的EPS是多少？")
    assert followed.answer == whole.answer
    assert followed.citations == whole.citations
    assert followed.question == "2026E呢？"


def test_bounds_stand_in_the_order_of_the_question(ask: Ask) -> None:
    # A sign before a figure once gave a place that ended before it began.
    reply = ask("低于20倍呢", "2025E的EPS为负，市盈率是0.90元吗")
    assert reply.standalone_question


def test_who_wrote_the_report_is_no_question_on_the_company_before(ask: Ask) -> None:
    said = ask("谁写的这份报告", "云杉智能2025E的EPS是多少？")
    assert said.standalone_question == "谁写的这份报告"
    assert said.kind == "metadata"


@pytest.mark.parametrize(
    ("earlier", "question", "whole"),
    [
        ("总市值最大的公司是哪家？", "排第二的呢", "总市值排第二的"),
        ("总市值最小的公司是哪家？", "那第三的呢", "第三低的"),
        ("云杉智能的目标价是多少？", "再问个，苍溪药业多少", "苍溪药业的目标价"),
        ("云杉智能的目标价是多少？", "对了，顺便问一下，苍溪药业呢？", "苍溪药业的目标价"),
    ],
)
def test_another_place_and_a_word_before_the_question(
    ask: Ask, earlier: str, question: str, whole: str
) -> None:
    assert whole in ask(question, earlier).standalone_question


def test_a_bound_and_a_broken_line_are_no_data_of_the_question(ask: Ask) -> None:
    for said in (ask("云杉智能低于20倍他", "\n云智"), ask("云杉智能，低于20倍，\n云智")):
        assert said.refused is not bool(said.citations)
        assert "按问题给出的数据" not in said.answer
