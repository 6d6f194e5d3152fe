"""How well real PDFs are read: table cells, reading order, metadata, page furniture.

    YANBAO_TEST_DATA=… .venv/bin/python bench/pdf_quality.py [--wrong] [--only er074 …] [--jobs 1]

Judged by the hand-made truth of `bench/truth/` (see bench/notes/pdf_truth.md). Exit: 0 within the
limits, 1 it could not run, 3 under a limit, 77 without YANBAO_TEST_DATA.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# A bench runs from a checkout that is not installed: the packages are found beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import OVER_LIMIT, SKIPPED, machine
from pdf_truth import (
    Field,
    Judged,
    TrueCell,
    Words,
    blocks_of_page,
    judge_cells,
    judge_furniture,
    judge_meta,
    judge_order,
    lines_of,
    load_cells,
    met_cells,
    page_text,
)

from corpus.errors import UnreadableFile
from corpus.raw import RawFile
from corpus.reading import parse
from corpus.report import Report, SourceFile

# Percent, as issue 4 sets them; furniture: "no furniture in body paragraphs".
CELLS, ORDER, META, FURNITURE = 97.0, 98.0, 95.0, 100.0


@dataclass(slots=True)
class Verdicts:
    """What was judged in one file; `order` and `furniture` as (page, what, right)."""

    name: str
    seconds: float = 0.0
    cells: list[Judged] = field(default_factory=list)
    order: list[tuple[int, str, bool]] = field(default_factory=list)
    meta: list[Field] = field(default_factory=list)
    furniture: list[tuple[int, str, bool]] = field(default_factory=list)


def main() -> int:
    """Reads, judges, prints; the exit code."""
    options = _options()
    data = os.environ.get("YANBAO_TEST_DATA")
    paths = sorted(Path(data, "pdf").glob("*.pdf")) if data else []
    paths = [path for path in paths if not options.only or path.stem in options.only]
    if not paths:
        print("skipped: YANBAO_TEST_DATA names no folder with pdf/", file=sys.stderr)
        return SKIPPED
    try:
        verdicts = _judge_all(paths, options.jobs)
    except (UnreadableFile, ModuleNotFoundError) as error:
        print(f"could not run: {error}", file=sys.stderr)
        return 1
    _print_files(verdicts)
    if options.wrong:
        for one in verdicts:
            print("\n".join(_wrong(one)))
    return _summary(verdicts)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wrong", action="store_true", help="list what is wrong, file by file")
    parser.add_argument("--only", nargs="+", help="names of files without .pdf")
    parser.add_argument("--jobs", type=int, default=1, help="processes (1: in this one)")
    return parser.parse_args()


def _judge_all(paths: Sequence[Path], jobs: int) -> list[Verdicts]:
    if jobs == 1:
        return [judge_file(path) for path in paths]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(judge_file, paths))


def judge_file(path: Path) -> Verdicts:
    """Reads one PDF and judges it by all of its truth.

    Raises:
        UnreadableFile: it cannot be read, or no reader for PDF is there.
    """
    data = path.read_bytes()
    sha = hashlib.sha256(data).hexdigest()
    begin = time.perf_counter()
    report = parse(RawFile(path.stem, data, SourceFile(path.name, "pdf", len(data), sha)))
    verdicts = Verdicts(path.stem, time.perf_counter() - begin)
    verdicts.cells = list(_cells(report, [cell for cell in load_cells() if cell.file == sha]))
    verdicts.order = list(_order(report, _truth("pdf_order.jsonl", sha)))
    for truth in _truth("pdf_meta.jsonl", sha):
        verdicts.meta.extend(judge_meta(truth, report.meta))
    verdicts.furniture = list(_furniture(report, _truth("pdf_furniture.jsonl", sha)))
    return verdicts


def _truth(name: str, sha: str) -> list[dict[str, Any]]:
    return [line for line in lines_of(name) if line["file"] == sha]


def _cells(report: Report, truth: Iterable[TrueCell]) -> Iterator[Judged]:
    pages: dict[int, list[TrueCell]] = defaultdict(list)
    for cell in truth:
        pages[cell.page].append(cell)
    met = met_cells(report)
    for page, cells in pages.items():
        yield from judge_cells(cells, met.get(page, []))


def _order(report: Report, truth: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, str, bool]]:
    for line in truth:
        groups = [[Words(*anchor) for anchor in group] for group in line["groups"]]
        pairs = [
            f"group {g} anchors {a}-{a + 1}"
            for g, group in enumerate(groups, start=1)
            for a in range(1, len(group))
        ]
        verdicts = judge_order(page_text(report, line["page"]), groups)
        yield from ((line["page"], *pair) for pair in zip(pairs, verdicts, strict=True))


def _furniture(
    report: Report, truth: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[int, str, bool]]:
    for number, line in enumerate(truth, start=1):
        words = Words(*line["line"])
        for page in line["pages"]:
            yield page, f"line {number}", judge_furniture(words, blocks_of_page(report, page))


def _print_files(verdicts: Sequence[Verdicts]) -> None:
    print(machine())
    print(
        f"{'':<22}{'cells':>16}{'value only':>16}{'order':>14}{'meta':>12}{'furniture':>14}{'s':>7}"
    )
    for one in verdicts:
        shares = (
            _share([judged.right for judged in one.cells]),
            _share([judged.met is not None for judged in one.cells]),
            _share([right for *_, right in one.order]),
            _share([met.right for met in one.meta]),
            _share([right for *_, right in one.furniture]),
        )
        widths = (16, 16, 14, 12, 14)
        row = "".join(f"{share:>{width}}" for share, width in zip(shares, widths, strict=True))
        print(f"{one.name:<22}{row}{one.seconds:>7.1f}")


def _share(verdicts: Sequence[bool]) -> str:
    return f"{sum(verdicts)}/{len(verdicts)}" if verdicts else "-"


def _summary(verdicts: Sequence[Verdicts]) -> int:
    cells = [judged for one in verdicts for judged in one.cells]
    rows: list[tuple[str, list[bool], float | None]] = [
        ("cells: value, row and header path", [one.right for one in cells], CELLS),
        ("cells: value and row", [one.met is not None and one.row for one in cells], None),
        (
            "cells: value and header path",
            [one.met is not None and one.column for one in cells],
            None,
        ),
        ("cells: value only", [one.met is not None for one in cells], None),
        ("order: neighbouring anchors", [r for one in verdicts for *_, r in one.order], ORDER),
        ("metadata: fields", [met.right for one in verdicts for met in one.meta], META),
        ("furniture: lines", [r for one in verdicts for *_, r in one.furniture], FURNITURE),
    ]
    print(f"\n{'':<36}{'right':>14}{'figure':>10}{'limit':>10}{'figure/limit':>14}")
    under = False
    for name, right, limit in rows:
        if not right:
            continue
        percent = 100 * sum(right) / len(right)
        line = f"{name:<36}{_share(right):>14}{percent:>8.2f} %"
        if limit is not None:
            missed = percent < limit
            under = under or missed
            line += f"{limit:>8g} %{percent / limit:>14.3f}{'  UNDER' * missed}"
        print(line)
    return OVER_LIMIT if under else 0


def _wrong(one: Verdicts) -> Iterator[str]:
    for judged in one.cells:
        if not judged.right:
            cell = judged.cell
            where = (
                f"{one.name} p{cell.page} table {cell.table} row {cell.row} column {cell.column}"
            )
            yield f"cell  {where}: expected {cell.value!r}, {_met(judged)}"
    for kind, verdicts in (("order", one.order), ("furniture", one.furniture)):
        for page, what, right in verdicts:
            if not right:
                yield f"{kind}  {one.name} p{page} {what}"
    for met in one.meta:
        if not met.right:
            yield f"meta  {one.name} {met.name}: expected {met.expected}, met {met.met!r}"


def _met(judged: Judged) -> str:
    met = judged.met
    if met is None:
        return "no such cell in any table of the page"
    faults = [
        *(["row"] * (not judged.row)),
        *(["header"] * (not judged.column)),
        *(["in a key column"] * (not met.body)),
    ]
    return f"wrong: {', '.join(faults)}; met row {met.key!r}, header {met.path!r}"


if __name__ == "__main__":
    raise SystemExit(main())
