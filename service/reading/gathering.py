"""Lists gathered whole: bullets under a heading, 第一/第二 paragraphs, ①② items.

Used by the prose reader when the question wants a list and the best sentence is one of its items.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from corpus.report import BlockKind, Report
from service.query import Query
from service.reading.draft import Evidence, Statement
from service.reading.expectation import Expectation, Expected
from service.reading.scope import Scope
from service.reading.sentences import Sentence, sentences_of, shown
from service.reading.weighing import Weighing

MAX_ITEMS = 10
_ENUMERATED = re.compile(
    r"^\s*(?:第[一二三四五六七八九十]+(?:[，,、：:]|维度|点|步)|[①-⑳]|[（(]?[1-9一二三四五六七八九十][)）.、])"
)
_COLON = re.compile(r"[：:]\W*$")
# A heading must carry this share of the question before its whole list is the answer.
_HEADING_SHARE = 0.5
_ITEM_CHARS = 160


def gather(
    query: Query, best: Sentence, weighing: Weighing, expectation: Expectation, scope: Scope
) -> list[Statement]:
    """The whole list that the best sentence belongs to, if the question wants it; else nothing."""
    if expectation.kind is not Expected.LIST:
        return []
    report = scope.snapshot.report(best.report_id)
    block = report.blocks[best.block]
    run = _run(report, best.block) or _run_behind(report, best.block)
    run = [i for i in run if sentences_of(report, i)]  # a block of contents is no item
    if len(run) < 2:
        return []
    heading = fold(" ".join((*report.sections[block.section].path, _lead(report, run[0]))))
    share = weighing.coverage(((heading, 1.0),))
    own = weighing.coverage(((best.norm, 1.0),))
    if share < _HEADING_SHARE or share < 0.8 * own:
        return []
    return [_item(report, i, scope, n == 0) for n, i in enumerate(run[:MAX_ITEMS])]


def _run(report: Report, index: int) -> list[int]:
    """The neighbouring items of one list within one section."""

    def is_item(i: int) -> bool:
        other = report.blocks[i]
        if other.section != report.blocks[index].section:
            return False
        if other.kind is BlockKind.LIST_ITEM:
            return True
        return bool(_ENUMERATED.match(other.span.of(report.text)[:12]))

    if not is_item(index):
        return []
    first = last = index
    while first > 0 and is_item(first - 1):
        first -= 1
    while last + 1 < len(report.blocks) and is_item(last + 1):
        last += 1
    return list(range(first, last + 1))


def _run_behind(report: Report, index: int) -> list[int]:
    """The list that a heading, or a line that ends in a colon, opens."""
    block = report.blocks[index]
    opens = block.kind in (BlockKind.HEADING, BlockKind.CAPTION) or _COLON.search(
        block.span.of(report.text)
    )
    behind = index + 1
    if not opens or behind == len(report.blocks):
        return []
    same = report.blocks[behind].section == block.section
    return _run(report, behind) if same else []


def _lead(report: Report, index: int) -> str:
    if index == 0 or report.blocks[index - 1].section != report.blocks[index].section:
        return ""
    before = report.blocks[index - 1]
    return before.span.of(report.text) if len(before.span) <= 200 else ""


def _item(report: Report, index: int, scope: Scope, first: bool) -> Statement:
    block = report.blocks[index]
    sentences = sentences_of(report, index)
    if len(block.span) <= _ITEM_CHARS or not sentences:
        start, end = block.span.start, block.span.end
    else:
        start, end = sentences[0].span.start, sentences[0].span.end
    words = shown(report.text[start:end]).rstrip("。；;")
    text = f"{scope.label(report.report_id)}：{words}" if first else words
    return Statement(text, (Evidence(report.report_id, start, end),), (words,))
