"""Where a table, a chart or a page has its data from: its source line (资料来源：…).

A reader: `Query + Scope → Draft | None`.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from corpus.report import BlockKind, Report
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.scope import Scope
from service.reading.sentences import shown
from service.reading.weighing import weigh_question

_ASKS = re.compile(
    "(?:数据|资料|图片?|表格?|信息|图表)(?:的)?(?:来源|出处|来自|引自|从哪)|"
    "(?:图|表|数据|资料).{0,12}(?:来源|出处)(?:是|于)?(?:哪|什么|谁)|"
    "(?:引用|援引)了?(?:谁|哪|什么)|数.从哪来|哪里来的(?:数据|资料)"
)
_IDLE = re.compile("数据|资料|来源|出处|引用|图片|图表|那张|这张|信息|谁|哪里|从哪")
# How many blocks above a source line still speak of what it is the source of.
_ABOVE = 4
_MIN_SHARE = 0.3


def read_sources(query: Query, scope: Scope) -> Outcome | None:
    """The source line that belongs to what the question names; None if none is asked for."""
    if not _ASKS.search(query.text):
        return None
    weighing = weigh_question(query, scope.snapshot)
    idle = {w for w, _ in weighing.words if _IDLE.search(w)}
    best: tuple[float, str, int] | None = None
    for report_id in scope.speaking:
        report = scope.snapshot.report(report_id)
        for at, block in enumerate(report.blocks):
            if block.kind is not BlockKind.SOURCE:
                continue
            share = weighing.without(idle).coverage(((_matter(report, at), 1.0),))
            if best is None or share > best[0]:
                best = (share, report_id, at)
    if best is None or best[0] < _MIN_SHARE:
        return None
    _, report_id, at = best
    span = scope.snapshot.report(report_id).blocks[at].span
    words = shown(span.of(scope.snapshot.text(report_id))).rstrip("。")
    evidence = Evidence(report_id, span.start, span.end)
    return Draft(
        "passage", [Statement(f"{scope.label(report_id)}：{words}", (evidence,), (words,))], 0.85
    )


def _matter(report: Report, at: int) -> str:
    """The words that the source line is about: heading, caption and the blocks right above."""
    block = report.blocks[at]
    words = list(report.sections[block.section].path[-1:])
    for other in report.blocks[max(0, at - _ABOVE) : at]:
        if other.section != block.section:
            continue
        if other.table is not None:
            words.append(report.tables[other.table].title or "")
        else:
            words.append(other.span.of(report.text)[:120])
    return fold(" ".join(words))
