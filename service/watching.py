"""Watching: a folder is indexed again whenever a file in it is complete.

Stands behind `yanbao index --watch`; a running server swaps to the new snapshot by itself.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from corpus.errors import YanbaoError
from corpus.sources import survey
from service.console import harmless

QUIET_S: Final = 2.0
"""A file whose size and time have not changed for so long is complete: copying over a network
seldom pauses longer, and the promise of 60 s is kept with room to spare."""

LOOK_S: Final = 0.5
"""How often unsettled files are looked at."""

LOOK_ANYWAY_S: Final = 15.0
"""How often the folder is looked at though nobody told of a change: network file systems do not."""

AGAIN_S: Final = 5.0
"""How long a failed build is left alone (another process is writing, the disk is full …)."""

Build = Callable[[Collection[str]], object]
"""Indexes the watched paths, but for the files that are named: those are not complete."""

_Sign = tuple[int, int, int]


class Settling:
    """Tells which files are complete and not indexed yet.

    Args:
        quiet_s: how long a file must not have changed.
    """

    def __init__(self, quiet_s: float = QUIET_S) -> None:
        self._quiet_s = quiet_s
        self._seen: dict[str, tuple[_Sign, float]] = {}
        self._taken: dict[str, _Sign] = {}

    def look(self, signs: dict[str, _Sign], now: float) -> None:
        """Notes how the files stand at `now` (seconds, monotonic)."""
        before = self._seen
        self._seen = {}
        for path, sign in signs.items():
            known = before.get(path)
            since = known[1] if known and known[0] == sign else now
            self._seen[path] = (sign, since)

    def unsettled(self, now: float) -> frozenset[str]:
        """Files that changed a moment ago."""
        return frozenset(
            path
            for path, (sign, since) in self._seen.items()
            if sign != self._taken.get(path) and now - since < self._quiet_s
        )

    def due(self, now: float) -> bool:
        """True if a complete file is new or changed, or one that was indexed is gone."""
        waiting = self.unsettled(now)
        changed = any(
            sign != self._taken.get(path)
            for path, (sign, _) in self._seen.items()
            if path not in waiting
        )
        return changed or bool(self._taken.keys() - self._seen.keys())

    def taken(self, left: Collection[str]) -> None:
        """Notes that all seen files but `left` are indexed as they were seen."""
        held = {path: self._taken[path] for path in left if path in self._taken}
        self._taken = {p: sign for p, (sign, _) in self._seen.items() if p not in left} | held


class _Stopped(BaseException):
    """The watch was asked to end."""


def watch(paths: Sequence[Path], build: Build) -> int:
    """Indexes whatever becomes complete under `paths`, until SIGTERM or Ctrl-C; returns 0.

    An error is told and the watch goes on; the next try is a moment later.
    """
    settling = Settling()
    with _stopping():
        try:
            for _ in _wakes(paths, settling):
                now = time.monotonic()
                settling.look(_signs(paths), now)
                if settling.due(now):
                    _build(build, settling, settling.unsettled(now))
        except (_Stopped, KeyboardInterrupt):
            print("yanbao: watch ended", file=sys.stderr)
    return 0


def _build(build: Build, settling: Settling, left: Collection[str]) -> None:
    try:
        build(left)
    except (YanbaoError, OSError) as error:
        print(f"yanbao: {harmless(str(error))}; trying again", file=sys.stderr)
        time.sleep(AGAIN_S)
        return
    settling.taken(left)


def _wakes(paths: Sequence[Path], settling: Settling) -> Iterator[None]:
    """Now, and whenever there may be something to do."""
    from watchfiles import watch as changes

    yield
    looked = time.monotonic()
    step = int(LOOK_S * 1000)
    told = changes(*paths, rust_timeout=step, step=100, yield_on_timeout=True, watch_filter=None)
    for changed in told:
        now = time.monotonic()
        waiting = bool(settling.unsettled(now)) or settling.due(now)
        if changed or waiting or now - looked >= LOOK_ANYWAY_S:
            looked = now
            yield


def _signs(paths: Sequence[Path]) -> dict[str, _Sign]:
    """Size, time and inode of every source under the paths."""
    signs = {}
    try:
        sources = survey(paths).sources
    except YanbaoError as error:
        print(f"yanbao: {harmless(str(error))}", file=sys.stderr)
        return {}
    for source in sources:
        try:
            status = Path(source.path).stat()
        except OSError:
            continue
        signs[source.path] = (status.st_size, status.st_mtime_ns, status.st_ino)
    return signs


@contextmanager
def _stopping() -> Iterator[None]:
    def stop(_: int, __: FrameType | None) -> None:
        raise _Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
