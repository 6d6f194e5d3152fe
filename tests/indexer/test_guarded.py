"""Guarded parsing: whatever a file does to its process, it gets a verdict and the rest goes on."""

from __future__ import annotations

import ctypes
import faulthandler
import hashlib
import os
import threading
import time
from dataclasses import replace
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

from corpus.errors import IndexerError
from corpus.raw import Quarantine, RawFile
from corpus.report import SourceFile
from indexer.guarded import Guard, Limits, Outcome
from indexer.parsing import ParseFile
from indexer.store import ParsedReport
from indexer.vocabulary import load_vocabulary


def raw(name: str) -> RawFile:
    data = name.encode()
    return RawFile(name, data, SourceFile(name, "pdf", len(data), hashlib.sha256(data).hexdigest()))


def behave(item: RawFile) -> Outcome:
    """A parse that does what the file's name says."""
    what = item.report_id.split("-")[0]
    if what == "hang":
        time.sleep(60)
    if what == "exit":
        os._exit(3)
    if what == "segfault":
        faulthandler.disable()  # pytest's would print the stack of a crash that is meant
        ctypes.string_at(0)
    if what == "grow":
        held = []
        while True:
            held.append(bytearray(2**22))
            time.sleep(0.001)
    if what == "leap":
        bytearray(2**33)
    if what == "raise":
        raise ZeroDivisionError("a fault of ours")
    return ParsedReport(item.report_id, "", b"", b"", b"", b"", b"", ())


def settle(names: list[str], limits: Limits, processes: int = 2) -> dict[str, Outcome]:
    guard = Guard(behave, processes, limits)
    found: dict[str, Outcome] = {}
    try:
        for name in names:
            found |= {item.report_id: outcome for item, outcome in guard.take(raw(name))}
        found |= {item.report_id: outcome for item, outcome in guard.finish()}
    finally:
        guard.close()
    return found


def children() -> list[str]:
    """Ours, without the one that Python starts beside the first process that is not forked and
    keeps to its own end (other threads of this process decide whether there is one)."""
    me = os.getpid()
    keeper = str(getattr(resource_tracker._resource_tracker, "_pid", None))
    found = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    return [child for child in found if child != keeper]


def test_every_file_has_its_own_verdict_and_good_ones_are_parsed() -> None:
    before = children()
    bad = {
        "hang-1": "was not parsed within 8 s",
        "exit-1": "exit status 3",
        "segfault-1": "SIGSEGV",
        "grow-1": "more than 150 MiB",
        "leap-1": "more than 150 MiB",
        "raise-1": "ZeroDivisionError: a fault of ours",
    }
    good = [f"good-{number}" for number in range(len(bad) + 1)]
    mixed = [name for pair in zip(good, [*bad, "good-x"], strict=True) for name in pair]
    found = settle(mixed, Limits(seconds=8, seconds_per_mib=0, memory_mib=150))
    assert found.keys() == set(mixed)
    for name, outcome in found.items():
        if name.startswith("good"):
            assert isinstance(outcome, ParsedReport)
            assert outcome.report_id == name
        else:
            assert isinstance(outcome, Quarantine)
            assert outcome.report_id == name
            assert bad[name] in outcome.reason
    # Neither zombies nor orphans; a child of an earlier test may have ended meanwhile.
    assert set(children()) <= set(before)


def test_it_works_beside_other_threads() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    guard = Guard(ParseFile(load_vocabulary()), 1, Limits())  # spawned: it needs a real module
    item = replace(raw("good"), file=replace(raw("good").file, type="unheard-of"))
    try:
        assert list(guard.take(item)) == []
        ((given, outcome),) = guard.finish()
    finally:
        guard.close()
        stop.set()
        thread.join()
    assert given == item
    assert isinstance(outcome, Quarantine)
    assert "unknown format (unheard-of)" in outcome.reason


def test_a_process_that_cannot_start_blames_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    # forked, so that it inherits the next line; threads of earlier tests would have it spawned
    monkeypatch.setattr("indexer.workers.threading.active_count", lambda: 1)
    monkeypatch.setattr("indexer.guarded.begin", lambda *_: os._exit(1))
    with pytest.raises(IndexerError, match="cannot be started"):
        settle(["good-1"], Limits())


def test_an_oversized_file_is_not_opened() -> None:
    item = raw("good")
    guard = Guard(behave, 1, Limits(file_mib=0))
    ((given, outcome),) = guard.take(item)
    assert given is item
    assert isinstance(outcome, Quarantine)
    assert outcome.reason.startswith("is oversized (4 bytes), the limit is 0 MiB")


@pytest.mark.parametrize(("size", "seconds"), [(0, 60.0), (2**20, 100.0), (2**21 + 2**19, 160.0)])
def test_large_files_are_given_more_time(size: int, seconds: float) -> None:
    assert Limits().seconds_for(size) == seconds
