"""The golden loader takes all of a good file and nothing of a bad one."""

from __future__ import annotations

import json

import pytest

from corpus.errors import GoldenError
from eval.golden import load_golden, write_golden

GOOD = {
    "id": "a", "question": "EPS?", "type": "fact", "answers": [["0.70", "0.7"]], "forbid": ["0.5"],
    "evidence": [{"report": "r1", "quote": "0.70"}], "history": [], "filters": {}, "split": "dev",
}  # fmt: skip
REFUSE = GOOD | {
    "id": "b",
    "question": "明天?",
    "type": "unanswerable",
    "answers": [],
    "evidence": [],
}


def _write(tmp_path, *lines):
    path = tmp_path / "g.jsonl"
    text = "\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def test_a_good_file_is_read_in_order_with_its_places_and_hash(tmp_path):
    golden = load_golden(
        [_write(tmp_path, GOOD, "", REFUSE | {"note": "reason=no_such_period/low_support; x"})]
    )
    assert [i.id for i in golden.items] == ["a", "b"]
    assert [p.rsplit(":", 1)[1] for p in golden.places] == ["1", "3"]
    assert golden.items[0].answers == (("0.70", "0.7"),)
    assert golden.items[1].reasons == ("no_such_period", "low_support")
    assert len(next(iter(golden.sha256.values()))) == 64


def test_what_is_written_is_read_back_the_same(tmp_path):
    extra = GOOD | {
        "tags": ["table"], "subtype": "x",
        "numeric": {"value": "0.70", "unit": "元/股", "abs_tol": "0"},
        "history": [{"role": "user", "content": "你好"}], "filters": {"brokers": ["甲证券"]},
    }  # fmt: skip
    items = load_golden([_write(tmp_path, extra, REFUSE)]).items
    write_golden(items, tmp_path / "again.jsonl")
    assert load_golden([tmp_path / "again.jsonl"]).items == items


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not a JSON object"),
        ("[1]", "expected a JSON object"),
        ('{"id": "a", "id": "b"}', "stands twice"),
        ('{"id": NaN}', "no JSON number"),
        (GOOD | {"colour": 1}, "unknown field 'colour'"),
        (GOOD | {"type": "riddle"}, "type"),
        (GOOD | {"split": "train"}, "split"),
        (GOOD | {"v": 0}, "golden schema v=0"),
        (GOOD | {"v": "1"}, "golden schema v='1'"),
        (GOOD | {"answers": []}, "needs answers"),
        (GOOD | {"answers": [[]]}, "at least one"),
        (GOOD | {"answers": [[" "]]}, "at least one"),
        (GOOD | {"answers": [0.7]}, "answers"),
        (GOOD | {"forbid": [""]}, "empty word"),
        (GOOD | {"question": ""}, "question"),
        (GOOD | {"id": 7}, "id"),
        (GOOD | {"evidence": [{"report": "r1"}]}, "needs a quote"),
        (GOOD | {"evidence": [{"report": "r1", "start": 1, "end": 2}]}, "come together"),
        (GOOD | {"evidence": [{"report": "r1", "quote": "x", "page": 2}]}, "evidence.0.page"),
        (GOOD | {"filters": {"broker": "x"}}, "filters.broker"),
        (GOOD | {"history": [{"role": "system", "content": "x"}]}, "history.0.role"),
        (REFUSE | {"evidence": GOOD["evidence"]}, "neither answers nor evidence"),
        (GOOD | {"numeric": {"value": "many"}}, "no number"),
        (GOOD | {"numeric": {"value": "1", "abs_tol": "-1"}}, "out of range"),
        (GOOD | {"id": "z"}, "question 'EPS?' stands already"),
        (GOOD | {"question": "PE?"}, "id 'a' stands already"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(tmp_path, line, says):
    with pytest.raises(GoldenError, match=r"g\.jsonl:2: ") as caught:
        load_golden([_write(tmp_path, GOOD, line)])
    assert says in str(caught.value)


def test_the_same_question_may_come_back_in_another_situation(tmp_path):
    other = GOOD | {"id": "b", "filters": {"brokers": ["甲证券"]}}
    third = GOOD | {"id": "c", "history": [{"role": "user", "content": "EPS"}]}
    assert len(load_golden([_write(tmp_path, GOOD, other, third)]).items) == 3


def test_a_repeat_across_two_files_names_both_places(tmp_path):
    first = _write(tmp_path, GOOD)
    second = tmp_path / "h.jsonl"
    second.write_text(json.dumps(GOOD), encoding="utf-8")
    with pytest.raises(GoldenError, match=r"h\.jsonl:1.*g\.jsonl:1"):
        load_golden([first, second])


def test_a_missing_empty_or_undecodable_file_is_an_error(tmp_path):
    with pytest.raises(GoldenError, match="cannot be read"):
        load_golden([tmp_path / "no.jsonl"])
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"\n")
    with pytest.raises(GoldenError, match="no golden questions"):
        load_golden([empty])
    empty.write_bytes('{"id": "一"}'.encode("gb18030"))
    with pytest.raises(GoldenError, match=r"empty\.jsonl:1"):
        load_golden([empty])


def test_groups_are_alternatives_and_the_rest_is_always_needed(script):
    pieces = [
        {"report": "r1", "quote": "a", "group": "g"},
        {"report": "r1", "quote": "b"},
        {"report": "r2", "quote": "c", "group": "g"},
        {"report": "r2", "quote": "d", "group": "h"},
    ]
    item = script.item(evidence=pieces)
    assert [[e.quote for e in g] for g in item.evidence_sets()] == [["b", "a", "c"], ["b", "d"]]
    assert [[e.quote for e in g] for g in script.item().evidence_sets()] == [
        ["390001 星澜科技 0.58 0.70"]
    ]
    assert script.item(evidence=[]).evidence_sets() == ()
