"""A run on disk: everything that is needed to judge its answers again.

After `eval.run`. `run.json` (how it was made), `items.jsonl` (one outcome a line), `metrics.json`,
`run.trec` and `qrels.trec`; the report is made from them by `eval.page`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from corpus.errors import EvalError
from eval.golden import GoldenItem
from eval.metrics import metrics
from eval.retrieval import qrels_lines, run_lines
from eval.run import Outcome, outcome_topics
from eval.scoring import Verdict

FORMAT = 1


def describe_run(
    golden: Mapping[str, str],
    target: str,
    settings: Mapping[str, Any],
    wall_s: float,
    seed: int | None = None,
) -> dict[str, Any]:
    """How a run was made, for `run.json`.

    Args:
        golden: file → sha256 of the golden files.
        settings: what was chosen on the command line.
        seed: of what was drawn; None where all was asked and nothing is left to chance.
    """
    return {
        "format": FORMAT,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "wall_s": round(wall_s, 3),
        "target": target,
        "golden": dict(golden),
        "settings": dict(settings),
        "seed": seed,
        "git": _git_state(),
        "versions": {name: _version(name) for name in ("yanbao", "ir-measures", "scipy")},
        "machine": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "cores": os.cpu_count(),
        },
    }


def write_run(folder: Path, info: Mapping[str, Any], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Writes all files of a run but the report, and returns its metrics."""
    folder.mkdir(parents=True, exist_ok=True)
    found = metrics(outcomes)
    snapshots = sorted(
        {str(o.response["snapshot"]["id"]) for o in outcomes if o.response is not None}
    )
    _write_json(folder / "run.json", {**info, "snapshots": snapshots})
    _write_json(folder / "metrics.json", found)
    lines = (outcome_line(outcome) for outcome in outcomes)
    (folder / "items.jsonl").write_text("".join(lines), encoding="utf-8")
    topics = [topic for outcome in outcomes for topic in outcome_topics(outcome)]
    if topics:
        for name, rows in (("qrels", qrels_lines(topics)), ("run", run_lines(topics, "yanbao"))):
            (folder / f"{name}.trec").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return found


def read_run(folder: Path) -> tuple[dict[str, Any], list[Outcome]]:
    """What `write_run` wrote.

    Raises:
        EvalError: no run is there, or it is of another format.
    """
    try:
        info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvalError(
            f"{folder} holds no finished run ({error}); make one with `eval run --out`"
        ) from error
    if info.get("format") != FORMAT:
        raise EvalError(
            f"{folder} is of format {info.get('format')!r}; this version reads {FORMAT}"
        )
    return info, read_items(folder / "items.jsonl")


def read_items(path: Path) -> list[Outcome]:
    """The outcomes of an `items.jsonl`; a last line that was cut off is left out."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise EvalError(f"{path}: {error.strerror}") from error
    outcomes = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            outcomes.append(parse_outcome(line))
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            if number == len(lines):  # an interrupted run ends in the middle of a line
                break
            raise EvalError(f"{path}:{number}: no outcome of a run ({error})") from error
    return outcomes


def outcome_line(outcome: Outcome) -> str:
    """One line of `items.jsonl`."""
    stored = {
        "id": outcome.item.id,
        "item": outcome.item.model_dump(mode="json"),
        "response": outcome.response,
        "hits": outcome.hits,
        "verdict": asdict(outcome.verdict) if outcome.verdict else None,
        "error": outcome.error,
        "seconds": round(outcome.seconds, 6),
        "testimony": outcome.testimony,
        "measures": outcome.measures,
    }
    return json.dumps(stored, ensure_ascii=False) + "\n"


def parse_outcome(line: str) -> Outcome:
    """The outcome of one line of `items.jsonl`."""
    stored = json.loads(line)
    verdict = stored["verdict"]
    if verdict is not None:
        verdict = Verdict(**{**verdict, "faults": tuple(verdict["faults"])})
    return Outcome(
        item=GoldenItem.model_validate_json(json.dumps(stored["item"])),
        response=stored["response"],
        hits=stored["hits"],
        verdict=verdict,
        error=stored["error"],
        seconds=stored["seconds"],
        testimony=stored["testimony"],
        measures=stored["measures"],
    )


def same_golden(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True if two runs asked the same golden files, by their hashes."""
    return sorted(one["golden"].values()) == sorted(other["golden"].values())


def by_id(outcomes: Iterable[Outcome]) -> dict[str, Outcome]:
    """The outcomes by item id."""
    return {outcome.item.id: outcome for outcome in outcomes}


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except ImportError:
        return None


def _git_state() -> dict[str, Any] | None:
    """Commit and whether the tree was changed; None outside a repository."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        done = subprocess.run(  # noqa: S603
            ["git", *words],  # noqa: S607
            cwd=here,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", "..")
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(changed)}
    except (OSError, subprocess.SubprocessError):
        return None
