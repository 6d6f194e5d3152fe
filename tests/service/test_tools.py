"""`yanbao mcp`: a real subprocess, asked by the SDK's own client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import yanbao

Scene = Callable[[Any], Awaitable[None]]


@pytest.fixture
def with_tools(sample_index: Path, tmp_path: Path) -> Callable[[Scene], None]:
    """Runs a scene with a session of the SDK's client over `yanbao mcp`."""
    words = [str(Path(yanbao.__file__)), "mcp", "--index", str(sample_index)]
    environment = {"YANBAO_STORE": str(tmp_path / "store.sqlite3"), "PATH": os.environ["PATH"]}
    environment["PYTHONPATH"] = str(Path(yanbao.__file__).parent)

    def run(scene: Scene) -> None:
        from mcp import ClientSession, StdioServerParameters, stdio_client

        async def session() -> None:
            server = StdioServerParameters(command=sys.executable, args=words, env=environment)
            async with (
                stdio_client(server) as (reading, writing),
                ClientSession(reading, writing) as client,
            ):
                await client.initialize()
                await scene(client)

        asyncio.run(session())
        assert not (tmp_path / "store.sqlite3").exists()

    return run


async def told(client: Any, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    found: dict[str, Any] = result.structured_content
    return found


def test_the_tools_are_listed_and_answer_from_the_index(with_tools, samples):
    async def scene(client: Any) -> None:
        tools = (await client.list_tools()).tools
        assert sorted(t.name for t in tools) == ["ask", "facts", "open_report", "search"]
        assert all(t.description for t in tools)

        answer = await told(client, "ask", question="蓝色光标2024年的EPS是多少？", brokers=["华鑫"])
        assert "0.23" in answer["answer"]
        assert "passages" not in answer
        cited = answer["citations"][0]
        place = {"start": cited["start"], "length": cited["end"] - cited["start"]}
        opened = await told(client, "open_report", report_id=cited["report_id"], **place)
        assert opened["text"] == cited["quote"]
        assert opened["report"]["broker"] == "华鑫证券"

        follow = ["华鑫证券预测蓝色光标2024年的EPS是多少？"]
        later = await told(client, "ask", question="那2023年呢？", history=follow)
        assert later["standalone_question"] == "华鑫证券预测蓝色光标2023年的EPS是多少？"

        hits = (await told(client, "search", query="Sora", k=3))["hits"]
        assert len(hits) == 3
        facts = (await told(client, "facts", company="蓝色光标", metric="eps"))["facts"]
        assert {f["subject"] for f in facts} == {"蓝色光标"}
        every = (await told(client, "open_report"))["reports"]
        assert len(every) == 2

    with_tools(scene)


def test_what_is_wrong_is_an_error_of_the_tool_and_the_server_goes_on(with_tools):
    async def scene(client: Any) -> None:
        for tool, arguments in (
            ("ask", {"question": ""}),
            ("ask", {"question": "a", "published_from": "昨天"}),
            ("ask", {"question": "a", "reader": "gpt"}),
            ("search", {"query": "a", "k": 0}),
            ("open_report", {"report_id": "nobody"}),
            ("nothing", {}),
        ):
            try:
                result = await client.call_tool(tool, arguments)
            except Exception:  # an unknown tool is an error of the protocol
                assert tool == "nothing"
                continue
            assert result.is_error, (tool, arguments)
        refused = await told(client, "ask", question="贵州茅台2024年的EPS是多少？")
        assert (refused["refused"], refused["reason"]) == (True, "no_such_company")

    with_tools(scene)


def test_without_an_index_it_says_so_and_ends_with_1(tmp_path):
    words = [str(Path(yanbao.__file__)), "mcp", "--index", str(tmp_path / "none")]
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


def test_serving_imports_neither_the_models_clients_nor_the_sdk(sample_index):
    code = (
        "import sys; from pathlib import Path; from service.app import create_app; "
        "from service.settings import Settings; from service.opening import live_index; "
        f"settings = Settings(index=Path({str(sample_index)!r})); live = live_index(settings); "
        "live.open(); create_app(settings, live); live.close(); "
        "heavy = {'openai', 'mcp', 'transformers', 'torch', 'httpx2', 'tenacity'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
