"""One figure of a prompt, and the prompt taken apart.

The types of `given`: what `grids` and `texts` find, and `prompt` puts together.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from service.reading.measures import Measure

# Between a group of columns and what stands below it; folding closes spaces, not this.
LEVELS = "|"


@dataclass(frozen=True, slots=True)
class Given:
    """One figure of the prompt.

    Args:
        value: in its base unit (亿 and 万 resolved), as a decimal.
        shown: the characters as they stand, with the unit that its header states.
        unit: as printed or stated by the header; empty if none is.
        factor: what one printed unit is in the base unit (亿元: 10^8).
        name: folded words of the column, or of the clause before it and what that hangs on.
        keys: folded words of the cells that name its row; empty in running text.
        after: folded words right behind it; empty in a table.
        lead: folded words that stand farther off, the same sentence.
        wide: folded sentences before; what other cells of the row say.
        periods: labels that it is said of.
        measure: what a figure of running text measures.
        place: order in the prompt.
        group: which table or sentence it stands in.
        per: of a figure said of several (每10股派3.2元): how many, else 1.
    """

    value: Decimal
    shown: str
    unit: str
    factor: Decimal
    name: str
    keys: tuple[str, ...] = ()
    after: str = ""
    lead: str = ""
    wide: str = ""
    periods: tuple[str, ...] = ()
    measure: Measure = Measure.LEVEL
    place: int = 0
    group: int = 0
    per: int = 1

    @property
    def row(self) -> str:
        """The words of its row."""
        return " ".join(self.keys)

    @property
    def in_table(self) -> bool:
        """True for a cell."""
        return bool(self.keys)


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers to choose from."""

    letter: str
    words: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked, the figures to answer from, and what else the prompt says.

    Args:
        asked: the folded question, without the role and the wishes for its form.
        formulas: what the prompt itself defines, name → formula over terms.
        options: the answers to choose from; empty if none are given.
        digits: decimal places asked for, None if none are.
        wish: the unit that the result is asked in, empty if none is.
        explicit: the prompt wants something calculated.
    """

    asked: str
    figures: tuple[Given, ...]
    formulas: dict[str, str]
    options: tuple[Option, ...] = ()
    digits: int | None = None
    wish: str = ""
    explicit: bool = False

    @property
    def in_table(self) -> bool:
        """True if its figures stand in a table."""
        return any(one.in_table for one in self.figures)
