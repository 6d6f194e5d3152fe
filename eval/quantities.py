"""Whether an answer states the gold figure: value, unit and sign at the stated precision.

Foot of `eval.measures`; figures and units are read by `corpus.figures`.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from corpus.figures import Figure, find_figures, same_dimension, to_base
from eval.golden import Numeric

Found = Literal["right", "wrong_unit", "wrong_sign", "wrong_scale", "absent"]

# 460.5 says 460.49 more coarsely; 0.2 does not say 0.23: it keeps too little of it.
_MIN_DIGITS = 3


def find_quantity(numeric: Numeric, answer: str) -> Found:
    """The best that any figure of the answer is to the gold figure.

    With `abs_tol` the values may differ by so much; without, they have to agree at the coarser of
    the two printed precisions. Per cent and percentage points are never taken for each other.
    """
    gold = Decimal(str(numeric.value).replace(",", ""))
    plain = re.sub(r"\[\d+\]", "", answer)
    best: Found = "absent"
    order: tuple[Found, ...] = ("right", "wrong_unit", "wrong_sign", "wrong_scale", "absent")
    for figure in find_figures(plain):
        found = _compare(gold, numeric, figure)
        if order.index(found) < order.index(best):
            best = found
    return best


def _compare(gold: Decimal, numeric: Numeric, figure: Figure) -> Found:
    if not numeric.unit or not figure.unit:
        if _agree(gold, figure.value, numeric):
            return "right"
        return "wrong_sign" if gold and _agree(-gold, figure.value, numeric) else "absent"
    if not same_dimension(numeric.unit, figure.unit):
        return "wrong_unit" if _agree(gold, figure.value, numeric) else "absent"
    wanted, _ = to_base(gold, numeric.unit)
    scale = wanted / gold if gold else Decimal(1)
    value = to_base(figure.value, figure.unit)[0] / scale
    if _agree(gold, value, numeric):
        return "right"
    if gold and _agree(-gold, value, numeric):
        return "wrong_sign"
    return "wrong_scale" if _agree(gold, figure.value, numeric) else "absent"


def _agree(gold: Decimal, value: Decimal, numeric: Numeric) -> bool:
    if gold == value:
        return True
    if numeric.abs_tol is not None:
        return abs(gold - value) <= Decimal(str(numeric.abs_tol))
    gold_places, value_places = _places(gold), _places(value)
    if gold_places == value_places:
        return False
    coarse, fine = (value, gold) if value_places < gold_places else (gold, value)
    step = Decimal(1).scaleb(-_places(coarse))
    enough = len(coarse.normalize().as_tuple().digits) >= _MIN_DIGITS
    return enough and fine.quantize(step, rounding=ROUND_HALF_UP) == coarse


def _places(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
