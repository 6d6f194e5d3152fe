"""Whether the same question gets the same answer again, byte for byte.

Beside `eval.run`. `id` and `timings_ms` are volatile by the contract; all else has to stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from eval.golden import GoldenItem
from eval.run import Outcome
from eval.targets import AskError, Target

VOLATILE = ("id", "timings_ms")


def lasting(response: Mapping[str, Any]) -> str:
    """The response without its volatile fields, in one fixed spelling."""
    kept = {key: value for key, value in response.items() if key not in VOLATILE}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def unstable(
    items: Sequence[GoldenItem], target: Target, outcomes: Sequence[Outcome], repeats: int
) -> list[str]:
    """Asks again until each question was asked `repeats` times; a line for each that differs."""
    first = {o.item.id: lasting(o.response) for o in outcomes if o.response is not None}
    differing: dict[str, str] = {}
    for number in range(2, repeats + 1):
        for item in items:
            if item.id not in first:
                continue
            try:
                again = target.ask(item.request())
            except AskError as error:
                differing[item.id] = f"{item.id}: repeat {number} failed: {error}"
                continue
            if lasting(again) != first[item.id]:
                fields = _fields(json.loads(first[item.id]), again)
                differing[item.id] = f"{item.id}: repeat {number} differs in {', '.join(fields)}"
    return list(differing.values())


def _fields(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [key for key in one if key not in VOLATILE and one[key] != other.get(key)]
