"""What each `yanbao eval` sub-command does, its arguments already parsed.

Under `eval.command`, which owns arguments, errors and exit codes.
"""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import EvalError, GoldenError
from eval import compare as comparing
from eval import gate as gating
from eval import lint as linting
from eval.golden import GoldenItem, GoldenSet, load_golden, write_golden
from eval.page import write_report
from eval.records import (
    by_id,
    describe_run,
    outcome_line,
    read_items,
    read_run,
    same_golden,
    write_run,
)
from eval.run import Outcome, rescore, run_items
from eval.sources import ReportTexts
from eval.stability import unstable
from eval.tally import table, tally, wrong_items
from eval.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

DONE, FAILED, NOT_MET = 0, 1, 3


def run(options: Namespace) -> int:
    """Asks, prints the table and what went wrong, and stores the run if asked to."""
    golden = load_golden(options.golden)
    items = _chosen(golden, options.split, options.only)
    target: Target = options.open_target()
    linting.refuse_missing_reports(golden, items, target)
    started = time.perf_counter()
    outcomes = _ask_all(options, items, target)
    wall_s = time.perf_counter() - started
    differing = unstable(items, target, outcomes, options.repeat)
    if options.out is not None:  # before anything is printed: a closed pipe must not cost the run
        settings = {"split": options.split, "only": options.only, "repeat": options.repeat}
        info = describe_run(golden.sha256, target.name, settings, wall_s)
        info["stability"] = {"repeats": options.repeat, "differing": differing}
        _store(options.out, info, outcomes)
    if not options.quiet:
        print(wrong_items(outcomes))
    print(table(outcomes))
    for line in differing:
        print(f"NOT STABLE {line}")
    if options.out is not None:
        print(_stored(options.out))
    return FAILED if tally(outcomes).errors or differing else DONE


def _ask_all(options: Namespace, items: Sequence[GoldenItem], target: Target) -> list[Outcome]:
    """Asks with a progress bar and, with `--out`, a journal that `--resume` goes on from."""
    journal = options.out / "items.jsonl" if options.out is not None else None
    done: Mapping[str, Outcome] = {}
    if options.resume:
        if journal is None:
            raise GoldenError("--resume needs --out DIR, where the earlier run is")
        done = by_id(read_items(journal)) if journal.exists() else {}
    if journal is not None:
        journal.parent.mkdir(parents=True, exist_ok=True)
        (journal.parent / "run.json").unlink(missing_ok=True)  # not finished until written again
    with _journal(journal) as write, _progress(f"asking {target.name}", len(items)) as advance:

        def tick(outcome: Outcome) -> None:
            write(outcome_line(outcome))
            advance()

        return run_items(items, target, retrieve=not options.no_search, done=done, tick=tick)


@contextmanager
def _journal(path: Path | None) -> Iterator[Callable[[str], None]]:
    if path is None:
        yield lambda _: None
        return
    with path.open("w", encoding="utf-8") as file:

        def write(line: str) -> None:
            file.write(line)
            file.flush()  # an interrupted run keeps what was answered

        yield write


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


def _chosen(golden: GoldenSet, split: str | None, only: Sequence[str]) -> list[GoldenItem]:
    chosen = [
        item
        for item in golden.items
        if (split is None or item.split == split)
        and (not only or {item.id, item.type, *item.tags} & set(only))
    ]
    if not chosen:
        raise GoldenError(f"no question is left by --split {split} --only {' '.join(only)}")
    return chosen


def _store(folder: Path, info: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
    write_run(folder, info, outcomes)
    write_report(folder / "report.html", [(folder.name, info, outcomes)])


def _stored(folder: Path) -> str:
    return f"stored in {folder}, see {folder / 'report.html'}"


def replay(options: Namespace) -> int:
    """Judges stored answers again; nothing is asked."""
    info, outcomes = read_run(options.run)
    outcomes = rescore(outcomes)
    print(table(outcomes))
    if options.out is not None:
        _store(options.out, {**info, "replayed_from": str(options.run)}, outcomes)
        print(_stored(options.out))
    return DONE


def gate(options: Namespace) -> int:
    """Prints every check; 3 if one is not met."""
    _, outcomes = read_run(options.run)
    stored = json.loads((options.run / "metrics.json").read_text(encoding="utf-8"))
    limits = gating.load_limits(options.thresholds)
    if options.raising:
        limits = gating.raised(limits, stored)
        gating.write_raised(options.thresholds, limits)
    checks = gating.check(limits, stored)
    for one in checks:
        print(one)
    for name in gating.unserved(limits):
        print(f"not served yet, floor 0: {name}")
    junit = options.junit or options.run / "junit.xml"
    junit.write_text(gating.junit(checks, outcomes), encoding="utf-8")
    return DONE if all(one.met for one in checks) else NOT_MET


def report(options: Namespace) -> int:
    """Writes the page of the first run with the others beside it."""
    runs = [(path.name, *read_run(path)) for path in options.runs]
    path = options.out or options.runs[0] / "report.html"
    write_report(path, runs)
    print(path)
    return DONE


def compare(options: Namespace) -> int:
    """Prints differences and flips; 3 if a deciding measure is worse."""
    (info_a, a), (info_b, b) = read_run(options.before), read_run(options.after)
    if not same_golden(info_a, info_b) and not options.allow_diff:
        raise GoldenError(
            f"{options.before} and {options.after} asked other golden files; --allow-diff pairs "
            "what has the same id"
        )
    before, after = by_id(a), by_id(b)
    found = comparing.differences(before, after, options.seed)
    print(f"{'measure':<20}{'n':>5}{'A':>8}{'B':>8}  {'B - A, 95 %':<22}{'p':>7}{'Holm':>7}"
          f"{'win':>5}{'loss':>5}  verdict")  # fmt: skip
    for d in found:
        span = f"{d.after - d.before:+.3f} [{d.low:+.3f}, {d.high:+.3f}]"
        chance = f"{d.p:>7.3f}{d.p_holm:>7.3f}{d.wins:>5}{d.losses:>5}"
        can = "" if d.word != "no evidence" else f" (would see {d.detectable:.3f})"
        print(f"{d.measure:<20}{d.n:>5}{d.before:>8.3f}{d.after:>8.3f}  {span:<22}{chance}  "
              f"{d.word}{can}")  # fmt: skip
    for flip in comparing.flips(before, after):
        sign = "+" if flip.now_right else "-"
        print(f"{sign} {flip.item}: {flip.question}\n    A: {flip.before}\n    B: {flip.after}")
    return NOT_MET if comparing.worse(found) else DONE


def lint(options: Namespace) -> int:
    """Refuses a golden set with findings, all of them named."""
    golden = load_golden(options.golden)
    linting.refuse_faults(golden, _texts(options))
    for path, sha in golden.sha256.items():
        print(f"{path}: sound, sha256 {sha}")
    print(f"{len(golden.items)} questions")
    return DONE


def disguise(options: Namespace) -> int:
    """Writes the copies: `DIR/seed_00/reports/*.txt` and `DIR/seed_00/golden.jsonl`."""
    from eval.disguise import disguise as disguised

    golden = load_golden(options.golden)
    texts = _texts(options)
    ids = sorted({piece.report for item in golden.items for piece in item.evidence})
    found = {report: text for report in ids if (text := texts.text(report)) is not None}
    if not found:
        raise GoldenError(f"none of the reports {', '.join(ids)} is there; give --reports DIR")
    for seed in range(options.seed, options.seed + options.copies):
        copy = disguised(found, golden.items, seed)
        folder = options.out / f"seed_{seed:02d}"
        (folder / "reports").mkdir(parents=True, exist_ok=True)
        for report_id, text in copy.texts.items():
            path = folder / "reports" / f"{report_id}.txt"
            path.write_text(text, encoding="utf-8", newline="")
        write_golden(copy.items, folder / "golden.jsonl")
        print(f"{folder}: {len(copy.items)} questions, {len(copy.dropped)} dropped")
        for item, why in copy.dropped.items():
            print(f"    {item}: {why}")
    return DONE


def _texts(options: Namespace) -> ReportTexts:
    if options.reports is None:
        return ReportTexts(options.open_target().text)
    if not options.reports.is_dir():
        raise EvalError(f"{options.reports} is no folder")

    def read(report_id: str) -> str:
        path: Path = options.reports / f"{report_id}.txt"
        if not path.is_file():
            raise KeyError(report_id)
        return path.read_bytes().decode("utf-8-sig")

    return ReportTexts(read)


def field(options: Namespace) -> int:
    """Runs a set of the field over an index of its own and prints it beside plain BM25."""
    from eval.field import run_field_set

    given = (options.name, options.path, options.limit, options.seed, options.out)
    print(run_field_set(*given, _progress))
    return DONE
