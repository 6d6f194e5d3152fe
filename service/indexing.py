"""Indexing: the words `index`, `remove` and `inspect` of the command.

Stands between the command and `indexer.build`: shows progress, sums up, counts what went wrong.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from corpus.raw import Quarantine, RawFile
from corpus.reading import parsed_or_verdict, read_raw
from corpus.report import Report
from corpus.sources import discover
from indexer.build import BuildOutcome, build
from service.anatomy import anatomy_text
from service.console import harmless
from service.opening import Opener
from service.progress import shown_progress
from service.settings import Settings

INSPECT_SCALE: Final = 1.3
"""Pixels for each point on the pages of `inspect --html`: readable, and 100 KiB a page."""


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
    with shown_progress() as progress:
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
    """Removes reports from the index, and their files if they were uploaded.

    Raises:
        UnknownReport: the index holds no such report; those named before it are gone.
    """
    from service.uploads import remove_uploaded

    opener = Opener(settings)
    for report_id in report_ids:
        outcome = remove_uploaded(
            settings.index, settings.incoming_dir, report_id, opener.embedder, opener.vocabulary
        )
        print(f"removed {report_id}; {outcome.reports} reports left")
    return 0


def inspect_files(paths: Sequence[Path], *, as_text: bool = False, html: Path | None = None) -> int:
    """Prints the structure found in each report of the files; 1 if one cannot be read.

    Args:
        html: writes it there instead, with pictures of the pages; a second report of the files
            goes beside it (`out-2.html`).

    Raises:
        SourceError: a path does not exist or holds no report.
    """
    failed = shown = 0
    for source in discover(paths):
        for raw in read_raw(source):
            found = raw if isinstance(raw, Quarantine) else parsed_or_verdict(raw)
            if isinstance(found, Quarantine):
                failed += 1
                print(f"yanbao: {harmless(f'{found.name}: {found.reason}')}", file=sys.stderr)
                continue
            shown += 1
            if html is not None:
                data = raw.data if isinstance(raw, RawFile) else b""
                _write_page(found, data, html if shown == 1 else _numbered(html, shown))
            elif as_text:
                sys.stdout.write(found.text)
            else:
                print(harmless(anatomy_text(found)), end="\n\n")
    return 1 if failed else 0


def _write_page(report: Report, data: bytes, out: Path) -> None:
    from service.anatomy_page import anatomy_html
    from service.painting import Painter
    from service.problems import Problem

    painter = Painter()

    def picture(page: int) -> bytes | None:
        try:
            return painter.draw(report.file.sha256, lambda: data, page, scale=INSPECT_SCALE)
        except Problem:
            return None

    try:
        out.write_text(anatomy_html(report, picture), encoding="utf-8")
    finally:
        painter.close()
    print(out)


def _numbered(out: Path, number: int) -> Path:
    return out.with_name(f"{out.stem}-{number}{out.suffix}")


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
