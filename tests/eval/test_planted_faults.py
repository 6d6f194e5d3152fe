"""A single fault planted in one real answer over the samples makes eval/gate.toml itself fail.

`test_mutations.py` plants faults in a scripted run; here the answers are the product's own, the
floors are those of the project, and 318 other questions stay right around the one that is broken.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eval.command import GATE_FILE
from eval.gate import check, load_limits
from eval.golden import load_golden
from eval.metrics import metrics
from eval.run import Outcome, run_items
from eval.targets import open_index

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "eval" / "golden" / "samples_dev.jsonl"

Response = dict[str, Any]
# Breaks a response in place; False if it holds nothing of the kind.
Fault = Callable[[Response], bool]
ANSWERED = ("fact", "computed", "comparison", "metadata", "false_premise", "multi_turn",
            "definition", "yes_no")  # fmt: skip
FIGURES = ("fact", "computed", "comparison", "multi_turn")


@dataclass(frozen=True)
class Stored:
    """A target that gives one response that was stored before."""

    response: Response
    outcome: Outcome
    texts: Callable[[str], str]
    name: str = "stored"

    def ask(self, request):
        return self.response

    def search(self, query, k, filters):
        return list(self.outcome.hits or ())

    def text(self, report_id):
        return self.texts(report_id)


@pytest.fixture(scope="module")
def outcomes(sample_index) -> list[Outcome]:
    target, close = open_index(sample_index)
    found = run_items(load_golden([GOLDEN]).items, target, retrieve=True)
    close()
    return found


def text_of(report_id: str) -> str:
    return (ROOT / "corpus" / "reports" / f"{report_id}.txt").read_text(encoding="utf-8")


def refused_instead(response: Response) -> bool:
    response |= {"refused": True, "reason": "low_support", "kind": "refusal", "citations": []}
    response["answer"] = "没有找到。"
    return True


def citations_dropped(response: Response) -> bool:
    response["citations"] = []
    return True


def citation_off_by_one(response: Response) -> bool:
    for end in ("start", "end"):
        response["citations"][0][end] += 1
    return True


def quote_altered_by_one_character(response: Response) -> bool:
    cited = response["citations"][0]
    cited["quote"] = "某" + cited["quote"][1:]
    return True


def citation_of_another_report(response: Response) -> bool:
    cited = response["citations"][0]
    reports = {path.stem for path in (ROOT / "corpus" / "reports").glob("*.txt")}
    cited["report_id"] = min(reports - {cited["report_id"]})
    return True


def answer_without_figures(response: Response) -> bool:
    response["answer"] = re.sub(r"\d", "", response["answer"])
    return True


def last_digit_changed(response: Response) -> bool:
    def other(figure: re.Match[str]) -> str:
        return figure[0][:-1] + str((int(figure[0][-1]) + 1) % 10)

    plain = re.sub(r"(?<![\d\[])\d+\.\d+(?!\d)", other, response["answer"])
    changed = plain != response["answer"]
    response["answer"] = plain
    return changed


def sign_turned(response: Response) -> bool:
    turned = re.sub(r"(?<![\d.\-])-?(\d+\.\d+)", r"-\1", response["answer"])
    changed = turned != response["answer"]
    response["answer"] = turned
    return changed


def digit_put_in_front(response: Response) -> bool:
    more = re.sub(r"(?<![\d\[.])(\d+)\.(\d+)", r"9\1.\2", response["answer"])
    changed = more != response["answer"]
    response["answer"] = more
    return changed


def wrong_unit(response: Response) -> bool:
    units = {"元/股": "%", "亿元": "万元", "元": "倍"}
    for unit, other in units.items():
        if f" {unit}" in response["answer"] or re.search(rf"\d{unit}", response["answer"]):
            response["answer"] = re.sub(rf"(?<=[\d ]){unit}", other, response["answer"])
            return True
    return False


def column_shifted(response: Response) -> bool:
    """The figure of the next column of the cited row, in the answer and as the cell."""
    for cited in response["citations"]:
        cell = cited["cell"]
        row = [part.strip() for part in cited["quote"].split("\t")]
        if cell is None or row.count(cell["value"]) != 1 or cell["value"] not in response["answer"]:
            continue
        at = row.index(cell["value"])
        beside = row[at - 1] if at + 1 == len(row) else row[at + 1]
        if re.fullmatch(r"[\d.]+", beside):
            response["answer"] = response["answer"].replace(cell["value"], beside)
            start = cited["start"] + cited["quote"].index(beside)
            cell |= {"value": beside, "start": start, "end": start + len(beside)}
            return True
    return False


def refusal_removed(response: Response) -> bool:
    response |= {"refused": False, "reason": None, "kind": "fact", "answer": "是 1.00 元。"}
    return True


def input_of_the_computation_moved(response: Response) -> bool:
    inputs = (response["computation"] or {}).get("inputs", [])
    for read in inputs[:1]:
        read["start"] += 1
    return bool(inputs)


def passage_beside_its_offsets(response: Response) -> bool:
    for passage in response["passages"][:1]:
        passage["text"] += "。"
    return bool(response["passages"])


def row_of_another_company(response: Response) -> bool:
    """Cited is a line above the right one: everything verbatim, and beside the evidence."""
    for cited in response["citations"]:
        text = text_of(cited["report_id"])
        start = text.rindex("\n", 0, cited["start"] - 1) + 1 if cited["start"] > 1 else 0
        end = text.index("\n", start)
        cited |= {"start": start, "end": end, "quote": text[start:end], "cell": None}
    return bool(response["citations"])


EVERY: list[tuple[str, Fault, str]] = [
    *((kind, refused_instead, "right") for kind in ANSWERED),
    *((kind, citations_dropped, "cited") for kind in ANSWERED),
    *((kind, citation_off_by_one, "verbatim") for kind in (*ANSWERED, "list", "prose")),
    *((kind, quote_altered_by_one_character, "verbatim") for kind in ANSWERED),
    *((kind, citation_of_another_report, "verbatim") for kind in ANSWERED),
    *((kind, row_of_another_company, "cited") for kind in ("fact", "computed", "multi_turn")),
    *((kind, answer_without_figures, "right") for kind in FIGURES),
    *((kind, last_digit_changed, "right") for kind in FIGURES),
    *((kind, digit_put_in_front, "numeric") for kind in ("fact", "computed", "multi_turn")),
    *((kind, sign_turned, "numeric") for kind in ("fact", "computed", "multi_turn")),
    ("fact", wrong_unit, "numeric"),
    ("fact", column_shifted, "cell_right"),
    ("multi_turn", column_shifted, "right"),
    ("computed", input_of_the_computation_moved, "verbatim"),
    ("fact", passage_beside_its_offsets, "verbatim"),
    ("unanswerable", refusal_removed, "refusal_recall"),
]


def failed(outcomes: list[Outcome]) -> set[str]:
    return {
        one.limit.metric for one in check(load_limits(GATE_FILE), metrics(outcomes)) if not one.met
    }


def planted(outcomes: list[Outcome], kind: str, fault: Fault) -> list[Outcome]:
    """The outcomes with the fault in the first answer of the type that can hold it."""
    for n, outcome in enumerate(outcomes):
        item = outcome.item
        figure = item.numeric is not None and item.numeric.unit is not None
        if item.type != kind or not outcome.verdict.right or outcome.verdict.faults:
            continue
        if fault in (wrong_unit, sign_turned, digit_put_in_front) and not figure:
            continue
        response = copy.deepcopy(dict(outcome.response))
        if fault(response):
            broken = run_items([item], Stored(response, outcome, text_of), retrieve=True)
            return [*outcomes[:n], *broken, *outcomes[n + 1 :]]
    raise AssertionError(f"no {kind} answer can hold this fault")


def test_at_least_thirty_faults_are_planted():
    assert len(EVERY) >= 30


def test_without_a_fault_the_stored_answers_score_as_they_did(outcomes):
    again = planted(outcomes, "fact", lambda response: True)
    assert [o.measures for o in again] == [o.measures for o in outcomes]
    assert failed(outcomes) == set()


@pytest.mark.parametrize(
    ("kind", "fault", "metric"), EVERY, ids=[f"{f.__name__}-{kind}" for kind, f, _ in EVERY]
)
def test_the_gate_of_the_project_notices_one_broken_answer(outcomes, kind, fault, metric):
    assert metric in failed(planted(outcomes, kind, fault))
