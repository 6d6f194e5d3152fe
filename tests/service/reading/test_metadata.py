"""What page one says of the report itself."""

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "said", "quote"),
    [
        ("恒川证券的报告是什么时候发布的？", "2025年4月2日", "报告日期：2025年04月02日"),
        (
            "恒川证券报告的标题是什么？",
            "《端侧芯片景气上行 关注推理卡放量》",
            "端侧芯片景气上行 关注推理卡放量",
        ),
        ("恒川证券给电子行业的评级是什么？", "看好（维持）", "投资评级：看好（维持）"),
        ("海岳证券给算力芯片行业什么评级？", "强于大市（首次）", "强于大市 (首次)"),
        ("恒川证券的报告是什么类型的报告？", "电子行业周报", "电子行业周报"),
        ("端侧芯片景气上行是哪家券商发布的？", "恒川证券", None),
    ],
)
def test_page_one_answers_with_its_line(
    ask: Ask, question: str, said: str, quote: str | None
) -> None:
    reply = ask(question)
    assert reply.kind == "metadata"
    assert said in reply.answer
    assert len(reply.citations) == 1
    assert quote is None or reply.citations[0].quote == quote


def test_the_date_is_given_as_printed_too(ask: Ask) -> None:
    assert (
        "2025 年 05 月 09 日，即2025-05-09" in ask("海岳证券2025年5月的报告是哪天发布的？").answer
    )


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("恒川证券的报告是2025年4月2日发布的吗？", "是，"),
        ("恒川证券的报告是2025年5月发布的吗？", "不是，"),
        ("恒川证券对电子行业的评级是看好吗？", "是，"),
        ("恒川证券对电子行业的评级是中性吗？", "不是，"),
    ],
)
def test_a_premise_on_page_one_is_checked(ask: Ask, question: str, opening: str) -> None:
    reply = ask(question)
    assert reply.kind == "metadata"
    assert reply.answer.startswith(opening)
    assert reply.citations


def test_the_rating_of_an_industry_is_that_industrys_alone(ask: Ask) -> None:
    reply = ask("算力芯片行业的评级是看好吗？")
    assert [c.report_id for c in reply.citations] == ["haiyue-chips"]
    assert reply.answer.startswith("不是，")


def test_several_reports_of_a_house_all_answer(ask: Ask) -> None:
    reply = ask("海岳证券的报告是什么时候发布的？")
    assert "2025年5月9日" in reply.answer
    assert "2025年3月18日" in reply.answer


def test_a_report_without_a_date_states_none(ask: Ask) -> None:
    reply = ask("明澜证券的报告是什么时候发布的？")
    assert reply.refused
    assert reply.citations == []
