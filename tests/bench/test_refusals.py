"""The figures of bench/refusals.py, worked out by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    sys.path.insert(0, str(BENCH))  # benches are commands, not an installed package
    try:
        import refusals
    finally:
        sys.path.remove(str(BENCH))
    return refusals


def test_the_area_is_the_mean_risk_of_the_most_confident(bench: ModuleType) -> None:
    # risks: 0/1, 1/2, 1/3
    asked = [
        bench.Asked(True, False, right, sure)
        for right, sure in ((True, 0.9), (False, 0.8), (True, 0.7))
    ]
    assert bench.risk_area(asked) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_refusals_take_no_part_in_risk(bench: ModuleType) -> None:
    assert bench.risk_area([bench.Asked(False, True, False, 0.9)]) == 0.0


def test_reliability_is_counted_in_bins(bench: ModuleType) -> None:
    given = ((False, 0.1), (True, 0.15), (True, 1.0))
    asked = [bench.Asked(True, False, right, sure) for right, sure in given]
    rows = bench.reliability(asked)
    assert [(round(mean, 3), share, n) for mean, share, n in rows] == [(0.125, 0.5, 2), (1.0, 1, 1)]
