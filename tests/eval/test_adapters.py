"""Sets of the field become reports and golden questions whose evidence stands where it says."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import pytest

from corpus.errors import GoldenError
from eval.adapters import load_field_set
from eval.command import main
from eval.field import drawn
from eval.first_sentence import FirstSentence
from eval.golden import GoldenSet, write_golden
from eval.lint import lint
from eval.plain_bm25 import PlainBm25
from eval.sources import ReportTexts
from indexer.build import build
from indexer.snapshot import open_snapshot
from service.schemas import AskRequest

CONTEXT = "《战国无双3》由光荣和ω-force开发，2009年发售。"
QA = {"id": "q1", "question": "由谁开发？", "answers": [{"text": "光荣和ω-force"}]}
SQUAD = {"data": [{"title": "战国无双3", "paragraphs": [{"context": CONTEXT, "qas": [QA]}]}]}
CMRC = [
    {
        "context_text": CONTEXT,
        "title": "战国无双3",
        "qas": [
            {"query_id": "q1", "query_text": "由谁开发？", "answers": ["光荣和ω-force", "光荣"]},
            {"query_id": "q2", "query_text": "由谁开发？", "answers": ["光荣"]},
            {"query_id": "q3", "query_text": "多少钱？", "answers": ["九元"]},
        ],
    }
]


def _sound(chosen) -> bool:
    texts = {report: text for report, (_, text) in chosen.reports.items()}
    golden = GoldenSet(chosen.items, tuple("x" for _ in chosen.items), {})
    return lint(golden, ReportTexts(texts.__getitem__)) == []


def _lines(path: Path, *records) -> Path:
    data = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_squad_and_cmrc_layouts_give_the_same_question(tmp_path):
    (tmp_path / "s.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    (tmp_path / "c.json").write_text(json.dumps(CMRC), encoding="utf-8")
    squad = load_field_set("squad", tmp_path / "s.json")
    cmrc = load_field_set("cmrc2018", tmp_path / "c.json")
    assert squad.items[0].answers == (("光荣和ω-force",),)
    assert cmrc.items[0].answers == (("光荣和ω-force", "光荣"),)
    assert [e.start for e in cmrc.items[0].evidence] == [8, 8]
    assert cmrc.left_out == {"question repeated": 1, "answer not in its paragraph": 1}
    assert squad.reports == cmrc.reports == {"p00000": ("战国无双3", CONTEXT)}
    assert _sound(squad)
    assert _sound(cmrc)


def test_an_impossible_question_is_to_be_refused(tmp_path):
    record = {"id": "1", "title": "", "context": CONTEXT, "question": "价?", "answers": []}
    path = _lines(tmp_path / "s.jsonl.gz", record | {"impossible": True})
    assert load_field_set("squad", path).items[0].type == "unanswerable"


def test_drcd_keeps_the_paragraphs_that_train_nothing(tmp_path):
    records = [
        {
            "id": str(n),
            "title": "",
            "context": f"第{n}段。",
            "question": f"{n}?",
            "answers": [f"{n}"],
        }
        for n in range(40)
    ]
    kept = load_field_set("drcd", _lines(tmp_path / "d.jsonl", *records)).items
    assert 10 < len(kept) < 30
    assert kept == load_field_set("drcd", tmp_path / "d.jsonl").items


def test_factoid_questions_accept_every_report_that_holds_the_sentence(tmp_path):
    reports = [
        {"id": "a", "title": "甲", "text": "手机出货量为5万部。"},
        {"id": "b", "title": "乙", "text": "据称，手机出货量为5万部。"},
    ]
    _lines(tmp_path / "yanbao_reports_x.jsonl", *reports)
    asked = {
        "id": "1", "question": "出货量?", "answer": "5万部", "doc_id": "a", "strict": True,
        "sentence": "手机出货量为5万部", "value_start": 6, "value_end": 9,
    }  # fmt: skip
    other = asked | {"id": "2", "question": "产量?", "strict": False}
    path = _lines(tmp_path / "yanbao_factoid_x.jsonl", asked, other)
    chosen = load_field_set("yanbao_factoid", path)
    assert [(e.report, e.group) for e in chosen.items[0].evidence] == [("a", "r0"), ("b", "r1")]
    assert chosen.left_out["not strict"] == 1
    assert _sound(chosen)


def test_tables_of_openfindata_become_reports(tmp_path):
    question = "你是助手。请回答甲的净利润增长多少？请给出正确选项。\n| 名称 | 增长 |\n|:--|--:|\n| 甲 | 19.98 |"
    record = {"id": "0", "question": question, "A": "1.10%", "C": "19.98%", "answer": "C"}
    chosen = load_field_set("openfindata", _lines(tmp_path / "o.jsonl", record))
    (item,) = chosen.items
    assert (item.question, item.answers) == ("甲的净利润增长多少？", (("19.98%", "19.98"),))
    assert chosen.reports["t0"][1].startswith("| 名称")
    assert _sound(chosen)


def test_our_own_layout_and_beir_triples_are_read(script, tmp_path):
    _lines(tmp_path / "reports.jsonl", *({"id": k, "text": v} for k, v in script.texts.items()))
    write_golden([script.item()], tmp_path / "golden.jsonl")
    chosen = load_field_set("own", tmp_path)
    assert chosen.items == (script.item(),)
    assert _sound(chosen)
    _lines(tmp_path / "corpus.jsonl", {"_id": "d1", "title": "题", "text": "文"})
    _lines(tmp_path / "queries.jsonl", {"_id": "q1", "text": "问"})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    beir = load_field_set("beir", tmp_path)
    assert beir.qrels == {"q1": ("问", {"d1": 2})}


def test_what_is_not_of_the_layout_is_named(tmp_path):
    with pytest.raises(GoldenError, match="no adapter 'msmarco'"):
        load_field_set("msmarco", tmp_path)
    with pytest.raises(GoldenError, match="name the file"):
        load_field_set("squad", tmp_path / "none.json")
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": 1}\nnot json\n', encoding="utf-8")
    with pytest.raises(GoldenError, match=r"bad\.jsonl"):
        load_field_set("squad", bad)


def test_plain_bm25_ranks_as_the_formula_does():
    import math

    texts = ["甲乙丙", "甲乙甲乙", "丁戊"]
    passages = [{"passage_id": f"p{n}"} for n in range(3)]
    found = PlainBm25(passages, texts).search("甲乙", 5)
    # k1 1.2, b 0.75, Lucene's idf; lengths in pairs 2, 3, 1, average 2; 甲乙 stands 1 and 2 times.
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))

    def score(tf: int, length: int) -> float:
        return idf * tf / (tf + 1.2 * (1 - 0.75 + 0.75 * length / 2))

    assert [hit["passage_id"] for hit in found] == ["p1", "p0"]
    assert found[0]["score"] == pytest.approx(score(2, 3), rel=1e-5)
    assert found[1]["score"] == pytest.approx(score(1, 2), rel=1e-5)
    assert PlainBm25(passages, texts).search("庚辛", 5) == []


def test_a_set_runs_with_one_command(tmp_path, capsys):
    (tmp_path / "s.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["field", "squad", str(tmp_path / "s.json"), "--out", str(out)], None) == 0
    shown = capsys.readouterr().out
    assert "squad: 1 questions over 1 reports" in shown
    assert "plain BM25" in shown
    assert (out / "report.html").exists()


def test_the_first_sentence_of_bm25_is_cited_where_it_stands(tmp_path):
    text = "甲厂五月产量为七吨。乙厂五月产量为九吨；丙厂六月停产。"
    _lines(tmp_path / "reports.jsonl", {"id": "a", "text": text})
    build([tmp_path / "reports.jsonl"], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    try:
        target = FirstSentence(snapshot)
        reply = target.ask(AskRequest(question="乙厂五月产量是多少？"))
        place = reply["citations"][0]
        assert place["quote"] == text[place["start"] : place["end"]] == "乙厂五月产量为九吨；"
        assert reply["answer"] == "乙厂五月产量为九吨； [1]"
        assert target.ask(AskRequest(question="xyz"))["refused"]
    finally:
        snapshot.close()


def test_beir_triples_run_with_one_command_beside_plain_bm25(tmp_path, capsys):
    texts = {"D 1": "苹果公司发布手机。", "D 2": "银行下调存款利率。", "D 3": "光伏组件价格下跌。"}
    _lines(tmp_path / "corpus.jsonl", *({"_id": k, "text": t} for k, t in texts.items()))
    asked = {"q1": "存款利率", "q2": "组件价格", "q3": "发布手机"}
    _lines(tmp_path / "queries.jsonl", *({"_id": k, "text": t} for k, t in asked.items()))
    (tmp_path / "qrels").mkdir()
    rows = ["query-id\tcorpus-id\tscore", "q1\tD 2\t1", "q2\tD 3\t1", "q3\tD 2\t1"]
    (tmp_path / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert main(["field", "beir", str(tmp_path), "--out", str(tmp_path / "out")], None) == 0
    shown = capsys.readouterr().out
    assert "3 queries over 3 documents" in shown
    # q1 and q2 find their document first; q3 is judged against a document that it does not name.
    ours, plain = re.search(r"RR@10 +([\d.]+) +([\d.]+)", shown).groups()
    assert 0.666 <= float(ours) <= 0.84
    assert plain == "0.667"


def test_our_own_layout_runs_with_one_command(script, tmp_path, capsys):
    (tmp_path / "reports").mkdir()
    for name, text in script.texts.items():
        (tmp_path / "reports" / f"{name}.txt").write_text(text, encoding="utf-8")
    write_golden([script.item()], tmp_path / "golden.jsonl")
    out = tmp_path / "out"
    assert main(["field", "own", str(tmp_path), "--out", str(out)], None) == 0
    assert "own: 1 questions over 2 reports" in capsys.readouterr().out
    info = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert (info["seed"], info["settings"]) == (0, {"set": "own", "limit": None})
    assert all(re.fullmatch("[0-9a-f]{64}", sha) for sha in info["golden"].values())


@pytest.mark.parametrize("limit", [0, 3, 9, 10, 11, None])
def test_a_sample_is_the_same_for_its_seed_and_keeps_the_order(limit):
    items = list(range(10))
    taken = drawn(items, limit, 7)
    assert taken == drawn(items, limit, 7) == sorted(set(taken))
    assert len(taken) == min(10, 10 if limit is None else limit)
    assert limit != 3 or any(drawn(items, 3, seed) != taken for seed in range(5))


DATA = os.environ.get("YANBAO_TEST_DATA")


@pytest.mark.skipif(not DATA, reason="YANBAO_TEST_DATA is not set")
@pytest.mark.parametrize(
    ("name", "path", "items", "reports"),
    [
        ("cmrc2018", "cmrc2018/dev.jsonl.gz", 3218, 848),
        ("drcd", "drcd/dev.jsonl.gz", 1747, 496),
        ("yanbao_factoid", "yanbao_factoid_dianzi.jsonl.gz", 927, 98),
        ("yanbao_factoid", "yanbao_factoid_yiliaoqixie.jsonl.gz", 269, 99),
        ("yanbao_factoid", "yanbao_factoid_yiyao.jsonl.gz", 347, 98),
        ("fin_eva", "fin_eva/金融文档抽取.jsonl.gz", 25, 25),
        ("openfindata", "openfindata/金融数值提取.jsonl.gz", 27, 27),
    ],
)
def test_the_real_sets_are_read_whole_and_sound(name, path, items, reports):
    chosen = load_field_set(name, Path(str(DATA), "qa", path))
    assert (len(chosen.items), len(chosen.reports)) == (items, reports)
    texts = ReportTexts({k: text for k, (_, text) in chosen.reports.items()}.__getitem__)
    assert all(texts.places(piece) for item in chosen.items for piece in item.evidence)
