"""Stamps: how a file stood when it was read, so that one that has not changed is not read again.

Stands under `build`. A stamp only spares the reading: what a report is stays its sha256.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import msgspec

STAMPS_FILE: Final = "stamps.msgpack"
SETTLED_NS: Final = 2_000_000_000
"""A file that changed so short a time before it was read may change again within the same tick of
its file system's clock (FAT counts in 2 s), so its stamp proves nothing and is not kept."""


class Stamp(msgspec.Struct, frozen=True, array_like=True):
    """Size, times of last change of content and of anything, and the file itself. The second time
    cannot be set: whoever keeps size and first time alike (`cp -p`, `touch -r`) moves it."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int


class Stamps:
    """The stamps of the snapshot before, and those of what this build meets.

    Args:
        before: by absolute path.
    """

    def __init__(self, before: Mapping[str, Stamp]) -> None:
        self._before = before
        self._now: dict[str, Stamp] = dict(before)

    def unchanged(self, path: str) -> bool:
        """True if the file is certainly as it was when it was read; if not, it is about to be
        read, and its stamp is noted."""
        stamp = _stamp_of(path)
        if stamp is not None and stamp == self._before.get(path):
            return True
        self._now.pop(path, None)
        if stamp is not None and max(stamp.modified_ns, stamp.changed_ns) < _settled():
            self._now[path] = stamp
        return False

    def packed(self, paths: Collection[str]) -> bytes:
        """The stamps of these files, to be kept with the snapshot."""
        kept = {path: stamp for path, stamp in sorted(self._now.items()) if path in paths}
        return msgspec.msgpack.encode(kept)


def read_stamps(folder: Path) -> dict[str, Stamp]:
    """The stamps of a published snapshot; none if it has none."""
    path = folder / STAMPS_FILE
    data = path.read_bytes() if path.exists() else msgspec.msgpack.encode({})
    return msgspec.msgpack.decode(data, type=dict[str, Stamp])


def _stamp_of(path: str) -> Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _settled() -> int:
    return time.time_ns() - SETTLED_NS
