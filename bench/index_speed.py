"""Index speed: 10,000 news items through every stage of the build, beside plain `jieba.lcut`.

Stages are timed one by one in this process; the whole build then runs as `yanbao index` runs it,
with its worker processes. Run: `YANBAO_TEST_DATA=… python bench/index_speed.py [ITEMS]`.
"""

from __future__ import annotations

import gzip
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from measuring import OVER_LIMIT, SKIPPED, machine

from corpus.normalise import normalise
from corpus.raw import RawReport
from corpus.reading import parse, read_raw
from corpus.report import Report
from corpus.sources import discover
from indexer.build import build
from indexer.chunking import chunk_report
from indexer.cross_checks import cross_checked
from indexer.embedding import LSA_MOST_CHUNKS, fit_lsa
from indexer.facts import extract_facts
from indexer.keywords import build_postings
from indexer.lexicon import build_lexicon
from indexer.naming import names_of
from indexer.records import Fact
from indexer.segmentation import Segmenter, frequencies, plain_cutter
from indexer.sentence_facts import extract_sentence_facts
from indexer.store import create_store, pack, write_report
from indexer.vectors import write_vectors
from indexer.vocabulary import Vocabulary, load_vocabulary

ITEMS = 10_000
BATCH = 500  # texts a call where the build works on batches
LEAST_RATIO = 2.0
BUILDS = 3
JIEBA_SHARE = 5  # jieba cuts every fifth item: its speed does not depend on how many

Value = TypeVar("Value")


class Stages:
    """Times of the stages, printed as they are taken."""

    def __init__(self, items: int, megabytes: float) -> None:
        self._items, self._megabytes = items, megabytes
        print(f"{'stage':<34}{'s':>8}{'items/s':>10}{'MB/s':>9}")

    def time(self, name: str, work: Callable[[], Value], share: int = 1) -> Value:
        """Runs one stage over `1 / share` of the items."""
        begin = time.perf_counter()
        value = work()
        self.add(name, time.perf_counter() - begin, share)
        return value

    def add(self, name: str, seconds: float, share: int = 1) -> float:
        """Prints one stage and returns its MB/s."""
        rate = self._megabytes / share / seconds
        print(f"{name:<34}{seconds:>8.2f}{self._items / share / seconds:>10.0f}{rate:>9.2f}")
        return rate


def take_items(data: Path, items: int, folder: Path) -> Path:
    """The first items of the news set as one `.jsonl` file."""
    path = folder / "news.jsonl"
    with gzip.open(data / "text" / "news.jsonl.gz", "rt", encoding="utf-8") as source:
        lines = [line for line, _ in zip(source, range(items), strict=False)]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def batches(texts: list[str]) -> list[list[str]]:
    """The texts in lists of `BATCH`."""
    return [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]


def cut_with_jieba(texts: list[str]) -> float:
    """Seconds that `jieba.lcut` takes, its dictionary loaded before."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    begin = time.perf_counter()
    for text in texts:
        tokenizer.lcut(text)
    return time.perf_counter() - begin


def every_fact(report: Report, vocabulary: Vocabulary) -> tuple[Fact, ...]:
    """The facts of tables, checked, and those of sentences, as the build makes them."""
    tables = cross_checked(extract_facts(report, vocabulary))
    return tables + extract_sentence_facts(report, vocabulary)


def time_stages(stages: Stages, raws: list[RawReport], folder: Path) -> None:
    """Every stage alone, one process, each fed with the whole output of the one before."""
    vocabulary = load_vocabulary()
    reports = stages.time("parse", lambda: [parse(raw) for raw in raws])
    chunks = stages.time("chunk", lambda: [chunk_report(report) for report in reports])
    facts = stages.time("facts", lambda: [every_fact(report, vocabulary) for report in reports])
    names = stages.time(
        "names", lambda: [names_of(r, f) for r, f in zip(reports, facts, strict=True)]
    )
    packed = stages.time(
        "pack", lambda: [pack(*each) for each in zip(reports, chunks, facts, names, strict=True)]
    )
    lexicon = build_lexicon({r.report_id: n for r, n in zip(reports, names, strict=True)})
    segmenter = Segmenter(frequencies(lexicon.words))
    texts = batches([f"{c.context}\n{c.text}" for each in chunks for c in each])
    normal = stages.time("normalise", lambda: [normalise("\n".join(b)).text for b in texts])
    plain_cutter().cut("预热")
    stages.time("segment (rjieba alone)", lambda: [len(plain_cutter().cut(b)) for b in normal])
    counted = stages.time("terms (all three, counted)", lambda: [segmenter.count(b) for b in texts])
    stages.time("postings", lambda: build_postings(counted))
    sample = counted[: max(1, LSA_MOST_CHUNKS // BATCH)]
    share = max(1, len(counted) // len(sample))

    def vectors() -> None:
        write_vectors(folder / "v.faiss", np.ascontiguousarray(fit_lsa(sample, segmenter)[1]))

    stages.time(f"vectors (LSA, {LSA_MOST_CHUNKS:,} chunks at most)", vectors, share)

    def store() -> None:
        connection = create_store(folder / "s.sqlite")
        at = 0
        for report in packed:
            write_report(connection, report, at)
            at += len(report.chunks)
        connection.execute("COMMIT")
        connection.close()

    stages.time("store", store)


def main() -> int:
    """Measures and prints; 3 when the build is slower than twice jieba."""
    data = os.environ.get("YANBAO_TEST_DATA")
    if not data:
        print("skipped: YANBAO_TEST_DATA is not set", file=sys.stderr)
        return SKIPPED
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = take_items(Path(data), items, folder)
        sources = discover([path])
        raws = [raw for s in sources for raw in read_raw(s) if isinstance(raw, RawReport)]
        texts = [raw.text for raw in raws]
        megabytes = sum(len(text.encode()) for text in texts) / 1e6
        print(f"{len(raws):,} items, {megabytes:.1f} MB of text, on {machine()}")
        stages = Stages(len(raws), megabytes)
        stages.time("read and decode", lambda: [list(read_raw(source)) for source in sources])
        time_stages(stages, raws, folder)
        walls, jieba_walls = [], []
        for turn in range(BUILDS):  # in turns, so that a slow spell hits both sides
            jieba_walls.append(cut_with_jieba(texts[turn::JIEBA_SHARE]))
            begin = time.perf_counter()
            build([path], folder / f"index-{turn}")
            walls.append(time.perf_counter() - begin)
        whole = stages.add("whole build (2 processes)", statistics.median(walls))
        alone = stages.add("jieba.lcut alone", statistics.median(jieba_walls), JIEBA_SHARE)
    ratio = whole / alone
    print(f"ratio: the whole build runs at {ratio:.2f} times jieba.lcut, limit {LEAST_RATIO:g}")
    return OVER_LIMIT if ratio < LEAST_RATIO else 0


if __name__ == "__main__":
    sys.exit(main())
