"""Originals and replaced versions: kept while something published needs them, then gone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from corpus.errors import SnapshotCorrupt
from indexer.build import build, remove
from indexer.originals import keep_original, original, sweep_originals
from indexer.snapshot import open_snapshot
from indexer.versions import archived, archived_sha256s, versions_of


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_replaced_version_stays_readable_under_its_sha(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    path = folder / "beta.txt"
    old = path.read_bytes()
    assert versions_of(index_dir, "beta") == ()
    path.write_text("改了一次。\n", encoding="utf-8")
    build([folder], index_dir)
    (version,) = versions_of(index_dir, "beta")
    assert (version.report_id, version.sha256) == ("beta", sha256(old))
    report = archived(index_dir, "beta", sha256(old)[:12])
    assert report is not None
    assert report.text == old.decode()
    assert report.file.sha256 == sha256(old)
    assert archived(index_dir, "beta", "f" * 12 if sha256(old)[0] != "f" else "0" * 12) is None
    assert archived(index_dir, "beta", "") is None
    assert archived(index_dir, "alpha", sha256(old)[:12]) is None


def test_removing_a_report_removes_its_versions(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    for name in ("alpha", "beta"):
        (folder / f"{name}.txt").write_text(f"{name} 改了。\n", encoding="utf-8")
    build([folder], index_dir)
    assert len(archived_sha256s(index_dir)) == 2
    remove(index_dir, "beta")
    assert versions_of(index_dir, "beta") == ()
    assert len(versions_of(index_dir, "alpha")) == 1


def test_a_damaged_version_is_refused(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    old = sha256((folder / "beta.txt").read_bytes())
    (folder / "beta.txt").write_text("改了。\n", encoding="utf-8")
    build([folder], index_dir)
    (path,) = (index_dir / "versions").glob("*/*.msgpack")
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(SnapshotCorrupt, match="checksum differs"):
        archived(index_dir, "beta", old[:12])


def test_an_original_is_proved_when_it_is_read(tmp_path: Path) -> None:
    data = b"%PDF-1.7 \x00\xff"
    keep_original(tmp_path, data, sha256(data))
    assert original(tmp_path, sha256(data)) == data
    assert original(tmp_path, sha256(b"another")) is None
    assert original(tmp_path, "../CURRENT") is None
    (tmp_path / "originals" / sha256(data)).write_bytes(b"changed")
    with pytest.raises(SnapshotCorrupt, match="sha256 differs"):
        original(tmp_path, sha256(data))


def test_originals_that_nothing_needs_are_swept(tmp_path: Path) -> None:
    for data in (b"one", b"two"):
        keep_original(tmp_path, data, sha256(data))
    sweep_originals(tmp_path, {sha256(b"one")})
    assert [path.name for path in (tmp_path / "originals").iterdir()] == [sha256(b"one")]


def test_text_files_keep_no_original(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    snapshot = open_snapshot(index_dir)
    assert snapshot.original(snapshot.records()[0].file.sha256) is None
    assert snapshot.ink("beta") is None
    with pytest.raises(KeyError):
        snapshot.ink("nobody")
    snapshot.close()
