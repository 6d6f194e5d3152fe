"""Whether an answer says the gold words once numerals, units and periods are spelt one way.

Foot of `eval.measures`: 一千二百万元, 1,200万元 and 12000000元 are the same figure, 2024Q1 and
24年一季度 the same period, 300058.SZ and 300058 the same code. Numerals are read by cn2an, figures
and periods by `corpus`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from corpus.figures import Figure, find_figures, to_base
from corpus.normalise import fold
from corpus.periods import Period, find_periods

_NUMERAL = re.compile(r"负?[零〇一二三四五六七八九十百千两][零〇一二三四五六七八九十百千万亿两点]*")
# What cn2an does not read: shares, tenths, and 亿 or 万 behind a decimal fraction.
_PER_CENT = re.compile(r"百分之(负?[零〇一二三四五六七八九十百千两点]+|-?\d+(?:\.\d+)?)")
_TENTHS = re.compile(
    r"(?<![零一二三四五六七八九十百千万])([一二三四五六七八九])成(?=[^\u4e00-\u9fff]|以|左|的|多|$)"
)
_SCALED = re.compile(r"([一二三四五六七八九零〇十百千两]+点[零〇一二三四五六七八九]+)([万亿]+)")
_CODE_SUFFIX = re.compile(r"(?<=\d{6})\.(?:sz|sh|bj|hk)\b")
_MARK = re.compile(r"\[\d+\]")
_SIGNIFICANT = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure as printed, and in its base unit; unit None says nothing of it."""

    printed: Decimal
    value: Decimal
    unit: str | None


Token = str | Amount | Period


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[Token, ...]:
    """The text as characters, amounts and periods, without white space and punctuation."""
    plain = _CODE_SUFFIX.sub("", _in_digits(fold(_MARK.sub(" ", text))))
    named: list[tuple[int, int, Token]] = [
        (m.start, m.end, m.period) for m in find_periods(plain) if not m.relative
    ]
    taken = {place for start, end, _ in named for place in range(start, end)}
    named += [(f.start, f.end, _amount(f)) for f in find_figures(plain) if f.start not in taken]
    return tuple(_read(plain, sorted(named, key=lambda one: one[0])))


def says(answer: str, groups: Sequence[Sequence[str]]) -> bool:
    """True if each group has an alternative whose tokens stand in the answer as one run."""
    said = tokens(answer)
    return all(any(_stands(tokens(gold), said) for gold in group) for group in groups)


def same(answer: str, golds: Sequence[str]) -> bool:
    """Exact match: the answer is one of the golds, whatever the spelling."""
    said = tokens(answer)
    return any(len(said) == len(wanted) and _stands(wanted, said) for wanted in map(tokens, golds))


def _read(plain: str, named: Sequence[tuple[int, int, Token]]) -> Iterator[Token]:
    at = 0
    for start, end, token in [*named, (len(plain), len(plain), "")]:
        if start < at:
            continue
        yield from (ch for ch in plain[at:start] if _SIGNIFICANT.match(ch))
        if token:
            yield token
        at = end


def _stands(wanted: Sequence[Token], said: Sequence[Token]) -> bool:
    if not wanted:
        return False
    return any(
        all(_fits(w, s) for w, s in zip(wanted, said[at:], strict=False))
        for at in range(len(said) - len(wanted) + 1)
    )


def _fits(wanted: Token, said: Token) -> bool:
    """Gold that names no unit, or neither actual nor estimate, leaves it open."""
    if isinstance(wanted, Amount) and isinstance(said, Amount):
        alike = wanted.value == said.value and wanted.unit in (None, said.unit)
        return alike or (wanted.unit is None and wanted.value == said.printed)
    if isinstance(wanted, Period) and isinstance(said, Period):
        return wanted.label == said.label and wanted.kind in (None, said.kind)
    return wanted == said


def _amount(figure: Figure) -> Amount:
    value, unit = to_base(figure.value, figure.unit)
    return Amount(
        figure.value, value, None if unit == "1" else unit
    )  # 万 and 亿 alone are only scale


def _in_digits(folded: str) -> str:
    text = _TENTHS.sub(lambda m: f"{_number(m[1])}0%", folded)
    text = _PER_CENT.sub(lambda m: f"{_number(m[1]) or m[1]}%", text)
    text = _SCALED.sub(lambda m: f"{_number(m[1]) or m[1]}{m[2]}", text)
    return _NUMERAL.sub(_spelt_out, text)


def _spelt_out(numeral: re.Match[str]) -> str:
    digits = _number(numeral[0])
    if digits is None:
        return numeral[0]
    before = numeral.string[numeral.start() - 1 : numeral.start()]
    in_a_word = before.isascii() and before.isalpha()
    return f" {digits}" if in_a_word else digits


@lru_cache(maxsize=4096)
def _number(numeral: str) -> str | None:
    """In digits; None if it is no numeral (百 of 百度 is one, 十百 is none)."""
    import cn2an

    try:
        return f"{Decimal(str(cn2an.cn2an(numeral, 'smart'))):f}"
    except (ValueError, KeyError):  # its table has holes: 一十零 is a KeyError
        return None
