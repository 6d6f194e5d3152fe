"""Honest paraphrases are kept and lies are not, over the made-up set of `bench/paraphrases.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def said():
    sys.path.insert(0, str(BENCH))
    try:
        import paraphrases

        return paraphrases.all_said(), paraphrases.SOFT
    finally:
        sys.path.remove(str(BENCH))


def test_no_lie_with_a_wrong_figure_or_quote_is_shown(said):
    judged, soft = said
    lies = [s for s in judged if s.kind != "honest" and s.kind not in soft]
    assert len(lies) >= 200
    assert [s.text for s in lies if s.shown] == []


def test_few_of_the_softer_lies_are_shown(said):
    judged, soft = said
    lies = [s for s in judged if s.kind in soft]
    assert sum(s.shown for s in lies) <= 0.05 * len(lies)


def test_nine_of_ten_honest_paraphrases_are_kept(said):
    judged, _ = said
    honest = [s for s in judged if s.kind == "honest"]
    assert len(honest) >= 100
    assert sum(s.shown for s in honest) >= 0.9 * len(honest)
