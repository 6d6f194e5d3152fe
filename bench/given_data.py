"""Questions that bring their data along, beside plain keywords: OpenFinData's two sets of them.

`python bench/given_data.py` prints two lines a set. open: the question alone; right means that
every number of the right option stands in the answer and none that only others hold. options: the
set's own form, four options below the question; right means that the answer names the right one.
Each with a 95 % interval (Wilson). Measured, never tuned on.
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


def with_options(record: dict[str, Any]) -> str:
    """The question with its options below, as the set asks it."""
    return str(record["question"]) + "".join(f"\n{letter}. {record[letter]}" for letter in "ABCD")


def letter_of(answer: str) -> str:
    """The option that an answer names; empty if it names none."""
    found = re.search(r"选([A-D])（", answer)
    return found[1] if found else ""


def by_keywords(question: str) -> str:
    """The plain way: the line that shares most pairs of characters with what is asked."""
    asked, *data = [line for line in question.splitlines() if line.strip()]
    pairs = {asked[i : i + 2] for i in range(len(asked) - 1)}
    pieces = [p for line in data for p in re.split(r"[。；;]", line) if re.search(r"\d", p)]
    return max(pieces, key=lambda p: sum(pair in p for pair in pairs), default="")


def option_by_keywords(record: dict[str, Any]) -> str:
    """The plain way to an option: most of its numbers in that line, then most of its words."""
    line = by_keywords(record["question"])
    held = numbers(line)

    def shared(letter: str) -> tuple[float, float]:
        words = record[letter]
        own = numbers(words)
        pairs = [words[i : i + 2] for i in range(len(words) - 1)]
        return len(own & held) / max(len(own), 1), sum(p in line for p in pairs) / max(
            len(pairs), 1
        )

    return max("ABCD", key=lambda letter: (*shared(letter), -ord(letter)))


def interval(right: int, total: int) -> str:
    """The share with its 95 % interval (Wilson 1927)."""
    if not total:
        return "-"
    z, share = 1.96, right / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * (share * (1 - share) / total + z * z / (4 * total**2)) ** 0.5
    return f"{share:.3f} ({middle - half:.3f} to {middle + half:.3f})"


def main() -> int:
    """Asks every record; returns 0."""
    for name in SETS:
        asked = [r for r in records(name) if numbers(r[r["answer"]])]
        total = len(asked)
        told = [answered(r["question"]) for r in asked]
        ours = sum(is_right(words, r) for words, r in zip(told, asked, strict=True))
        plain = sum(is_right(by_keywords(r["question"]), r) for r in asked)
        print(
            f"{name} open: {total} questions, right {interval(ours, total)},"
            f" refused {sum(not words for words in told) / total:.3f},"
            f" plain keywords {plain / total:.3f}"
        )
        every = list(records(name))
        chosen = [letter_of(answered(with_options(r))) for r in every]
        ours = sum(c == r["answer"] for c, r in zip(chosen, every, strict=True))
        plain = sum(option_by_keywords(r) == r["answer"] for r in every)
        print(
            f"{name} options: {len(every)} questions, right {interval(ours, len(every))},"
            f" none chosen {chosen.count('') / len(every):.3f},"
            f" plain keywords {plain / len(every):.3f}"
        )
    return 0


def answered(question: str) -> str:
    """What the reader of given data says; empty if it says nothing."""
    from service.query import Query
    from service.reading.given import read_given

    draft = read_given(Query("", asked=question))
    return "".join(s.text for s in draft.statements) if draft else ""


if __name__ == "__main__":
    sys.exit(main())
