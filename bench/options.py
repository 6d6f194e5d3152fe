"""Choosing the option that a text supports, beside plain overlap: Fin-Eva 金融文档抽取.

`python bench/options.py` prints the share of right options with its 95 % interval (bootstrap of
10,000, seed 7), ours and by shared pairs of characters. Only rows with a label; measured, never
tuned on. The whole journey is asked: context, question and options as one prompt.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

GROUP = "金融文档抽取"


def records() -> list[dict[str, Any]]:
    """The rows of the group that carry a label."""
    path = Path(os.environ["YANBAO_TEST_DATA"], "qa", "fin_eva", f"{GROUP}.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [row for line in lines if (row := json.loads(line))["answer"]]


def prompt_of(record: dict[str, Any]) -> str:
    """Context, question and options, one below the other."""
    options = "\n".join(f"{letter}. {record[letter]}" for letter in "ABCD")
    return f"{record['context']}\n{record['question']}\n{options}"


def letter_of(prompt: str) -> str:
    """The option that the answer names; empty if it names none."""
    from service.query import Query
    from service.reading.given import read_given

    draft = read_given(Query("", asked=prompt))
    found = re.search(r"选([A-D])（", draft.statements[0].text) if draft else None
    return found[1] if found else ""


def by_overlap(record: dict[str, Any]) -> str:
    """The plain way: the option most of whose pairs of characters stand in the context."""

    def shared(letter: str) -> float:
        words = record[letter]
        pairs = [words[i : i + 2] for i in range(len(words) - 1)] or [words]
        return sum(pair in record["context"] for pair in pairs) / len(pairs)

    return max("ABCD", key=lambda letter: (shared(letter), -ord(letter)))


def interval(right: Sequence[bool]) -> str:
    """The share with its 95 % interval, rows drawn again 10,000 times."""
    rng = random.Random(7)
    drawn = sorted(sum(rng.choices(right, k=len(right))) / len(right) for _ in range(10_000))
    return f"{sum(right) / len(right):.3f} ({drawn[250]:.3f} to {drawn[9749]:.3f})"


def main() -> int:
    """Asks every labelled row; returns 0."""
    rows = records()
    chosen = [letter_of(prompt_of(row)) for row in rows]
    ours = [letter == row["answer"] for letter, row in zip(chosen, rows, strict=True)]
    plain = [by_overlap(row) == row["answer"] for row in rows]
    print(
        f"{GROUP}: {len(rows)} labelled rows, right {interval(ours)}, none chosen"
        f" {chosen.count('') / len(rows):.3f}; plain overlap {interval(plain)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
