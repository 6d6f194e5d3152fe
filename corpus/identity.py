"""Report ids: one stable name for each source, independent of its content.

First step of the picture, beside `corpus.sources`; the rule stands in the contract.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

# Letters, digits, Han and `-_.` stay. Of `\w` only letters and decimal digits count as such.
_KEPT_PUNCTUATION = frozenset("-_.")
_OUTSIDE_ASCII = re.compile(r"[^0-9A-Za-z._\-]")


def report_id_for(name: str) -> str:
    """The id of a file: its name without the last extension, NFC, other characters as `-`.

    >>> report_id_for("东吴 AGI（深度）.v2.txt")
    '东吴-AGI-深度-.v2'
    """
    stem, dot, _ = name.rpartition(".")
    base = stem if dot and stem else name
    plain = unicodedata.normalize("NFC", base)
    kept = _OUTSIDE_ASCII.sub(lambda found: _kept(found.group()), plain)
    return kept or "-"


def _kept(character: str) -> str:
    """The character if it is a letter or a digit of any script (Han are letters), else `-`."""
    if character in _KEPT_PUNCTUATION:
        return character
    category = unicodedata.category(character)
    return character if category[0] == "L" or category == "Nd" else "-"


def unique_ids(names: Iterable[tuple[str, str]]) -> list[str]:
    """One id for each `(file name, relative path)`, in the order given (sorted by path).

    The first path of a name keeps the plain id; a later one gets `~` and the first 8 hex digits
    of the SHA-256 of its relative path, and a number if even that is taken.
    """
    taken: set[str] = set()
    ids = []
    for name, relative in names:
        report_id = plain = report_id_for(name)
        if plain in taken:
            report_id = f"{plain}~{hashlib.sha256(relative.encode()).hexdigest()[:8]}"
        again = 2
        while report_id in taken:
            report_id = f"{plain}~{hashlib.sha256(relative.encode()).hexdigest()[:8]}-{again}"
            again += 1
        taken.add(report_id)
        ids.append(report_id)
    return ids
