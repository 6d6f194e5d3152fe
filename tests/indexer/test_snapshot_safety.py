"""Safety: killed builders, damaged files, full disks. Old state or new state, never a third."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from corpus.errors import (
    IndexerError,
    SnapshotCorrupt,
    SnapshotMismatch,
    SnapshotMissing,
)
from indexer import arrays, manifest, segments, store_writing
from indexer.build import build, remove
from indexer.manifest import MANIFEST, POINTER, current_folder, read_manifest, write_manifest
from indexer.search import search
from indexer.segmentation import Segmenter
from indexer.snapshot import open_snapshot
from indexer.vocabulary import load_vocabulary

KILLS = 30
QUERIES = ("光学镜头", "青山科技", "票房", "营业收入")


def signature(index_dir: Path) -> str | None:
    """All that a reader could see of an index; None if nothing was ever published."""
    try:
        snapshot = open_snapshot(index_dir)
    except SnapshotMissing:
        return None
    try:
        seen = [snapshot.id, *map(snapshot.text, snapshot.report_ids())]
        for query in QUERIES:
            seen += [f"{h.chunk.passage_id} {h.score!r}" for h in search(snapshot, query, 10)]
        return hashlib.sha256("\0".join(seen).encode()).hexdigest()
    finally:
        snapshot.close()


def _build(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)


def kill_at(seconds: float, folder: Path, index_dir: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=_build, args=(folder, index_dir))
    process.start()
    assert process.pid is not None
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.join()


@pytest.mark.parametrize("first_build", [True, False])
def test_a_killed_builder_leaves_the_old_or_the_new_state(
    first_build: bool, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FLOOR", 1)  # so that files of the old state are linked
    changed = tmp_path / "changed"
    shutil.copytree(folder, changed)
    (changed / "alpha.txt").write_text("青山科技光学镜头业务收缩。\n", encoding="utf-8")
    old_dir, new_dir = tmp_path / "old", tmp_path / "new"
    if not first_build:
        build([folder], old_dir)
        shutil.copytree(old_dir, new_dir)
    began = time.monotonic()
    build([changed], new_dir)
    length = time.monotonic() - began
    allowed = {signature(old_dir), signature(new_dir)}
    chance = random.Random(20240221)
    for turn in range(KILLS // 2):
        victim = tmp_path / f"victim-{turn}"
        if not first_build:
            shutil.copytree(old_dir, victim)
        kill_at(chance.uniform(0, 1.3 * length), changed, victim)
        assert signature(victim) in allowed
        if turn % 5 == 0:  # and the next builder is not hindered by what was left behind
            build([changed], victim)
            assert signature(victim) == signature(new_dir)
            assert not list(victim.glob("tmp-*"))
        shutil.rmtree(victim, ignore_errors=True)


def _mutations(data: bytes, chance: random.Random) -> list[tuple[str, bytes]]:
    made = [("truncated", data[: chance.randrange(len(data))]), ("longer", data + b"\0")]
    for _ in range(6):
        at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        made.append(("bit", data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]))
    start = chance.randrange(len(data))
    zeroed = data[:start] + bytes(len(data[start : start + 4096])) + data[start + 4096 :]
    made.append(("page", zeroed if zeroed != data else b"\1" + data))
    return made


def test_every_damaged_file_is_refused_by_name(folder: Path, index_dir: Path) -> None:
    place = build([folder], index_dir).folder
    chance = random.Random(7)
    tried = 0
    for path in sorted(place.iterdir()):
        whole = path.read_bytes()
        for kind, damaged in _mutations(whole, chance):
            path.write_bytes(damaged)
            with pytest.raises(SnapshotCorrupt, match=path.name.replace(".", r"\.")):
                open_snapshot(index_dir)
            tried += 1
            assert kind
        path.unlink()
        with pytest.raises(SnapshotCorrupt, match=path.name.replace(".", r"\.")):
            open_snapshot(index_dir)
        path.write_bytes(whole)
    open_snapshot(index_dir).close()
    assert tried >= 90


def test_files_that_changed_places_are_refused(folder: Path, index_dir: Path) -> None:
    place = build([folder], index_dir).folder
    one, other = place / "keys_1.npy", place / "chunks_1.npy"
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)
    with pytest.raises(SnapshotCorrupt, match=r"\.npy"):
        open_snapshot(index_dir)


@pytest.mark.parametrize(
    "pointer",
    [b"", b"../../etc", b"v-1", b"\xff\xfe", b"v-20240101T000000000000-0123456789ab", b"/tmp"],
)
def test_a_damaged_pointer_is_refused(pointer: bytes, folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    (index_dir / POINTER).write_bytes(pointer)
    with pytest.raises(SnapshotCorrupt, match="CURRENT"):
        open_snapshot(index_dir)


def test_a_missing_index_is_named(index_dir: Path) -> None:
    with pytest.raises(SnapshotMissing, match="yanbao index"):
        open_snapshot(index_dir)


def _reseal(index_dir: Path, **changes: object) -> None:
    """Writes a manifest that is whole but says something else."""
    import msgspec

    folder = current_folder(index_dir)
    write_manifest(folder, msgspec.structs.replace(read_manifest(folder), **changes))


def test_another_format_is_a_mismatch(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([folder], index_dir)
    monkeypatch.setattr(manifest, "FORMAT_VERSION", 99)
    with pytest.raises(SnapshotMismatch, match="format 4, this program reads 99"):
        open_snapshot(index_dir)


def test_another_dictionary_is_a_mismatch(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    _reseal(index_dir, segmenter="0" * 64)
    with pytest.raises(SnapshotMismatch, match="another dictionary"):
        open_snapshot(index_dir)


def test_another_vocabulary_is_a_mismatch(folder: Path, index_dir: Path, tmp_path: Path) -> None:
    build([folder], index_dir)
    _reseal(index_dir, vocabulary="0" * 64)
    with pytest.raises(SnapshotMismatch, match="vocabulary"):
        open_snapshot(index_dir)


def test_queries_cut_otherwise_are_a_mismatch(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """White space on queries, jieba on documents: R@1 fell from 0.913 to 0.008 without an error."""
    build([folder], index_dir)
    monkeypatch.setattr(Segmenter, "words", lambda self, text: text.split())
    monkeypatch.setattr(Segmenter, "keys", lambda self, text: self.count([text[:3]]).keys)
    with pytest.raises(SnapshotMismatch, match="test query"):
        open_snapshot(index_dir)


def test_a_file_name_that_leads_outside_is_refused(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    entry = manifest.FileEntry(0, "")
    _reseal(index_dir, files={"../x.npy": entry})
    with pytest.raises(SnapshotCorrupt, match="no file name"):
        open_snapshot(index_dir)


@pytest.mark.parametrize("step", ["save", "sync", "publish"])
def test_a_full_disk_leaves_the_old_state_and_no_litter(
    step: str, folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([folder], index_dir)
    before = signature(index_dir)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    (folder / "alpha.txt").write_text("改了。\n", encoding="utf-8")
    target = {
        "save": (arrays.np, "save"),
        "sync": (manifest, "_sync"),
        "publish": (manifest.os, "replace"),
    }[step]
    monkeypatch.setattr(*target, full)
    with pytest.raises(OSError, match="No space left"):
        build([folder], index_dir)
    monkeypatch.undo()
    assert signature(index_dir) == before
    build([folder], index_dir)
    assert not list(index_dir.glob("tmp-*"))
    assert len(list(index_dir.glob("v-*"))) <= 2


def test_a_full_disk_in_sqlite_is_one_clear_error(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(store_writing, "write_report", full)
    with pytest.raises(IndexerError, match="disk is full"):
        build([folder], index_dir)
    assert not list(index_dir.glob("tmp-*"))


def test_a_corrupt_snapshot_is_rebuilt_with_a_warning_and_never_carried_over(
    folder: Path, index_dir: Path
) -> None:
    place = build([folder], index_dir).folder
    store = place / "reports_1.sqlite"
    store.write_bytes(store.read_bytes()[:-1])
    with pytest.raises(SnapshotCorrupt):
        remove(index_dir, "alpha")
    outcome = build([folder], index_dir)
    assert outcome.unchanged == 0
    assert "reports_1.sqlite" in outcome.warnings[0]
    open_snapshot(index_dir).close()


def test_files_are_durable_before_they_are_named(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync of files < of their folder < rename < of the index < replace of CURRENT < of it."""
    calls: list[str] = []
    real_sync, real_replace = manifest._sync, manifest.os.replace
    monkeypatch.setattr(
        manifest, "_sync", lambda p: (calls.append(f"sync {p.name}"), real_sync(p))[1]
    )
    monkeypatch.setattr(
        manifest.os,
        "replace",
        lambda a, b: (calls.append(f"replace {Path(b).name}"), real_replace(a, b))[1],
    )
    build([folder], index_dir)
    at = calls.index("replace CURRENT")
    assert f"sync {MANIFEST}" in calls[:at]
    assert calls[at - 1] == f"sync {index_dir.name}"
    assert calls[at - 2].startswith("sync tmp-")
    assert calls[at + 1] == f"sync {index_dir.name}"


def test_the_vocabulary_of_the_manifest_is_the_shipped_one(folder: Path, index_dir: Path) -> None:
    place = build([folder], index_dir).folder
    assert read_manifest(place).vocabulary == load_vocabulary().fingerprint
