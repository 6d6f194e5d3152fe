"""Versions: what a report was before its file changed, readable for good under the old sha256.

Stands beside the snapshots, under the index folder, so that old citations still open. A version is
written durably before the snapshot that replaces it is published.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from corpus.errors import SnapshotCorrupt
from corpus.report import Report
from indexer.inking import unpack_ink
from indexer.originals import write_durably
from indexer.store import ParsedReport, unpack_report

FOLDER = "versions"
_SEAL_BYTES = 32


@dataclass(frozen=True, slots=True)
class Version:
    """A replaced version of a report. `replaced`: when, UTC, ISO 8601."""

    report_id: str
    sha256: str
    replaced: str


class _Archived(msgspec.Struct, array_like=True):
    report_id: str
    sha256: str
    replaced: str
    record: bytes
    report: bytes
    text: bytes
    ink: bytes


def archive(index_dir: Path, parsed: ParsedReport, sha256: str) -> None:
    """Keeps a version that is about to be replaced; when this returns it is durable."""
    kept = _Archived(
        parsed.report_id,
        sha256,
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        parsed.record,
        parsed.report,
        parsed.text,
        parsed.ink,
    )
    body = msgspec.msgpack.encode(kept)
    path = _folder(index_dir, parsed.report_id) / f"{sha256}.msgpack"
    write_durably(path, hashlib.sha256(body).digest() + body)


def archived(index_dir: Path, report_id: str, sha_prefix: str) -> Report | None:
    """The whole report, with its ink, as it was under a sha256 that begins so; None if no version,
    or more than one, does. A version of the sha256 that is current may be found too: a builder
    was killed before it could publish.

    Raises:
        SnapshotCorrupt: the version is damaged.
    """
    paths = _folder(index_dir, report_id).glob("*.msgpack")
    found = [path for path in paths if path.name.startswith(sha_prefix.lower())]
    if len(found) != 1 or not sha_prefix:
        return None
    kept = _read(found[0])
    if kept is None or kept.report_id != report_id:
        return None
    return replace(unpack_report(kept.report, kept.text), ink=unpack_ink(kept.ink))


def versions_of(index_dir: Path, report_id: str) -> tuple[Version, ...]:
    """The replaced versions of a report, newest first."""
    found = _versions(_folder(index_dir, report_id))
    return tuple(sorted(found, key=lambda v: (v.replaced, v.sha256), reverse=True))


def archived_sha256s(index_dir: Path) -> frozenset[str]:
    """The sha256 of the file of every version kept."""
    paths = (index_dir / FOLDER).glob("*/*.msgpack")
    return frozenset(path.stem for path in paths)


def sweep_versions(index_dir: Path, report_ids: Collection[str]) -> None:
    """Removes, for good, the versions of every report that is not in `report_ids`."""
    kept = {_folder(index_dir, report_id).name for report_id in report_ids}
    for folder in (index_dir / FOLDER).glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _folder(index_dir: Path, report_id: str) -> Path:
    # An id may be longer than a file name, and a line of a .jsonl file may bring any characters.
    name = hashlib.sha256(report_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return index_dir / FOLDER / name


def _versions(folder: Path) -> Iterator[Version]:
    for path in folder.glob("*.msgpack"):
        kept = _read(path)
        if kept is not None:
            yield Version(kept.report_id, kept.sha256, kept.replaced)


def _read(path: Path) -> _Archived | None:
    """A version; None if it was removed meanwhile."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    seal, body = data[:_SEAL_BYTES], data[_SEAL_BYTES:]
    if hashlib.sha256(body).digest() != seal:
        raise SnapshotCorrupt(f"{path}: its checksum differs; restore the file or remove it")
    try:
        return msgspec.msgpack.decode(body, type=_Archived)
    except msgspec.MsgspecError as error:
        raise SnapshotCorrupt(f"{path}: it cannot be understood ({error})") from error
