"""The golden questions over the samples and over ten disguised copies, side by side.

    .venv/bin/python bench/quality.py [--split dev] [--seeds 0-9] [--wrong] [--report FILE]
    .venv/bin/python bench/quality.py --others        (needs YANBAO_TEST_DATA)

Builds an index for each set of reports in a temporary folder and asks in process. Exit: 0 the
limits are met, 1 it could not run, 3 they are not met.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A bench runs from a checkout that is not installed: the packages are found beside it (hence E402).
sys.path.insert(0, str(ROOT))

from eval.disguise import Copy, Plan, disguise
from eval.golden import GoldenItem, load_golden, write_golden
from eval.page import Run, write_report
from eval.run import Outcome, run_items
from eval.tally import Share, Tally, table, tally, wrong_items

SAMPLES = ROOT / "corpus" / "reports"
GOLDEN = ROOT / "eval" / "golden"
# The limits of the house, in percent: on the originals, on each copy, and on other reports.
RIGHT, CITED, REFUSED, VERBATIM = 95.0, 95.0, 95.0, 100.0
COPY_RIGHT, COPY_BELOW = 93.0, 2.0
OTHERS_RIGHT = 70.0
_RUNS: list[Run] = []  # what `--report` shows, in the order of asking


def main() -> int:
    """Measures, prints and gives the exit code."""
    options = _options()
    if options.others:
        return _others(options)
    items = _items(options.golden or sorted(GOLDEN.glob("samples_*.jsonl")), options.split)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.txt"))}
    print(_HEAD)
    originals = _measure("originals", texts, items, options)
    rows = [originals]
    for seed in options.seeds:
        copy = disguise(texts, items, seed)
        if options.keep:
            _write(copy, options.keep / f"seed_{seed:02d}")
        rows.append(_measure(_name(copy.plan), copy.texts, copy.items, options, len(copy.dropped)))
    if options.report:
        write_report(options.report, _RUNS)
    faults = [*_original_faults(originals), *_copy_faults(originals, rows[1:])]
    print("\n" + ("\n".join(f"NOT MET: {fault}" for fault in faults) or "all limits met"))
    return 3 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=["dev", "test", "all"], default="dev")
    parser.add_argument("--golden", type=Path, nargs="+", help="other questions over the samples")
    parser.add_argument("--seeds", type=_seeds, default=range(10), help="0-9, or 3, or 99-98 none")
    parser.add_argument("--wrong", action="store_true", help="list the wrong items of every run")
    parser.add_argument("--types", action="store_true", help="the table by type and tag too")
    parser.add_argument("--keep", type=Path, help="write the copies there")
    parser.add_argument("--report", type=Path, help="originals and copies side by side, as a page")
    parser.add_argument("--others", action="store_true", help="reports of other houses")
    return parser.parse_args()


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _items(paths: Sequence[Path], split: str) -> list[GoldenItem]:
    items = load_golden(paths).items
    return [item for item in items if split == "all" or item.split == split]


_HEAD = f"{'':<44}{'right':>16}{'cited':>16}{'refused':>16}{'verbatim':>18}{'errors':>8}{'ms':>7}"


def _measure(
    name: str,
    texts: Mapping[str, str],
    items: Sequence[GoldenItem],
    options: argparse.Namespace,
    dropped: int = 0,
) -> Tally:
    outcomes = _ask(texts, items)
    if options.report:
        _RUNS.append((name, {"target": "in process"}, outcomes))
    counts = tally(outcomes)
    shares = (counts.right, counts.cited, counts.refused)
    cells = "".join(f"{share!s:>16}" for share in shares) + f"{counts.verbatim!s:>18}"
    middle = sorted(outcome.seconds for outcome in outcomes)[len(outcomes) // 2] * 1000
    note = f"  ({dropped} dropped)" if dropped else ""
    print(f"{name:<44}{cells}{counts.errors:>8}{middle:>7.1f}{note}", flush=True)
    if options.types:
        print(table(outcomes) + "\n")
    if options.wrong:
        print(wrong_items(outcomes) + "\n")
    return counts


def _ask(texts: Mapping[str, str], items: Iterable[GoldenItem]) -> list[Outcome]:
    from eval.targets import open_index
    from indexer.build import build

    with tempfile.TemporaryDirectory(prefix="yanbao-quality-") as folder:
        reports, index = Path(folder, "reports"), Path(folder, "index")
        reports.mkdir()
        for report_id, text in texts.items():
            (reports / f"{report_id}.txt").write_text(text, encoding="utf-8", newline="")
        build([reports], index)
        target, close = open_index(index)
        try:
            return run_items(items, target)
        finally:
            close()


def _name(plan: Plan) -> str:
    parts = [f"copy {plan.seed}: {plan.layout}, {plan.header_rows} header rows"]
    parts += ["keys move"] * plan.keys_move + ["legal first"] * plan.boilerplate_first
    return ", ".join(parts + ["other ratings"] * (plan.ratings is not None))[:43]


def _percent(share: Share) -> float:
    return 100.0 if share.rate is None else 100 * share.rate


def _original_faults(counts: Tally) -> list[str]:
    limits = (
        ("right", counts.right, RIGHT),
        ("cited", counts.cited, CITED),
        ("unanswerable refused", counts.refused, REFUSED),
        ("verbatim", counts.verbatim, VERBATIM),
    )
    faults = [
        f"{name} {_percent(share):.1f} %, asked for {limit:.0f} %"
        for name, share, limit in limits
        if _percent(share) < limit
    ]
    return faults + [f"{counts.errors} errors"] * bool(counts.errors)


def _copy_faults(originals: Tally, copies: Sequence[Tally]) -> list[str]:
    faults = []
    floor = max(COPY_RIGHT, _percent(originals.right) - COPY_BELOW)
    for number, counts in enumerate(copies):
        if _percent(counts.right) < floor:
            faults.append(
                f"copy {number}: right {_percent(counts.right):.1f} %, floor {floor:.1f} %"
            )
        if _percent(counts.verbatim) < VERBATIM or counts.errors:
            faults.append(f"copy {number}: not all verbatim, or {counts.errors} errors")
    return faults


def _write(copy: Copy, folder: Path) -> None:
    (folder / "reports").mkdir(parents=True, exist_ok=True)
    for report_id, text in copy.texts.items():
        path = folder / "reports" / f"{report_id}.txt"
        path.write_text(text, encoding="utf-8", newline="")
    write_golden(copy.items, folder / "golden.jsonl")


def _others(options: argparse.Namespace) -> int:
    """Questions over reports of other houses, which are not part of the project."""
    data = os.environ.get("YANBAO_TEST_DATA")
    golden = GOLDEN / "other_reports.jsonl"
    if not data or not golden.is_file():
        print("set YANBAO_TEST_DATA (and have eval/golden/other_reports.jsonl)", file=sys.stderr)
        return 1
    items = _items([golden], "all")
    texts = _report_texts(Path(data), {e.report for item in items for e in item.evidence})
    print(_HEAD)
    counts = _measure(f"{len(texts)} reports of other houses", texts, items, options)
    met = _percent(counts.right) >= OTHERS_RIGHT and not counts.errors
    print(
        f"{'met' if met else 'NOT MET'}: right {_percent(counts.right):.1f} %, {OTHERS_RIGHT:.0f} %"
    )
    return 0 if met else 3


def _report_texts(data: Path, wanted: set[str]) -> dict[str, str]:
    """The texts of the wanted reports from the collections of the data folder."""
    found: dict[str, str] = {}
    paths = [
        *sorted((data / "qa").glob("yanbao_reports_*.jsonl.gz")),
        data / "text" / "broker_pages.jsonl.gz",
    ]
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record["id"] in wanted:
                    found[record["id"]] = record.get("text") or "\f".join(record["pages"])
    return found


if __name__ == "__main__":
    started = time.perf_counter()
    code = main()
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
    raise SystemExit(code)
