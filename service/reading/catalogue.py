"""Questions about the collection itself: which reports there are, of which houses, the newest.

A reader: `Query + Scope → Outcome | None`, answering from page one of the reports that may speak.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from corpus.report import Span
from indexer.records import Mention
from service import refusals
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.places import line_of, opening_of, places_of, title_of
from service.reading.scope import Scope

MAX_LISTED = 8  # a longer list is one for GET /v1/reports
_MENTIONS = 5000  # places of a word that are looked through for the reports that hold it
_REPORTS = "(?:研究报告|研报|报告|文档|资料|文件)"
_HELD = "(?:收录|收进|收集|收|入库|包含|包括|导入|索引|存|保存|拥有|有)"
_ASKED = re.compile(
    f"(?:{_HELD}(?:了|有|的)?)?(?:的)?(?:都|一共|总共|共)?(?:有|是)?(?:哪些|哪几[篇份个]|几[篇份个]|多少[篇份个]?|什么|啥){_REPORTS}"
    f"|(?:{_HELD}(?:了|有)?)(?:哪些|哪几|几|多少)[家个]?(?:券商|机构|证券公司)?的?{_REPORTS}"
    f"|{_REPORTS}(?:都|一共|总共|共)?(?:有|是)?(?:哪些|哪几[篇份个]|几[篇份个]|多少[篇份个]?)"
    f"|(?:有|收录了?)(?:哪些|哪几家|几家|多少家)(?:券商|机构|证券公司)(?:的{_REPORTS})?"
    f"|(?:列出|列举)(?:所有|全部|收录)?的?{_REPORTS}|{_REPORTS}(?:列表|清单)"
)
_TOPIC = re.compile(
    f"^(?:有|都有)?(?:哪些|哪几[篇份个]|哪[篇份])(?:券商|机构)?的?{_REPORTS}(?:里|中)?(?:都|还)?"
    "(?:提到|提及|谈到|涉及|讲到|说到|写到|讨论)(?:了|过)?(?P<topic>[^,，。?？!]{2,20})[?？。]?$"
)
_NEWEST = re.compile(
    f"(?:(?:收录)?的?(?P<end>最新|最近|最早|最旧)(?:一[篇份])?的?(?:(?:一[篇份])?{_REPORTS})?(?:是|叫)?(?:哪一?[篇份个]?|什么|啥)(?:{_REPORTS})?)"
)
_AROUND = re.compile(
    "请问|请|你们?|您|这里|这儿|库里面?|库中|(?:资料|数据|知识|语料)库(?:里面?|中)?|系统(?:里面?|中)?|服务(?:里面?|中)?|里面|目前|现在|当前|"
    "手头|一共|总共|已经?|都|发布|发表|出具|出|写|的|了|在|可[查问]|可以[查问]|能[查问]|可供(?:查询|提问)|吗|呢|[\\s,，。.!?、]"
)


def read_catalogue(query: Query, scope: Scope) -> Outcome | None:
    """The reports there are, newest first; None unless the whole question asks for them."""
    if query.companies or query.conditions:
        return None
    topic = _TOPIC.search(query.text)
    if topic is not None and not query.metrics:
        return _speaking_of(topic["topic"].strip('“”"《》 '), scope)
    said = _AROUND.sub("", _without_slots(query))
    listed, newest = _ASKED.fullmatch(said), _NEWEST.fullmatch(said)
    if listed is None and newest is None:
        return None
    meant = [i for i in scope.speaking if _dated(query, i, scope)]
    if not meant:
        days = "、".join(p.text for p in query.periods)
        return refusals.not_in_corpus(query.asked, scope, f"没有{days}发布的报告")
    if newest is not None:
        dated = [i for i in meant if scope.published(i)] or meant
        last = newest["end"] in ("最新", "最近")
        chosen = [dated[0] if last else dated[-1]]
        return Draft(
            "metadata", [_entry(i, scope, f"{newest['end']}的报告是") for i in chosen], 0.9
        )
    statements = [Statement(_count(meant, scope), ())]
    statements += [_entry(i, scope) for i in meant[:MAX_LISTED]]
    if len(meant) > MAX_LISTED:
        statements.append(
            Statement(f"以上为最新的{MAX_LISTED}篇，另有{len(meant) - MAX_LISTED}篇", ())
        )
    return Draft("metadata", statements, 0.95)


def _speaking_of(topic: str, scope: Scope) -> Outcome | None:
    """The reports that say the words, each with its first sentence that does."""
    speaking = frozenset(scope.speaking)
    found: dict[str, Mention] = {}
    for mention in scope.snapshot.mentions(topic, report_ids=speaking, limit=_MENTIONS):
        found.setdefault(mention.report_id, mention)
    if not found:
        return None
    meant = [i for i in scope.speaking if i in found]
    statements = [Statement(f"提到“{topic}”的报告有{len(meant)}篇", ())]
    for report_id in meant[:MAX_LISTED]:
        entry = _entry(report_id, scope)
        place = Span(found[report_id].start, found[report_id].end)
        evidence = (line_of(scope.snapshot.report(report_id), place),)
        statements.append(replace(entry, evidence=evidence))
    return Draft("metadata", statements, 0.9)


def _without_slots(query: Query) -> str:
    """The question without houses and days: 东吴证券2024年有哪些报告 → 有哪些报告."""
    text = query.text
    slots = [(b.start, b.end) for b in query.brokers] + [(p.start, p.end) for p in query.periods]
    for start, end in sorted(slots, reverse=True):
        text = text[:start] + text[end:]
    return text


def _dated(query: Query, report_id: str, scope: Scope) -> bool:
    day = scope.published(report_id)
    labels = [p.period.label for p in query.periods]
    return not labels or (day is not None and any(day.isoformat().startswith(x) for x in labels))


def _count(meant: list[str], scope: Scope) -> str:
    houses = Counter(b for i in meant if (b := scope.broker(i)))
    by_house = "、".join(f"{house}{n}篇" for house, n in houses.most_common(MAX_LISTED))
    return f"收录的报告共{len(meant)}篇" + (f"：{by_house}" if by_house else "")


def _entry(report_id: str, scope: Scope, lead: str = "") -> Statement:
    report = scope.snapshot.report(report_id)
    title = f"《{title_of(report)}》"
    house, day = scope.broker(report_id), scope.published(report_id)
    known = "，".join(str(one) for one in (house, day) if one)
    evidence = (
        places_of(report, report.meta.title) if report.meta.title else _opening(report_id, scope)
    )
    return Statement(f"{lead}{title}" + (f"（{known}）" if known else ""), evidence, (title,))


def _opening(report_id: str, scope: Scope) -> tuple[Evidence, ...]:
    report = scope.snapshot.report(report_id)
    return (opening_of(report),) if report.blocks else ()
