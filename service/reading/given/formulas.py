"""Formulas in words (流动资产-流动负债): their terms, their value, and the shipped definitions.

Stands below `binding`; four operations, brackets and powers over decimals, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib.resources import files

from corpus.normalise import fold
from corpus.own_words import OwnFormula, own_words


@dataclass(frozen=True, slots=True)
class Formula:
    """One definition: `unit` is that of the result (%, 倍, 次, 天, pp), "same" or "none"."""

    name: str
    body: str
    unit: str


@dataclass(frozen=True, slots=True)
class Book:
    """The definitions by folded name, and other names for their terms."""

    formulas: Mapping[str, tuple[Formula, ...]]
    others: Mapping[str, tuple[str, ...]]

    def names_in(self, asked: str) -> Iterator[tuple[int, str]]:
        """The names that stand in a folded text, longest first where they overlap, in order."""
        taken = [False] * len(asked)
        found: list[tuple[int, str]] = []
        for name in sorted(self.formulas, key=lambda n: (-len(n), n)):
            at = asked.find(name)
            while at >= 0:
                end = at + len(name)
                # ROE is no part of another Latin word.
                apart = not (name.isascii() and _touches(asked, at, end))
                if apart and not any(taken[at:end]):
                    taken[at:end] = [True] * len(name)
                    found.append((at, name))
                at = asked.find(name, at + 1)
        return iter(sorted(found))


def _touches(asked: str, start: int, end: int) -> bool:
    around = asked[max(start - 1, 0) : start] + asked[end : end + 1]
    return any(ch.isascii() and ch.isalnum() for ch in around)


@cache
def shipped_book() -> Book:
    """The definitions of `service/data/formulas.tsv`, read once."""
    formulas: dict[str, list[Formula]] = {}
    for names, body, unit in _rows("formulas.tsv"):
        first = names.split("|")[0]
        for name in names.split("|"):
            formulas.setdefault(fold(name), []).append(Formula(first, fold(body), unit))
    others = {fold(term): tuple(map(fold, names.split("|"))) for term, names in _rows("terms.tsv")}
    return Book({name: tuple(rows) for name, rows in formulas.items()}, others)


def book_of_all() -> Book:
    """The shipped definitions, with those of the user's vocabulary file before them."""
    own = own_words().formulas
    return _with_own(own) if own else shipped_book()


@lru_cache(maxsize=4)
def _with_own(own: tuple[OwnFormula, ...]) -> Book:
    shipped = shipped_book()
    formulas = dict(shipped.formulas)
    for one in own:
        made = Formula(one.name, fold(one.formula), one.unit or "none")
        for name in (one.name, *one.aliases):
            formulas[fold(name)] = (made, *formulas.get(fold(name), ()))
    return Book(formulas, shipped.others)


def _rows(name: str) -> Iterator[list[str]]:
    text = files("service").joinpath("data", name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split("\t")


_TOKEN = re.compile(
    r"\s*(\d{4}年[^\s+*/()^\-]*|\d+(?:\.\d+)?%?|[-+*/()^]|[^\s\d\-+*/()^][^\s+*/()^\-]*)"
)
_SIGNS = str.maketrans("（）×÷−–－＋＊／[]【】∗·", "()*/---+*/()()**")


def terms_of(formula: str) -> list[str]:
    """The named quantities, once each, in order."""
    return list(dict.fromkeys(t for t in _tokens(formula) if _is_term(t)))


def _is_term(token: str) -> bool:
    return not re.fullmatch(r"[\-+*/()^]|\d+(?:\.\d+)?%?", token) and token not in _FUNCTIONS


def evaluate(formula: str, held: Mapping[str, Decimal]) -> Decimal | None:
    """The value with the terms put in; None if it is no formula."""
    parser = _Parser(_tokens(formula), held)
    try:
        value = parser.total()
    except (ArithmeticError, IndexError, KeyError):
        return None
    return None if parser.rest else value


def written(formula: str, shown: Callable[[str], str]) -> str:
    """The formula with each term replaced by what is shown for it, in true signs."""
    marks = {"*": " × ", "/": " ÷ ", "-": " − ", "+": " + ", "(": "（", ")": "）"}
    parts = []
    for token in _tokens(formula):
        parts.append(shown(token) if _is_term(token) else marks.get(token, token))
    return "".join(parts)


def _tokens(formula: str) -> list[str]:
    plain = formula.translate(_SIGNS)
    plain = re.sub(r"(?<=[a-z/])/(?=[a-z]*比)", "", plain)
    plain = re.sub(
        r"(?<![\u4e00-\u9fffa-z])x|(?<=[\u4e00-\u9fff)])x(?=[\u4e00-\u9fff\d(])", "*", plain
    )
    # m1-m2 of a name stays a difference; A/H股 and r&d are names.
    return [found[1] for found in _TOKEN.finditer(plain)]


_CONSTANT = re.compile(r"\d+(?:\.\d+)?%?")
_FUNCTIONS: dict[str, Callable[[Decimal], Decimal]] = {
    "ln": Decimal.ln,
    "log": Decimal.log10,
    "lg": Decimal.log10,
    "exp": Decimal.exp,
    "sqrt": Decimal.sqrt,
    "√": Decimal.sqrt,
}


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > _HIGHEST:
        raise InvalidOperation(f"a power of {exponent}")
    return base**exponent


# Of years and terms; beyond it a prompt only costs time.
_HIGHEST = 1000


class _Parser:
    """Recursive descent, one method for each strength of binding."""

    def __init__(self, tokens: list[str], held: Mapping[str, Decimal]) -> None:
        self.rest, self.held = tokens, held

    def total(self) -> Decimal:
        value = self._product()
        while self.rest and self.rest[0] in "+-":
            value = value + self._product() if self.rest.pop(0) == "+" else value - self._product()
        return value

    def _product(self) -> Decimal:
        value = self._power()
        while self.rest and self.rest[0] in "*/":
            value = value * self._power() if self.rest.pop(0) == "*" else value / self._power()
        return value

    def _power(self) -> Decimal:
        value = self._atom()
        if self.rest and self.rest[0] == "^":
            self.rest.pop(0)
            value = _power(value, self._atom())
        return value

    def _atom(self) -> Decimal:
        word = self.rest.pop(0)
        if word == "-":
            return -self._atom()
        if word == "(":
            value = self.total()
            if self.rest.pop(0) != ")":
                raise InvalidOperation
            return value
        if word in _FUNCTIONS and self.rest[:1] == ["("]:
            return _FUNCTIONS[word](self._atom())
        if _CONSTANT.fullmatch(word):
            return Decimal(word.rstrip("%")) / (100 if word.endswith("%") else 1)
        return self.held[word]
