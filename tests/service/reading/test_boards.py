"""A board that a question names bounds the companies of a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from service.reading.boards import board_of
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("海岳证券表中科创板公司有哪些？", {"云杉智能", "北溟科技", "长城精工"}),
        ("恒川证券表里的创业板公司有哪几家？", {"砺石股份", "青禾电子"}),
        ("恒川证券覆盖的公司里，沪市（.SH）的是哪几只？", {"云杉智能", "玄圃软件"}),
        ("恒川证券的表里有几家在深交所上市的公司？", {"砺石股份", "青禾电子"}),
    ],
)
def test_only_companies_of_the_board_are_listed(ask: Ask, question: str, names: set[str]) -> None:
    reply = ask(question)
    companies = {"云杉智能", "砺石股份", "北溟科技", "云岭智造", "长城精工", "青禾电子", "玄圃软件"}
    assert {name for name in companies if name in reply.answer} == names
    assert f"共{len(names)}家" in reply.answer


def test_an_extreme_and_a_mean_are_those_of_the_board(ask: Ask) -> None:
    reply = ask("海岳证券表中创业板公司总市值最低的是哪家？")
    assert "云岭智造" in reply.answer
    assert "创业板公司中" in reply.answer
    reply = ask("海岳证券表中科创板公司2026E的平均市盈率是多少？")
    assert reply.computation is not None
    assert [i.value for i in reply.computation.inputs] == ["46.44", "18.55", "31.28"]


def test_bounds_and_boards_hold_together(ask: Ask) -> None:
    reply = ask("海岳证券表中总市值超过100亿元的科创板公司有哪些？")
    assert {c.cell.row.split()[-1] for c in reply.citations if c.cell} == {"云杉智能", "长城精工"}


def test_none_of_a_board_is_said_so_and_not_answered_with_the_others(ask: Ask) -> None:
    for question in ("海岳证券表中有几家港股公司？", "海岳证券表中北交所公司市盈率最低的是谁？"):
        reply = ask(question)
        assert "没有" in reply.answer
        assert "云杉智能" not in reply.answer


@pytest.mark.parametrize(
    "text",
    [
        "东北证券重点公司中pe最低的是哪家",
        "华北证券的评级",
        "创业板指数涨了多少?",
        "港股通资金流向如何?",
        "公司去年收入多少?",
    ],
)
def test_other_questions_name_no_board(text: str) -> None:
    assert board_of(text) is None


@pytest.mark.parametrize(
    ("asked", "code", "listed"),
    [
        ("哪些创业板公司", "301987.SZ", True),
        ("哪些创业板公司", "300418", True),
        ("哪些创业板公司", "002315", False),
        ("哪些主板公司", "002315", True),
        ("哪些科创板公司", "688977.SH", True),
        ("哪些沪市公司", "688977", True),
        ("哪些北交所公司", "830799.BJ", True),
        ("哪些港股公司", "00700.HK", True),
        ("哪些港股公司", "600519", False),
        ("哪些a股公司", "00700.HK", False),
        ("哪些美股公司", "NVDA.O", True),
        ("哪些沪市公司", None, False),
    ],
)
def test_a_code_tells_its_board(asked: str, code: str | None, listed: bool) -> None:
    board = board_of(asked)
    assert board is not None
    assert board.lists(code) is listed


def test_the_board_is_no_word_of_the_samples_only(ask_samples: Ask, samples: Path) -> None:
    """A question that bounds rows is never answered with all of them."""
    reply = ask_samples("东吴证券表中有几家深市公司？")
    assert "风语筑" not in reply.answer
