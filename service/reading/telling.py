"""The draft of a prose answer: houses side by side, lists whole, premises held against the report.

Foot of `prose`: judged sentences → `Draft`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.report import BlockKind
from service.query import Query
from service.reading.composing import (
    LONG_CHARS,
    MAX_CHARS,
    ordered,
    pieces_of,
    statements_of,
    whole,
)
from service.reading.draft import Draft, Statement
from service.reading.expectation import Expectation, Expected
from service.reading.gathering import gather
from service.reading.premises import asks_yes_no, premises_of
from service.reading.ranking import Scored
from service.reading.scope import Scope
from service.reading.sentences import sentences_of
from service.reading.traits import Asked
from service.schemas import Missing

# Below this share of the question's weight nothing is said (bench/notes/prose.md).
MIN_SUPPORT = 0.5
# A question for a reason or a view seldom uses the report's own words.
MIN_SUPPORT_OPEN = 0.33
# The first item of an enumeration within a sentence, and what a later item opens with.
_FIRST_ITEM = re.compile("(?:^|[:：；;，,。])\\s*(?:[（(]?1[)）、](?!\\d)|①|一是|首先|第一[,，、])")
_NEXT_ITEM = re.compile(
    "\\s*(?:[（(]?[2-9][)）、](?!\\d)|[②-⑨]|[二三四五六七八九]是|其次|再次|最后|第[二三四五六七八九][,，、])"
)
# What something leads to stands behind it.
_CONSEQUENCE = re.compile("意义|好处|影响|作用|结果|意味着|效果|后果")
MAX_FOLLOWING = 5
# Reports that are set side by side; more would be a list that nobody reads.
MAX_REPORTS = 6
_VIEWS = re.compile("看法|观点|态度|怎么看|如何看|咋看|判断|分歧|评价|看待")
_OPINION = re.compile("认为|预计|预期|看好|看淡|建议|判断|有望|相信|推荐|担忧|我们|难以|价值|意义")
# An opinion that speaks of the matter nearly as fully as the best sentence goes before it.
_NEARLY = 0.9


def draft_of(
    query: Query, ranked: list[Scored], asked: Asked, expectation: Expectation, scope: Scope
) -> Draft:
    """The draft from judged sentences, most probable first; at least one."""
    weighing = asked.weighing
    # 谁更看好 sets houses side by side; articles by no house have no view to compare.
    housed = any(scope.broker(s.sentence.report_id) for s in ranked[:MAX_REPORTS])
    asks_all = (query.all_brokers or query.compare) and not query.known_brokers
    across = asks_all and housed and len(scope.speaking) > 1
    several = len(query.known_brokers) > 1
    statements: list[Statement] = []
    if across or several:
        least = MIN_SUPPORT_OPEN if several else MIN_SUPPORT
        for own in _by_report(ranked, scope)[:MAX_REPORTS]:
            if own[0].support >= least:
                own = _views(own) if _VIEWS.search(query.text) else own
                statements.extend(_told(own, asked, expectation, scope))
    if not statements:
        statements = _of_premise(query, ranked, asked, expectation, scope)
    if not statements:
        statements = gather(query, ranked[0].sentence, weighing, expectation, scope)
    if not statements:
        statements = _told(ranked, asked, expectation, scope)
    reports = {e.report_id for s in statements for e in s.evidence}
    confidence = round(min(0.5 + 0.5 * ranked[0].support, 0.95), 2)
    draft = Draft("comparison" if len(reports) > 1 else "passage", statements, confidence)
    if several:
        _add_silent(draft, query, {scope.broker(i) for i in reports})
    return draft


def _views(own: list[Scored]) -> list[Scored]:
    """The opinions among a house's sentences; all of them where it has none on the matter."""
    least = _NEARLY * own[0].support
    opinions = [s for s in own if s.support >= least and _OPINION.search(s.sentence.norm)]
    return opinions or own


def _of_premise(
    query: Query, ranked: list[Scored], asked: Asked, expectation: Expectation, scope: Scope
) -> list[Statement]:
    """是 or 不是 and the sentence that bears it, with the reason behind a 是; the correction, where
    another question takes for granted what the report says otherwise; both sentences, where they
    disagree."""
    found = premises_of(query, ranked, asked, scope)
    if not found:
        return []
    first = found[0]
    other = next((p for p in found if p.holds is not first.holds), None)
    chosen = [first.scored, *([other.scored] if other is not None else [])]
    statements = [s for one in chosen for s in statements_of([whole(one)], scope)]
    lead = "报告中的表述不一，" if other is not None else first.lead(asks_yes_no(query))
    statements[0] = replace(statements[0], text=f"{lead}{statements[0].text}")
    if other is not None or not first.holds:
        return statements
    return [*statements, *_beside(statements[0], _told(ranked, asked, expectation, scope), scope)]


def _beside(first: Statement, told: list[Statement], scope: Scope) -> list[Statement]:
    """What is told beside a 是, as far as there is room; who spoke last is not named again."""
    kept: list[Statement] = []
    room, last = LONG_CHARS - len(first.text), first.evidence[0].report_id
    for one in told:
        apart = all(
            e.report_id != f.report_id or e.end <= f.start or f.end <= e.start
            for e in one.evidence
            for f in first.evidence
        )
        if not apart or len(one.text) > room:
            continue
        report_id = one.evidence[0].report_id
        label = f"{scope.label(report_id)}："
        words = one.text.removeprefix(label)
        kept.append(replace(one, text=words if report_id == last else f"{label}{words}"))
        room, last = room - len(one.text), report_id
    return kept


def _add_silent(draft: Draft, query: Query, heard: set[str | None]) -> None:
    """Names the houses that were asked for and say nothing on the matter."""
    for house in query.known_brokers:
        if house not in heard:
            gap = Missing(slot="broker", asked=house, reason="low_support", instead=[])
            draft.missing.append(gap)
            draft.statements.append(Statement(f"{house}的报告没有直接谈到这一点", ()))


def _by_report(ranked: list[Scored], scope: Scope) -> list[list[Scored]]:
    """The sentences of each report, newest report first."""
    own: dict[str, list[Scored]] = {}
    for one in ranked:
        own.setdefault(one.sentence.report_id, []).append(one)
    return [own[i] for i in scope.speaking if i in own]


def _told(
    ranked: list[Scored], asked: Asked, expectation: Expectation, scope: Scope
) -> list[Statement]:
    """The best pieces, and the sentences that the best one promises."""
    housed = scope.broker(ranked[0].sentence.report_id) is not None
    longer = housed and expectation.kind in (Expected.WHY, Expected.HOW, Expected.LIST)
    pieces = pieces_of(ranked, asked, scope, LONG_CHARS if longer else MAX_CHARS)
    promised = _with_next([ranked[0]], expectation, scope, asked.weighing.text)[1:]
    chars = sum(len(s.sentence.norm) for s in (ranked[0], *promised))
    opens = expectation.kind is Expected.LIST or ranked[0].sentence.norm.endswith((":", "："))
    if promised and (opens or housed or chars <= MAX_CHARS):
        kept = [p for p in pieces if p.scored.sentence.span == ranked[0].sentence.span]
        pieces = [*kept, *(whole(s) for s in promised)]
    return statements_of(ordered(pieces), scope)


def _with_next(
    chosen: list[Scored], expectation: Expectation, scope: Scope, question: str
) -> list[Scored]:
    """A sentence that ends in a colon or a comma promises what follows; a list promises more."""
    best = chosen[0]
    bare = best.sentence.norm.rstrip("* ")
    if expectation.kind is Expected.LIST and _FIRST_ITEM.search(bare):
        return [*chosen, *_further_items(best, chosen, scope)]
    heading = len(bare) < 24 and expectation.kind in (Expected.WHY, Expected.HOW)
    heading = heading or bool(_CONSEQUENCE.search(question))
    if not bare.endswith((":", "：", "，", ",")) and not heading:
        return chosen
    report = scope.snapshot.report(best.sentence.report_id)
    follow = sentences_of(report, best.sentence.block)[best.sentence.place + 1 :]
    wanted = MAX_FOLLOWING if expectation.kind is Expected.LIST else 1
    section = report.blocks[best.sentence.block].section
    for index in range(best.sentence.block + 1, len(report.blocks)):
        if len(follow) >= wanted or report.blocks[index].section != section:
            break
        if report.blocks[index].kind in (BlockKind.SOURCE, BlockKind.HEADING):
            break
        follow += sentences_of(report, index)[:1] if wanted > 1 else sentences_of(report, index)
    taken = {s.sentence.span for s in chosen}
    added = [Scored(s, best.support, best.score, best.own) for s in follow[:wanted]]
    return [*chosen, *(a for a in added if a.sentence.span not in taken)]


def _further_items(best: Scored, chosen: list[Scored], scope: Scope) -> list[Scored]:
    """The items 2), 3) … that stand as sentences of their own behind the one that holds 1)."""
    report = scope.snapshot.report(best.sentence.report_id)
    taken = {s.sentence.span for s in chosen}
    items: list[Scored] = []
    for sentence in sentences_of(report, best.sentence.block)[best.sentence.place + 1 :]:
        if not _NEXT_ITEM.match(sentence.norm) or len(items) >= MAX_FOLLOWING:
            break
        if sentence.span not in taken:
            items.append(Scored(sentence, best.support, best.score, best.own))
    return items
