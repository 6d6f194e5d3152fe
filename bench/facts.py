"""Facts: what they cost, how fast they are found, how many cells become one, and facts to check.

Run: `YANBAO_TEST_DATA=… python bench/facts.py cost | lookups | recall [SEED] | draw SEED [COUNT]`.
`draw` prints facts with the words around them, for a person to judge; what was found stands in
`bench/notes/facts.md`.
"""

from __future__ import annotations

import gzip
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import OVER_LIMIT, SKIPPED, machine

from corpus.figures import parse_number
from corpus.raw import RawFile, RawReport
from corpus.reading import parse, read_raw
from corpus.report import Report
from corpus.sources import discover
from corpus.tickers import load_listings
from indexer.chunking import chunk_report
from indexer.cross_checks import cross_checked
from indexer.fact_store import FactStore, write_facts
from indexer.facts import extract_facts
from indexer.naming import names_of
from indexer.records import CellPath, Fact
from indexer.segmentation import Segmenter
from indexer.sentence_facts import extract_sentence_facts
from indexer.stances import extract_stances
from indexer.store import pack
from indexer.table_owner import gives_addresses
from indexer.vocabulary import Vocabulary, load_vocabulary

COST_LIMIT = 25.0  # per cent of the indexing time
LOOKUP_LIMIT_MS = 10.0
RECALL_LIMIT = 97.0
REPORTS, METRICS, PERIODS, LOOKUPS = 1_000, 60, 5, 200
OF_COMPANIES = {"er014", "annual_xiandao_2022"}
LONG_TEXTS = ("yanbao_reports_dianzi", "yanbao_reports_yiliaoqixie", "yanbao_reports_yiyao")

Value = TypeVar("Value")


class _Timed(Protocol):
    """Runs one stage and adds its time up."""

    def __call__(self, name: str, work: Callable[[], Value]) -> Value: ...


def reports(data: Path, texts: int, pages: int, seed: int) -> list[Report]:
    """Reports of other brokers: the PDFs, long texts without white space, raw page texts."""
    found = [*_parsed(broker_pdfs(data))]
    with tempfile.TemporaryDirectory() as name:
        for stem, folder, count in (
            *((stem, "qa", texts) for stem in LONG_TEXTS),
            ("broker_pages", "text", pages),
        ):
            with gzip.open(data / folder / f"{stem}.jsonl.gz", "rt", encoding="utf-8") as source:
                lines = source.read().splitlines()
            drawn = random.Random(seed).sample(lines, min(count, len(lines)))
            path = Path(name) / f"{stem}.jsonl"
            path.write_text("\n".join(drawn) + "\n", encoding="utf-8")
            found += _parsed([path])
    return found


def broker_pdfs(data: Path) -> list[Path]:
    """The PDFs of brokers; what a company published of itself is another matter."""
    paths = sorted((data / "pdf").glob("*.pdf"))
    return [path for path in paths if path.stem not in OF_COMPANIES]


def _parsed(paths: list[Path]) -> Iterator[Report]:
    for source in discover(paths):
        for raw in read_raw(source):
            if isinstance(raw, RawReport | RawFile):
                yield parse(raw)


# --- cost ---------------------------------------------------------------------------------------


def cost(data: Path) -> int:
    """The share of facts in the processor time that a report takes from file to snapshot."""
    vocabulary, segmenter = load_vocabulary(), Segmenter(())
    segmenter.count(["预热"])
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Value]) -> Value:
        begin = time.process_time()
        value = work()
        seconds[name] = seconds.get(name, 0.0) + time.process_time() - begin
        return value

    read = timed("read and parse", lambda: reports(data, 15, 40, 1))
    for report in read:
        _time_stages(report, timed, vocabulary, segmenter)
    whole = sum(seconds.values())
    print(f"{len(read)} reports, {sum(len(r.text) for r in read):,} characters, on {machine()}")
    for name, spent in seconds.items():
        print(f"{name:<16}{spent:>8.2f} s{100 * spent / whole:>7.1f} %")
    share = 100 * seconds["facts"] / whole
    print(f"facts: {share:.1f} % of the indexing time, limit {COST_LIMIT:g} %")
    return OVER_LIMIT if share > COST_LIMIT else 0


def _time_stages(
    report: Report, timed: _Timed, vocabulary: Vocabulary, segmenter: Segmenter
) -> None:
    chunks = timed("chunks", lambda: chunk_report(report))
    tables = timed("facts", lambda: cross_checked(extract_facts(report, vocabulary)))
    stated = timed("facts", lambda: extract_sentence_facts(report, vocabulary))
    names = timed("names", lambda: names_of(report, tables))
    words = timed("facts", lambda: extract_stances(report, vocabulary, tables))
    every = (*tables, *stated, *words)
    timed("pack", lambda: pack(report, chunks, every, names))
    texts = [f"{chunk.context}\n{chunk.text}" for chunk in chunks]
    if texts:
        timed("terms", lambda: segmenter.count(texts))
    timed("facts", lambda: write_facts(sqlite3.connect(":memory:"), every))


# --- look-ups -----------------------------------------------------------------------------------


def made_facts() -> Iterator[Fact]:
    """A statement of 60 metrics over 5 years for each of 1,000 listed companies, two brokers
    each."""
    metrics = sorted(load_vocabulary().metrics)[:METRICS]
    companies = list(load_listings().names())[: REPORTS // 2]
    for number in range(REPORTS):
        name, code = companies[number // 2]
        for row, metric in enumerate(metrics):
            for column in range(PERIODS):
                start = (row * PERIODS + column) * 10
                value = f"{(number * 7 + row * 3 + column) % 1000}.5"
                yield Fact(
                    f"r{number}:{start}-{start + 5}", f"r{number}", name, code, metric, metric,
                    str(2022 + column), str(2022 + column), "actual", value, value, "百万元", start,
                    start + 5, start, start + 9, CellPath(None, metric, "", 0, row, column), None,
                )  # fmt: skip


def lookups(_: Path) -> int:
    """200 look-ups of one figure among 300,000 facts of 1,000 reports; DuckDB beside it."""
    facts = list(made_facts())
    asked = [random.Random(seed).choice(facts) for seed in range(LOOKUPS)]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "facts.sqlite"
        connection = sqlite3.connect(path)
        begin = time.perf_counter()
        write_facts(connection, facts)
        print(f"SQLite: {len(facts):,} facts written in {time.perf_counter() - begin:.1f} s")
        store = FactStore(connection)
        store.find(subjects=(asked[0].subject,), metrics=(asked[0].metric,))
        median = _median_ms(
            lambda fact: store.find(
                subjects=(fact.subject,), metrics=(fact.metric,), periods=(fact.period or "",)
            ),
            asked,
        )
        print(f"SQLite: p50 {median:.2f} ms a look-up, limit {LOOKUP_LIMIT_MS:g} ms")
        store.close()
        _beside_duckdb(Path(name) / "facts.duckdb", facts, asked)
    return OVER_LIMIT if median > LOOKUP_LIMIT_MS else 0


def _median_ms(find: Callable[[Fact], Sequence[object]], asked: list[Fact]) -> float:
    spent = []
    for fact in asked:
        begin = time.perf_counter()
        found = find(fact)
        spent.append((time.perf_counter() - begin) * 1000)
        if not found:
            raise AssertionError(f"{fact.fact_id} was not found")
    return statistics.median(spent)


def _beside_duckdb(path: Path, facts: list[Fact], asked: list[Fact]) -> None:
    """The same in DuckDB, where it is installed; it is no dependency."""
    try:
        import duckdb
        import pyarrow as pa
    except ImportError:
        print("DuckDB: not installed, not measured")
        return
    names = ("fact_id", "report_id", "subject", "metric", "period", "value", "start")
    table = pa.table({name: [getattr(fact, name) for fact in facts] for name in names})
    database = duckdb.connect(str(path))
    begin = time.perf_counter()
    database.register("given", table)
    database.execute("CREATE TABLE facts AS SELECT * FROM given")
    database.execute("CREATE INDEX by_subject ON facts (subject)")
    print(f"DuckDB: written in {time.perf_counter() - begin:.1f} s")
    query = "SELECT * FROM facts WHERE subject = ? AND metric = ? AND period = ? ORDER BY start"
    median = _median_ms(
        lambda fact: database.execute(query, [fact.subject, fact.metric, fact.period]).fetchall(),
        asked,
    )
    print(f"DuckDB: p50 {median:.2f} ms a look-up")


# --- recall and facts to check ------------------------------------------------------------------


def recall(data: Path, seed: int = 1) -> int:
    """How many of the numbers in 20 tables of known metrics or periods became facts."""
    vocabulary = load_vocabulary()
    drawn = []
    for report in _parsed(broker_pdfs(data)):
        facts = extract_facts(report, vocabulary)
        for index, table in enumerate(report.tables):
            if gives_addresses(table):
                continue  # post codes are no figures
            cells = [
                cell
                for row in table.rows
                for cell in row.cells
                if cell.column not in table.key_columns and parse_number(cell.text) is not None
            ]
            if len(cells) >= 8:
                places = {f.start for f in facts if f.cell and f.cell.table_index == index}
                got = sum(cell.span.start in places for cell in cells)
                drawn.append((report.report_id, index, got, len(cells)))
    chosen = random.Random(seed).sample(drawn, 20)
    for name, index, got, all_cells in sorted(chosen):
        print(f"{name:<24} table {index:>2}: {got:>4} of {all_cells:>4} numbers")
    got, every = sum(one[2] for one in chosen), sum(one[3] for one in chosen)
    share = 100 * got / every
    print(f"recall: {share:.1f} % of {every} numbers in 20 tables, limit {RECALL_LIMIT:g} %")
    return OVER_LIMIT if share < RECALL_LIMIT else 0


def draw(data: Path, seed: int, count: int) -> int:
    """Prints facts drawn at random from other brokers' reports, half of them from sentences."""
    vocabulary = load_vocabulary()
    of_tables: list[tuple[Report, Fact]] = []
    of_sentences: list[tuple[Report, Fact]] = []
    for report in reports(data, 33, 60, seed):
        tables = extract_facts(report, vocabulary)
        of_tables += [(report, fact) for fact in tables if fact.number is not None]
        of_sentences += [(report, fact) for fact in extract_sentence_facts(report, vocabulary)]
    chooser = random.Random(seed)
    print(f"of {len(of_tables)} figures in tables, {len(of_sentences)} in sentences")
    chosen = chooser.sample(of_tables, count // 2) + chooser.sample(of_sentences, count // 2)
    for number, (report, fact) in enumerate(chosen, 1):
        print(f"{number}\t{_shown(fact)}\n\t{_around(report, fact)}")
    return 0


def _shown(fact: Fact) -> str:
    parts = (
        fact.subject, fact.code, fact.metric, fact.period, fact.kind, fact.number, fact.unit,
        fact.direction, fact.approx,
    )  # fmt: skip
    return " | ".join("-" if part is None else part for part in parts)


def _around(report: Report, fact: Fact) -> str:
    if fact.cell is not None:
        cell = fact.cell
        where = f"{report.report_id} T{cell.table_index} {cell.table!r}"
        return f"{where} row {cell.row!r} column {cell.column!r} value {fact.value!r}"
    start, end = max(fact.line_start, fact.start - 90), min(fact.line_end, fact.end + 24)
    before, after = report.text[start : fact.start], report.text[fact.end : end]
    return f"{before}【{fact.value}】{after}".replace("\n", " ")


def main() -> int:
    """Runs one of the benches; 3 when it is over its limit."""
    word, *rest = sys.argv[1:] or [""]
    data = Path(os.environ.get("YANBAO_TEST_DATA", ""))
    if word == "lookups":
        return lookups(data)
    if not os.environ.get("YANBAO_TEST_DATA"):
        print("skipped: YANBAO_TEST_DATA is not set", file=sys.stderr)
        return SKIPPED
    if word == "cost":
        return cost(data)
    if word == "recall":
        return recall(data, *map(int, rest[:1]))
    if word == "draw" and rest:
        return draw(data, int(rest[0]), int(rest[1]) if len(rest) > 1 else 300)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
