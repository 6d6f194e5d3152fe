"""Stamps: what certainly stands as it was is not read again; whatever may have changed is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer import build as building
from indexer import stamps
from indexer.build import build
from indexer.snapshot import open_snapshot
from indexer.stamps import Stamps, read_stamps

HOUR_NS = 3_600_000_000_000
Read = Callable[[], list[str]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Gives the names of the files read since it was last asked; any age of a stamp will do."""
    monkeypatch.setattr(stamps, "SETTLED_NS", -HOUR_NS)
    names: list[str] = []
    real = building.read_raw  # type: ignore[attr-defined]
    monkeypatch.setattr(
        building,
        "read_raw",
        lambda source, seen: (names.append(source.name), real(source, seen))[1],
    )

    def since() -> list[str]:
        found = list(names)
        names.clear()
        return found

    return since


def test_only_what_changed_is_read(folder: Path, index_dir: Path, read: Read) -> None:
    build([folder], index_dir)
    assert read() == ["alpha.txt", "beta.txt", "gamma.txt"]
    assert build([folder], index_dir).unchanged == 3
    assert read() == []
    (folder / "beta.txt").write_text("改了。\n", encoding="utf-8")
    (folder / "delta.txt").write_text("新的。\n", encoding="utf-8")
    outcome = build([folder], index_dir, prune=True)
    assert read() == ["beta.txt", "delta.txt"]
    assert (outcome.added, outcome.updated, outcome.unchanged) == (("delta",), ("beta",), 2)
    assert not build([folder], index_dir).published
    assert read() == []


def test_the_same_size_and_time_of_writing_do_not_hide_a_change(
    folder: Path, index_dir: Path, read: Read
) -> None:
    build([folder], index_dir)
    path = folder / "gamma.txt"
    before = path.stat()
    path.write_text(path.read_text("utf-8").replace("上涨", "下跌"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    read()
    assert build([folder], index_dir).updated == ("gamma",)
    snapshot = open_snapshot(index_dir)
    assert "下跌" in snapshot.text("gamma")
    snapshot.close()


def test_a_file_that_was_touched_is_read_and_nothing_is_published(
    folder: Path, index_dir: Path, read: Read
) -> None:
    build([folder], index_dir)
    read()
    os.utime(folder / "alpha.txt")
    assert not build([folder], index_dir).published
    assert read() == ["alpha.txt"]


def test_a_file_that_changed_a_moment_ago_is_read_again(
    folder: Path, index_dir: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It might change again within the same tick of the clock."""
    monkeypatch.setattr(stamps, "SETTLED_NS", HOUR_NS)
    outcome = build([folder], index_dir)
    assert read_stamps(outcome.folder) == {}
    read()
    build([folder], index_dir)
    assert read() == ["alpha.txt", "beta.txt", "gamma.txt"]


def test_archives_lines_and_quarantined_files_are_always_read(
    tmp_path: Path, index_dir: Path, read: Read
) -> None:
    (tmp_path / "all.jsonl").write_text('{"id": "a", "text": "一句话。"}', encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01\x02" * 500)
    paths = [tmp_path / "all.jsonl", tmp_path / "bad.txt"]
    build(paths, index_dir)
    read()
    assert [file.name for file in build(paths, index_dir).quarantined] == ["bad.txt"]
    assert sorted(read()) == ["all.jsonl", "bad.txt"]


def test_a_report_that_another_program_parsed_is_read_again(
    folder: Path, index_dir: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([folder], index_dir)
    read()
    monkeypatch.setattr(building, "parser_fingerprint", lambda _: "another")
    build([folder], index_dir)
    assert read() == ["alpha.txt", "beta.txt", "gamma.txt"]


def test_stamps_of_files_that_are_gone_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"1")
    os.utime(path, ns=(0, 0))
    seen = Stamps({"/nowhere": stamps.Stamp(1, 2, 3, 4)})
    assert not seen.unchanged("/nowhere")
    assert seen.packed(["/nowhere"]) == Stamps({}).packed([])
