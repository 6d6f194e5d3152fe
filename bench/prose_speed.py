"""How long an extractive answer takes over many passages, on one core.

    .venv/bin/python bench/prose_speed.py [--passages 100000] [--questions 300] [--keep DIR]

Needs YANBAO_TEST_DATA. The corpus is made: the paragraphs of CMRC2018 and DRCD stay as they are,
the rest of the passages are made of their sentences in another order (seeded), ten a report.
Asked are CMRC's trial questions after a warm-up. Exit: 0 within the limit, 1 could not run, 3 over.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from eval.adapters import squad_records
from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest

LIMIT_MS = 20.0  # p50, the bar at 100,000 passages
PASSAGE_CHARS, OF_REPORT = 250, 10
WARM_UP = 20


def main() -> int:
    """Builds, asks, prints; gives the exit code."""
    options = _options()
    data = os.environ.get("YANBAO_TEST_DATA", "")
    if not data:
        print("YANBAO_TEST_DATA is not set", file=sys.stderr)
        return 1
    qa = Path(data, "qa")
    trial = list(squad_records(qa / "cmrc2018" / "trial.jsonl.gz"))
    drcd = list(squad_records(qa / "drcd" / "dev.jsonl.gz"))
    texts = list(dict.fromkeys(r["context"] for r in [*trial, *drcd]))
    questions = [r["question"] for r in trial if r["question"].strip()]
    chance = random.Random(0)
    asked = chance.sample(questions, min(options.questions + WARM_UP, len(questions)))
    with tempfile.TemporaryDirectory(prefix="yanbao-speed-") as made:
        folder = Path(options.keep or made)
        if not (folder / "index").exists():
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "reports.jsonl").open("w", encoding="utf-8") as lines:
                lines.writelines(_reports(texts, options.passages, chance))
            build([folder / "reports.jsonl"], folder / "index")
        snapshot = open_snapshot(folder / "index")
        try:
            answerer = Answerer(snapshot)
            both = [_ms(answerer, question) for question in asked][WARM_UP:]
            count = snapshot.chunk_count()
        finally:
            snapshot.close()
    print(f"{count} passages, {len(both)} questions")
    for name, times in (("wall", [w for w, _ in both]), ("cpu", [c for _, c in both])):
        p95 = sorted(times)[int(0.95 * len(times))]
        print(f"{name:<5} p50 {statistics.median(times):.1f} ms, p95 {p95:.1f} ms")
    print(f"limit p50 {LIMIT_MS:.0f} ms of one core at 100,000 passages")
    return 0 if statistics.median(c for _, c in both) <= LIMIT_MS else 3


def _reports(texts: list[str], passages: int, chance: random.Random) -> Iterator[str]:
    """The paragraphs as reports of their own, then reports of ten shuffled passages each."""
    for number, text in enumerate(texts):
        yield json.dumps({"id": f"t{number}", "text": text}, ensure_ascii=False) + "\n"
    sentences = [s for t in texts for s in re.findall("[^。！？]+[。！？]", t)]
    missing = passages - 2 * len(texts)  # a paragraph is about two passages long
    for number in range(max(missing, 0) // OF_REPORT):
        made = "\n\n".join(_passage(sentences, chance) for _ in range(OF_REPORT))
        yield json.dumps({"id": f"m{number}", "text": made}, ensure_ascii=False) + "\n"


def _passage(sentences: list[str], chance: random.Random) -> str:
    words = ""
    while len(words) < PASSAGE_CHARS:
        words += chance.choice(sentences)
    return words


def _ms(answerer: Answerer, question: str) -> tuple[float, float]:
    """Milliseconds by the clock, and of one core: others may use the machine too."""
    began, used = time.perf_counter(), time.process_time()
    answerer.ask(AskRequest(question=question))
    return (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--keep", help="a folder for the corpus and its index, used again if there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
