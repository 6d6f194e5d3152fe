"""Building from files that must be taken apart: verdicts, ink and originals, old state or new."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import reading
from corpus.composed import Composed, KnownBlock
from corpus.errors import UnreadableFile
from corpus.raw import RawFile
from corpus.report import BlockKind, Ink, InkRun, Rect, SourceFile, Span
from corpus.sources import Source
from indexer.build import build, remove
from indexer.guarded import Limits
from indexer.snapshot import open_snapshot
from indexer.versions import archived


def compose(data: bytes, name: str) -> Composed:
    """A reader of one-line files that does what the line says."""
    text = data.decode().strip()
    if text == "die":
        os._exit(9)
    if text == "spin":
        while True:
            pass
    if text == "refuse":
        raise UnreadableFile(name, "is encrypted")
    edges = tuple(72 + 10.5 * n for n in range(len(text) + 1))
    ink = Ink(((595.0, 842.0),), (InkRun(0, 1, 80.0, 90.5, edges),))
    whole = Span(0, len(text))
    return Composed(text, (KnownBlock(BlockKind.PARAGRAPH, whole),), (whole,), ink)


def taken_apart(source: Source, seen: dict[str, str]) -> Iterator[RawFile]:
    data = Path(source.path).read_bytes()
    file = SourceFile(source.name, "pdf", len(data), hashlib.sha256(data).hexdigest())
    yield RawFile(source.report_id or "", data, file)


@pytest.fixture(autouse=True)
def files_are_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.build.read_raw", taken_apart)
    monkeypatch.setattr(reading, "reader_of", lambda kind, name: compose)
    # forked processes inherit the reader above; threads of earlier tests would have them spawned
    monkeypatch.setattr("indexer.workers.threading.active_count", lambda: 1)


def write(folder: Path, **lines: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, line in lines.items():
        (folder / f"{name}.txt").write_text(line, encoding="utf-8")


def test_bad_files_have_verdicts_and_good_ones_ink_and_originals(tmp_path: Path) -> None:
    folder, index_dir = tmp_path / "in", tmp_path / "index"
    write(folder, a="光学镜头需求回升。", b="die", c="spin", d="refuse", e="出口增长百分之三。")
    outcome = build([folder], index_dir, limits=Limits(seconds=5), processes=2)
    reasons = {file.report_id: file.reason for file in outcome.quarantined}
    assert reasons.keys() == {"b", "c", "d"}
    assert "exit status 9" in reasons["b"]
    assert "within 5 s" in reasons["c"]
    assert reasons["d"] == "is encrypted"
    assert outcome.added == ("a", "e")
    snapshot = open_snapshot(index_dir)
    ink = snapshot.ink("a")
    assert ink is not None
    # the third and fourth characters: 72 + 2 × 10.5 … 72 + 4 × 10.5
    assert ink.rects(2, 4) == (Rect(1, 93.0, 80.0, 114.0, 90.5),)
    assert snapshot.report("a").ink is None  # a report's structure does not pay for it
    assert snapshot.original(snapshot.report("a").file.sha256) == (folder / "a.txt").read_bytes()
    assert len(list((index_dir / "originals").iterdir())) == 2
    snapshot.close()


def test_ink_and_originals_are_carried_over_and_replaced_versions_keep_theirs(
    tmp_path: Path,
) -> None:
    folder, index_dir = tmp_path / "in", tmp_path / "index"
    write(folder, a="光学镜头需求回升。", e="出口增长百分之三。")
    build([folder], index_dir)
    old = (folder / "e.txt").read_bytes()
    old_sha256 = hashlib.sha256(old).hexdigest()
    write(folder, e="出口增长百分之四。")
    build([folder], index_dir)
    snapshot = open_snapshot(index_dir)
    assert snapshot.ink("a") is not None
    assert snapshot.original(old_sha256) == old
    snapshot.close()
    version = archived(index_dir, "e", old_sha256[:12])
    assert version is not None
    assert version.text == "出口增长百分之三。"
    assert version.ink is not None
    remove(index_dir, "e")
    left = [path.name for path in (index_dir / "originals").iterdir()]
    assert left == [hashlib.sha256((folder / "a.txt").read_bytes()).hexdigest()]
    assert list((index_dir / "versions").iterdir()) == []


def test_an_incremental_build_of_files_equals_a_full_one(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder, a="光学镜头需求回升。", e="出口增长百分之三。")
    build([folder / "a.txt"], tmp_path / "one")
    one = build([folder], tmp_path / "one")
    other = build([folder], tmp_path / "other")
    assert one.unchanged == 1
    assert one.snapshot_id == other.snapshot_id
