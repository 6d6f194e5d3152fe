"""Cells that are sentences or days: what a company announced, when it holds a meeting.

A reader: `Query + Scope → Draft | None`; asked after `figures`, for questions on one company that
name no metric: 大事提醒 and 公司公告 are tables of weeklies whose cells say in words what happened.
"""

from __future__ import annotations

import re
from collections import defaultdict

from corpus.normalise import fold
from indexer.records import Fact
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.front import is_subject
from service.reading.scope import Scope

_WHEN = re.compile("什么时候|何时|哪天|哪一天|几号|什么时间|哪日|日期")
_DAY = re.compile(r"(?:19|20)\d\d[-./年]?\d{1,2}[-./月]?\d{1,2}日?|\d{1,2}月\d{1,2}日")
_FILLING = re.compile(
    "什么时候|何时|哪天|哪一天|几号|什么时间|多少|什么|哪些|计划|时候|开|召开|举行"
)
_LEAST = 0.6  # of the question's pairs of characters must stand in the row
_FEWEST = 2  # pairs: one alone meets by chance


def read_announced(query: Query, scope: Scope) -> Outcome | None:
    """The row of words that says what is asked of a company; None if none does."""
    if len(query.companies) != 1 or query.metrics or query.companies[0].company is None:
        return None
    company = query.companies[0].company
    asked = _pairs(query)
    if len(asked) < _FEWEST:
        return None
    store = scope.snapshot.facts
    found = store.find(subjects=(company.name,), report_ids=scope.speaking)
    if company.code:
        found = [*found, *store.find(codes=(company.code,), report_ids=scope.speaking)]
    rows: dict[tuple[str, int], dict[int, Fact]] = defaultdict(dict)
    for fact in found:
        # A company's own report tells of it in whole paragraphs.
        if fact.cell and not fact.missing and not is_subject(company, fact.report_id, scope):
            rows[fact.report_id, fact.line_start][fact.start] = fact
    when = bool(_WHEN.search(query.text))
    best = max(
        ((_share(asked, list(row.values())), -place[1], place[0]) for place, row in rows.items()),
        default=None,
    )
    if best is None or best[0] < _LEAST:
        return None
    row = list(rows[best[2], -best[1]].values())
    told = _told(row, asked, when, scope)
    return Draft("fact", [told], 0.85) if told is not None else None


def _pairs(query: Query) -> set[str]:
    """Neighbouring characters of what the question says beside the company's name."""
    text = query.text
    for one in sorted(query.companies, key=lambda n: -n.start):
        text = f"{text[: one.start]} {text[one.end :]}"
    runs = re.findall("[\u4e00-\u9fff]{2,}", _FILLING.sub(" ", text))
    return {run[at : at + 2] for run in runs for at in range(len(run) - 1)}


def _share(asked: set[str], row: list[Fact]) -> float:
    words = " ".join(fold(f.value) for f in row if _is_words(f))
    return sum(pair in words for pair in asked) / len(asked)


def _is_words(fact: Fact) -> bool:
    return fact.number is None and not _DAY.fullmatch(fact.value.strip())


def _told(row: list[Fact], asked: set[str], when: bool, scope: Scope) -> Statement | None:
    """The cell that answers, with the one that says what it is about."""
    cells = [f for f in row if _is_words(f)]
    about = max(cells, key=lambda f: (_share(asked, [f]), -f.start))
    lead = f"{scope.label(about.report_id)}：{about.subject}"
    if when:
        day = next((f for f in row if _DAY.fullmatch(f.value.strip())), None)
        if day is None:
            return None
        text = f"{lead}的{about.value}：{day.metric_text}为{day.value}"
        return Statement(text, (Evidence.of_fact(day),), (day.value,))
    if about.value.strip("。") in ("", about.subject):
        return None
    text = f"{lead}：{about.value.rstrip('。')}"
    return Statement(text, (Evidence.of_fact(about),), (about.value.rstrip("。"),))
