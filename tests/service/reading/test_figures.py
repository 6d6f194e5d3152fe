"""Figures by company, metric and period."""

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

Ask = Callable[..., AskResponse]


def _values(reply: AskResponse) -> list[str]:
    return [c.cell.value for c in reply.citations if c.cell]


@pytest.mark.parametrize(
    ("question", "values", "said"),
    [
        ("北溟科技2026E的市盈率是多少倍？", ["18.55"], "18.55倍"),
        ("青禾电子2024年的EPS是多少？", ["0.90"], "2024年（实际）"),
        ("海岳证券预测砺石股份2026年的每股收益", ["0.62"], "2026E（预测）每股收益为0.62元"),
        ("砺石股份的总市值是多少？", ["1,045.60"], "1,045.60亿元"),
        ("云杉智能2024年的毛利率是多少？", ["43.2"], "43.2%"),
        ("苍溪药业2025E归母净利润", ["41,250"], "41,250万元"),
        ("白榆医疗2025年的归母净利润是多少", ["-6,300"], "-6,300万元"),
        ("玄圃软件的股价是多少", ["27.35"], "截至2025-04-01"),
        ("玄圃软件的投资评级是什么", ["买入"], "买入"),
    ],
)
def test_the_cell_of_the_table_answers(
    ask: Ask, question: str, values: list[str], said: str
) -> None:
    reply = ask(question)
    assert _values(reply)[: len(values)] == values
    assert said in reply.answer


def test_two_companies_and_two_metrics_are_all_answered(ask: Ask) -> None:
    reply = ask("青禾电子和玄圃软件2025E的EPS和PE分别是多少？")
    assert _values(reply) == ["1.02", "18.06", "0.22", "124.32"]


def test_without_a_period_every_year_is_given(ask: Ask) -> None:
    assert _values(ask("青禾电子的EPS是多少？")) == ["0.90", "1.02", "1.17"]


def test_a_negative_figure_keeps_its_sign(ask: Ask) -> None:
    assert "为-0.31" in ask("恒川证券：砺石股份2024年的EPS是多少").answer


def test_an_open_figure_is_never_a_zero(ask: Ask) -> None:
    reply = ask("海岳证券预测砺石股份2025E的市盈率是多少？")
    assert "报告未给出" in reply.answer
    assert [o.value for o in reply.others] == ["522.50"]
    turned = ask("恒川证券预测砺石股份2025E的市盈率是多少？")
    assert [o.value for o in turned.others] == ["报告未给出"]


def test_page_one_states_rating_and_target_price_of_its_company(ask: Ask) -> None:
    target = ask("云杉智能的目标价是多少？")
    assert (target.kind, target.citations[0].quote) == ("fact", "目标价：96.50 元")
    assert "96.50 元" in target.answer
    assert target.citations[0].cell is None
    rating = ask("海岳证券给云杉智能的评级是什么？")
    assert [c.report_id for c in rating.citations[:2]] == ["haiyue-company", "haiyue-chips"]
    assert [o.value for o in rating.others] == ["增持"]


def test_the_rating_of_a_sector_is_not_that_of_a_company(ask: Ask) -> None:
    assert "看好" not in ask("恒川证券给云杉智能的评级是什么？").answer


def test_the_profit_that_is_stated_answers_under_its_own_name(ask: Ask) -> None:
    reply = ask("苍溪药业2026E的净利润是多少？")
    assert _values(reply) == ["58,900"]
    assert "归母净利润" in reply.answer


def test_a_figure_that_no_table_holds_may_stand_in_a_sentence(ask: Ask) -> None:
    reply = ask("云杉智能二期产线总投资额是多少？")
    assert (reply.kind, "23.6 亿元" in reply.answer) == ("passage", True)


def test_a_price_is_not_shut_out_by_the_year_of_its_report(ask: Ask) -> None:
    assert _values(ask("玄圃软件2025年的股价是多少"))[0] == "27.35"


def test_a_price_of_another_day_is_not_given_for_the_asked_one(ask: Ask) -> None:
    assert _values(ask("玄圃软件2025年4月1日的股价")) == ["27.35"]
    reply = ask("玄圃软件2025年5月1日的股价是多少？")
    assert (reply.reason, reply.missing[0].instead) == ("no_such_period", ["2025-04-01"])


def test_a_metric_that_is_named_twice_is_answered_once(ask: Ask) -> None:
    reply = ask("青禾电子2025年预测市盈率和2026年预测市盈率分别是多少？")
    assert reply.answer.count("18.06") == 1
    assert _values(reply) == ["18.06", "15.74"]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("海岳证券2025年3月18日的报告预测云杉智能2025E的EPS是多少？", "0.88"),
        ("海岳证券5月9日发布的报告预测云杉智能2025E的EPS是多少？", "0.90"),
        ("海岳证券最新报告预测云杉智能2025E的EPS是多少？", "0.90"),
    ],
)
def test_the_report_of_the_named_day_answers(ask: Ask, question: str, value: str) -> None:
    reply = ask(question)
    assert reply.kind == "fact"
    assert _values(reply)[0] == value
    assert [o.broker for o in reply.others] == ["恒川证券"]


def test_a_figure_that_a_report_says_twice_is_told_once(tmp_path: Path) -> None:
    text = (
        "恒川证券\n\n砺石股份（301987.SZ）深度报告\n\n2025年3月18日\n\n盈利预测（单位：百万元）\n\n"
        "| 指标 | 2024A | 2025E |\n| --- | --- | --- |\n| 营业收入 | 9,500 | 10,900 |\n\n"
        "表2：业绩拆分\n\n| 项目 | 2024A | 2025E |\n| --- | --- | --- |\n"
        "| 营业收入（亿元） | 95.00 | 109.00 |\n| 归母净利润（亿元） | 3.10 | 4.20 |\n"
    )
    (tmp_path / "twice.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "twice.txt"], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    reply = Answerer(snapshot).ask(AskRequest(question="砺石股份2025年的营业收入预测是多少？"))
    assert _values(reply) == ["10,900", "109.00"]  # both places are cited
    assert reply.answer.count("营业收入为") == 1
    assert "10,900百万元（又记作109.00亿元）" in reply.answer
    snapshot.close()


def test_two_figures_of_one_report_are_told_apart_by_their_tables(tmp_path: Path) -> None:
    text = (
        "恒川证券\n\n砺石股份（301987.SZ）深度报告\n\n2025年3月18日\n\n"
        "表1：合并利润表（百万元）\n\n| 指标 | 2024A |\n| --- | --- |\n| 营业收入 | 9,500 |\n"
        "| 归母净利润 | 310 |\n\n正文。\n\n"
        "表2：备考利润表（百万元）\n\n| 项目 | 2024A |\n| --- | --- |\n| 营业收入 | 7,100 |\n"
        "| 归母净利润 | 210 |\n"
    )
    (tmp_path / "two.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "two.txt"], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    reply = Answerer(snapshot).ask(AskRequest(question="砺石股份2024年的营业收入是多少？"))
    first, second = reply.answer.split("。")[:2]
    assert "9,500" in first
    assert "合并利润表" in first
    assert "7,100" in second
    assert "备考利润表" in second
    snapshot.close()


def test_rows_of_metrics_and_totals_are_no_companies(tmp_path: Path) -> None:
    text = (
        "恒川证券\n\n砺石股份（301987.SZ）深度报告\n\n2025年3月18日\n\n表1：盈利预测（百万元）\n\n"
        "| 指标 | 2024A | 2025E |\n| --- | --- | --- |\n| 营业收入 | 9,500 | 10,900 |\n"
        "| 每股收益（元） | 0.42 | 0.51 |\n| 应收账款 | 812 | 930 |\n\n正文。\n\n"
        "表2：母公司往来\n\n| 名称 | 账面余额 | 坏账准备 |\n| --- | --- | --- |\n"
        "| 应收账款 | 500 | 12 |\n| 每股收益 | 1 | 0 |\n| 合计 | 501 | 12 |\n"
    )
    (tmp_path / "rows.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "rows.txt"], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    answerer = Answerer(snapshot)
    for question, value in [
        ("砺石股份2025年的每股收益是多少？", "0.51"),
        ("砺石股份2025年应收账款预计有多少？", "930"),
    ]:
        assert [n.text for n in answerer.parse(question).companies] == ["砺石股份"]
        assert _values(answerer.ask(AskRequest(question=question))) == [value]
    snapshot.close()


def test_a_figure_that_only_a_sentence_of_the_companys_report_states(tmp_path: Path) -> None:
    text = "恒川证券\n\n砺石股份（301987.SZ）点评\n\n2025年3月18日\n\n玻璃基板样品良率提升至92%。\n"
    (tmp_path / "one.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "one.txt"], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    reply = Answerer(snapshot).ask(AskRequest(question="砺石股份的玻璃基板样品良率是多少？"))
    assert "92%" in reply.answer
    snapshot.close()
