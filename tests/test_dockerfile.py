"""The Dockerfile, looked at and rehearsed: no engine is needed, `make` and a package index are."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("corpus", "indexer", "service", "eval")


def load(name: str) -> ModuleType:
    """A script as a module; scripts are no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


dockerfile = load("dockerfile")
STAGES = dockerfile.read_dockerfile(ROOT / "Dockerfile")


def test_the_image_runs_as_a_numeric_user_that_is_not_root() -> None:
    user = STAGES[-1].last("USER").split(":")[0]
    assert user.isdecimal()
    assert int(user) >= 10_000


def test_the_last_stage_copies_from_build_stages_and_installs_nothing() -> None:
    names = {stage.name for stage in STAGES[:-1]}
    copies = [step.rest.split()[0] for step in STAGES[-1].steps if step.word == "COPY"]
    assert copies
    assert all(one.removeprefix("--from=") in names for one in copies)
    assert all(step.word != "RUN" for step in STAGES[-1].steps)


def test_the_health_check_asks_whether_the_snapshot_is_verified() -> None:
    check = dockerfile.exec_form(STAGES[-1].last("HEALTHCHECK"))
    assert check[0] == "python3"
    assert "'/readyz'" in check[-1]


def test_pip_arguments_and_constraints_reach_the_build() -> None:
    runs = [step.rest for step in STAGES[0].steps if step.word == "RUN"]
    assert any("${YANBAO_PIP_ARGS}" in one and "-c constraints.txt" in one for one in runs)


def test_comments_and_continued_lines_are_read_as_docker_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(
        "ARG BASE=x:1\nFROM ${BASE} AS one\n# a comment\nENV A=1 \\\n  # between\n  B='2 3'\n"
        'FROM y\nHEALTHCHECK --timeout=3s CMD ["a", "b c"]\n'
    )
    one, two = dockerfile.read_dockerfile(file)
    assert (one.name, one.base, one.environment()) == ("one", "x:1", {"A": "1", "B": "2 3"})
    assert dockerfile.exec_form(two.last("HEALTHCHECK")) == ["a", "b c"]
    file.write_text("FROM y\nADD z /\n")
    with pytest.raises(ValueError, match="ADD is not rehearsed"):
        dockerfile.read_dockerfile(file)


@pytest.fixture(scope="module")
def image() -> Iterator[tuple[Path, str]]:
    """The files of a rehearsed image, and what the rehearsal said."""
    root = Path(tempfile.mkdtemp(prefix="yanbao-image-", dir="/var/tmp"))
    command = [sys.executable, str(ROOT / "scripts/rehearse_dockerfile.py"), "--keep", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield root, done.stdout
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(root)], check=False)
        shutil.rmtree(root, ignore_errors=True)


def test_every_step_runs_and_the_container_user_answers_a_question(
    image: tuple[Path, str],
) -> None:
    assert "HEALTHCHECK passes" in image[1]
    assert "every step ran" in image[1]


def test_the_wheel_carries_every_file_of_the_four_packages(image: tuple[Path, str]) -> None:
    site = next((image[0] / "opt/yanbao").glob("lib/python*/site-packages"))
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    installed = {
        str(path.relative_to(site))
        for package in PACKAGES
        for path in (site / package).rglob("*")
        if path.is_file()
    }
    assert wanted - installed == set()
    assert any(name.startswith("corpus/reports/") for name in wanted)
