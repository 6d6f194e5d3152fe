"""`yanbao eval …`: the sub-commands, their arguments and exit codes.

Top of `eval`; only here is anything printed. Data goes to stdout, progress to stderr.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from corpus.errors import EvalError, GoldenError, YanbaoError
from eval import actions
from eval.targets import Http, Target, open_index

DONE, FAILED, WRONG_USAGE, NOT_MET = 0, 1, 2, 3
GATE_FILE = Path(__file__).parent / "gate.toml"


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
        with ExitStack() as stack:
            options.open_target = lambda: _target(options, stack)
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
    _add_run(commands.add_parser("run", help="put golden questions to the index or a server"))
    replay = commands.add_parser("replay", help="judge the stored answers of a run again")
    replay.add_argument("run", type=Path, metavar="RUN")
    replay.add_argument("--out", type=Path, metavar="DIR", help="store the new judgement there")
    replay.set_defaults(act=actions.replay)
    _add_gate(commands.add_parser("gate", help="hold a run against the floors"))
    report = commands.add_parser("report", help="make report.html, several runs side by side")
    report.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    report.add_argument("--out", type=Path, metavar="FILE", help="default: RUN/report.html")
    report.set_defaults(act=actions.report)
    compare = commands.add_parser("compare", help="two runs, paired: better, worse, no evidence")
    compare.add_argument("before", type=Path, metavar="A")
    compare.add_argument("after", type=Path, metavar="B")
    compare.add_argument("--allow-diff", action="store_true", help="other golden files are fine")
    compare.add_argument("--seed", type=int, default=0)
    compare.set_defaults(act=actions.compare)
    _add_golden_commands(commands)
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("golden", nargs="+", type=Path, metavar="GOLDEN")
    run.add_argument("--url", help="a server instead of the index, as http://127.0.0.1:8000")
    run.add_argument("--out", type=Path, metavar="DIR", help="store run, metrics and report there")
    run.add_argument("--resume", action="store_true", help="keep what --out has without error")
    run.add_argument("--split", choices=["dev", "test"], help="only this split")
    run.add_argument("--only", action="append", default=[], help="only this type, tag or id")
    run.add_argument("--repeat", type=int, default=1, help="ask so often; answers must not differ")
    run.add_argument("--no-search", action="store_true", help="leave the retrieval measures out")
    run.add_argument("--quiet", action="store_true", help="no list of wrong items")
    run.set_defaults(act=actions.run)


def _add_gate(gate: argparse.ArgumentParser) -> None:
    gate.add_argument("run", type=Path, metavar="RUN")
    gate.add_argument("--thresholds", type=Path, default=GATE_FILE, metavar="FILE")
    gate.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML, default RUN/junit.xml")
    gate.add_argument("--raise", dest="raising", action="store_true", help="lift the floors to RUN")
    gate.set_defaults(act=actions.gate)


def _add_golden_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lint = commands.add_parser("lint", help="refuse a golden set with faults")
    lint.add_argument("golden", nargs="+", type=Path, metavar="GOLDEN")
    lint.add_argument("--url", help="take the reports from a server")
    lint.add_argument("--reports", type=Path, metavar="DIR", help="take them from DIR/*.txt")
    lint.set_defaults(act=actions.lint)
    disguise = commands.add_parser("disguise", help="copies of reports and questions, renamed")
    disguise.add_argument("golden", nargs="+", type=Path, metavar="GOLDEN")
    disguise.add_argument("--url", help="take the reports from a server")
    disguise.add_argument("--reports", type=Path, metavar="DIR", help="take them from DIR/*.txt")
    disguise.add_argument("--seed", type=int, default=0, help="of the first copy")
    disguise.add_argument("--copies", type=int, default=10)
    disguise.add_argument("--out", type=Path, required=True, metavar="DIR")
    disguise.set_defaults(act=actions.disguise)
    field = commands.add_parser("field", help="run a set of the field: cmrc2018, drcd, …")
    field.add_argument("name", metavar="SET")
    field.add_argument("path", type=Path, metavar="FILE_OR_DIR")
    field.add_argument("--limit", type=int, help="only so many questions, drawn by --seed")
    field.add_argument("--seed", type=int, default=0, help="of the drawing")
    field.add_argument("--out", type=Path, required=True, metavar="DIR")
    field.set_defaults(act=actions.field)


def _target(options: argparse.Namespace, stack: ExitStack) -> Target:
    if getattr(options, "url", None):
        server = Http(options.url)
        stack.callback(server.close)
        return server
    if options.index is None:
        raise EvalError("no index: give --index DIR or --url URL")
    target, close = open_index(options.index)
    stack.callback(close)
    return target
