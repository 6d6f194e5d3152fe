"""Watching: a file is indexed when it is complete, not before; errors and signals are survived."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from corpus.errors import SnapshotMissing
from indexer.snapshot import open_snapshot
from service.watching import Settling

TOP = Path(__file__).parents[2]


def texts(index_dir: Path) -> dict[str, str]:
    try:
        snapshot = open_snapshot(index_dir)
    except SnapshotMissing:
        return {}
    try:
        return {report_id: snapshot.text(report_id) for report_id in snapshot.report_ids()}
    finally:
        snapshot.close()


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_a_file_is_due_when_it_has_been_quiet() -> None:
    settling = Settling(quiet_s=2)
    settling.look({"a": (1, 1, 1)}, 10)
    assert not settling.due(10)
    settling.look({"a": (2, 2, 1)}, 11)  # it grew
    assert not settling.due(12.9)
    assert settling.due(13)
    settling.taken(settling.unsettled(13))
    assert not settling.due(99)


def test_a_growing_file_does_not_keep_others_waiting() -> None:
    settling = Settling(quiet_s=2)
    settling.look({"a": (1, 1, 1), "b": (1, 1, 2)}, 10)
    settling.look({"a": (1, 1, 1), "b": (2, 2, 2)}, 12)
    assert settling.due(12)
    assert settling.unsettled(12) == {"b"}
    settling.taken({"b"})
    assert not settling.due(13)
    assert settling.due(14)  # b has been quiet for two seconds


def test_a_file_that_vanished_is_due_once() -> None:
    settling = Settling(quiet_s=2)
    settling.look({"a": (1, 1, 1)}, 10)
    settling.taken(())
    settling.look({}, 11)
    assert settling.due(11)
    settling.taken(())
    assert not settling.due(12)


def test_the_command_indexes_what_is_complete_and_ends_on_sigterm(tmp_path: Path) -> None:
    folder, index_dir = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    (folder / "first.txt").write_text("光学镜头需求回升。\n", encoding="utf-8")
    command = [sys.executable, str(TOP / "yanbao.py"), "index", "--watch", str(folder)]
    watching = subprocess.Popen([*command, "--index", str(index_dir)], cwd=TOP)
    try:
        wait_until(lambda: "first" in texts(index_dir))
        with (folder / "slow.txt").open("w", encoding="utf-8") as slow:
            for number in range(5):  # written over 2.5 s, never quiet for 2 s
                slow.write(f"第{number}段讲出口。\n")
                slow.flush()
                written = time.monotonic()
                time.sleep(0.5)
                found = texts(index_dir)
                # a busy machine may stop this process until the file has been quiet
                assert "slow" not in found or time.monotonic() - written > 1.5
        (folder / "later.part").write_text("改名之后才完整。\n", encoding="utf-8")
        os.rename(folder / "later.part", folder / "later.txt")
        (folder / "bad.txt").write_bytes(bytes(range(256)) * 40)  # quarantined; the watch goes on
        wait_until(lambda: texts(index_dir).keys() == {"first", "slow", "later"})
        assert texts(index_dir)["slow"].count("段讲出口") == 5
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(15) == 0
    finally:
        watching.kill()
        watching.wait()
