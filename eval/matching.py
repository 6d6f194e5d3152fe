"""How gold words are looked for in an answer, and gold quotes in a report.

Foot of `eval`: golden and scoring stand on it. The rules are the contract's, to the letter.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache

from corpus.report import Span

# `1,280.51` is one number; `0.95,123` is two, for no separator stands behind a decimal point.
_GROUPED = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_TOUCHING = frozenset("0123456789.-")


def squash(text: str) -> str:
    """The text after NFKC, without thousands separators and white space."""
    return "".join(ungrouped(text).split())


def ungrouped(text: str) -> str:
    """The text after NFKC, without thousands separators; white space still parts the figures."""
    wide = unicodedata.normalize("NFKC", text)
    return _GROUPED.sub(lambda found: found.group().replace(",", ""), wide)


def stands_in(alternative: str, answer: str) -> bool:
    """True if `alternative` stands in `answer` with no digit, `.` or `-` touching it.

    Both are raw text; `0.70` stands in `为 0.70 元` and not in `10.70` or `-0.70`.
    """
    return stands_in_squashed(squash(alternative), squash(answer))


def stands_in_squashed(needle: str, hay: str) -> bool:
    """`stands_in` for two texts that went through `squash` already."""
    if not needle:
        return False
    at = hay.find(needle)
    while at >= 0:
        end = at + len(needle)
        before = hay[at - 1] if at else ""
        after = hay[end] if end < len(hay) else ""
        if before not in _TOUCHING and after not in _TOUCHING:
            return True
        at = hay.find(needle, at + 1)
    return False


@lru_cache(maxsize=20_000)
def _fold_character(ch: str) -> str:
    return "".join(unicodedata.normalize("NFKC", ch).split())


def fold(text: str) -> str:
    """NFKC, character by character, without white space: the form in which quotes are sought."""
    return "".join(map(_fold_character, text))


class FoldedText:
    """A report's text in which quotes are found after NFKC and removal of white space.

    Every place that it gives is a `Span` of the original text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = [_fold_character(ch) for ch in text]
        self._folded = "".join(parts)
        self._ends: list[int] = []  # folded length after original character i
        length = 0
        for part in parts:
            length += len(part)
            self._ends.append(length)

    def places(self, quote: str) -> tuple[Span, ...]:
        """Every place where the quote stands, first to last; empty for an empty quote."""
        needle = fold(quote)
        found: list[Span] = []
        at = self._folded.find(needle) if needle else -1
        while at >= 0:
            found.append(Span(self._origin(at), self._origin(at + len(needle) - 1) + 1))
            at = self._folded.find(needle, at + 1)
        return tuple(found)

    def _origin(self, folded: int) -> int:
        return bisect_left(self._ends, folded + 1)
