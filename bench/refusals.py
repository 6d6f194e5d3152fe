"""What is refused when the evidence is there, and when it was removed: pairs from a reading set.

    .venv/bin/python bench/refusals.py [--limit 300] [--seed 0] [--titles no] [FILE]

FILE: CMRC2018 dev by default (needs YANBAO_TEST_DATA). Its paragraphs are parted into four; for
each part an index is built without it, and as many questions on what was removed as on what is
there are asked. Prints both rates with Wilson intervals, the area under the risk-coverage curve,
and how well `confidence` is calibrated. Exit: 0 within the limits, 1 could not run, 3 not within.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from corpus.normalise import fold
from eval.adapters import FieldSet, load_field_set
from eval.golden import GoldenItem
from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest

PARTS = 4
# The limits of the house: refused where the evidence is absent, and where it is there.
ABSENT, PRESENT = 0.85, 0.08
BINS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One answer: was the evidence there, was it refused, was it right, how sure was it."""

    present: bool
    refused: bool
    right: bool
    confidence: float


def main() -> int:
    """Measures, prints and gives the exit code."""
    options = _options()
    if not options.file:
        print("no file: set YANBAO_TEST_DATA, or name one", file=sys.stderr)
        return 1
    chosen = load_field_set("cmrc2018", Path(options.file))
    asked = [a for part in range(PARTS) for a in _of_part(chosen, part, options)]
    absent = [a for a in asked if not a.present]
    present = [a for a in asked if a.present]
    without = sum(a.refused for a in absent) / len(absent)
    over = sum(a.refused for a in present) / len(present)
    print(f"refused when absent  {without:6.1%} of {len(absent)}, {_interval(without, absent)}")
    print(f"refused when present {over:6.1%} of {len(present)}, {_interval(over, present)}")
    print(f"right when present   {sum(a.right for a in present) / len(present):6.1%}")
    print(f"area under the risk-coverage curve: all {risk_area(asked):.3f}, present", end=" ")
    print(f"{risk_area(present):.3f}")
    print("confidence of answers: mean, right, count")
    for row in reliability([a for a in asked if not a.refused]):
        print(f"  {row[0]:.2f}  {row[1]:.2f}  {row[2]}")
    return 0 if without >= ABSENT and over <= PRESENT else 3


def risk_area(asked: Sequence[Asked]) -> float:
    """The mean share of wrong answers among the most confident n, over all n: 0 is best."""
    ordered = sorted((a for a in asked if not a.refused), key=lambda a: -a.confidence)
    wrong, risks = 0, []
    for number, one in enumerate(ordered, start=1):
        wrong += not one.right
        risks.append(wrong / number)
    return sum(risks) / len(risks) if risks else 0.0


def reliability(asked: Sequence[Asked]) -> list[tuple[float, float, int]]:
    """Mean confidence, share right and count in equal bins of confidence."""
    rows = []
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        own = [a for a in asked if low <= a.confidence < high or (high == 1 == a.confidence)]
        if own:
            mean = sum(a.confidence for a in own) / len(own)
            rows.append((mean, sum(a.right for a in own) / len(own), len(own)))
    return rows


def _interval(share: float, of: Sequence[Asked]) -> str:
    n, z = len(of), 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5 / (1 + z * z / n)
    return f"95 % {middle - reach:.1%} to {middle + reach:.1%}"


def _of_part(chosen: FieldSet, part: int, options: argparse.Namespace) -> Iterator[Asked]:
    ids = sorted(chosen.reports)
    gone = {i for n, i in enumerate(ids) if n % PARTS == part}
    chance = random.Random(options.seed + part)
    removed = [i for i in chosen.items if i.evidence[0].report in gone]
    there = [i for i in chosen.items if i.evidence[0].report not in gone]
    count = min(options.limit // PARTS if options.limit else len(removed), len(removed))
    picked = [(i, False) for i in chance.sample(removed, count)]
    picked += [(i, True) for i in chance.sample(there, count)]
    with tempfile.TemporaryDirectory(prefix="yanbao-refusals-") as folder:
        source = Path(folder, "reports.jsonl")
        with source.open("w", encoding="utf-8") as lines:
            for report, (title, text) in chosen.reports.items():
                if report not in gone:
                    row = {"id": report, "text": text}
                    if options.titles == "yes":
                        row["title"] = title
                    lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        build([source], Path(folder, "index"))
        snapshot = open_snapshot(Path(folder, "index"))
        try:
            answerer = Answerer(snapshot)
            for item, present in picked:
                yield _asked(item, present, answerer)
        finally:
            snapshot.close()


def _asked(item: GoldenItem, present: bool, answerer: Answerer) -> Asked:
    answer = answerer.ask(AskRequest(question=item.question))
    body = fold(answer.answer)
    right = present and not answer.refused and any(fold(g) in body for g in item.answers[0])
    return Asked(present, answer.refused, right, answer.confidence)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = os.environ.get("YANBAO_TEST_DATA", "")
    known = str(Path(data, "qa", "cmrc2018", "dev.jsonl.gz")) if data else ""
    parser.add_argument("file", nargs="?", default=known)
    parser.add_argument("--limit", type=int, help="questions of each kind, drawn by the seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--titles", choices=("yes", "no"), default="yes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
