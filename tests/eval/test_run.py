"""Runs: errors are counted, never dropped and never wrong; a run can be resumed and re-scored."""

from __future__ import annotations

import httpx
import pytest

from eval.run import GIVE_UP_AFTER, rescore, run_items
from eval.tally import table, tally, wrong_items
from eval.targets import AskError, Http, InProcess
from service.schemas import AskResponse


def _items(script, count):
    return [script.item(id=f"q{n}", question=f"问 {n}?") for n in range(count)]


def test_outcomes_come_in_the_order_of_the_items_with_verdicts(script):
    items = _items(script, 3)
    answers = {"问 0?": script.good(), "问 1?": script.refusal(), "问 2?": script.good()}
    outcomes = run_items(items, script.target(answers))
    assert [o.item.id for o in outcomes] == ["q0", "q1", "q2"]
    assert [o.verdict.right for o in outcomes] == [True, False, True]


def test_a_failed_request_is_an_error_and_neither_right_nor_wrong(script):
    items = _items(script, 3)
    answers = {"问 0?": script.good(), "问 1?": AskError("500"), "问 2?": script.refusal()}
    outcomes = run_items(items, script.target(answers))
    counts = tally(outcomes)
    assert (counts.asked, counts.errors) == (3, 1)
    assert (counts.right.hits, counts.right.of) == (1, 2)
    assert "error: 500" in wrong_items(outcomes)


def test_a_server_that_is_gone_is_not_asked_forever_and_every_item_stays(script):
    items = _items(script, 10)
    down = AskError("no connection", unreachable=True)
    target = script.target({i.question: down for i in items})
    outcomes = run_items(items, target)
    assert len(target.asked) == GIVE_UP_AFTER
    assert tally(outcomes).errors == 10


def test_resuming_asks_only_what_failed_or_changed(script):
    items = _items(script, 3)
    first = run_items(
        items,
        script.target({"问 0?": script.good(), "问 1?": AskError("500"), "问 2?": script.good()}),
    )
    changed = [items[0], items[1], script.item(id="q2", question="问 2?", answers=[["9"]])]
    again = script.target({"问 1?": script.good(), "问 2?": script.good()})
    outcomes = run_items(changed, again, done={o.item.id: o for o in first})
    assert again.asked == ["问 1?", "问 2?"]
    assert [o.verdict.right for o in outcomes] == [True, True, False]


def test_rescoring_gives_the_same_verdicts_without_the_reports(script):
    bad = script.good()
    bad["citations"][0]["start"] += 1
    items = _items(script, 2)
    outcomes = run_items(items, script.target({"问 0?": script.good(), "问 1?": bad}))
    again = rescore(outcomes)
    assert [o.verdict for o in again] == [o.verdict for o in outcomes]
    assert [o.measures for o in again] == [o.measures for o in outcomes]


def test_the_table_names_split_type_and_tag(script):
    items = [
        script.item(tags=["表格"]),
        script.unanswerable(id="u", question="?", split="test", note="reason=no_such_company"),
    ]
    shown = table(
        run_items(items, script.target({items[0].question: script.good(), "?": script.refusal()}))
    )
    assert [line.split("  ")[0] for line in shown.splitlines()[1:]] == [
        "all", "split dev", "split test", "type fact", "type unanswerable", "tag 表格",
    ]  # fmt: skip
    assert "100.0% 2/2" in shown.splitlines()[1]


def test_a_crash_in_process_is_an_error_of_that_item(script):
    def crash(request):
        raise ZeroDivisionError("by zero")

    outcomes = run_items([script.item()], InProcess(crash, script.texts.__getitem__))
    assert outcomes[0].error == "crashed with ZeroDivisionError: by zero"


def test_in_process_and_http_score_the_same(script):
    reply = AskResponse.model_validate(script.good())

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/ask":
            return httpx.Response(200, text=reply.model_dump_json())
        name = request.url.path.split("/")[3]
        if name not in script.texts:
            return httpx.Response(404)
        return httpx.Response(200, text=script.texts[name])

    client = httpx.Client(transport=httpx.MockTransport(serve))
    over_http = run_items([script.item()], Http("http://h/", client))
    here = run_items([script.item()], InProcess(lambda _: reply, script.texts.__getitem__))
    assert over_http[0].verdict == here[0].verdict
    assert over_http[0].verdict.right


@pytest.mark.parametrize("reply", [httpx.Response(500, text="{}"), httpx.Response(200, text="hi")])
def test_a_bad_http_answer_is_an_error(script, reply):
    client = httpx.Client(transport=httpx.MockTransport(lambda _: reply))
    outcomes = run_items([script.item()], Http("http://h", client))
    assert outcomes[0].error
    assert outcomes[0].verdict is None
