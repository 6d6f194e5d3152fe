"""Significance by hand: sign flips, Holm, intervals, and directions."""

from __future__ import annotations

import pytest

from eval.compare import Difference, _holm, differences, worse
from eval.run import Outcome


def _runs(script, before, after, name="right"):
    def outcomes(values):
        return {
            f"q{n}": Outcome(script.item(id=f"q{n}"), {}, None, None, None, 0.0, {}, {name: value})
            for n, value in enumerate(values)
        }

    return outcomes(before), outcomes(after)


def test_the_same_run_twice_is_no_evidence(script):
    (found,) = differences(*_runs(script, [1, 0, 1, 1], [1, 0, 1, 1]))
    assert (found.p, found.low, found.high, found.word) == (1.0, 0.0, 0.0, "no evidence")
    assert (found.wins, found.losses) == (0, 0)


def test_the_p_of_few_flips_is_that_of_all_sign_patterns(script):
    # Four wins, no loss: of the 16 sign patterns two are as extreme, so p = 0.125.
    (found,) = differences(*_runs(script, [0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 1, 1]))
    assert found.p == pytest.approx(0.125, abs=0.01)
    assert found.word == "no evidence"
    assert (found.wins, found.losses) == (4, 0)


def test_many_flips_one_way_are_worse_and_less_is_better_for_harm(script):
    found = differences(*_runs(script, [1.0] * 30, [0.0] * 12 + [1.0] * 18))
    assert found[0].word == "worse"
    assert worse(found) == found
    harm = differences(*_runs(script, [0.0] * 30, [1.0] * 12 + [0.0] * 18, "over_refusal"))
    assert harm[0].word == "worse"
    assert (harm[0].wins, harm[0].losses) == (0, 12)


def test_errors_are_in_no_pair(script):
    before, after = _runs(script, [1, 1, 1], [1, 1, 0])
    broken = after["q2"]
    after["q2"] = Outcome(broken.item, None, None, None, "500", 0.0, None)
    assert differences(before, after)[0].n == 2


def test_holm_by_hand():
    def one(name, p):
        return Difference(name, 10, 0, 1, 0, 1, p, p, 0, 0, 0)

    found = _holm([one("a", 0.01), one("b", 0.04), one("c", 0.03)])
    # sorted .01 .03 .04 times 3, 2, 1, never falling
    assert {d.measure: round(d.p_holm, 6) for d in found} == {"a": 0.03, "c": 0.06, "b": 0.06}
