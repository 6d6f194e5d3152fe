"""Worker processes that parse reports and count terms; one process when there is little to do.

Stands under `build`: results come back in the order of the tasks, whoever did them, and a process
that dies takes nothing with it but the task that killed it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import ForkContext, SpawnContext
from typing import TypeVar

from corpus.errors import IndexerError

Task = TypeVar("Task")
Done = TypeVar("Done")

_BACKLOG = 4  # tasks handed out ahead, for each process: enough to keep all busy, little memory


class Workers:
    """Runs a function over tasks, in order.

    Args:
        start: makes a pool of processes; None runs everything in this process.
        processes: how many the pool has.
    """

    def __init__(self, start: Callable[[], ProcessPoolExecutor] | None, processes: int) -> None:
        self._start = start
        self._pool = start() if start else None
        self._ahead = _BACKLOG * processes

    def map(
        self,
        function: Callable[[Task], Done],
        tasks: Iterable[Task],
        survive: Callable[[Task], Done] | None = None,
    ) -> Iterator[Done]:
        """`function(task)` for each task, in order; tasks are drawn as they are needed.

        Args:
            survive: what is done instead with a task over which a process died, tried alone.

        Raises:
            IndexerError: a process died over a task, and there is no `survive`.
        """
        if self._pool is None:
            yield from map(function, tasks)
            return
        waiting: deque[tuple[Task, Future[Done]]] = deque()
        for task in tasks:
            waiting.append((task, self._submit(function, task)))
            if len(waiting) >= self._ahead:
                yield from self._finish(function, waiting, survive, self._ahead - 1)
        yield from self._finish(function, waiting, survive, 0)

    def alone(self, function: Callable[[Task], Done], task: Task) -> Done:
        """`function(task)` while no other task runs.

        Raises:
            BrokenProcessPool: the process died over it.
        """
        if self._pool is None:
            return function(task)
        try:
            return self._submit(function, task).result()
        except BrokenProcessPool:
            self._restart()
            raise

    def _submit(self, function: Callable[[Task], Done], task: Task) -> Future[Done]:
        submitted: Future[Done] = Future()
        try:
            if self._pool is not None:
                submitted = self._pool.submit(function, task)
        except BrokenProcessPool as error:
            submitted.set_exception(error)
        return submitted

    def _finish(
        self,
        function: Callable[[Task], Done],
        waiting: deque[tuple[Task, Future[Done]]],
        survive: Callable[[Task], Done] | None,
        left: int,
    ) -> Iterator[Done]:
        """Results until `left` tasks wait. When a process has died nobody knows over which of
        them, so all that are not done are done again, one after the other."""
        while len(waiting) > left:
            try:
                done = waiting[0][1].result()
            except BrokenProcessPool:
                self._restart()
                left = 0
                done = self._again(function, waiting[0][0], survive)
            waiting.popleft()
            yield done

    def _again(
        self,
        function: Callable[[Task], Done],
        task: Task,
        survive: Callable[[Task], Done] | None,
    ) -> Done:
        try:
            return self.alone(function, task)
        except BrokenProcessPool as error:
            if survive is not None:
                return survive(task)
            raise IndexerError(
                "a worker process was killed twice over the same work, perhaps for want of "
                "memory; nothing was published; free some memory and try again"
            ) from error

    def _restart(self) -> None:
        self.close()
        self._pool = self._start() if self._start else None

    def close(self) -> None:
        """Ends the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def workers(processes: int, *held: int) -> Iterator[Workers]:
    """Workers for the length of a block.

    Args:
        processes: 1 or less: no further process is started.
        held: file descriptors that a worker must not keep open (the build's lock).
    """
    if processes <= 1:
        yield Workers(None, 1)
        return
    made = Workers(lambda: _pool(processes, held), processes)
    try:
        yield made
    finally:
        made.close()


def _pool(processes: int, held: tuple[int, ...]) -> ProcessPoolExecutor:
    context, inherited = process_context(held)
    return ProcessPoolExecutor(processes, context, begin, (os.getpid(), inherited))


def process_context(held: tuple[int, ...]) -> tuple[ForkContext | SpawnContext, tuple[int, ...]]:
    """How processes are started now, and which of `held` they inherit and must close."""
    # A fork is quick, but not safe beside other threads (the server builds in one).
    if threading.active_count() == 1:
        return multiprocessing.get_context("fork"), held
    return multiprocessing.get_context("spawn"), ()


def usable_cores() -> int:
    """How many processes can compute at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def begin(parent: int, held: tuple[int, ...]) -> None:
    """Lets go of the lock, and dies with the builder: an orphan would wait for tasks for ever."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # not the builder's way to end
    for descriptor in held:
        os.close(descriptor)
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
