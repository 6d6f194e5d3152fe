"""A scripted answerer and two tiny reports, so that eval is tested without an index."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from eval.golden import GoldenItem
from eval.sources import ReportTexts
from service.schemas import AskRequest

REPORT = (
    "行业点评\n2031 年 05 月 06 日\n\n表 1: 估值\n"
    "代码\t公司\tEPS (元/股) 2030A\tEPS (元/股) 2031E\n"
    "390001\t星澜科技\t0.58\t0.70\n"
    "390002\t远岫传媒\t-\t1,280.51\n"
    "\n风险提示: 需求不及预期。\n"
)
OTHER = "策略周报\n\n代码\t公司\tEPS\n390001\t星澜科技\t0.66\n"


class ScriptedTarget:
    """Answers by question; an exception in the script is raised."""

    name = "script"

    def __init__(self, answers: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        self.answers = answers
        self.texts = texts
        self.asked: list[str] = []
        self.last: dict[str, Any] = {}

    def ask(self, request: AskRequest) -> dict[str, Any]:
        self.asked.append(request.question)
        answer = self.answers[request.question]
        if isinstance(answer, Exception):
            raise answer
        self.last = dict(answer)
        return self.last

    def search(self, query: str, k: int, filters: Any) -> list[dict[str, Any]]:
        """What the last answer found: scripts need no second list."""
        return list(self.last["passages"])[:k]

    def text(self, report_id: str) -> str:
        return self.texts[report_id]


class Script:
    """Builds the pieces of a scripted evaluation."""

    texts = {"r1": REPORT, "r2": OTHER}  # noqa: RUF012

    def sources(self) -> ReportTexts:
        return ReportTexts(self.texts.__getitem__)

    def target(self, answers: Mapping[str, Any]) -> ScriptedTarget:
        return ScriptedTarget(answers, self.texts)

    def citation(
        self, report_id: str, quote: str, cell: str | None = None, marker: int = 1, **more: Any
    ) -> dict[str, Any]:
        start = self.texts[report_id].index(quote)
        made: dict[str, Any] = {
            "marker": marker, "report_id": report_id, "title": None, "broker": None,
            "published": None, "page": None, "section": [], "quote": quote, "start": start,
            "end": start + len(quote), "url": "", "rects": [], "sheet": None, "ref": None,
            "cell": None,
        }  # fmt: skip
        if cell is not None:
            at = start + quote.index(cell)
            made["cell"] = {
                "table": None, "row": "", "column": "", "unit": None, "start": at,
                "end": at + len(cell), "value": cell,
            }  # fmt: skip
        return made | more

    def passage(self, report_id: str, quote: str, score: float) -> dict[str, Any]:
        start = self.texts[report_id].index(quote)
        end = start + len(quote)
        return {
            "passage_id": f"{report_id}:{start}-{end}", "report_id": report_id, "score": score,
            "text": quote, "start": start, "end": end, "section": [], "page": None,
        }  # fmt: skip

    def response(self, answer: str, *citations: Any, **changes: Any) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": "ans_1", "question": "q", "standalone_question": "q", "answer": answer,
            "refused": False, "reason": None, "kind": "fact", "confidence": 0.9, "missing": [],
            "support": [], "highlights": [], "computation": None, "others": [],
            "citations": list(citations), "passages": [],
            "snapshot": {"id": "s", "reports": 2, "passages": 4},
            "models": {"embedder": None, "reranker": None, "reader": None},
            "timings_ms": {"retrieve": 1.0, "read": 1.0, "total": 2.0},
        }  # fmt: skip
        return made | changes

    def good(self, **changes: Any) -> dict[str, Any]:
        row = "390001\t星澜科技\t0.58\t0.70"
        cited = self.citation("r1", row, "0.70")
        return self.response("星澜科技 2031E EPS 为 0.70 元/股 [1]。", cited, **changes)

    def refusal(self, reason: str = "no_such_company", **changes: Any) -> dict[str, Any]:
        return self.response("没有找到。", refused=True, reason=reason, kind="refusal", **changes)

    def item(self, **changes: Any) -> GoldenItem:
        given: dict[str, Any] = {
            "id": "q1", "question": "星澜科技 2031 年 EPS?", "type": "fact",
            "answers": [["0.70"]],
            "evidence": [{"report": "r1", "quote": "390001 星澜科技 0.58 0.70"}],
            "split": "dev",
        }  # fmt: skip
        return GoldenItem.model_validate_json(json.dumps(given | changes))

    def unanswerable(self, **changes: Any) -> GoldenItem:
        given = {"type": "unanswerable", "answers": [], "evidence": []}
        return self.item(**(given | changes))


@pytest.fixture
def script() -> Script:
    return Script()
