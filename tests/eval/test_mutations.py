"""Planted faults: a perfect run passes the gate, and each single fault makes it fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from eval.command import main
from eval.gate import Limit, check, gate_toml, raised
from eval.golden import GoldenItem
from eval.metrics import metrics
from eval.records import write_run
from eval.run import run_items
from eval.targets import AskError

R1 = """海岳证券
2031年05月06日
分析师：秦观澜
执业证书：S0600516070001

表 1: 估值
代码|公司|总市值(亿元)|EPS(元/股) 2030A|EPS(元/股) 2031E|PE 2031E|毛利率(%)
390001|星澜科技|1,280.51|0.58|0.70|54.14|12.3
390002|远岫传媒|93.52|-0.10|0.12|-|45.6

风险提示：需求不及预期，竞争加剧。
本报告仅供客户使用，不构成任何投资建议。
""".replace("|", "\t")
R2 = "岱岚证券\n2031年05月20日\n390001\t星澜科技\t0.66\n390003\t沐衡影视\t1.42\n"
TEXTS = {"r1": R1, "r2": R2}
ROW1, ROW2 = (next(line for line in R1.split("\n") if n in line) for n in ("390001", "390002"))
OTHER1, OTHER2 = (next(line for line in R2.split("\n") if n in line) for n in ("390001", "390003"))


def cite(report: str, quote: str, cell: str | None = None, marker: int = 1) -> dict[str, Any]:
    start = TEXTS[report].index(quote)
    made: dict[str, Any] = {
        "marker": marker, "report_id": report, "quote": quote, "start": start,
        "end": start + len(quote), "section": [], "title": None, "cell": None,
        "broker": "海岳证券" if report == "r1" else "岱岚证券", "published": None,
    }  # fmt: skip
    if cell:
        at = start + quote.index(f"\t{cell}") + 1
        made["cell"] = {"table": None, "row": "", "column": "", "unit": None, "value": cell,
                        "start": at, "end": at + len(cell)}  # fmt: skip
    return made


def found(report: str, quote: str) -> dict[str, Any]:
    start = TEXTS[report].index(quote)
    end = start + len(quote)
    return {"passage_id": f"{report}:{start}-{end}", "report_id": report, "text": quote,
            "start": start, "end": end, "score": 1.0}  # fmt: skip


def said(answer: str, *citations: dict[str, Any], **more: Any) -> dict[str, Any]:
    passages = [found(c["report_id"], c["quote"]) for c in citations]
    base: dict[str, Any] = {
        "id": "ans", "standalone_question": "q", "answer": answer, "refused": False,
        "reason": None, "kind": "fact", "confidence": 0.9, "computation": None,
        "citations": list(citations), "passages": passages,
        "snapshot": {"id": "s", "reports": 2, "passages": 9},
        "timings_ms": {"retrieve": 1.0, "read": 1.0, "total": 2.0},
    }  # fmt: skip
    return base | more


def refused(reason: str) -> dict[str, Any]:
    return said("没有找到。", refused=True, reason=reason, kind="refusal")


def item(name: str, kind: str, answers: list[list[str]], *quotes: tuple[str, str], **more: Any):
    given = {
        "id": name, "question": f"{name}?", "type": kind, "answers": answers, "split": "dev",
        "evidence": [{"report": report, "quote": quote} for report, quote in quotes], **more,
    }  # fmt: skip
    return GoldenItem.model_validate_json(json.dumps(given))


def number(value: str, unit: str | None) -> dict[str, Any]:
    return {"value": value, "unit": unit}


AT1, AT2, RISK = ("r1", ROW1), ("r1", ROW2), ("r1", "需求不及预期，竞争加剧")
WORKING = {
    "expression": "0.70 - 0.58", "result": "0.12", "unit": "元/股", "rounding": None,
    "inputs": [
        {"report_id": "r1", "start": R1.index("0.70"), "end": R1.index("0.70") + 4, "value": "0.70"}
    ],
}  # fmt: skip
# item → its perfect answer
PERFECT: list[tuple[GoldenItem, dict[str, Any]]] = [
    (
        item("eps", "fact", [["0.70"]], AT1, numeric=number("0.70", "元/股"), forbid=["0.66"]),
        said("星澜科技的 EPS 为 0.70 元/股 [1]。", cite("r1", ROW1, "0.70")),
    ),
    (
        item("cap", "fact", [["1280.51"]], AT1, numeric=number("1280.51", "亿元")),
        said("总市值为 1,280.51 亿元 [1]。", cite("r1", ROW1, "1,280.51")),
    ),
    (
        item("loss", "fact", [["-0.10", "-0.1"]], AT2, numeric=number("-0.10", "元/股")),
        said("EPS 为 -0.10 元/股 [1]。", cite("r1", ROW2, "-0.10")),
    ),
    (
        item("margin", "fact", [["12.3"]], AT1, numeric=number("12.3", "%")),
        said("毛利率为 12.3% [1]。", cite("r1", ROW1, "12.3")),
    ),
    (
        item("open", "fact", [["未给出"]], AT2, forbid=["0"]),
        said("报告未给出 [1]。", cite("r1", ROW2, "-")),
    ),
    (
        item("diff", "computed", [["0.12"]], AT1, numeric=number("0.12", "元/股")),
        said("高 0.12 元/股 [1]。", cite("r1", ROW1, "0.70"), computation=WORKING),
    ),
    (
        item("both", "comparison", [["0.70"], ["0.66"]], AT1, ("r2", OTHER1)),
        said("海岳证券为 0.70 [1]；岱岚证券为 0.66 [2]。", cite("r1", ROW1, "0.70"),
             cite("r2", OTHER1, "0.66", 2)),
    ),
    (
        item("risks", "list", [["需求不及预期"], ["竞争加剧"]], RISK, forbid=["政策变化"]),
        said("需求不及预期、竞争加剧[1]", cite("r1", "风险提示：需求不及预期，竞争加剧。")),
    ),
    (
        item("who", "metadata", [["秦观澜"]], ("r1", "分析师：秦观澜")),
        said("分析师是秦观澜 [1]。", cite("r1", "分析师：秦观澜")),
    ),
    (
        item("when", "metadata", [["2031年05月06日"]], ("r1", "2031年05月06日")),
        said("2031年05月06日 [1]。", cite("r1", "2031年05月06日")),
    ),
    (
        item("turn", "multi_turn", [["0.12"]], AT2, numeric=number("0.12", "元/股"),
             history=[{"role": "user", "content": "星澜科技的 EPS?"}]),
        said("远岫传媒的 EPS 为 0.12 元/股 [1]。", cite("r1", ROW2, "0.12")),
    ),
    (
        item("premise", "false_premise", [["54.14"]], AT1),
        said("PE 为 54.14 倍 [1]。", cite("r1", ROW1, "54.14")),
    ),
    (
        item("absent", "unanswerable", [], note="reason=no_such_company"),
        refused("no_such_company"),
    ),
    (item("later", "unanswerable", [], note="reason=no_such_period"), refused("no_such_period")),
    (item("advice", "unanswerable", []), refused("not_in_corpus")),
]  # fmt: skip

Answers = dict[str, Any]
Mutation = Callable[[Answers], None]
FAULTS: dict[str, tuple[str, Mutation]] = {}


def fault(metric: str) -> Callable[[Mutation], Mutation]:
    """Registers a mutation with the metric that has to notice it."""

    def keep(mutation: Mutation) -> Mutation:
        FAULTS[mutation.__name__] = (metric, mutation)
        return mutation

    return keep


def _says(name: str, old: str, new: str) -> Mutation:
    def mutate(answers: Answers) -> None:
        assert old in answers[name]["answer"]
        answers[name]["answer"] = answers[name]["answer"].replace(old, new)

    return mutate


def _cites(name: str, *citations: dict[str, Any]) -> Mutation:
    def mutate(answers: Answers) -> None:
        answers[name]["citations"] = copy.deepcopy(list(citations))

    return mutate


def _moves(name: str, start: int, end: int, part: str = "") -> Mutation:
    def mutate(answers: Answers) -> None:
        place = answers[name]["citations"][0]
        place = place[part] if part else place
        place["start"] += start
        place["end"] += end

    return mutate


SIDES, EXCHANGED = "0.70 [1]；岱岚证券为 0.66", "0.66 [1]；岱岚证券为 0.70"
PLANTED: dict[str, tuple[str, Mutation]] = {
    "wrong unit": ("numeric", _says("eps", "元/股", "亿元")),
    "wrong scale": ("numeric", _says("cap", "亿元", "万元")),
    "per cent becomes percentage points": ("numeric", _says("margin", "%", "个百分点")),
    "wrong sign": ("right", _says("loss", "-0.10", "0.10")),
    "column to the left in answer": ("right", _says("eps", "0.70", "0.58")),
    "column to the left in the cell": ("cell_right", _cites("eps", cite("r1", ROW1, "0.58"))),
    "row below": ("right", _says("eps", "0.70", "0.12")),
    "row below cited": ("cited", _cites("eps", cite("r1", ROW2, "0.12"))),
    "digits transposed": ("right", _says("cap", "1,280.51", "1,208.51")),
    "point moved": ("right", _says("cap", "1,280.51", "128.051")),
    "separator lost its digit": ("right", _says("cap", "1,280.51", "1,28.51")),
    "rounded away": ("right", _says("premise", "54.14", "54")),
    "wrong metric": ("right", _says("premise", "54.14", "0.70")),
    "false premise swallowed": ("right", _says("premise", "54.14", "65.00")),
    "quote moved right by one": ("verbatim", _moves("eps", 1, 1)),
    "quote moved left by one": ("verbatim", _moves("who", -1, -1)),
    "quote too long by one": ("verbatim", _moves("when", 0, 1)),
    "cell moved by one": ("verbatim", _moves("cap", 1, 1, "cell")),
    "citation to another report's row": ("cited", _cites("eps", cite("r2", OTHER1, "0.66"))),
    "citation to the disclaimer": ("cited", _cites("who", cite("r1", "不构成任何投资建议"))),
    "no citation": ("cited", _cites("risks")),
    "one more useless citation": (
        "citation_precision",
        _cites("who", cite("r1", "分析师：秦观澜"), cite("r1", "不构成任何投资建议", None, 2)),
    ),
    "second side not cited": ("cited", _cites("both", cite("r1", ROW1, "0.70"))),
    "mark of the other citation": ("no_misattribution", _says("both", "0.70 [1]", "0.70 [2]")),
    "mark without citation": ("no_misattribution", _says("eps", "[1]", "[1][9]")),
    "one side left out": ("right", _says("both", "；岱岚证券为 0.66 [2]", "")),
    "sides exchanged": ("no_misattribution", _says("both", SIDES, EXCHANGED)),
    "other broker's figure added": ("right", _says("eps", "元/股", "元/股，另为 0.66 元/股")),
    "figure from nowhere added": ("uncited_numbers", _says("eps", "[1]。", "[1]。另为 9.99 元。")),
    "list item left out": ("right", _says("risks", "需求不及预期、", "")),
    "list item invented": ("right", _says("risks", "竞争加剧", "竞争加剧、政策变化")),
    "list padded": ("list_f1", _says("risks", "竞争加剧", "竞争加剧、汇率、疫情、库存")),
    "missing taken for zero": ("right", _says("open", "报告未给出", "为 0")),
    "computed wrong": ("right", _says("diff", "0.12", "0.13")),
    "other analyst": ("right", _says("who", "秦观澜", "沈明屿")),
    "a day off": ("right", _says("when", "06日", "07日")),
    "a year off": ("right", _says("when", "2031", "2030")),
    "wrong subject in a follow-up": ("right", _says("turn", "0.12", "0.70")),
    "empty answer": ("right", _says("who", "分析师是秦观澜 [1]。", "")),
}  # fmt: skip


@fault("refusal_recall")
def refusal_removed(answers: Answers) -> None:
    answers["absent"] = said("EPS 为 0.70 元/股 [1]。", cite("r1", ROW1, "0.70"))


@fault("refusal_recall")
def advice_given(answers: Answers) -> None:
    answers["advice"] = said("建议买入 [1]。", cite("r1", ROW1))


@fault("over_refusal")
def refuses_too_much(answers: Answers) -> None:
    answers["cap"] = refused("low_support")


@fault("reason_right")
def wrong_refusal_reason(answers: Answers) -> None:
    answers["later"]["reason"] = "no_such_metric"


@fault("verbatim")
def quote_with_one_character_changed(answers: Answers) -> None:
    quote = answers["eps"]["citations"][0]["quote"]
    answers["eps"]["citations"][0]["quote"] = quote.replace("0.70", "0.71")


@fault("verbatim")
def quote_under_another_report(answers: Answers) -> None:
    answers["eps"]["citations"][0]["report_id"] = "r2"


@fault("verbatim")
def input_of_the_computation_moved(answers: Answers) -> None:
    answers["diff"]["computation"]["inputs"][0]["start"] += 1


@fault("verbatim")
def passage_beside_its_offsets(answers: Answers) -> None:
    answers["who"]["passages"][0]["text"] += "。"


@fault("R@5")
def evidence_not_found_by_the_search(answers: Answers) -> None:
    answers["eps"]["passages"] = [found("r1", "需求不及预期")]


@fault("wrong_document@1")
def wrong_report_ranked_first(answers: Answers) -> None:
    answers["eps"]["passages"].insert(0, found("r2", OTHER2))


@fault("answered without error")
def one_request_fails(answers: Answers) -> None:
    answers["who"] = AskError("500")


ALL = PLANTED | FAULTS


def _run(answers: Answers):
    class Target:
        name = "script"
        last: dict[str, Any]

        def ask(self, request):
            answer = answers[request.question.removesuffix("?")]
            if isinstance(answer, Exception):
                raise answer
            self.last = answer
            return answer

        def search(self, query, k, filters):
            return self.last["passages"]

        def text(self, report_id):
            return TEXTS[report_id]

    return run_items([one for one, _ in PERFECT], Target(), retrieve=True)


def _perfect() -> Answers:
    return {one.id: copy.deepcopy(answer) for one, answer in PERFECT}


@pytest.fixture(scope="module")
def limits() -> list[Limit]:
    """Today's figures of the perfect run as floors, for every group and metric."""
    reached = metrics(_run(_perfect()))
    ceilings = {"over_refusal", "wrong_answer", "uncited_numbers", "wrong_document@1"}
    zero = [
        Limit(group, name, 1.0 if name in ceilings else 0.0)
        for group, found_here in reached["groups"].items()
        for name in found_here
    ]
    return raised(zero, reached)


def test_the_perfect_run_is_perfect(limits):
    reached = metrics(_run(_perfect()))["groups"]["all"]
    low = {name: entry["value"] for name, entry in reached.items() if entry["value"] != 1}
    # Wording measures depend on what is said around the gold words; harm measures are at 0; of the
    # two rows of a comparison only one can stand first.
    wording = {"char_f1", "exact_match"}
    harm = {"over_refusal", "wrong_answer", "uncited_numbers", "wrong_document@1"}
    assert set(low) <= wording | harm | {"R@1", "RR@10", "nDCG@10"}
    assert all(low[name] == 0 for name in ("over_refusal", "wrong_answer", "uncited_numbers"))
    assert all(one.met for one in check(limits, metrics(_run(_perfect()))))


def test_at_least_thirty_faults_are_planted():
    assert len(ALL) >= 30


@pytest.mark.parametrize("name", ALL)
def test_the_gate_notices_a_planted_fault(limits, name):
    metric, mutation = ALL[name]
    answers = _perfect()
    mutation(answers)
    failed = {one.limit.metric for one in check(limits, metrics(_run(answers))) if not one.met}
    assert metric in failed


def test_the_command_leaves_with_three_on_a_fault_and_with_zero_without(limits, tmp_path, capsys):
    floors = tmp_path / "gate.toml"
    floors.write_text(gate_toml(limits), encoding="utf-8")
    for name, expected in (("", 0), ("wrong unit", 3), ("refusal_removed", 3)):
        answers = _perfect()
        if name:
            ALL[name][1](answers)
        run = tmp_path / (name or "perfect")
        write_run(run, {"format": 1, "golden": {}}, _run(answers))
        assert main(["gate", str(run), "--thresholds", str(floors)], None) == expected
        assert (run / "junit.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert "NOT MET" in capsys.readouterr().out
