"""Build: what goes in, what is carried over, what is dropped, and that nothing else matters."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest

from corpus.errors import IndexLocked, SnapshotMissing, SourceError
from corpus.raw import RawReport
from corpus.report import Report
from indexer import parsing
from indexer.build import build, remove
from indexer.manifest import writing
from indexer.outcome import Step
from indexer.snapshot import open_snapshot

GOOD = "光学镜头需求回升，价格上涨。\n\n第二段讲出口。\n"


def ids(index_dir: Path) -> tuple[str, ...]:
    snapshot = open_snapshot(index_dir)
    try:
        return snapshot.report_ids()
    finally:
        snapshot.close()


def test_the_reports_are_there_with_their_text(folder: Path, index_dir: Path) -> None:
    outcome = build([folder], index_dir)
    assert outcome.added == ("alpha", "beta", "gamma")
    snapshot = open_snapshot(index_dir)
    for path in folder.iterdir():
        assert snapshot.text(path.stem) == path.read_text(encoding="utf-8")
        report = snapshot.report(path.stem)
        assert report.text == snapshot.text(path.stem)
        chunks = snapshot.chunks_of(path.stem)
        assert all(c.text == report.text[c.start : c.end] for c in chunks)
    assert snapshot.chunk_count() == outcome.chunks
    assert [r.report_id for r in snapshot.records()] == ["alpha", "beta", "gamma"]
    with pytest.raises(KeyError):
        snapshot.text("nobody")
    with pytest.raises(IndexError):
        snapshot.chunk(outcome.chunks)
    snapshot.close()


def test_nothing_changed_publishes_nothing(folder: Path, index_dir: Path) -> None:
    first = build([folder], index_dir)
    pointer = (index_dir / "CURRENT").stat()
    again = build([folder], index_dir)
    assert first.published
    assert not again.published
    assert again.unchanged == 3
    assert again.snapshot_id == first.snapshot_id
    assert (index_dir / "CURRENT").stat() == pointer


def test_unchanged_reports_are_not_parsed_again(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([folder], index_dir)
    parsed = []
    real = parsing.parse
    monkeypatch.setattr(parsing, "parse", lambda raw: parsed.append(raw.report_id) or real(raw))
    (folder / "beta.txt").write_text(GOOD, encoding="utf-8")
    (folder / "delta.txt").write_text(GOOD, encoding="utf-8")
    outcome = build([folder], index_dir)
    assert parsed == ["beta", "delta"]
    assert (outcome.added, outcome.updated, outcome.unchanged) == (("delta",), ("beta",), 2)


def test_an_incremental_build_equals_a_full_one(folder: Path, index_dir: Path) -> None:
    build([folder / "beta.txt"], index_dir)
    build([folder / "alpha.txt"], index_dir)
    (folder / "beta.txt").write_text(GOOD, encoding="utf-8")
    incremental = build([folder], index_dir)
    full = build([folder], index_dir.with_name("other"))
    assert incremental.snapshot_id == full.snapshot_id
    for name in ("report_of", "role_of", "tie_order", "lengths"):
        one, other = (f / f"{name}.npy" for f in (incremental.folder, full.folder))
        assert one.read_bytes() == other.read_bytes(), name


def test_the_id_ignores_order_path_and_processes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.build._WORTH_WORKERS_BYTES", 0)
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    outcomes = [
        build([folder], tmp_path / "a", processes=1),
        build([folder], tmp_path / "b", processes=2),
        build(sorted(moved.iterdir(), reverse=True), tmp_path / "c", processes=1),
    ]
    assert len({outcome.snapshot_id for outcome in outcomes}) == 1
    assert {outcome.chunks for outcome in outcomes} == {outcomes[0].chunks}


def test_the_id_follows_the_content(folder: Path, index_dir: Path) -> None:
    first = build([folder], index_dir)
    (folder / "gamma.txt").write_text(GOOD, encoding="utf-8")
    assert build([folder], index_dir).snapshot_id != first.snapshot_id


def test_a_file_that_kills_its_process_is_quarantined_and_the_rest_goes_on(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.build._WORTH_WORKERS_BYTES", 0)
    # Only forked workers inherit the deadly parser below; threads of earlier tests would make
    # the build spawn them.
    monkeypatch.setattr("indexer.workers.threading.active_count", lambda: 1)
    monkeypatch.setattr("indexer.parsing._BATCH_CHARS", 60)  # some batches hold several reports
    for number in range(12):
        (folder / f"more{number:02}.txt").write_text(GOOD, encoding="utf-8")
    builder = os.getpid()
    real = parsing.parse

    def deadly(raw: RawReport) -> Report:
        if raw.report_id in {"beta", "more07"} and os.getpid() != builder:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(raw)

    monkeypatch.setattr(parsing, "parse", deadly)
    outcome = build([folder], index_dir)
    assert {file.report_id for file in outcome.quarantined} == {"beta", "more07"}
    assert all("killed" in file.reason for file in outcome.quarantined)
    left = {"alpha", "gamma", *(f"more{n:02}" for n in range(12))} - {"more07"}
    assert set(ids(index_dir)) == left
    monkeypatch.setattr(parsing, "parse", real)
    again = build([folder], index_dir)
    assert (again.quarantined, again.reports, again.unchanged) == ((), 15, 13)


def test_a_bad_file_does_not_stop_the_rest(folder: Path, index_dir: Path) -> None:
    (folder / "bad.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "empty.txt").write_bytes(b"")
    outcome = build([folder], index_dir)
    assert outcome.reports == 3
    assert {file.name for file in outcome.quarantined} == {"bad.txt", "empty.txt"}
    snapshot = open_snapshot(index_dir)
    assert {file.report_id for file in snapshot.quarantined()} == {"bad", "empty"}
    assert all(file.reason for file in snapshot.quarantined())
    snapshot.close()
    (folder / "bad.txt").write_text(GOOD, encoding="utf-8")
    (folder / "empty.txt").unlink()
    assert build([folder], index_dir, prune=True).quarantined == ()
    assert ids(index_dir) == ("alpha", "bad", "beta", "gamma")


def test_bad_files_only_publish_an_empty_snapshot(tmp_path: Path, index_dir: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00\xd8" * 99)
    outcome = build([tmp_path / "bad.txt"], index_dir)
    assert (outcome.published, outcome.reports, outcome.chunks) == (True, 0, 0)
    snapshot = open_snapshot(index_dir)
    assert snapshot.report_ids() == ()
    assert [file.name for file in snapshot.quarantined()] == ["bad.txt"]
    snapshot.close()


def test_a_report_that_became_unreadable_is_quarantined(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    (folder / "beta.txt").write_bytes(b"\x00\x01\x02" * 500)
    outcome = build([folder], index_dir)
    assert outcome.removed == ("beta",)
    assert [file.report_id for file in outcome.quarantined] == ["beta"]
    assert ids(index_dir) == ("alpha", "gamma")


def test_prune_removes_only_what_came_from_there(
    folder: Path, tmp_path: Path, index_dir: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "omega.txt").write_text(GOOD, encoding="utf-8")
    build([folder, other], index_dir)
    (folder / "beta.txt").unlink()
    (other / "omega.txt").unlink()
    assert build([folder], index_dir).removed == ()
    assert build([folder], index_dir, prune=True).removed == ("beta",)
    assert ids(index_dir) == ("alpha", "gamma", "omega")


def test_prune_removes_vanished_lines_of_a_jsonl_file(tmp_path: Path, index_dir: Path) -> None:
    def write(*names: str) -> None:
        lines = [json.dumps({"id": n, "text": f"{n} {GOOD}"}, ensure_ascii=False) for n in names]
        (tmp_path / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")

    write("a", "b", "c")
    build([tmp_path / "all.jsonl"], index_dir)
    write("a", "c", "d")
    assert build([tmp_path / "all.jsonl"], index_dir).removed == ()
    assert build([tmp_path / "all.jsonl"], index_dir, prune=True).removed == ("b",)
    assert ids(index_dir) == ("a", "c", "d")


def test_two_files_of_one_name_do_not_replace_each_other(tmp_path: Path, index_dir: Path) -> None:
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "same.txt").write_text(f"{place}。{GOOD}", encoding="utf-8")
    build([tmp_path / "one"], index_dir)
    build([tmp_path / "two"], index_dir)
    found = ids(index_dir)
    assert found[0] == "same"
    assert len(found) == 2
    assert found[1].startswith("same~")
    assert not build([tmp_path / "two"], index_dir).published


def test_a_moved_file_is_no_second_report(folder: Path, tmp_path: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    (folder / "alpha.txt").rename(tmp_path / "alpha.txt")
    build([tmp_path / "alpha.txt"], index_dir)
    assert ids(index_dir) == ("alpha", "beta", "gamma")


def test_remove_takes_one_report_out(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    assert remove(index_dir, "beta").removed == ("beta",)
    assert ids(index_dir) == ("alpha", "gamma")
    with pytest.raises(KeyError):
        remove(index_dir, "beta")


def test_remove_without_an_index_says_so(index_dir: Path) -> None:
    with pytest.raises(SnapshotMissing, match="no index was published"):
        remove(index_dir, "beta")


def test_a_wrong_path_changes_nothing(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    with pytest.raises(SourceError):
        build([folder / "nothing"], index_dir)
    assert ids(index_dir) == ("alpha", "beta", "gamma")


def test_progress_reaches_every_report(folder: Path, index_dir: Path) -> None:
    told: list[Step] = []
    (folder / "paged.txt").write_text(f"{GOOD}\f{GOOD}", encoding="utf-8")
    build([folder], index_dir, progress=told.append)
    assert [step.name for step in told] == ["alpha", "beta", "gamma", "paged"]
    assert [step.done for step in told] == [1, 2, 3, 4]
    assert {step.known for step in told} == {4}
    assert [step.pages for step in told] == [0, 0, 0, 2]


def test_only_two_snapshots_are_kept(folder: Path, index_dir: Path) -> None:
    for turn in range(4):
        (folder / "gamma.txt").write_text(f"{turn}。{GOOD}", encoding="utf-8")
        build([folder], index_dir)
    assert len(list(index_dir.glob("v-*"))) == 2


def test_a_reader_outlives_the_snapshots_that_follow(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    snapshot = open_snapshot(index_dir)
    before = snapshot.text("gamma")
    for turn in range(3):
        (folder / "gamma.txt").write_text(f"{turn}。{GOOD}", encoding="utf-8")
        build([folder], index_dir)
    assert snapshot.text("gamma") == before
    assert snapshot.mentions("青山科技")
    assert snapshot.lexicon.companies
    snapshot.close()


def _hold(index_dir: Path, held: multiprocessing.synchronize.Event) -> None:
    with writing(index_dir):
        held.set()
        multiprocessing.Event().wait(60)


def test_a_second_builder_is_told_who_is_writing(folder: Path, index_dir: Path) -> None:
    context = multiprocessing.get_context("fork")
    held = context.Event()
    holder = context.Process(target=_hold, args=(index_dir, held))
    holder.start()
    assert held.wait(30)
    with pytest.raises(IndexLocked, match=f"process {holder.pid} is writing"):
        build([folder], index_dir)
    holder.kill()
    holder.join()
    assert build([folder], index_dir).published  # a dead builder's lock is no lock


def test_figures_of_sentences_are_in_the_snapshot_beside_those_of_tables(
    folder: Path, index_dir: Path
) -> None:
    build([folder], index_dir)
    snapshot = open_snapshot(index_dir)
    try:
        (fact,) = snapshot.facts.find(codes=("688001",), source="sentence")
        assert (fact.metric, fact.period, fact.value_base, fact.unit_base) == (
            "revenue", "2023", "128051000000", "元",
        )  # fmt: skip
        assert snapshot.text("alpha")[fact.start : fact.end] == fact.value == "1,280.51"
        assert snapshot.facts.find(codes=("688001",)) == []
    finally:
        snapshot.close()
