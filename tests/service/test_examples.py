"""Every example runs as it stands, against a real server."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

import yanbao

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
QUESTION = "蓝色光标 2024 年的 EPS 是多少？"


def run(name, *words, code=0):
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, words)],
        cwd=EXAMPLES.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_every_example_is_listed_and_run_here() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    here = Path(__file__).read_text(encoding="utf-8")
    manifest = (Path(__file__).parent / "test_slack_manifest.py").read_text(encoding="utf-8")
    for path in EXAMPLES.iterdir():
        if path.name not in {"README.md", "__pycache__"}:
            assert f"]({path.name})" in listed
            assert path.name in here + manifest


def test_ask_prints_answers_and_sources_and_follows_up(site) -> None:
    told = run("ask.py", QUESTION, "那 2023 年呢？", "--url", site.url)
    assert "2024E" in told
    assert "2023E" in told
    assert told.count("  [1] ") == 2
    assert "/reports/" in told


def test_the_openai_client_streams_words_and_sources(site) -> None:
    told = run("stream_openai.py", QUESTION, "--url", site.url)
    answer, *sources = told.splitlines()
    assert answer == site.ask({"question": QUESTION}).json()["answer"]
    assert len(sources) == 2
    assert "东吴证券" in told


def test_a_folder_is_indexed_in_batches_and_refusals_are_told(
    serve_with, tmp_path, samples
) -> None:
    from indexer.build import build

    build([samples], tmp_path / "index")
    folder = tmp_path / "reports"
    (folder / "sub").mkdir(parents=True)
    for name in ("甲.txt", "sub/乙.txt"):
        (folder / name).write_text(f"{name}纪要\n\n公司新建了三座工厂。\n", encoding="utf-8")
    (folder / ".hidden.txt").write_text("不要", encoding="utf-8")
    (folder / "坏.txt").write_bytes(b"\xff\x00\xd8\x00" * 200)
    key = "a-key-for-tests"
    site = serve_with(index=tmp_path / "index", store=tmp_path / "s.sqlite3", api_key=key)
    told = run("bulk_index.py", folder, "--url", site.url, "--key", key, code=1)
    assert "quarantined" in told
    assert "4 reports, 1 files refused" in told


def test_the_mcp_configuration_starts_a_server_that_answers(sample_index) -> None:
    config = json.loads((EXAMPLES / "mcp.json").read_text(encoding="utf-8"))
    (entry,) = config["mcpServers"].values()
    assert (entry["command"], entry["args"][0]) == ("yanbao", "mcp")
    if "mcp" not in yanbao.WORDS_ELSEWHERE:
        pytest.skip("`yanbao mcp` is not served yet")
    script = Path(yanbao.__file__)
    words = [str(sample_index) if word.startswith("/path/") else word for word in entry["args"]]
    answer = asyncio.run(_ask_over_mcp(sys.executable, [str(script), *words]))
    assert "0.23" in answer


async def _ask_over_mcp(command: str, words: list[str]) -> str:
    from mcp import ClientSession, StdioServerParameters, stdio_client

    async with (
        stdio_client(StdioServerParameters(command=command, args=words)) as (reading, writing),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        result = await session.call_tool("ask", {"question": QUESTION})
        return str(result)
