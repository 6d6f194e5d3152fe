"""A user's own companies, units, names of periods and formulas, which hold for the whole process.

Stands under `tickers`, `figures` and `periods`, which are asked without a vocabulary everywhere;
`indexer.user_vocabulary` reads the file that they come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class OwnCompany:
    """A company that the shipped list lacks, or calls otherwise.

    Args:
        name: what it is called in answers.
        code: without suffix.
        aliases: other names of it.
    """

    name: str
    code: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnUnit:
    """A unit behind figures: one `unit` is `factor` of `base`; `base` may be the unit itself."""

    unit: str
    base: str
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class OwnPeriod:
    """A name of a period, and what it means in words that are known: 上半财年 means 上半年."""

    name: str
    means: str


@dataclass(frozen=True, slots=True)
class OwnFormula:
    """What a figure is worked out from, where a question brings its data along.

    Args:
        formula: over names of figures, with + - * / ^ and brackets.
        unit: of the result (%, 倍, 次, 天); empty if the data's own.
        aliases: other names of the figure.
    """

    name: str
    formula: str
    unit: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnWords:
    """All that a user's file adds beside metrics and ratings."""

    companies: tuple[OwnCompany, ...] = ()
    units: tuple[OwnUnit, ...] = ()
    periods: tuple[OwnPeriod, ...] = ()
    formulas: tuple[OwnFormula, ...] = ()


NO_OWN_WORDS = OwnWords()


@dataclass(slots=True)
class _Held:
    words: OwnWords = NO_OWN_WORDS
    number: int = 0


# One for the process, as its locale is: a figure is read in a hundred places, and a snapshot is
# opened with one vocabulary only (its fingerprint is checked).
_HELD = _Held()


def own_words() -> OwnWords:
    """The words that hold now; none unless a user's file was loaded."""
    return _HELD.words


def own_words_number() -> int:
    """Another number for other words: what is made of them is kept under it."""
    return _HELD.number


def use_own_words(words: OwnWords) -> None:
    """Lets words hold from now on, in place of those before."""
    if words != _HELD.words:
        _HELD.words, _HELD.number = words, _HELD.number + 1
