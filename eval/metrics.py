"""Measures averaged over questions: by type, tag and split, with intervals; refusals; latency.

After `eval.measures`; what it returns is `metrics.json`, the gate's input and the report's tables.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eval.run import Outcome
from eval.tally import groups

Metric = dict[str, float | int]
_Z = 1.959963984540054  # 97.5 % point of the normal distribution: 95 % intervals


def metrics(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All metrics of a run.

    Returns:
        `groups`: group label (`all`, `type fact`, …) → metric → {value, n, low, high};
        `refusal`, `risk_coverage`, `calibration`, `latency_ms`, `errors`, `faults`: of the whole
        run. No value is NaN: what has nothing to count is absent.
    """
    return {
        "groups": {label: group_metrics(members) for label, members in groups(outcomes).items()},
        "refusal": refusal(outcomes),
        "risk_coverage": risk_coverage(outcomes),
        "calibration": calibration(outcomes),
        "latency_ms": latency(outcomes),
        "errors": sum(outcome.error is not None for outcome in outcomes),
        "faults": dict(
            Counter(code for o in outcomes if o.verdict for code in o.verdict.codes).most_common()
        ),
    }


def group_metrics(outcomes: Iterable[Outcome]) -> dict[str, Metric]:
    """Metric → mean over the questions that it applies to, with a 95 % interval."""
    values: dict[str, list[float]] = {}
    for outcome in outcomes:
        for name, value in outcome.measures.items():
            values.setdefault(name, []).append(value)
    return {name: _mean(found) for name, found in sorted(values.items())}


def _mean(values: Sequence[float]) -> Metric:
    n, mean = len(values), math.fsum(values) / len(values)
    low, high = wilson(mean, n)
    return {"value": mean, "n": n, "low": low, "high": high}


def wilson(share: float, n: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share (Wilson 1927); for means in [0, 1] it is cautious."""
    if n == 0:
        return 0.0, 1.0
    centre = share + _Z**2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def refusal(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Refusing seen as detection of the unanswerable, and which kinds are missed."""
    pairs = [(o.item, o.verdict) for o in outcomes if o.verdict is not None]
    refused_right = sum(v.refused for i, v in pairs if not i.answerable)
    refused = sum(v.refused for _, v in pairs)
    unanswerable = sum(not i.answerable for i, _ in pairs)
    answerable = len(pairs) - unanswerable
    kinds: dict[str, list[int]] = {}
    for item, verdict in pairs:
        if not item.answerable:
            kinds.setdefault(item.subtype or "other", []).append(int(verdict.refused))
    confusion = {
        "unanswerable_refused": refused_right,
        "unanswerable_answered": unanswerable - refused_right,
        "answerable_refused": refused - refused_right,
        "answerable_right": sum(v.right for i, v in pairs if i.answerable),
    }
    confusion["answerable_wrong"] = (
        answerable - confusion["answerable_refused"] - confusion["answerable_right"]
    )
    shares = {
        "precision": (refused_right, refused),
        "recall": (refused_right, unanswerable),
        "over_refusal": (refused - refused_right, answerable),
    }
    found: dict[str, Any] = {name: a / b for name, (a, b) in shares.items() if b}
    found["confusion"] = confusion
    found["by_subtype"] = {k: {"refused": sum(v), "of": len(v)} for k, v in sorted(kinds.items())}
    return found


def risk_coverage(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """How wrong one is when only the most confident responses count (El-Yaniv & Wiener 2010).

    Returns:
        `points`: [coverage, risk] from the most confident on, equal confidence taken together;
        `aurc`: the area under them, 0 best.
    """
    scored = [
        (float(o.response["confidence"]), not o.verdict.right)
        for o in outcomes
        if o.response is not None and o.verdict is not None
    ]
    scored.sort(key=lambda pair: -pair[0])
    points: list[list[float]] = []
    wrong = 0
    area = 0.0
    for number, (confidence, is_wrong) in enumerate(scored, start=1):
        wrong += is_wrong
        last_of_its_confidence = number == len(scored) or scored[number][0] != confidence
        if last_of_its_confidence:
            before = points[-1][0] if points else 0.0
            points.append([number / len(scored), wrong / number])
            area += (points[-1][0] - before) * points[-1][1]
    return {"points": points, "aurc": area} if scored else {"points": []}


def calibration(outcomes: Iterable[Outcome], bins: int = 10) -> dict[str, Any]:
    """Whether a confidence of 0.8 is right in eight cases of ten: Brier score, and the bins."""
    scored = [
        (float(o.response["confidence"]), float(o.verdict.right))
        for o in outcomes
        if o.response is not None and o.verdict is not None
    ]
    if not scored:
        return {"bins": []}
    members: dict[int, list[tuple[float, float]]] = {}
    for pair in scored:
        members.setdefault(min(int(pair[0] * bins), bins - 1), []).append(pair)
    found: list[dict[str, float | int]] = []
    for _, inside in sorted(members.items()):
        was = math.fsum(was for _, was in inside) / len(inside)
        said, (low, high) = math.fsum(s for s, _ in inside) / len(inside), wilson(was, len(inside))
        found.append({"said": said, "was": was, "n": len(inside), "low": low, "high": high})
    gap = sum(abs(b["said"] - b["was"]) * b["n"] for b in found) / len(scored)
    brier = sum((s - r) ** 2 for s, r in scored) / len(scored)
    return {"brier": brier, "ece": gap, "bins": found}


def latency(outcomes: Iterable[Outcome]) -> dict[str, Mapping[str, float]]:
    """Milliseconds by stage: p50, p95, p99 and the longest; `wall` is what the client waits."""
    stages: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.response is None:
            continue
        stages.setdefault("wall", []).append(outcome.seconds * 1000)
        for name, value in (outcome.response.get("timings_ms") or {}).items():
            stages.setdefault(name, []).append(float(value))
    return {name: _percentiles(values) for name, values in stages.items()}


def _percentiles(values: list[float]) -> dict[str, float]:
    values = sorted(values)

    def at(share: float) -> float:  # nearest rank
        return values[min(len(values) - 1, max(0, math.ceil(share * len(values)) - 1))]

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": values[-1]}
