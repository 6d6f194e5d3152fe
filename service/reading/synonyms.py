"""Words that askers and reports use for one another, from a file that may be extended.

Used when a question's words are weighed against a sentence.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_NONE: frozenset[str] = frozenset()


def synonyms_of(word: str) -> frozenset[str]:
    """Words that may stand in a report for `word` (folded), the word itself left out."""
    return _groups().get(word, _NONE)


@cache
def _groups() -> dict[str, frozenset[str]]:
    text = files("service").joinpath("data", "synonyms.txt").read_text(encoding="utf-8")
    groups: dict[str, set[str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            words = line.split()
            for word in words:
                groups.setdefault(word, set()).update(words)
    return {word: frozenset(group - {word}) for word, group in groups.items()}
