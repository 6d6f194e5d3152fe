"""Retrieval by evidence spans: ir_measures gives what the formulas give."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.retrieval import (
    MEASURES,
    Topic,
    item_values,
    judged,
    qrels_lines,
    run_lines,
    topics,
    wrong_document,
)

# numba says so of ranx's own indices when it compiles them; the values are small.
NUMBA_CASTS = pytest.mark.filterwarnings("ignore:unsafe cast from uint64 to int64")
ROW = "390001\t星澜科技\t0.58\t0.70"


def _values(script, item, passages):
    return item_values(item, judged(topics(item, passages, script.sources())))


def test_the_rank_of_the_passage_that_holds_the_evidence_decides(script):
    passages = [
        script.passage("r1", "风险提示: 需求不及预期。", 3.0),
        script.passage("r2", "390001\t星澜科技\t0.66", 2.0),
        script.passage("r1", ROW, 1.0),
    ]
    values = _values(script, script.item(), passages)
    assert (values["R@1"], values["R@3"], values["R@5"]) == (0, 1, 1)
    assert values["RR@10"] == pytest.approx(1 / 3)
    assert values["nDCG@10"] == pytest.approx(1 / math.log2(4))


def test_the_same_evidence_in_other_chunks_gives_the_same_values(script):
    small = [script.passage("r1", ROW, 1.0)]
    large = [script.passage("r1", script.texts["r1"], 1.0)]
    assert _values(script, script.item(), small) == _values(script, script.item(), large)


def test_half_of_the_evidence_is_enough_and_less_is_not(script):
    half = script.passage("r1", ROW[: len(ROW) // 2 + 1], 1.0)
    less = script.passage("r1", ROW[: len(ROW) // 2 - 1], 1.0)
    assert _values(script, script.item(), [half])["R@1"] == 1
    assert _values(script, script.item(), [less])["R@1"] == 0


def test_pieces_are_averaged_and_the_best_set_counts(script):
    first = {"report": "r1", "quote": ROW}
    second = {"report": "r2", "quote": "390001 星澜科技 0.66"}
    found = [script.passage("r1", ROW, 1.0)]
    assert _values(script, script.item(evidence=[first, second]), found)["R@5"] == 0.5
    either = script.item(evidence=[first | {"group": "a"}, second | {"group": "b"}])
    assert _values(script, either, found)["R@5"] == 1


def test_nothing_found_scores_zero_and_not_nothing(script):
    assert set(_values(script, script.item(), []).values()) == {0.0}
    assert _values(script, script.unanswerable(), []) == {}


def test_the_wrong_document_is_the_first_of_a_report_without_evidence(script):
    right, wrong = script.passage("r1", "风险提示", 1.0), script.passage("r2", "策略周报", 1.0)
    assert wrong_document(script.item(), [right, wrong]) == 0
    assert wrong_document(script.item(), [wrong, right]) == 1
    assert wrong_document(script.unanswerable(), [wrong]) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8))
def test_ir_measures_agrees_with_the_formulas(drawn):
    made = []
    for n, (place, length) in enumerate(drawn):
        ranking = tuple(f"d{i}" for i in range(length))
        made.append(Topic(f"q{n}", f"d{place}", ranking))
    values = judged(made)
    for (place, length), topic in zip(drawn, made, strict=True):
        rank = place + 1 if place < length else None
        found = values[topic.topic]
        for name in MEASURES:
            k = int(name.split("@")[1])
            hit = rank is not None and rank <= k
            gain = {"R": 1.0, "RR": 1 / (rank or 1), "nDCG": 1 / math.log2((rank or 1) + 1)}
            assert found[name] == pytest.approx(gain[name.split("@")[0]] if hit else 0.0)
            assert 0 <= found[name] <= 1


def _random_topics(seed: int) -> list[Topic]:
    """Sixty topics: relevant documents at any rank, beyond the cut, or not found; empty runs."""
    chance = random.Random(seed)
    made = []
    for n in range(60):
        ranking = chance.sample([f"r{k}:0-9" for k in range(40)], chance.randint(0, 25))
        relevant = chance.choice([*ranking, "missed"]) if chance.random() < 0.8 else "missed"
        made.append(Topic(f"q{n}", relevant, tuple(ranking)))
    return made


@NUMBA_CASTS
@pytest.mark.parametrize("seed", range(5))
def test_ranx_agrees_on_random_runs(seed):
    """A third, independent judge: ranx computes in numba what ir_measures asks trec_eval for."""
    import ranx

    made = _random_topics(seed)
    found = judged(made)
    qrels = ranx.Qrels({t.topic: {t.relevant: 1} for t in made})
    # ranx knows no empty ranking: a document that is never relevant stands for it.
    run = ranx.Run(
        {
            t.topic: {d: float(len(t.ranking) - rank) for rank, d in enumerate(t.ranking)}
            or {"nothing": 1.0}
            for t in made
        }
    )
    names = {"R": "recall", "RR": "mrr", "nDCG": "ndcg"}
    for name in MEASURES:
        kind, k = name.split("@")
        theirs = ranx.evaluate(qrels, run, f"{names[kind]}@{k}", return_mean=False)
        order = sorted(t.topic for t in made)
        assert [found[topic][name] for topic in order] == pytest.approx(list(theirs), abs=1e-12)
        assert len(set(theirs)) > 1  # the runs tell the measure's values apart


@NUMBA_CASTS
def test_ranx_and_ir_measures_read_the_trec_files_of_a_run_the_same_way(tmp_path):
    """What `eval run` writes for other tools gives in them the very figures of metrics.json."""
    import ir_measures
    import ranx

    made = [topic for topic in _random_topics(9) if topic.ranking]
    for name, lines in (("qrels", qrels_lines(made)), ("run", run_lines(made, "yanbao"))):
        (tmp_path / f"{name}.trec").write_text("\n".join(lines) + "\n", encoding="utf-8")
    qrels, run = str(tmp_path / "qrels.trec"), str(tmp_path / "run.trec")
    ours = sum(values["nDCG@10"] for values in judged(made).values()) / len(made)
    theirs = ranx.evaluate(
        ranx.Qrels.from_file(qrels, kind="trec"), ranx.Run.from_file(run, kind="trec"), "ndcg@10"
    )
    again = ir_measures.calc_aggregate(
        [ir_measures.parse_measure("nDCG@10")],
        ir_measures.read_trec_qrels(qrels),
        ir_measures.read_trec_run(run),
    )
    assert float(theirs) == pytest.approx(ours)
    assert list(again.values()) == pytest.approx([ours])


def test_trec_lines_fall_strictly_in_score_and_hold_no_spaces_in_ids(script):
    item = script.item(id="a b")
    found = [script.passage("r1", ROW, 1.0), script.passage("r2", "策略周报", 1.0)]
    made = topics(item, found, script.sources())
    run = [line.split() for line in run_lines(made, "tag")]
    assert [len(line) for line in run] == [6, 6]
    assert float(run[0][4]) > float(run[1][4])
    assert qrels_lines(made) == [f"a_b#0 0 {found[0]['passage_id']} 1"]
