"""Fixtures that all tests share: no network, and an index of the two sample reports."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[1] / "corpus" / "reports"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    """Names the programs and extras that some tests need."""
    for name in ("chromium", "libreoffice", "postgres", "milvus", "ray"):
        config.addinivalue_line("markers", f"needs_{name}: skipped where {name} is not installed")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips tests whose program is not there, with the word that names it."""
    if item.get_closest_marker("needs_chromium") and not chromium_path():
        pytest.skip("needs_chromium")


def chromium_path() -> str | None:
    """The browser, if there is one."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails any test that connects to another machine or asks a name server."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            pytest.fail(f"a test connects to {address[0]}; only loopback is allowed")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def clean_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keeps the machine's own settings out of the tests, and what they store out of the project."""
    theirs = ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "OPENAI_BASE_URL")
    for name in list(os.environ):
        ours = name.startswith("YANBAO_") and name != "YANBAO_TEST_DATA"
        if ours or name in {*theirs, "OPENAI_API_KEY"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("YANBAO_STORE", str(tmp_path_factory.getbasetemp() / "store.sqlite3"))


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of the two sample reports."""
    return SAMPLES


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An index of the two sample reports, built once; tests must not change it."""
    from indexer.build import build

    index_dir = tmp_path_factory.mktemp("samples") / "index"
    build([SAMPLES], index_dir)
    return index_dir


def _is_loopback(host: Any) -> bool:
    return str(host) in {"127.0.0.1", "::1", "localhost"}
