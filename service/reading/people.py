"""The persons on a report: who they are, their licence numbers, how to reach them, their house.

A reader: `Query + Scope → Draft | Refusal | None`, from `ReportMeta.analysts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.normalise import fold
from corpus.report import Analyst, Report, Span
from service import refusals
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.places import line_of, places_of
from service.reading.scope import Scope

_LICENCE = re.compile("执业.?书|证书编?号|执业编号|执业资格|资格编号|从业编号|从业证书|sac|执业证")
_MAIL = re.compile("邮箱|邮件|e-?mail|信箱")
_PHONE = re.compile("电话(?!会议|销售|客服系统)|手机号|座机")
_REACH = re.compile("联系方式|联系上|怎么联系|如何联系|联络|取得联系")
_AUTHOR = re.compile(
    "分析师|作者|撰写人|主笔|署名|研究助理|联系人|执笔|研究员|"
    "(?:谁|哪位|哪些人|何人).{0,6}(?:写|撰|执笔|完成|做|出具)|由谁|出自谁|谁的手笔"
)
_ASSISTANT = re.compile("助理")
_CHIEF = re.compile("首席")
_HOUSE = re.compile(
    "(?:哪|什么)(?:一)?(?:家|个)?(?:券商|机构|证券公司|研究所|公司)|任职|供职|哪(?:里|儿)的分析师"
)
# What page one never says of a person; the profile at the end may.
_LIFE = re.compile(
    "学历|毕业|荣誉|奖|加盟|加入|入职|覆盖|经验|经历|背景|专业|学位|年龄|什么时候|何时|哪一?年|介绍|简历|负责|擅长|称号"
)
_UNKNOWN = re.compile("^(?:请问)?(?:分析师|研究员|研究助理)?([\u4e00-\u9fff]{2,4}?)(?:的|是|有)")
_NO_PERSON = re.compile(
    "分析师|助理|首席|报告|研报|作者|署名|证券|两|这|那|他|她|谁|券商|该|其|哪|全部|所有|点评|行业|"
    "执业|证书|编号|资格|邮箱|邮件|信箱|电话|手机|座机|联系|联络"
)
# A telephone or mail line stands within this many characters behind the name.
_NEAR = 400
_STATED_LICENCE = re.compile(r"S\d{13}")
_STATED_MAIL = re.compile(r"[A-Za-z][A-Za-z0-9._\-]*@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_BESIDE = 120  # a datum this near behind a name is that person's


def read_people(query: Query, scope: Scope) -> Outcome | None:
    """What the question asks of the persons on the reports; None if it asks nothing of them."""
    asks_datum = any(p.search(query.text) for p in (_LICENCE, _MAIL, _PHONE, _REACH))
    named = named_analysts(query.text, scope.speaking, scope)
    elsewhere = named_analysts(query.text, scope.others, scope)
    asks_of_person = asks_datum or bool(_AUTHOR.search(query.text))
    wrong_house = not named and query.known_brokers and scope.cite_others
    if wrong_house and elsewhere and asks_of_person:
        return _other_house(elsewhere, scope)
    if named and _HOUSE.search(query.text):
        return _houses(named, scope)
    if asks_datum:
        return _data(query, named, scope)
    if named and (_LIFE.search(query.text) or not _AUTHOR.search(query.text)):
        return None
    if _AUTHOR.search(query.text) and not _LIFE.search(query.text):
        return _authors(query, scope)
    return None


def named_analysts(
    text: str, report_ids: tuple[str, ...], scope: Scope
) -> list[tuple[str, Analyst]]:
    """Analysts of the reports whose name stands in the (folded) question."""
    if "analysts" not in scope.kept:
        scope.kept["analysts"] = [
            (i, a, fold(a.name)) for i, r in scope.records.items() for a in r.meta.analysts
        ]
    named = [(i, a) for i, a, name in scope.kept["analysts"] if name in text]
    return sorted(
        (pair for pair in named if pair[0] in report_ids), key=lambda p: report_ids.index(p[0])
    )


def of_role(text: str, analysts: tuple[Analyst, ...]) -> list[Analyst]:
    """The persons of the role that the question names: 首席, 助理, else those who are no 助理."""
    if _ASSISTANT.search(text):
        return [a for a in analysts if a.role and "助理" in a.role]
    if _CHIEF.search(text):
        return [a for a in analysts if a.role and "首席" in a.role]
    if "联系人" in text and (contacts := [a for a in analysts if a.role == "联系人"]):
        return contacts
    if "分析师" in text:
        return [a for a in analysts if not (a.role and "助理" in a.role)]
    return list(analysts)


def asks_for_person(text: str) -> bool:
    """True if the (folded) question asks who somebody on a report is, or for a datum of theirs."""
    return bool(_AUTHOR.search(text) or _LICENCE.search(text) or _REACH.search(text))


def only_person(text: str, scope: Scope) -> str:
    """The name of the one person whom a question on the reports' authors means; else empty."""
    named = named_analysts(text, (*scope.speaking, *scope.others), scope)
    meant = [a for _, a in named] or [
        a for i in scope.speaking for a in of_role(text, scope.records[i].meta.analysts)
    ]
    names = list(dict.fromkeys(a.name for a in meant))
    if len(names) > 1:  # who wrote it is the analyst, not the assistant beside
        names = list(dict.fromkeys(a.name for a in meant if not (a.role and "助理" in a.role)))
    return names[0] if len(names) == 1 else ""


def _other_house(found: list[tuple[str, Analyst]], scope: Scope) -> Draft:
    """A person asked of the wrong house."""
    statements = []
    first = {(a.name, scope.broker(i)): (i, a) for i, a in reversed(found)}
    for report_id, analyst in reversed(first.values()):
        report = scope.snapshot.report(report_id)
        role = analyst.role or "分析师"
        asked, own = "、".join(scope.brokers), scope.broker(report_id)
        text = f"{analyst.name}不在{asked}的报告上署名，而是{own}的{role}"
        statements.append(Statement(text, (line_of(report, analyst.span),), (analyst.name,)))
    signed = [r for r in scope.speaking if scope.records[r].meta.analysts]
    statements += [_signed(scope.snapshot.report(r), scope, "分析师") for r in signed[:2]]
    return Draft("metadata", statements, 0.85)


def _houses(named: list[tuple[str, Analyst]], scope: Scope) -> Draft | None:
    statements = []
    for report_id, analyst in named:
        report = scope.snapshot.report(report_id)
        broker = report.meta.broker
        if broker is not None:
            text = f"{analyst.name}是{broker.value}的{analyst.role or '分析师'}"
            places = (line_of(report, analyst.span), *places_of(report, broker))
            statements.append(Statement(text, places, (broker.value,)))
    return Draft("metadata", statements, 0.93) if statements else None


def _data(query: Query, named: list[tuple[str, Analyst]], scope: Scope) -> Outcome | None:
    if not named:
        for name in _possible_names(query):
            is_word = scope.snapshot.segmenter.is_word(name)
            found = None if is_word else _near_name(query, name, scope)
            if found is not None:
                return found
    stranger = _stranger(query, named)
    if stranger:
        known = scope.snapshot.mentions(stranger, report_ids=frozenset(scope.speaking), limit=1)
        if known:
            return refusals.low_support(query.text)
        return refusals.not_in_corpus(stranger, scope)
    people = named or [
        (report_id, analyst)
        for report_id in scope.speaking
        for analyst in of_role(query.text, scope.records[report_id].meta.analysts)
    ]
    statements = []
    for report_id, analyst in people:
        report = scope.snapshot.report(report_id)
        pieces = list(_pieces(query, report, analyst))
        if pieces:
            who = f"{scope.label(report_id)}的{analyst.role or '分析师'}{analyst.name}"
            words = "，".join(f"{name}为{value}" for name, value, _ in pieces)
            places = tuple(place for _, _, place in pieces)
            keys = tuple(value for _, value, _ in pieces)
            statements.append(Statement(f"{who}：{words}", places, keys))
    if statements:
        return Draft("metadata", statements, 0.95)
    return refusals.low_support(query.text) if people else None


def _possible_names(query: Query) -> Iterator[str]:
    """Runs of two to four Han in the question that may be a person's name."""
    for words, _, _ in query.leftovers:
        for run in re.findall("[\u4e00-\u9fff]{2,}", words):
            for size in (4, 3, 2):
                if len(run) >= size and not _NO_PERSON.search(run[:size]):
                    yield run[:size]


def _near_name(query: Query, name: str, scope: Scope) -> Draft | None:
    """A number or address that stands right behind a name which page one does not list."""
    pattern = _STATED_LICENCE if _LICENCE.search(query.text) else None
    pattern = _STATED_MAIL if pattern is None and _MAIL.search(query.text) else pattern
    if pattern is None:
        return None
    for mention in scope.snapshot.mentions(name, report_ids=frozenset(scope.speaking)):
        text = scope.snapshot.text(mention.report_id)
        match = pattern.search(text, mention.end, mention.end + _BESIDE)
        if match is None or _two_persons(text[mention.end : match.start()]):
            continue
        kind = "执业证书编号" if pattern is _STATED_LICENCE else "邮箱"
        words = f"{scope.label(mention.report_id)}：{name}的{kind}为{match.group()}"
        place = Evidence(mention.report_id, mention.start, match.end())
        return Draft("metadata", [Statement(words, (place,), (match.group(),))], 0.85)
    return None


def _two_persons(between: str) -> bool:
    """True if another person stands between a name and a datum, as in columns side by side."""
    titles = [m.start() for m in re.finditer("分析师|研究助理|联系人", between)]
    return len(titles) > 1 or (len(titles) == 1 and titles[0] > 6)


def _stranger(query: Query, named: list[tuple[str, Analyst]]) -> str:
    """A person whose datum is asked and who signs no report; empty if there is none."""
    if named:
        return ""
    text = query.text
    for broker in sorted(query.brokers, key=lambda b: -b.start):
        text = text[: broker.start] + text[broker.end :]
    match = _UNKNOWN.match(text.lstrip("的, "))
    if match is None or _NO_PERSON.search(match.group(1)):
        return ""
    return match.group(1)


def _pieces(query: Query, report: Report, analyst: Analyst) -> Iterator[tuple[str, str, Evidence]]:
    reach = bool(_REACH.search(query.text))
    wants_mail, wants_phone = bool(_MAIL.search(query.text)), bool(_PHONE.search(query.text))
    reach = reach and not (wants_mail or wants_phone)
    if _LICENCE.search(query.text) and analyst.licence:
        yield "执业证书编号", analyst.licence, line_of(report, analyst.licence_span or analyst.line)
    if (reach or wants_mail) and analyst.email:
        yield "邮箱", analyst.email, _near(report, analyst, analyst.email)
    if (reach or wants_phone) and analyst.phone:
        yield "电话", analyst.phone, _near(report, analyst, analyst.phone)


def _near(report: Report, analyst: Analyst, words: str) -> Evidence:
    """The line that states a datum near the name."""
    floor = max(0, analyst.span.start - _NEAR)
    at = report.text.find(words, analyst.span.start, analyst.span.start + _NEAR)
    at = at if at >= 0 else report.text.find(words, floor, analyst.span.start)
    span = Span(at, at + len(words)) if at >= 0 else analyst.line
    return line_of(report, span)


def _authors(query: Query, scope: Scope) -> Draft | None:
    statements = []
    for report_id in scope.speaking:
        if of_role(query.text, scope.records[report_id].meta.analysts):
            report = scope.snapshot.report(report_id)
            statements.append(_signed(report, scope, query.text))
            statements.extend(_dated_otherwise(query, report))
    return Draft("metadata", statements, 0.93) if statements else None


def _signed(report: Report, scope: Scope, text: str) -> Statement:
    people = of_role(text, report.meta.analysts) or list(report.meta.analysts)
    shown = "、".join(_with_licence(a) for a in people)
    evidence = tuple(line_of(report, a.span) for a in people)
    keys = tuple(a.name for a in people)
    return Statement(f"{scope.label(report.report_id)}的报告署名：{shown}", evidence, keys)


def _dated_otherwise(query: Query, report: Report) -> list[Statement]:
    """The true date, where the question names a day on which the report did not appear."""
    published = report.meta.published
    days = [p.period.label for p in query.periods if p.period.is_day]
    if published is None or not days or published.value.isoformat() in days:
        return []
    day = published.value
    text = f"该报告发布于{day.year}年{day.month}月{day.day}日（{day.isoformat()}），而非{days[0]}"
    return [Statement(text, places_of(report, published), (day.isoformat(),))]


def _with_licence(analyst: Analyst) -> str:
    role = analyst.role or "分析师"
    licence = f"（执业证书编号{analyst.licence}）" if analyst.licence else ""
    return f"{role}{analyst.name}{licence}"
