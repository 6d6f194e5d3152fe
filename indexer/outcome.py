"""What a build tells: its steps while it runs, its outcome at the end.

Stands between `build` and the command or service that asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus.sources import Skipped
from indexer.records import QuarantinedFile

Progress = Callable[[int, int, str], None]
"""Called with reports done, reports known so far, and the name of the last one."""


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What a build did.

    Args:
        published: False when nothing had changed: the old snapshot stays.
        reports, chunks: how many the snapshot holds.
        added, updated, removed: report ids.
        unchanged: how many reports of the given paths were carried over.
        quarantined: files of the given paths that cannot be read, or lines of them.
        skipped: what was met and is no source.
        warnings: what else the user should know.
    """

    snapshot_id: str
    folder: Path
    published: bool
    reports: int
    chunks: int
    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    quarantined: tuple[QuarantinedFile, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]
    seconds: float
