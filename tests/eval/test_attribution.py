"""What citations bear, by hand."""

from __future__ import annotations

from eval.attribution import attribute

ROW = "390001\t星澜科技\t0.58\t0.70"


def test_a_good_answer_is_borne_whole(script):
    found = attribute(script.item(), script.good(), script.sources())
    assert (found.precision, found.recall, found.support) == (1.0, 1.0, 1.0)
    assert (found.uncited, found.misattributed, found.dangling) == (0, 0, 0)


def test_precision_counts_citations_and_recall_counts_evidence(script):
    row, risk = script.citation("r1", ROW), script.citation("r1", "风险提示", marker=2)
    other = {"report": "r2", "quote": "390001 星澜科技 0.66"}
    item = script.item(evidence=[*(e.model_dump() for e in script.item().evidence), other])
    found = attribute(item, script.response("0.70 [1][2]", row, risk), script.sources())
    assert (found.precision, found.recall) == (0.5, 0.5)


def test_a_number_that_no_citation_holds_is_uncited(script):
    cited = script.citation("r1", ROW)
    answer = script.response("EPS 为 0.70，目标价 9.99 元 [1]。", cited)
    found = attribute(script.item(), answer, script.sources())
    assert (found.uncited, found.figures) == (1, 2)
    assert found.support == 0.0


def test_numbers_of_the_question_need_no_citation(script):
    answer = script.response("2031 年 EPS 为 0.70 [1]。", script.citation("r1", ROW))
    assert attribute(script.item(), answer, script.sources()).figures == 1


def test_a_mark_that_points_to_the_wrong_citation_is_a_misattribution(script):
    row = script.citation("r1", ROW, marker=1)
    risk = script.citation("r1", "风险提示: 需求不及预期。", marker=2)
    found = attribute(script.item(), script.response("为 0.70 [2]。", row, risk), script.sources())
    assert (found.support, found.misattributed, found.dangling) == (0.0, 1, 0)


def test_a_mark_without_a_citation_dangles(script):
    cited = script.citation("r1", ROW)
    found = attribute(script.item(), script.response("0.70 [1][7]", cited), script.sources())
    assert found.dangling == 1


def test_the_working_of_a_computation_bears_its_result(script):
    done = {"expression": "0.70 - 0.58", "inputs": [], "result": "0.12", "unit": "元/股"}
    cited = script.citation("r1", ROW)
    answer = script.response("高 0.12 元/股 [1]。", cited, computation=done)
    found = attribute(script.item(), answer, script.sources())
    assert (found.uncited, found.support) == (0, 1.0)


def test_words_without_figures_have_to_be_in_the_citation(script):
    risk = script.citation("r1", "风险提示: 需求不及预期。")
    sources = script.sources()
    assert attribute(script.item(), script.response("需求不及预期 [1]", risk), sources).support == 1
    off = script.response("管理层变动频繁 [1]", risk)
    assert attribute(script.item(), off, sources).support == 0


def test_nothing_cited_has_no_precision_and_no_recall(script):
    found = attribute(script.item(), script.response("0.70"), script.sources())
    assert (found.precision, found.recall, found.support) == (None, 0.0, None)
