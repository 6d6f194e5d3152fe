"""Rows of a table that meet what is asked of them: bounds, rating scales, the mean of the column.

Stands below `tables`: chooses and names companies; each condition's own cell is cited too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from corpus.normalise import fold
from indexer.records import Fact
from service.operations import Condition, Operation
from service.query import AskedMetric, Query
from service.reading import arithmetic, claims
from service.reading.boards import board_of, listed_on
from service.reading.draft import Evidence, Statement
from service.reading.ratings import scale_of
from service.reading.scope import Scope
from service.reading.stretches import of_stretch
from service.reading.wording import (
    metric_name,
    number,
    period_phrase,
    subject_name,
    unit_of,
    value_with_unit,
)
from service.schemas import Computation, Missing

MAX_ROWS = 8
_AGAINST_MEAN = re.compile(
    "(?P<op>高于|超过|大于|高过|低于|小于|不及|不到)(?:[^,，。?？]{0,8}?)(?P<what>平均|均值|中位)"
)
_RATING_BOUND = re.compile("(?:评级)?(?P<op>(?:及|或)?以[上下])")


def against_mean(query: Query) -> re.Match[str] | None:
    """高于平均水平的公司: a bound that the column itself sets."""
    return _AGAINST_MEAN.search(query.text)


def column_of(
    metric: AskedMetric, query: Query, report_id: str, scope: Scope
) -> list[Fact] | Missing:
    """The facts of one metric and one period in one report, one for each company."""
    found = scope.snapshot.facts.find(metrics=(metric.id,), report_ids=(report_id,))
    facts = [f for f in found if f.cell is not None] or found  # a sentence is no row of a table
    facts = of_stretch(facts, query)
    if not facts:
        return []
    periods = list(dict.fromkeys(f.period for f in facts if f.period and f.period != f.as_of))
    asked = [p.period for p in query.periods]
    if asked and periods:
        wanted = asked[0]
        chosen = [
            f
            for f in facts
            if f.period == wanted.label and not (wanted.kind == "actual" and f.kind == "estimate")
        ]
        if not chosen:
            instead = list(dict.fromkeys(f.period_text or f.period or "" for f in facts))
            return Missing(
                slot="period", asked=query.periods[0].text, reason="no_such_period", instead=instead
            )
        return _one_each(chosen)
    if periods:
        latest = max(periods)
        return _one_each([f for f in facts if f.period == latest])
    return _one_each(facts)


def _one_each(facts: list[Fact]) -> list[Fact]:
    return list({fold(f.subject): f for f in reversed(facts)}.values())[::-1]


def conditions_of(query: Query) -> list[Condition]:
    """The bounds on figures and the rating words of a question (增持以上 bounds the scale)."""
    words = []
    for word, start, end in query.rating_words:
        bound = _RATING_BOUND.match(query.text, end)
        below = bound is not None and bound["op"].endswith("下")
        comparator = "=" if bound is None else "<=" if below else ">="
        words.append(Condition("rating", comparator, (), None, word, start, end))
    return [*query.conditions, *words]


class Rows:
    """The rows of one report that meet every condition, with all cells that were looked at."""

    def __init__(
        self, facts: list[Fact], conditions: Sequence[Condition], query: Query, report_id: str,
        scope: Scope,
    ) -> None:  # fmt: skip
        self.query, self.report_id, self.scope = query, report_id, scope
        self.kept, self.examined = facts, list(facts)
        self.beside: list[list[Fact]] = []
        for condition in conditions:
            column = self._column(condition, facts)
            meets = {fold(f.subject) for f in column if self._holds(condition, f)}
            self.kept = [f for f in self.kept if fold(f.subject) in meets]
        self.board = board_of(query.text)
        self.kept = listed_on(self.board, self.kept)

    def _column(self, condition: Condition, facts: list[Fact]) -> list[Fact]:
        if condition.metric in (None, facts[0].metric):
            return facts
        return self.add(AskedMetric(condition.metric or "", "", 0, 0))

    def add(self, metric: AskedMetric) -> list[Fact]:
        """Another column, told beside the first."""
        found = column_of(metric, self.query, self.report_id, self.scope)
        column = [] if isinstance(found, Missing) else found
        self.examined.extend(column)
        if column:
            self.beside.append(column)
        return column

    def row(self, fact: Fact) -> list[Fact]:
        """A company's cell and those of the other columns."""
        own = [
            next((f for f in column if fold(f.subject) == fold(fact.subject)), None)
            for column in self.beside
        ]
        return [fact, *(f for f in own if f is not None)]

    def _holds(self, condition: Condition, fact: Fact) -> bool:
        if condition.word is None or condition.comparator == "=":
            return bool(claims.holds(condition, fact))
        places = scale_of(self.report_id, self.scope)
        own, bound = places.get(fold(fact.value)), places.get(condition.word)
        if own is None or bound is None:
            return False
        return own >= bound if condition.comparator == ">=" else own <= bound


def named(facts: Sequence[Fact], scope: Scope, joint: str | None = "") -> str:
    """A company with its figures: the first one's own, the others with their names.

    Args:
        joint: what stands between the name and the first figure; None: the figure is left out.
    """
    vocabulary = scope.snapshot.vocabulary
    first, *others = facts
    words = subject_name(first)
    if joint is not None:
        words += f"{joint}{value_with_unit(first, vocabulary)}"
    more = "，".join(
        f"{period_phrase(f)}{_joint(f)}{metric_name(f)} {value_with_unit(f, vocabulary)}"
        for f in others
    )
    return f"{words}（{more}）" if more else words


def _joint(fact: Fact) -> str:
    return " " if period_phrase(fact)[-1:].isascii() and period_phrase(fact) else ""


def selection(
    query: Query, rows: Rows, facts: list[Fact], bounded: bool
) -> tuple[Statement, Computation]:
    """The companies that meet the conditions, counted and named."""
    scope, kept = rows.scope, rows.kept
    label = scope.label(rows.report_id)
    condition = "符合条件的公司" if bounded else "列出的公司"
    if rows.board is not None:
        condition = f"{rows.board.name}{condition}" if bounded else f"列出的{rows.board.name}公司"
    basis = f"{period_phrase(facts[0])}{metric_name(facts[0])}" if bounded else ""
    lead = f"{label}：按{basis}，" if basis else f"{label}："
    if query.yes_no and bounded and re.search("都|全部|所有|均", query.text):
        lead = f"{'是' if len(kept) == len(facts) else '不是'}，{lead}全部{len(facts)}家中，"
    if kept:
        names = "、".join(named(rows.row(f), scope, "" if bounded else None) for f in kept)
        open_ones = open_rows(facts) if bounded else ""
        text = f"{lead}{condition}共{len(kept)}家：{names}{open_ones}"
        shown = one_a_line([cell for f in kept[:MAX_ROWS] for cell in rows.row(f)])
    else:
        which = "符合条件的" if bounded else ""
        text = f"{lead}没有{which}{rows.board.name if rows.board else ''}公司（0家）"
        shown = facts[:1]
    evidence = tuple(Evidence.of_fact(f) for f in shown)
    computation = Computation(
        expression=f"count({len(rows.examined)} cells)",
        inputs=arithmetic.inputs_of(rows.examined),
        result=str(len(kept)),
        unit="家",
        rounding=None,
    )
    return Statement(text, evidence, tuple(f.subject for f in kept)), computation


def one_a_line(facts: Sequence[Fact]) -> list[Fact]:
    """The first cell of each line: a row is cited once, however many of its cells are told."""
    return list({(f.report_id, f.line_start): f for f in reversed(facts)}.values())[::-1]


def beyond_mean(
    query: Query, rows: Rows, bound: re.Match[str]
) -> tuple[Statement, Computation] | None:
    """The companies above (or below) the mean or the median of the column, which is worked out."""
    numbered = [f for f in rows.kept if f.number is not None]
    if len(numbered) < 2:
        return None
    scope = rows.scope
    operation = Operation.MEDIAN if bound["what"] == "中位" else Operation.MEAN
    unit = unit_of(numbered[0], scope.snapshot.vocabulary)
    working, computation = arithmetic.total_of(operation, numbered, unit)
    middle = Decimal(computation.result)
    below = bound["op"] in {"低于", "小于", "不及", "不到"}
    kept = [f for f in numbered if (number(f) < middle if below else number(f) > middle)]
    title = f"{scope.label(rows.report_id)}：{period_phrase(numbered[0])}"
    names = "、".join(named([f], scope) for f in kept)
    word = "低于" if below else "高于"
    text = f"{title}{working}；{word}它的公司共{len(kept)}家：{names}{open_rows(rows.kept)}"
    evidence = tuple(Evidence.of_fact(f) for f in (kept or numbered)[:MAX_ROWS])
    return Statement(text, evidence, tuple(f.subject for f in kept)), computation


def open_rows(facts: Sequence[Fact]) -> str:
    """The rows that the report leaves open: they are told, never counted as 0."""
    left = [f.subject for f in facts if f.missing]
    return f"（{'、'.join(left)}报告未给出，未计入）" if left else ""
