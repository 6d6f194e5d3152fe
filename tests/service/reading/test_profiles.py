"""Profiles of analysts at a report's end."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    "question", ["沈砚秋的学历是什么？", "沈砚秋什么时候加入恒川证券的？", "介绍一下沈砚秋"]
)
def test_the_profile_of_the_person_is_quoted_whole(ask: Ask, question: str) -> None:
    reply = ask(question)
    assert "微电子学博士" in reply.answer
    assert "2019年加入恒川证券研究所" in reply.answer
    assert reply.citations[0].quote.startswith("沈砚秋：")


def test_a_number_of_page_one_is_not_in_the_profile(ask: Ask) -> None:
    assert "S0882524110003" in ask("沈砚秋的执业编号").answer


def test_who_is_asked_of_the_wrong_house_is_said_to_be_at_the_other(ask: Ask) -> None:
    reply = ask("海岳证券的沈砚秋主要覆盖什么行业？")
    assert "不在海岳证券的报告" in reply.answer
    assert "恒川证券" in reply.answer
    assert {c.broker for c in reply.citations} == {"恒川证券"}
