"""Guarded parsing: files are taken apart in child processes that are killed beyond their limits.

Stands under `build`: pdfium and its like may hang, crash or take all memory, so each child has one
file at a time, and whatever befalls the child is that file's verdict and nobody else's.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from corpus.errors import IndexerError
from corpus.raw import Quarantine, RawFile
from indexer.store import ParsedReport
from indexer.workers import begin, process_context

Outcome = ParsedReport | Quarantine
Parse = Callable[[RawFile], Outcome]

_MIB = 2**20
_TICK_S = 0.05  # how often memory is looked at: a page fault fills about 100 MiB in that time
_READY = "ready"  # the first that a child says
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the parse of one file may cost.

    Args:
        seconds: wall clock for any file; 60 s is 480 pages at the 8 pages/s asked of tables.
        seconds_per_mib: on top for each MiB of the file: a scanned page has 100 KiB and more and
            costs two to four seconds of OCR, so large files are given the time that they need,
            while a bomb, which is small, is not.
        memory_mib: resident memory that the child takes beyond what it began with (a forked
            child begins with its parent's pages).
        file_mib: size of a file that is opened at all.
    """

    seconds: float = 60.0
    seconds_per_mib: float = 40.0
    memory_mib: int = 512
    file_mib: int = 200

    def seconds_for(self, size: int) -> float:
        """Wall clock for a file of so many bytes."""
        return self.seconds + self.seconds_per_mib * size / _MIB


class Guard:
    """Parses files, each alone in a child process; children are started when the first file comes.

    Args:
        parse: the work; it must survive the way into another process.
        processes: how many files at once.
        held: file descriptors that a child must not keep open (the build's lock).
    """

    def __init__(self, parse: Parse, processes: int, limits: Limits, *held: int) -> None:
        self._parse = parse
        self._processes = max(processes, 1)
        self._limits = limits
        self._held = held
        self._idle: list[_Child] = []
        self._busy: list[_Child] = []

    def take(self, raw: RawFile) -> Iterator[tuple[RawFile, Outcome]]:
        """Hands over a file, as soon as a child is free, and gives what was finished till then."""
        if raw.file.bytes > self._limits.file_mib * _MIB:
            limit = f"{self._limits.file_mib} MiB"
            size = f"{raw.file.bytes:,} bytes"
            yield raw, _verdict(raw, f"is oversized ({size}), the limit is {limit}; split it")
            return
        while len(self._busy) >= self._processes:
            yield from self._collect()
        self._hand(raw)

    def finish(self) -> Iterator[tuple[RawFile, Outcome]]:
        """What is still under way, as it comes."""
        while self._busy:
            yield from self._collect()

    def close(self) -> None:
        """Ends all children at once."""
        for child in [*self._idle, *self._busy]:
            child.end()
        self._idle, self._busy = [], []

    def _hand(self, raw: RawFile) -> None:
        while self._idle:
            child = self._idle.pop()
            if child.hand(raw, self._limits):
                self._busy.append(child)
                return
            child.end()  # it died while it waited: no file is to blame
        self._hand_to_new(raw)

    def _hand_to_new(self, raw: RawFile) -> None:
        child = _Child(self._parse, self._limits, self._held)
        child.hand(raw, self._limits)  # if it is dead already, its fate is read like any other
        self._busy.append(child)

    def _collect(self) -> list[tuple[RawFile, Outcome]]:
        """Waits a moment, and settles every child that is done, dead or beyond a limit."""
        wait([place for child in self._busy for place in child.signs()], _TICK_S)
        settled = []
        for child in list(self._busy):
            outcome = child.outcome(self._limits)
            if outcome is None:
                continue
            self._busy.remove(child)
            raw = child.raw
            if child.alive and child.resident() < self._limits.memory_mib * _MIB // 2:
                self._idle.append(child)
            else:
                child.end()
                if child.files > 1 and child.doubtful:  # perhaps an earlier file's doing
                    self._hand_to_new(raw)
                    continue
            settled.append((raw, outcome))
        return settled


class _Child:
    """One child process and the file that it has in hand."""

    def __init__(self, parse: Parse, limits: Limits, held: tuple[int, ...]) -> None:
        context, inherited = process_context(held)
        self._connection, theirs = context.Pipe()
        arguments = (theirs, parse, limits, os.getpid(), inherited)
        self._process: Any = context.Process(target=_serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self.raw: RawFile  # what it was handed last
        self.files = 0
        self._ready = False
        self._begun = 0  # bytes of memory that it began with
        self.alive = True
        self.doubtful = False

    def signs(self) -> list[Any]:
        """What becomes ready when there is something to settle."""
        return [self._connection, self._process.sentinel]

    def hand(self, raw: RawFile, limits: Limits) -> bool:
        """Gives it a file; False if it is dead."""
        self.raw = raw
        self.files += 1
        self._allowed = limits.seconds_for(raw.file.bytes)
        self._deadline = time.monotonic() + self._allowed
        try:
            self._connection.send(raw)
        except OSError:
            return False
        return True

    def outcome(self, limits: Limits) -> Outcome | None:
        """What became of the file; None while it is under way."""
        try:
            if not self._ready:
                self._begin()
                return None
            if self._connection.poll():
                done: Outcome | None = self._connection.recv()
                if done is not None:
                    return done
                return self._killed(_too_much(limits))
        except (EOFError, OSError):
            return self._crashed()
        if not self._process.is_alive() and not self._connection.poll():
            return self._crashed()
        if self.resident() > limits.memory_mib * _MIB:
            return self._killed(_too_much(limits))
        if time.monotonic() > self._deadline:
            self.alive = False
            reason = f"was not parsed within {self._allowed:.0f} s, the limit for its size"
            return _verdict(self.raw, f"{reason}; split it, or raise the limit")
        return None

    def _begin(self) -> None:
        """Looks whether it has come up; the clock of its first file starts then.

        Raises:
            IndexerError: it died before it could be given anything.
        """
        if not self._connection.poll():
            return
        try:
            self._connection.recv()
        except (EOFError, OSError) as error:
            raise IndexerError(
                "a process that takes files apart cannot be started; nothing was published; "
                "free some memory and try again"
            ) from error
        self._ready = True
        self._begun = self._resident()
        self._deadline = time.monotonic() + self._allowed

    def _killed(self, reason: str) -> Quarantine:
        self.alive, self.doubtful = False, True
        return _verdict(self.raw, reason)

    def _crashed(self) -> Quarantine:
        self._process.join(1)
        code = self._process.exitcode
        how = f"exit status {code}"
        if code is not None and code < 0:
            how = f"signal {signal.Signals(-code).name}"
        return self._killed(
            f"its parser crashed ({how}), or was killed for want of memory; the file is damaged "
            "or hostile: report it, and take it out"
        )

    def resident(self) -> int:
        """Bytes of memory that it has taken since it came up; 0 where the system does not tell."""
        return self._resident() - self._begun

    def _resident(self) -> int:
        try:
            fields = Path(f"/proc/{self._process.pid}/statm").read_text().split()
        except OSError:
            return 0
        return int(fields[1]) * _PAGE_BYTES

    def end(self) -> None:
        """Kills it and takes its remains away: no zombie stays."""
        self._connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def _too_much(limits: Limits) -> str:
    return f"its parse took more than {limits.memory_mib} MiB of memory; split it, or raise it"


def _verdict(raw: RawFile, reason: str) -> Quarantine:
    return Quarantine(raw.file.name, raw.report_id, reason, raw.file.bytes, raw.file.sha256)


# --- in the child -----------------------------------------------------------------------------


def _serve(
    connection: Connection[Any, Any],
    parse: Parse,
    limits: Limits,
    parent: int,
    held: tuple[int, ...],
) -> None:
    """Parses what comes, until the parent ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the builder's Ctrl-C: it ends its children
    begin(parent, held)
    # Twice what may be resident: libraries reserve more than they use, and the parent's watch is
    # the finer one; this stops a single allocation that would be too quick for the watch.
    most = 2 * limits.memory_mib * _MIB + _data_bytes()
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    connection.send(_READY)
    while True:
        try:
            raw = connection.recv()
        except (EOFError, OSError):
            return
        connection.send(_tried(parse, raw))


def _data_bytes() -> int:
    """Bytes of data that this process has reserved already (its parent's, if it was forked)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[5]) * _PAGE_BYTES
    except OSError:
        return 0


def _tried(parse: Parse, raw: RawFile) -> Outcome | None:
    """The outcome; None if there was too little memory. A fault of ours in a reader costs the
    file, never the build: its name and kind go into the verdict."""
    try:
        return parse(raw)
    except MemoryError:
        return None
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:200]
        return _verdict(raw, f"its parser failed ({what}); report it, and take it out")
