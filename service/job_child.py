"""The child that does the work of jobs: started, listened to, and ended with the server.

Stands between the intake and `job_work`.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import msgspec

from service.job_work import Fault, Line, Outcome, Task


class Child:
    """Runs one task at a time, each in a process of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def do(self, task: Task, met: Callable[[str], None]) -> Outcome | Fault:
        """The task, done; a child that dies without a word is a fault too.

        Args:
            met: told of every report and file that the work has passed.
        """
        with self._lock:
            if self._stopped:
                return Fault("Stopped", "the server ends")
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "service.job_work"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C at the terminal is for the server alone
            )
        with process:
            ended = _talk(process, task, met)
        with self._lock:
            self._process = None
        return ended or Fault("Crash", f"the process ended with {process.returncode}")

    def stop(self) -> None:
        """Ends the task under way and takes no other; nothing half-done is ever published."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.terminate()


def _talk(
    process: subprocess.Popen[bytes], task: Task, met: Callable[[str], None]
) -> Outcome | Fault | None:
    ended: Outcome | Fault | None = None
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(msgspec.json.encode(task))
        process.stdin.close()
        for raw in process.stdout:
            line = msgspec.json.decode(raw, type=Line)
            if line.met is not None:
                met(line.met)
            ended = line.outcome or line.fault or ended
    except BrokenPipeError:
        return None
    return ended
