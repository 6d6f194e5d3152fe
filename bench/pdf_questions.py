"""Questions as analysts ask them over real PDFs: how many are answered right, from the right file.

Run: `YANBAO_TEST_DATA=… python bench/pdf_questions.py [--all]` (`--all` prints every miss). The
questions stand in `bench/truth/pdf_questions.jsonl`: own words, short values, files by sha256.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import SKIPPED, machine

from indexer.build import build
from indexer.snapshot import open_snapshot
from service.answering import Answerer
from service.schemas import AskRequest, AskResponse, Turn

QUESTIONS = Path(__file__).resolve().parent / "truth" / "pdf_questions.jsonl"
LIMIT = 80.0  # per cent right; measured 94


def normal(text: str) -> str:
    """Folded, without white space and thousands separators."""
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text)).lower()


def stands_in(value: str, answer: str) -> bool:
    """True if the value stands in the answer with no digit, point or sign touching it."""
    pattern = rf"(?<![\d.\-]){re.escape(normal(value))}(?!\d)"
    return re.search(pattern, normal(answer)) is not None


def verdict(item: dict[str, Any], reply: AskResponse, files: dict[str, str]) -> str:
    """right, wrong, uncited or refused."""
    if item["kind"] == "unanswerable":
        return "right" if reply.refused else "wrong"
    if reply.refused:
        return "refused"
    if not all(any(stands_in(v, reply.answer) for v in group) for group in item["answers"]):
        return "wrong"
    cited = {files.get(c.report_id) for c in reply.citations}
    return "right" if cited & set(item["files"]) else "uncited"


def main(arguments: list[str]) -> int:
    """Prints the counts by kind; 0 where the share of right ones reaches the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    args = parser.parse_args(arguments)
    data = os.environ.get("YANBAO_TEST_DATA")
    if not data:
        print("skipped: YANBAO_TEST_DATA is not set")
        return SKIPPED
    pdfs = Path(data) / "pdf"
    files = {p.stem: hashlib.sha256(p.read_bytes()).hexdigest() for p in pdfs.glob("*.pdf")}
    items = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        build([pdfs], Path(folder) / "index")
        snapshot = open_snapshot(Path(folder) / "index")
        counts = _asked(items, Answerer(snapshot), files, args.all)
        snapshot.close()
    print(machine())
    for kind in dict.fromkeys(item["kind"] for item in items):
        print(f"{kind:14} {dict(counts[kind])}")
    share = 100 * sum(c["right"] for c in counts.values()) / len(items)
    print(f"{share:.1f} % of {len(items)} right (limit {LIMIT})")
    return 0 if share >= LIMIT else 1


def _asked(
    items: list[dict[str, Any]], answerer: Answerer, files: dict[str, str], tell: bool
) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {item["kind"]: Counter() for item in items}
    for item in items:
        *earlier, question = item["turns"]
        history = [Turn(role="user", content=turn) for turn in earlier]
        reply = answerer.ask(AskRequest(question=question, history=history))
        found = verdict(item, reply, files)
        counts[item["kind"]][found] += 1
        if tell and found != "right":
            print(f"[{found}] {item['id']} {question}\n    {reply.answer[:200]}")
    return counts


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
