"""What a build tells: its steps while it runs, its outcome at the end.

Stands between `build` and the command or service that asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus.sources import Skipped
from indexer.records import QuarantinedFile


@dataclass(frozen=True, slots=True)
class Step:
    """How far a build has come.

    Args:
        done: reports that are parsed, carried over or quarantined.
        known: reports that are known of; a file that was not opened yet counts as one.
        pages: of the reports that were parsed in this build.
        name: of the last one.
    """

    done: int
    known: int
    pages: int
    name: str


Progress = Callable[[Step], None]
"""Called after each report."""


class Steps:
    """Counts the steps of a build and tells of them.

    Attributes:
        unread: how many files were not opened yet.
    """

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self.unread = 0
        self._done = 0
        self._pages = 0

    def tell(self, name: str, met: int, pages: int) -> None:
        """Notes one more report.

        Args:
            met: how many reports were found in the files that were opened.
            pages: of this report.
        """
        self._done += 1
        self._pages += pages
        if self._progress:
            known = max(self._done, met) + self.unread
            self._progress(Step(self._done, known, self._pages, name))


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
