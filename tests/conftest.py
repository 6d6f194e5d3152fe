"""What tests may rely on: markers that skip with a word, the test data, a hypothesis profile.

Stands beside the four packages: their tests find this by pytest's own rules.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# CI machines are slow and shared: a deadline would fail a right program. Derandomised in CI, so
# that a red build can be repeated; at home each run looks at new examples.
settings.register_profile(
    "yanbao",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("yanbao")


def _program(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


NEEDS = {
    "needs_chromium": lambda: _program("chromium", "chromium-browser", "google-chrome"),
    "needs_libreoffice": lambda: _program("soffice", "libreoffice"),
    "needs_postgres": lambda: _program("postgres", "pg_ctl") or _program("psql"),
    "needs_milvus": lambda: importlib.util.find_spec("pymilvus") is not None,
    "needs_ray": lambda: importlib.util.find_spec("ray") is not None,
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a marked test with the marker's own word where its need is not met."""
    for word, is_there in NEEDS.items():
        if item.get_closest_marker(word) and not is_there():
            pytest.skip(word)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder of pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of the large test data; skips where `YANBAO_TEST_DATA` is not set."""
    value = os.environ.get("YANBAO_TEST_DATA")
    if not value:
        pytest.skip("YANBAO_TEST_DATA is not set")
    return Path(value)
