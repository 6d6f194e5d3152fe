"""Companies whose figure rises or falls between two years."""

from collections.abc import Callable

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


def test_the_companies_whose_figure_falls_are_found(ask: Ask) -> None:
    reply = ask("海岳证券表中哪些公司2025E的EPS低于2024A？")
    assert "共1家：北溟科技（688566）（0.71元，0.77元）" in reply.answer


def test_rising_is_the_other_way_round(ask: Ask) -> None:
    reply = ask("恒川证券表中哪些公司2026E的EPS高于2025E？")
    assert "共4家" in reply.answer
    assert reply.computation is not None
    assert reply.computation.result == "4"
    assert len(reply.computation.inputs) == 8


def test_a_row_with_an_open_cell_is_not_counted(ask: Ask) -> None:
    assert "长城精工" not in ask("海岳证券表中哪些公司2026E的EPS高于2025E？").answer


def test_none_is_an_answer(ask: Ask) -> None:
    reply = ask("恒川证券表中哪些公司2026E的EPS低于2025E？")
    assert not reply.refused
    assert "0家" in reply.answer
