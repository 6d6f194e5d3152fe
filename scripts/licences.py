"""The licences of everything that a running yanbao stands on, read from what is installed.

`python scripts/licences.py` compares THIRD_PARTY.md with it, `--write` brings it up to date.
Exit 1: the file is out of date, or a licence is one that the project refuses.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib import metadata

from marked_section import write_or_check
from packaging.requirements import Requirement

# Strong copyleft would bind the customer's own code. "GPL" also finds AGPL and LGPL.
REFUSED = re.compile(r"GPL|General Public License|SSPL|Business Source", re.IGNORECASE)
# What a torch built for CUDA brings along on Linux; described in words in THIRD_PARTY.md.
CUDA = re.compile(r"^(nvidia-|cuda-|triton)")


def main() -> int:
    """Compares or writes; names every refused licence."""
    licences = dict(sorted(closure(metadata.requires("yanbao") or []).items()))
    refused = {name: said for name, said in licences.items() if is_refused(said)}
    for name, said in refused.items():
        print(f"refused licence: {name} is {said}", file=sys.stderr)
    direct = {canonical(Requirement(line).name) for line in metadata.requires("yanbao") or []}
    rows = [
        f"| {name} | {said} | {'yes' if name in direct else ''} |\n"
        for name, said in licences.items()
    ]
    table = "| package | licence | direct |\n|---|---|---|\n" + "".join(rows)
    return write_or_check("THIRD_PARTY.md", "licences", table) or int(bool(refused))


def is_refused(said: str) -> bool:
    """True where no licence that a package offers (`A OR B`: the user chooses) may be taken."""
    return all(REFUSED.search(choice) for choice in re.split(r"\bOR\b", said))


def closure(requires: Iterable[str]) -> dict[str, str]:
    """Name → licence of the given requirements and all that they require in turn."""
    found: dict[str, str] = {}
    waiting = [Requirement(line) for line in requires]
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        if name in found or CUDA.match(name) or not applies(requirement):
            continue
        distribution = metadata.distribution(name)
        found[name] = licence(distribution.metadata.json)
        waiting += [Requirement(line) for line in distribution.requires or []]
    return found


def applies(requirement: Requirement) -> bool:
    """True when this machine needs it without any extra."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def canonical(name: str) -> str:
    """The one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(about: dict[str, str | list[str]]) -> str:
    """The licence as the package states it: expression, else classifiers, else free words."""
    expression = about.get("license_expression")
    if expression:
        return str(expression)
    said = [one.split(" :: ")[-1] for one in about.get("classifier", []) if "License ::" in one]
    return "; ".join(said) or str(about.get("license") or "not stated").splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
