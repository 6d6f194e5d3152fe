"""Every measure of one answered question, as numbers in [0, 1].

After `eval.scoring`, before `eval.metrics`, which averages them. A measure that does not apply
to a question is left out of its dictionary; there is no NaN and no zero that means "unknown".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eval.attribution import attribute
from eval.golden import GoldenItem
from eval.matching import squash, stands_in_squashed
from eval.overlap import char_f1, exact_match, list_f1
from eval.quantities import find_quantity
from eval.scoring import Verdict
from eval.sources import Sources
from eval.wording import says

Measures = dict[str, float]


def measure(
    item: GoldenItem, response: Mapping[str, Any], verdict: Verdict, sources: Sources
) -> Measures:
    """The measures of one answer; those of `verdict` among them."""
    found: Measures = {"right": float(verdict.right)}
    found |= _present(
        cited=verdict.cited, verbatim=verdict.verbatim, reason_right=verdict.reason_right
    )
    if not item.answerable:
        found["refusal_recall"] = float(verdict.refused)
        return found
    found["over_refusal"] = float(verdict.refused)
    found["wrong_answer"] = float(not verdict.refused and not verdict.right)
    if verdict.refused:
        return found | _worst(item)
    found |= _wording(item, response["answer"])
    found |= _cells(item, response)
    if item.type == "comparison":
        found["comparison"] = float(verdict.right and verdict.cited is not False)
    borne = attribute(item, response, sources)
    found |= _present(
        citation_precision=borne.precision, citation_recall=borne.recall, support=borne.support
    )
    found["no_misattribution"] = float(borne.misattributed == 0 and borne.dangling == 0)
    if borne.figures:
        found["uncited_numbers"] = borne.uncited / borne.figures
    return found


def _present(**values: float | bool | None) -> Measures:
    return {name: float(value) for name, value in values.items() if value is not None}


def _worst(item: GoldenItem) -> Measures:
    """A refusal where an answer was due earns nothing in what an answer would have earned."""
    found = {"char_f1": 0.0, "exact_match": 0.0, "normal_match": 0.0}
    if item.numeric is not None:
        found["numeric"] = 0.0
    if item.type == "list":
        found["list_f1"] = 0.0
    if item.type == "comparison":
        found["comparison"] = 0.0
    return found | ({"citation_recall": 0.0} if item.evidence else {})


def _wording(item: GoldenItem, answer: str) -> Measures:
    plain = re.sub(r"\[\d+\]", "", answer)
    golds = list(item.answers[0]) if len(item.answers) == 1 else [
        "、".join(group[0] for group in item.answers)
    ]  # fmt: skip
    found = {
        "char_f1": char_f1(plain, golds),
        "exact_match": float(exact_match(plain, golds)),
        "normal_match": float(says(plain, item.answers)),
    }
    if item.numeric is not None:
        found["numeric"] = float(find_quantity(item.numeric, answer) == "right")
    if item.type == "list":
        found["list_f1"] = list_f1(plain, item.answers)
    return found


def _cells(item: GoldenItem, response: Mapping[str, Any]) -> Measures:
    """Where one figure is asked for and cells are cited: the gold figure is one of the cells."""
    cells = [c["cell"]["value"] for c in response["citations"] if c.get("cell")]
    wanted = [a for group in item.answers for a in group if re.search(r"\d\.\d", a)]
    if not cells or not wanted or item.type == "computed" or response.get("computation"):
        return {}
    shown = [squash(cell) for cell in cells]
    hit = any(
        stands_in_squashed(squash(alternative), cell) for alternative in wanted for cell in shown
    )
    return {"cell_right": float(hit)}
