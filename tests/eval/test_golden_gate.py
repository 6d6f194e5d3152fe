"""The gate of the house: both sets that rules may be tuned on reach the floors of their gate files.

`samples_test` and `other_reports` have no floors: they are asked at most once a change, by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from eval.command import GATE_FILE, main
from eval.gate import load_limits, raised, unserved, write_raised
from eval.golden import load_golden
from eval.records import read_run

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "eval" / "golden"
OVER_THE_SAMPLES = [str(p) for p in sorted(FOLDER.glob("*.jsonl")) if "other" not in p.stem]
FREE_WORDING = FOLDER / "free_wording.jsonl"
FREE_GATE = ROOT / "eval" / "gate_free_wording.toml"
FIGURES = FOLDER / "figures.jsonl"
FIGURES_GATE = ROOT / "eval" / "gate_figures.toml"
# Golden file → its floors. What is held out is not here.
GATES = {FOLDER / "samples_dev.jsonl": GATE_FILE, FREE_WORDING: FREE_GATE, FIGURES: FIGURES_GATE}
GATED = [str(FOLDER / "samples_dev.jsonl")]


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    from indexer.build import build

    folder = tmp_path_factory.mktemp("gate")
    build([ROOT / "corpus" / "reports"], folder / "index")
    out = folder / "run"
    assert main(["run", *GATED, "--out", str(out), "--quiet"], folder / "index") == 0
    return out


def test_the_floors_are_reached(run, capsys):
    assert main(["gate", str(run)], None) == 0, capsys.readouterr().out


def test_the_floors_of_free_wording_are_reached(run, capsys):
    out, index = run.parent / "free", run.parent / "index"
    assert main(["run", str(FREE_WORDING), "--out", str(out), "--quiet"], index) == 0
    capsys.readouterr()
    found = main(["gate", str(out), "--thresholds", str(FREE_GATE)], None)
    assert found == 0, capsys.readouterr().out


def test_the_floors_of_figures_are_reached(run, capsys):
    out, index = run.parent / "figures", run.parent / "index"
    assert main(["run", str(FIGURES), "--out", str(out), "--quiet"], index) == 0
    capsys.readouterr()
    found = main(["gate", str(out), "--thresholds", str(FIGURES_GATE)], None)
    assert found == 0, capsys.readouterr().out


@pytest.mark.parametrize("golden", GATES, ids=[path.stem for path in GATES])
def test_each_gated_set_has_a_floor_for_each_of_its_types(golden):
    """A type that is asked and has no floor would be judged by nobody."""
    items = load_golden([golden]).items
    assert {item.split for item in items} == {"dev"}
    bounds = {(limit.group, limit.metric) for limit in load_limits(GATES[golden])}
    for kind in {item.type for item in items}:
        assert {(f"type {kind}", "right"), (f"type {kind}", "verbatim")} <= bounds
    assert {("all", "right"), ("all", "cited"), ("refusal", "recall")} <= bounds


def test_what_is_held_out_has_no_floor():
    gated = {path.name for path in GATES}
    held_out = {path.name for path in FOLDER.glob("*.jsonl")} - gated
    assert held_out == {"samples_test.jsonl", "other_reports.jsonl"}
    for name in held_out:
        assert {item.split for item in load_golden([FOLDER / name]).items} == {"test"}
        said = "".join(path.read_text(encoding="utf-8") for path in GATES.values())
        assert name not in said


def test_the_golden_sets_are_sound(run):
    index = run.parent / "index"
    assert main(["lint", *OVER_THE_SAMPLES], index) == 0


def test_a_copy_is_made_run_and_shown_beside_its_original_as_the_readme_says(run, capsys):
    from indexer.build import build

    folder, index = run.parent / "copies", run.parent / "index"
    given = ["disguise", *GATED, "--out", str(folder), "--copies", "1", "--seed", "4"]
    assert main(given, index) == 0
    build([folder / "seed_04" / "reports"], folder / "index")
    golden, out = str(folder / "seed_04" / "golden.jsonl"), str(folder / "run")
    assert main(["run", golden, "--only", "fact", "--out", out], folder / "index") == 0
    page = folder / "both.html"
    capsys.readouterr()
    assert main(["report", str(run), out, "--out", str(page)], None) == 0
    assert capsys.readouterr().out.strip() == str(page)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page.read_text("utf-8"), re.S)[1])
    pairs = [item["runs"] for item in data["items"] if item["type"] == "fact"]
    assert len(pairs) > 80
    assert all(original and copied for original, copied in pairs)
    # A question without name, day or figure is asked in the same words of other reports.
    renamed = sum(original["question"] != copied["question"] for original, copied in pairs)
    assert renamed >= 0.8 * len(pairs)
    assert main(["compare", str(run), out], None) == 2  # other golden files
    assert main(["compare", str(run), out, "--allow-diff"], None) in (0, 3)


def test_the_answers_are_the_same_byte_for_byte_three_times(run):
    index = run.parent / "index"
    given = ["run", *GATED, "--repeat", "3", "--quiet", "--no-search"]
    given += ["--only", "comparison", "--only", "prose", "--only", "unanswerable"]
    assert main(given, index) == 0


def test_replay_agrees_with_the_run(run):
    assert main(["replay", str(run), "--out", str(run.parent / "again")], None) == 0
    assert [o.verdict for o in read_run(run.parent / "again")[1]] == [
        o.verdict for o in read_run(run)[1]
    ]


def test_every_type_has_a_floor_and_zero_tolerance_has_none():
    limits = load_limits(GATE_FILE)
    assert unserved(limits) == []
    every = [limit for path in GATES.values() for limit in load_limits(path)]
    verbatim = [limit.bound for limit in every if limit.metric == "verbatim"]
    assert verbatim
    assert set(verbatim) == {1.0}


def test_raising_keeps_the_comment_and_writes_what_it_reads_back(tmp_path):
    for path in GATES.values():
        copied = tmp_path / path.name
        copied.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        write_raised(copied, load_limits(path))
        assert copied.read_text(encoding="utf-8") == path.read_text(encoding="utf-8")


def test_raising_never_eases_a_floor():
    limits = load_limits(GATE_FILE)
    nothing = {"groups": {"all": {"right": {"value": 0.1}, "over_refusal": {"value": 0.9}}}}
    assert raised(limits, nothing | {"refusal": {}}) == limits
