"""Codes of companies, and companies of codes."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("name", "code"),
    [("云岭智造", "301966"), ("青禾电子", "301993.SZ"), ("苍溪药业", "301994"), ("北科", "688566")],
)
def test_the_code_stands_as_the_report_prints_it(ask: Ask, name: str, code: str) -> None:
    reply = ask(f"{name}的股票代码是多少？")
    assert reply.kind == "metadata"
    assert f"股票代码为{code}" in reply.answer
    assert code in reply.citations[0].quote


@pytest.mark.parametrize(
    "question",
    [
        "688566是哪家公司？",
        "688566对应哪只股票",
        "688566.SH是什么公司的代码",
        "代码688566的公司叫什么名字",
    ],
)
def test_the_company_behind_a_code_is_named(ask: Ask, question: str) -> None:
    reply = ask(question)
    assert (reply.kind, reply.refused) == ("metadata", False)
    assert "688566是北溟科技" in reply.answer


def test_a_code_that_no_report_holds_is_refused(ask: Ask) -> None:
    assert ask("999998是哪家公司？").reason == "no_such_company"
