"""One generated part of a Markdown file, between two comment marks.

Beside the picture: the scripts that write tables of README.md and THIRD_PARTY.md share it.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_or_check(file_name: str, mark: str, body: str) -> int:
    """Compares the marked part of a file with `body`; with `--write` puts `body` there.

    Returns:
        0 when the file says `body` (at the end), 1 when it says something else.
    """
    path = ROOT / file_name
    text = path.read_text(encoding="utf-8")
    opening, closing = f"<!-- {mark}: begin -->\n", f"<!-- {mark}: end -->"
    begin = text.index(opening) + len(opening)
    end = text.index(closing)
    if text[begin:end] == body:
        return 0
    if "--write" in sys.argv[1:]:
        path.write_text(text[:begin] + body + text[end:], encoding="utf-8")
        return 0
    print(f"{file_name}: the part `{mark}` is out of date; it should say:\n\n{body}")
    print(f"run: python {sys.argv[0]} --write")
    return 1
