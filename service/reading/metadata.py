"""Who wrote it, when, under which licence number, how to reach them, how it is titled and rated.

A reader: `Query + Scope → Draft | Refusal | None`, answering from `ReportMeta` and its spans;
`people` answers for persons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from corpus.normalise import fold
from corpus.report import Report, Role, Span
from corpus.tickers import same_code
from service.operations import Operation
from service.query import Query
from service.reading import people
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.front import is_sector
from service.reading.places import places_of, title_of
from service.reading.scope import Scope

_DATE = re.compile(
    "发布日期|报告日期|发布时间|出具日期|发表日期|日期|"
    "(?:什么时候|啥时候|何时|几时|哪一?天|几号|哪一?年|几月几[日号]|什么时间).{0,4}(?:发布|发表|出具|出的|写的?|撰写|发的)|"
    "(?:发布|发表|出具|写|出)于?(?:的时间)?(?:是|在)?(?:什么时候|何时|哪一?天|几号|几月几[日号])"
)
_ISSUED = re.compile(
    "(?:发布|发表|出具|发出|写)的?[吗么?？]|是不是.{0,12}(?:发布|发表|出具)|(?:发布|报告)日期"
)
_TITLE = re.compile("标题|题目|题名|叫什么名字|报告名")
_SUBTITLE = re.compile("副标题|副题")
_BROKER = re.compile(
    "(?:哪|什么)(?:一)?(?:家|个)?(?:券商|机构|证券公司|研究所|研究机构)|谁发布|由谁(?:发布|出具)|出自哪|"
    "所属(?:券商|机构)|任职|供职|哪(?:里|儿)的分析师"
)
_KIND = re.compile("(?:哪|什么|何)一?(?:类|类型|种类型?)的?(?:报告|研报)|报告类型|什么报告")
_RATING = re.compile("评级")
_NOT_REPORT_RATING = re.compile("公司|个股|股票|定义|标准|含义|意思|基准|哪些|几家")
_TARGET = re.compile("目标价")
_REPORT_WORDS = re.compile("报告|研报|这篇|那篇|这份|那份|两份|两家|点评|深度")
# Without these words a question with a company's name is one on the company.
_OF_REPORT = re.compile("报告|研报|点评|深度")
# Words about a report, left out when what remains is weighed as a subject of its own.
_ABOUT = re.compile(
    "行业|发布|发表|时间|日期|点评|深度|标题|题目|证券|研究|署名|作者|撰写|分析师|出|写|发|领衔|名称|名字|版|篇|份|维持|上调|下调|讲|叫|关于|那|这|啥|时候|几时|属于|类型?|种"
)


def read_metadata(query: Query, scope: Scope) -> Outcome | None:
    """The answer from page one of the reports; None if the question is of another kind."""
    if query.companies:
        scope = about_companies(query, scope)
    if not scope.speaking:
        return None
    outcome = people.read_people(query, scope)
    if outcome is not None or (query.companies and not _OF_REPORT.search(query.text)):
        return outcome
    if len(_own_subject(query, scope)) > 2:
        return None
    for wanted, reader in _READERS:
        if wanted(query):
            reports = [scope.snapshot.report(i) for i in reports_meant(query, scope)]
            statements = [s for r in reports for s in reader(query, r, scope)]
            return Draft("metadata", statements, 0.95) if statements else None
    return None


def about_companies(query: Query, scope: Scope) -> Scope:
    """Only the reports whose own subject is a company of the question (微光股份的分析师是谁)."""
    companies = [named.company for named in query.companies if named.company is not None]
    names = {fold(company.name) for company in companies}
    codes = [company.code for company in companies if company.code]

    def is_meant(report_id: str) -> bool:
        meta = scope.records[report_id].meta
        if meta.subject is not None and fold(meta.subject.value) in names:
            return True
        if any(same_code(own.value, code) for own in meta.stock_codes for code in codes):
            return True
        return any(is_sector(company, report_id, scope) for company in companies)

    speaking = tuple(i for i in scope.speaking if is_meant(i))
    return replace(scope, speaking=speaking)


def reports_meant(query: Query, scope: Scope) -> list[str]:
    """The reports that the question means: by date, by title words; else all that may answer."""
    dated = [
        i
        for i in scope.speaking
        if any(
            (day := scope.published(i)) and day.isoformat().startswith(p.period.label)
            for p in query.periods
        )
    ]
    on_industry = [i for i in scope.speaking if _industry(i, scope) in query.text]
    candidates = dated or on_industry or list(scope.speaking)
    scores = {i: _title_overlap(query, scope, i) for i in candidates}
    best = max(scores.values(), default=0)
    if best >= 4 and sum(1 for s in scores.values() if s > best // 2) == 1:
        return [i for i in candidates if scores[i] == best]
    return candidates


def _industry(report_id: str, scope: Scope) -> str:
    """The folded name of the report's industry; a text that no question holds if it has none."""
    industry = scope.records[report_id].meta.industry
    return fold(industry.value) if industry and len(industry.value) > 1 else "\0"


def _title_overlap(query: Query, scope: Scope, report_id: str) -> int:
    """Characters of the longest run that the question shares with the report's title."""
    title = scope.records[report_id].meta.title
    if title is None:
        return 0
    name, text = fold(title.value), query.text
    best = 0
    for at in range(len(text)):
        while at + best < len(text) and text[at : at + best + 1] in name:
            best += 1
    return best


def _own_subject(query: Query, scope: Scope) -> str:
    """What is left of the question beside words on reports, their titles and industries."""
    if "titles" not in scope.kept:
        scope.kept["titles"] = _known_titles(scope)
    titles, parts = scope.kept["titles"]
    words = "".join(w for w, _, _ in query.leftovers if w not in titles)
    runs = {words[i:j] for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    for part in sorted(runs & parts, key=lambda p: (-len(p), p)):
        words = words.replace(part, "")
    return _ABOUT.sub("", words)


def _known_titles(scope: Scope) -> tuple[str, frozenset[str]]:
    """All titles as one text, and the words of titles and industries."""
    metas = [scope.records[i].meta for i in scope.speaking]
    titles = [fold(m.title.value) for m in metas if m.title]
    known = [*titles, *(fold(m.industry.value) for m in metas if m.industry)]
    parts = (p for text in known for p in re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]{2,}", text))
    return "\n".join(titles), frozenset(parts)


def _wants_kind(query: Query) -> bool:
    return bool(_KIND.search(query.text))


def _kinds(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    for block in report.blocks:
        words = block.span.of(report.text)
        named = re.search("点评|深度|报告|周报|月报|策略|跟踪|快报|纪要", words)
        if block.role is Role.FRONT and named and len(words) <= 24 and "：" not in words:
            evidence = Evidence(report.report_id, block.span.start, block.span.end)
            text = f"{scope.label(report.report_id)}的报告类型为{words.strip()}"
            yield Statement(text, (evidence,), (words.strip(),))
            return


def _wants_date(query: Query) -> bool:
    asserts = query.yes_no and query.periods and not query.metrics
    return bool(_DATE.search(query.text)) or bool(asserts and _ISSUED.search(query.text))


def _wants_title(query: Query) -> bool:
    asks = bool(_TITLE.search(query.text))
    return asks and bool(_REPORT_WORDS.search(query.text) or query.brokers)


def _wants_broker(query: Query) -> bool:
    return bool(_BROKER.search(query.text)) and not query.metrics


def _wants_rating(query: Query) -> bool:
    if query.operation is Operation.COUNT or query.conditions:
        return False
    return bool(_RATING.search(query.text)) and not _NOT_REPORT_RATING.search(query.text)


def _wants_target(query: Query) -> bool:
    return bool(_TARGET.search(query.text)) and query.operation is Operation.LOOK_UP


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
    text = f"{check}{name}《{title_of(report)}》发布于{shown}（{stated}）"
    yield Statement(text, places_of(report, published), (shown,))


def _date_claim(query: Query, day: str) -> str:
    if not query.yes_no or not query.periods:
        return ""
    return "是，" if any(day.startswith(p.period.label) for p in query.periods) else "不是，"


def _titles(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    title = report.meta.title
    if title is None:
        return
    label = scope.label(report.report_id)
    if _SUBTITLE.search(query.text):
        line = _line_behind_title(report)
        if line is not None:
            words = report.text[line.start : line.end]
            yield Statement(f"{label}的报告副标题为《{words}》", (line,), (words,))
        return
    yield Statement(
        f"{label}的报告标题为《{title.value}》", places_of(report, title), (title.value,)
    )


def _line_behind_title(report: Report) -> Evidence | None:
    """The line of words right behind the title, if it is one of the front and no other datum."""
    title = report.meta.title
    if title is None or title.span is None:
        return None
    taken = [s for s in _front_spans(report) if s is not None]
    for block in report.blocks:
        if block.span.start < title.span.end:
            continue
        words = block.span.of(report.text)
        free = not any(block.span.overlaps(span) for span in taken)
        if block.role is Role.FRONT and free and 4 <= len(words) <= 60 and "\n" not in words:
            return Evidence(report.report_id, block.span.start, block.span.end)
        return None
    return None


def _front_spans(report: Report) -> Iterator[Span | None]:
    meta = report.meta
    for sourced in (meta.published, meta.rating, meta.broker, meta.target_price):
        yield sourced.span if sourced else None
    for analyst in meta.analysts:
        yield analyst.line


def _houses(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    broker = report.meta.broker
    if broker is None:
        return
    words = f"《{title_of(report)}》由{broker.value}发布"
    yield Statement(words, places_of(report, broker), (broker.value,))


def _ratings(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    rating = report.meta.rating
    if rating is None:
        return
    industry = report.meta.industry
    subject = report.meta.subject
    if subject and "行业" in query.text:
        return  # the rating of a company's report is no industry's
    what = f"{subject.value}的投资评级" if subject else "投资评级"
    if industry and not subject:
        what = f"{industry.value}行业的投资评级"
    asserted = [w for w, _, _ in query.rating_words]
    holds = fold(rating.value) in asserted
    if asserted and holds and "为什么" in query.text:
        return  # the premise holds: the reason stands in prose
    lead = ("是，" if holds else "不是，") if asserted else ""
    tail = f"，而非{asserted[0]}" if asserted and not holds else ""
    change = f"（{report.meta.rating_change.value}）" if report.meta.rating_change else ""
    text = f"{lead}{scope.label(report.report_id)}给出的{what}为{rating.value}{change}{tail}"
    yield Statement(text, places_of(report, rating), (rating.value,))


def _targets(query: Query, report: Report, scope: Scope) -> Iterator[Statement]:
    target = report.meta.target_price
    if target is not None:
        text = f"{scope.label(report.report_id)}给出的目标价为{target.value}"
        yield Statement(text, places_of(report, target), (target.value,))


_Reader = Callable[[Query, Report, Scope], Iterator[Statement]]
_READERS: tuple[tuple[Callable[[Query], bool], _Reader], ...] = (
    (_wants_broker, _houses),
    (_wants_kind, _kinds),
    (_wants_date, _date),
    (_wants_title, _titles),
    (_wants_target, _targets),
    (_wants_rating, _ratings),
)
