"""Ids in an index: a file keeps the id that it has, and no other file gets it.

Stands under `build`, after `corpus.sources` has named the files of one call among themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from corpus.identity import unique_ids
from corpus.sources import Source
from indexer.shelf import Origin


class OwnIds:
    """Names sources beside the reports that an index holds already.

    Args:
        kept: these reports, by id.
    """

    def __init__(self, kept: Mapping[str, Origin]) -> None:
        self._kept = kept
        self._packed = _archives(kept)  # by what the ids of an archive's members begin with

    def named(self, source: Source) -> Source:
        """The source under an id that no other existing file has in this index."""
        kept = self._packed if is_packed(source) else self._kept
        path = str(Path(source.path).absolute())
        known = kept.get(source.report_id or "")
        if source.report_id is None or known is None or known.path == path:
            return source
        if not Path(known.path).is_file():
            return source  # the file has moved
        both = [(source.name, "\0"), (source.name, source.relative)]
        return replace(source, report_id=unique_ids(both)[1])


def is_packed(source: Source) -> bool:
    """True for an archive: its members are the reports."""
    return source.type == "zip"


def _archives(kept: Mapping[str, Origin]) -> dict[str, Origin]:
    """Where the members of archives came from, by everything that may be their archive's id."""
    found: dict[str, Origin] = {}
    for report_id, origin in kept.items():
        parts = report_id.split("--")
        for count in range(1, len(parts)):
            found.setdefault("--".join(parts[:count]), origin)
    return found
