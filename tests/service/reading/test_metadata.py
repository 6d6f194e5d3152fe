"""What page one says of the report itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

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


def test_a_company_names_the_report_that_is_about_it(tmp_path: Path) -> None:
    for name, code, person in (("砺石股份", "301987", "陆知遥"), ("云杉智能", "688977", "贺云舒")):
        text = (
            f"恒川证券\n\n{name}（{code}.SZ）深度报告：良率爬坡\n\n2025年3月18日\n\n"
            f"证券分析师 {person}\n执业证书：S09915250300{code[:2]}\n\n投资要点\n\n{name}的良率提升。\n"
        )
        (tmp_path / f"{code}.txt").write_text(text, encoding="utf-8")
    build([tmp_path], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    answerer = Answerer(snapshot)
    reply = answerer.ask(AskRequest(question="砺石股份的分析师是谁？"))
    assert "陆知遥" in reply.answer
    assert "贺云舒" not in reply.answer
    assert {c.report_id for c in reply.citations} == {"301987"}
    dated = answerer.ask(AskRequest(question="云杉智能那篇报告是什么时候发布的？"))
    assert "2025-03-18" in dated.answer
    assert {c.report_id for c in dated.citations} == {"688977"}
    snapshot.close()
