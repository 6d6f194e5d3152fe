"""A user's own vocabulary file: metrics, ratings, companies, units, names of periods, formulas.

Stands under `vocabulary`, which merges it on top of the shipped one. Every wrong row is refused
with its place, what was met and what was expected.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from corpus.errors import IndexerError
from corpus.figures import is_unit
from corpus.own_words import OwnCompany, OwnFormula, OwnPeriod, OwnUnit, OwnWords
from corpus.periods import find_periods
from corpus.tickers import parse_code

# section → fields that a row needs, fields that it may have
_FORM: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "metrics": (("id",), ("name", "family", "unit", "better", "aliases")),
    "ratings": (("word", "rank"), ()),
    "companies": (("name", "code"), ("aliases",)),
    "units": (("unit",), ("base", "factor")),
    "periods": (("name", "means"), ()),
    "formulas": (("name", "formula"), ("unit", "aliases")),
}


@dataclass(frozen=True, slots=True)
class UserFile:
    """What a user's file holds.

    Args:
        metrics: rows by their id, as in `data/metrics.json`; a known id may leave the name out.
        ratings: rating word → rank, 5 best.
        own: companies, units, names of periods and formulas.
    """

    metrics: dict[str, dict[str, Any]]
    ratings: dict[str, int]
    own: OwnWords


def read_user_file(path: Path) -> UserFile:
    """The file's rows, checked.

    Raises:
        IndexerError: the file cannot be read, or a row does not have the form.
    """
    content = _content(path)
    rows = {section: _rows(path, section, content.get(section, [])) for section in _FORM}
    own = OwnWords(
        tuple(_company(place, row) for place, row in rows["companies"]),
        tuple(_unit(place, row) for place, row in rows["units"]),
        tuple(_period(place, row) for place, row in rows["periods"]),
        tuple(_formula(place, row) for place, row in rows["formulas"]),
    )
    ratings = {row["word"]: _rank(place, row["rank"]) for place, row in rows["ratings"]}
    return UserFile({row["id"]: row for _, row in rows["metrics"]}, ratings, own)


def _content(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise IndexerError(
            f"{path}: no vocabulary can be read from it ({error}); expected JSON or TOML with"
            f" {_SECTIONS} (README, “Your own words”)"
        ) from error
    if not isinstance(content, dict):
        raise IndexerError(f"{path}: expected an object with {_SECTIONS}")
    unknown = sorted(set(content) - set(_FORM))
    if unknown:
        raise IndexerError(f"{path}: unknown section {unknown[0]!r}; expected {_SECTIONS}")
    return content


_SECTIONS = ", ".join(_FORM)


def _rows(path: Path, section: str, given: object) -> list[tuple[str, dict[str, Any]]]:
    """The rows of a section with what their place is called in messages."""
    if not isinstance(given, list):
        raise IndexerError(f"{path}: {section} must be a list of rows")
    needed, allowed = _FORM[section]
    expected = f"expected {' and '.join(needed)}"
    expected += f", optionally {', '.join(allowed)}" if allowed else ""
    rows = []
    for number, row in enumerate(given, 1):
        place = f"{path}: {section}, row {number}"
        if not isinstance(row, dict):
            raise IndexerError(f"{place}: {row!r} is no row; {expected}")
        unknown = sorted(set(row) - {*needed, *allowed})
        if unknown:
            raise IndexerError(f"{place}: unknown field {unknown[0]!r}; {expected}")
        missing = [field for field in needed if row.get(field) in (None, "")]
        if missing:
            raise IndexerError(f"{place}: {missing[0]!r} is missing; {expected}")
        _check_words(place, row)
        rows.append((place, row))
    return rows


def _check_words(place: str, row: dict[str, Any]) -> None:
    """All fields but numbers are words; aliases are a list of them."""
    for field, value in row.items():
        if field in {"rank", "factor"} or value is None:
            continue
        words = value if field == "aliases" else [value]
        fine = isinstance(words, list) and all(isinstance(one, str) and one for one in words)
        if not fine:
            wanted = "a list of words" if field == "aliases" else "a word"
            raise IndexerError(f"{place}: {field!r} is {value!r}, expected {wanted}")


def _rank(place: str, given: object) -> int:
    rank = given if isinstance(given, int) and not isinstance(given, bool) else None
    if rank is None or not 0 <= rank <= _BEST:
        raise IndexerError(f"{place}: rank is {given!r}, expected 0 (none given) to {_BEST} (best)")
    return rank


_BEST = 5


def _company(place: str, row: dict[str, Any]) -> OwnCompany:
    code = parse_code(row["code"])
    if code is None:
        raise IndexerError(
            f"{place}: {row['code']!r} is no stock code; expected one like 688301.SH, 0700.HK, AAPL"
        )
    names = (row["name"], *row.get("aliases", ()))
    short = next((name for name in names if len(name.strip()) < _SHORTEST), None)
    if short is not None:
        raise IndexerError(f"{place}: {short!r} is too short to be found in a text; two characters")
    return OwnCompany(row["name"], code.code, tuple(row.get("aliases", ())))


_SHORTEST = 2


def _unit(place: str, row: dict[str, Any]) -> OwnUnit:
    unit, base = row["unit"].strip(), row.get("base")
    if not unit or any(character.isdigit() or character.isspace() for character in unit):
        raise IndexerError(f"{place}: {row['unit']!r} cannot be a unit: no digits, no blanks")
    try:
        factor = Decimal(str(row.get("factor", 1)))
    except InvalidOperation as error:
        raise IndexerError(f"{place}: factor is {row['factor']!r}, expected a number") from error
    if not factor.is_finite() or factor <= 0:
        raise IndexerError(f"{place}: factor is {row['factor']!r}, expected a number above 0")
    if base is not None and not is_unit(base):
        raise IndexerError(f"{place}: base {base!r} is no unit that is known (元, 吨, 千瓦时, …)")
    if base is None and "factor" in row:
        raise IndexerError(f"{place}: factor without base: how many of what?")
    return OwnUnit(unit, base or unit, factor)


def _formula(place: str, row: dict[str, Any]) -> OwnFormula:
    body = row["formula"]
    closed = body.count("(") + body.count("（") == body.count(")") + body.count("）")
    if not closed or not any(sign in body for sign in "+-*/^×÷") or "=" in body:
        raise IndexerError(
            f"{place}: {body!r} is no formula; expected names with + - * / ^ and brackets between"
            " them, without a sign of equality (流动资产-流动负债)"
        )
    return OwnFormula(row["name"], body, row.get("unit") or "", tuple(row.get("aliases", ())))


def _period(place: str, row: dict[str, Any]) -> OwnPeriod:
    if not find_periods(row["means"]):
        raise IndexerError(
            f"{place}: {row['means']!r} names no period that is known"
            " (上半年, 前三季度, 2021-2025年, 去年, …)"
        )
    return OwnPeriod(row["name"].strip(), row["means"])
