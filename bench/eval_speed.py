"""How fast eval is: 500 questions end to end, and 10,000 stored answers judged again.

    .venv/bin/python bench/eval_speed.py

Limits of the house on two cores: 60 s and 20 s. Exit: 0 met, 3 not met.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A bench runs from a checkout that is not installed: the packages are found beside it (hence E402).
sys.path.insert(0, str(ROOT))

from eval.golden import load_golden
from eval.page import write_report
from eval.records import outcome_line, read_items, write_run
from eval.run import rescore, run_items
from eval.targets import open_index

ASKED, STORED = 500, 10_000
ASK_LIMIT_S, JUDGE_LIMIT_S = 60.0, 20.0


def main() -> int:
    """Measures, prints and gives the exit code."""
    from indexer.build import build

    golden = load_golden(sorted((ROOT / "eval" / "golden").glob("samples_*.jsonl")))
    dev = [item for item in golden.items if item.split == "dev"]
    items = [
        item.model_copy(update={"id": f"{item.id}-{number}"})
        for number, item in enumerate(islice(cycle(dev), ASKED))
    ]
    with tempfile.TemporaryDirectory(prefix="yanbao-speed-") as name:
        folder = Path(name)
        build([ROOT / "corpus" / "reports"], folder / "index")
        started = time.perf_counter()
        target, close = open_index(folder / "index")
        outcomes = run_items(items, target, retrieve=True)
        close()
        info = {"format": 1, "golden": golden.sha256}
        write_run(folder / "run", info, outcomes)
        write_report(folder / "run" / "report.html", [("speed", info, outcomes)])
        asked_s = time.perf_counter() - started
        _multiply(folder / "run" / "items.jsonl", [outcome_line(one) for one in outcomes])
        started = time.perf_counter()
        judged = rescore(read_items(folder / "run" / "items.jsonl"))
        judged_s = time.perf_counter() - started
    print(f"{len(items)} questions, files and report: {asked_s:.1f} s (limit {ASK_LIMIT_S:.0f} s)")
    print(
        f"{len(judged)} stored answers judged again: {judged_s:.1f} s (limit {JUDGE_LIMIT_S:.0f} s)"
    )
    return 0 if asked_s <= ASK_LIMIT_S and judged_s <= JUDGE_LIMIT_S else 3


def _multiply(path: Path, lines: list[str]) -> None:
    """Writes the lines over and over under new ids until `STORED` of them stand there."""
    with path.open("w", encoding="utf-8") as file:
        for number, line in enumerate(islice(cycle(lines), STORED)):
            stored = json.loads(line)
            stored["item"]["id"] = f"{stored['item']['id']}-{number}"
            file.write(json.dumps(stored, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
