"""A company over several reports: its ratings and forecasts in order, and what changed last.

A reader: `Query + Scope → Draft | None`; it compares cells, and what page one says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.normalise import fold
from indexer.records import Fact
from service.names import Company
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.front import front_facts
from service.reading.scope import Scope
from service.reading.wording import metric_name, period_phrase, value_with_unit
from service.schemas import Missing

MAX_REPORTS = 8
MAX_FIGURES = 4
MAX_CHANGES = 8
# What a timeline shows where no metric is named, in this order.
_USUAL = ("rating", "target_price", "eps", "net_profit_parent")
_MATTER = "(?:评级|目标价|盈利预测|预测|eps|每股收益|净利润|观点)"
_TIMELINE = re.compile(
    "历次|历史(?:评级|预测|上)|时间线|时间轴|按时间|演变|沿革|各期报告|"
    f"{_MATTER}.{{0,8}}(?:怎么变|如何变|的变化(?!率)|变化(?:过程|情况|历程)|一路|有(?:什么|哪些|何)(?:变化|调整))"
)
_SINCE = re.compile(
    "(?:上一?[篇份期次]|前一?[篇份次]|上次|最近两[篇份次]|最新两[篇份次])(?:的)?(?:报告|研报|点评|预测|评级)?.{0,12}"
    "(?:变|调整|改|不同|区别|差异|上调|下调|修正)|"
    "(?:变化|变动|调整|不同|修正).{0,12}(?:上一?[篇份期次]|上次|前一?[篇份次])"
)


def read_history(query: Query, scope: Scope) -> Outcome | None:
    """The timeline of one company, or the changes since its last report; None if neither is
    asked for."""
    since = bool(_SINCE.search(query.text))
    if not since and not _TIMELINE.search(query.text):
        return None
    companies = [n.company for n in query.companies if n.company is not None]
    if len(companies) != 1 or len(query.companies) != 1:
        return None
    # 最新 names a report here, no price.
    asked = [m.id for m in query.metrics if m.id == "target_price" or not _is_price(m.id, scope)]
    wanted = tuple(dict.fromkeys(asked)) or _USUAL
    held = _held(companies[0], wanted, scope)
    if not held:
        return None
    return _since(held, scope) if since else _timeline(held, scope)


def _is_price(metric: str, scope: Scope) -> bool:
    known = scope.snapshot.vocabulary.get(metric)
    return known is not None and known.family == "price"


def _held(
    company: Company, metrics: Sequence[str], scope: Scope
) -> list[tuple[str, tuple[Fact, ...]]]:
    """Each report that states something of the company, oldest first, with its figures."""
    found = scope.snapshot.facts.find(
        subjects=(company.name,), metrics=metrics, report_ids=scope.speaking
    )
    by_report: dict[str, list[Fact]] = {}
    for fact in found:
        by_report.setdefault(fact.report_id, []).append(fact)
    for metric in ("rating", "target_price"):
        for fact in (
            front_facts(company, metric, scope.speaking, scope) if metric in metrics else ()
        ):
            own = by_report.setdefault(fact.report_id, [])
            if all(f.metric != metric for f in own):
                own.insert(0, fact)
    dated = [i for i in reversed(scope.speaking) if i in by_report and scope.published(i)]
    order = {metric: n for n, metric in enumerate(metrics)}
    return [(i, tuple(_once(sorted(by_report[i], key=lambda f: order[f.metric])))) for i in dated]


def _once(facts: Sequence[Fact]) -> list[Fact]:
    """One fact for each metric and period, the first stated."""
    kept: dict[tuple[str, str | None], Fact] = {}
    for fact in facts:
        kept.setdefault((fact.metric, fact.period), fact)
    return list(kept.values())


def _timeline(held: list[tuple[str, tuple[Fact, ...]]], scope: Scope) -> Draft:
    statements = []
    for report_id, facts in held[-MAX_REPORTS:]:
        shown = [f for f in facts if f.kind != "actual"][:MAX_FIGURES] or list(facts[:MAX_FIGURES])
        said = "，".join(_said(f, scope) for f in shown)
        evidence = tuple(Evidence.of_fact(f) for f in shown)
        keys = tuple(value_with_unit(f, scope.snapshot.vocabulary) for f in shown)
        statements.append(Statement(f"{scope.label(report_id)}：{said}", evidence, keys))
    draft = Draft("comparison" if len(held) > 1 else "fact", statements, 0.85)
    if len(held) == 1:
        _note_single(draft)
    return draft


def _since(held: list[tuple[str, tuple[Fact, ...]]], scope: Scope) -> Draft:
    """What the newest report says otherwise than the one before it, of the same house if it can."""
    newest, facts = held[-1]
    same = [h for h in held[:-1] if scope.broker(h[0]) == scope.broker(newest)]
    before = (same or held[:-1])[-1:]
    if not before:
        return _timeline(held, scope)
    earlier, old = before[0]
    known = {(f.metric, f.period): f for f in old}
    pairs = [(known[k], f) for f in facts if (k := (f.metric, f.period)) in known]
    changed = [(a, b) for a, b in pairs if fold(a.value) != fold(b.value)]
    head = f"{scope.label(newest)}与{scope.label(earlier)}相比"
    statements: list[Statement] = []
    for a, b in changed[:MAX_CHANGES]:
        was, now = (value_with_unit(f, scope.snapshot.vocabulary) for f in (a, b))
        evidence = (Evidence.of_fact(a), Evidence.of_fact(b))
        lead = f"{head}：" if not statements else ""
        statements.append(Statement(f"{lead}{_name(b)}由{was}变为{now}", evidence, (now,)))
    kept = [(a, b) for a, b in pairs if fold(a.value) == fold(b.value)][:MAX_FIGURES]
    if kept:
        said = "，".join(_said(b, scope) for _, b in kept)
        both = tuple(Evidence.of_fact(f) for pair in kept for f in pair)
        lead = "" if statements else f"{head}："
        statements.append(Statement(f"{lead}未变的有：{said}", both))
    if not statements:
        return _timeline(held, scope)
    return Draft("comparison", statements, 0.85)


def _note_single(draft: Draft) -> None:
    """Says that there is no earlier report to compare with."""
    gap = Missing(slot="report", asked="更早的报告", reason="low_support", instead=[])
    draft.missing.append(gap)
    draft.statements.append(Statement("现有报告中没有更早的一份可比", ()))


def _said(fact: Fact, scope: Scope) -> str:
    return f"{_name(fact)}{value_with_unit(fact, scope.snapshot.vocabulary)}"


def _name(fact: Fact) -> str:
    name = "评级" if fact.metric == "rating" else metric_name(fact)
    period = "" if fact.metric in ("rating", "target_price") else period_phrase(fact)
    return f"{period}{name}" if period else name
