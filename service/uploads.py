"""Uploads: the files that came over HTTP, kept so that the index can be made again from them.

Stands beside the index. A new file waits under its job until the job is taken up, then it takes the
place of an older one of the same name; `restore` undoes that.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Final

from corpus.errors import UnknownReport

if TYPE_CHECKING:
    from indexer.embedding import Embedder
    from indexer.outcome import BuildOutcome
    from indexer.records import QuarantinedFile
    from indexer.vocabulary import Vocabulary

WAITING: Final = ".jobs"
"""Folder of files that wait; hidden, so that no build takes them for reports."""

_ORPHANED_S: Final = 3600.0  # a form may still be arriving; receiving takes no longer than that
_BEFORE: Final = ".before"


class Uploads:
    """The folder of uploaded files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def waiting(self, job_id: str) -> Path:
        """Where the files of a job wait, each under its number."""
        return self.folder / WAITING / job_id

    def put(self, job_id: str, place: int, name: str) -> bool:
        """Puts a waiting file in its place; may be done again after a crash. False: it is lost."""
        waiting, target = self.waiting(job_id) / str(place), self.folder / name
        if waiting.exists():
            if target.exists():
                os.replace(target, waiting.with_name(f"{place}{_BEFORE}"))
            os.replace(waiting, target)
        return target.exists()

    def restore(self, job_id: str, place: int, name: str) -> None:
        """Takes a file out that is no source, and puts the one before it back."""
        before = self.waiting(job_id) / f"{place}{_BEFORE}"
        (self.folder / name).unlink(missing_ok=True)
        if before.exists():
            os.replace(before, self.folder / name)

    def forget(self, job_id: str) -> None:
        """Removes what is left of a job that has ended."""
        shutil.rmtree(self.waiting(job_id), ignore_errors=True)

    def sweep(self, job_ids: Collection[str]) -> None:
        """Removes what forms left that were never answered; `job_ids` are kept."""
        for path in (self.folder / WAITING).glob("*"):
            if path.name not in job_ids and time.time() - path.stat().st_mtime > _ORPHANED_S:
                shutil.rmtree(path, ignore_errors=True)


def remove_uploaded(
    index_dir: Path,
    folder: Path,
    report_id: str,
    embedder: Embedder | None,
    vocabulary: Vocabulary,
) -> BuildOutcome:
    """Removes a report from the index, and its uploaded file once no report of it is left; a file
    that lies elsewhere is not touched.

    Raises:
        UnknownReport: there is no such report.
    """
    # The server starts without what builds; only the process that removes needs it.
    from indexer.build import remove
    from indexer.manifest import current_folder
    from indexer.shelf import read_sources

    sources = read_sources(current_folder(index_dir))
    came = [path for path, files in sources.quarantined.items() if _names(files, report_id)]
    if report_id in sources.reports:
        came.append(sources.reports[report_id].path)
    try:
        outcome = remove(index_dir, report_id, embedder=embedder, vocabulary=vocabulary)
    except KeyError:
        raise UnknownReport(f"{report_id}: no such report; `yanbao reports` lists them") from None
    left = read_sources(outcome.folder)
    needed = {origin.path for origin in left.reports.values()} | left.quarantined.keys()
    for path in came:
        if path not in needed and Path(path).parent == folder.absolute():
            Path(path).unlink(missing_ok=True)
    return outcome


def _names(files: Collection[QuarantinedFile], report_id: str) -> bool:
    return any(file.report_id == report_id for file in files)
