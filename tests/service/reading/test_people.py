"""The persons on the reports."""

from collections.abc import Callable

import pytest

from corpus.report import Analyst, Span
from service.reading.people import of_role
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("陆知遥的执业证书编号是多少？", "S0991525030007"),
        ("贺云舒的SAC编号是什么？", "S0991525030018"),
        ("沈砚秋的执业证书编号是多少？", "S0882524110003"),
        ("乔沐阳的执业证书编号是多少？", "S0773525010021"),
        ("贺云舒的邮箱是什么？", "heyunshu@haiyue-sec.cn"),
        ("海岳证券的研究助理是谁？", "贺云舒"),
        ("恒川证券的首席分析师是谁？", "沈砚秋"),
        ("明澜证券的报告是谁写的？", "乔沐阳"),
        ("沈砚秋是哪家券商的分析师？", "恒川证券"),
    ],
)
def test_a_persons_datum_is_given_and_cited(ask: Ask, question: str, said: str) -> None:
    reply = ask(question)
    assert reply.kind == "metadata"
    assert said in reply.answer
    assert any(said in c.quote for c in reply.citations)


def test_the_assistant_is_not_the_analyst(ask: Ask) -> None:
    assert "陆知遥" not in ask("海岳证券的研究助理是谁？").answer
    assert "贺云舒" not in ask("海岳证券的证券分析师是谁？").answer


@pytest.mark.parametrize("question", ["王小明的执业证书编号是多少？", "分析师王小明的邮箱是什么？"])
def test_a_stranger_has_no_number(ask: Ask, question: str) -> None:
    reply = ask(question)
    assert (reply.refused, reply.reason) == (True, "not_in_corpus")
    assert "王小明" in reply.answer


def test_what_page_one_leaves_out_is_not_made_up(ask: Ask) -> None:
    for question in ("陆知遥的电话是多少？", "恒川证券的分析师邮箱是什么？"):
        assert (ask(question).refused, ask(question).reason) == (True, "low_support")


@pytest.mark.parametrize(
    "question", ["贺云舒是恒川证券的分析师吗？", "恒川证券的贺云舒的执业证书编号是多少？"]
)
def test_a_person_of_another_house_is_said_to_be_there(ask: Ask, question: str) -> None:
    reply = ask(question)
    assert reply.answer.count("贺云舒不在恒川证券的报告上署名，而是海岳证券的研究助理") == 1
    assert not reply.refused


def test_another_house_is_not_cited_past_the_filter(ask: Ask) -> None:
    reply = ask("贺云舒是恒川证券的分析师吗？", filters={"brokers": ["恒川证券"]})
    assert {c.broker for c in reply.citations} <= {"恒川证券"}


def test_a_contact_is_not_the_analyst_beside_them() -> None:
    place = Span(0, 3)
    analyst = Analyst("郑望之", "S0850511040004", "高级分析师", None, None, place, place, place)
    contact = Analyst("傅开江", None, "联系人", None, None, place, None, place)
    assert of_role("报告的联系人电话", (analyst, contact)) == [contact]
    assert of_role("报告的联系人电话", (analyst,)) == [analyst]
