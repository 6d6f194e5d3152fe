"""Which companies a house recommends, which it only asks to watch, whose rating it changed.

A reader: `Query + Scope → Draft | None`. 推荐 and 建议关注 are never mixed.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.mentions import RECOMMENDED, WATCHED, Mention, mentions_of
from service.reading.places import line_of
from service.reading.scope import Scope
from service.reading.wording import subject_name
from service.schemas import Computation, ComputationInput

MAX_ROWS = 8
_RECOMMENDED = re.compile(
    "推荐(?:了|的)?(?:哪|谁|什么|几|多少)|推荐(?:的|了)?[^,，。?？]{0,8}?(?:公司|标的|个股|股票)|首推|(?:哪|谁).{0,8}(?:被|获|得到)?.{0,4}推荐"
)
_WATCHED = re.compile(
    "关注(?:了|的)?(?:哪|谁|什么|几|多少)|(?:建议|提示|值得)关注(?:的|了)?[^,，。?？]{0,8}?(?:公司|标的|个股|股票)"
)
_ATTITUDE = re.compile(
    "推荐.{0,4}(?:还是|或).{0,4}关注|关注.{0,4}(?:还是|或).{0,4}推荐|(?:是否|有没有|有无)?推荐了?.{0,10}吗|(?:是否|有没有)(?:被)?推荐|立场|态度"
)
_CHANGED = re.compile("(?P<what>首次覆盖|首次|上调|下调|维持)了?(?:.{0,4}评级|的)")
_ORDINARY = re.compile(
    "(?:公司|标的|个股|股票|方向|板块|推荐|关注|建议|重点|首推|提示|值得|明确|直接|正文|投资建议|原文|评级|只是|仅仅|仅|只)+"
)
_WHICH = re.compile("哪|谁|几|多少|列")


def read_stance(query: Query, scope: Scope) -> Outcome | None:
    """The companies recommended or to be watched; None for any other question."""
    if query.metrics and any(m.id != "rating" for m in query.metrics):
        return None
    if query.companies:
        return _of_companies(query, scope) if _ATTITUDE.search(query.text) else None
    changed = _CHANGED.search(query.text)
    if changed and _WHICH.search(query.text):
        return _changed(changed["what"][:2], query, scope)
    watched = _WATCHED.search(query.text)
    if query.conditions or query.rating_words or not (watched or _RECOMMENDED.search(query.text)):
        return None
    stance = WATCHED if watched and not re.search("推荐(?!.{0,6}关注)", query.text) else RECOMMENDED
    topics = [w for w, _, _ in query.leftovers if not _ORDINARY.fullmatch(w)]
    return _listed(stance, topics, scope)


def _listed(stance: str, topics: list[str], scope: Scope) -> Outcome | None:
    draft = Draft("computed", [], 0.9)
    held = 0
    for report_id in scope.speaking:
        found = [
            m
            for m in mentions_of(scope.snapshot.report(report_id), scope)
            if m.stance == stance and all(_speaks_of(topic, m) for topic in topics)
        ]
        if found:
            held += 1
            statement, computation = _statement(stance, found, scope)
            draft.add_worked(statement, computation)
        elif not topics and len(scope.speaking) == 1 and stance == RECOMMENDED:
            return _rated(report_id, scope)
    if not held:
        return None
    draft.kind = "comparison" if held > 1 else "computed"
    return draft


def _speaks_of(topic: str, mention: Mention) -> bool:
    return fold(topic) in fold(mention.topic)


def _statement(stance: str, found: list[Mention], scope: Scope) -> tuple[Statement, Computation]:
    each = list({fold(m.name): m for m in reversed(found)}.values())[::-1]
    label = scope.label(each[0].report_id)
    verb = "推荐的公司" if stance == RECOMMENDED else "建议关注的公司"
    text = f"{label}：{verb}共{len(each)}家：{'、'.join(m.name for m in each)}"
    computation = Computation(
        expression=f"count({len(each)} mentions)",
        inputs=[
            ComputationInput(
                report_id=m.report_id, start=m.place.start, end=m.place.end, value=m.name
            )
            for m in each
        ],
        result=str(len(each)),
        unit="家",
        rounding=None,
    )
    spans = list(dict.fromkeys(m.sentence for m in each))[:MAX_ROWS]
    evidence = tuple(Evidence(each[0].report_id, s.start, s.end) for s in spans)
    return Statement(text, evidence, tuple(m.name for m in each)), computation


def _rated(report_id: str, scope: Scope) -> Draft | None:
    """A house that recommends in no sentence but rates in a table: that is told, as what it is."""
    vocabulary = scope.snapshot.vocabulary
    facts = scope.snapshot.facts.find(metrics=("rating",), report_ids=(report_id,))
    good: dict[str, list[Fact]] = {}
    for fact in facts:
        rating = vocabulary.rating_of(fact.value)
        if fact.cell is not None and rating is not None and rating.rank >= 4:
            good.setdefault(fact.value, []).append(fact)
    if not good:
        return None
    told = [f for own in good.values() for f in own]
    rows = "；".join(f"{v}{len(o)}家：{'、'.join(map(subject_name, o))}" for v, o in good.items())
    lead = f"{scope.label(report_id)}：正文没有“推荐”公司的表述；表中的投资评级为"
    computation = Computation(
        expression=f"count({len(told)} cells)",
        inputs=[
            ComputationInput(report_id=f.report_id, start=f.start, end=f.end, value=f.value)
            for f in told
        ],
        result=str(len(told)),
        unit="家",
        rounding=None,
    )
    evidence = tuple(Evidence.of_fact(f) for f in told[:MAX_ROWS])
    statement = Statement(f"{lead}{rows}", evidence, tuple(f.subject for f in told))
    return Draft("computed", [statement], 0.75, computation=computation)


def _of_companies(query: Query, scope: Scope) -> Outcome | None:
    """What each report says of the companies that the question names."""
    statements: list[Statement] = []
    asks_one = bool(re.search("吗|是否|有没有", query.text)) and "还是" not in query.text
    for named in query.companies:
        wanted = fold(named.company.name if named.company else named.text)
        for report_id in scope.speaking:
            found = [
                m
                for m in mentions_of(scope.snapshot.report(report_id), scope)
                if fold(m.name) in wanted or wanted in fold(m.name)
            ]
            for stance in dict.fromkeys(m.stance for m in found):
                own = [m for m in found if m.stance == stance]
                lead = "" if not asks_one else "是，" if stance == RECOMMENDED else "不是，"
                text = f"{lead}{scope.label(report_id)}：{own[0].name}列在“{stance}”之列"
                spans = list(dict.fromkeys(m.sentence for m in own))[:2]
                evidence = tuple(Evidence(report_id, s.start, s.end) for s in spans)
                statements.append(Statement(text, evidence, (f"“{stance}”",)))
    if not statements:
        return None
    across = len({e.report_id for s in statements for e in s.evidence}) > 1
    return Draft("comparison" if across else "passage", statements, 0.9)


def _changed(change: str, query: Query, scope: Scope) -> Outcome | None:
    """The reports that print such a change beside their rating."""
    statements: list[Statement] = []
    for report_id in scope.speaking:
        meta = scope.records[report_id].meta
        rating, printed = meta.rating, meta.rating_change
        if rating is None or rating.span is None or printed is None or change not in printed.value:
            continue
        report = scope.snapshot.report(report_id)
        line = line_of(report, rating.span)
        if meta.subject:
            what = f"公司评级（{meta.subject.value}）"
        else:
            what = f"行业评级（{meta.industry.value}）" if meta.industry else "评级"
        text = f"{scope.label(report_id)}：{what}为{rating.value}（{printed.value}）"
        evidence = (Evidence(report_id, line.start, line.end),)
        statements.append(Statement(text, evidence, (rating.value,)))
    if not statements:
        return None
    return Draft("comparison" if len(statements) > 1 else "metadata", statements, 0.9)
