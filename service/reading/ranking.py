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

from corpus.normalise import fold
from corpus.periods import find_periods
from corpus.report import BlockKind, Report, Role
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
from service.reading.sentences import Sentence, sentences_of
from service.reading.weighing import Weighing

# A word in the block, before its list, in the heading or in the title counts less than one in the
# sentence itself.
IN_BLOCK, IN_SUBJECT, IN_LEAD, IN_HEADING, IN_TITLE = 0.75, 0.7, 0.6, 0.6, 0.35
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
    report: Report
    sentence: Sentence
    layers: tuple[tuple[str, float], ...]
    found: tuple[float, ...]  # share of each unit that the sentence itself holds


def rank(
    hits: Sequence[Hit],
    weighing: Weighing,
    expectation: Expectation,
    scope: Scope,
    roles: frozenset[str],
) -> list[Scored]:
    """All sentences of the hits, best first; ties by report and place."""
    candidates = _candidates(hits, weighing, scope, roles)
    telling = _telling(candidates, weighing)
    scored = [_score(c, weighing, telling[_block(c)], expectation) for c in candidates]
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


def lead_of(report: Report, index: int) -> str:
    """What introduces a list item or a source line: the block before its list, or the table's
    title; folded, empty if nothing does."""
    block = report.blocks[index]
    at = index - 1
    while at >= 0 and _same_list(report, at, index):
        at -= 1
    if at < 0 or report.blocks[at].section != block.section:
        return ""
    before = report.blocks[at]
    if block.kind is BlockKind.SOURCE and before.table is not None:
        return fold(report.tables[before.table].title or "")
    opens = before.kind in (BlockKind.PARAGRAPH, BlockKind.CAPTION, BlockKind.HEADING)
    return fold(before.span.of(report.text)) if opens and len(before.span) <= 200 else ""


def _same_list(report: Report, at: int, index: int) -> bool:
    other = report.blocks[at]
    return other.kind is BlockKind.LIST_ITEM and other.section == report.blocks[index].section


def _candidates(
    hits: Sequence[Hit], weighing: Weighing, scope: Scope, roles: frozenset[str]
) -> list[_Candidate]:
    seen: set[tuple[str, int]] = set()
    found: list[_Candidate] = []
    units = weighing.units
    for hit in hits:
        report = scope.snapshot.report(hit.chunk.report_id)
        for index in _blocks_of(report, hit):
            if (report.report_id, index) in seen or report.blocks[index].role.value not in roles:
                continue
            seen.add((report.report_id, index))
            key = (scope.snapshot.id, report.file.sha256, report.report_id)
            for sentence, layers in _layered(key, index, _Holder(report)):
                shares = tuple(weighing.share_of(unit, sentence.norm) for unit in units)
                found.append(_Candidate(report, sentence, layers, shares))
    return found


class _Holder:
    """Carries a report past a cache that is keyed by identity and content alone."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder)


@lru_cache(maxsize=4096)
def _layered(
    key: tuple[str, str, str], index: int, holder: _Holder
) -> tuple[tuple[Sentence, tuple[tuple[str, float], ...]], ...]:
    """The sentences of a block, each with the texts that surround it, best first."""
    report = holder.report
    sentences = sentences_of(report, index)
    section = report.sections[report.blocks[index].section]
    title = fold(report.meta.title.value) if report.meta.title else ""
    # In a report on one company 公司 is that company: its name tells no sentence from another.
    subject = fold(report.meta.subject.value) if report.meta.subject else ""
    around = (
        (" ".join(s.norm for s in sentences), IN_BLOCK),
        (subject, IN_SUBJECT),
        (lead_of(report, index), IN_LEAD),
        (fold(" ".join(section.path)), IN_HEADING),
        (title, IN_TITLE),
    )
    return tuple((s, ((s.norm, 1.0), *around)) for s in sentences)


def _blocks_of(report: Report, hit: Hit) -> list[int]:
    chunk = hit.chunk
    return [
        i
        for i, block in enumerate(report.blocks)
        if block.span.start < chunk.end and chunk.start < block.span.end
    ]


Block = tuple[str, int]


def _telling(
    candidates: Sequence[_Candidate], weighing: Weighing
) -> dict[Block, tuple[float, ...]]:
    """For each block the units' weights, times how few of its sentences hold them; what its
    opening says already (the company that the paragraph is on) hardly counts."""
    by_block: dict[Block, list[_Candidate]] = {}
    for candidate in candidates:
        by_block.setdefault(_block(candidate), []).append(candidate)
    units = weighing.units
    return {block: _weights(own, weighing, units) for block, own in by_block.items()}


def _block(candidate: _Candidate) -> Block:
    return candidate.report.report_id, candidate.sentence.block


def _weights(
    own: list[_Candidate], weighing: Weighing, units: Sequence[tuple[str, float, bool]]
) -> tuple[float, ...]:
    count = len(own)
    opening = own[0]
    before = " ".join(text for text, worth in opening.layers[2:] if text)
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
    report, sentence = candidate.report, candidate.sentence
    support = weighing.coverage(candidate.layers)
    own = weighing.coverage(candidate.layers[:1])
    total = sum(telling)
    told = sum(w * f for w, f in zip(telling, candidate.found, strict=True)) / total if total else 0
    base = BY_SUPPORT * support + BY_OWN * own + BY_TELLING * told * support
    block = report.blocks[sentence.block]
    factor = _speaks_of(candidate, weighing.entities) * _owned(sentence.norm, weighing.owners)
    factor = _by_kind(factor, block.kind, block.role, weighing.text) * _as_text(sentence.norm)
    bonus = _bonus(sentence, expectation, weighing.text)
    score = _by_answer(base * factor, sentence, expectation) + bonus
    return Scored(sentence, support, score, own, told, factor * (1 + bonus))


def _speaks_of(candidate: _Candidate, entities: Sequence[str]) -> float:
    """1 where all named things stand in the sentence, a little less where they open its block or
    head its section, less where the block says them elsewhere, least where they stand nowhere."""
    if not entities:
        return 1.0
    (sentence, _), (block, _), *above = candidate.layers
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
    """Less for the labels of a chart's axes, and for a question, which answers none."""
    factor = 0.6 if _is_chart(norm) else 1.0
    return factor * 0.6 if norm.rstrip().endswith(("?", "？")) else factor


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
