"""Figures by name: one or several companies × metrics × periods, each value with its cell.

A reader: `Query + Scope → Draft | Refusal | None` (None: not a question on figures).
Scans over whole tables are `tables`, sums and differences `arithmetic`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product

from corpus.periods import Period
from indexer.records import Fact
from service import refusals
from service.names import Company, Named
from service.operations import Operation
from service.query import AskedMetric, Query
from service.reading import arithmetic, claims
from service.reading.draft import Draft, DraftKind, Evidence, Other, Outcome, Statement
from service.reading.front import front_facts, sector_facts
from service.reading.grids import grids
from service.reading.ratings import MEANING, meaning_of
from service.reading.routing import no_company, stands_in
from service.reading.scope import Scope
from service.reading.spread import spreads
from service.reading.stretches import of_stretch
from service.reading.wording import figure_sentence, value_with_unit
from service.schemas import Missing

# Where a report states no 净利润, the profit that it does state answers, under its own name.
# A row that says 增长率 or yoy alone speaks of the revenue above it.
_STANDS_FOR = {"net_profit": "parent_profit", "growth": "revenue_yoy"}
# An answer names at most this many rows; the rest is counted in words.
MAX_ROWS = 8
# A figure is cited where it stands first and at so many places that state it again.
MAX_PLACES = 3
# A longer title is a paragraph that stands above the table and would drown the figure.
_TABLE_CHARS = 40
_REPORT = re.compile("(?:发布|出具|发表)?的?(?:那[份篇])?(?:报告|研报|点评|周报|深度)")
_NEWEST = re.compile("(?:最新|最近)(?:一?[份篇])?的?(?:报告|研报|点评|周报)")
_LISTED = {Operation.LIST, Operation.COUNT}
_WHY = re.compile("为什么|为何|原因|理由|逻辑|凭什么")
# What holds in one case only: the figure without it is that of the base case.
_CASE = re.compile(
    "(?:乐观|悲观|中性|谨慎|保守|极端|最好|最坏|牛市|熊市)(?:的)?(?:情景|情形|情况|假设|预期)"
)


@dataclass(frozen=True, slots=True)
class Found:
    """What the reports say of one company and one metric.

    Args:
        facts: newest report first, then in the order of the report.
        restated: the cells that say the same again, by the id of the fact that speaks for them.
        missing: what is not there: all of it when `facts` is empty, else some period.
    """

    named: Named
    metric: AskedMetric
    facts: tuple[Fact, ...]
    missing: Missing | None
    restated: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)


def read_figures(query: Query, scope: Scope) -> Outcome | None:
    """The figures asked for by company and metric; None if the question names neither."""
    if not query.companies or not query.metrics or _VALUED_AT.search(query.text):
        return None
    if (case := _CASE.search(query.text)) is not None:
        return _of_case(case.group(), query, scope)
    scope = _of_report(query, scope)
    asserted = claims.asserts_growth(query)
    if asserted:
        query.operation = Operation.GROWTH
    metrics = list({m.id: m for m in arithmetic.with_growth(query, scope)}.values())
    founds = [look_up(n, m, query, scope) for n, m in product(query.companies, metrics)]
    founds = _of_segments(founds, query)
    held = [f for f in founds if f.facts]
    known = scope.snapshot.vocabulary
    if not held and all(known.get(m.id) is None for m in metrics):
        return None  # 主要业务 heads a column somewhere; here it is asked of the text
    if held:  # what another table has a column for says nothing beside a figure that is there
        founds = [f for f in founds if f.facts or known.get(f.metric.id) is not None]
    missing = [f.missing for f in founds if f.missing is not None]
    if not held:
        return refusals.refuse(missing, scope, query)
    checked = claims.check(query, held, scope)
    if _WHY.search(query.text) and not (checked and checked.statements[0].text.startswith("不是")):
        return None  # a reason stands in prose, unless the question rests on a wrong figure
    draft = (
        checked
        or arithmetic.compute(query, [f.facts for f in held], scope)
        or _state(query, held, scope)
    )
    if asserted:
        draft = claims.judged_growth(query, draft)
    for gap, told in [*((m, scope) for m in missing), *_silent_brokers(query, held, scope)]:
        draft.missing.append(gap)
        draft.statements.extend(refusals.missing_statements([gap], told))
    draft.others.extend(_others(query, held, scope))
    return draft


def _of_case(case: str, query: Query, scope: Scope) -> Draft | None:
    """The figures whose row, column or table names the case; the rest is asked of the text."""
    word = case[:2]
    founds = [look_up(n, m, query, scope) for n, m in product(query.companies, query.metrics)]
    facts = [
        fact
        for found in founds
        for fact in found.facts
        if fact.cell and word in f"{fact.cell.row} {fact.cell.column} {fact.cell.table}"
    ]
    statements = [_figure(fact, (), "", scope) for fact in facts[:MAX_ROWS]]
    return Draft("fact", statements, 0.9) if statements else None


def _of_segments(founds: list[Found], query: Query) -> list[Found]:
    """砺石股份封装业务的收入 asks for the segment's: the company is whose segment it is."""
    held = [f for f in founds if f.facts and not _has_code(f.named)]
    owners = [
        f
        for f in founds
        for part in held
        if _has_code(f.named)
        and f.named.end <= part.named.start
        and _OWNED.fullmatch(query.text[f.named.end : part.named.start])
        and {x.report_id for x in part.facts} & (f.named.company or _NOBODY).report_ids
    ]
    return [f for f in founds if f not in owners and (f.facts or _has_code(f.named) or not held)]


def _has_code(named: Named) -> bool:
    return named.company is not None and named.company.code is not None


# 给予2025年多少倍PE: what the house values it at stands in a sentence, not in the row of its PE.
_VALUED_AT = re.compile("给予.{0,10}(?:多少|几)倍")
_NOBODY = Company("", None, frozenset())
# What may stand between a company and its segment; a list (和, 、) names two owners.
_OWNED = re.compile("[^和与跟及、,，;；]{0,14}")


def _of_report(query: Query, scope: Scope) -> Scope:
    """Only the report of the day that the question names, or each house's newest (最新报告)."""
    days = [p.period.label for p in query.periods if _REPORT.match(query.text[p.end :])]
    meant = tuple(i for i in scope.speaking if str(scope.published(i)) in days)
    if not meant and _NEWEST.search(query.text):
        houses = {scope.broker(i) or i: i for i in reversed(scope.speaking)}
        meant = tuple(i for i in scope.speaking if i in houses.values())
    return replace(scope, speaking=meant) if meant else scope


def look_up(named: Named, metric: AskedMetric, query: Query, scope: Scope) -> Found:
    """The facts of one company and metric in the reports that may speak."""
    if not stands_in(named, scope.speaking, scope):
        return Found(named, metric, (), no_company(named, scope))
    every = _all_facts(named, metric, scope.speaking, scope)
    facts = of_stretch(_distinct(every), query)
    if not facts:
        return Found(named, metric, (), _no_metric(named, metric, query, scope))
    fitting = _in_periods(facts, query)
    if not fitting:
        return Found(named, metric, (), _no_period(named, metric, query, facts))
    restated = _restated(fitting, every)
    gap = _open_period(named, metric, query, facts)
    return Found(named, metric, tuple(fitting), gap, restated)


def _silent_brokers(
    query: Query, held: list[Found], scope: Scope
) -> Iterator[tuple[Missing, Scope]]:
    """What single houses leave out, where the question names several and one of them answers."""
    houses = query.known_brokers if len(query.known_brokers) > 1 else ()
    for house, found in product(houses, held):
        own = tuple(i for i in scope.speaking if scope.broker(i) == house)
        if own and not any(fact.report_id in own for fact in found.facts):
            rest = tuple(i for i in scope.speaking if i not in own)
            alone = replace(scope, speaking=own, others=rest, brokers=(house,))
            gap = look_up(found.named, found.metric, query, alone).missing
            if gap is not None:
                yield gap, alone


def _open_period(
    named: Named, metric: AskedMetric, query: Query, facts: list[Fact]
) -> Missing | None:
    """The asked years of which no report gives the figure, where it gives others."""
    held = {fact.period for fact in facts}
    years = [p for p in query.periods if p.period.is_year]
    absent = [p for p in years if p.period.label not in held]
    # Of 2023–2025年 only the year that is missing is named.
    absent = [
        replace(p, text=f"{p.period.label}年") if sum(q.start == p.start for q in years) > 1 else p
        for p in absent
    ]
    if not absent or len(absent) == len(years):
        return None
    return _no_period(named, metric, replace(query, periods=absent), facts)


def _facts(named: Named, metric: AskedMetric, reports: tuple[str, ...], scope: Scope) -> list[Fact]:
    return _distinct(_all_facts(named, metric, reports, scope))


def _all_facts(
    named: Named, metric: AskedMetric, reports: tuple[str, ...], scope: Scope
) -> list[Fact]:
    if named.company is None or not reports:
        return []
    facts = _of_metric(named.company, metric.id, reports, scope)
    if not facts and metric.id in _STANDS_FOR:
        facts = _of_metric(named.company, _STANDS_FOR[metric.id], reports, scope)
    return sorted(facts, key=lambda f: (scope.rank(f.report_id), f.start))


def _distinct(facts: list[Fact]) -> list[Fact]:
    """One fact of those with which a report says the same again (page one, forecast, appendix):
    the first whose unit is stated, in the place of the first."""
    kept: list[Fact] = []
    for fact in facts:
        same = next((n for n, other in enumerate(kept) if _says_the_same(other, fact)), None)
        if same is None:
            kept.append(fact)
        elif kept[same].unit is None and fact.unit is not None:
            kept[same] = fact
    return kept


def _restated(kept: list[Fact], every: list[Fact]) -> dict[str, tuple[Fact, ...]]:
    """By fact id: where its report says the same again, as printed there."""
    return {
        fact.fact_id: tuple(f for f in every if f is not fact and _says_the_same(fact, f))
        for fact in kept
    }


def _says_the_same(one: Fact, other: Fact) -> bool:
    if one.number is None or other.number is None:
        return False
    if (one.report_id, one.period, one.kind) != (other.report_id, other.period, other.kind):
        return False
    if one.cell and other.cell and one.cell.table_index == other.cell.table_index:
        return False  # rows of one table are different things, whatever their words
    if one.unit is None or other.unit is None or None in (one.value_base, other.value_base):
        return Decimal(one.number) == Decimal(other.number)
    same_unit = one.unit_base == other.unit_base
    return same_unit and Decimal(one.value_base or 0) == Decimal(other.value_base or 0)


def _of_metric(company: Company, metric: str, reports: tuple[str, ...], scope: Scope) -> list[Fact]:
    store = scope.snapshot.facts
    facts = store.find(subjects=(company.name,), metrics=(metric,), report_ids=reports)
    if company.code:
        facts = [*facts, *store.find(codes=(company.code,), metrics=(metric,), report_ids=reports)]
    facts = [*facts, *front_facts(company, metric, reports, scope)]
    if not company.code:
        facts = [*facts, *sector_facts(company, metric, reports, scope)]
    return list({fact.fact_id: fact for fact in facts}.values())


def _in_periods(facts: list[Fact], query: Query) -> list[Fact]:
    """The facts of the asked periods; all of them when no period is asked."""
    if not query.periods:
        filled = [f for f in facts if f.value]
        return filled or facts  # an empty cell is told where its period is asked for
    asked = arithmetic.periods_needed(query)
    fitting = [
        f
        for f in facts
        if any(_is_of(f, p) and not (p.kind == "actual" and f.kind == "estimate") for p in asked)
    ]
    if fitting:
        return fitting
    # A price or a rating has no column of years: a year in the question does not shut it out.
    undated = [f for f in facts if f.period is None or f.period == f.as_of]
    if undated and all(_is_report_time(p.label, undated) for p in asked):
        return undated
    return []


def _is_of(fact: Fact, period: Period) -> bool:
    """True if the fact is of the period; 2025年3月末 is the 31st of it."""
    if fact.period == period.label:
        return True
    day = fact.period or ""
    monthly = re.fullmatch("\\d{4}-\\d\\d", period.label) and day.startswith(f"{period.label}-")
    return bool(monthly) and day[8:] >= "28"  # the last days of a month close its books


def _is_report_time(label: str, facts: list[Fact]) -> bool:
    return all(f.as_of is None or f.as_of.startswith(label) for f in facts)


def _no_metric(named: Named, metric: AskedMetric, query: Query, scope: Scope) -> Missing:
    company = named.company
    instead: list[str] = []
    if company is not None and scope.speaking:
        facts = scope.snapshot.facts.find(subjects=(company.name,), report_ids=scope.speaking)
        names = (refusals.short_metric(f) for f in facts)
        instead = list(dict.fromkeys(names))[:MAX_ROWS]
    return Missing(
        slot="metric",
        asked=_asked(metric, query),
        reason="no_such_metric",
        instead=instead,
        of=_called(named),
    )


def _asked(metric: AskedMetric, query: Query) -> str:
    """The metric in the asker's words: ROE, where the vocabulary says 净资产收益率."""
    return query.own_words(metric.start, metric.end).strip() or metric.name


def _called(named: Named) -> str:
    return named.company.name if named.company else named.text


def _no_period(named: Named, metric: AskedMetric, query: Query, facts: list[Fact]) -> Missing:
    asked = "、".join(p.text for p in query.periods)
    instead = list(dict.fromkeys(f.period_text or f.period or "" for f in facts))
    return Missing(
        slot="period",
        asked=asked,
        reason="no_such_period",
        instead=[i for i in instead if i],
        of=f"{_called(named)}的{_asked(metric, query)}",
    )


def _state(query: Query, held: list[Found], scope: Scope) -> Draft:
    """Each figure in a sentence of its own, or all in a table of rows and columns."""
    facts = [fact for found in held for fact in found.facts]
    reports = {fact.report_id for fact in facts}
    apart = _told_apart(facts)
    again = {k: same for found in held for k, same in found.restated.items()}
    places = {k: same[:MAX_PLACES] for k, same in again.items()}

    def sentence(fact: Fact) -> Statement:
        where = apart.get(fact.fact_id, "")
        return _figure(fact, places.get(fact.fact_id, ()), where, scope)

    statements = grids(facts[: MAX_ROWS * 3], places, apart, scope, sentence)
    if len(facts) <= MAX_ROWS and query.operation not in _LISTED:
        statements += [*spreads(facts, scope), *_meanings(query, facts, scope)]
    kind: DraftKind = "comparison" if len(reports) > 1 else "fact"
    return Draft(kind=kind, statements=statements, confidence=0.97)


def _figure(fact: Fact, again: tuple[Fact, ...], where: str, scope: Scope) -> Statement:
    """A figure with all places that state it; the same amount in another unit is said too."""
    shown = value_with_unit(fact, scope.snapshot.vocabulary)
    others = dict.fromkeys(
        value_with_unit(f, scope.snapshot.vocabulary)
        for f in again
        if Decimal(f.number or 0) != Decimal(fact.number or 0)
    )
    also = f"（又记作{'、'.join(others)}）" if others else ""
    evidence = tuple(Evidence.of_fact(f) for f in (fact, *again))
    return Statement(figure_sentence(fact, scope) + also + where, evidence, (shown,))


def _told_apart(facts: list[Fact]) -> dict[str, str]:
    """By fact id: in which table a figure stands, where its report gives another one in another
    table (合并利润表 and 母公司利润表, a forecast and the table of peers)."""
    groups: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        key = (fact.report_id, fact.subject, fact.metric, fact.period, fact.kind)
        groups.setdefault(key, []).append(fact)
    return {
        fact.fact_id: f"（见“{fact.cell.table}”）"
        for group in groups.values()
        if len({f.cell.table for f in group if f.cell}) > 1
        for fact in group
        if fact.cell and fact.cell.table and len(fact.cell.table) <= _TABLE_CHARS
    }


def _meanings(query: Query, facts: list[Fact], scope: Scope) -> list[Statement]:
    """Each house's own meaning of its rating, where several rate or the meaning is asked for."""
    rated = [f for f in facts if f.metric == "rating" and not f.missing]
    several = len({scope.broker(f.report_id) for f in rated}) > 1
    if not several and not MEANING.search(query.text):
        return []
    each = list({(f.report_id, f.value): f for f in rated}.values())
    return [told for fact in each if (told := meaning_of(fact, scope)) is not None]


def _others(query: Query, held: list[Found], scope: Scope) -> list[Other]:
    """The same figures at brokers that were not asked for."""
    if not scope.brokers or not scope.others:
        return []
    found: list[Other] = []
    for item in held:
        facts = _in_periods(_facts(item.named, item.metric, scope.others, scope), query)
        found.extend(Other(fact) for fact in facts)
    return found
