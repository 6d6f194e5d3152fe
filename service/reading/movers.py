"""Which shares rose or fell most, as weeklies list them: 涨幅前五名, 本周跌幅最大.

A reader: `Query + Scope → Draft | None`; asked before `figures`. The lists of different stretches
of time stand in tables of their own, told apart by their titles.
"""

from __future__ import annotations

import re
from collections import defaultdict

from corpus.normalise import fold
from indexer.records import Fact
from service import refusals
from service.query import Query
from service.reading import arithmetic
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.front import is_sector
from service.reading.scope import Scope
from service.reading.wording import number, value_with_unit

_BY_RANK = re.compile(
    "(?P<way>涨|跌)幅(?:排名)?(?:榜|居前|靠前|最[大高多]|前[一二两三四五六七八九十\\d]|第[一1])"
    "|领(?P<lead>涨|跌)|(?P<most>涨|跌)得?最[多大猛凶]"
)
# Stretches of time by which titles tell lists apart; 本周 of the report is 上周 of its reader.
_TIMES = (
    ("周", re.compile("[本上]周|一周|周度|5日|五日|每周|近1周")),
    ("月", re.compile("[本上]月|一个?月|月度|近1月|月初")),
    ("年", re.compile("今年|年初|本年|年度|ytd|近1年")),
    ("日", re.compile("今日|当日|昨日|单日|日内")),
)
_LISTED = re.compile("[涨跌]幅?.{0,4}(?:前|榜|居前|靠前|最)|领[涨跌]")
_LEAST_ROWS = 2
_MOST_ROWS = 8


def read_movers(query: Query, scope: Scope) -> Outcome | None:
    """The shares of a list of movers, in its order; None for any other question."""
    asked = _BY_RANK.search(query.text)
    if asked is None or any(n.company and n.company.code for n in query.companies):
        return None
    falls = "跌" in (asked["way"], asked["lead"], asked["most"])
    sectors = [n.company for n in query.companies if n.company is not None]
    draft = Draft("computed", [], 0.92)
    for report_id in scope.speaking:
        if sectors and not any(is_sector(one, report_id, scope) for one in sectors):
            continue
        for rows in _lists(query.text, report_id, falls, scope):
            count = query.count or (1 if "最" in asked.group() else len(rows))
            _add(draft, rows[: min(count, _MOST_ROWS)], rows, falls, scope)
    held = [
        fact
        for fact in scope.snapshot.facts.find(metrics=("price_change",), report_ids=scope.speaking)
        if fact.cell and _LISTED.search(f"{fact.cell.table or ''} {fact.cell.column}")
    ]
    # A list of another week, or of the other direction, is no answer.
    return draft.settled() or (refusals.low_support(query.text) if held else None)


def _lists(text: str, report_id: str, falls: bool, scope: Scope) -> list[list[Fact]]:
    """The lists of the asked stretch of time and direction, the furthest mover first."""
    tables: dict[int, list[Fact]] = defaultdict(list)
    for fact in scope.snapshot.facts.find(metrics=("price_change",), report_ids=(report_id,)):
        if fact.cell is not None and fact.number is not None:
            tables[fact.cell.table_index].append(fact)
    time = next((pattern for _, pattern in _TIMES if pattern.search(text)), None)
    lists = []
    for facts in tables.values():
        own = [f for f in facts if _is_of(f, falls)]
        titled = (
            fold(f"{facts[0].cell.table or ''} {facts[0].cell.column}") if facts[0].cell else ""
        )
        if len(own) < _LEAST_ROWS or not _LISTED.search(titled):
            continue  # a table of prices with their changes: `tables` ranks those
        if time is not None and not time.search(titled):
            continue
        lists.append(sorted(own, key=lambda f: (number(f) if falls else -number(f), f.start)))
    return lists


def _is_of(fact: Fact, falls: bool) -> bool:
    """True for a share that moved that way, in a column that does not say the other."""
    column = fold(fact.cell.column) if fact.cell else ""
    other = "涨幅" if falls else "跌幅"
    if other in column and "涨跌幅" not in column:
        return False
    return number(fact) < 0 if falls and "跌幅" not in column else (falls or number(fact) > 0)


def _add(draft: Draft, chosen: list[Fact], rows: list[Fact], falls: bool, scope: Scope) -> None:
    vocabulary = scope.snapshot.vocabulary
    word = "跌幅" if falls else "涨幅"
    names = "、".join(f"{f.subject}（{value_with_unit(f, vocabulary)}）" for f in chosen)
    table = chosen[0].cell.table if chosen[0].cell else None
    where = f"“{table}”中" if table else ""
    which = f"{word}前{len(chosen)}名依次是" if len(chosen) > 1 else f"{word}最大的是"
    text = f"{scope.label(chosen[0].report_id)}：{where}{which}{names}"
    evidence = tuple(Evidence.of_fact(f) for f in chosen)
    draft.add_worked(
        Statement(text, evidence, tuple(f.subject for f in chosen)),
        arithmetic.counted([(f, f) for f in chosen], [(f, f) for f in rows]),
    )
