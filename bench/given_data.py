"""Questions that bring their data along, beside plain keywords: OpenFinData's two sets of them.

`python bench/given_data.py` prints one line a set: right means that every number of the right
option stands in the answer and none that only others hold. Measured, never tuned on.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"[-−]?\d+(?:,\d{3})*(?:\.\d+)?")
SETS = ("金融数值提取", "金融指标计算")


def records(name: str) -> Iterator[dict[str, Any]]:
    """The records of one set."""
    root = Path(os.environ["YANBAO_TEST_DATA"], "qa", "openfindata")
    with gzip.open(root / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def numbers(words: str) -> set[str]:
    """Numbers without separators and useless zeros; of a change the sign may be a word."""
    found = (n.replace(",", "").replace("−", "-") for n in _NUMBER.findall(words))
    return {re.sub(r"(\.\d*?)0+$", r"\1", n).rstrip(".") for n in found}


def is_right(answer: str, record: dict[str, Any]) -> bool:
    """Whether the answer holds the numbers of the right option, and none that only others have.

    A result may be printed to more places than the option is, and in 万 or 亿 of its unit; what
    the question says itself may stand in the working of a calculation.
    """
    gold = numbers(record[record["answer"]])
    others = set().union(*(numbers(record[o]) for o in "ABCD" if o != record["answer"])) - gold
    said = numbers(answer)
    if " = " in answer:
        others -= numbers(record["question"])
        results = numbers(" ".join(re.findall(r"= ([^=]+?)(?=$|；|。)", answer)))
        return all(any(_equals(n, g) for n in results) for g in gold) and bool(gold)
    unsigned = {n.lstrip("-") for n in said}
    return bool(gold) and {n.lstrip("-") for n in gold} <= unsigned and not others & said


def _equals(said: str, gold: str) -> bool:
    places = len(gold.partition(".")[2])
    value, wanted = Decimal(said), Decimal(gold)
    scaled = [value * Decimal(10) ** n for n in (0, -4, -8, 4, 8)]
    step = Decimal(1).scaleb(-places)
    return any(one.quantize(step, ROUND_HALF_UP) == wanted for one in scaled)


def by_keywords(question: str) -> str:
    """The plain way: the line that shares most pairs of characters with what is asked."""
    asked, *data = [line for line in question.splitlines() if line.strip()]
    pairs = {asked[i : i + 2] for i in range(len(asked) - 1)}
    pieces = [p for line in data for p in re.split(r"[。；;]", line) if re.search(r"\d", p)]
    return max(pieces, key=lambda p: sum(pair in p for pair in pairs), default="")


def main() -> int:
    """Asks every record; returns 0."""
    from service.query import Query
    from service.reading.given import read_given

    for name in SETS:
        asked = [r for r in records(name) if numbers(r[r["answer"]])]
        ours = plain = silent = 0
        for record in asked:
            draft = read_given(Query("", asked=record["question"]))
            answer = "".join(s.text for s in draft.statements) if draft else ""
            silent += draft is None
            ours += is_right(answer, record)
            plain += is_right(by_keywords(record["question"]), record)
        total = len(asked)
        print(
            f"{name}: {total} questions, right {ours / total:.3f}, refused {silent / total:.3f},"
            f" plain keywords {plain / total:.3f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
