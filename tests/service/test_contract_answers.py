"""The contract's words on the response of `POST /v1/ask`, over many questions, as a stranger."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

import yanbao

ROOT = Path(__file__).resolve().parents[2]
NONE = type(None)
SHAPE = {
    "id": str, "question": str, "standalone_question": str, "answer": str, "refused": bool,
    "reason": (str, NONE), "kind": str, "confidence": (int, float), "missing": list,
    "support": list, "highlights": list, "computation": (dict, NONE), "others": list,
    "citations": list, "passages": list, "snapshot": dict, "models": dict, "timings_ms": dict,
}  # fmt: skip
CITATION = {
    "marker": int, "report_id": str, "title": (str, NONE), "broker": (str, NONE),
    "published": (str, NONE), "page": (int, NONE), "section": list, "quote": str, "start": int,
    "end": int, "url": str, "rects": list, "sheet": (str, NONE), "ref": (str, NONE),
    "cell": (dict, NONE),
}  # fmt: skip
CELL = {
    "table": (str, NONE), "row": str, "column": str, "value": str, "unit": (str, NONE),
    "start": int, "end": int,
}  # fmt: skip


def golden():
    lines = []
    for name in ("samples_dev", "samples_test", "free_wording"):
        path = ROOT / "eval" / "golden" / f"{name}.jsonl"
        lines += path.read_text(encoding="utf-8").splitlines()[::16]
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def texts(mixed_site):
    reports = mixed_site.get("/v1/reports?status=indexed&limit=1000").json()["reports"]
    paths = {r["report_id"]: f"/v1/reports/{quote(r['report_id'], safe='')}/text" for r in reports}
    return {key: mixed_site.get(path).body.decode() for key, path in paths.items()}


@pytest.mark.parametrize("one", golden(), ids=lambda one: one["id"])
def test_every_part_of_a_response_keeps_the_contract(mixed_site, texts, one):
    request = {"question": one["question"], "history": one.get("history", [])}
    reply = mixed_site.ask(request)
    assert reply.status == 200
    answer = reply.json()
    has_shape(answer, SHAPE)
    assert answer["question"] == one["question"]
    if not request["history"]:
        assert answer["standalone_question"] == one["question"]
    assert 0 <= answer["confidence"] <= 1
    is_refusal_or_answer(answer)
    markers = [cited["marker"] for cited in answer["citations"]]
    assert markers == list(range(1, len(markers) + 1))
    used = {int(digits) for digits in re.findall(r"\[(\d+)\]", answer["answer"])}
    assert used | {other["marker"] for other in answer["others"]} - {None} == set(markers)
    for cited in answer["citations"]:
        is_verbatim(cited, texts[cited["report_id"]])
    for passage in answer["passages"]:
        start, end, report_id = passage["start"], passage["end"], passage["report_id"]
        assert texts[report_id][start:end] == passage["text"]
        assert passage["passage_id"] == f"{report_id}:{start}-{end}"
    if answer["computation"]:
        assert answer["computation"]["inputs"]
        for one_input in answer["computation"]["inputs"]:
            text = texts[one_input["report_id"]]
            assert text[one_input["start"] : one_input["end"]] == one_input["value"]
    if answer["kind"] == "computed":
        assert len(answer["citations"]) <= 8


def has_shape(value, shape):
    assert {name for name in shape if name not in value} == set()
    assert {n: value[n] for n, kinds in shape.items() if not isinstance(value[n], kinds)} == {}


def is_refusal_or_answer(answer):
    if answer["refused"]:
        assert (answer["kind"], answer["citations"], answer["others"]) == ("refusal", [], [])
        assert answer["reason"]
        assert answer["passages"]
    else:
        assert answer["kind"] in ("fact", "computed", "comparison", "passage", "metadata")
        assert answer["reason"] is None
        assert answer["citations"]


def is_verbatim(cited, text):
    has_shape(cited, CITATION)
    start, end = cited["start"], cited["end"]
    assert text[start:end] == cited["quote"] != ""
    named = quote(cited["report_id"], safe="")
    assert f"/reports/{named}?start={start}&end={end}&v=" in cited["url"]
    if cited["cell"]:
        has_shape(cited["cell"], CELL)
        cell = cited["cell"]
        assert text[cell["start"] : cell["end"]] == cell["value"]
        assert start <= cell["start"] <= cell["end"] <= end
        line_start = max(text.rfind(mark, 0, start) for mark in "\n\f") + 1
        line_end = re.search(r"[\n\f]|\Z", text[start:]).start() + start
        assert (start, end) == (line_start, line_end)  # the whole row as it stands


def test_two_processes_give_the_same_bytes_but_for_id_and_times(sample_index, tmp_path):
    said = []
    for seed in ("1", "2"):
        words = ["ask", "Sora有哪些应用场景？", "--json", "--index", str(sample_index)]
        ran = subprocess.run(
            [sys.executable, yanbao.__file__, *words],
            capture_output=True,
            cwd=tmp_path,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PATH": ""},
            timeout=60,
            check=True,
        )
        answer = json.loads(ran.stdout)
        del answer["id"], answer["timings_ms"]
        said.append(json.dumps(answer))
    assert said[0] == said[1]
