"""What the benches share: processes timed from outside, a server, and figures beside their limits.

Standard library only, so that the measuring process stays small and adds nothing of its own.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "eval" / "golden" / "samples_dev.jsonl"
OVER_LIMIT = 3
SKIPPED = 77


@dataclass(frozen=True, slots=True)
class Run:
    """One process from start to end: wall and processor seconds, peak resident memory in MiB."""

    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside the limit that it must keep (None: only for comparison)."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def over(self) -> bool:
        """True when a limit is broken."""
        return self.limit is not None and self.value > self.limit


def index_dir() -> Path:
    """The index that is measured: `INDEX` of the Makefile, else where `make index` puts it."""
    return ROOT / (os.environ.get("INDEX") or os.environ.get("YANBAO_INDEX") or ".yanbao/index")


def yanbao(*arguments: str) -> list[str]:
    """The installed command, as a person would call it."""
    return [str(Path(sys.executable).parent / "yanbao"), *arguments]


def run_once(argv: Sequence[str]) -> Run:
    """Runs a command to its end.

    Raises:
        RuntimeError: it failed; its last words are in the message.
    """
    begin = time.perf_counter()
    with subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        # wait4 gives the peak of this very child; RUSAGE_CHILDREN would give the largest so far.
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)} exited {process.returncode}: {said.decode()[-500:]}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(runs: Sequence[Run]) -> Run:
    """Median times and largest peak of several runs."""
    return Run(
        statistics.median(run.wall_s for run in runs),
        statistics.median(run.cpu_s for run in runs),
        max(run.peak_mib for run in runs),
    )


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`yanbao serve` on a free port, from its start until the block ends."""

    def __init__(self) -> None:
        self.port = free_port()
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            yanbao("serve", "--index", str(index_dir()), "--port", str(self.port)),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)

    def first_answer_s(self, question: str, timeout_s: float = 30.0) -> float:
        """Seconds from the start of the process to its first answered question."""
        while time.perf_counter() - self.started < timeout_s:
            if self.process.poll() is not None:
                raise RuntimeError(f"yanbao serve exited {self.process.returncode}")
            try:
                self.ask(self.connect(), question)
            except (ConnectionError, http.client.HTTPException):
                time.sleep(0.005)
                continue
            return time.perf_counter() - self.started
        raise RuntimeError(f"yanbao serve answered nothing in {timeout_s} s")

    def connect(self) -> http.client.HTTPConnection:
        """A connection that stays open over many questions."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def ask(self, connection: http.client.HTTPConnection, question: str) -> float:
        """Asks once and gives the seconds that it took.

        Raises:
            RuntimeError: the answer is no 200.
        """
        body = json.dumps({"question": question}).encode()
        begin = time.perf_counter()
        connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        took_s = time.perf_counter() - begin
        if response.status != 200:
            raise RuntimeError(f"{question!r}: HTTP {response.status} {answer[:200]!r}")
        return took_s

    def cpu_s(self) -> float:
        """Processor seconds that the server has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").split(")")[-1]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def peak_mib(self) -> float:
        """The most memory that the server has held so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024


def golden_questions() -> list[str]:
    """The questions without history of the development set over the two sample reports."""
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    golden = [json.loads(line) for line in lines if line.strip()]
    return [one["question"] for one in golden if not one.get("history")]


def need_index() -> None:
    """Ends the bench with a clear word when nothing has been indexed yet."""
    if not (index_dir() / "CURRENT").exists():
        sys.exit(f"no index at {index_dir()}: run `make index` first")


def machine() -> str:
    """The machine in a few words."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8"))
        model = found[1] if found else model
    return f"{model}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"


def report(figures: Sequence[Figure]) -> int:
    """Prints every figure beside its limit; the exit status of the bench."""
    print(f"{'':44}{'figure':>12}{'limit':>12}{'figure/limit':>14}")
    for figure in figures:
        value = f"{figure.value:.3g} {figure.unit}"
        if figure.limit is None:
            print(f"{figure.name:44}{value:>12}")
            continue
        limit = f"{figure.limit:g} {figure.unit}"
        mark = "  OVER" if figure.over else ""
        share = figure.value / figure.limit if figure.limit else figure.value
        print(f"{figure.name:44}{value:>12}{limit:>12}{share:>14.2f}{mark}")
    return OVER_LIMIT if any(figure.over for figure in figures) else 0
