"""Cold start: from nothing to an answer, by the command and by the server, with peak memory.

Each round starts the command, the server and `import torch` one after the other, so that a machine
that is slow for a while slows all of them. Run: `python bench/cold_start.py` after `make index`.
"""

from __future__ import annotations

import os
import sys

from measuring import (
    Figure,
    Run,
    Server,
    golden_questions,
    index_dir,
    machine,
    median,
    need_index,
    report,
    run_once,
    yanbao,
)

ROUNDS = 7  # the median of seven bears three disturbed runs
LIMIT_S = 0.8
LIMIT_MIB = 180.0


def first_answer(question: str) -> Run:
    """A fresh server from the start of its process to its first answered question."""
    with Server() as server:
        wall_s = server.first_answer_s(question)
        return Run(wall_s, server.cpu_s(), server.peak_mib())


def figures(name: str, runs: list[Run], limited: bool) -> list[Figure]:
    """What is said of one kind of start; only ours has limits."""
    middle = median(runs)
    limits = (LIMIT_S, LIMIT_MIB) if limited else (None, None)
    return [
        Figure(f"{name}: wall, median", middle.wall_s, "s", limits[0]),
        Figure(f"{name}: wall, best", min(run.wall_s for run in runs), "s"),
        Figure(f"{name}: processor, median", middle.cpu_s, "s"),
        Figure(f"{name}: peak memory", middle.peak_mib, "MiB", limits[1]),
    ]


def main() -> int:
    """Measures and prints; 3 when a limit is broken."""
    # A person's second start finds the modules compiled; some build machines forbid to keep them.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    need_index()
    question = golden_questions()[0]
    print(f"cold start on {machine()}; {ROUNDS} rounds of fresh processes; question: {question}")
    command = yanbao("ask", question, "--index", str(index_dir()))
    imports = {
        name: [sys.executable, "-c", f"import {name}"]
        for name in ("torch", "sentence_transformers")
    }
    run_once(command)  # fills the page cache
    asks, serves, torches = [], [], []
    for _ in range(ROUNDS):
        asks.append(run_once(command))
        serves.append(first_answer(question))
        torches.append(run_once(imports["torch"]))
    transformers = run_once(imports["sentence_transformers"])
    status = report(
        [
            *figures("yanbao ask", asks, True),
            *figures("yanbao serve to first answer", serves, True),
            *figures("import torch", torches, False),
            *figures("import sentence_transformers", [transformers], False)[1:],
        ]
    )
    torch = median(torches)
    for name, ours in (("ask", median(asks)), ("serve", median(serves))):
        print(
            f"ratio: yanbao {name} takes {ours.wall_s / torch.wall_s:.2f} of the wall time and "
            f"{ours.peak_mib / torch.peak_mib:.2f} of the memory of `import torch`"
        )
    return status


if __name__ == "__main__":
    sys.exit(main())
