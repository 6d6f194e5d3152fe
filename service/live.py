"""Live: the snapshot that is served now, swapped when a newer one is published.

Stands between the index on disk and the requests. A request keeps the snapshot it began with; an
old snapshot is closed when its last reader is done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from corpus.errors import YanbaoError
from indexer.snapshot import Snapshot
from service.answering import Answerer
from service.catalog import Catalog

log = logging.getLogger(__name__)

POINTER: Final = "CURRENT"
"""The file in the index folder that names the published snapshot; it is replaced atomically."""


@dataclass(slots=True)
class Served:
    """One opened and verified snapshot with all that answers from it."""

    snapshot: Snapshot
    answerer: Answerer
    catalog: Catalog
    readers: int = field(default=0)
    retired: bool = field(default=False)


class LiveIndex:
    """The snapshot of `index_dir` that requests are answered from.

    Args:
        index_dir: folder with `CURRENT`.
        open_served: opens and verifies the published snapshot.
        look_every_s: seconds between looks at `CURRENT`.
    """

    def __init__(
        self, index_dir: Path, open_served: Callable[[], Served], look_every_s: float = 1.0
    ) -> None:
        self._pointer = index_dir / POINTER
        self._open = open_served
        self._every_s = look_every_s
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._served: Served | None = None
        self._seen: tuple[bytes, int, int] | None = None
        self.swaps = 0
        self.failed_swaps = 0
        self.fault: str | None = None

    def start(self) -> None:
        """Opens the snapshot, unless that is done, and begins to watch for newer ones.

        Raises:
            IndexerError: nothing can be served from there.
        """
        self.open()
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="yanbao-live", daemon=True)
            self._watcher.start()

    def open(self) -> None:
        """Opens the published snapshot, unless one is open already."""
        if self._served is None:
            self._seen = self._mark()
            self._served = self._open()

    def close(self) -> None:
        """Stops watching and closes the snapshot after its last reader."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
        with self._lock:
            old, self._served = self._served, None
        if old is not None:
            self._retire(old)

    @contextmanager
    def lease(self) -> Iterator[Served]:
        """The served snapshot, kept open until the block ends."""
        with self._lock:
            served = self._served
            if served is None:
                raise RuntimeError("the index is not open")
            served.readers += 1
        try:
            yield served
        finally:
            with self._lock:
                served.readers -= 1
                last = served.retired and served.readers == 0
            if last:
                served.snapshot.close()

    def look(self) -> None:
        """Swaps in the published snapshot if `CURRENT` has moved since the last look.

        A snapshot that fails its verification is not served: the old one stays and `fault` says so.
        """
        with self._looking:  # the watcher and a finished job may look at once
            self._look()

    def _look(self) -> None:
        mark = self._mark()
        if mark is None or mark == self._seen:
            return
        self._seen = mark
        try:
            new = self._open()
        except (YanbaoError, OSError, ValueError) as error:
            self.failed_swaps += 1
            self.fault = type(error).__name__
            log.error("the new snapshot is not served, the old one stays: %s", error)
            return
        with self._lock:
            old, self._served = self._served, new
        self.swaps += 1
        self.fault = None
        log.info("now serving snapshot %s", new.snapshot.id)
        if old is not None:
            self._retire(old)

    def _watch(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.look()
            except Exception:  # the watcher must outlive any single look
                log.exception("looking for a new snapshot failed")

    def _mark(self) -> tuple[bytes, int, int] | None:
        """What changes when `CURRENT` is replaced; None while it is not there.

        The content alone would miss that a damaged snapshot was put right; time and inode alone
        miss two swaps within one tick of the file system's clock.
        """
        try:
            stat = self._pointer.stat()
            return (self._pointer.read_bytes(), stat.st_mtime_ns, stat.st_ino)
        except OSError:
            return None

    def _retire(self, old: Served) -> None:
        with self._lock:
            old.retired = True
            idle = old.readers == 0
        if idle:
            old.snapshot.close()
