"""The served snapshot: swapped when CURRENT moves, kept for those who read it, kept on failure."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from corpus.errors import SnapshotCorrupt, SnapshotMissing
from service.live import LiveIndex, Served


class Snapshot:
    """Only what `live` touches: a name and whether it is closed."""

    def __init__(self, name: str) -> None:
        self.id = name
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Folder:
    """An index folder whose snapshots are names in CURRENT."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: list[Snapshot] = []
        self.fault: Exception | None = None

    def publish(self, name: str) -> None:
        new = self.path / "CURRENT.new"
        new.write_text(name)
        os.replace(new, self.path / "CURRENT")

    def open(self) -> Served:
        if self.fault:
            raise self.fault
        snapshot = Snapshot((self.path / "CURRENT").read_text())
        self.opened.append(snapshot)
        return Served(snapshot, None, None)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path)
    made.publish("one")
    return made


def test_the_published_snapshot_is_served(folder):
    live = LiveIndex(folder.path, folder.open)
    live.open()
    with live.lease() as served:
        assert served.snapshot.id == "one"


def test_a_look_without_news_opens_nothing(folder):
    live = LiveIndex(folder.path, folder.open)
    live.open()
    live.look()
    assert [snapshot.id for snapshot in folder.opened] == ["one"]
    assert live.swaps == 0


def test_a_reader_keeps_its_snapshot_and_the_last_one_closes_it(folder):
    live = LiveIndex(folder.path, folder.open)
    live.open()
    with live.lease() as first, live.lease() as second:
        folder.publish("two")
        live.look()
        with live.lease() as third:
            assert (first.snapshot.id, third.snapshot.id) == ("one", "two")
        assert second.snapshot.closed == 0
    assert folder.opened[0].closed == 1
    assert folder.opened[1].closed == 0
    live.close()
    assert [snapshot.closed for snapshot in folder.opened] == [1, 1]


def test_an_idle_snapshot_is_closed_at_the_swap(folder):
    live = LiveIndex(folder.path, folder.open)
    live.open()
    folder.publish("two")
    live.look()
    assert folder.opened[0].closed == 1


def test_a_damaged_snapshot_is_not_served_and_the_old_one_stays(folder):
    live = LiveIndex(folder.path, folder.open)
    live.open()
    folder.fault = SnapshotCorrupt("chunks: sha256 differs")
    folder.publish("two")
    live.look()
    live.look()  # the same damage is not tried again
    assert (live.fault, live.failed_swaps, live.swaps) == ("SnapshotCorrupt", 1, 0)
    with live.lease() as served:
        assert served.snapshot.id == "one"
    folder.fault = None
    folder.publish("three")
    live.look()
    assert live.fault is None
    with live.lease() as served:
        assert served.snapshot.id == "three"


def test_a_vanished_pointer_changes_nothing(folder):
    live = LiveIndex(folder.path, folder.open)
    live.open()
    (folder.path / "CURRENT").unlink()
    live.look()
    with live.lease() as served:
        assert served.snapshot.id == "one"


def test_opening_tells_what_is_wrong(folder):
    folder.fault = SnapshotMissing("nothing was published there")
    with pytest.raises(SnapshotMissing):
        LiveIndex(folder.path, folder.open).start()


def test_the_watcher_swaps_by_itself(folder):
    live = LiveIndex(folder.path, folder.open, look_every_s=0.01)
    live.start()
    try:
        folder.publish("two")
        waited = threading.Event()
        for _ in range(500):
            if live.swaps:
                break
            waited.wait(0.01)
        with live.lease() as served:
            assert served.snapshot.id == "two"
    finally:
        live.close()


def test_no_reader_ever_holds_a_closed_snapshot(folder):
    """Readers in three threads while the index is swapped 200 times."""
    live = LiveIndex(folder.path, folder.open)
    live.open()
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not stop.is_set():
            with live.lease() as served:
                seen.append(served.snapshot.closed)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(200):
        folder.publish(f"{number}")
        live.look()
    stop.set()
    for thread in threads:
        thread.join()
    live.close()
    assert set(seen) == {0}
    assert {snapshot.closed for snapshot in folder.opened} == {1}
