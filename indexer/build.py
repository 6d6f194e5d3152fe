"""Build: report files become a published snapshot; unchanged reports are carried over.

The upper end of the index: corpus → chunks, facts, names → lexicon → terms → arrays → `CURRENT`.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec

from corpus.errors import IndexerError, SnapshotCorrupt, SnapshotMismatch, SnapshotMissing
from corpus.raw import Quarantine, RawFile, RawReport
from corpus.reading import read_raw
from corpus.sources import Source, survey
from indexer.assembly import Assembly, Settings, assemble, content_id
from indexer.embedding import Embedder
from indexer.guarded import Guard, Limits, Outcome
from indexer.keeping import keep_replaced, sweep_all
from indexer.kinship import kin_remarks
from indexer.lexicon import ReportNames
from indexer.manifest import (
    POINTER,
    Manifest,
    current_folder,
    folder_name,
    publish,
    sweep,
    writing,
)
from indexer.originals import keep_original
from indexer.outcome import BuildOutcome, Progress, Steps
from indexer.own_ids import OwnIds, is_packed
from indexer.parsing import (
    DeriveAgain,
    ParseBatch,
    ParseFile,
    batches,
    parse_survivors,
    parser_fingerprint,
)
from indexer.records import QuarantinedFile
from indexer.segmentation import Engine
from indexer.shelf import SOURCES_FILE, Origin, Previous, Shelf, Sources
from indexer.stamps import STAMPS_FILE, Stamps, read_stamps
from indexer.store import ParsedReport, unpack_names, unpack_record
from indexer.stores import open_stores
from indexer.vocabulary import Vocabulary, load_vocabulary
from indexer.workers import Workers, usable_cores, workers

# Below this much new text a second process costs more time than it saves.
_WORTH_WORKERS_BYTES = 2_000_000

__all__ = ["BuildOutcome", "Progress", "build", "remove"]


def build(
    paths: Iterable[str | Path],
    index_dir: Path,
    *,
    prune: bool = False,
    progress: Progress | None = None,
    embedder: Embedder | None = None,
    vocabulary: Vocabulary | None = None,
    engine: Engine = "rjieba",
    processes: int | None = None,
    limits: Limits | None = None,
    leave: Collection[str] = (),
) -> BuildOutcome:
    """Adds and updates the reports under `paths` and publishes the new state at once.

    A file that cannot be read is quarantined and takes the place of the report it was; with bad
    files only, an empty snapshot with its quarantine list is published.

    Args:
        prune: also removes reports that came from under `paths` and are no longer there.
        embedder: None for the built-in one.
        processes: how many worker processes a build may use; None for one on each core.
        leave: paths of sources that are left as they are in the index (not complete yet).
        limits: what the parse of one file that must be taken apart may cost; None: as `Limits`.

    Raises:
        SourceError: a path does not exist, or an id is repeated; nothing has changed.
        IndexLocked: another process is writing this index.
        IndexerError: the index cannot be written; nothing has changed.
    """
    given = [Path(path) for path in paths]
    found = survey(given)
    settings = Settings(embedder, vocabulary or load_vocabulary(), engine)
    began = time.monotonic()
    with writing(index_dir) as lock:
        cores = processes or usable_cores()
        work = _Work(index_dir, settings, cores, lock, progress, limits or Limits())
        with work:
            work.read(source for source in found.sources if source.path not in leave)
            if prune:
                work.forget_vanished(given, {str(Path(path).absolute()) for path in leave})
            return replace(work.finish(), skipped=found.skipped, seconds=time.monotonic() - began)


def remove(
    index_dir: Path,
    report_id: str,
    *,
    embedder: Embedder | None = None,
    vocabulary: Vocabulary | None = None,
    engine: Engine = "rjieba",
) -> BuildOutcome:
    """Publishes the index without one report, indexed or quarantined.

    Raises:
        SnapshotMissing: there is no index.
        KeyError: it holds no such report.
    """
    began = time.monotonic()
    settings = Settings(embedder, vocabulary or load_vocabulary(), engine)
    with writing(index_dir) as lock:
        current_folder(index_dir)
        with _Work(index_dir, settings, 1, lock, None) as work:
            work.need_previous()
            work.forget(report_id)
            return replace(work.finish(), seconds=time.monotonic() - began)


class _Work:
    """One build under way: what is kept, what is new, and the staging folder."""

    def __init__(
        self,
        index_dir: Path,
        settings: Settings,
        processes: int,
        lock: int,
        progress: Progress | None,
        limits: Limits | None = None,
    ) -> None:
        self._index_dir = index_dir
        self._settings = settings
        self._processes = processes
        self._lock = lock
        self._steps = Steps(progress)
        self._limits = limits or Limits()
        self._parser = parser_fingerprint(settings.vocabulary.fingerprint)
        self._warnings: list[str] = []
        self._previous: Previous | None = None
        self._kept: dict[str, Origin] = {}
        self._quarantined: dict[str, list[QuarantinedFile]] = {}
        self._fresh: dict[str, Origin] = {}
        self._seen: dict[str, str] = {}  # ids met so far, and where
        self._stamps = Stamps({})
        self._read_paths: set[str] = set()
        self._met: set[str] = set()
        self._unchanged = 0

    def __enter__(self) -> _Work:
        sweep(self._index_dir)
        self._previous = self._open_previous()
        if self._previous:
            self._kept = dict(self._previous.sources.reports)
            self._quarantined = dict(self._previous.sources.quarantined)
            self._stamps = Stamps(read_stamps(self._previous.folder))
        self._staging = Path(tempfile.mkdtemp(prefix="tmp-", dir=self._index_dir))
        self._staging.chmod(0o755)
        self._shelf = Shelf(self._staging / "shelf.sqlite")
        return self

    def __exit__(self, *_: object) -> None:
        self._shelf.close()
        if self._previous:
            self._previous.close()
        shutil.rmtree(self._staging, ignore_errors=True)

    # --- reading ------------------------------------------------------------------------------

    def read(self, sources: Iterable[Source]) -> None:
        """Parses what is new or changed."""
        sources = self._unsettled(sources)
        total = sum(source.bytes for source in sources)
        processes = self._processes if total >= _WORTH_WORKERS_BYTES else 1
        parse_file = ParseFile(self._settings.vocabulary)
        guard = Guard(parse_file, self._processes, self._limits, self._lock)
        with workers(processes, self._lock) as pool, closing(guard):
            task = ParseBatch(self._settings.vocabulary)
            survive = partial(parse_survivors, pool, task, lost=self._lose)
            for parsed in pool.map(task, batches(self._texts(sources, guard)), survive):
                for report in parsed:
                    self._put(report)
            self._derive_stale(pool)

    def _texts(self, sources: Sequence[Source], guard: Guard) -> Iterator[RawReport]:
        """What is plain text; files that must be taken apart go to the guard on the way."""
        for item in self._changed(sources):
            if isinstance(item, RawReport):
                yield item
            else:
                self._settle(guard.take(item))
        self._settle(guard.finish())

    def _settle(self, settled: Iterable[tuple[RawFile, Outcome]]) -> None:
        for raw, outcome in settled:
            if isinstance(outcome, Quarantine):
                self._quarantine(self._fresh.pop(raw.report_id).path, outcome)
            else:
                keep_original(self._index_dir, raw.data, raw.file.sha256)
                self._put(outcome)

    def _put(self, report: ParsedReport) -> None:
        self._shelf.put(report)
        self._tell(report.report_id, unpack_record(report.record).pages or 0)

    def _unsettled(self, sources: Iterable[Source]) -> list[Source]:
        """The sources that must be read, under their ids; files that stand as they did when they
        were read are kept."""
        ids = OwnIds(self._kept)
        named = [ids.named(source) for source in sources]
        # Names of files come first: a line or a member of the same name must give way.
        self._seen = {
            one.report_id: one.relative for one in named if one.report_id and not is_packed(one)
        }
        left = []
        for source in named:
            path = str(Path(source.path).absolute())
            self._read_paths.add(path)
            before = self._kept.get(source.report_id or "")
            known = before and (before.path, before.parser) == (path, self._parser)
            # Asked for every file: this notes how it stands before it is read.
            if self._stamps.unchanged(path) and known and not is_packed(source):
                self._steps.unread = len(named) - len(self._met) - 1
                self._keep(source.report_id or "")
            else:
                left.append(source)
        return left

    def _changed(self, sources: Sequence[Source]) -> Iterator[RawReport | RawFile]:
        for left, source in enumerate(sources, start=1):
            self._steps.unread = len(sources) - left
            path = str(Path(source.path).absolute())
            self._quarantined.pop(path, None)
            for item in read_raw(source, self._seen):
                if isinstance(item, Quarantine):
                    self._quarantine(path, item)
                elif self._is_new(item, path):
                    yield item

    def _keep(self, report_id: str) -> None:
        self._met.add(report_id)
        self._unchanged += 1
        self._tell(report_id)

    def _quarantine(self, path: str, item: Quarantine) -> None:
        report_id = item.report_id or ""
        file = QuarantinedFile(item.name, report_id, item.reason, item.bytes, item.sha256 or "")
        self._quarantined.setdefault(path, []).append(file)
        if report_id in self._kept and self._kept[report_id].path == path:
            del self._kept[report_id]
        self._tell(item.name)

    def _lose(self, raw: RawReport) -> None:
        """Quarantines a report whose parse killed its process."""
        origin, file = self._fresh.pop(raw.report_id), raw.file
        reason = "the process that parsed it was killed; report it, and take the file out"
        item = Quarantine(file.name, raw.report_id, reason, file.bytes, file.sha256)
        self._quarantine(origin.path, item)

    def _is_new(self, item: RawReport | RawFile, path: str) -> bool:
        origin = Origin(path, item.file.sha256, self._parser)
        before = self._kept.get(item.report_id)
        if before and (before.sha256, before.parser) == (origin.sha256, origin.parser):
            self._kept[item.report_id] = origin
            self._keep(item.report_id)
            return False
        self._met.add(item.report_id)
        self._kept.pop(item.report_id, None)
        self._fresh[item.report_id] = origin
        return True

    def _derive_stale(self, pool: Workers) -> None:
        """Chunks and facts of kept reports that another version of the program made."""
        stale = [i for i, origin in self._kept.items() if origin.parser != self._parser]
        if not stale or not self._previous:
            return
        stores = self._previous.stores
        task = DeriveAgain(self._settings.vocabulary)
        for report in pool.map(task, (stores.parsed(report_id) for report_id in stale)):
            origin = self._kept.pop(report.report_id)
            self._fresh[report.report_id] = replace(origin, parser=self._parser)
            self._shelf.put(report)

    def _tell(self, name: str, pages: int = 0) -> None:
        self._steps.tell(name, len(self._met), pages)

    # --- forgetting ---------------------------------------------------------------------------

    def forget_vanished(self, paths: Iterable[Path], left: Collection[str]) -> None:
        """Drops what came from under `paths` and is no longer there, but for files `left`."""
        roots = [path.absolute() for path in paths]

        def under(path: str) -> bool:
            if path in left or not any(Path(path).is_relative_to(root) for root in roots):
                return False
            # Below a hidden folder (`.yanbao/incoming`) nothing is looked for, yet it is there.
            return path in self._read_paths or not Path(path).exists()

        for report_id, origin in list(self._kept.items()):
            if report_id not in self._met and under(origin.path):
                del self._kept[report_id]
        for path in list(self._quarantined):
            if path not in self._read_paths and under(path):
                del self._quarantined[path]

    def need_previous(self) -> None:
        """Refuses to go on from a snapshot that cannot be trusted.

        Raises:
            SnapshotCorrupt: it is damaged, or of another format.
        """
        if self._previous is None:
            raise SnapshotCorrupt(self._warnings[0])

    def forget(self, report_id: str) -> None:
        """Drops one report.

        Raises:
            KeyError: it is not there.
        """
        found = self._kept.pop(report_id, None) is not None
        for path, files in list(self._quarantined.items()):
            left = [file for file in files if file.report_id != report_id]
            found = found or len(left) != len(files)
            self._quarantined[path] = left
            if not left:
                del self._quarantined[path]
        if not found:
            raise KeyError(report_id)

    # --- publishing ---------------------------------------------------------------------------

    def finish(self) -> BuildOutcome:
        """Publishes the new state, unless it is the old one."""
        sources = Sources({**self._kept, **self._fresh}, self._quarantined)
        quarantined = [f for files in self._quarantined.values() for f in files]
        digests = self._digests()
        snapshot_id = content_id(self._settings, digests, quarantined)
        previous = self._previous
        if previous and (snapshot_id, sources) == (previous.manifest.id, previous.sources):
            return self._outcome(previous.manifest, previous.folder, published=False)
        try:
            with workers(self._worth_workers(), self._lock) as pool:
                made = assemble(self._assembly(snapshot_id, quarantined), pool)
            self._shelf.remove()
            paths = {origin.path for origin in sources.reports.values()}
            further = {STAMPS_FILE: self._stamps.packed(paths)}
            manifest = made.seal({SOURCES_FILE: msgspec.msgpack.encode(sources), **further})
            if previous:
                keep_replaced(self._index_dir, previous, self._fresh)
            folder = publish(self._index_dir, self._staging, folder_name(snapshot_id))
        except sqlite3.Error as error:
            raise IndexerError(
                f"{self._index_dir}: cannot be written ({error}); free some space and try again"
            ) from error
        sweep_all(self._index_dir, sources)
        return self._outcome(manifest, folder, published=True)

    def _assembly(self, snapshot_id: str, quarantined: list[QuarantinedFile]) -> Assembly:
        sizes = dict(self._shelf.sizes)
        if self._previous and self._kept:
            table = self._previous.table()
            held = dict(zip(table.ids, table.sizes.tolist(), strict=True))
            sizes.update({report_id: held[report_id] for report_id in self._kept})
        return Assembly(
            self._staging,
            self._settings,
            snapshot_id,
            self._parser,
            sizes,
            self._parsed,
            self._names(),
            quarantined,
            self._previous,
            self._kept.keys(),
        )

    def _worth_workers(self) -> int:
        return self._processes if self._shelf.bytes >= _WORTH_WORKERS_BYTES else 1

    def _digests(self) -> dict[str, str]:
        digests = dict(self._shelf.digests)
        if self._previous and self._kept:
            held = self._previous.stores.digests()
            digests.update({report_id: held[report_id] for report_id in self._kept})
        return digests

    def _parsed(self, report_id: str) -> ParsedReport:
        if report_id in self._kept and self._previous:
            return self._previous.stores.parsed(report_id)
        return self._shelf.get(report_id)

    def _names(self) -> Mapping[str, ReportNames]:
        names = dict(self._shelf.names)
        if self._previous and self._kept:
            held = self._previous.stores.names()
            names.update({report_id: unpack_names(held[report_id]) for report_id in self._kept})
        return names

    def _outcome(self, manifest: Manifest, folder: Path, *, published: bool) -> BuildOutcome:
        before = set(self._previous.sources.reports) if self._previous else set()
        now = self._kept.keys() | self._fresh.keys()
        met = self._fresh.keys() & self._met
        if met and published:
            stores = open_stores(folder, manifest.stores)
            self._warnings += kin_remarks(stores.records(), met)
            stores.close()
        listed = [f for p in self._read_paths for f in self._quarantined.get(p, [])]
        return BuildOutcome(
            snapshot_id=manifest.id,
            folder=folder,
            published=published,
            reports=manifest.reports,
            chunks=manifest.chunks,
            added=tuple(sorted(met - before)),
            updated=tuple(sorted(met & before)),
            removed=tuple(sorted(before - now)),
            unchanged=self._unchanged,
            quarantined=tuple(sorted(listed, key=lambda f: (f.name, f.report_id))),
            skipped=(),
            warnings=tuple(self._warnings),
            seconds=0.0,
        )

    def _open_previous(self) -> Previous | None:
        """The published snapshot, to carry reports over; None if there is none to trust."""
        if not (self._index_dir / POINTER).exists():
            return None
        try:
            return Previous(current_folder(self._index_dir))
        except (SnapshotCorrupt, SnapshotMismatch, SnapshotMissing) as error:
            self._warnings.append(f"built anew from the given paths only: {error}")
            return None
