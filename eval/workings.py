"""The working that an answer shows (`0.70 − 0.58 = 0.12`): checked, and told apart from its inputs.

Foot of `eval.attribution`: a result that follows from the figures left of it needs no source of its
own; the figures do.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from eval.arithmetic import FormulaError, evaluate

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
# Brackets, numbers and signs up to an equals sign, and one number with its sign behind it.
_WORKING = re.compile(
    rf"(?P<left>[（(\d−-][（()）\d.,\s×÷+\-−^/]*?)\s*=\s*(?P<result>[-−]?{_NUMBER})(?P<percent>%?)"
)
_ROOT = re.compile(r"^(?P<base>.+?)\^\(1/(?P<years>\d+)\)\s*−\s*1$")
_MEAN = re.compile(r"^(?P<sum>[（(].+[)）])\s*÷\s*(?P<count>\d+)$")


def inputs_only(sentence: str) -> str:
    """The sentence without the results that its own figures give: those stand for themselves.

    The number of terms below a mean and the root of a compound rate go with them.
    """
    return _WORKING.sub(lambda m: _inputs(m) if holds(m) else m.group(), sentence)


def results_of(text: str) -> list[str]:
    """The results that the text works out from its own figures; it may use them further on."""
    return [_plain(m["result"]).lstrip("-") for m in _WORKING.finditer(text) if holds(m)]


def holds(working: re.Match[str]) -> bool:
    """True if the left side gives the result, rounded as the result is printed."""
    printed = _plain(working["result"])
    shown = Decimal(printed)
    try:
        value = _value(working["left"])
    except (FormulaError, InvalidOperation):
        return False
    exponent = shown.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    wanted = [value, value * 100] if working["percent"] else [value]
    return any(one.quantize(step, rounding=ROUND_HALF_UP) == shown for one in wanted)


def _value(left: str) -> Decimal:
    root = _ROOT.match(left.strip())
    if root is None:
        return evaluate(_plain(left))
    return evaluate(_plain(root["base"])) ** (Decimal(1) / int(root["years"])) - 1


def _inputs(working: re.Match[str]) -> str:
    """The figures that went in; how many they are stands in no report."""
    left = working["left"].strip()
    root, mean = _ROOT.match(left), _MEAN.match(left)
    if root is not None:
        left = root["base"]
    elif mean is not None and int(mean["count"]) == len(re.split(r"[+]", mean["sum"])):
        left = mean["sum"]
    return f"{left} "


def _plain(words: str) -> str:
    return words.translate(str.maketrans("（）−", "()-", ","))
