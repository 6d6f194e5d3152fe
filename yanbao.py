"""The command `yanbao`: one function for each word that it understands.

Stands above the four packages and imports them only when a word needs them, because a cold
`yanbao ask` has 0.8 seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from corpus.errors import GoldenError, NotServed, SettingsError, YanbaoError

if TYPE_CHECKING:
    from indexer.snapshot import Snapshot
    from service.schemas import FilterRequest
    from service.settings import Settings

Run = Callable[[argparse.Namespace], int]

DONE: Final = 0
FAILED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells count


class UsageError(YanbaoError):
    """The command line asks for something that cannot be."""


def command() -> NoReturn:
    """What the installed `yanbao` runs: `main`, then the end of the process at once.

    Python would first take 30 MB of dictionary and modules apart piece by piece, which cost a
    cold `yanbao ask` 0.08 of its 0.75 seconds; the kernel takes them back whole.
    """
    # Looking for plug-ins of pydantic opens every installed package; there are none of ours.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = main()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # Imports and the snapshot make objects that live to the end; looking through them again and
    # again for garbage was a tenth of a cold start.
    gc.set_threshold(100_000, 20, 100)
    args = parse(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE  # `yanbao … | head` has read all that it wanted
    except (SettingsError, GoldenError, UsageError) as error:
        return _say(error, WRONG_USAGE)
    except (YanbaoError, OSError) as error:
        return _say(error, FAILED)
    except Exception as error:
        if logging.getLogger().isEnabledFor(logging.DEBUG):
            raise
        kind = type(error).__name__
        return _say(f"internal error, {kind}: {error} (YANBAO_LOG_LEVEL=debug tells more)", FAILED)


def _say(what: object, code: int) -> int:
    """Prints one line to stderr."""
    print("yanbao:", " ".join(str(what).split()), file=sys.stderr)
    return code


# --- the words ---------------------------------------------------------------------------------


def run_index(args: argparse.Namespace) -> int:
    """Adds and updates reports."""
    from service.indexing import index_reports, watch_reports

    if args.watch:
        return watch_reports(args.paths, _settings(args), prune=args.prune)
    return index_reports(args.paths, _settings(args), prune=args.prune, as_json=args.json)


def run_ask(args: argparse.Namespace) -> int:
    """Answers a question; a refusal is an answer."""
    from pydantic import ValidationError

    from service.answering import Answerer
    from service.schemas import AskRequest

    settings = _settings(args)
    try:
        asked = AskRequest(
            question=args.question,
            filters=_filters(args),
            reader=args.reader,
            top_k=args.top_k,
        )
    except ValidationError as error:
        raise UsageError(_faults(error)) from None
    answerer = Answerer(_open(settings), public_url=settings.base_url)
    if "llm" in (asked.reader, settings.reader):
        from service.asking import ask_once

        response = ask_once(settings, answerer, asked)
    else:
        response = answerer.ask(asked)
    if args.json:
        print(response.model_dump_json(indent=2))
    else:
        from service.console import answer_text, harmless

        print(harmless(answer_text(response)))
    return DONE


def run_search(args: argparse.Namespace) -> int:
    """Finds passages."""
    from service.answering import Answerer

    if not 1 <= len(args.query) <= 2000:
        raise UsageError("QUERY has 1 to 2,000 characters")
    settings = _settings(args)
    filters = _filters(args).to_filters()
    answerer = Answerer(_open(settings), public_url=settings.base_url)
    response = answerer.search(args.query, args.k, filters)
    if args.json:
        print(response.model_dump_json(indent=2))
    else:
        from service.console import harmless, passages_text

        print(harmless(passages_text(response.hits)))
    return DONE


def run_serve(args: argparse.Namespace) -> int:
    """Serves HTTP until it is told to stop."""
    settings = _settings(args, host=args.host, port=args.port)
    from service.opening import live_index
    from service.server import listen, serve

    with listen(settings.host, settings.port) as listener:
        # With port 0 the system chooses, and citations must name its choice.
        settings = _settings(args, host=args.host, port=listener.getsockname()[1])
        live = live_index(settings)
        live.open()
        gc.freeze()
        print(f"yanbao: {settings.local_url}  (Ctrl-C ends)", file=sys.stderr, flush=True)
        serve(settings, live, listener)
    return DONE


def run_reports(args: argparse.Namespace) -> int:
    """Lists the reports."""
    from service.catalog import Catalog
    from service.console import harmless, reports_text

    page = Catalog(_open(_settings(args))).page(sys.maxsize, None, args.status)
    print(page.model_dump_json(indent=2) if args.json else harmless(reports_text(page.reports)))
    return DONE


def run_show(args: argparse.Namespace) -> int:
    """Shows one report."""
    from service.catalog import Catalog
    from service.console import harmless, report_text

    snapshot = _open(_settings(args))
    report = Catalog(snapshot).get(args.report_id)
    if args.text and report.status == "indexed":
        sys.stdout.write(snapshot.text(args.report_id))
    else:
        print(report.model_dump_json(indent=2) if args.json else harmless(report_text(report)))
    return DONE


def run_remove(args: argparse.Namespace) -> int:
    """Removes reports from the index."""
    from service.indexing import remove_reports

    return remove_reports(args.report_ids, _settings(args))


def run_facts(args: argparse.Namespace) -> int:
    """Lists figures."""
    from pydantic import ValidationError

    from service.words.facts import query_of, show

    if (args.out is not None) != (args.format == "parquet") and args.format != "csv":
        raise UsageError("--format parquet needs --out FILE; --out takes csv or parquet")
    try:
        query = query_of(args)
    except ValidationError as error:
        raise UsageError(_faults(error)) from None
    settings = _settings(args)
    show(args, query, _open(settings), settings.base_url)
    return DONE


def run_inspect(args: argparse.Namespace) -> int:
    """Shows the structure that is found in a file."""
    from service.indexing import inspect_files

    return inspect_files([args.file], as_text=args.text, html=args.html)


def run_doctor(args: argparse.Namespace) -> int:
    """Checks settings and index."""
    from service.doctor import examine

    return examine(_settings(args))


def run_eval(args: argparse.Namespace) -> int:
    """Measures answers against golden questions."""
    from eval.command import main as evaluate

    code: int = evaluate(args.rest, _settings(args).index)
    return code


def run_elsewhere(args: argparse.Namespace) -> int:
    """Runs a word that has words of its own: `main(arguments, settings)` of its module."""
    from importlib import import_module

    place = WORDS_ELSEWHERE[args.word][0]
    if place is None:
        raise NotServed(f"{args.word}: this version does not serve it yet")
    code: int = import_module(place).main(args.rest, _settings(args))
    return code


# Word → the module with its `main(arguments, settings) -> exit code` (None: not served yet), help.
# A module of `service/words/` has an argparse parser of its own and imports lazily.
WORDS_ELSEWHERE: Final[dict[str, tuple[str | None, str]]] = {
    "feedback": ("eval.feedback", "golden candidates and counts of what people said"),
    "saved": ("service.words.saved", "questions that are asked again on new reports"),
    "slack": ("service.words.slack", "answer in Slack (Socket Mode)"),
    "models": ("service.words.models", "which models answer, read and embed"),
    "mcp": ("service.words.mcp", "tools for assistants: ask, search, facts, open_report"),
    "keys": ("service.words.keys", "make, list and revoke keys of the HTTP service"),
}
_WITH_WORDS: Final = (run_eval, run_elsewhere)


# --- the grammar -------------------------------------------------------------------------------


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, understood; wrong usage exits with 2."""
    parser = _parser()
    args, rest = parser.parse_known_args(argv)
    if args.run in _WITH_WORDS:
        args.rest = _after_word(sys.argv[1:] if argv is None else argv)
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return args


def _after_word(argv: Sequence[str]) -> list[str]:
    """What stands after the word, in its order (argparse moves options behind), but for --index."""
    kept, words = [], iter(argv)
    for word in words:
        if word == "--index":
            next(words, None)
        elif not word.startswith("--index="):
            kept.append(word)
    return kept[1:]


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--index", metavar="DIR", type=Path, help="folder of the index")
    parser = argparse.ArgumentParser(
        prog="yanbao",
        description="研报问答：cited answers from Chinese research reports",
        parents=[common],
        allow_abbrev=False,
    )
    words = parser.add_subparsers(dest="word", metavar="COMMAND", required=True)

    def word(name: str, run: Run, help_text: str) -> argparse.ArgumentParser:
        made = words.add_parser(
            name,
            parents=[common],
            help=help_text,
            allow_abbrev=False,
            add_help=run not in _WITH_WORDS,  # they have a help of their own
        )
        made.set_defaults(run=run)
        return made

    _add_index_words(word)
    _add_question_words(word)
    _add_other_words(word)
    return parser


def _add_index_words(word: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    one = word("index", run_index, "add and update reports")
    one.add_argument("paths", metavar="PATH", nargs="+", type=Path)
    one.add_argument("--prune", action="store_true", help="remove reports whose files vanished")
    one.add_argument("--watch", action="store_true", help="go on whenever a file is complete")
    one.add_argument("--json", action="store_true")
    one = word("reports", run_reports, "list the reports")
    one.add_argument("--status", choices=["indexed", "quarantined"])
    one.add_argument("--json", action="store_true")
    one = word("show", run_show, "show one report")
    one.add_argument("report_id", metavar="ID")
    one.add_argument("--text", action="store_true", help="its canonical text")
    one.add_argument("--json", action="store_true")
    one = word("remove", run_remove, "remove reports from the index")
    one.add_argument("report_ids", metavar="ID", nargs="+")
    one = word("inspect", run_inspect, "show the structure found in a file")
    one.add_argument("file", metavar="FILE", type=Path)
    one.add_argument("--text", action="store_true", help="the canonical text instead")
    one.add_argument("--html", metavar="OUT", type=Path, help="write it there, with its pages")


def _add_question_words(word: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    one = word("ask", run_ask, "answer a question, with citations")
    one.add_argument("question", metavar="QUESTION")
    one.add_argument("--reader", choices=["auto", "extractive", "llm"], default="auto")
    one.add_argument("--top-k", type=int, default=8, metavar="N", help="passages, 1 to 50")
    _add_filters(one)
    one = word("search", run_search, "find passages")
    one.add_argument("query", metavar="QUERY")
    one.add_argument("-k", type=_count, default=10, help="passages, 1 to 100")
    _add_filters(one)
    one = word("facts", run_facts, "list figures")
    for name in ("company", "metric", "period", "broker"):
        one.add_argument(f"--{name}")
    one.add_argument("--report", metavar="ID", help="of one report only")
    one.add_argument("--source", choices=["all", "table", "sentence"], default="all")
    one.add_argument("--limit", type=int, default=100, metavar="N", help="figures, 1 to 1000")
    one.add_argument("--cursor", help="where the next page begins")
    one.add_argument("--format", choices=["table", "json", "csv", "parquet"], default="table")
    one.add_argument("--out", type=Path, metavar="FILE", help="all figures as CSV or Parquet")
    one.add_argument("--json", action="store_true")


def _add_other_words(word: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    one = word("serve", run_serve, "serve HTTP and the page")
    one.add_argument("--host")
    one.add_argument("--port", type=int)
    word("doctor", run_doctor, "check settings and index")
    one = word("eval", run_eval, "measure answers against golden questions")
    one.add_argument("rest", nargs="*", metavar="…")
    for name, (_, help_text) in WORDS_ELSEWHERE.items():
        one = word(name, run_elsewhere, help_text)
        one.add_argument("rest", nargs="*", metavar="…")


def _add_filters(one: argparse.ArgumentParser) -> None:
    one.add_argument("--report", action="append", default=[], metavar="ID")
    one.add_argument("--broker", action="append", default=[], metavar="NAME")
    one.add_argument("--code", action="append", default=[], metavar="CODE")
    one.add_argument("--from", dest="published_from", metavar="YYYY-MM-DD")
    one.add_argument("--to", dest="published_to", metavar="YYYY-MM-DD")
    one.add_argument("--json", action="store_true")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError("a number from 1 to 100")
    return int(text)


# --- what the words share ----------------------------------------------------------------------


def _settings(args: argparse.Namespace, **given: object) -> Settings:
    """The settings, with what the command line gives; logging follows them."""
    from service.settings import load_settings

    settings = load_settings(index=getattr(args, "index", None), **given)
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s"
    )
    return settings


def _open(settings: Settings) -> Snapshot:
    from service.opening import Opener

    return Opener(settings).snapshot()


def _filters(args: argparse.Namespace) -> FilterRequest:
    from pydantic import ValidationError

    from service.schemas import FilterRequest

    try:
        return FilterRequest(
            report_ids=args.report,
            brokers=args.broker,
            stock_codes=args.code,
            published_from=args.published_from,
            published_to=args.published_to,
        )
    except ValidationError as error:
        raise UsageError(_faults(error)) from None


def _faults(error: object) -> str:
    """The faults of a request in one line."""
    found = error.errors(include_url=False, include_input=False)  # type: ignore[attr-defined]
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)


if __name__ == "__main__":
    command()
