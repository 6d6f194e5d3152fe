"""`yanbao eval …`: the sub-commands, their arguments and exit codes.

Top of `eval`; only here is anything printed. Data goes to stdout, progress to stderr.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from corpus.errors import GoldenError, YanbaoError
from eval.golden import GoldenItem, GoldenSet, load_golden
from eval.run import Outcome, run_items
from eval.tally import table, tally, wrong_items
from eval.targets import Http, Target, open_index

DONE, FAILED, WRONG_USAGE, NOT_MET = 0, 1, 2, 3


def main(argv: Sequence[str], index_dir: Path | str | None) -> int:
    """Runs one sub-command and gives its exit code.

    Returns:
        0 done; 1 could not run; 2 wrong usage or golden file; 3 gate not met or compare worse.
    """
    try:
        options = _parser().parse_args(list(argv))
    except SystemExit as leaving:  # argparse prints its message itself
        return WRONG_USAGE if leaving.code else DONE
    options.index = Path(index_dir) if index_dir is not None else None
    try:
        code: int = options.act(options)
    except GoldenError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except (YanbaoError, OSError) as error:
        print(f"yanbao eval: {error}", file=sys.stderr)
        return FAILED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yanbao eval", description="Measures the answers.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="put golden questions to the index or a server")
    run.add_argument("golden", nargs="+", type=Path, metavar="GOLDEN")
    run.add_argument("--url", help="a server instead of the index, as http://127.0.0.1:8000")
    run.add_argument("--split", choices=["dev", "test"], help="only this split")
    run.add_argument("--only", action="append", default=[], help="only this type, tag or id")
    run.add_argument("--quiet", action="store_true", help="no list of wrong items")
    run.set_defaults(act=_run)
    return parser


def _run(options: argparse.Namespace) -> int:
    golden = load_golden(options.golden)
    items = _chosen(golden, options.split, options.only)
    with ExitStack() as stack:
        target = _target(options, stack)
        outcomes = _with_progress(items, target)
    if not options.quiet:
        print(wrong_items(outcomes))
    print(table(outcomes))
    return FAILED if tally(outcomes).errors else DONE


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


def _target(options: argparse.Namespace, stack: ExitStack) -> Target:
    if options.url:
        server = Http(options.url)
        stack.callback(server.close)
        return server
    if options.index is None:
        raise YanbaoError("no index: give --index DIR or --url URL")
    target, close = open_index(options.index)
    stack.callback(close)
    return target


def _with_progress(items: Sequence[GoldenItem], target: Target) -> list[Outcome]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    hidden = not console.is_terminal
    with Progress(console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(f"asking {target.name}", total=len(items))
        return run_items(items, target, tick=lambda _: progress.advance(task))
