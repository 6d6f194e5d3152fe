"""Progress of a build, for whoever watches: files, pages, and the time that is left.

Stands between `indexer.build` and standard error; standard output is for data.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from indexer.outcome import Progress, Step

PLAIN_EVERY_S: Final = 5.0
"""Seconds between progress lines where no one watches: a log should tell, not scroll."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A bar on a terminal, a line now and then in a log; both on standard error."""
    if not sys.stderr.isatty():
        yield _PlainProgress()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("份 · {task.fields[pages]} 页 · 已用"),
        TimeElapsedColumn(),
        TextColumn("· 剩余"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("解析", total=None, pages=0)

        def show(step: Step) -> None:
            what = "写入索引" if step.done == step.known else "解析"
            bar.update(
                task, description=what, completed=step.done, total=step.known, pages=step.pages
            )

        yield show


class _PlainProgress:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self._next = self._began + PLAIN_EVERY_S

    def __call__(self, step: Step) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PLAIN_EVERY_S
        left = (now - self._began) / step.done * (step.known - step.done)
        print(
            f"yanbao: {step.done} of {step.known} reports, {step.pages} pages, "
            f"about {left:.0f} s left",
            file=sys.stderr,
        )
