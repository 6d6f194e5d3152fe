"""Which companies the tables of each report cover, and which are covered by several houses.

A reader: `Query + Scope → Draft | None`.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service.operations import Operation
from service.query import Query
from service.reading import arithmetic
from service.reading.boards import Board, board_of, listed_on
from service.reading.draft import Draft, DraftKind, Evidence, Outcome, Statement
from service.reading.scope import Scope
from service.reading.wording import subject_name
from service.schemas import Computation

MAX_ROWS = 8
_BOTH = re.compile("既|都|同时|共同|均|重合|重叠|交集")
_ABOUT_COVERAGE = re.compile(
    "^[既又]$|覆盖|列|收录|重点|关注|估值|预测|表|给出了?评级|涵盖|涉及|一共|总共|同时|共同|重合"
)
_COMPANIES = re.compile("公司|个股|股票|标的|上市公司|[哪几多少]一?[家只]")
_LISTING = re.compile("上市|交易|代码|股票|公司|[家只]|^(?:s[hsz]|bj|hk)$")


def read_coverage(query: Query, scope: Scope) -> Outcome | None:
    """The companies of the tables, by report or in common; None for any other question."""
    if query.companies or query.conditions or not _asks(query):
        return None
    board = board_of(query.text)
    by_report = {i: rows for i in scope.speaking if (rows := first_rows(i, scope))}
    if board is not None:
        held = {i: kept for i, rows in by_report.items() if (kept := listed_on(board, rows))}
        if not held:
            return _none_of(board, by_report, scope) if by_report else None
        by_report = held
    if not by_report:
        return None
    if _BOTH.search(query.text) and len({scope.broker(i) or i for i in by_report}) > 1:
        return _in_common(by_report, scope)
    statements = [_listed(i, rows, scope, board) for i, rows in by_report.items()]
    rows = next(iter(by_report.values()))
    kind: DraftKind = "comparison" if len(statements) > 1 else "computed"
    return Draft(kind, statements, 0.85, computation=_count(rows))


def first_rows(report_id: str, scope: Scope) -> list[Fact]:
    """One fact for each company of a report's tables, in the order of the report."""
    facts = scope.snapshot.facts.find(report_ids=(report_id,))
    in_tables = [f for f in facts if f.cell is not None]
    return list({_key(f): f for f in reversed(in_tables)}.values())[::-1]


def _asks(query: Query) -> bool:
    shared = _BOTH.search(query.text) and re.search("公司(?:有|是)?[?？。]?$", query.text)
    wants = query.operation in (Operation.COUNT, Operation.LIST) or bool(shared)
    board = board_of(query.text)
    rest = [w for w, _, _ in query.leftovers if not _ABOUT_COVERAGE.search(w)]
    plain = not [
        w for w in rest if board is None or not (_LISTING.search(w) or board.asked.search(w))
    ]
    about = bool(_ABOUT_COVERAGE.search(query.text)) or query.operation is Operation.COUNT
    about = about or board is not None
    return wants and about and plain and bool(_COMPANIES.search(query.text))


def _key(fact: Fact) -> str:
    return fact.code or fold(fact.subject)


def _in_common(by_report: dict[str, list[Fact]], scope: Scope) -> Draft:
    """Companies that two houses or more hold; several reports of one house count as one."""
    held: dict[str, dict[str, Fact]] = {}
    for report_id, rows in by_report.items():
        for fact in rows:
            held.setdefault(_key(fact), {}).setdefault(scope.broker(report_id) or report_id, fact)
    common = [list(facts.values()) for facts in held.values() if len(facts) > 1]
    houses = "、".join(scope.label(i) for i in by_report)
    several = len({scope.broker(i) or i for i in by_report}) > 2
    if not common:
        evidence = tuple(Evidence.of_fact(rows[0]) for rows in by_report.values())
        return Draft("comparison", [Statement(f"{houses}没有共同列出的公司", evidence)], 0.85)
    names = "、".join(subject_name(facts[0]) for facts in common)
    evidence = tuple(Evidence.of_fact(f) for facts in common for f in facts)[: 2 * MAX_ROWS]
    text = f"{houses}{'中至少两家券商' if several else '都'}列出的公司共{len(common)}家：{names}"
    keys = tuple(facts[0].subject for facts in common)
    return Draft("comparison", [Statement(text, evidence, keys)], 0.9)


def _none_of(board: Board, by_report: dict[str, list[Fact]], scope: Scope) -> Draft:
    houses = "、".join(scope.label(i) for i in by_report)
    evidence = tuple(Evidence.of_fact(rows[0]) for rows in by_report.values())[:MAX_ROWS]
    return Draft("computed", [Statement(f"{houses}的表中没有{board.name}公司", evidence)], 0.85)


def _listed(report_id: str, rows: list[Fact], scope: Scope, board: Board | None) -> Statement:
    names = "、".join(subject_name(f) for f in rows)
    where = board.name if board else ""
    text = f"{scope.label(report_id)}：表中列出的{where}公司共{len(rows)}家：{names}"
    evidence = tuple(Evidence.of_fact(f) for f in rows[:MAX_ROWS])
    return Statement(text, evidence, tuple(f.subject for f in rows))


def _count(rows: list[Fact]) -> Computation:
    return Computation(
        expression=f"count({len(rows)} rows)",
        inputs=arithmetic.inputs_of(rows),
        result=str(len(rows)),
        unit="家",
        rounding=None,
    )
