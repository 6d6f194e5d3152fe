"""JSON bodies read strictly: what is not well-formed Unicode and finite numbers is refused.

Stands at the border, before `schemas`. The standard parser takes NaN, 1e999, repeated keys and lone
surrogates, and each of them has turned into a 500 in services that trusted it.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final

MAX_INTEGER_DIGITS: Final = 32
"""No number of the contract has more; Python's own limit (4,300 digits) costs quadratic time."""


class MalformedJson(ValueError):  # the word of the field
    """The bytes are not UTF-8 or not JSON."""


class UnfitJson(ValueError):  # the word of the field
    """Well-formed JSON that no request may hold. `faults`: one text for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def parse_strictly(body: bytes) -> Any:
    """The value that `body` states.

    Raises:
        MalformedJson: not UTF-8, not JSON, or nested beyond reason.
        UnfitJson: NaN, an infinite or endless number, a repeated key, a lone surrogate.
    """
    faults: list[str] = []
    value = _parse(_decode(body), faults)
    if _has_surrogate(value):
        faults.append("a string holds a lone surrogate; send well-formed Unicode")
    if faults:
        raise UnfitJson(sorted(set(faults)))
    return value


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedJson(f"byte {error.start} is not UTF-8; send UTF-8") from None


def _parse(text: str, faults: list[str]) -> Any:
    """Parses on after an unfit value, so that malformed JSON is told apart from unfit JSON."""

    def constant(_: str) -> None:
        faults.append("NaN and Infinity are not JSON numbers")

    def real(digits: str) -> float:
        number = float(digits)
        if not math.isfinite(number):
            faults.append("a number is too large")
            return 0.0
        return number

    def whole(digits: str) -> int:
        if len(digits) > MAX_INTEGER_DIGITS:
            faults.append("a number is too large")
            return 0
        return int(digits)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            faults.append("an object repeats a key")
        return found

    try:
        return json.loads(
            text,
            parse_constant=constant,
            parse_float=real,
            parse_int=whole,
            object_pairs_hook=pairs,
        )
    except json.JSONDecodeError as error:
        raise MalformedJson(f"not JSON at character {error.pos}") from None
    except RecursionError:
        raise MalformedJson("nested too deep") from None


def _has_surrogate(value: Any) -> bool:
    """True if a key or a string anywhere holds half a surrogate pair."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            if not item.isascii() and any("\ud800" <= ch <= "\udfff" for ch in item):
                return True
        elif isinstance(item, dict):
            todo.extend(item)
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
    return False
