"""The work of jobs, in a process of its own: files become reports, reports are removed.

`python -m service.job_work` reads one task as JSON from standard input and writes a line of JSON
for each step and one for the outcome; the server starts it, so that its threads stay free.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from corpus.errors import UnknownReport, YanbaoError
from corpus.sources import TYPES

if TYPE_CHECKING:
    from indexer.embedding import Embedder
    from indexer.vocabulary import Vocabulary


class Task(msgspec.Struct, frozen=True):
    """What is to be done.

    Args:
        folder: where uploads are kept; it is one folder without subfolders.
        take: names of the files there that are new or changed.
        remove: reports that are to go.
    """

    index: str
    folder: str
    embedder: str | None = None
    vocabulary: str | None = None
    take: list[str] = []
    remove: list[str] = []


class Found(msgspec.Struct, frozen=True):
    """What became of one file: its reports, and what of it was refused.

    Args:
        refused: name, report id and reason of each part.
        no_source: why the file is no source at all; it is not kept.
    """

    report_ids: list[str] = []
    refused: list[tuple[str, str, str]] = []
    no_source: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What became of a task: files by name, and the reports that were not there to be removed."""

    files: dict[str, Found] = {}
    unknown: list[str] = []


class Fault(msgspec.Struct, frozen=True):
    """Why a task was not done; `kind` is the class of the error."""

    kind: str
    message: str


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the process: a report that is met, or how it ended."""

    met: str | None = None
    outcome: Outcome | None = None
    fault: Fault | None = None


def main() -> None:
    """Does the task on standard input."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    try:
        outcome = Outcome(_take(task) if task.take else {}, _remove(task) if task.remove else [])
        _say(Line(outcome=outcome))
    except (YanbaoError, OSError) as error:
        _say(Line(fault=Fault(type(error).__name__, str(error))))


def _take(task: Task) -> dict[str, Found]:
    """Indexes the files; all others in the folder are left as they are."""
    from indexer.build import build

    embedder, vocabulary = _tools(task)
    names = set(task.take)
    # In a folder only names that look like reports count; what was sent is tried whatever its name.
    odd = [name for name in task.take if os.path.splitext(name)[1].lower() not in TYPES]
    others = [entry.path for entry in os.scandir(task.folder) if entry.name not in names]
    outcome = build(
        [*(os.path.join(task.folder, name) for name in odd), task.folder],
        Path(task.index),
        progress=lambda step: _say(Line(met=step.name)),
        embedder=embedder,
        vocabulary=vocabulary,
        leave=others,
    )
    skipped = {os.path.basename(item.path): item.reason for item in outcome.skipped}
    return _found(outcome.folder, Path(task.folder).absolute(), task.take, skipped)


def _found(
    snapshot: Path, folder: Path, names: Iterable[str], skipped: dict[str, str]
) -> dict[str, Found]:
    from indexer.shelf import read_sources

    sources = read_sources(snapshot)
    ids: dict[str, list[str]] = {}
    for report_id, origin in sources.reports.items():
        ids.setdefault(origin.path, []).append(report_id)
    found = {}
    for name in names:
        path = str(folder / name)
        refused = [
            (file.name, file.report_id, file.reason) for file in sources.quarantined.get(path, [])
        ]
        known = path in ids or path in sources.quarantined
        no_source = None if known else skipped.get(name)
        found[name] = Found(sorted(ids.get(path, [])), refused, no_source)
    return found


def _remove(task: Task) -> list[str]:
    """Removes reports, and uploaded files from which no report is left; returns unknown ids."""
    from service.uploads import remove_uploaded

    index_dir, folder = Path(task.index), Path(task.folder)
    tools = _tools(task)
    unknown = []
    for report_id in task.remove:
        try:
            remove_uploaded(index_dir, folder, report_id, *tools)
        except UnknownReport:
            unknown.append(report_id)
    return unknown


def _tools(task: Task) -> tuple[Embedder | None, Vocabulary]:
    """The configured model and vocabulary, without the weight of all that answers."""
    from indexer.embedding import SentenceTransformerEmbedder
    from indexer.vocabulary import load_vocabulary

    embedder = SentenceTransformerEmbedder(Path(task.embedder)) if task.embedder else None
    return embedder, load_vocabulary(Path(task.vocabulary) if task.vocabulary else None)


def _say(line: Line) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
