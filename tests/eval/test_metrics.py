"""Aggregates by hand; every value in [0, 1]; nothing is NaN."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eval.metrics import calibration, latency, metrics, refusal, risk_coverage, wilson
from eval.run import run_items
from eval.targets import AskError


def _outcomes(script, answers):
    """`answers`: (answerable, response) pairs."""
    items = [
        (script.item if ok else script.unanswerable)(id=f"q{n}", question=f"{n}?")
        for n, (ok, _) in enumerate(answers)
    ]
    script_of = {item.question: answer for item, (_, answer) in zip(items, answers, strict=True)}
    return run_items(items, script.target(script_of))


def test_refusals_are_counted_as_a_detection(script):
    found = refusal(
        _outcomes(
            script,
            [
                (True, script.good()),
                (True, script.refusal()),
                (True, script.response("9.99")),
                (False, script.refusal()),
                (False, script.refusal()),
                (False, script.good()),
            ],
        )
    )
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["over_refusal"] == pytest.approx(1 / 3)
    assert found["confusion"] == {
        "unanswerable_refused": 2, "unanswerable_answered": 1, "answerable_refused": 1,
        "answerable_right": 1, "answerable_wrong": 1,
    }  # fmt: skip
    assert found["by_subtype"] == {"other": {"refused": 2, "of": 3}}


def test_risk_and_coverage_by_hand(script):
    said = [(0.9, True), (0.8, False), (0.8, True), (0.1, False)]
    outcomes = _outcomes(
        script,
        [(True, script.good(confidence=c) if right else script.response("x", confidence=c))
         for c, right in said],
    )  # fmt: skip
    found = risk_coverage(outcomes)
    assert found["points"] == [[0.25, 0.0], [0.75, pytest.approx(1 / 3)], [1.0, 0.5]]
    assert found["aurc"] == pytest.approx(0.5 / 3 + 0.25 * 0.5)


def test_calibration_by_hand(script):
    outcomes = _outcomes(
        script,
        [(True, script.good(confidence=1.0)), (True, script.response("x", confidence=0.95))],
    )
    found = calibration(outcomes)
    assert found["brier"] == pytest.approx(0.95**2 / 2)
    low, high = wilson(0.5, 2)
    assert found["bins"] == [
        {"said": pytest.approx(0.975), "was": 0.5, "n": 2, "low": low, "high": high}
    ]
    assert found["ece"] == pytest.approx(0.475)


def test_latency_percentiles_are_values_that_occurred(script):
    times = [{"retrieve": 1.0, "read": 0.0, "total": float(n)} for n in range(1, 101)]
    outcomes = _outcomes(script, [(True, script.good(timings_ms=t)) for t in times])
    assert latency(outcomes)["total"] == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0}


def test_errors_are_in_no_average(script):
    outcomes = _outcomes(script, [(True, script.good()), (True, AskError("500"))])
    found = metrics(outcomes)
    assert found["errors"] == 1
    assert found["groups"]["all"]["right"] == {
        "value": 1.0, "n": 1, "low": pytest.approx(0.2065, abs=1e-4), "high": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [(1.0, 100, 0.963, 1.0), (0.9, 100, 0.826, 0.945), (0.5, 10, 0.2366, 0.7634)],
)
def test_wilson_intervals_as_published(share, n, low, high):
    assert wilson(share, n) == pytest.approx((low, high), abs=5e-4)


ANSWERS = st.text(alphabet="星澜科技01.7-5[]12。、 元/股EPS", max_size=30)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=st.lists(
        st.tuples(st.booleans(), ANSWERS, st.booleans(), st.floats(0, 1), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
def test_every_value_is_in_range_whatever_is_answered(script, drawn):
    row = script.citation("r1", "390001\t星澜科技\t0.58\t0.70", "0.70")
    answers = [
        (ok, script.refusal(confidence=c) if refused else
         script.response(text, *([row] if cite else []), confidence=c))
        for ok, text, refused, c, cite in drawn
    ]  # fmt: skip
    found = metrics(_outcomes(script, answers))
    json.dumps(found, allow_nan=False)
    for group in found["groups"].values():
        for entry in group.values():
            assert 0 <= entry["low"] <= entry["value"] + 1e-12
            assert entry["value"] <= entry["high"] + 1e-12 <= 1 + 1e-9
            assert not math.isnan(entry["value"])
