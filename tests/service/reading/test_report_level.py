"""Answers over whole reports: their points, a company over time, questions of several parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.reading.parts import joined, parts_of
from service.schemas import AskRequest, AskResponse

_FORM = """湖岸证券

砺砂科技（688913）公司点评

{title}

投资评级：{rating}（{step}）

报告日期：{day}

分析师：闻人屿
SAC编号：S0877525110004

核心观点

- **{point}** 公司在客户处的份额继续提高，{detail}。
- **新品进入验证阶段。** 第二代产线在临湖基地完成调试，良率达到 91%。
- **风险提示：** 验证进度不及预期。

盈利预测

表 1：盈利预测与估值

| 证券代码 | 证券简称 | 2024A EPS（元） | 2025E EPS（元） | 评级 |
| --- | --- | --- | --- | --- |
| 688913 | 砺砂科技 | 0.52 | {eps} | {rating} |

资料来源：湖岸证券研究所
"""
OLDER = _FORM.format(
    title="订单稳健，静待新品", rating="增持", step="首次", day="2025年01月15日",
    point="订单增长稳健。", detail="全年新签订单 12 亿元", eps="0.71",
)  # fmt: skip
NEWER = _FORM.format(
    title="新品放量，上调预测", rating="买入", step="上调", day="2025年04月20日",
    point="新品放量超出预期。", detail="一季度新签订单 5 亿元", eps="0.83",
)  # fmt: skip
Ask = Callable[[str], AskResponse]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder: Path = tmp_path_factory.mktemp("levels")
    (folder / "reports").mkdir()
    (folder / "reports" / "older.txt").write_text(OLDER, encoding="utf-8")
    (folder / "reports" / "newer.txt").write_text(NEWER, encoding="utf-8")
    build([folder / "reports"], folder / "index")
    snapshot = open_snapshot(folder / "index")
    answerer = Answerer(snapshot)

    def asked(question: str) -> AskResponse:
        answer = answerer.ask(AskRequest(question=question))
        for one in answer.citations:
            assert snapshot.text(one.report_id)[one.start : one.end] == one.quote
        return answer

    yield asked
    snapshot.close()


def test_a_report_is_summed_up_in_its_own_points(ask: Ask) -> None:
    answer = ask("总结一下《新品放量，上调预测》这篇报告")
    assert not answer.refused
    assert "新品放量超出预期" in answer.answer
    assert "新品进入验证阶段" in answer.answer
    assert {c.report_id for c in answer.citations} == {"newer"}


def test_a_risk_notice_is_no_point(ask: Ask) -> None:
    assert "不及预期" not in ask("总结一下《新品放量，上调预测》这篇报告").answer


def test_ratings_and_forecasts_stand_in_their_order(ask: Ask) -> None:
    answer = ask("按时间线列出砺砂科技的评级和EPS预测")
    assert answer.kind == "comparison"
    words = answer.answer
    assert words.index("2025-01-15") < words.index("2025-04-20")
    assert words.index("增持") < words.index("买入")
    assert words.index("0.71") < words.index("0.83")


def test_what_changed_since_the_last_report(ask: Ask) -> None:
    answer = ask("砺砂科技最新报告与上一篇报告相比有哪些变化？")
    assert not answer.refused
    assert "由增持变为买入" in answer.answer
    assert "由0.71元" in answer.answer
    assert "变为0.83元" in answer.answer
    assert {c.report_id for c in answer.citations} == {"older", "newer"}


def test_each_part_of_a_question_is_answered(ask: Ask) -> None:
    answer = ask("砺砂科技2025年的EPS是多少？第二代产线的良率达到多少？")
    assert not answer.refused
    assert "0.83" in answer.answer
    assert "91%" in answer.answer


def test_a_part_without_answer_is_missing_and_named(ask: Ask) -> None:
    answer = ask("第二代产线的良率达到多少？砺砂科技2019年的EPS是多少？")
    assert not answer.refused
    assert "91%" in answer.answer
    assert [(gap.slot, gap.reason) for gap in answer.missing] == [("period", "no_such_period")]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("EPS是多少？目标价呢？", ["EPS是多少？", "目标价呢？"]),
        ("1. 谁写的报告？\n2. 评级是什么？", ["谁写的报告？", "评级是什么？"]),
        ("他还在吗？湖岸证券怎么写的", ["他还在吗？湖岸证券怎么写的"]),
        ("听说订单有12亿元，是真的吗？", ["听说订单有12亿元，是真的吗？"]),
        ("“为什么是现在？”这句话是谁说的？", ["“为什么是现在？”这句话是谁说的？"]),
    ],
)
def test_parts_are_told_apart(question: str, parts: list[str]) -> None:
    assert parts_of(question) == parts


def test_all_refused_is_a_refusal_with_every_gap() -> None:
    from service import refusals

    outcome = joined(["甲？", "乙？"], [refusals.low_support("甲"), refusals.low_support("乙")])
    assert outcome.reason == "low_support"  # type: ignore[union-attr]
    assert [gap.asked for gap in outcome.missing] == ["甲", "乙"]
