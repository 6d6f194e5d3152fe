"""Cold start: from nothing to an answer, by the command and by the server, with peak memory.

The ratios beside `import torch` and `import sentence_transformers` are taken in the same run, so
that a slow machine slows both sides. Run: `python bench/cold_start.py` after `make index`.
"""

from __future__ import annotations

import statistics
import sys

from measuring import (
    Figure,
    Server,
    golden_questions,
    machine,
    need_index,
    report,
    run_often,
    yanbao,
)
from measuring import index_dir as index

TIMES = 7  # the median of seven bears three disturbed runs
LIMIT_S = 0.8
LIMIT_MIB = 180.0


def serve_figures(question: str) -> list[Figure]:
    """Start of the process to the first answered question, median of fresh servers."""
    walls, peaks = [], []
    for _ in range(TIMES):
        with Server() as server:
            walls.append(server.first_answer_s(question))
            peaks.append(server.peak_mib())
    return [
        Figure("yanbao serve: first answer, median", statistics.median(walls), "s", LIMIT_S),
        Figure("yanbao serve: first answer, best", min(walls), "s"),
        Figure("yanbao serve: peak memory then", max(peaks), "MiB", LIMIT_MIB),
    ]


def main() -> int:
    """Measures and prints; 3 when a limit is broken."""
    need_index()
    question = golden_questions()[0]
    print(f"cold start on {machine()}; {TIMES} fresh processes; question: {question}")
    run_often(yanbao("ask", question, "--index", str(index())), 1)  # fills the page cache
    ask, best = run_often(yanbao("ask", question, "--index", str(index())), TIMES)
    nothing, _ = run_often([sys.executable, "-c", "pass"], 3)
    torch, _ = run_often([sys.executable, "-c", "import torch"], 3)
    transformers, _ = run_often([sys.executable, "-c", "import sentence_transformers"], 3)
    figures = [
        Figure("yanbao ask: wall, median", ask.wall_s, "s", LIMIT_S),
        Figure("yanbao ask: wall, best", best.wall_s, "s"),
        Figure("yanbao ask: peak memory", ask.peak_mib, "MiB", LIMIT_MIB),
        *serve_figures(question),
        Figure("python -c pass", nothing.wall_s, "s"),
        Figure("import torch", torch.wall_s, "s"),
        Figure("import torch: peak memory", torch.peak_mib, "MiB"),
        Figure("import sentence_transformers", transformers.wall_s, "s"),
        Figure("import sentence_transformers: peak memory", transformers.peak_mib, "MiB"),
    ]
    status = report(figures)
    print(
        f"ratios: yanbao ask takes {ask.wall_s / torch.wall_s:.2f} of `import torch` and "
        f"{ask.wall_s / transformers.wall_s:.2f} of `import sentence_transformers`; "
        f"memory {ask.peak_mib / transformers.peak_mib:.2f} of the latter"
    )
    return status


if __name__ == "__main__":
    sys.exit(main())
