"""Indexing: the words `index`, `remove` and `inspect` of the command.

Stands between the command and `indexer.build`: shows progress, sums up, counts what went wrong.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from corpus.errors import UnknownReport
from corpus.raw import Quarantine
from corpus.reading import read_source
from corpus.sources import discover
from indexer.build import BuildOutcome, Progress, build, remove
from service.anatomy import anatomy_text
from service.console import harmless
from service.opening import Opener
from service.settings import Settings

PLAIN_EVERY_S: Final = 5.0
"""Seconds between progress lines where no one watches: a log should tell, not scroll."""


def index_reports(
    paths: Sequence[Path], settings: Settings, *, prune: bool = False, as_json: bool = False
) -> int:
    """Adds and updates the reports under `paths`; 1 if a file was quarantined, else 0.

    Raises:
        SourceError: a path does not exist, holds no report, or an id is repeated.
        IndexerError: the index cannot be written.
    """
    if not prune:
        discover(paths)  # an empty folder is a slip of the pen, unless vanished reports shall go
    outcome = _index(paths, settings, prune)
    print(_as_json(outcome) if as_json else _summary(outcome))
    return 1 if outcome.quarantined else 0


def watch_reports(paths: Sequence[Path], settings: Settings, *, prune: bool = False) -> int:
    """Indexes what becomes complete under `paths` until it is asked to end; errors are told."""
    from service.watching import watch

    def again(left: Collection[str]) -> None:
        print(_summary(_index(paths, settings, prune, left)), flush=True)

    return watch(paths, again)


def _index(
    paths: Sequence[Path], settings: Settings, prune: bool, left: Collection[str] = ()
) -> BuildOutcome:
    """Builds, with progress and remarks on standard error."""
    opener = Opener(settings)
    with _shown_progress() as progress:
        outcome = build(
            paths,
            settings.index,
            prune=prune,
            progress=progress,
            embedder=opener.embedder,
            vocabulary=opener.vocabulary,
            leave=left,
        )
    for line in _remarks(outcome):
        print(f"yanbao: {harmless(line)}", file=sys.stderr)
    return outcome


def remove_reports(report_ids: Sequence[str], settings: Settings) -> int:
    """Removes reports from the index.

    Raises:
        UnknownReport: the index holds no such report; those named before it are gone.
    """
    opener = Opener(settings)
    for report_id in report_ids:
        try:
            outcome = remove(
                settings.index,
                report_id,
                embedder=opener.embedder,
                vocabulary=opener.vocabulary,
            )
        except KeyError:
            raise UnknownReport(
                f"{report_id}: no such report; `yanbao reports` lists them"
            ) from None
        print(f"removed {report_id}; {outcome.reports} reports left")
    return 0


def inspect_files(paths: Sequence[Path], *, as_text: bool = False) -> int:
    """Prints the structure found in each report of the files; 1 if one cannot be read.

    Raises:
        SourceError: a path does not exist or holds no report.
    """
    failed = 0
    for source in discover(paths):
        for found in read_source(source):
            if isinstance(found, Quarantine):
                failed += 1
                print(f"yanbao: {found.name}: {found.reason}", file=sys.stderr)
            elif as_text:
                sys.stdout.write(found.text)
            else:
                print(harmless(anatomy_text(found)), end="\n\n")
    return 1 if failed else 0


@contextmanager
def _shown_progress() -> Iterator[Progress]:
    """A bar on a terminal, a line now and then in a log; both on standard error."""
    if not sys.stderr.isatty():
        yield _PlainProgress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("索引"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, known: int, _: str) -> None:
            bar.update(task, completed=done, total=known)

        yield show


class _PlainProgress:
    def __init__(self) -> None:
        self._next = time.monotonic() + PLAIN_EVERY_S

    def __call__(self, done: int, known: int, name: str) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PLAIN_EVERY_S
            print(f"yanbao: {done} of {known} reports", file=sys.stderr)


def _remarks(outcome: BuildOutcome) -> Iterator[str]:
    """What the person should know, one line each."""
    yield from (f"quarantined {file.name}: {file.reason}" for file in outcome.quarantined)
    yield from (f"skipped {item.path}: {item.reason}" for item in outcome.skipped)
    yield from outcome.warnings


def _summary(outcome: BuildOutcome) -> str:
    counts = {
        "added": len(outcome.added),
        "updated": len(outcome.updated),
        "unchanged": outcome.unchanged,
        "removed": len(outcome.removed),
        "quarantined": len(outcome.quarantined),
    }
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    state = "published" if outcome.published else "nothing changed"
    return (
        f"{outcome.reports} reports, {outcome.chunks} passages ({told or 'none'}) "
        f"in {outcome.seconds:.1f} s; {state}: {outcome.snapshot_id[:12]}"
    )


def _as_json(outcome: BuildOutcome) -> str:
    content = dataclasses.asdict(outcome) | {"folder": str(outcome.folder)}
    return json.dumps(content, ensure_ascii=False, indent=2)
