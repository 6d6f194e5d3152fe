"""`yanbao saved`: questions that are asked again on every new snapshot.

Stands behind the command; a running server asks them by itself, `yanbao saved check` without one.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from service.console import grid, harmless
from service.saved import SavedQuestions, SavedRequest
from service.settings import Settings
from service.store import Store


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Runs one of its words; returns 0.

    Raises:
        ServiceError: the store cannot be used, or holds no such question.
        IndexerError: `check` has no index to ask.
    """
    args = _parser().parse_args(list(arguments))
    store = Store(settings.store)
    try:
        code: int = args.run(SavedQuestions(store), args, settings)
        return code
    finally:
        store.close()


def _add(saved: SavedQuestions, args: argparse.Namespace, _: Settings) -> int:
    print(saved.add(SavedRequest(question=args.question)).saved_id)
    return 0


def _list(saved: SavedQuestions, args: argparse.Namespace, _: Settings) -> int:
    for one in saved.listed():
        if args.json:
            print(one.model_dump_json())
        else:
            print(harmless(f"{one.saved_id}  {one.question}\n    {one.answer or '（还没有问过）'}"))
    return 0


def _remove(saved: SavedQuestions, args: argparse.Namespace, _: Settings) -> int:
    for saved_id in args.saved_ids:
        saved.remove(saved_id)
    return 0


def _check(saved: SavedQuestions, args: argparse.Namespace, settings: Settings) -> int:
    from service.opening import Opener

    served = Opener(settings).served()
    number = saved.ask_again(served.snapshot.id, served.answerer.ask)
    for change in reversed(saved.changes(limit=number).changes if number else []):
        if args.json:
            print(change.model_dump_json())
        else:
            rows = [
                ["问题", change.question],
                ["之前", change.before],
                ["现在", change.answer.answer],
            ]
            print(harmless(grid(rows)), end="\n\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yanbao saved", description="Questions that are asked again on every new snapshot."
    )
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    one = words.add_parser("add", help="save a question; prints its id")
    one.add_argument("question", metavar="QUESTION")
    one.set_defaults(run=_add)
    one = words.add_parser("list", help="the saved questions with their last answers")
    one.add_argument("--json", action="store_true", help="one JSON object a line")
    one.set_defaults(run=_list)
    one = words.add_parser("remove", help="forget saved questions")
    one.add_argument("saved_ids", metavar="ID", nargs="+")
    one.set_defaults(run=_remove)
    one = words.add_parser("check", help="ask them now and print what changed")
    one.add_argument("--json", action="store_true", help="one JSON object a line")
    one.set_defaults(run=_check)
    return parser
