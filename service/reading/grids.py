"""Figures of several companies, metrics and periods as a table, one for each report.

Between `figures` and `citing`: `facts → statements`, with a grid where it is worth one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from corpus.normalise import fold
from indexer.records import Fact
from service.reading.draft import Evidence, Grid, GridCell, Statement
from service.reading.scope import Scope
from service.reading.wording import (
    figure_name,
    metric_name,
    period_phrase,
    subject_name,
    value_with_unit,
)

# Fewer are read faster as sentences; a wider table fits no page and no chat.
LEAST_ROWS, LEAST_COLUMNS, MOST_ROWS, MOST_COLUMNS = 2, 2, 20, 8
_EMPTY = "–"


def grids(
    facts: Sequence[Fact],
    again: Mapping[str, Sequence[Fact]],
    apart: Mapping[str, str],
    scope: Scope,
    sentence: Callable[[Fact], Statement],
) -> list[Statement]:
    """A table of each report's figures; sentences where rows or columns are too few or too many.

    Args:
        again: by fact id, the places that state a figure again.
        apart: by fact id, words that tell a figure from another one of the same name.
    """
    reports = dict.fromkeys(fact.report_id for fact in facts)
    own = {i: _given([fact for fact in facts if fact.report_id == i]) for i in reports}
    laid = {i: _laid_out(held) for i, held in own.items()}
    told: list[Statement] = []
    for report_id, held in own.items():
        if _is_table(laid[report_id]):
            told.append(_table(held, laid[report_id], again, apart, scope))
        else:
            told += [sentence(fact) for fact in held]
    return told


def _given(facts: Sequence[Fact]) -> list[Fact]:
    """Without the open cells of what the report states elsewhere: a total that one table leaves
    open is no gap beside the table that gives it."""

    def what(fact: Fact) -> tuple[str, str, str | None]:
        return fold(fact.subject), fact.metric, fact.period

    stated = {what(fact) for fact in facts if fact.number is not None}
    return [fact for fact in facts if fact.number is not None or what(fact) not in stated]


_Naming = tuple[Callable[[Fact], str], Callable[[Fact], str]]


def _laid_out(facts: Sequence[Fact]) -> tuple[_Naming, list[str], list[str]]:
    """How rows and columns are named: companies by figure, or one company's figures by period."""
    several = len({subject_name(fact) for fact in facts}) > 1
    naming: _Naming = (subject_name, figure_name) if several else (metric_name, period_phrase)
    rows, columns = (list(dict.fromkeys(map(name, facts))) for name in naming)
    return naming, rows, columns


def _is_table(laid: tuple[_Naming, list[str], list[str]]) -> bool:
    _, rows, columns = laid
    return LEAST_ROWS <= len(rows) <= MOST_ROWS and LEAST_COLUMNS <= len(columns) <= MOST_COLUMNS


def _table(
    facts: Sequence[Fact],
    laid: tuple[_Naming, list[str], list[str]],
    again: Mapping[str, Sequence[Fact]],
    apart: Mapping[str, str],
    scope: Scope,
) -> Statement:
    (row_of, column_of), rows, columns = laid
    label = scope.label(facts[0].report_id)
    several = row_of is subject_name
    cells: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        cells.setdefault((row_of(fact), column_of(fact)), []).append(fact)

    def cell(row: str, column: str) -> GridCell:
        held = cells.get((row, column), [])
        said = [_said(fact, apart.get(fact.fact_id, ""), scope) for fact in held]
        places = [place for fact in held for place in (fact, *again.get(fact.fact_id, ()))]
        return GridCell("；".join(said) or _EMPTY, tuple(map(Evidence.of_fact, places)))

    lines = tuple((GridCell(row), *(cell(row, column) for column in columns)) for row in rows)
    header = ("公司" if several else "指标", *(column or "数值" for column in columns))
    title = label if several else f"{label}：{subject_name(facts[0])}"
    keys = tuple(value_with_unit(fact, scope.snapshot.vocabulary) for fact in facts)
    return Statement(title, (), keys, grid=Grid(header, lines))


def _said(fact: Fact, where: str, scope: Scope) -> str:
    warned = f"（注意：{'，'.join(fact.warnings)}）" if fact.warnings else ""
    return f"{value_with_unit(fact, scope.snapshot.vocabulary)}{where}{warned}"
