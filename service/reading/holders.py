"""Who holds a company: holders by rank (第一大股东), and what part one of them holds.

A reader: `Query + Scope → Draft | None`; asked before `figures`, for the rows of these tables are
the holders, not the company that is asked about.
"""

from __future__ import annotations

import re
from collections import defaultdict

from corpus.normalise import fold
from indexer.records import Fact
from service.names import Company
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.front import is_subject
from service.reading.scope import Scope
from service.reading.wording import figure_sentence, value_with_unit

_PLACES = dict(enumerate("一二三四五六七八九十", 1))
_HAN = {han: place for place, han in _PLACES.items()} | {"两": 2}
_RANKED = re.compile(
    r"第(?P<place>[一二三四五六七八九十]|\d{1,2})大(?:流通)?股东|(?P<top>最大)的?股东"
)
_SEVERAL = re.compile(r"前(?P<count>[一二两三四五六七八九十]|\d{1,2})(?:名|大|位)?(?:流通)?股东")
_HOLDS = re.compile("持有|持股|股份|股权|占股|控股|股东")
_METRICS = ("shares_held", "stake")
_MOST = 10
_STAKE = re.compile(r"\d+(?:\.\d+)?\s*[%％]|\d万?股")
_SENTENCE_ENDS = re.compile("[。；;！？\n\f]")


def read_holders(query: Query, scope: Scope) -> Outcome | None:
    """Holders of a company by rank or by name; None for any other question."""
    text = query.text
    ranked, several = _RANKED.search(text), _SEVERAL.search(text)
    companies = [n.company for n in query.companies if n.company is not None]
    if not companies or not _HOLDS.search(text):
        return None
    if ranked is None and several is None:
        return _named(companies, scope) if len(companies) > 1 else None
    first = _number(ranked["place"] or "1") if ranked else 1
    last = first if ranked else _number(several["count"]) if several else _MOST
    statements = []
    for report_id in scope.speaking:
        if not any(is_subject(one, report_id, scope) for one in companies):
            continue
        rows = _rows(report_id, scope)[first - 1 : min(last, _MOST)]
        if rows:
            statements += [_told(at, row, scope) for at, row in enumerate(rows, first)]
        elif ranked:
            statements += _stated(ranked.group(), report_id, scope)
    return Draft("fact", statements, 0.9) if statements else None


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _HAN[words]


def _rows(report_id: str, scope: Scope) -> list[list[Fact]]:
    """The rows of the first table of holders, in its order: that of their parts."""
    found = scope.snapshot.facts.find(metrics=_METRICS, report_ids=(report_id,))
    tables: dict[int, dict[int, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in found:
        if fact.cell is not None and fact.number is not None:
            tables[fact.cell.table_index][fact.cell.row_index].append(fact)
    for _, rows in sorted(tables.items()):
        if len(rows) > 1 and any(f.metric == "stake" for row in rows.values() for f in row):
            return [row for _, row in sorted(rows.items())]
    return []


def _told(place: int, row: list[Fact], scope: Scope) -> Statement:
    vocabulary = scope.snapshot.vocabulary
    shown = [value_with_unit(f, vocabulary) for f in row]
    words = "，".join(
        f"{vocabulary.name_of(f.metric)}为{value}" for f, value in zip(row, shown, strict=True)
    )
    text = f"{scope.label(row[0].report_id)}：第{_PLACES[place]}大股东为{row[0].subject}，{words}"
    return Statement(text, (Evidence.of_fact(row[0]),), (row[0].subject, *shown))


def _stated(words: str, report_id: str, scope: Scope) -> list[Statement]:
    """The sentence that names the holder, where no table does."""
    text = scope.snapshot.text(report_id)
    for mention in scope.snapshot.mentions(words, report_ids=frozenset({report_id})):
        starts = [m.end() for m in _SENTENCE_ENDS.finditer(text, 0, mention.start)]
        end = _SENTENCE_ENDS.search(text, mention.end)
        start, stop = (starts or [0])[-1], end.start() if end else len(text)
        if _STAKE.search(text, mention.end, stop):
            quote = text[start:stop]
            return [
                Statement(f"{scope.label(report_id)}：{quote}", (Evidence(report_id, start, stop),))
            ]
    return []


def _named(companies: list[Company], scope: Scope) -> Draft | None:
    """What part of the one company the other one (or a person) holds."""
    for holder in companies:
        owned = [one for one in companies if one is not holder]
        reports = tuple(
            i for i in scope.speaking if any(is_subject(one, i, scope) for one in owned)
        )
        found = (
            scope.snapshot.facts.find(subjects=(holder.name,), metrics=_METRICS, report_ids=reports)
            if reports
            else []
        )
        facts = [f for f in found if f.cell is not None and f.number is not None]
        if facts:
            kept = list(
                {(f.report_id, f.metric, fold(f.value)): f for f in reversed(facts)}.values()
            )
            told = [
                Statement(
                    figure_sentence(f, scope),
                    (Evidence.of_fact(f),),
                    (value_with_unit(f, scope.snapshot.vocabulary),),
                )
                for f in kept[::-1]
            ]
            return Draft("fact", told, 0.93)
    return None
