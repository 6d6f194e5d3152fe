"""`yanbao keys`: makes, lists and revokes the keys of the HTTP service.

Stands between the command and `service.keys`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from service.keys import Key, Keys, Scope
from service.settings import Settings
from service.store import Store


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Runs one of its words; returns the exit code."""
    args = _parser().parse_args(arguments)
    store = Store(settings.store)
    try:
        code: int = args.run(Keys(store), args)
        return code
    finally:
        store.close()


def _create(keys: Keys, args: argparse.Namespace) -> int:
    scope: Scope = "read" if args.read else "write"
    if args.file is not None:
        return _create_file(keys, args.file, scope)
    key, secret = keys.create(args.label, scope)
    print(f"yanbao: key {key.key_id} ({scope}); it is not shown again", file=sys.stderr)
    print(secret)
    return 0


def _create_file(keys: Keys, path: Path, scope: Scope) -> int:
    """A key that lies in a file which only its owner can read; one that is valid stays."""
    if path.exists() and keys.scope_of(path.read_text("utf-8").strip()) == scope:
        print(f"yanbao: the key for writing lies in {path}", file=sys.stderr)
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    _, secret = keys.create(str(path.name), scope)
    staged = path.with_name(f"{path.name}.new")
    staged.unlink(missing_ok=True)
    # Made with its mode: between a plain open and a chmod others could read it.
    with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    os.replace(staged, path)
    print(f"yanbao: made a key for writing, kept in {path}:\n{secret}", file=sys.stderr)
    return 0


def _list(keys: Keys, args: argparse.Namespace) -> int:
    for key in keys.listed():
        print(_line(key))
    return 0


def _line(key: Key) -> str:
    state = f"revoked {_day(key.revoked)}" if key.revoked is not None else "valid"
    return f"{key.key_id}  {key.scope:5}  {_day(key.created)}  {state}  {key.label}".rstrip()


def _revoke(keys: Keys, args: argparse.Namespace) -> int:
    if keys.revoke(args.key_id):
        print(f"revoked {args.key_id}")
        return 0
    print("yanbao: no valid key has this id; `yanbao keys list` shows them", file=sys.stderr)
    return 1


def _day(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


def _label(text: str) -> str:
    if len(text) > 100 or not text.isprintable():
        raise argparse.ArgumentTypeError("at most 100 printable characters")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yanbao keys", allow_abbrev=False)
    words = parser.add_subparsers(metavar="WORD", required=True)
    one = words.add_parser("create", help="make a key; it is shown once", allow_abbrev=False)
    one.add_argument("--label", type=_label, default="", help="whose it is")
    one.add_argument("--read", action="store_true", help="may read only")
    one.add_argument("--file", type=Path, help="keep it there, mode 0600, if no valid one is there")
    one.set_defaults(run=_create)
    one = words.add_parser("list", help="list keys, without their words", allow_abbrev=False)
    one.set_defaults(run=_list)
    one = words.add_parser("revoke", help="make a key worthless", allow_abbrev=False)
    one.add_argument("key_id", metavar="ID")
    one.set_defaults(run=_revoke)
    return parser
