"""A figure that a sentence states: 2020年10月国内手机出货量同比是多少？

A reader: `Query + Scope → Draft | None`. Every figure of the passages found is a candidate; it must
measure what is asked, of the asked period, and the words next to it must be the question's.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from corpus.line_kinds import coded_heading
from corpus.normalise import fold
from corpus.report import Report, Role
from indexer.records import Hit
from service.query import Query
from service.reading.draft import Draft, DraftKind, Evidence, Statement
from service.reading.scope import Scope
from service.reading.stated_figures import Stated, stated_figures
from service.reading.stated_odds import Candidate, certainty, log_odds
from service.reading.stated_traits import AskedFigure, Fit, asked_figure, fit_of, traits_of

# The search's order counts a little: what a figure keeps in the passage that was found last.
NEAREST = 0.85
# The best by the hand-made score are weighed; the right one was among 40 in 99 % of 1,430 questions
# over news.
WEIGHED = 40
# What the best figure must reach by the hand-made score: little where the sentence itself names the
# asked period, more where the period is taken from before it, most where no period is named; and
# its probability (bench/notes/stated.md).
ENOUGH, ENOUGH_INHERITED, ENOUGH_UNDATED, ENOUGH_UNASKED = 0.15, 0.25, 0.45, 0.42
LEAST_SURE, MOST_SURE = 0.05, 0.98
# What another figure must reach of the best one's score to be told beside it: the same value
# elsewhere; another value in another report, as its rival; another sentence, as what it is.
BEARS_OUT, RIVALS, CLOSE = 0.3, 0.96, 0.6
# A figure is cited where it stands best and at so many places that state it again.
MOST_BEARING = 3

_ASKS = re.compile(r"多少|几(?:个|家|倍|件|台|元|亿|万|成)|何种水平|多大|多高")


@dataclass(frozen=True, slots=True)
class Rated:
    """A figure with how well it answers.

    Args:
        score: the hand-made score, in [0, 1]; by it figures are chosen. On reports the odds, which
            were learnt on news, choose worse, but they know better what to refuse.
        logit: log odds that it is what is asked for, against that nothing is.
        value: as it stands, folded, without thousands separators.
    """

    stated: Stated
    logit: float
    score: float
    value: str


def asks_for_figure(query: Query) -> bool:
    """True for a question that wants one figure of one matter."""
    bounded = any(re.search(r"\d", query.text[c.start : c.end]) for c in query.conditions)
    return bool(_ASKS.search(query.text)) and not bounded


def read_stated(query: Query, scope: Scope, hits: list[Hit]) -> Draft | None:
    """The figure that a sentence of the passages states for the question; None if none does."""
    if not asks_for_figure(query):
        return None
    rated = rate_figures(query, scope, hits)
    asked = frozenset(p.period.label for p in query.periods)
    if not rated or not _stands_out(rated[0], asked):
        return None
    sure = _certainty(rated)
    if sure < LEAST_SURE:
        return None
    statements = _told(rated, scope)
    reports = {e.report_id for s in statements for e in s.evidence}
    kind: DraftKind = "comparison" if len(reports) > 1 else "passage"
    return Draft(kind, statements, round(min(sure, MOST_SURE), 2))


def _certainty(rated: list[Rated]) -> float:
    """The probability that the first figure is right, its rivals being ordered by their odds."""
    others = sorted(rated[1:], key=lambda r: -r.logit)
    return certainty([Candidate(r.logit, r.value, r.stated.report_id) for r in (rated[0], *others)])


def _stands_out(best: Rated, asked: frozenset[str]) -> bool:
    """True if the best figure is good enough for how its period is known; none of another."""
    if not asked:
        return best.score >= ENOUGH_UNASKED
    named = bool(asked & set(best.stated.periods))
    if named and not best.stated.inherited:
        return best.score >= ENOUGH
    open_year = any(label[0] == "Y" for label in best.stated.periods)
    if named or open_year:
        return best.score >= ENOUGH_INHERITED
    return not best.stated.periods and best.score >= ENOUGH_UNDATED


def _told(rated: list[Rated], scope: Scope) -> list[Statement]:
    """The best figure, the places that bear it out, and one that states another value."""
    best = rated[0]
    cited = {_place(best)}
    bearing: list[Rated] = []
    for one in (r for r in rated[1:] if r.value == best.value):
        if one.score >= BEARS_OUT * best.score and _place(one) not in cited:
            bearing.append(one)
            cited.add(_place(one))
    bearing = bearing[:MOST_BEARING]
    others = [r for r in rated[1:] if r.value != best.value and _place(r) not in cited]
    close = next((r for r in others if r.score >= CLOSE * best.score), None)
    statements = [_statement(best.stated, scope)]
    if bearing:
        statements.append(_borne_out(best, bearing, scope))
    if close is None:
        return statements
    # Of two reports that say two things of the same, the newer one is told first.
    order = [scope.rank(one.stated.report_id) for one in (best, close)]
    rivals = close.score >= RIVALS * best.score and order[0] != order[1]
    lead = "另一份报告的数值不同，" if rivals else "另一处相近的表述，"
    if rivals and order[1] < order[0]:
        return [
            _statement(close.stated, scope),
            _statement(best.stated, scope, lead),
            *statements[1:],
        ]
    return [*statements, _statement(close.stated, scope, lead)]


def _place(one: Rated) -> tuple[str, int]:
    return one.stated.report_id, one.stated.sentence.start


def _value(stated: Stated, scope: Scope) -> str:
    return fold(stated.value.of(scope.snapshot.text(stated.report_id))).replace(",", "")


def _statement(stated: Stated, scope: Scope, lead: str = "") -> Statement:
    text = scope.snapshot.text(stated.report_id)
    value = " ".join(stated.figure.of(text).split())
    quote = " ".join(stated.sentence.of(text).split()).strip()
    return Statement(
        f"{lead}{scope.label(stated.report_id)}：{value}（“{quote}”）",
        (_evidence(stated),),
        (value,),
    )


def _borne_out(best: Rated, bearing: list[Rated], scope: Scope) -> Statement:
    """The other places that state the same value."""
    ordered = sorted(bearing, key=lambda one: scope.rank(one.stated.report_id))
    own = "该报告另一处"
    named = (
        own if one.stated.report_id == best.stated.report_id else scope.label(one.stated.report_id)
        for one in ordered
    )
    first = ordered[0].stated
    shown = " ".join(first.value.of(scope.snapshot.text(first.report_id)).split())
    evidence = tuple(_evidence(one.stated) for one in ordered)
    return Statement(f"{'、'.join(dict.fromkeys(named))}也写明{shown}", evidence, (shown,))


def _evidence(stated: Stated) -> Evidence:
    return Evidence(stated.report_id, stated.sentence.start, stated.sentence.end)


def rate_figures(query: Query, scope: Scope, hits: list[Hit]) -> list[Rated]:
    """The best figures of the passages, best first; ties by report and place."""
    asked = asked_figure(query, scope)
    rated = []
    for fit in best_fits(query, asked, scope, hits):
        prior = fit.prior
        logit = log_odds(traits_of(fit, asked), prior)
        rated.append(Rated(fit.stated, logit, math.exp(prior), _value(fit.stated, scope)))
    return rated


def best_fits(query: Query, asked: AskedFigure, scope: Scope, hits: list[Hit]) -> list[Fit]:
    """The figures that are worth weighing, by the hand-made score."""
    alike = _Alike(query, scope)
    fits: list[Fit] = []
    seen: set[tuple[str, int]] = set()
    for place, hit in enumerate(hits):
        report = scope.snapshot.report(hit.chunk.report_id)
        for index in _blocks_of(report, hit):
            if (report.report_id, index) in seen or _is_of_another(query, report, index):
                continue
            seen.add((report.report_id, index))
            key = (scope.snapshot.id, report.report_id, index)
            near = NEAREST + (1 - NEAREST) / (1 + place / 4)
            fits += [fit_of(alike(one), asked, near) for one in _of_block(key, _Held(report))]
    fits.sort(key=lambda f: (-f.prior, f.stated.report_id, f.stated.figure.start))
    return fits[:WEIGHED]


def _is_of_another(query: Query, report: Report, index: int) -> bool:
    """True for what a report or a section on one company says, where another is asked for."""
    asked = {fold(n.company.name) for n in query.companies if n.company is not None}
    if not asked:
        return False
    block = report.blocks[index]
    path = report.sections[block.section].path
    heads = [named for words in path if (named := coded_heading(words)) is not None]
    subject = report.meta.subject.value if report.meta.subject else ""
    owner = fold(heads[-1][0] if heads else subject)
    text = fold("\n".join([*path, block.span.of(report.text)]))
    return bool(owner) and not any(a in owner or owner in a or a in text for a in asked)


class _Alike:
    """Writes the question's word for a metric beside the report's own (归母净利润)."""

    def __init__(self, query: Query, scope: Scope) -> None:
        self._asked = {m.id: query.text[m.start : m.end] for m in query.metrics}
        self._vocabulary = scope.snapshot.vocabulary

    def __call__(self, one: Stated) -> Stated:
        if not self._asked:
            return one
        found = {m.metric.id for m in self._vocabulary.find_metrics(one.words)}
        words = [words for metric, words in self._asked.items() if metric in found]
        missing = [w for w in words if w not in one.words]
        return replace(one, words=" ".join((one.words, *missing))) if missing else one


class _Held:
    """Carries a report past a cache that is keyed by identity alone."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=4096)
def _of_block(key: tuple[str, str, int], held: _Held) -> tuple[Stated, ...]:
    return tuple(stated_figures(held.report, key[2]))


def _blocks_of(report: Report, hit: Hit) -> list[int]:
    return [
        index
        for index, block in enumerate(report.blocks)
        if block.span.start < hit.chunk.end
        and hit.chunk.start < block.span.end
        and block.role in {Role.BODY, Role.RISK, Role.FRONT}
    ]
