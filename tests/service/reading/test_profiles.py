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
