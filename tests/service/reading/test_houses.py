"""How to reach a house and what it is called in full."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("海岳证券的邮政编码是多少？", "310999"),
        ("海岳证券研究所的传真是多少？", "（0999）60001234"),
        ("海岳证券研究所的地址在哪里？", "临江市望潮区听涛路 77 号"),
        ("海岳证券的全称是什么？", "海岳证券股份有限公司"),
        ("恒川证券的公司全称是什么？", "恒川证券有限责任公司"),
    ],
)
def test_the_datum_of_a_house_is_quoted(ask: Ask, question: str, value: str) -> None:
    reply = ask(question)
    assert reply.kind == "metadata"
    assert value in reply.answer
    assert value in reply.citations[0].quote


@pytest.mark.parametrize("question", ["恒川证券的邮编是多少？", "明澜证券的网址是什么？"])
def test_what_a_house_does_not_print_is_refused(ask: Ask, question: str) -> None:
    assert ask(question).reason == "low_support"


def test_no_other_houses_datum_stands_in(ask: Ask) -> None:
    assert "310999" not in ask("恒川证券的邮政编码是多少？").answer
