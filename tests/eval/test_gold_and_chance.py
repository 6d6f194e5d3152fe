"""Told the gold answers, every measure is at its best; told those of other questions, near chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.golden import GoldenItem, load_golden
from eval.metrics import group_metrics, refusal
from eval.run import Outcome, run_items
from eval.sources import ReportTexts

ROOT = Path(__file__).parents[2]
GOLDEN = [ROOT / "eval" / "golden" / f"{name}.jsonl" for name in ("samples_dev", "free_wording")]
ITEMS = load_golden(GOLDEN).items


def text_of(report_id: str) -> str:
    return (ROOT / "corpus" / "reports" / f"{report_id}.txt").read_text(encoding="utf-8")


SOURCES = ReportTexts(text_of)


def told(item: GoldenItem) -> dict[str, Any]:
    """A response that says and cites exactly what the golden item holds."""
    cited = []
    for piece in item.evidence_sets()[0] if item.evidence else ():
        span = SOURCES.places(piece)[0]
        quote = text_of(piece.report)[span.start : span.end]
        cited.append(
            {"marker": len(cited) + 1, "report_id": piece.report, "start": span.start,
             "end": span.end, "quote": quote, "cell": None, "section": []}
        )  # fmt: skip
    words = [group[0] for group in item.answers]
    if item.numeric is not None:
        words.append(f"{item.numeric.value}{item.numeric.unit or ''}")
    reason = item.reasons[0] if item.reasons else "not_in_corpus"
    passages = [
        {"passage_id": f"{c['report_id']}:{c['start']}-{c['end']}", "report_id": c["report_id"],
         "start": c["start"], "end": c["end"], "score": 1.0 / c["marker"], "text": c["quote"]}
        for c in cited
    ]  # fmt: skip
    return {
        "standalone_question": item.question, "answer": "、".join(words), "citations": cited,
        "passages": passages, "refused": not item.answerable, "computation": None, "others": [],
        "reason": None if item.answerable else reason, "kind": item.type, "confidence": 1.0,
    }  # fmt: skip


class Teller:
    """Answers each question with what was told for it."""

    name = "told"

    def __init__(self, answers: Sequence[dict[str, Any]]) -> None:
        self.answers = {item.id: answer for item, answer in zip(ITEMS, answers, strict=True)}
        self.order = iter(ITEMS)
        self.last: dict[str, Any] = {}

    def ask(self, request: Any) -> dict[str, Any]:
        self.last = self.answers[next(self.order).id]
        return self.last

    def search(self, query: str, k: int, filters: Any) -> list[dict[str, Any]]:
        return list(self.last["passages"])

    def text(self, report_id: str) -> str:
        return text_of(report_id)


def outcomes(answers: Sequence[dict[str, Any]]) -> list[Outcome]:
    return run_items(ITEMS, Teller(answers), retrieve=True)


BEST = ("right", "cited", "verbatim", "reason_right", "refusal_recall", "normal_match",
        "citation_precision", "citation_recall", "R@10")  # fmt: skip
HARM = ("over_refusal", "wrong_answer", "wrong_document@1")


def test_gold_answers_score_one():
    found = outcomes([told(item) for item in ITEMS])
    values = group_metrics(found)
    assert {name: values[name]["value"] for name in BEST} == dict.fromkeys(BEST, 1.0)
    assert {name: values[name]["value"] for name in HARM} == dict.fromkeys(HARM, 0.0)
    detected = refusal(found)
    assert (detected["precision"], detected["recall"], detected["over_refusal"]) == (1.0, 1.0, 0.0)
    # One gold group said in its own words is the answer, to the letter.
    plain = [o for o in found if len(o.item.answers) == 1 and o.item.numeric is None]
    assert len(plain) > 100
    assert {o.measures["char_f1"] for o in plain} <= {0.0, 1.0}
    assert all(o.measures["exact_match"] == 1.0 for o in plain)


@pytest.mark.parametrize("measure", ["numeric", "list_f1", "comparison"])
def test_gold_answers_score_one_in_what_a_type_alone_has(measure):
    values = [o.measures[measure] for o in outcomes([told(item) for item in ITEMS])
              if measure in o.measures]  # fmt: skip
    assert len(values) > 10
    assert min(values) == 1.0


def test_shuffled_golds_score_near_chance():
    answerable = [n for n, item in enumerate(ITEMS) if item.answerable]
    answers = [told(item) for item in ITEMS]
    moved = answerable[:]
    random.Random(3).shuffle(moved)
    for n, other in zip(answerable, moved, strict=True):
        answers[n] = told(ITEMS[other])
    values = group_metrics([o for o in outcomes(answers) if o.item.answerable])
    # 是, 不是 and a few figures and names answer several questions, so chance is not nought.
    for name in ("right", "normal_match", "char_f1", "exact_match", "numeric", "comparison"):
        assert values[name]["value"] < 0.06, name
    assert values["cited"]["value"] < 0.1
    assert values["wrong_answer"]["value"] > 0.94
