"""Mrkdwn: text of reports and people, made harmless for Slack and cut to its limits.

Stands between an answer and a message. `&`, `<` and `>` steer Slack; a report must not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

from service.console import harmless

MAX_SECTION: Final = 2900
"""Characters of one text object; Slack takes 3,000 and does not say whether of bytes or points."""

_FENCE: Final = "```"
_TOKEN: Final = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ENTITY: Final = re.compile(r"&(?:amp|lt|gt);")
_ENTITY_OF: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_CHARACTER_OF: Final = {entity: ch for ch, entity in _ENTITY_OF.items()}


def escaped(text: str) -> str:
    """`text` as Slack shows it literally: no mention, no link, no control character."""
    return re.sub(r"[&<>]", lambda found: _ENTITY_OF[found[0]], harmless(text))


def link(url: str, label: str) -> str:
    """A live link; only for addresses that we made ourselves."""
    return f"<{quote(url, safe=':/?&=%~.,-_[]')}|{escaped(label).replace('|', '¦')}>"


def plain(text: str) -> str:
    """What a person typed, without Slack's tokens: mentions fall away, links keep their words."""
    words = _TOKEN.sub(_words_of, text)
    # One pass: `&amp;lt;` was typed as `&lt;`.
    return _ENTITY.sub(lambda found: _CHARACTER_OF[found[0]], words).strip()


def text_object(text: str) -> dict[str, Any]:
    """A mrkdwn object; `verbatim` keeps Slack from making links and mentions of bare words."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def pieces(text: str, limit: int = MAX_SECTION) -> list[str]:
    """`text`, escaped, in pieces of at most `limit` characters, cut at lines or sentences."""
    made, rest = [], escaped(text)
    while len(rest) > limit:
        cut = _cut(rest, limit)
        made.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [piece for piece in [*made, rest] if piece.strip()]


def fixed(head: str, rows: Sequence[str], limit: int = MAX_SECTION) -> Iterator[str]:
    """Rows in a fixed-width font, each piece under the head and of at most `limit` characters."""
    room = limit - 2 * len(_FENCE) - 2
    held: list[str] = []
    length = 0
    for row in (escaped(one).replace("`", "'")[:room] for one in rows):
        if held and length + len(row) + 1 > room:
            yield "\n".join([_FENCE, *held, _FENCE])
            held = []
        if not held:
            held = [escaped(head).replace("`", "'")[:room]]
            length = len(held[0])
        held.append(row)
        length += len(row) + 1
    if held:
        yield "\n".join([_FENCE, *held, _FENCE])


def clipped(text: str, limit: int) -> str:
    """One line of at most `limit` characters, escaped."""
    line = " ".join(text.split())
    return escaped(line if len(line) <= limit else line[: limit - 1] + "…")


def _words_of(found: re.Match[str]) -> str:
    kind, target, label = found.groups()
    if label is not None:
        return f"#{label}" if kind == "#" else label
    return target if not kind else " "


def _cut(text: str, limit: int) -> int:
    """Where the first piece ends: after a line, a sentence, a space, else before an entity."""
    for mark in ("\n", "。", "；", " "):
        found = text.rfind(mark, limit // 2, limit)
        if found >= 0:
            return found + 1
    entity = text.rfind("&", limit - 5, limit)  # every & begins an entity of at most 5 characters
    return entity if entity > 0 and text.find(";", entity, entity + 5) >= limit else limit
