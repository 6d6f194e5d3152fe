"""Feedback becomes golden candidates: the form of golden files, evidence from the citations."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import yanbao
from eval.candidates import candidates
from eval.feedback import stats
from eval.golden import load_golden, write_golden
from eval.lint import lint
from eval.matching import stands_in
from eval.sources import ReportTexts
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.answers import Kept
from service.feedback import FeedbackRequest, Given, given_feedback, keep_feedback
from service.schemas import AskRequest, FilterRequest, Turn
from service.store import Store

FACT = "东吴证券预测昆仑万维2024E的EPS是多少？"
ASKED = [
    FACT,
    "昆仑万维2024E的EPS比2023E高多少？",
    "蓝色光标2024年的EPS是多少？",
    "Sora 是什么？",
    "有哪些风险？",
    "本报告的分析师是谁？",
    "贵州茅台2024年的EPS是多少？",
]


@pytest.fixture(scope="module")
def snapshot(sample_index):
    opened = open_snapshot(sample_index)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def answerer(snapshot):
    return Answerer(snapshot)


@pytest.fixture
def lint_of(snapshot, tmp_path):
    """Faults that `yanbao eval lint` finds in a file of the candidates."""

    def find(items):
        path = tmp_path / "candidates.jsonl"
        write_golden(items, path)
        return lint(load_golden([path]), ReportTexts(snapshot.text))

    return find


def vote(answerer, question, vote="up", comment="", number=1, **more):
    response = answerer.ask(AskRequest(question=question, **more))
    return Given(f"fb_{number:020x}", 1.7e9 + number, vote, comment, "U1", response)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_every_kind_of_answer_makes_a_candidate_that_lint_takes(answerer, lint_of, direction):
    given = [vote(answerer, q, direction, number=n) for n, q in enumerate(ASKED)]
    made = candidates(given)
    left = {question for question, _ in made.skipped}
    assert {item.question for item in made.items} | left == set(ASKED)
    # A refusal that is called wrong does not say what would be right.
    assert left == (set() if direction == "up" else {"贵州茅台2024年的EPS是多少？"})
    assert lint_of(made.items) == []
    for item in made.items:
        assert item.tags == ("candidate", direction)


def test_one_question_under_two_filters_makes_two_candidates(answerer, lint_of):
    filters = FilterRequest(brokers=["华鑫证券"])
    question = "蓝色光标2024年的EPS是多少？"
    given = [
        replace(vote(answerer, question, number=1, filters=filters), filters=filters),
        vote(answerer, question, number=2),
    ]
    first, second = candidates(given).items
    assert first.filters == filters
    assert second.filters == FilterRequest()
    assert {one.report for one in first.evidence} < {one.report for one in second.evidence}
    assert lint_of([first, second]) == []


def test_what_was_called_right_would_be_judged_right(answerer):
    given = [vote(answerer, q, number=n) for n, q in enumerate(ASKED)]
    said = {one.response.standalone_question: one.response for one in given}
    for item in candidates(given).items:
        answer = said[item.question].answer
        assert all(any(stands_in(a, answer) for a in group) for group in item.answers)
        quotes = {cited.quote for cited in said[item.question].citations}
        assert {piece.quote for piece in item.evidence} <= quotes


def test_a_fact_has_its_cell_as_answer_and_its_row_as_evidence(answerer):
    (item,) = candidates([vote(answerer, FACT)]).items
    assert (item.type, item.answers, item.split) == ("fact", (("0.70",),), "dev")
    assert [piece.report for piece in item.evidence] == ["000_987a530512bc595a"]
    assert "昆仑万维" in item.evidence[0].quote


def test_a_correction_in_the_comment_becomes_the_answer(answerer, lint_of):
    given = vote(answerer, FACT, "down", "应该是 0.58 才对")
    (item,) = candidates([given]).items
    assert item.answers == (("0.58",),)
    assert item.forbid == ("0.70",)
    assert "comment=应该是 0.58 才对" in item.note
    assert lint_of([item]) == []


def test_a_figure_that_stands_nowhere_is_no_correction(answerer):
    (item,) = candidates([vote(answerer, FACT, "down", "应该是 123.456")]).items
    assert item.answers == (("0.70",),)
    assert item.tags == ("candidate", "down")


def test_a_follow_up_is_taken_whole_and_a_question_once(answerer):
    history = [Turn(role="user", content="蓝色光标2024年的EPS是多少？")]
    follow = vote(answerer, "那2023年呢？", number=1, history=history)
    again = [vote(answerer, FACT, number=2), vote(answerer, FACT, "down", number=3)]
    made = candidates([follow, *again]).items
    assert made[0].question == follow.response.standalone_question != "那2023年呢？"
    assert [item.question for item in made[1:]] == [FACT]
    assert made[1].tags == ("candidate", "down")  # the last vote counts
    assert "up=1; down=1" in made[1].note


def test_votes_are_counted_by_kind_reason_and_month(answerer):
    given = [
        vote(answerer, FACT, number=1),
        vote(answerer, FACT, "down", "不对", number=2),
        vote(answerer, ASKED[-1], "down", number=3),
    ]
    counted = stats(given)
    assert (counted["votes"], counted["up"], counted["down"]) == (3, 1, 2)
    assert counted["by_kind"] == {"fact": {"up": 1, "down": 1}, "refusal": {"up": 0, "down": 1}}
    assert list(counted["by_reason"].values()) == [{"up": 0, "down": 1}]
    assert counted["by_month"] == {"2023-11": {"up": 1, "down": 2}}
    assert {one["question"] for one in counted["most_disliked"]} == {FACT, ASKED[-1]}


def test_the_command_exports_what_lint_takes_and_counts(
    answerer, sample_index, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("YANBAO_STORE", str(tmp_path / "store.sqlite3"))
    index = ["--index", str(sample_index)]
    assert yanbao.main(["feedback", "export", *index]) == 0  # nothing was said yet
    assert not (tmp_path / "store.sqlite3").exists()
    store = Store(tmp_path / "store.sqlite3")
    response = answerer.ask(AskRequest(question=FACT))
    kept = Kept(response.id, 0.0, None, FACT, response.answer, "s", response.model_dump_json())
    keep_feedback(store, FeedbackRequest(answer_id=response.id, vote="up", user="me"), kept)
    assert given_feedback(store)[0].response == response
    store.close()
    capsys.readouterr()
    assert yanbao.main(["feedback", "export", *index]) == 0
    assert json.loads(capsys.readouterr().out)["question"] == FACT
    path = tmp_path / "golden.jsonl"
    assert yanbao.main(["feedback", "export", "--out", str(path), "--vote", "up", *index]) == 0
    assert yanbao.main(["eval", "lint", str(path), *index]) == 0
    capsys.readouterr()
    assert yanbao.main(["feedback", "stats", "--json", *index]) == 0
    assert json.loads(capsys.readouterr().out)["up"] == 1
    assert yanbao.main(["feedback", "stats", *index]) == 0
    assert "fact" in capsys.readouterr().out
