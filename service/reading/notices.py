"""Typed parts of a report given whole: risk notice, related research, table of contents.

A reader: `Query + Scope → Draft | None`; it reads blocks of one role, in the order of the report.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from corpus.report import BlockKind, Report, Role
from service.query import Query
from service.reading.draft import Draft, DraftKind, Evidence, Outcome, Statement
from service.reading.metadata import about_companies
from service.reading.scope import Scope
from service.reading.sentences import shown
from service.reading.weighing import weigh_question

MAX_ITEMS = 12
_LIST = re.compile("哪些|哪几|有什么|什么|啥|几|列|分别|多少|如何|怎么|内容|提示|概括|总结")
_ASKED: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile("相关研究|相关报告|往期(?:报告|研究)|前期报告|此前(?:发布|发表)的"), Role.RELATED),
    (re.compile("目录|章节|分(?:为|成)?(?:哪)?几(?:个|大)?(?:部分|章)|几大部分"), Role.CONTENTS),
    (
        re.compile(
            "风险(?:提示|因素|点|都?有|是|包括)|提示.{0,4}风险|"
            "(?:哪些|什么|有何|几[个类种]|主要)(?:的)?(?:潜在|投资)?风险"
        ),
        Role.RISK,
    ),
)
_IDLE = re.compile(
    "风险|提示|因素|点|报告|研究|相关|目录|章节|部分|列出?|主要|投资|潜在|存在|包括|内容|往期|前期|主题|行业|领域|板块|股票|公司|看好|相应|那篇|这篇|最后|里面|文末|末尾|最终"
)
_EARLIER = re.compile("之前|此前|以前|写过|往期|前期|过去|曾经|早先|上一篇")
_EARLIER_WORDS = frozenset(
    {"之前", "此前", "以前", "写过", "往期", "一篇", "标题", "写", "过", "出", "篇"}
)
_ABOUT_TITLE = re.compile(
    "日期|什么时候|啥时候|几时|何时|哪一?天|发布|时间|标题|题目|叫什么|哪篇|哪一篇"
)
_HEADS = frozenset({"contents", "catalogue", "table of contents"})
_DAY = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}")


def read_notices(query: Query, scope: Scope) -> Outcome | None:
    """The whole of the typed part that the question asks for; None if it asks for none."""
    related = _dated_title(query, scope)
    if related is not None:
        return related
    role = next((role for pattern, role in _ASKED if pattern.search(query.text)), None)
    if role is None or not _LIST.search(query.text):
        return None
    if query.companies:
        if role is not Role.RISK:
            return None
        scope = about_companies(query, scope)
    statements = []
    holding = scope.snapshot.reports_with(role)
    for report_id in (i for i in scope.speaking if i in holding):
        report = scope.snapshot.report(report_id)
        if role is not Role.RISK or _about(query, report):
            statements.extend(_items(report, role, scope))
    if not statements:
        return None
    kind: DraftKind = "comparison" if _reports(statements) > 1 else "passage"
    return Draft(kind, statements, 0.92)


def _about(query: Query, report: Report) -> bool:
    """True if what else the question says fits the report as a whole, not a part of it."""
    known = (report.meta.title, report.meta.industry, report.meta.subject)
    title = " ".join(fold(one.value) for one in known if one)
    rest = [_IDLE.sub("", w) for w, _, _ in query.leftovers]
    return all(len(w) < 2 or any(w[i : i + 2] in title for i in range(len(w) - 1)) for w in rest)


def _items(report: Report, role: Role, scope: Scope) -> list[Statement]:
    """The blocks of a role; what is printed twice is said once."""
    seen: set[str] = set()
    statements: list[Statement] = []
    for block in report.blocks:
        if block.role is not role or block.kind in (BlockKind.HEADING, BlockKind.FURNITURE):
            continue
        key = fold(block.span.of(report.text))
        if key in seen or len(key) < 4 or key in _HEADS:
            continue
        seen.add(key)
        words = shown(block.span.of(report.text)).rstrip("。；;")
        label = f"{scope.label(report.report_id)}：" if not statements else ""
        evidence = Evidence(report.report_id, block.span.start, block.span.end)
        statements.append(Statement(f"{label}{words}", (evidence,), (words,)))
    return statements[:MAX_ITEMS]


def _dated_title(query: Query, scope: Scope) -> Draft | None:
    """The date of a related report that the question names by its title in 《》."""
    titles = re.findall("《([^》]{4,60})》", query.text)
    earlier = bool(_EARLIER.search(query.text))
    if not (titles or earlier) or not re.search(_ABOUT_TITLE, query.text):
        return None
    weighing = weigh_question(query, scope.snapshot).without(_EARLIER_WORDS)
    holding = scope.snapshot.reports_with(Role.RELATED)
    for report_id in (i for i in scope.speaking if i in holding):
        report = scope.snapshot.report(report_id)
        for at, block in enumerate(report.blocks[:-1]):
            words = fold(block.span.of(report.text))
            if block.role is not Role.RELATED or not re.search("[《》]|报告|点评", words):
                continue
            meant = any(t in words for t in titles)
            if not meant and not (earlier and weighing.coverage(((words, 1.0),)) >= 0.45):
                continue
            end = block if _DAY.search(words) else report.blocks[at + 1]
            if not _DAY.search(end.span.of(report.text)):
                continue
            day = f"，{shown(end.span.of(report.text))}" if end is not block else ""
            evidence = Evidence(report_id, block.span.start, end.span.end)
            text = f"{scope.label(report_id)}：{shown(block.span.of(report.text))}"
            return Draft("metadata", [Statement(f"{text}{day}", (evidence,), (day[1:],))], 0.9)
    return None


def _reports(statements: list[Statement]) -> int:
    return len({e.report_id for s in statements for e in s.evidence})
