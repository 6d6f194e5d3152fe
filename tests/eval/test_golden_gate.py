"""The gate of the house: the dev questions over the samples reach the floors of eval/gate.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.command import GATE_FILE, main
from eval.gate import load_limits, raised, unserved
from eval.records import read_run

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "eval" / "golden"
OVER_THE_SAMPLES = [str(p) for p in sorted(FOLDER.glob("*.jsonl")) if "other" not in p.stem]
# The floors are those of this file; the other sets are measured by `bench/quality.py`.
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


def test_the_golden_sets_are_sound(run):
    index = run.parent / "index"
    assert main(["lint", *OVER_THE_SAMPLES], index) == 0


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
    verbatim = [limit.bound for limit in limits if limit.metric == "verbatim"]
    assert verbatim
    assert set(verbatim) == {1.0}


def test_raising_never_eases_a_floor():
    limits = load_limits(GATE_FILE)
    nothing = {"groups": {"all": {"right": {"value": 0.1}, "over_refusal": {"value": 0.9}}}}
    assert raised(limits, nothing | {"refusal": {}}) == limits
