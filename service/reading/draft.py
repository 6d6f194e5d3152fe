"""What a reader hands over: statements with the places that bear them, before markers are set.

Between `reading/*` and `citing`: readers know facts and sentences, `citing` knows the contract.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from indexer.records import Fact
from service.schemas import Computation, Missing, Reason

DraftKind = Literal["fact", "computed", "comparison", "passage", "metadata"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place that bears a statement: `[start, end)` of a report; `fact` if it is a table cell."""

    report_id: str
    start: int
    end: int
    fact: Fact | None = None

    @classmethod
    def of_fact(cls, fact: Fact) -> Evidence:
        """The whole row (or sentence) that holds a figure, with its cell."""
        return cls(fact.report_id, fact.line_start, fact.line_end, fact)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of a grid: what it says, and what bears it (nothing bears an empty one)."""

    text: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Figures as a table: a header, and rows as wide as it is; the first cell names the row."""

    header: tuple[str, ...]
    rows: tuple[tuple[GridCell, ...], ...]

    def __post_init__(self) -> None:
        """Refuses rows of another width."""
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"each row of a grid has {len(self.header)} cells")


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the answer, without its full stop, or the title of a grid with its rows.

    Args:
        evidence: what bears it, in the order of the markers; of a grid its cells tell it.
        keys: the words within `text` that answer; they become highlights.
        note: what is to be said of its support, if anything.
    """

    text: str
    evidence: tuple[Evidence, ...]
    keys: tuple[str, ...] = ()
    note: str | None = None
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """The same figure at a broker that was not asked for."""

    fact: Fact


@dataclass(slots=True)
class Draft:
    """An answer in the making. `confidence` is the estimated probability that it is right."""

    kind: DraftKind
    statements: list[Statement]
    confidence: float
    missing: list[Missing] = field(default_factory=list)
    computation: Computation | None = None
    others: list[Other] = field(default_factory=list)

    def add_worked(self, statement: Statement, computation: Computation) -> None:
        """A further result: the first one's working is the answer's, the inputs of all are kept."""
        self.statements.append(statement)
        if self.computation is None:
            self.computation = computation
            return
        seen = {(i.report_id, i.start) for i in self.computation.inputs}
        more = [i for i in computation.inputs if (i.report_id, i.start) not in seen]
        inputs = [*self.computation.inputs, *more]
        self.computation = self.computation.model_copy(update={"inputs": inputs})

    def settled(self) -> Draft | None:
        """Itself with the kind that the number of its results makes it; None if it has none."""
        if not self.statements:
            return None
        self.kind = "comparison" if len(self.statements) > 1 else "computed"
        return self


@dataclass(frozen=True, slots=True)
class Refusal:
    """No part of the question can be answered: why, in Chinese, and what there is instead."""

    reason: Reason
    text: str
    missing: tuple[Missing, ...]
    confidence: float


Outcome = Draft | Refusal
