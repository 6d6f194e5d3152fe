"""Prose questions: the shortest verbatim sentences that answer, or why there are none.

A reader: `Query + Scope + hits → Draft | Refusal`. Sentences are ranked by how much of the
question they and their surroundings cover, each word weighing by its rarity in the corpus.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.normalise import fold
from corpus.periods import find_periods
from corpus.report import Role
from indexer.records import Filters, Hit
from indexer.search import search
from service import refusals
from service.query import Query
from service.reading.certainty import certainty_of
from service.reading.draft import Outcome, Refusal
from service.reading.expectation import Expectation, Expected, expectation_of, fits
from service.reading.judging import judge
from service.reading.metadata import about_companies
from service.reading.ranking import Scored, rank
from service.reading.scope import Scope
from service.reading.stated import asks_for_figure, read_stated
from service.reading.telling import MIN_SUPPORT, MIN_SUPPORT_OPEN, draft_of
from service.reading.traits import asked_of
from service.reading.weighing import Weighing, share, weigh_question

# How many chunks are read closely; the answer's chunk was among the first 20 in 99 % of CMRC.
READ_CHUNKS = 20
OWN_CHUNKS = 10
# From this share of words that stand nowhere on, the matter itself is foreign.
UNKNOWN_MATTER = 0.35
# That sides are compared says nothing of the matter.
_SIDES = re.compile(
    "不同|异同|分歧|差异|区别|差别|相同|一致|看法|观点|态度|怎么看|看待|对比|比较|分别|两家?"
)
_STEM = 2  # characters of a name that stand for it in its text: 蓝思 for 蓝思科技
_MONEY = re.compile("金额|费用|投资额|价格|票房|造价|总价|售价|资金|预算|市值|营收|收入|利润")
_PAID = re.compile(
    "多少钱|(?:花费?|付|支付|出)了?多少|(?:费用?|金额|价格|成本|授权费)(?:是|为|有)?多少"
)
_CURRENCY = re.compile(r"\d\s*(?:万|亿|百万|千万)*\s*(?:元|美元|港元|欧元|日元|人民币)")

_ORDINARY = frozenset(
    {Role.BODY.value, Role.RISK.value, Role.FRONT.value, Role.PROFILE.value, Role.RELATED.value}
)
_ASKED_ROLES = (
    (
        re.compile(
            "免责|声明|版权|转载|翻版|刊载|引用|法律责任|资格|承诺|客户|利益冲突|持有|"
            "义务|保证|担保|打包票|(?:准确|完整|可靠|真实)性?|"
            "持有.{0,8}证券|业务资格"
        ),
        (Role.DISCLAIMER, Role.CERTIFICATION),
    ),
    (
        re.compile("地址|邮编|邮政编码|传真|网址|网站|官网|电话|总部|位于"),
        (Role.CONTACT, Role.DISCLAIMER, Role.FRONT),
    ),
    (re.compile("评级|基准|买入|增持|减持|中性|指数|参照"), (Role.RATING_DEFINITION,)),
    (re.compile("目录|章节|几个部分|几章"), (Role.CONTENTS,)),
)


def read_prose(query: Query, scope: Scope, strict: bool = False) -> tuple[Outcome, list[Hit]]:
    """The answer in the reports' own sentences, and the passages that were read.

    Args:
        strict: the question is for a figure that no table holds: the sentence must name company
            and metric and state a number of the asked period.
    """
    roles = roles_of(query)
    expectation = expectation_of(query.text)
    hits = find_passages(query, scope, roles)
    own = own_reports(query, scope)
    hits = [*hits, *_within(own, query, scope, roles, hits)]
    weighing = _weighed(query, scope, own)
    absent = absent_subject(scope, weighing)
    if absent or not hits or not weighing.words:
        if not absent and (query.brokers or query.companies):
            return refusals.low_support(query.asked), hits
        return refusals.not_in_corpus(absent or query.asked, scope), hits
    stated = read_stated(query, scope, hits)
    if stated is not None:
        return stated, hits
    asked = asked_of(weighing)
    scored = rank(hits, weighing, expectation, scope, roles)
    ranked = judge(scored, hits, asked, expectation, scope)
    certainty = certainty_of(ranked, hits, asked, expectation, scope) if ranked else None
    if certainty is not None and certainty.absent:
        sure = round(1 - certainty.present, 2) if certainty.article else None
        return _nothing(query, weighing, scope, sure), hits
    if strict:
        ranked = [s for s in ranked if _states_figure(s, query, scope)]
    elif query.periods and asks_for_figure(query):
        # Some figure of some period would be worse than none.
        return refusals.low_support(query.asked), hits
    ranked = _about(ranked, own, query, scope)
    # An article is judged by what was learnt on articles, a report by the rules.
    if ranked and not (certainty is not None and certainty.article):
        ranked = _answering(ranked, weighing, expectation, scope)
    if not ranked:
        return _nothing(query, weighing, scope), hits
    draft = draft_of(query, ranked, asked, expectation, scope)
    if certainty is not None and certainty.article:
        draft.confidence = round(certainty.present * certainty.right, 2)
    return draft, hits


def _about(ranked: list[Scored], own: tuple[str, ...], query: Query, scope: Scope) -> list[Scored]:
    """A report that nowhere names the company does not speak of it; where the best sentence stands
    in the company's own report, those of others must name it themselves."""
    named = query.companies[0] if len(query.companies) == 1 else None
    if not ranked or named is None or named.company is None:
        return ranked
    name = fold(named.company.name)
    stem = name[:_STEM]
    if named.company.code:
        ids = {s.sentence.report_id for s in ranked} - set(own)
        silent = {i for i in ids if stem not in fold(scope.snapshot.text(i))}
        ranked = [s for s in ranked if s.sentence.report_id not in silent]
    if not ranked or ranked[0].sentence.report_id not in own:
        return ranked

    def names(one: Scored) -> bool:
        report = scope.snapshot.report(one.sentence.report_id)
        return name in fold(report.blocks[one.sentence.block].span.of(report.text))

    return [s for s in ranked if s.sentence.report_id in own or names(s)]


def _nothing(query: Query, weighing: Weighing, scope: Scope, sure: float | None = None) -> Refusal:
    """Half of the matter stands nowhere: not in the corpus; else passages touch it."""
    named = query.brokers or query.companies or weighing.subjects
    foreign = weighing.unknown >= UNKNOWN_MATTER and not named
    said = refusals.not_in_corpus(query.asked, scope) if foreign else None
    refusal = said or refusals.low_support(query.asked)
    return refusal if sure is None else replace(refusal, confidence=sure)


def find_passages(
    query: Query, scope: Scope, roles: frozenset[str] | None, k: int = READ_CHUNKS
) -> list[Hit]:
    """The chunks to read, best first."""
    if not scope.speaking:
        return []
    everyone = len(scope.speaking) == len(scope.records)
    filters = Filters() if everyone else Filters(report_ids=scope.speaking)
    words = search_words(query) or query.text
    if len(query.known_brokers) > 1:
        return _of_each_house(words, query.known_brokers, scope, roles, k)
    return search(scope.snapshot, words, k, filters, roles=roles)


def _of_each_house(
    words: str, houses: tuple[str, ...], scope: Scope, roles: frozenset[str] | None, k: int
) -> list[Hit]:
    """As many chunks of each house that is asked for: the wordiest would take all places."""
    found: list[Hit] = []
    for house in houses:
        own = tuple(i for i in scope.speaking if scope.broker(i) == house)
        filters = Filters(report_ids=own)
        each = max(k // len(houses), 1)
        found += search(scope.snapshot, words, each, filters, roles=roles) if own else []
    best = sorted(found, key=lambda h: (-h.score, h.chunk.passage_id))
    return [replace(hit, rank=rank) for rank, hit in enumerate(best, start=1)]


def own_reports(query: Query, scope: Scope) -> tuple[str, ...]:
    """The reports on the one company that is named: there 公司 stands for its name."""
    names = {fold(n.company.name) for n in query.companies if n.company is not None}
    if len(query.companies) != 1 or not names:
        return ()
    subjects = {i: scope.records[i].meta.subject for i in scope.speaking}
    return tuple(i for i, one in subjects.items() if one and fold(one.value) in names)


def _weighed(query: Query, scope: Scope, own: tuple[str, ...]) -> Weighing:
    """The question's words; without the company's name where it has reports of its own, for it
    tells no sentence of them from another (whom one speaks of still counts: `entities`)."""
    weighing = weigh_question(query, scope.snapshot)
    if query.compare or len(query.brokers) > 1:
        every = (*weighing.words, *weighing.pairs)
        rest = weighing.without([w for w, _ in every if _SIDES.fullmatch(w)])
        weighing = rest if rest.words else weighing
    if not own:
        return weighing
    one = query.companies[0]
    said = query.text[one.start : one.end]
    named = [w for w, _ in weighing.words if w in said]
    rest = weighing.without([*named, said])
    return rest if rest.words else weighing


def _within(
    own: tuple[str, ...], query: Query, scope: Scope, roles: frozenset[str], hits: list[Hit]
) -> list[Hit]:
    """Further chunks of a company's own reports, searched for without its name."""
    if not own:
        return []
    words = query.text
    for one in sorted(query.companies, key=lambda n: -n.start):
        words = f"{words[: one.start]} {words[one.end :]}"
    found = search(scope.snapshot, words, OWN_CHUNKS, Filters(report_ids=own), roles=roles)
    known = {h.chunk.passage_id for h in hits}
    return [h for h in found if h.chunk.passage_id not in known]


def nearest_passages(query: Query, scope: Scope, k: int) -> list[Hit]:
    """What a refusal shows: the nearest passages of the reports that may speak.

    Where no passage shares a word with the question, all are equally far (score 0): each report
    shows where its text begins, the newest first.
    """
    if not scope.within:
        return []
    # First of the house that is asked for, then of any report inside the filters.
    for within in (scope.speaking, scope.within):
        filters = Filters(report_ids=within)
        found = search(scope.snapshot, query.text, k, filters) if within else []
        if found:
            return found
    openings: list[Hit] = []
    for report_id in (scope.speaking or scope.within)[:k]:
        chunks = scope.snapshot.chunks_of(report_id)
        body = next((c for c in chunks if c.role == Role.BODY), chunks[0] if chunks else None)
        if body is not None:
            openings.append(Hit(body, 0.0, len(openings) + 1))
    return openings


def search_words(query: Query) -> str:
    """The question without the brokers that are already a filter."""
    text = query.text
    for broker in sorted(query.brokers, key=lambda b: -b.start):
        if broker.known:
            text = text[: broker.start] + " " + text[broker.end :]
    return text.strip()


def absent_subject(scope: Scope, weighing: Weighing) -> str:
    """A name in the question that stands in no report that may answer; empty if one does."""
    absent = [
        word
        for word in weighing.subjects
        if not scope.snapshot.mentions(word, report_ids=frozenset(scope.speaking), limit=1)
    ]
    return absent[0] if absent and len(absent) == len(weighing.subjects) else ""


def roles_of(query: Query) -> frozenset[str]:
    """The roles that may answer: disclaimers, addresses, rating scales only where asked for."""
    roles = set(_ORDINARY)
    for pattern, asked in _ASKED_ROLES:
        if pattern.search(query.text):
            roles.update(role.value for role in asked)
    if query.companies:  # 海天食品的客户 are not those whom a disclaimer speaks to
        roles.discard(Role.DISCLAIMER.value)
    return frozenset(roles)


def _answering(
    ranked: list[Scored], weighing: Weighing, expectation: Expectation, scope: Scope
) -> list[Scored]:
    """The ranking from the first sentence on that can hold the answer; empty if none can."""
    strict = expectation.kind in (Expected.WHEN, Expected.NUMBER, Expected.WHO, Expected.WHERE)
    if ranked[0].support < (MIN_SUPPORT if strict else MIN_SUPPORT_OPEN):
        return []
    if expectation.kind in (Expected.WHO, Expected.WHICH):
        spoken = [s for s in ranked[:4] if _names_attribute(s, weighing, scope)]
        return [*spoken, *(s for s in ranked if s not in spoken)] if spoken else []
    if expectation.kind not in (Expected.WHEN, Expected.NUMBER):
        return ranked
    for at, scored in enumerate(ranked[:8]):
        if scored.support < max(MIN_SUPPORT, 0.8 * ranked[0].support):
            continue
        named = expectation.kind is Expected.WHEN or _names_attribute(scored, weighing, scope)
        if named and fits(expectation, scored.sentence.norm):
            return ranked[at:]
    return []


def _names_attribute(scored: Scored, weighing: Weighing, scope: Scope) -> bool:
    """The asked attribute (工期, 票房) must be spoken of where the answer stands; an amount of
    money needs a currency."""
    if _PAID.search(weighing.text):
        return bool(_CURRENCY.search(scored.sentence.norm))
    if not weighing.attribute:
        return True
    if _MONEY.search(weighing.attribute):
        return bool(_CURRENCY.search(scored.sentence.norm))
    report = scope.snapshot.report(scored.sentence.report_id)
    block = report.blocks[scored.sentence.block]
    heading = " ".join(report.sections[block.section].path[-1:])
    around = fold(block.span.of(report.text)) + fold(heading)
    return share(weighing.attribute, around) >= 0.4


def _states_figure(scored: Scored, query: Query, scope: Scope) -> bool:
    """True if a sentence itself states a number of the asked company, metric and period."""
    norm = scored.sentence.norm
    if not re.search(r"\d", norm):
        return False
    report = scope.snapshot.report(scored.sentence.report_id)
    block = report.blocks[scored.sentence.block]
    around = fold("\n".join([*report.sections[block.section].path, block.span.of(report.text)]))
    named = (fold(n.company.name if n.company else n.text) in around for n in query.companies)
    # A report on one company seldom repeats its name beside each figure.
    if not all(named) and report.report_id not in about_companies(query, scope).speaking:
        return False
    stated = {m.metric.id for m in scope.snapshot.vocabulary.find_metrics(norm)}
    if not any(m.id in stated or query.text[m.start : m.end] in norm for m in query.metrics):
        return False
    periods = {p.period.label for p in find_periods(norm)}
    if not periods:  # 毛利率为30.5% goes on with the year of the sentence before it
        before = find_periods(around[: max(around.find(norm), 0)])
        periods = {p.period.label for p in before[-1:]}
    return not query.periods or bool(periods & {p.period.label for p in query.periods})
