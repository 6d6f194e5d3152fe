"""Typed parts given whole: risks, related research, contents."""

from collections.abc import Callable
from pathlib import Path

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

Ask = Callable[..., AskResponse]


def test_the_risk_notice_of_a_house_is_given_whole(ask: Ask) -> None:
    reply = ask("恒川证券的风险提示有哪些？")
    assert reply.kind == "passage"
    for risk in ("端侧需求不及预期", "行业竞争加剧", "汇率波动"):
        assert risk in reply.answer
    assert [c.quote for c in reply.citations] == [
        "风险提示：端侧需求不及预期；行业竞争加剧；汇率波动。"
    ]


def test_every_house_is_heard_when_none_is_named(ask: Ask) -> None:
    reply = ask("所有报告的风险提示有哪些？")
    assert reply.kind == "comparison"
    assert len({c.report_id for c in reply.citations}) == 4


def test_the_topic_of_a_report_tells_which_is_meant(ask: Ask) -> None:
    assert [c.report_id for c in ask("双抗的风险有哪些？").citations] == ["minglan-drugs"]


def test_related_research_is_listed_with_its_date(ask: Ask) -> None:
    reply = ask("海岳证券的相关研究有哪些？")
    assert "《玻璃基板系列之一: 从材料到工艺》" in reply.answer
    assert "2025-02-11" in reply.answer


def test_the_date_of_an_earlier_report_is_found_by_its_title(ask: Ask) -> None:
    reply = ask("《玻璃基板系列之一: 从材料到工艺》是什么时候发布的？")
    assert "2025-02-11 [1]" in reply.answer


def test_the_contents_of_a_sample_are_its_chapters(ask_samples: Ask) -> None:
    reply = ask_samples("华鑫证券报告的目录有哪些？")
    assert "从Sora看AI应用投资" in reply.answer
    assert len(reply.citations) == 3


def test_the_risks_of_a_company_or_industry_are_its_own_reports(tmp_path: Path) -> None:
    for name, code, industry, risk in (
        ("砺石股份", "301987", "基础材料", "良率爬坡不及预期"),
        ("云杉智能", "688977", "算力芯片", "下游资本开支放缓"),
    ):
        text = (
            f"恒川证券\n\n{name}（{code}.SZ）深度报告：放量在即\n\n{industry}行业\n\n2025年3月18日\n\n"
            f"投资要点\n\n{name}的订单饱满，交付周期延长。\n\n**风险提示：{risk}，地缘摩擦加剧。**\n"
        )
        (tmp_path / f"{code}.txt").write_text(text, encoding="utf-8")
    build([tmp_path], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    reply = Answerer(snapshot).ask(AskRequest(question="砺石股份有哪些风险？"))
    assert "良率爬坡不及预期" in reply.answer
    assert "下游资本开支放缓" not in reply.answer
    snapshot.close()


def test_kinds_of_a_thing_are_not_the_table_of_contents(tmp_path: Path) -> None:
    text = (
        "恒川证券\n\n试剂行业深度报告\n\n2025年3月18日\n\n目录\n\n1 技术原理........3\n2 市场规模........9\n\n"
        "1 技术原理\n\n按检测项目，试剂可分为传染病类、血糖类和凝血类。市场同质化竞争激烈。\n"
    )
    (tmp_path / "kinds.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "kinds.txt"], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    answerer = Answerer(snapshot)
    reply = answerer.ask(AskRequest(question="试剂按检测项目可以分为哪几类？"))
    assert "血糖类" in reply.answer
    assert "....." not in reply.answer
    contents = answerer.ask(AskRequest(question="这份报告分为哪几个部分？"))
    assert "技术原理" in contents.answer
    snapshot.close()
