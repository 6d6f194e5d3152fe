"""The value of a formula such as `(6.14-2.68)/2.68`, as golden notes and answers give it.

Foot of `eval`: four operations and brackets over decimals; nothing else is evaluated.
"""

from __future__ import annotations

import re
from decimal import Decimal, DivisionByZero, InvalidOperation

_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|[-+*/()])")


class FormulaError(ValueError):
    """The text is no formula of four operations, or divides by zero."""


def evaluate(formula: str) -> Decimal:
    """The value; commas between digits are thousands separators, `×÷−` are read too.

    Raises:
        FormulaError: the text is none, or it divides by zero.
    """
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", formula).translate(str.maketrans("×÷−", "*/-"))
    tokens: list[str] = []
    at = 0
    while at < len(plain.rstrip()):
        found = _TOKEN.match(plain, at)
        if found is None:
            raise FormulaError(f"{formula!r}: met {plain[at : at + 10]!r}")
        tokens.append(found[1])
        at = found.end()
    parser = _Parser(tokens)
    try:
        value = parser.total()
    except (InvalidOperation, DivisionByZero, IndexError) as error:
        raise FormulaError(f"{formula!r} cannot be worked out") from error
    if parser.rest:
        raise FormulaError(f"{formula!r}: {parser.rest[0]!r} is left over")
    return value


class _Parser:
    """Recursive descent, one method for each strength of binding."""

    def __init__(self, tokens: list[str]) -> None:
        self.rest = tokens

    def total(self) -> Decimal:
        value = self._product()
        while self.rest and self.rest[0] in "+-":
            value = value + self._product() if self._take() == "+" else value - self._product()
        return value

    def _product(self) -> Decimal:
        value = self._atom()
        while self.rest and self.rest[0] in "*/":
            value = value * self._atom() if self._take() == "*" else value / self._atom()
        return value

    def _atom(self) -> Decimal:
        word = self._take()
        if word == "-":
            return -self._atom()
        if word == "(":
            value = self.total()
            if self._take() != ")":
                raise InvalidOperation
            return value
        return Decimal(word)

    def _take(self) -> str:
        return self.rest.pop(0)
