"""Who wrote it, when, under which licence number, how to reach them, how it is titled and rated.

A reader: `Query + Scope → Draft | Refusal | None`, answering from `ReportMeta` and its spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from corpus.normalise import fold
from corpus.report import Analyst, Report, Sourced, Span
from service.operations import Operation
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.scope import Scope

_LICENCE = re.compile("执业证书|证书编号|证书号|执业编号|资格编号|从业编号|从业证书|sac|执业证")
_MAIL = re.compile("邮箱|邮件|e-?mail|信箱")
_PHONE = re.compile("电话|手机|座机")
_REACH = re.compile("联系方式|联系上|怎么联系|如何联系|联络")
_AUTHOR = re.compile("分析师|作者|谁写|谁撰写|撰写人|署名|研究助理|联系人|执笔|研究员|出自谁|由谁")
_ASSISTANT = re.compile("研究助理|助理")
_DATE = re.compile(
    "发布日期|报告日期|发布时间|出具日期|何时发布|什么时候(?:发布|发表|出的|出具|写)|(?:哪天|哪一天|几号|哪一年|何时|几月几日)(?:发布|发表|出具)?|日期|发布于|发布的时间"
)
_TITLE = re.compile("标题|题目|题名|叫什么名字|名称是什么|报告名")
_BROKER = re.compile(
    "哪家(?:券商|机构|证券公司|研究所)|哪个(?:券商|机构)|什么(?:券商|机构)|谁发布|由谁(?:发布|出具)|出自哪|所属(?:券商|机构)|任职|供职|哪(?:里|儿)的分析师"
)
_RATING = re.compile("评级")
_TARGET = re.compile("目标价")
_REPORT_WORDS = re.compile("报告|研报|这篇|那篇|这份|那份|两份|两家|点评|深度")
_CHANGE = re.compile("维持|上调|下调|首次|调整|变化|变动")


def read_metadata(query: Query, scope: Scope) -> Outcome | None:
    """The answer from page one of the reports; None if the question is of another kind."""
    if query.companies or not scope.speaking:
        return None
    reports = [scope.snapshot.report(i) for i in _meant(query, scope)]
    for wanted, reader in _READERS:
        if wanted(query):
            statements = [s for r in reports for s in reader(query, r, scope)]
            if statements:
                return _draft(statements)
            return None
    return None


def named_analysts(text: str, scope: Scope) -> list[tuple[str, Analyst]]:
    """Analysts of the speaking reports whose name stands in the (folded) question."""
    found = []
    for report_id in scope.speaking:
        for analyst in scope.records[report_id].meta.analysts:
            if fold(analyst.name) in text:
                found.append((report_id, analyst))
    return found


def _draft(statements: list[Statement]) -> Draft:
    return Draft("metadata", statements, 0.95)


def _meant(query: Query, scope: Scope) -> list[str]:
    """The reports that the question means: by analyst, by title words, by date; else all."""
    people = named_analysts(query.text, scope)
    if people:
        return list(dict.fromkeys(report_id for report_id, _ in people))
    dated = [
        i
        for i in scope.speaking
        if any(
            (d := scope.published(i)) and d.isoformat().startswith(p.period.label)
            for p in query.periods
        )
    ]
    candidates = dated or list(scope.speaking)
    scores = {i: _title_overlap(query, scope, i) for i in candidates}
    best = max(scores.values(), default=0)
    if best >= 4 and sum(1 for s in scores.values() if s > best // 2) == 1:
        return [i for i in candidates if scores[i] == best]
    return candidates


def _title_overlap(query: Query, scope: Scope, report_id: str) -> int:
    """Characters of the longest run that the question shares with the report's title."""
    title = scope.records[report_id].meta.title
    if title is None:
        return 0
    name = fold(title.value)
    text = query.text
    best = 0
    for at in range(len(text)):
        while text[at : at + best + 1] in name and at + best < len(text):
            best += 1
    return best


def _wants_person(query: Query) -> bool:
    return bool(
        _LICENCE.search(query.text)
        or _MAIL.search(query.text)
        or _PHONE.search(query.text)
        or _REACH.search(query.text)
    )


def _wants_author(query: Query) -> bool:
    return bool(_AUTHOR.search(query.text)) and not _DATE.search(query.text)


def _wants_date(query: Query) -> bool:
    if not _DATE.search(query.text):
        return False
    return (
        bool(_REPORT_WORDS.search(query.text) or "发布" in query.text) and len(_subject(query)) < 3
    )


def _wants_title(query: Query) -> bool:
    return bool(_TITLE.search(query.text)) and bool(
        _REPORT_WORDS.search(query.text) or query.brokers
    )


def _wants_broker(query: Query) -> bool:
    return bool(_BROKER.search(query.text)) and not query.metrics


def _wants_rating(query: Query) -> bool:
    if query.operation in (Operation.COUNT,) or query.conditions:
        return False
    return bool(_RATING.search(query.text)) and not re.search(
        "公司|个股|股票|定义|标准|含义|意思|基准", query.text
    )


def _wants_target(query: Query) -> bool:
    return bool(_TARGET.search(query.text))


def _subject(query: Query) -> str:
    """What is left of the question beside metadata words: a subject of its own."""
    words = "".join(word for word, _, _ in query.leftovers)
    for pattern in (_DATE, _TITLE, _AUTHOR, _BROKER, _REPORT_WORDS):
        words = pattern.sub("", words)
    return re.sub("行业|发布|发表|时间|日期|点评|深度|传", "", words)


def _person(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    named = [a for a in report.meta.analysts if fold(a.name) in query.text]
    if not named and _ASSISTANT.search(query.text):
        named = [a for a in report.meta.analysts if a.role and "助理" in a.role]
    if not named and re.search("首席", query.text):
        named = [a for a in report.meta.analysts if a.role and "首席" in a.role]
    people = named or [a for a in report.meta.analysts if not _other_role(query, a)]
    for analyst in people:
        pieces = list(_person_pieces(query, analyst))
        if pieces:
            who = f"{scope.label(report.report_id)}的{analyst.role or '分析师'}{analyst.name}"
            words = "，".join(f"{name}为{value}" for name, value, _ in pieces)
            places = tuple(_evidence(report, span) for _, _, span in pieces)
            yield Statement(f"{who}：{words}", places, tuple(value for _, value, _ in pieces))


def _other_role(query: Query, analyst: Analyst) -> bool:
    """证券分析师 is asked for, and this is a 研究助理."""
    return "分析师" in query.text and "助理" not in query.text and "助理" in (analyst.role or "")


def _person_pieces(query: Query, analyst: Analyst) -> Iterator[tuple[str, str, Span]]:
    reach = bool(_REACH.search(query.text))
    if _LICENCE.search(query.text) and analyst.licence:
        yield "执业证书编号", analyst.licence, analyst.licence_span or analyst.line
    if (reach or _MAIL.search(query.text)) and analyst.email:
        yield "邮箱", analyst.email, analyst.line
    if (reach or _PHONE.search(query.text)) and analyst.phone:
        yield "电话", analyst.phone, analyst.line


def _authors(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    people = list(report.meta.analysts)
    if _ASSISTANT.search(query.text):
        people = [a for a in people if a.role and "助理" in a.role]
    elif "首席" in query.text:
        people = [a for a in people if a.role and "首席" in a.role]
    elif re.search("分析师", query.text) and any(a.role and "分析师" in a.role for a in people):
        people = [a for a in people if not (a.role and "助理" in a.role)]
    if not people:
        return
    shown = "、".join(_with_licence(a) for a in people)
    evidence = tuple(_evidence(report, a.span) for a in people)
    keys = tuple(a.name for a in people)
    yield Statement(f"{scope.label(report.report_id)}的报告署名：{shown}", evidence, keys)


def _with_licence(analyst: Analyst) -> str:
    role = analyst.role or "分析师"
    licence = f"（执业证书编号{analyst.licence}）" if analyst.licence else ""
    return f"{role}{analyst.name}{licence}"


def _date(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    published = report.meta.published
    if published is None:
        return
    day = published.value
    shown = f"{day.year}年{day.month}月{day.day}日"
    printed = published.span.of(report.text).strip() if published.span else day.isoformat()
    name = scope.broker(report.report_id) or report.report_id
    check = _date_claim(query, day.isoformat())
    stated = f"报告所印：{printed}，即{day.isoformat()}"
    text = f"{check}{name}《{_title_of(report)}》发布于{shown}（{stated}）"
    yield Statement(text, _places(report, published), (shown,))


def _date_claim(query: Query, day: str) -> str:
    if not query.yes_no or not query.periods:
        return ""
    return "是，" if any(day.startswith(p.period.label) for p in query.periods) else "不是，"


def _titles(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    title = report.meta.title
    if title is not None:
        text = f"{scope.label(report.report_id)}的报告标题为《{title.value}》"
        yield Statement(text, _places(report, title), (title.value,))


def _houses(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    broker = report.meta.broker
    if broker is None:
        return
    people = [a.name for a in report.meta.analysts if fold(a.name) in query.text]
    who = (
        f"{'、'.join(people)}是{broker.value}的分析师"
        if people
        else f"《{_title_of(report)}》由{broker.value}发布"
    )
    yield Statement(who, _places(report, broker), (broker.value,))


def _ratings(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    rating = report.meta.rating
    if rating is None:
        return
    industry = report.meta.industry
    what = (
        f"{industry.value}行业的投资评级"
        if industry and not report.meta.subject
        else "报告的投资评级"
    )
    change = f"（{report.meta.rating_change.value}）" if report.meta.rating_change else ""
    asserted = [w for w, _, _ in query.rating_words]
    lead = ""
    if asserted and "为什么" in query.text and fold(rating.value) in asserted:
        return  # the premise holds: the reason stands in prose
    if asserted:
        lead = "是，" if fold(rating.value) in asserted else "不是，"
    tail = f"，而非{asserted[0]}" if lead == "不是，" else ""
    text = f"{lead}{scope.label(report.report_id)}给出的{what}为{rating.value}{change}{tail}"
    yield Statement(text, _places(report, rating), (rating.value,))


def _targets(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    target = report.meta.target_price
    if target is not None:
        text = f"{scope.label(report.report_id)}给出的目标价为{target.value}"
        yield Statement(text, _places(report, target), (target.value,))


def _title_of(report: Report) -> str:
    return report.meta.title.value if report.meta.title else report.report_id


def _places(report: Report, sourced: Sourced[Any]) -> tuple[Evidence, ...]:
    return (_evidence(report, sourced.span),) if sourced.span else (_opening(report),)


def _opening(report: Report) -> Evidence:
    """The first block: what was given beside the text has no words of its own to quote."""
    span = report.blocks[0].span if report.blocks else Span(0, min(len(report.text), 1))
    return Evidence(report.report_id, span.start, span.end)


def _evidence(report: Report, span: Span) -> Evidence:
    """The whole line that holds the value: a lone word is a poor quote."""
    text = report.text
    start = max(text.rfind("\n", 0, span.start), text.rfind("\f", 0, span.start)) + 1
    ends = [at for at in (text.find("\n", span.end), text.find("\f", span.end)) if at >= 0]
    end = min(ends, default=len(text))
    while start < span.start and text[start].isspace():
        start += 1
    while end > span.end and text[end - 1].isspace():
        end -= 1
    if end - start > 200:
        start, end = span.start, span.end
    return Evidence(report.report_id, start, end)


_Reader = Callable[[Query, Report, Scope], Iterator[Statement]]
_READERS: tuple[tuple[Callable[[Query], bool], _Reader], ...] = (
    (_wants_person, _person),
    (_wants_broker, _houses),
    (_wants_author, _authors),
    (_wants_date, _date),
    (_wants_title, _titles),
    (_wants_target, _targets),
    (_wants_rating, _ratings),
)
