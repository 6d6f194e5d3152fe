"""`yanbao feedback`: golden candidates out of what people said of answers, and counts of it.

Stands behind the command; data goes to stdout, remarks to stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from eval.candidates import candidates
from eval.golden import write_golden
from service.console import grid, harmless
from service.feedback import Given, given_feedback
from service.settings import Settings
from service.store import Store

MOST_DISLIKED: Final = 10


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Runs one of its words; returns 0.

    Raises:
        StoreError: the store cannot be read. OSError: the file cannot be written.
    """
    args = _parser().parse_args(list(arguments))
    store = Store(settings.store)
    try:
        given = given_feedback(store)
    finally:
        store.close()
    code: int = args.run(given, args)
    return code


def _export(given: list[Given], args: argparse.Namespace) -> int:
    wanted = [one for one in given if args.vote in (one.vote, "all")]
    made = candidates(wanted)
    if args.out is None:
        sys.stdout.writelines(item.to_json() + "\n" for item in made.items)
    else:
        write_golden(made.items, args.out)
    for question, reason in made.skipped:
        print(f"yanbao: skipped {harmless(question)!r}: {reason}", file=sys.stderr)
    print(
        f"yanbao: {len(made.items)} candidates of {len(wanted)} votes; read each before it becomes "
        "golden (`yanbao eval lint` checks the form)",
        file=sys.stderr,
    )
    return 0


def _stats(given: list[Given], args: argparse.Namespace) -> int:
    counts = stats(given)
    if args.json:
        print(json.dumps(counts, ensure_ascii=False, indent=2))
        return 0
    rows = [["票", "赞", "踩", "有说明", "用户", "回答"]]
    names = ("votes", "up", "down", "comments", "users", "answers")
    rows.append([str(counts[name]) for name in names])
    print(grid(rows))
    for title, name in (("类型", "by_kind"), ("拒答原因", "by_reason"), ("月份", "by_month")):
        if counts[name]:
            table = [[title, "赞", "踩"]]
            table += [[key, str(v["up"]), str(v["down"])] for key, v in counts[name].items()]
            print("\n" + harmless(grid(table)))
    if counts["most_disliked"]:
        table = [["踩", "问题", "说明"]]
        table += [
            [str(one["down"]), one["question"], " / ".join(one["comments"]) or "-"]
            for one in counts["most_disliked"]
        ]
        print("\n" + harmless(grid(table)))
    return 0


def stats(given: Sequence[Given]) -> dict[str, Any]:
    """Votes in numbers: all, by kind of answer, by reason of refusal, by month; what is disliked
    most."""
    disliked = Counter(one.response.standalone_question for one in given if one.vote == "down")
    return {
        "votes": len(given),
        "up": sum(one.vote == "up" for one in given),
        "down": sum(one.vote == "down" for one in given),
        "comments": sum(bool(one.comment.strip()) for one in given),
        "users": len({one.user for one in given if one.user}),
        "answers": len({one.response.id for one in given}),
        "snapshots": len({one.response.snapshot.id for one in given}),
        "by_kind": _split((one.response.kind, one.vote) for one in given),
        "by_reason": _split((r, one.vote) for one in given if (r := one.response.reason)),
        "by_month": _split((_month(one.given_at), one.vote) for one in given),
        "most_disliked": [
            {
                "question": question,
                "down": count,
                "comments": [
                    one.comment
                    for one in given
                    if one.response.standalone_question == question and one.comment.strip()
                ],
            }
            for question, count in disliked.most_common(MOST_DISLIKED)
        ],
    }


def _split(pairs: Any) -> dict[str, dict[str, int]]:
    counted = Counter(pairs)
    names = sorted({name for name, _ in counted})
    return {n: {"up": counted[n, "up"], "down": counted[n, "down"]} for n in names}


def _month(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yanbao feedback", description="What people said of answers."
    )
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    one = words.add_parser("export", help="golden candidates, one JSON object a line")
    one.add_argument("--out", type=Path, metavar="FILE", help="write them there")
    one.add_argument("--vote", choices=["up", "down", "all"], default="all")
    one.set_defaults(run=_export)
    one = words.add_parser("stats", help="votes in numbers")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=_stats)
    return parser
