"""Sentences of the passages found, ranked by how well they carry the question.

Between the index's hits and the prose reader. A sentence counts for what it covers itself, for what
its surroundings cover, and most for the words that tell it from its neighbours: in a paragraph on
one company the company's name tells nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import mul

from corpus.periods import find_periods
from corpus.report import BlockKind, Role
from indexer.records import Hit
from service.reading.expectation import (
    Expectation,
    Expected,
    contradicts,
    defines,
    defines_fully,
    fits,
)
from service.reading.scope import Scope
from service.reading.sentences import Sentence
from service.reading.surroundings import Surrounded, surrounded
from service.reading.weighing import Weighing, share

# Shares of the rank score, chosen on the training part of CMRC2018 (bench/notes/prose.md).
BY_SUPPORT, BY_OWN, BY_TELLING = 0.45, 0.1, 0.45
TOPIC = 0.2  # what is left of the weight of a word that the block opens with
# A sentence on the asked time keeps its score; one on no time, or on another, loses some.
NO_TIME, OTHER_TIME = 0.9, 0.75
PERIOD_DEPTH = 30
CHART = 0.4  # share of digits from which a text is no sentence
OTHER_OWNER = 0.8
OPENING = 60  # characters in which a block says whom it is on
AS_TOPIC, ELSEWHERE = 0.97, 0.85
ABSENT = 0.5  # what is left of a score where no named thing of the question stands
MISFIT = 0.55  # a sentence without any date cannot say when
A_QUESTION = 0.25
# 哪年 … in a statement asks too, be the mark left out: 1 in 700 sentences of news reads so.
_ASKING = re.compile(
    r"(?:多少|几[集家个]|谁|是什么|哪[些里儿]?|如何|怎么样|怎样|吗|呢)\W*$|哪一?[年天日月]|什么时候|(?<!任)(?<!论)何时|是多少|为什么"
)
_TITLES = re.compile("《[^》]*》|“[^”]*”|【[^】]*】")
_NAMES_ASKED = re.compile("公司|企业|标的|股票|个股|[些几只]票|龙头|单位|机构")
_NAMES_LISTED = re.compile("【[^】]*、|(?:如|有|包括|推荐|关注)[^，。；]{2,40}、[^。；]{2,}等")
_SOURCE_ASKED = re.compile("来源|出处|引自")


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence and how well it fits.

    Args:
        support: share of the question that it and its surroundings cover; `own`: it alone.
        told: share of the words that tell it from its neighbours.
        factor: what the score was multiplied with by rule, above 0: whom it speaks of, what
            kind of text it is, which time it is on.
        probability: that it holds the answer, if any sentence does; 0 before `judging`.
        logit: what the probability comes from, comparable across questions; 0 before `judging`.
    """

    sentence: Sentence
    support: float
    score: float
    own: float
    told: float = 0.0
    factor: float = 1.0
    probability: float = 0.0
    logit: float = 0.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence, its block, and the share of each unit that the two hold."""

    within: Surrounded
    sentence: Sentence
    found: tuple[float, ...]  # by the sentence itself
    best: tuple[float, ...]  # by it or, counting less, by what surrounds it


def rank(
    hits: Sequence[Hit],
    weighing: Weighing,
    expectation: Expectation,
    scope: Scope,
    roles: frozenset[str],
) -> list[Scored]:
    """All sentences of the hits, best first; ties by report and place."""
    units = weighing.units
    scored: list[Scored] = []
    for within in surrounded(hits, scope.snapshot, roles):
        own = _candidates(within, weighing, units)
        telling = _weights(own, weighing, units) if own else ()
        scored += [_score(c, weighing, telling, expectation) for c in own]
    scored = _by_period(scored, weighing, scope)
    return sorted(scored, key=lambda s: (-s.score, s.sentence.report_id, s.sentence.span.start))


def _by_period(scored: list[Scored], weighing: Weighing, scope: Scope) -> list[Scored]:
    """Sentences on another time than the asked one step back; only the best are looked at."""
    if not weighing.periods:
        return scored
    best = sorted(scored, key=lambda s: -s.score)[:PERIOD_DEPTH]
    factors = {id(s): _period_factor(s.sentence, weighing.periods, scope) for s in best}
    timed = ((s, factors.get(id(s), OTHER_TIME)) for s in scored)
    return [replace(s, score=s.score * f, factor=s.factor * f) for s, f in timed]


def _period_factor(sentence: Sentence, asked: Sequence[str], scope: Scope) -> float:
    day = scope.published(sentence.report_id)
    stated = {p.period.label for p in find_periods(sentence.norm, today=day)}
    if not stated:
        return NO_TIME
    if any(label in stated for label in asked):
        return 1.0
    years = {label[:4] for label in stated}
    return NO_TIME if any(label[:4] in years for label in asked) else OTHER_TIME


def _candidates(
    within: Surrounded, weighing: Weighing, units: Sequence[tuple[str, float, bool]]
) -> list[_Candidate]:
    # What a whole block lacks, none of its sentences has: each is asked for the rest only.
    (block, in_block), *above = within.around
    held = [weighing.share_of(unit, block) for unit in units]
    around = [in_block * one for one in held]
    for number, unit in enumerate(units):
        for text, worth in above:
            if worth <= around[number]:
                break  # the layers come best first: no further one counts more
            around[number] = max(around[number], worth * weighing.share_of(unit, text))
    present = [(n, unit, unit[2]) for n, unit in enumerate(units) if held[n]]
    candidates = []
    for sentence in within.sentences:
        found = [0.0] * len(units)
        norm = sentence.norm
        for number, (word, _, _), whole in present:
            if word in norm:
                found[number] = 1.0
            elif not whole:
                found[number] = share(word, norm)
        best = tuple(map(max, found, around))
        candidates.append(_Candidate(within, sentence, tuple(found), best))
    return candidates


def _weights(
    own: list[_Candidate], weighing: Weighing, units: Sequence[tuple[str, float, bool]]
) -> tuple[float, ...]:
    count = len(own)
    opening = own[0]
    before = opening.within.before
    weights: list[float] = []
    topical: list[bool] = []
    for number, unit in enumerate(units):
        holding = sum(1 for c in own if c.found[number] >= 0.6)
        rare = math.log((count + 1) / (holding + 0.5)) / math.log(2 * count + 2)
        weights.append(unit[1] * max(rare, 0.05) if holding else 0.0)
        known = opening.found[number] >= 0.6 or weighing.share_of(unit, before) >= 0.6
        topical.append(known)
    if any(w and not t for w, t in zip(weights, topical, strict=True)):
        weights = [w * TOPIC if t else w for w, t in zip(weights, topical, strict=True)]
    return tuple(weights)


def _score(
    candidate: _Candidate,
    weighing: Weighing,
    telling: tuple[float, ...],
    expectation: Expectation,
) -> Scored:
    within, sentence = candidate.within, candidate.sentence
    support = weighing.held(candidate.best)
    own = weighing.held(candidate.found)
    total = sum(telling)
    told = sum(map(mul, telling, candidate.found)) / total if total else 0
    base = BY_SUPPORT * support + BY_OWN * own + BY_TELLING * told * support
    factor = _speaks_of(candidate, weighing.entities) * _owned(sentence.norm, weighing.owners)
    factor = _by_kind(factor, within.kind, within.role, weighing.text) * _as_text(sentence.norm)
    bonus = _bonus(sentence, expectation, weighing.text)
    score = _by_answer(base * factor, sentence, expectation) + bonus
    return Scored(sentence, support, score, own, told, factor * (1 + bonus))


def _speaks_of(candidate: _Candidate, entities: Sequence[str]) -> float:
    """1 where all named things stand in the sentence, a little less where they open its block or
    head its section, less where the block says them elsewhere, least where they stand nowhere."""
    if not entities:
        return 1.0
    sentence = candidate.sentence.norm
    (block, _), *above = candidate.within.around
    opening = [block[:OPENING], *(text for text, _ in above)]
    held = 0.0
    for entity in entities:
        if entity in sentence:
            held += 1.0
        elif any(entity in text for text in opening):
            held += AS_TOPIC
        else:
            held += ELSEWHERE if entity in block else ABSENT
    return held / len(entities)


def _owned(norm: str, owners: Sequence[str]) -> float:
    """Less for a sentence that names the metric of somebody else."""
    if not owners:
        return 1.0
    return OTHER_OWNER + (1 - OTHER_OWNER) * sum(o in norm for o in owners) / len(owners)


def _by_kind(score: float, kind: BlockKind, role: Role, question: str) -> float:
    """Headings, captions and source lines seldom answer, unless they are asked for."""
    if kind is BlockKind.SOURCE and _SOURCE_ASKED.search(question):
        return score * 1.2
    if kind in (BlockKind.HEADING, BlockKind.CAPTION, BlockKind.SOURCE):
        score *= 0.6
    if role in (Role.FRONT, Role.RELATED):
        score *= 0.5
    return score


@lru_cache(maxsize=4096)
def _is_chart(norm: str) -> bool:
    return sum(map(str.isdigit, norm)) > CHART * len(norm)


def _as_text(norm: str) -> float:
    """Less for the labels of a chart's axes, least for a question, which answers none."""
    factor = 0.6 if _is_chart(norm) else 1.0
    if is_question(norm):
        return factor * A_QUESTION
    return factor * 0.6 if norm.rstrip().endswith("?") else factor


@lru_cache(maxsize=16_384)
def is_question(norm: str) -> bool:
    """True if a folded sentence asks, and nothing that it says behind its question answers."""
    last = norm.rstrip(" ?").rsplit("?", 1)[-1]
    return bool(_ASKING.search(last)) and bool(_ASKING.search(_TITLES.sub("", last)))


def _by_answer(score: float, sentence: Sentence, expectation: Expectation) -> float:
    """Whether the sentence can hold the kind of answer that is asked for."""
    norm, kind = sentence.norm, expectation.kind
    fitting = fits(expectation, norm)
    if fitting is False and kind in (Expected.WHEN, Expected.NUMBER):
        score *= MISFIT
    elif fitting and kind in (Expected.WHY, Expected.WHERE, Expected.WHO):
        score += 0.05
    return score - min(len(norm), 400) / 8000


def _bonus(sentence: Sentence, expectation: Expectation, question: str) -> float:
    """What a sentence gains that defines, that lists, or that gives a false premise its figure."""
    norm, bonus = sentence.norm, 0.0
    if expectation.kind is Expected.DEFINITION:
        bonus += 0.3 if defines(expectation.subject, norm) else 0.0
        bonus += 0.1 if defines_fully(expectation.subject, norm) else 0.0
    if expectation.kind is Expected.LIST and norm.count("、") >= 2:
        bonus += 0.1
        if _NAMES_ASKED.search(question) and _NAMES_LISTED.search(norm):
            bonus += 0.08
    return bonus + 0.12 if contradicts(question, norm) else bonus
