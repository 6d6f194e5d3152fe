"""How alike a report and its changed copy are, beside reports that are not one publication.

The thresholds of `indexer/kinship.py` were chosen on these changes of the two samples; the nearest
pairs of real reports are measured only where `YANBAO_TEST_DATA` is set. Exit 3: a figure is over.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from measuring import OVER_LIMIT, ROOT

from corpus.readers.text import parse_text
from corpus.report import SourceFile
from indexer.kinship import SAME, SAME_TITLE
from indexer.likeness import alike_pairs, likeness, sketch_of

SEEDS = range(5)
LIMIT = 100  # real reports that are compared
Change = Callable[[str, str, random.Random], str]


def main() -> int:
    """Prints every figure with what it must keep."""
    texts = [p.read_text("utf-8") for p in sorted((ROOT / "corpus" / "reports").glob("*.txt"))]
    over = False
    for name, change, least in CHANGES:
        found = sorted(measured(texts, change))
        kept = found[0] >= least if least else found[-1] < SAME
        over |= not kept
        wanted = f">= {least}" if least else f"< {SAME}"
        low, middle, high = found[0], found[len(found) // 2], found[-1]
        print(f"{name:48} {low:.2f} {middle:.2f} {high:.2f}  {wanted}{'' if kept else '  OVER'}")
    if os.environ.get("YANBAO_TEST_DATA"):
        real(Path(os.environ["YANBAO_TEST_DATA"]))
    return OVER_LIMIT if over else 0


def measured(texts: list[str], change: Change) -> Iterator[float]:
    """The likeness of each text and its changed copy, for each seed."""
    for seed in SEEDS:
        for own, other in (texts, texts[::-1]):
            changed = change(own, other, random.Random(seed))
            yield likeness(sketch(own), sketch(changed))


def sketch(text: str) -> bytes:
    """The sketch of a text as a report."""
    return sketch_of(parse_text("x", text, SourceFile("x.txt", "txt", len(text), "0" * 64)))


def wrapped(own: str, other: str, rng: random.Random) -> str:
    """The same words in lines of another length."""
    return re.sub(r"(.{40})", r"\1\n", own)


def digits(own: str, other: str, rng: random.Random) -> str:
    """One digit in five is another one: every figure corrected."""
    return re.sub(r"\d", lambda m: str(rng.randrange(10)) if rng.random() < 0.2 else m[0], own)


def replaced(share: float) -> Change:
    """So many of the sentences are other ones."""

    def change(own: str, other: str, rng: random.Random) -> str:
        parts, others = (re.split(r"(?<=[。；])", text) for text in (own, other))
        return "".join(rng.choice(others) if rng.random() < share else part for part in parts)

    return change


CHANGES: tuple[tuple[str, Change, float], ...] = (
    ("the same in other lines", wrapped, SAME),
    ("one digit in five changed", digits, SAME),
    ("one sentence in twenty replaced", replaced(0.05), SAME),
    ("one sentence in ten replaced", replaced(0.1), SAME_TITLE),
    ("half of the sentences replaced: another report", replaced(0.5), 0),
)


def real(data: Path) -> None:
    """The nearest pairs of real reports; nothing was chosen by them."""
    with gzip.open(data / "qa" / "yanbao_reports_dianzi.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for _, line in zip(range(LIMIT), file, strict=False)]
    sketches = [sketch(row["text"]) for row in rows]
    began = time.perf_counter()
    nearest = sorted((like for _, _, like in alike_pairs(sketches, 0.2)), reverse=True)[:6]
    shown = " ".join(f"{like:.2f}" for like in nearest)
    print(
        f"nearest pairs of {len(rows)} real reports: {shown} ({time.perf_counter() - began:.2f} s)"
    )


if __name__ == "__main__":
    sys.exit(main())
