"""Sets of the field in our own terms: reports to index, and golden questions about them.

Beside `eval.golden`: SQuAD and CMRC layouts, BEIR triples, our own JSONL, and the layouts of the
financial sets. Nothing of a set is kept in the project; it is converted when it is run.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import GoldenError
from eval.golden import Evidence, GoldenItem, load_golden


@dataclass(frozen=True, slots=True)
class FieldSet:
    """A set of the field.

    Args:
        reports: report id → (title, text).
        items: the questions; evidence by offsets and sha256.
        qrels: for retrieval sets: query id → (query, document id → grade).
        left_out: how many records were not taken, by reason.
    """

    reports: Mapping[str, tuple[str, str]]
    items: tuple[GoldenItem, ...]
    qrels: Mapping[str, tuple[str, Mapping[str, int]]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


def load_field_set(name: str, path: Path) -> FieldSet:
    """The set of that name from its file or folder.

    Raises:
        GoldenError: no such adapter, or the file is not of its layout; file and line are named.
    """
    if name not in ADAPTERS:
        raise GoldenError(f"no adapter {name!r}; there are {', '.join(sorted(ADAPTERS))}")
    try:
        return ADAPTERS[name](path)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise GoldenError(f"{path} is not laid out as {name}: {error!r}") from error


def squad(path: Path) -> FieldSet:
    """SQuAD (`data`/`paragraphs`/`qas`), CMRC (`context_text`/`qas`), or one question a line."""
    return reading_comprehension(squad_records(path))


def drcd(path: Path) -> FieldSet:
    """DRCD, measured on the paragraphs whose sha256 is odd only: the even half trains models."""
    return reading_comprehension(
        record
        for record in squad_records(path)
        if int(hashlib.sha256(record["context"].encode()).hexdigest(), 16) % 2
    )


def squad_records(path: Path) -> Iterator[dict[str, Any]]:
    """One question a record: id, title, context, question, answers, impossible."""
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from _lines(path)
        return
    content = json.loads(_bytes(path))
    for article in content["data"] if isinstance(content, dict) else content:
        for paragraph in article.get("paragraphs", [article]):
            context = paragraph.get("context") or paragraph["context_text"]
            for asked in paragraph["qas"]:
                yield {
                    "id": str(asked.get("id") or asked["query_id"]),
                    "title": article.get("title", ""),
                    "context": context,
                    "question": asked.get("question") or asked["query_text"],
                    "answers": [a["text"] if isinstance(a, dict) else a for a in asked["answers"]],
                    "impossible": bool(asked.get("is_impossible")),
                }


def reading_comprehension(records: Iterable[Mapping[str, Any]]) -> FieldSet:
    """Each context a report, each question with the places of its answers as evidence."""
    reports: dict[str, tuple[str, str]] = {}
    ids: dict[str, str] = {}
    items: list[GoldenItem] = []
    asked: dict[str, None] = {}
    left_out = {"question repeated": 0, "answer not in its paragraph": 0}
    for record in records:
        context = record["context"]
        report_id = ids.setdefault(context, f"p{len(ids):05d}")
        reports[report_id] = (record.get("title", ""), context)
        golds = list(dict.fromkeys(a for a in record["answers"] if a))
        evidence = [
            _at(report_id, context, context.index(gold), gold, f"a{n}")
            for n, gold in enumerate(golds)
            if gold in context
        ]
        impossible = bool(record.get("impossible"))
        if record["question"] in asked:
            left_out["question repeated"] += 1
        elif not evidence and not impossible:
            left_out["answer not in its paragraph"] += 1
        else:
            asked[record["question"]] = None
            items.append(_item(record["id"], record["question"], golds, evidence, impossible))
    return FieldSet(reports, tuple(items), left_out=left_out)


def beir(path: Path) -> FieldSet:
    """BEIR triples: corpus.jsonl, queries.jsonl, and qrels/test.tsv with a header line."""
    corpus = {r["_id"]: (r.get("title", ""), r["text"]) for r in _lines(path / "corpus.jsonl")}
    texts = {r["_id"]: r["text"] for r in _lines(path / "queries.jsonl")}
    grades: dict[str, dict[str, int]] = {}
    for line in (path / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        grades.setdefault(query, {})[document] = int(grade)
    return FieldSet(corpus, (), {query: (texts[query], g) for query, g in grades.items()})


def own(path: Path) -> FieldSet:
    """Our own layout: a folder with reports.jsonl (or reports/*.txt) and golden.jsonl."""
    listed = path / "reports.jsonl"
    if listed.exists():
        reports = {r["id"]: (r.get("title", ""), r["text"]) for r in _lines(listed)}
    else:
        found = sorted((path / "reports").glob("*.txt"))
        reports = {p.stem: ("", p.read_bytes().decode("utf-8-sig")) for p in found}
    return FieldSet(reports, load_golden([path / "golden.jsonl"]).items)


def yanbao_factoid(path: Path) -> FieldSet:
    """Factoid questions over broker reports; `path` is the questions' file, the reports lie by it.

    Only `strict` questions: year and product named, one value in the corpus. A report that holds
    the evidence sentence is as good as the one that was annotated.
    """
    beside = path.with_name(path.name.replace("_factoid_", "_reports_"))
    reports = {r["id"]: (r["title"], r["text"]) for r in _lines(beside)}
    items: list[GoldenItem] = []
    asked: dict[str, None] = {}
    left_out = {"not strict": 0, "question repeated": 0}
    for record in _lines(path):
        if not record["strict"] or record["question"] in asked:
            left_out["question repeated" if record["strict"] else "not strict"] += 1
            continue
        asked[record["question"]] = None
        sentence = record["sentence"]
        evidence = [
            _at(report, text, text.index(sentence), sentence, f"r{n}")
            for n, (report, (_, text)) in enumerate(reports.items())
            if sentence in text
        ]
        if not evidence:
            doc, start = record["doc_id"], record["value_start"]
            evidence = [_at(doc, reports[doc][1], start, record["answer"], None)]
        items.append(_item(record["id"], record["question"], [record["answer"]], evidence))
    return FieldSet(reports, tuple(items), left_out=left_out)


def fin_eva(path: Path) -> FieldSet:
    """Fin-Eva's contexts with options; taken are labelled rows whose answer stands in the text."""
    records = []
    left_out = {"no label": 0, "answer not in its text": 0}
    for record in _lines(path):
        answer = record.get("answer_text") or ""
        if not answer:
            left_out["no label"] += 1
        elif answer not in record.get("context", ""):
            left_out["answer not in its text"] += 1
        else:
            records.append({**record, "answers": [answer]})
    made = reading_comprehension(records)
    return FieldSet(made.reports, made.items, left_out=left_out)


def openfindata(path: Path) -> FieldSet:
    """OpenFinData's table reading (金融数值提取): the table is the report, the rest asks."""
    reports: dict[str, tuple[str, str]] = {}
    items: list[GoldenItem] = []
    left_out = {"no table": 0, "answer not in its table": 0}
    for record in _lines(path):
        words, _, table = record["question"].partition("\n|")
        asked = re.search(r"(?:回答|指出|提取|请问)[:：]?(.+?[？?。])", words)
        answer = str(record.get(record.get("answer", ""), ""))
        value = re.sub(r"[^\d.,-]", "", answer)
        if not table or not asked or not value:
            left_out["no table"] += 1
            continue
        text = "|" + table
        place = re.search(rf"(?<![\d.]){re.escape(value)}(?![\d.]\d)", text)
        if place is None:
            left_out["answer not in its table"] += 1
            continue
        report_id = f"t{record['id']}"
        reports[report_id] = ("", text)
        evidence = [_at(report_id, text, place.start(), value, None)]
        golds = list(dict.fromkeys([answer, value]))
        items.append(_item(report_id, asked[1], golds, evidence, kind="fact"))
    return FieldSet(reports, tuple(items), left_out=left_out)


ADAPTERS: dict[str, Callable[[Path], FieldSet]] = {
    "squad": squad,
    "cmrc2018": squad,
    "drcd": drcd,
    "beir": beir,
    "own": own,
    "yanbao_factoid": yanbao_factoid,
    "fin_eva": fin_eva,
    "openfindata": openfindata,
}


def _item(
    item_id: str,
    question: str,
    golds: list[str],
    evidence: list[Evidence],
    impossible: bool = False,
    kind: str = "prose",
) -> GoldenItem:
    given: dict[str, Any] = {"id": str(item_id), "question": question, "split": "test"}
    if impossible:
        given["type"] = "unanswerable"
    else:
        given |= {"type": kind, "answers": (tuple(golds),), "evidence": tuple(evidence)}
    return GoldenItem(**given)


def _at(report: str, text: str, start: int, words: str, group: str | None) -> Evidence:
    end = start + len(words)
    sha = hashlib.sha256(text[start:end].encode()).hexdigest()
    return Evidence(report=report, start=start, end=end, sha256=sha, group=group)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_bytes(path).decode("utf-8").split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise GoldenError(f"{path}:{number}: no JSON ({error})") from error


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GoldenError(f"{path}: {error.strerror}; name the file of the set") from error
    return gzip.decompress(data) if path.suffix == ".gz" else data
