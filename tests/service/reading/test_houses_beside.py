"""Several houses on one figure: the gap, the newest, what came true, restatements, a consensus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse

Ask = Callable[..., AskResponse]

_PAGE = """{house}

公司点评报告

澜沧机电（688991）点评: 订单饱满

推荐（维持）

{day}

盈利预测与财务指标

单位：百万元	{years}
营业收入	{revenue}
每股收益(元)	{eps}

资料来源：公司公告，{house}研究所
"""
REPORTS = {
    "a-early.txt": ("南屿证券", "2024 年 03 月 05 日", "2023A	2024E", "812.0	990.0", "0.40	0.52"),
    "b-mid.txt": ("北岭证券", "2024 年 06 月 11 日", "2023A	2024E", "812.0	1,010.0", "0.40	0.56"),
    "c-late.txt": ("南屿证券", "2024 年 07 月 02 日", "2023A	2024E", "806.0	970.0", "0.39	0.50"),
    "d-after.txt": (
        "北岭证券", "2025 年 04 月 20 日", "2024A	2025E", "955.0	1,120.0", "0.47	0.61"),
    "e-old.txt": ("西浦证券", "2024 年 01 月 04 日", "2023E	2024E", "800.0	900.0", "0.41	0.45"),
}  # fmt: skip


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("beside")
    (folder / "reports").mkdir()
    for name, (house, day, years, revenue, eps) in REPORTS.items():
        page = _PAGE.format(house=house, day=day, years=years, revenue=revenue, eps=eps)
        Path(folder, "reports", name).write_text(page, encoding="utf-8")
    build([folder / "reports"], folder / "index", processes=1)
    snapshot = open_snapshot(folder / "index")
    answerer = Answerer(snapshot)
    yield lambda question, **more: answerer.ask(AskRequest(question=question, **more))
    snapshot.close()


def test_the_gap_and_the_newest_are_told(ask: Ask) -> None:
    reply = ask("澜沧机电2024年EPS是多少？", as_of="2024-07-31")
    assert "相差：0.56 − 0.45 = 0.11元，最新的是南屿证券（2024-07-02）" in reply.answer
    assert reply.kind == "comparison"


def test_an_older_report_of_the_same_house_does_not_widen_the_gap(ask: Ask) -> None:
    reply = ask(
        "澜沧机电2024年EPS是多少？", as_of="2024-07-31", filters={"published_from": "2024-03-01"}
    )
    assert "相差：0.56 − 0.50 = 0.06元" in reply.answer


def test_a_house_alone_shows_what_it_changed(ask: Ask) -> None:
    reply = ask("南屿证券预计澜沧机电2024年EPS是多少？", as_of="2024-07-31")
    assert (
        "南屿证券较前一份报告下调了澜沧机电的2024E每股收益：0.50 − 0.52 = -0.02元" in reply.answer
    )


def test_an_estimate_stands_against_the_figure_that_came(ask: Ask) -> None:
    reply = ask("澜沧机电2024年EPS是多少？")
    assert "实际值与南屿证券（2024-07-02）的预测相差：0.47 − 0.50 = -0.03元" in reply.answer
    assert "相差：0.56" not in reply.answer  # estimates that time has overtaken


def test_a_reader_of_that_day_knows_no_later_report(ask: Ask) -> None:
    reply = ask("澜沧机电2024年EPS是多少？", as_of="2024-03-10")
    assert "0.47" not in reply.answer
    assert "0.56" not in reply.answer
    assert "0.52" in reply.answer


def test_restated_figures_are_shown_as_such(ask: Ask) -> None:
    reply = ask("澜沧机电2023年营业收入是多少？")
    assert "前后不一（追溯调整或口径不同）" in reply.answer
    assert {"812.0", "806.0"} <= {c.cell.value for c in reply.citations if c.cell}


def test_a_consensus_counts_each_house_once_and_within_ninety_days(ask: Ask) -> None:
    reply = ask("澜沧机电2024年EPS的一致预期是多少？", as_of="2024-07-31")
    assert "n = 2" in reply.answer
    assert "中位数 （0.50 + 0.56） ÷ 2 = 0.53元" in reply.answer
    assert "均值 （0.50 + 0.56） ÷ 2 = 0.53元" in reply.answer
    assert "最高 0.56元，最低 0.50元" in reply.answer
    assert "不计入：西浦证券（2024-01-04）" in reply.answer
    assert [c.cell.value for c in reply.citations if c.cell] == ["0.50", "0.56"]
    assert reply.computation is not None
    assert reply.computation.result == "0.53"


def test_one_house_alone_makes_no_consensus(ask: Ask) -> None:
    reply = ask("澜沧机电2024年EPS的一致预期是多少？", as_of="2024-01-31")
    assert "n = 1（只有一家，不成一致预期）" in reply.answer


def test_a_consensus_on_what_no_house_states_is_refused_by_its_slot(ask: Ask) -> None:
    reply = ask("澜沧机电2027年EPS的一致预期是多少？")
    assert (reply.refused, reply.reason) == (True, "no_such_period")
