"""Companies whose figure rises or falls between two periods (2024E 的 EPS 低于 2023E 的有哪些).

A reader: `Query + Scope → Draft | None`; each report answers for itself.
"""

from __future__ import annotations

import re

from corpus.normalise import fold
from indexer.records import Fact
from service.query import Query
from service.reading import arithmetic
from service.reading.draft import Draft, DraftKind, Evidence, Outcome, Statement
from service.reading.scope import Scope
from service.reading.wording import metric_name, number, subject_name, value_with_unit
from service.schemas import Computation

MAX_ROWS = 8
_LOWER = re.compile("低于|小于|少于|不及|不如|下降|下滑|减少|降低|回落|转差|走低|变小|更低|负增长")
_HIGHER = re.compile("高于|大于|多于|超过|上升|增长|增加|提高|提升|走高|变大|更高|改善")
_WHO = re.compile("哪|谁|几家|多少家|有没有|是否有|列出")


def read_changes(query: Query, scope: Scope) -> Outcome | None:
    """The companies whose later figure is lower (or higher) than the earlier one."""
    labels = list(dict.fromkeys(p.period.label for p in query.periods))
    lower, higher = _LOWER.search(query.text), _HIGHER.search(query.text)
    direction = lower or higher
    if query.companies or len(labels) != 2 or len(query.metrics) != 1 or direction is None:
        return None
    if not _WHO.search(query.text) or query.conditions:
        return None
    first, second = labels
    if not re.search("比|相比|相对|较|低于|高于|大于|小于|超过|不及|少于|多于", query.text):
        first, second = max(labels), min(labels)
    statements: list[Statement] = []
    computation: Computation | None = None
    for report_id in scope.speaking:
        pairs = pairs_of(query.metrics[0].id, (first, second), report_id, scope)
        if pairs:
            statement, computed = _answer(pairs, lower is not None, report_id, scope)
            statements.append(statement)
            computation = computation or computed
    if not statements:
        return None
    kind: DraftKind = "comparison" if len(statements) > 1 else "computed"
    return Draft(kind, statements, 0.92, computation=computation)


def pairs_of(
    metric: str, labels: tuple[str, str], report_id: str, scope: Scope
) -> list[tuple[Fact, Fact]]:
    """Both figures of each company that has both."""
    facts = scope.snapshot.facts.find(metrics=(metric,), periods=labels, report_ids=(report_id,))
    held: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        if fact.number is not None and fact.period is not None and fact.cell is not None:
            held.setdefault(fold(fact.subject), {}).setdefault(fact.period, fact)
    return [(own[labels[0]], own[labels[1]]) for own in held.values() if len(own) == 2]


def _answer(
    pairs: list[tuple[Fact, Fact]], lower: bool, report_id: str, scope: Scope
) -> tuple[Statement, Computation]:
    kept = [(a, b) for a, b in pairs if (number(a) < number(b) if lower else number(a) > number(b))]
    a, b = pairs[0]
    word = "低于" if lower else "高于"
    basis = f"{a.period_text or a.period}的{metric_name(a)}{word}{b.period_text or b.period}"
    label = scope.label(report_id)
    vocabulary = scope.snapshot.vocabulary
    names = "、".join(
        f"{subject_name(x)}（{value_with_unit(x, vocabulary)}，{value_with_unit(y, vocabulary)}）"
        for x, y in kept
    )
    found = f"{basis}的公司共{len(kept)}家：{names}" if kept else f"没有{basis}的公司（0家）"
    shown = [f for pair in (kept or pairs[:1]) for f in pair][: 2 * MAX_ROWS]
    computation = arithmetic.counted(kept, pairs)
    evidence = tuple(Evidence.of_fact(f) for f in shown)
    return Statement(f"{label}：{found}", evidence, tuple(x.subject for x, _ in kept)), computation
