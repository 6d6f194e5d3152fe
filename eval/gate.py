"""The gate: floors that a run has to reach, for each type and metric.

After `eval.metrics`. `eval/gate.toml` holds the floors; later changes may only raise them.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree as Xml

from corpus.errors import GoldenError
from eval.golden import ItemType
from eval.run import Outcome

# Less is better for these; the gate file holds ceilings for them.
CEILINGS = frozenset({"over_refusal", "wrong_answer", "uncited_numbers", "wrong_document@1"})


@dataclass(frozen=True, slots=True)
class Limit:
    """A floor (or, for measures of harm, a ceiling) for one metric of one group."""

    group: str
    metric: str
    bound: float


@dataclass(frozen=True, slots=True)
class Check:
    """A limit beside what the run reached; `value` None: the run has nothing to count."""

    limit: Limit
    value: float | None

    @property
    def met(self) -> bool:
        """A limit that asks for nothing is met by nothing."""
        if self.value is None:
            return not self.limit.bound and self.limit.metric not in CEILINGS
        if self.limit.metric in CEILINGS:
            return self.value <= self.limit.bound
        return self.value >= self.limit.bound

    def __str__(self) -> str:
        sign = "≤" if self.limit.metric in CEILINGS else "≥"
        shown = "nothing to count" if self.value is None else f"{self.value:.4f}"
        state = "met    " if self.met else "NOT MET"
        return f"{state} {self.limit.group}: {self.limit.metric} {shown} {sign} {self.limit.bound}"


def load_limits(path: Path) -> list[Limit]:
    """The limits of a gate file: a table for each group, `metric = bound`.

    Raises:
        GoldenError: the file is missing or no gate file.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GoldenError(f"{path}: no gate file ({error})") from error
    limits = []
    for group, metrics in content.items():
        if not isinstance(metrics, dict):
            raise GoldenError(f"{path}: {group} stands outside a table [group]")
        for metric, bound in metrics.items():
            if not isinstance(bound, int | float) or isinstance(bound, bool) or not 0 <= bound <= 1:
                raise GoldenError(f"{path}: [{group}] {metric} = {bound!r}; expected 0 … 1")
            limits.append(Limit(group, metric, float(bound)))
    return limits


def check(limits: Sequence[Limit], metrics: Mapping[str, Any]) -> list[Check]:
    """Every limit beside the run, in the order of the gate file, then errors if there are any."""
    checks = [Check(limit, _value(metrics, limit.group, limit.metric)) for limit in limits]
    if metrics["errors"]:
        # Errors are neither right nor wrong, so a run with errors has not shown what it claims.
        checks.append(Check(Limit("all", "answered without error", 1.0), 0.0))
    return checks


def unserved(limits: Sequence[Limit]) -> list[str]:
    """The types whose questions need not be right yet; they are printed, not hidden."""
    bounds = {limit.group: limit.bound for limit in limits if limit.metric == "right"}
    return [name for name in get_args(ItemType) if not bounds.get(f"type {name}")]


def raised(limits: Sequence[Limit], metrics: Mapping[str, Any]) -> list[Limit]:
    """The limits moved to what the run reached, rounded to two places, never eased."""
    moved = []
    for limit in limits:
        value = _value(metrics, limit.group, limit.metric)
        bound = limit.bound
        if value is not None and limit.metric in CEILINGS:
            bound = min(bound, math.ceil(value * 100 - 1e-9) / 100)
        elif value is not None:
            bound = max(bound, math.floor(value * 100 + 1e-9) / 100)
        moved.append(Limit(limit.group, limit.metric, bound))
    return moved


def write_raised(path: Path, limits: Sequence[Limit]) -> None:
    """Writes the limits over those of a gate file and keeps the comment at its top."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = list(takewhile(lambda line: line.startswith("#"), lines))
    path.write_text(gate_toml(limits, comment), encoding="utf-8")


def gate_toml(limits: Sequence[Limit], comment: Sequence[str] = ()) -> str:
    """The text of a gate file; `comment`: lines that start with `#`."""
    lines = list(comment)
    group = None
    for limit in limits:
        if limit.group != group:
            group = limit.group
            lines += [*[""] * bool(lines), f'["{group}"]']
        name = limit.metric if limit.metric.isidentifier() else f'"{limit.metric}"'
        lines.append(f"{name} = {limit.bound:.2f}")
    return "\n".join(lines) + "\n"


def junit(checks: Sequence[Check], outcomes: Sequence[Outcome]) -> str:
    """JUnit XML: the checks as one suite, every question as a case of its type's suite."""
    root = Xml.Element("testsuites", name="yanbao eval")
    gate = Xml.SubElement(root, "testsuite", name="gate", tests=str(len(checks)))
    for one in checks:
        case = Xml.SubElement(
            gate, "testcase", classname=one.limit.group, name=one.limit.metric, time="0"
        )
        if not one.met:
            Xml.SubElement(case, "failure", message=_printable(str(one)))
    for name in sorted({outcome.item.type for outcome in outcomes}):
        members = [outcome for outcome in outcomes if outcome.item.type == name]
        suite = Xml.SubElement(root, "testsuite", name=name, tests=str(len(members)))
        for outcome in members:
            _case(suite, outcome)
    for suite in root:
        suite.set("failures", str(len(suite.findall("testcase/failure"))))
        suite.set("errors", str(len(suite.findall("testcase/error"))))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Xml.Element, outcome: Outcome) -> None:
    case = Xml.SubElement(
        suite, "testcase", classname=outcome.item.type, name=_printable(outcome.item.id),
        time=f"{outcome.seconds:.3f}",
    )  # fmt: skip
    if outcome.error is not None:
        Xml.SubElement(case, "error", message=_printable(outcome.error))
    elif outcome.verdict and outcome.verdict.faults:
        failure = Xml.SubElement(
            case, "failure", message=_printable("; ".join(outcome.verdict.faults))
        )
        answer = (outcome.response or {}).get("answer", "")
        failure.text = _printable(f"{outcome.item.question}\n{answer}")


def _printable(text: str) -> str:
    """Without the control characters that XML 1.0 forbids."""
    return "".join(ch for ch in text if ch in "\t\n\r" or (ch >= " " and ch not in "\ufffe\uffff"))


def _value(metrics: Mapping[str, Any], group: str, metric: str) -> float | None:
    if group == "refusal":
        found = metrics["refusal"].get(metric)
        return None if found is None else float(found)
    entry = metrics["groups"].get(group, {}).get(metric)
    return None if entry is None else float(entry["value"])
