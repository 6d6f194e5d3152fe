"""Verdicts on hand-made answers."""

from __future__ import annotations

import hashlib

from eval.scoring import score


def test_a_right_cited_answer_has_no_fault(script):
    verdict = score(script.item(), script.good(), script.sources())
    assert (verdict.right, verdict.cited, verdict.verbatim) == (True, True, True)
    assert verdict.faults == ()
    assert verdict.reason_right is None


def test_every_group_needs_one_alternative(script):
    item = script.item(answers=[["0.70"], ["星澜", "EPS"]])
    assert score(item, script.good(), script.sources()).right
    item = script.item(answers=[["0.70"], ["亿元"]])
    verdict = score(item, script.good(), script.sources())
    assert not verdict.right
    assert verdict.faults == ("missing: 亿元",)


def test_a_forbidden_word_makes_it_wrong(script):
    item = script.item(forbid=["0.58"])
    answer = script.good() | {"answer": "0.58 或 0.70"}
    assert score(item, answer, script.sources()).faults == ("forbidden: 0.58",)
    assert score(item, script.good() | {"answer": "10.58，0.70"}, script.sources()).right


def test_an_answerable_question_that_is_refused_is_wrong_and_uncited(script):
    verdict = score(script.item(), script.refusal(), script.sources())
    assert (verdict.right, verdict.cited, verdict.refused) == (False, False, True)
    assert verdict.codes == ("refused",)


def test_an_unanswerable_question_is_right_only_if_refused(script):
    item = script.unanswerable(note="reason=no_such_period")
    good = score(item, script.refusal("no_such_period"), script.sources())
    assert (good.right, good.cited, good.reason_right) == (True, None, True)
    other = score(item, script.refusal("low_support"), script.sources())
    assert (other.right, other.reason_right, other.codes) == (True, False, ("wrong_reason",))
    told = score(item, script.good(), script.sources())
    assert (told.right, told.codes) == (False, ("answered_unanswerable",))


def test_a_citation_has_to_touch_the_evidence_in_its_own_report(script):
    elsewhere = script.response("0.70", script.citation("r1", "风险提示"))
    assert score(script.item(), elsewhere, script.sources()).codes == ("cited_elsewhere",)
    other_report = script.response("0.70", script.citation("r2", "390001\t星澜科技\t0.66"))
    assert score(script.item(), other_report, script.sources()).codes == ("not_cited",)
    none = script.response("0.70")
    verdict = score(script.item(), none, script.sources())
    assert (verdict.cited, verdict.verbatim) == (False, None)


def test_one_character_of_overlap_is_enough(script):
    row = "390001\t星澜科技\t0.58\t0.70"
    touching = script.citation("r1", "0.70\n390002")
    assert score(script.item(), script.response("0.70", touching), script.sources()).cited
    behind = script.citation("r1", "\n390002")
    assert row in script.texts["r1"]
    assert not score(script.item(), script.response("0.70", behind), script.sources()).cited


def test_alternative_evidence_needs_one_and_separate_evidence_each(script):
    both = [
        {"report": "r1", "quote": "390001 星澜科技 0.58 0.70"},
        {"report": "r2", "quote": "390001 星澜科技 0.66"},
    ]
    answer = script.good()
    assert not score(script.item(evidence=both), answer, script.sources()).cited
    either = [piece | {"group": name} for name, piece in zip("ab", both, strict=True)]
    assert score(script.item(evidence=either), answer, script.sources()).cited


def test_evidence_by_offsets_counts_only_while_the_words_are_the_same(script):
    start = script.texts["r1"].index("390001")
    words = script.texts["r1"][start : start + 6]
    place = {"report": "r1", "start": start, "end": start + 6}
    right = place | {"sha256": hashlib.sha256(words.encode()).hexdigest()}
    assert score(script.item(evidence=[right]), script.good(), script.sources()).cited
    stale = place | {"sha256": "0" * 64}
    verdict = score(script.item(evidence=[stale]), script.good(), script.sources())
    assert verdict.codes == ("evidence_not_in_report",)


def test_a_quote_a_cell_an_input_or_a_passage_beside_its_offsets_is_not_verbatim(script):
    cell = script.good()
    cell["citations"][0]["cell"]["start"] -= 1
    quote = script.good()
    quote["citations"][0]["end"] += 1
    unknown = script.good()
    unknown["citations"][0]["report_id"] = "r9"
    far = script.good()
    far["citations"][0] |= {"start": 9999, "end": 9999 + 21}
    used = script.good(
        computation={"inputs": [{"report_id": "r1", "start": 0, "end": 4, "value": "0.70"}]}
    )
    passage = script.passage("r1", "风险提示", 1.0) | {"text": "风险"}
    for bad in (cell, quote, unknown, far, used, script.good(passages=[passage])):
        verdict = score(script.item(), bad, script.sources())
        assert verdict.verbatim is False
        assert "not_verbatim" in verdict.codes
