"""Several companies × several metrics are told as a table, with every cell cited."""

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.console import answer_text
from service.reading.draft import Grid, GridCell
from service.schemas import AskRequest, AskResponse
from service.slack.blocks import answer_messages
from service.slack.mrkdwn import MAX_SECTION, fixed

Ask = Callable[..., AskResponse]


def test_companies_are_rows_and_metrics_are_columns(ask: Ask) -> None:
    reply = ask("青禾电子和玄圃软件2025E的EPS和PE分别是多少？")
    (table,) = reply.tables
    assert table.title == "恒川证券（2025-04-02）"
    assert table.header == ["公司", "2025E（预测）EPS", "2025E（预测）PE"]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["青禾电子（301993）", "1.02", "18.06倍"],
        ["玄圃软件（688994）", "0.22", "124.32倍"],
    ]
    assert "| 青禾电子（301993） | 1.02 [1] | 18.06倍 [2] |" in reply.answer
    shown = reply.answer[table.start : table.end]
    assert shown.startswith(table.title)
    assert shown.endswith("|")


def test_every_cell_of_a_table_cites_the_cell_that_holds_its_value(ask: Ask) -> None:
    reply = ask("云杉智能、砺石股份2025E和2026E的EPS、PE是多少？")
    cited = {c.marker: c for c in reply.citations}
    assert len(reply.tables) == 2
    for table in reply.tables:
        for row in table.rows:
            assert row[0].markers == []
            for cell in row[1:]:
                values = [cited[n].cell for n in cell.markers]
                assert values
                held = {v.value for v in values if v is not None}
                # An open cell is told as what it is, and cited.
                assert any(v in cell.text or (v == "-" and "报告未给出" in cell.text) for v in held)
    said = {reply.answer[h.start : h.end] for h in reply.highlights}
    assert {"77.90倍", "101.13倍", "报告未给出"} <= said


def test_one_company_has_metrics_as_rows_and_periods_as_columns(ask: Ask) -> None:
    (table,) = ask("青禾电子的EPS和PE是多少？").tables
    assert table.header == ["指标", "2024年（实际）", "2025E（预测）", "2026E（预测）"]
    assert [row[0].text for row in table.rows] == ["EPS", "PE"]


def test_a_single_row_or_column_stays_a_sentence(ask: Ask) -> None:
    assert ask("青禾电子的EPS是多少？").tables == []
    assert ask("青禾电子和玄圃软件2025E的EPS是多少？").tables == []


def test_support_names_each_row_and_stands_in_the_answer(ask: Ask) -> None:
    reply = ask("青禾电子和玄圃软件2025E的EPS和PE分别是多少？")
    rows = [one for one in reply.support if one.markers]
    assert [one.markers for one in rows] == [[1, 2], [3, 4]]
    assert all(one.sentence in reply.answer for one in rows)


def test_the_console_and_slack_align_the_columns(ask: Ask) -> None:
    reply = ask("青禾电子和玄圃软件2025E的EPS和PE分别是多少？")
    assert "青禾电子（301993）  1.02 [1]          18.06倍 [2]" in answer_text(reply)
    blocks = answer_messages(reply, "", share=False)[0].blocks
    tables = [b["text"]["text"] for b in blocks if b["type"] == "section" and "```" in str(b)]
    assert len(tables) == 1
    assert "玄圃软件（688994）  0.22 [3]" in tables[0]


def test_a_long_table_is_cut_at_rows_under_its_head_and_never_opens_a_fence() -> None:
    rows = [f"公司{n:03}` <!channel> & {'9' * 40}" for n in range(200)]
    pieces = list(fixed("公司 & EPS", rows))
    assert len(pieces) > 1
    assert all(len(piece) <= MAX_SECTION for piece in pieces)
    assert all(piece.startswith("```\n公司 &amp; EPS\n") for piece in pieces)
    assert all(piece.count("```") == 2 and "`" not in piece.strip("`") for piece in pieces)
    assert "<!channel>" not in "".join(pieces)
    shown = [line for piece in pieces for line in piece.split("\n")[2:-1]]
    assert len(shown) == len(rows)


def test_a_grid_refuses_rows_of_another_width() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Grid(("公司", "EPS"), ((GridCell("甲"),),))


def test_a_total_that_another_table_leaves_open_is_no_gap(tmp_path: Path) -> None:
    text = (
        "青岚证券\n\n云杉智能（688977）深度报告\n\n2025年6月11日\n\n表1：盈利预测\n\n"
        "| 指标 | 2025E | 2026E |\n| --- | --- | --- |\n"
        "| 营业收入（百万元） | 3,360 | 4,702 |\n| 毛利率（%） | 45.0 | 46.1 |\n\n"
        "表2：分部估值（2025年）\n\n"
        "| 业务 | 营业收入（百万元） | 毛利率（%） | 估值（百万元） |\n| --- | --- | --- | --- |\n"
        "| 推理卡 | 2,100 | 48.0 | 9,800 |\n| 云杉智能 | - | - | 15,000 |\n"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    build([tmp_path / "a.txt"], tmp_path / "index", processes=1)
    snapshot = open_snapshot(tmp_path / "index")
    asked = AskRequest(question="云杉智能2025年和2026年的营业收入和毛利率是多少？")
    (table,) = Answerer(snapshot).ask(asked).tables
    assert "报告未给出" not in "".join(cell.text for row in table.rows for cell in row)
    assert [row[0].text for row in table.rows] == ["营业收入", "毛利率"]
    snapshot.close()
