"""Originals: the bytes of files that cannot be made again from their text, kept by their sha256.

Stands beside the snapshots, under the index folder: written durably before a snapshot that needs
them is published, proved on every read, swept when nothing published needs them any more.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from pathlib import Path

from corpus.errors import SnapshotCorrupt

FOLDER = "originals"
_NAME = re.compile(r"[0-9a-f]{64}")


def keep_original(index_dir: Path, data: bytes, sha256: str) -> None:
    """Keeps the bytes of a file; when this returns, they are durable under their own name."""
    write_durably(index_dir / FOLDER / sha256, data)


def original(index_dir: Path, sha256: str) -> bytes | None:
    """The bytes of that sha256; None if they are not kept here.

    Raises:
        SnapshotCorrupt: what is kept has changed.
    """
    if not _NAME.fullmatch(sha256):
        return None
    path = index_dir / FOLDER / sha256
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SnapshotCorrupt(f"{path}: its sha256 differs from its name; index the file again")
    return data


def sweep_originals(index_dir: Path, needed: Collection[str]) -> None:
    """Removes every original whose sha256 is not in `needed`, and what killed builders left."""
    for path in (index_dir / FOLDER).glob("*"):
        if path.name not in needed:
            path.unlink(missing_ok=True)


def write_durably(path: Path, data: bytes) -> None:
    """Writes a file that is whole, under its name, and on the disk, or not there at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f"tmp-{path.name}")
    with staged.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(staged, path)
    for folder in (path.parent, path.parent.parent):  # the folder itself may be new
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
