"""Worker processes that parse reports and count terms; one process when there is little to do.

Stands under `build`: results come back in the order of the tasks, whoever did them.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")

_BACKLOG = 4  # tasks handed out ahead, for each process: enough to keep all busy, little memory


class Workers:
    """Runs a function over tasks, in order.

    Args:
        pool: None runs everything in this process.
        processes: how many the pool has.
    """

    def __init__(self, pool: ProcessPoolExecutor | None, processes: int) -> None:
        self._pool = pool
        self._ahead = _BACKLOG * processes

    def map(self, function: Callable[[Task], Done], tasks: Iterable[Task]) -> Iterator[Done]:
        """`function(task)` for each task, in order; tasks are drawn as they are needed."""
        if self._pool is None:
            yield from map(function, tasks)
            return
        waiting: deque[Future[Done]] = deque()
        for task in tasks:
            waiting.append(self._pool.submit(function, task))
            if len(waiting) >= self._ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


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
    # A fork is quick, but not safe beside other threads (the server builds in one).
    method = "fork" if threading.active_count() == 1 else "spawn"
    context = multiprocessing.get_context(method)
    inherited = held if method == "fork" else ()
    pool = ProcessPoolExecutor(processes, context, _begin, (os.getpid(), inherited))
    try:
        yield Workers(pool, processes)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(parent: int, held: tuple[int, ...]) -> None:
    """Lets go of the lock, and dies with the builder: an orphan would wait for tasks for ever."""
    for descriptor in held:
        os.close(descriptor)
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
