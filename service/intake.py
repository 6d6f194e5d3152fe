"""Intake: does the jobs in the store, one batch after the other, while the server answers.

Stands between the store of jobs and the index. One thread waits and writes down, a child does the
work; what a killed server leaves is taken up again.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from corpus.errors import YanbaoError
from corpus.identity import report_id_for
from service.job_child import Child
from service.job_work import Fault, Found, Outcome, Task
from service.jobs import FileStatus, Job, JobFile, Jobs, new_job_id
from service.live import LiveIndex
from service.multipart import Received
from service.settings import Settings
from service.store import Store
from service.uploads import WAITING, Uploads

log = logging.getLogger(__name__)

BATCH_FILES: Final = 256
"""Files of one build: many small uploads cost one build, and a removal never waits for long."""

LOOK_S: Final = 2.0
"""How often jobs are looked for that another process has written down."""

AGAIN_S: Final = 1.0
"""How long to wait when another process is writing the index, or the work failed."""

TRIES: Final = 3
"""How often one file is tried whose indexing fails without saying that the file is to blame."""

_BLAMED: Final = "SourceError"
_BUSY: Final = "IndexLocked"
_FAILED: Final = "the index could not be written; the server's log says why; send it again"
_LOST: Final = "the file was lost before it was indexed; send it again"

_Unit = tuple[Job, JobFile]


class _Stopped(BaseException):
    """The server ends."""


class Intake:
    """Takes jobs and does them.

    Args:
        live: told to look for the new snapshot before a job is called done.
    """

    def __init__(self, settings: Settings, store: Store, live: LiveIndex) -> None:
        self._settings = settings
        self._live = live
        self.jobs = Jobs(store)
        self.uploads = Uploads(settings.incoming_dir)
        self._child = Child()
        self._met: set[str] = set()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._beginning = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Takes up what was left; without a store there is nothing and no thread is started."""
        if self.jobs.any_kept:
            self._begin()

    def stop(self) -> None:
        """Ends the work under way; its jobs are taken up again at the next start."""
        self._stop.set()
        self._wake.set()
        self._child.stop()
        if self._thread is not None:
            self._thread.join()

    def add(self, job_id: str, files: Sequence[Received]) -> Job:
        """Takes files that wait under `job_id`.

        Raises:
            StoreError: the job cannot be kept.
        """
        listed = [JobFile(n, file.name, None, "queued", None) for n, file in enumerate(files)]
        return self._take(self.jobs.write_down(job_id, "add", listed))

    def remove(self, report_id: str, name: str) -> Job:
        """Takes the wish to remove a report that came from a file of that name.

        Raises:
            StoreError: the job cannot be kept.
        """
        listed = [JobFile(0, name, report_id, "queued", None)]
        return self._take(self.jobs.write_down(new_job_id(), "remove", listed))

    def passed(self, job: Job) -> int:
        """How many files of a job have been settled or, in the build under way, been read."""
        names = {job_file.name for job_file in job.wanted if job_file.status == "queued"}
        read = sum(name in self._met or report_id_for(name) in self._met for name in names)
        return len(job.wanted) - len(names) + (read if job.status == "running" else 0)

    def _take(self, job: Job) -> Job:
        self._begin()
        self._wake.set()
        return job

    def _begin(self) -> None:
        with self._beginning:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="yanbao-intake", daemon=True)
                self._thread.start()

    # --- in the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    self._work()
                except (YanbaoError, OSError):
                    log.exception("the folder of uploads or the store cannot be used")
                    self._pause()
        except _Stopped:
            pass

    def _work(self) -> None:
        with self._turn():
            self.uploads.sweep({job.job_id for job in self.jobs.left()})
            while not self._stop.is_set():
                self._wake.clear()
                if not self._look():
                    self._wake.wait(LOOK_S)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Waits until no other server of this folder does jobs."""
        folder = self.uploads.folder / WAITING
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    self._pause()
            yield

    def _look(self) -> bool:
        """Does the next batch, if there is one; no failure of one may end the thread."""
        try:
            batch = next_batch(self.jobs.left())
            for job in batch:
                self.jobs.begin(job.job_id)
            if batch:
                self._do([(job, file) for job in batch for file in job.files if _waits(file)])
            for job in batch:
                self._end(job)
            return bool(batch)
        except (YanbaoError, OSError):
            log.exception("the jobs cannot be done now")
            self._pause()
            return False

    def _do(self, units: list[_Unit]) -> None:
        """Settles files of one kind of job: together, or each alone if one of them is to blame."""
        if units and units[0][0].kind == "add":
            units = [unit for unit in units if self._placed(*unit)]
        ended = self._tried(units) if units else Outcome()
        if isinstance(ended, Outcome):
            self._live.look()  # settled means that it can be found
            for job, file in units:
                self._settle(job, file, ended)
        elif len(units) > 1:
            for unit in units:
                self._do([unit])
        else:
            self._refuse(*units[0], ended.message if ended.kind == _BLAMED else _FAILED)

    def _placed(self, job: Job, file: JobFile) -> bool:
        if self.uploads.put(job.job_id, file.place, file.name):
            return True
        self._note(job, file, "failed", _LOST)
        return False

    def _tried(self, units: list[_Unit]) -> Outcome | Fault:
        """What the child makes of it; waits while another process is writing the index."""
        tries = 0
        while True:
            self._met = set()
            ended = self._child.do(self._task(units), self._met.add)
            if self._stop.is_set():
                raise _Stopped
            if isinstance(ended, Outcome) or ended.kind == _BLAMED:
                return ended
            if ended.kind != _BUSY:
                log.error("%s: %s", ended.kind, ended.message)
                tries += 1
                if len(units) > 1 or tries == TRIES:
                    return ended
            self._pause()

    def _task(self, units: list[_Unit]) -> Task:
        settings = self._settings
        adds = units[0][0].kind == "add"
        return Task(
            str(settings.index),
            str(self.uploads.folder),
            str(settings.embedder) if settings.embedder else None,
            str(settings.vocabulary) if settings.vocabulary else None,
            take=[file.name for _, file in units] if adds else [],
            remove=[] if adds else [file.report_id or "" for _, file in units],
        )

    def _settle(self, job: Job, file: JobFile, outcome: Outcome) -> None:
        if job.kind == "remove":
            self._note(job, file, "removed", None)
            return
        found = outcome.files.get(file.name) or Found()
        if found.no_source is not None:
            self._refuse(job, file, found.no_source)
            return
        ids = found.report_ids
        whole = [refused for refused in found.refused if refused[0] == file.name]
        for number, part in enumerate(r for r in found.refused if r not in whole):
            self.jobs.settle(job.job_id, file.part(number, *part))
        if not ids:
            _, report_id, reason = whole[0] if whole else ("", "", "every part is quarantined")
            file = replace(file, report_id=report_id or None)
            self._note(job, file, "quarantined", reason)
        else:
            self._note(job, replace(file, report_id=ids[0] if len(ids) == 1 else None), "indexed")

    def _refuse(self, job: Job, file: JobFile, reason: str) -> None:
        """Ends the tries with a file; it leaves the folder, where it would spoil every build."""
        if job.kind == "add":
            self.uploads.restore(job.job_id, file.place, file.name)
        self._note(job, file, "failed", reason)

    def _note(self, job: Job, file: JobFile, status: FileStatus, reason: str | None = None) -> None:
        self.jobs.settle(job.job_id, replace(file, status=status, reason=reason))

    def _end(self, job: Job) -> None:
        now = self.jobs.get(job.job_id) or job
        failed = all(file.status == "failed" for file in now.wanted)
        self.jobs.end(job.job_id, "failed" if failed else "done")
        self.uploads.forget(job.job_id)

    def _pause(self) -> None:
        if self._stop.wait(AGAIN_S):
            raise _Stopped


def next_batch(jobs: Sequence[Job]) -> list[Job]:
    """What is done in one go: removals first, else the oldest jobs, until a name comes twice."""
    removals = [job for job in jobs if job.kind == "remove"]
    if removals:
        return removals[:1]
    batch: list[Job] = []
    names: set[str] = set()
    for job in jobs:
        own = {file.name for file in job.wanted}
        if batch and (names & own or len(names | own) > BATCH_FILES):
            break
        batch.append(job)
        names |= own
    return batch


def _waits(file: JobFile) -> bool:
    return file.status == "queued"
