"""A set of the field, run with one command: index, ask, measure, plain BM25 beside it.

Beside `eval.actions`. The index is built in a temporary folder and thrown away.
"""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from corpus.identity import report_id_for
from eval.adapters import FieldSet, load_field_set
from eval.first_sentence import FirstSentence
from eval.metrics import group_metrics
from eval.page import write_report
from eval.plain_bm25 import PlainBm25
from eval.records import describe_run, write_run
from eval.run import DEPTH, Outcome, run_items, with_retrieval
from eval.targets import InProcess

T = TypeVar("T")
Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]
_SHOWN = ("right", "right_and_cited", "normal_match", "exact_match", "char_f1", "cited",
          "verbatim", "over_refusal", "wrong_answer", "R@1", "R@5", "R@10", "RR@10",
          "wrong_document@1")  # fmt: skip

_HEAD = f"{'':<18}{'ours':>8}{'plain BM25':>12}{'first sentence':>16}"


def run_field_set(
    name: str, path: Path, limit: int | None, seed: int, out: Path, progress: Progress
) -> str:
    """Runs the set, stores the run in `out`, and returns its figures as lines of text.

    Args:
        limit: at most so many questions, drawn by `seed`; all reports are indexed all the same.
    """
    from indexer.build import build
    from indexer.snapshot import open_snapshot
    from service.answering import Answerer

    chosen = load_field_set(name, path)
    with tempfile.TemporaryDirectory(prefix="yanbao-field-") as folder:
        source = Path(folder, "reports.jsonl")
        source.write_text(_reports_jsonl(chosen), encoding="utf-8")
        started = time.perf_counter()
        build([source], Path(folder, "index"))
        indexed_s = time.perf_counter() - started
        snapshot = open_snapshot(Path(folder, "index"))
        try:
            answerer = Answerer(snapshot)
            target = InProcess(answerer.ask, snapshot.text, answerer.search, f"{name}, in process")
            if chosen.qrels:
                return _documents(chosen, target, PlainBm25.of(snapshot), limit, seed)
            items = drawn(chosen.items, limit, seed)
            with progress(f"asking {name}", len(items)) as advance:
                outcomes = run_items(items, target, retrieve=True, tick=lambda _: advance())
            bm25 = PlainBm25.of(snapshot)
            plain = with_retrieval([_plainly(o, bm25) for o in outcomes])
            first = run_items(items, FirstSentence(snapshot))
        finally:
            snapshot.close()
    settings = {"set": name, "limit": limit}
    wall_s = sum(outcome.seconds for outcome in outcomes)
    info = describe_run({str(path): _sha256(path)}, target.name, settings, wall_s, seed)
    write_run(out, info, outcomes)
    write_report(out / "report.html", [(name, info, outcomes)])
    return _figures(name, chosen, outcomes, plain, first, indexed_s)


def drawn(items: Sequence[T], limit: int | None, seed: int) -> list[T]:
    """At most `limit` of the items, the same ones for the same seed, in their own order."""
    if limit is None or limit >= len(items):
        return list(items)
    places = random.Random(seed).sample(range(len(items)), limit)  # noqa: S311 - no secret
    return [items[place] for place in sorted(places)]


def _sha256(path: Path) -> str:
    """Of a file, or of the files of a folder by name."""
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()


def _reports_jsonl(chosen: FieldSet) -> str:
    return "".join(
        json.dumps({"id": report, "title": title, "text": text}, ensure_ascii=False) + "\n"
        for report, (title, text) in chosen.reports.items()
    )


def _plainly(outcome: Outcome, bm25: PlainBm25) -> Outcome:
    """The same question with what plain BM25 finds on the same chunks."""
    if outcome.response is None:
        return outcome
    hits = bm25.search(str(outcome.response["standalone_question"]), DEPTH)
    return replace(outcome, hits=hits, measures={})


def _figures(
    name: str,
    chosen: FieldSet,
    outcomes: Sequence[Outcome],
    plain: Sequence[Outcome],
    first: Sequence[Outcome],
    indexed_s: float,
) -> str:
    ours, theirs = _measured(outcomes), group_metrics(plain)
    sentence = _measured(first)
    left = ", ".join(f"{n} {why}" for why, n in chosen.left_out.items() if n)
    lines = [
        f"{name}: {len(outcomes)} questions over {len(chosen.reports)} reports"
        + (f" (left out: {left})" if left else ""),
        f"indexed in {indexed_s:.1f} s, asked in {sum(o.seconds for o in outcomes):.1f} s",
        _HEAD,
    ]
    for measure in _SHOWN:
        if measure in ours:
            beside = "".join(
                f"{one[measure]['value']:>{wide}.3f}" if measure in one else " " * wide
                for one, wide in ((theirs, 12), (sentence, 16))
            )
            lines.append(f"{measure:<18}{ours[measure]['value']:>8.3f}{beside.rstrip()}")
    errors = sum(outcome.error is not None for outcome in outcomes)
    return "\n".join([*lines, *([f"{errors} errors"] if errors else [])])


def _measured(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The averages, and how often an answer is right with its evidence cited."""
    both = [
        float(o.measures.get("right") == 1 and o.measures.get("cited") == 1)
        for o in outcomes
        if o.error is None and "cited" in o.measures
    ]
    added = {"right_and_cited": {"value": sum(both) / len(both)}} if both else {}
    return {**group_metrics(outcomes), **added}


def _documents(
    chosen: FieldSet, target: InProcess, bm25: PlainBm25, limit: int | None, seed: int
) -> str:
    """Document retrieval for BEIR sets: a document ranks where its first passage does."""
    import ir_measures

    from service.schemas import FilterRequest

    queries = [(query, *chosen.qrels[query]) for query in drawn(list(chosen.qrels), limit, seed)]
    # The index writes ids in its own alphabet.
    ids = {report_id_for(document): document for document in chosen.reports}
    # A long document fills many places of the ranking with its own passages.
    depth = 10 * DEPTH
    names = ("nDCG@10", "R@10", "R@100", "RR@10")
    wanted: list[Any] = [ir_measures.parse_measure(measure) for measure in names]
    qrels = [
        ir_measures.Qrel(q, d, grade) for q, _, grades in queries for d, grade in grades.items()
    ]

    def judged(search: Callable[[str], Sequence[Mapping[str, Any]]]) -> Mapping[Any, float]:
        run = []
        for query, words, _ in queries:
            found = dict.fromkeys(ids.get(h["report_id"], h["report_id"]) for h in search(words))
            run += [ir_measures.ScoredDoc(query, d, -float(n)) for n, d in enumerate(found)]
        values: Mapping[Any, float] = ir_measures.calc_aggregate(wanted, qrels, run)
        return values

    ours = judged(lambda words: target.search(words, depth, FilterRequest()))
    plain = judged(lambda words: bm25.search(words, depth))
    lines = [f"{len(queries)} queries over {len(chosen.reports)} documents", _HEAD]
    return "\n".join(lines + [f"{m!s:<18}{ours[m]:>8.3f}{plain[m]:>12.3f}" for m in wanted])
