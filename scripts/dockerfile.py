"""Reads a Dockerfile into stages and steps, as far as this project's Dockerfile goes.

Beside the picture: the rehearsal runs the steps, the tests look at them.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

KNOWN = {"ARG", "FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its word in capitals and the rest of its line, continued lines joined."""

    word: str
    rest: str


@dataclass(slots=True)
class Stage:
    """What follows one FROM."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list)

    def last(self, word: str) -> str:
        """The rest of the last instruction of that word.

        Raises:
            KeyError: there is none.
        """
        for step in reversed(self.steps):
            if step.word == word:
                return step.rest
        raise KeyError(f"stage {self.name} has no {word}")

    def environment(self) -> dict[str, str]:
        """What its ENV instructions set."""
        pairs: dict[str, str] = {}
        for step in self.steps:
            if step.word == "ENV":
                pairs |= dict(part.split("=", 1) for part in shlex.split(step.rest))
        return pairs


def read_dockerfile(path: Path) -> list[Stage]:
    """The stages in order.

    Raises:
        ValueError: an instruction that the rehearsal does not know.
    """
    joined = re.sub(r"\\\n\s*", " ", _without_comments(path.read_text(encoding="utf-8")))
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, rest = line.partition(" ")
        if word not in KNOWN:
            raise ValueError(f"{path.name}: {word} is not rehearsed: {line}")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(name or str(len(stages)), expand(base, arguments)))
        elif not stages:
            name, _, default = rest.partition("=")
            arguments[name] = default.strip('"')
        else:
            stages[-1].steps.append(Step(word, rest.strip()))
    return stages


def expand(text: str, values: dict[str, str]) -> str:
    """`${NAME}` replaced by its value."""
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], ""), text)


def exec_form(rest: str) -> list[str]:
    """The words of `["program", "argument"]` (a health check's options left out)."""
    words = json.loads(rest[rest.index("[") :])
    return [str(word) for word in words]


def _without_comments(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.lstrip().startswith("#"))
