"""No number from nowhere: each is cited, asked, or the shown result of cited ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.golden import load_golden
from eval.matching import ungrouped
from eval.workings import inputs_only, results_of
from service.schemas import AskRequest, AskResponse, Turn

Ask = Callable[..., AskResponse]
GOLDEN = Path(__file__).parents[3] / "eval" / "golden"
_NUMBER = re.compile(r"(?<![A-Za-z0-9.])\d+(?:\.\d+)?(?!\d|\.\d)")
# How many rows there are, a place among them, and a code that names a company beyond the eighth row.
_COUNTED = re.compile(
    r"共\d+家|（\d+家）|\d+家(?=依次|公司中|中的|：|中，)|n = \d+|第\d+[位高低]|\d+个数值|（\d{6}）"
    r"|四舍五入到.位小数|90天|截至\d{4}-\d\d-\d\d"  # a day of prices stands in a note of the table
)


def loose_numbers(reply: AskResponse, asked: str) -> list[str]:
    """Numbers of an answer that neither its citations nor the question nor its working hold."""
    known = [asked]
    for citation in reply.citations:
        cell = citation.cell
        known += [citation.quote, citation.title or "", str(citation.published), *citation.section]
        known += [cell.table or "", cell.row, cell.column, cell.unit or ""] if cell else []
    if reply.computation:
        known += [reply.computation.expression, reply.computation.result]
        known += [one.value for one in reply.computation.inputs]
    known += results_of(ungrouped(re.sub(r"\[\d+\]", " ", reply.answer)))
    held = ungrouped("\n".join(known))
    said = _COUNTED.sub(" ", re.sub(r"\[\d+\]", " ", reply.answer))
    numbers = _NUMBER.findall(inputs_only(ungrouped(said)))
    return [
        n
        for n in numbers
        if not re.search(rf"(?<![\d.])0*{re.escape(n.lstrip('0') or n)}(?!\d|\.\d)", held)
    ]


@pytest.mark.parametrize("name", ["samples_dev", "free_wording"])
def test_no_golden_answer_holds_a_number_from_nowhere(name: str, sample_answerer) -> None:
    wrong = {}
    for item in load_golden([GOLDEN / f"{name}.jsonl"]).items:
        history = [Turn(role=turn.role, content=turn.content) for turn in item.history]
        request = AskRequest(question=item.question, history=history, filters=item.filters or {})
        reply = sample_answerer.ask(request)
        asked = " ".join([item.question, *(turn.content for turn in item.history)])
        dates = "\n".join(str(o.published) for o in reply.others)
        if not reply.refused and (loose := loose_numbers(reply, f"{asked}\n{dates}")):
            wrong[item.id] = (loose, reply.answer)
    assert not wrong


_DAYS = ["2025-03-18", "2025-04-02", "2025-05-09"]
_NAMES = st.sampled_from(
    [
        "云杉智能",
        "砺石股份",
        "688566",
        "青禾电子",
        "苍溪药业",
        "白榆医疗",
        "海岳证券表中",
        "恒川证券",
    ]
)
_PERIODS = st.sampled_from(["", "2024年", "2025E", "2026年", "2024-2026年", "2025年和2026年"])
_METRICS = st.sampled_from(
    ["EPS", "市盈率", "总市值", "营业收入", "归母净利润", "毛利率", "目标价", "评级", "股价"]
)
_WISHES = st.sampled_from(
    ["是多少？", "最高的三家", "的平均值", "的中位数是多少", "同比增长多少", "增长最快的公司", "的一致预期", "排第几", "超过1的公司有哪些",
     "的上涨空间", "高于平均水平的有几家", "的复合增长率", "占全部公司的比例", "和云岭智造相差多少", "是云岭智造的几倍", "各家分别是多少", "为负的公司",
     "最高和最低的相差多少", "介于1到50之间的公司", "合计是多少", "由负转正的公司", "推荐了哪些公司"]
)  # fmt: skip


@settings(
    max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(_NAMES, _PERIODS, _METRICS, _WISHES)
def test_no_generated_answer_does(ask: Ask, name: str, period: str, metric: str, wish: str) -> None:
    question = f"{name}{period}{metric}{wish}"
    reply = ask(question)
    if not reply.refused:
        # Gaps name what there is instead; a house is named with the day of its report.
        told = [v for gap in reply.missing for v in (gap.asked, *gap.instead)]
        told += _DAYS
        assert loose_numbers(reply, "\n".join([question, *told])) == [], (question, reply.answer)
