"""The manifest of a snapshot, its verification, and the one atomic step that publishes it.

Stands under `build` and `Snapshot`: what `CURRENT` names is either whole or not served.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from corpus.errors import IndexLocked, SnapshotCorrupt, SnapshotMismatch, SnapshotMissing

# Raised when an older program could not read what a newer one writes, or the other way round.
FORMAT_VERSION = 4
POINTER = "CURRENT"
MANIFEST = "manifest.json"
_LOCK = "LOCK"
_STAGING = "tmp-"
_FOLDER = re.compile(r"v-[0-9]{8}T[0-9]{12}-[0-9a-f]{12}(?:-[0-9]+)?")
_FILE = re.compile(r"[a-z0-9_]+\.[a-z]+")
_KEPT_SNAPSHOTS = 2  # the served one and the one before: readers may still be opening it
_MANIFEST_BYTES = 64 * 1024 * 1024  # a manifest beyond this is no manifest


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Size and sha256 of one file of the snapshot."""

    bytes: int
    sha256: str


class EmbedderEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The embedder of a snapshot and what it was measured to be worth.

    Args:
        kind: `lsa` or `sentence_transformer`.
        weight: its share in fusion; 0 means that it takes no part.
        measured: mean reciprocal rank at each weight tried, as `weight → MRR`.
    """

    kind: str
    name: str
    dim: int
    fingerprint: str
    weight: float
    measured: dict[str, float]


class Canary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query with what it must give: the keys of its terms and its best chunk."""

    query: str
    keys: str
    best: int


class StoreEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One store: its name, how many chunks it was written with, and the reports in it that are no
    longer part of the snapshot."""

    name: str
    chunks: int
    gone: list[str]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a snapshot was made and what it consists of.

    Args:
        stores, postings: the segments of each kind, oldest first; see `segments`.
    """

    format_version: int
    id: str
    created_at: str
    reports: int
    chunks: int
    segmenter: str
    engine: str
    vocabulary: str
    parser: str
    lexicon: str
    words: list[tuple[str, int]]
    embedder: EmbedderEntry | None
    settings: dict[str, Any]
    libraries: dict[str, str]
    canaries: list[Canary]
    stores: list[StoreEntry]
    postings: list[str]
    files: dict[str, FileEntry]


# --- reading ----------------------------------------------------------------------------------


def current_folder(index_dir: Path) -> Path:
    """The folder of the published snapshot.

    Raises:
        SnapshotMissing: nothing was published there.
        SnapshotCorrupt: `CURRENT` names no snapshot.
    """
    pointer = index_dir / POINTER
    try:
        name = pointer.read_bytes()[:200].decode("ascii", "replace").strip()
    except FileNotFoundError:
        raise SnapshotMissing(
            f"{index_dir}: no index was published here; run `yanbao index PATH…`"
        ) from None
    except OSError as error:
        raise SnapshotCorrupt(f"{pointer}: cannot be read ({error.strerror})") from error
    if not _FOLDER.fullmatch(name):
        raise _corrupt(pointer, f"it says {name[:40]!r}, which is no snapshot's name")
    folder = index_dir / name
    if not folder.is_dir():
        raise _corrupt(pointer, f"it names {name}, which is not there")
    return folder


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot folder; the files are not looked at yet.

    Raises:
        SnapshotCorrupt: it is missing or damaged.
        SnapshotMismatch: it has another format version.
    """
    path = folder / MANIFEST
    try:
        if path.stat().st_size > _MANIFEST_BYTES:
            raise _corrupt(path, "it is far too large")
        data = path.read_bytes()
    except OSError as error:
        raise _corrupt(path, f"it cannot be read ({error.strerror})") from error
    body, _, seal = data.rpartition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != seal:
        raise _corrupt(path, "its own checksum differs")
    _check_version(path, body)
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except (msgspec.MsgspecError, ValueError) as error:
        raise _corrupt(path, f"it cannot be understood ({error})") from error
    for name in manifest.files:
        if not _FILE.fullmatch(name):
            raise _corrupt(path, f"{name[:40]!r} is no file name of a snapshot")
    return manifest


def _check_version(path: Path, body: bytes) -> None:
    try:
        version = msgspec.json.decode(body)["format_version"]
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise _corrupt(path, "it states no format version") from error
    if version != FORMAT_VERSION:
        raise SnapshotMismatch(
            f"{path.parent}: format {version!r}, this program reads {FORMAT_VERSION}; "
            "build the index again with `yanbao index PATH…`"
        )


def verify_files(folder: Path, manifest: Manifest) -> None:
    """Compares every file with the manifest, byte for byte.

    Raises:
        SnapshotCorrupt: one is missing or differs; the message names it.
    """
    for name, entry in sorted(manifest.files.items()):
        path = folder / name
        try:
            size = path.stat().st_size
            if size != entry.bytes:
                raise _corrupt(path, f"{size:,} bytes, {entry.bytes:,} expected")
            digest = sha256_of(path)
        except OSError as error:
            raise _corrupt(path, f"it cannot be read ({error.strerror})") from error
        if digest != entry.sha256:
            raise _corrupt(path, f"sha256 {digest[:12]}…, {entry.sha256[:12]}… expected")


def _corrupt(path: Path, what: str) -> SnapshotCorrupt:
    return SnapshotCorrupt(
        f"{path}: {what}; restore the folder or build again with `yanbao index PATH…`"
    )


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- publishing -------------------------------------------------------------------------------


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest with its own checksum as last line."""
    body = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (folder / MANIFEST).write_bytes(body + b"\n" + hashlib.sha256(body).hexdigest().encode())


def folder_name(snapshot_id: str) -> str:
    """A name for a snapshot's folder; names sort by time, to the microsecond."""
    return f"v-{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{snapshot_id[:12]}"


def publish(index_dir: Path, staging: Path, name: str) -> Path:
    """Makes a finished staging folder the published snapshot; before the last step nothing has
    changed for anyone, after it everything is durable.

    Returns:
        The published folder.
    """
    for path in sorted(staging.iterdir()):
        _sync(path)
    _sync(staging)
    folder = index_dir / name
    number = 1
    while folder.exists():
        number += 1
        folder = index_dir / f"{name}-{number}"
    staging.rename(folder)
    _sync(index_dir)
    pointer = index_dir / f"{_STAGING}{POINTER}"
    with pointer.open("w", encoding="ascii") as file:
        file.write(folder.name + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(pointer, index_dir / POINTER)
    _sync(index_dir)
    return folder


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(index_dir: Path) -> None:
    """Removes what killed builders left and snapshots older than the last two."""
    current = current_folder(index_dir).name if (index_dir / POINTER).exists() else ""
    folders = sorted(p.name for p in index_dir.iterdir() if _FOLDER.fullmatch(p.name))
    older = [name for name in folders if name < current]
    newer = [name for name in folders if name > current]  # never pointed to: a builder was killed
    spare = _KEPT_SNAPSHOTS - 1
    unwanted = older[: len(older) - spare] if len(older) > spare else []
    for name in [*unwanted, *(newer if current else [])]:
        shutil.rmtree(index_dir / name, ignore_errors=True)
    for path in index_dir.glob(f"{_STAGING}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(index_dir: Path) -> Iterator[int]:
    """Holds the right to write this index; the kernel takes it back however the process ends.

    Yields:
        The descriptor that holds the lock; child processes must close theirs.

    Raises:
        IndexLocked: another process is writing.
    """
    index_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(index_dir / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            raise IndexLocked(
                f"{index_dir}: process {holder or 'unknown'} is writing this index; "
                "wait until it is done"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)
