"""A report in a few lines: its own 投资要点 or 核心观点, point by point, each cited.

A reader: `Query + Scope → Draft | None`; where a report has no such part, its sections speak.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from corpus.report import Block, BlockKind, Report, Role, Span
from service.query import Query
from service.reading.cutting import clauses_of
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.metadata import reports_meant
from service.reading.scope import Scope
from service.reading.sentences import sentences_of, shown

MAX_REPORTS = 3
# Points of one report; of several reports each has fewer.
MAX_POINTS, FEW_POINTS = 6, 3
POINT_CHARS = 70
_ASKS = re.compile(
    "总结|概括|概述|归纳|梳理|摘要|大意|大概内容|投资要点|内容提要|"
    "(?:主要|核心|基本)(?:的)?(?:观点|内容|结论|看法|意思|信息)|(?:讲|说|写|谈)了?(?:些|的是|了)?(?:什么|啥|哪些)"
)
_OF_REPORT = re.compile("报告|研报|这篇|那篇|这份|那份|点评|全文|文章|《|周报|月报|深度|纪要")
_HEADS = re.compile(
    "(?:投资|报告|核心|主要|内容)?(?:要点|观点|摘要|结论|提要|概要|逻辑)|投资案件|报告导读|本期观点"
)
# Words of the asking and of any report; what is left must be the matter of the report itself.
_IDLE = re.compile(
    "总结|概括|概述|归纳|梳理|摘要|大意|大概|内容|要点|观点|结论|看法|意思|信息|主要|核心|基本|报告|研报|研究|这篇|那篇|这份|那份|篇|份|"
    "点评|全文|文章|周报|月报|深度|纪要|讲|说|写|谈|一下|帮|用|几句话|简单|简要|投资|最新|最近|关于|发布|证券|提要|下|里|请"
)
_LEAD = re.compile(r"\*\*[^*]{4,120}\*\*")


def read_overview(query: Query, scope: Scope) -> Outcome | None:
    """The points of the reports that the question means; None if it asks for no summary."""
    if not _ASKS.search(query.text) or query.metrics or query.rating_words:
        return None
    if not (_OF_REPORT.search(query.text) or query.brokers):
        return None
    meant = [i for i in reports_meant(query, scope) if _on(query, i, scope)][:MAX_REPORTS]
    most = MAX_POINTS if len(meant) == 1 else FEW_POINTS
    statements = [s for i in meant for s in _points(i, most, scope)]
    if not statements:
        return None
    return Draft("comparison" if len(meant) > 1 else "passage", statements, 0.85)


def _on(query: Query, report_id: str, scope: Scope) -> bool:
    """True if what else the question says is the report's own title, subject or industry."""
    meta = scope.records[report_id].meta
    own = fold(" ".join(x.value for x in (meta.title, meta.subject, meta.industry) if x))
    names = [n.company for n in query.companies if n.company]
    codes = {code.value for code in meta.stock_codes}
    if any(fold(c.name) not in own and (c.code or "-") not in codes for c in names):
        return False
    rest = [_IDLE.sub("", word) for word, _, _ in query.leftovers]
    return all(len(w) < 2 or w in own or _pairs_in(w, own) for w in rest)


def _pairs_in(word: str, text: str) -> bool:
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(pair in text for pair in pairs) >= 0.6 * len(pairs)


def _points(report_id: str, most: int, scope: Scope) -> list[Statement]:
    """The points of one report, the house named before the first."""
    report = scope.snapshot.report(report_id)
    blocks = _own_points(report)
    spans = [_point(report, index) for index in (blocks or _section_openings(report))]
    found = [span for span in spans if span is not None][:most]
    statements = []
    for number, span in enumerate(found):
        words = shown(span.of(report.text)).rstrip("；;。，,：:")
        label = f"{scope.label(report_id)}：" if number == 0 else ""
        if number == 0 and not blocks:
            label = f"{scope.label(report_id)}（没有要点一节，以下为各节首句）："
        evidence = (Evidence(report_id, span.start, span.end),)
        statements.append(Statement(f"{label}{words}", evidence, (words,)))
    return statements


def _own_points(report: Report) -> list[int]:
    """The blocks of the part that the report itself heads as its points."""
    for number, section in enumerate(report.sections):
        head = fold(section.path[-1]).strip(" :：■●") if section.path else ""
        if len(head) <= 10 and _HEADS.search(head):
            own = [i for i, b in enumerate(report.blocks) if b.section == number and _speaks(b)]
            if own:
                return own
    return []


def _section_openings(report: Report) -> list[int]:
    """The first paragraph of each section of the body."""
    seen: set[int] = set()
    found = []
    for index, block in enumerate(report.blocks):
        long = len(block.span) >= 40
        if block.role is Role.BODY and _speaks(block) and long and block.section not in seen:
            seen.add(block.section)
            found.append(index)
    return found


def _speaks(block: Block) -> bool:
    kinds = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
    return block.kind in kinds and block.role in (Role.BODY, Role.FRONT) and len(block.span) >= 12


def _point(report: Report, index: int) -> Span | None:
    """The bold words that lead a point if they say enough, else its first sentence, cut if long."""
    block = report.blocks[index]
    bold = _LEAD.search(report.text, block.span.start, min(block.span.end, block.span.start + 140))
    if bold and bold.start() - block.span.start <= 4 and len(bold.group()) >= 16:
        return Span(bold.start(), bold.end())
    sentences = sentences_of(report, index)
    if not sentences or sentences[0].norm.startswith("风险提示"):
        return None
    first = sentences[0].span
    clauses = clauses_of(report.text, first)
    end = clauses[0].end
    for clause in clauses[1:]:
        if clause.end - first.start > POINT_CHARS:
            break
        end = clause.end
    return Span(first.start, end)
