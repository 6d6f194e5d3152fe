"""Runs against a real server that dies, or fails, half-way: counted, never wrong, never dropped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from eval.command import main
from eval.records import read_items, read_run

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "eval" / "golden" / "samples_dev.jsonl"
ASKED, BEFORE_THE_END = 60, 15


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first questions of the dev split, answerable and not."""
    path = tmp_path_factory.mktemp("golden") / "g.jsonl"
    lines = GOLDEN.read_text(encoding="utf-8").splitlines(keepends=True)
    step = len(lines) // ASKED
    path.write_text("".join(lines[::step][:ASKED]), encoding="utf-8")
    return path


@contextmanager
def served(index: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`yanbao serve` in a process of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "yanbao.py", "serve", "--index", str(index), "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                if httpx.get(f"{url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                assert process.poll() is None, "the server left before it was ready"
            time.sleep(0.1)
        yield url, process
    finally:
        process.kill()
        process.wait()


def kill_after(process: subprocess.Popen[bytes], journal: Path, answered: int) -> threading.Thread:
    """Kills the server as soon as so many answers stand in the journal of the run."""

    def watch() -> None:
        while not journal.exists() or journal.read_bytes().count(b"\n") < answered:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def run(golden: Path, url: str, out: Path, *more: str) -> int:
    return main(["run", str(golden), "--url", url, "--out", str(out), "--quiet", *more], None)


def test_a_server_killed_half_way_costs_nothing_but_time(golden, sample_index, tmp_path, capsys):
    out = tmp_path / "run"
    with served(sample_index) as (url, process):
        watcher = kill_after(process, out / "items.jsonl", BEFORE_THE_END)
        assert run(golden, url, out, "--no-search") == 1
        watcher.join(timeout=10)
    _, broken = read_run(out)
    answered = [o for o in broken if o.error is None]
    errors = [o for o in broken if o.error is not None]
    assert len(broken) == ASKED  # never dropped
    assert BEFORE_THE_END <= len(answered) < ASKED
    assert all(o.verdict is None and not o.measures for o in errors)  # never wrong
    assert "is down" in errors[-1].error
    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert found["errors"] == len(errors)
    assert found["groups"]["all"]["right"]["n"] == len(answered)
    capsys.readouterr()
    assert main(["gate", str(out)], None) == 3  # a run with errors has shown nothing
    assert "NOT MET all: answered without error" in capsys.readouterr().out

    with served(sample_index) as (url, _):
        assert run(golden, url, out, "--no-search", "--resume") == 0
        assert run(golden, url, tmp_path / "whole", "--no-search") == 0
    _, resumed = read_run(out)
    _, whole = read_run(tmp_path / "whole")
    assert [o.verdict for o in resumed] == [o.verdict for o in whole]
    kept = {o.item.id: o.seconds for o in answered}
    assert {o.item.id: o.seconds for o in resumed if o.item.id in kept} == kept  # not asked again


def test_a_server_that_answers_500_half_way_is_counted_and_resumed(golden, tmp_path):
    script = FlakyServer(fails=range(20, 40))
    out = tmp_path / "run"
    with script.running() as url:
        assert run(golden, url, out, "--no-search") == 1
        broken = read_items(out / "items.jsonl")
        assert [n for n, o in enumerate(broken) if o.error] == list(range(20, 40))
        assert all("answered 500" in o.error for o in broken if o.error)
        script.fails, script.asked = range(0), 0
        assert run(golden, url, out, "--no-search", "--resume") == 0
        assert script.asked == 20
    assert all(o.error is None for o in read_items(out / "items.jsonl"))


class FlakyServer:
    """A real uvicorn server that refuses every question, and fails on some."""

    def __init__(self, fails: range) -> None:
        self.fails = fails
        self.asked = 0

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        status, body = 200, (ROOT / "README.md").read_bytes()  # the text of any report
        if scope["path"] == "/v1/ask":
            question = b""
            while (part := await receive()).get("more_body"):
                question += part["body"]
            question = json.loads(question + part["body"])["question"]
            status, body = self._answer(question)
        kind = b"text/plain" if scope["path"] != "/v1/ask" else b"application/json"
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, question: str) -> tuple[int, bytes]:
        self.asked += 1
        if self.asked - 1 in self.fails:
            return 500, b'{"title": "planned"}'
        answer = {
            "id": "ans_1", "question": question, "standalone_question": question,
            "answer": "报告没有给出。", "refused": True, "reason": "not_in_corpus",
            "kind": "refusal", "confidence": 0.5, "missing": [], "support": [], "highlights": [],
            "computation": None, "others": [], "citations": [], "passages": [],
            "snapshot": {"id": "s", "reports": 2, "passages": 4},
            "models": {"embedder": None, "reranker": None, "reader": None},
            "timings_ms": {"retrieve": 1.0, "read": 1.0, "total": 2.0},
        }  # fmt: skip
        return 200, json.dumps(answer, ensure_ascii=False).encode()

    @contextmanager
    def running(self) -> Iterator[str]:
        import uvicorn

        config = uvicorn.Config(self, port=0, lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            listener.close()
