"""What is true of the project as a whole: its files, imports, dependencies, tables and lengths."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("corpus", "indexer", "service", "eval")
HEAVY = {"torch", "transformers", "sentence_transformers"}

MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 40  # what we aim at; above it a line is printed
HARD_FILE_LINES, HARD_FUNCTION_LINES = 450, 60  # above it the test fails
# `path` or `path::function` → why it may be longer.
LONGER: dict[str, str] = {}


def project_files() -> list[Path]:
    """Every file that git tracks or would track; without git, every file outside caches."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        names = [name for name in listed.stdout.decode().split("\0") if name]
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    skip = {".venv", ".git", ".yanbao", "__pycache__", ".mypy_cache", ".ruff_cache"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not skip & set(p.parts)]


def python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in python_files():
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.expr) -> str:
    """`yaml.load` for the expression that says so; empty for what is no plain name."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


# --- what stands in the files ------------------------------------------------------------------

# Put together here, so that this file does not say them itself.
PLACES = ["../" + "shared", "/work/" + "shared", "/work/" + "main"]
HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "download.pytorch" + ".org", "docker" + ".io"]
TOOLS = ["farm" + "-"]


@pytest.mark.parametrize("words", PLACES + HOSTS + TOOLS)
def test_no_file_names_a_place_or_host_that_only_one_machine_has(words: str) -> None:
    allowed = {".ci/run"} if words == "../" + "shared" else set()
    naming = [
        str(path.relative_to(ROOT))
        for path in project_files()
        if words.encode() in path.read_bytes() and str(path.relative_to(ROOT)) not in allowed
    ]
    assert naming == []


def test_nothing_is_loaded_that_could_run_code() -> None:
    modules = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
    calls = {"eval", "exec", "yaml.load", "os.system", "os.popen", "torch.load"}
    switches = {"shell", "trust_remote_code", "allow_pickle", "allow_dangerous_deserialization"}
    found = []
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found += [(name, one.name) for one in node.names if one.name in modules]
            elif isinstance(node, ast.ImportFrom) and node.module in modules:
                found.append((name, node.module))
            elif isinstance(node, ast.Call):
                if dotted(node.func) in calls:
                    found.append((name, dotted(node.func)))
                found += [
                    (name, str(one.arg))
                    for one in node.keywords
                    if one.arg in switches
                    and not (one.arg == "shell" and name.startswith("tests/"))
                    and not (isinstance(one.value, ast.Constant) and one.value.value is False)
                ]
    assert found == []


def test_files_and_functions_stay_short(capsys: pytest.CaptureFixture[str]) -> None:
    aimed, refused = [], []
    for name, lines, is_file in lengths():
        if lines > (HARD_FILE_LINES if is_file else HARD_FUNCTION_LINES) and name not in LONGER:
            refused.append(f"{name}: {lines} lines")
        elif lines > (MAX_FILE_LINES if is_file else MAX_FUNCTION_LINES):
            aimed.append(f"{name}: {lines}")
    if aimed:
        with capsys.disabled():
            print(f"\nlonger than aimed at: {', '.join(aimed)}")
    assert refused == []


def lengths() -> Iterator[tuple[str, int, bool]]:
    """Name, lines and whether it is a file, for every file and function outside the tests."""
    for name, tree in trees():
        if name.startswith("tests/"):
            continue
        yield name, len((ROOT / name).read_text(encoding="utf-8").splitlines()), True
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{name}::{node.name}", lines, False


# --- imports -----------------------------------------------------------------------------------

IMPORT_ALL = """
import importlib, pathlib, sys
opened = []
sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
root = pathlib.Path.cwd()
for package in {packages}:
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
import yanbao
data = [
    name for name in opened
    if not name.endswith((".py", ".pyc")) and "__pycache__" not in name
    and (name.startswith(str(root) + "/") and "/.venv/" not in name or name.endswith("dict.txt"))
]
print(sorted(set(sys.modules) & {heavy}), data, threading_count())
"""


def run_python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_every_module_reads_no_data_and_starts_nothing() -> None:
    code = IMPORT_ALL.format(packages=PACKAGES, heavy=HEAVY)
    helper = "import threading\ndef threading_count(): return threading.active_count()\n"
    assert run_python(helper + code).split() == ["[]", "[]", "1"]


def test_asking_on_the_default_path_imports_no_model_library(tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    code = (
        "import sys, yanbao\n"
        "code = yanbao.main(sys.argv[1:])\n"
        f"print('LOADED', code, sorted(set(sys.modules) & {HEAVY}))"
    )
    built = run_python(code, "index", str(ROOT / "corpus/reports"), "--index", index)
    asked = run_python(code, "ask", "本报告的分析师是谁？", "--index", index)
    assert built.splitlines()[-1] == "LOADED 0 []"
    assert asked.splitlines()[-1] == "LOADED 0 []"


# --- dependencies ------------------------------------------------------------------------------


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return canonical(found[0])


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIRECT = {named(one) for one in PROJECT["dependencies"]}
DEV = {named(one) for one in PROJECT["optional-dependencies"]["dev"]}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line.strip() and not line.startswith("#")]
    return {canonical(name): version for name, version in pairs}


def test_the_customers_six_packages_are_dependencies() -> None:
    six = {"sentence-transformers", "faiss-cpu", "jieba", "fastapi", "transformers", "pytest"}
    assert six <= DIRECT


def test_every_dependency_is_pinned_and_torch_is_2_13() -> None:
    assert (DIRECT | DEV) - set(pins()) == set()
    assert pins()["torch"] == "2.13.0"


def test_the_pinned_versions_are_the_installed_ones() -> None:
    wrong = {}
    for name in (DIRECT | DEV | {"torch", "numpy"}) & set(pins()):
        installed = metadata.version(name).split("+")[0]  # 2.13.0+cpu is 2.13.0 for the CPU
        if installed != pins()[name]:
            wrong[name] = (installed, pins()[name])
    assert wrong == {}


def test_every_imported_package_is_a_declared_dependency() -> None:
    providers = metadata.packages_distributions()
    own = {*PACKAGES, "yanbao"}
    missing = set()
    for name, tree in trees():
        if name.split("/")[0] not in own and name != "yanbao.py":
            continue
        for top in imported_names(tree) - own - set(sys.stdlib_module_names):
            given = {canonical(one) for one in providers.get(top, ["?" + top])}
            if not given & DIRECT:
                missing.add((name, top))
    assert missing == set()


def imported_names(tree: ast.Module) -> set[str]:
    """Top-level names of all that a module imports, inside functions too."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


# --- tables that are written by a script -------------------------------------------------------


@pytest.mark.parametrize("script", ["settings_table.py", "licences.py"])
def test_what_a_script_writes_into_the_documents_is_up_to_date(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_copyleft_licence_would_be_refused() -> None:
    code = "import sys; sys.path.insert(0, 'scripts'); from licences import REFUSED; "
    words = ["GPL-3.0-or-later", "GNU Affero General Public License v3", "LGPLv3+", "MIT"]
    checked = run_python(code + f"print([bool(REFUSED.search(one)) for one in {words}])")
    assert checked.strip() == "[True, True, True, False]"


def test_every_link_in_the_documents_leads_somewhere() -> None:
    broken = []
    for path in (one for one in project_files() if one.suffix == ".md"):
        text = path.read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        local = [one for one in links if not re.match(r"[a-z]+:", one)]
        broken += [(path.name, one) for one in local if not (path.parent / one).exists()]
    assert broken == []


def test_the_readme_has_no_gap_left_open() -> None:
    assert re.findall(r"@[A-Z]+@|TODO|TBD", README) == []


README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r'```\n\$ (yanbao ask "[^"\n]+")\n(.*?)```', README, re.DOTALL)


def test_the_answers_in_the_readme_are_the_answers_that_are_given(tmp_path: Path) -> None:
    code = "import sys, yanbao; sys.exit(yanbao.main(sys.argv[1:]))"
    index = str(tmp_path / "index")
    run_python(code, "index", str(ROOT / "corpus/reports"), "--index", index)
    assert EXAMPLES
    for command, said in EXAMPLES:
        _, word, question = shlex.split(command)
        assert run_python(code, word, question, "--index", index).strip() == said.strip()


# --- make --------------------------------------------------------------------------------------

STUB = '#!/bin/sh\necho "{name} $*" >> "{log}"\n'


def test_make_serve_installs_once_and_again_only_when_what_is_wanted_changes(
    tmp_path: Path,
) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    log = tmp_path / "log"
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "yanbao"):
        (programs / name).write_text(STUB.format(name=name, log=log))
        (programs / name).chmod(0o755)

    def serve() -> list[str]:
        log.write_text("")
        command = ["make", "serve", "PORT=8123", "YANBAO_PIP_ARGS=--extra-index-url somewhere"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        return log.read_text().splitlines()

    first, second = serve(), serve()
    assert [line.split()[0] for line in first] == ["python", "yanbao", "yanbao", "yanbao"]
    assert first[0].endswith("-c constraints.txt --extra-index-url somewhere -e .")
    assert second == [
        "yanbao index corpus/reports --index .yanbao/index",
        "yanbao keys create --file .yanbao/api_key",
        "yanbao serve --index .yanbao/index --host 127.0.0.1 --port 8123",
    ]
    with (tmp_path / "constraints.txt").open("a") as file:
        file.write("# another day\n")
    assert len(serve()) == 4
    assert len(serve()) == 3
