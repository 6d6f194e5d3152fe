"""Rates of return over months, as page one prints them: 绝对收益 and 相对收益 over 1M, 3M, 12M.

A reader: `Query + Scope → Draft | None`; asked before `figures`, which knows years only.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service.names import Company
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.front import is_sector, is_subject
from service.reading.scope import Scope
from service.reading.wording import value_with_unit

_COUNT = {**{han: at for at, han in enumerate("零一二三四五六七八九十")}, "两": 2, "十二": 12}
_SPAN = (
    r"(?:近|最近|过去|前)?(?P<count>\d{1,2}|十二|[一二两三四五六七八九十])(?:个)?"
    r"(?P<unit>m|月|周|w|年|y)"
)
_ASKED = re.compile(_SPAN + "(?!\\d{0,2}日|份|度|末|底|初)")
_THIS_YEAR = re.compile("ytd|年初至今|年初以来|今年以来")
_HELD = re.compile(f"(?:{_SPAN}|(?P<year>{_THIS_YEAR.pattern}))(?:以来)?(?:涨跌幅|涨幅|表现|收益)?")
_RETURN = re.compile(
    "(?:绝对|相对|超额)(?:收益|回报|表现|涨幅|涨跌幅)|股价表现|涨跌幅|累计涨幅|跑[赢输]"
)
_RELATIVE = re.compile("相对|超额|跑[赢输]")
_ABSOLUTE = re.compile("绝对")
_MONTHS = {"m": 1, "月": 1, "y": 12, "年": 12}


def read_returns(query: Query, scope: Scope) -> Outcome | None:
    """The return of a share or sector over a time up to the report; None for other questions."""
    span = _span_of(_ASKED.search(query.text)) or _this_year(query.text)
    if span is None or not _RETURN.search(query.text):
        return None
    statements = []
    for report_id in _reports(query, scope):
        facts = [f for f in scope.snapshot.facts.find(report_ids=(report_id,)) if _fits(f, span)]
        chosen = _of_kind(query.text, facts)
        if chosen:
            statements.append(_told(query, chosen, report_id, scope))
    if not statements:
        return None
    return Draft("comparison" if len(statements) > 1 else "fact", statements, 0.93)


def _reports(query: Query, scope: Scope) -> list[str]:
    """The reports on what is asked about; without a name, the only one that may speak."""
    companies = [n.company for n in query.companies if n.company is not None]
    if not companies:
        sector = _sector(query)
        if not sector:
            return list(scope.speaking) if len(scope.speaking) == 1 else []
        companies = [Company(sector, None, frozenset())]
    return [
        i
        for i in scope.speaking
        if any(is_subject(c, i, scope) or is_sector(c, i, scope) for c in companies)
    ]


_AROUND = re.compile("(?:行业|板块|指数)?(?:在|近|最近|过去|前|的)?\\Z")


def _sector(query: Query) -> str:
    """The words before the stretch of time that no slot knows: a sector without figures."""
    asked = _ASKED.search(query.text) or _THIS_YEAR.search(query.text)
    text = query.text[: asked.start()] if asked else ""
    for broker in sorted(query.brokers, key=lambda one: -one.start):
        text = text[: broker.start] + text[broker.end :]
    return _AROUND.sub("", text).strip()


def _span_of(match: re.Match[str] | None) -> tuple[int, str] | None:
    """A stretch of time: months, or weeks; None for a year that a report has begun."""
    if match is None or match["count"] is None:
        return None
    words = match["count"]
    count = int(words) if words.isdigit() else _COUNT[words]
    unit = match["unit"]
    return (count * _MONTHS[unit], "月") if unit in _MONTHS else (count, "周")


def _this_year(text: str) -> tuple[int, str] | None:
    return (1, "年初") if _THIS_YEAR.search(text) else None


def _fits(fact: Fact, span: tuple[int, str]) -> bool:
    """True if a cell's column or row is that stretch of time."""
    if fact.cell is None or fact.number is None:
        return False
    for words in (fact.cell.column, fact.cell.row):
        last = fold(words).split(" ")[-1]
        match = _HELD.fullmatch(re.sub(r"[()%\s]", "", last))
        if match is not None:
            return (span == (1, "年初")) if match["year"] else _span_of(match) == span
    return False


def _of_kind(text: str, facts: list[Fact]) -> list[Fact]:
    """The returns of the asked kind; absolute ones where none is said."""
    kinds = {id(f): fold(f"{f.cell.row} {f.cell.column}") for f in facts if f.cell}
    relative = [f for f in facts if _RELATIVE.search(kinds[id(f)])]
    absolute = [f for f in facts if _ABSOLUTE.search(kinds[id(f)])]
    if _RELATIVE.search(text):
        return relative
    return absolute or ([] if relative else facts if len(facts) <= 2 else [])


def _told(query: Query, facts: list[Fact], report_id: str, scope: Scope) -> Statement:
    named = "、".join(n.company.name for n in query.companies if n.company is not None)
    whom = named or _sector(query)
    parts, shown = [], []
    for fact in facts:
        words = " ".join(filter(None, (fact.cell.row, fact.cell.column))) if fact.cell else ""
        value = value_with_unit(fact, scope.snapshot.vocabulary)
        parts.append(f"{words}为{value}")
        shown.append(value)
    text = f"{scope.label(report_id)}：{whom}{'的' if whom else ''}{'，'.join(parts)}"
    return Statement(text, tuple(Evidence.of_fact(f) for f in facts), tuple(shown))
