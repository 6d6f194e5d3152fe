"""Runs the steps of the Dockerfile in a temporary folder, where no Docker engine is at hand.

Every COPY is made through .dockerignore, every RUN is run as written with the image's folders
moved under the temporary one, and the last stage's CMD is started as its USER over files that this
user may not write, until its HEALTHCHECK passes and one question is answered.

What differs from an engine: the base image is this machine's Python; packages that are already
installed here are seen by the new environment, so that pip finds them satisfied (`--download`
installs them afresh); there is no kernel isolation.
Exit 0: all steps ran. Usage: python scripts/rehearse_dockerfile.py [--download] [--keep DIR]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from dockerfile import Stage, Step, exec_form, expand, read_dockerfile

ROOT = Path(__file__).resolve().parent.parent
MOVED = ("/src", "/opt/yanbao", "/var/lib/yanbao")
QUESTION = "昆仑万维2024E的EPS是多少？"
START_TIMEOUT_S = 30.0


class Rehearsal:
    """One run over all stages; `root` stands for the image's file system."""

    def __init__(self, root: Path, download: bool) -> None:
        self.root = root
        self.download = download
        self.directory = root

    def moved(self, text: str) -> str:
        """The image's folders in a command or path, as they are called here."""
        for folder in MOVED:
            text = re.sub(rf"(?<![\w/.]){re.escape(folder)}(?![\w-])", f"{self.root}{folder}", text)
        return text

    def build(self, stage: Stage) -> None:
        """Runs the steps of a build stage, one after the other."""
        for step in stage.steps:
            say(f"{step.word} {step.rest[:100]}")
            if step.word == "WORKDIR":
                self.directory = Path(self.moved(step.rest))
                self.directory.mkdir(parents=True, exist_ok=True)
            elif step.word == "COPY":
                self.copy(step)
            elif step.word == "RUN":
                self.run(step)

    def copy(self, step: Step) -> None:
        """Copies from the build context what .dockerignore lets through."""
        *sources, target = step.rest.split()
        for source in sources:
            if not allowed(source):
                raise SystemExit(f"COPY {source}: .dockerignore keeps it out")
            found = ROOT / source
            if found.is_dir():
                skip = shutil.ignore_patterns("__pycache__", "*.pyc")
                shutil.copytree(found, self.directory / target, ignore=skip)
            else:
                shutil.copy(found, self.directory / target)

    def run(self, step: Step) -> None:
        """Runs a command as the image would, from its working directory."""
        command = expand(self.moved(step.rest), {})
        subprocess.run(["/bin/sh", "-ec", command], cwd=self.directory, check=True)
        if "-m venv" in command and not self.download:
            see_installed_packages(self.root / "opt/yanbao")

    def serve(self, stage: Stage) -> None:
        """Starts the last stage's CMD as its USER, waits for HEALTHCHECK, asks one question."""
        for step in stage.steps:
            if step.word == "COPY" and not step.rest.startswith("--from="):
                raise SystemExit("the last stage copies from build stages only")
        user = int(stage.last("USER").split(":")[0])
        make_read_only(self.root)
        with tempfile.TemporaryDirectory(prefix="yanbao-tmp-") as tmpfs:
            if os.getuid() == 0:
                os.chown(tmpfs, user, user)
            environment = self.environment(stage, tmpfs)
            directory = self.moved(stage.last("WORKDIR"))
            as_user = no_root(user)
            say(
                f"CMD {stage.last('CMD')} as user {user}: {' '.join(as_user) or 'already not root'}"
            )
            command = [*as_user, *exec_form(stage.last("CMD"))]
            with subprocess.Popen(command, cwd=directory, env=environment) as server:
                try:
                    self.wait_until_healthy(stage, server, [*as_user], environment)
                    ask(int(environment["YANBAO_PORT"]))
                finally:
                    server.terminate()
            if server.returncode not in (0, -15):
                raise SystemExit(f"the server ended with {server.returncode}")

    def environment(self, stage: Stage, tmpfs: str) -> dict[str, str]:
        """The image's ENV with folders moved, a free port, and nothing of this shell's."""
        given = {name: self.moved(value) for name, value in stage.environment().items()}
        python = Path(sys.executable).resolve().parent
        given["PATH"] = f"{given['PATH']}:{python}:/sbin:/usr/sbin"
        return given | {"HOME": tmpfs, "TMPDIR": tmpfs, "YANBAO_PORT": str(free_port())}

    def wait_until_healthy(
        self, stage: Stage, server: subprocess.Popen[bytes], as_user: list[str], env: dict[str, str]
    ) -> None:
        """Runs the very HEALTHCHECK command until it says 0."""
        check = [*as_user, *exec_form(stage.last("HEALTHCHECK"))]
        begin = time.monotonic()
        while time.monotonic() - begin < START_TIMEOUT_S:
            if server.poll() is not None:
                raise SystemExit(f"the server ended with {server.returncode}")
            done = subprocess.run(check, env=env, stderr=subprocess.DEVNULL, check=False)
            if done.returncode == 0:
                say(f"HEALTHCHECK passes {time.monotonic() - begin:.1f} s after the start")
                return
            time.sleep(0.1)
        raise SystemExit(f"HEALTHCHECK did not pass in {START_TIMEOUT_S:.0f} s")


def say(words: str) -> None:
    """One line of progress."""
    print(f"rehearsal: {words}", flush=True)


def allowed(source: str) -> bool:
    """True when .dockerignore (all out, some named back in) lets a top-level name through."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    return f"!{source}" in lines


def see_installed_packages(environment: Path) -> None:
    """Lets a new environment see this one's packages, in place of a download of a gigabyte."""
    site = next(environment.glob("lib/python*/site-packages"))
    (site / "seen.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


def make_read_only(root: Path) -> None:
    """Takes every right to write; the server's user owns none of it either."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222 | 0o444)


def no_root(user: int) -> list[str]:
    """The prefix that drops to `user`; empty where this process is not root anyway.

    Reading stays allowed everywhere, since this machine's Python may lie in root's home; writing
    is not.
    """
    if os.getuid() != 0:
        return []
    ids = [f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
    capability = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    return ["setpriv", *ids, *capability, "--bounding-set=-all,+dac_read_search"]


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int) -> None:
    """One question; the answer must come with a citation."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps({"question": QUESTION}).encode()
    connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    if response.status != 200 or not answer["citations"]:
        raise SystemExit(f"{QUESTION} was not answered: HTTP {response.status} {answer}")
    say(f"{QUESTION} → {answer['answer']}")


def main() -> int:
    """Rehearses the Dockerfile of the project."""
    parser = argparse.ArgumentParser(description="Run the Dockerfile's steps without an engine.")
    parser.add_argument("--download", action="store_true", help="install every package afresh")
    parser.add_argument("--keep", type=Path, help="leave the image's files in this folder")
    given = parser.parse_args()
    root = given.keep or Path(tempfile.mkdtemp(prefix="yanbao-image-", dir="/var/tmp"))
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    *builds, last = read_dockerfile(ROOT / "Dockerfile")
    rehearsal = Rehearsal(root, given.download)
    try:
        for stage in builds:
            rehearsal.build(stage)
        rehearsal.serve(last)
    finally:
        if given.keep is None:
            subprocess.run(["chmod", "-R", "u+w", str(root)], check=False)
            shutil.rmtree(root, ignore_errors=True)
    say("every step ran; pulling the base image and an engine's isolation were not part of it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
