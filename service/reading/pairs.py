"""Labels with a value beside them: 保荐机构 / 远峰证券, 52周最高/最低（元）：126.80/48.35.

A reader for what is asked by the label's own words, where no figure and no page one answers; asked
right before prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from corpus.normalise import fold
from corpus.report import BlockKind, Report, Role
from service.query import FUNCTION_WORDS, Query
from service.reading.draft import Draft, Evidence, Statement
from service.reading.metadata import about_companies
from service.reading.scope import Scope

MIN_COVER: Final = 0.75
"""Share of a label's pairs of characters that the question must have."""
MIN_SHARE: Final = 0.6
"""Length of a label in that of the question's own matter."""
_LONGEST_LINE: Final = 60
_SHORTEST_LABEL: Final = 3
_PAIR: Final = re.compile(
    r"^[ \t•◼■●▪◆\-|]*(?P<label>[^\t：:|。，；]{2,24}?)(?:[ ]*[：:][ \t]*|[ ]*\t+[ ]*|[ ]*\|[ ]*)"
    r"(?P<value>[^\t|。；\n]{1,40}?)[ \t|]*$",
    re.MULTILINE,
)
_UNIT: Final = re.compile("[（(][^（()）]*[)）]")
# What a value is the number or the sum of says nothing of which: 拟公开发行股数 is 发行多少股.
_COUNTED: Final = re.compile("(?:总额|总数|数量|金额|数|额)$")
_ROLES: Final = frozenset({Role.BODY, Role.FRONT})
_KINDS: Final = frozenset({BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.LIST_ITEM})
_NO_LABEL: Final = re.compile(
    r"[\d\W]+|.*(?:来源|风险|电话|邮箱|传真|网址|地址|证书|编号|注|证券|报告|图\d|表\d|评级|事件|点评|观点).*"
)
# A figure of one case (乐观情景) is not that of the label alone.
_OPEN: Final = re.compile("为什么|为何|怎么|如何|怎样|哪些|原因|影响|乐观|悲观|情景|情形")


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value; `[start, end)` is both. `cover`: share of it that was asked."""

    cover: float
    label: str
    value: str
    start: int
    end: int


def read_pairs(query: Query, scope: Scope) -> Draft | None:
    """The value beside the label that the question names, in the reports on its company."""
    if len(query.companies) != 1 or _OPEN.search(query.text):
        return None
    company = query.companies[0]
    words = query.text
    named = [(company.start, company.end), *((b.start, b.end) for b in query.brokers)]
    for start, end in sorted(named, reverse=True):
        words = f"{words[:start]} {words[end:]}"
    asked = _letters(words)
    matter = len(_letters(FUNCTION_WORDS.sub("", words)))
    statements = []
    for report_id in about_companies(query, scope).speaking:
        found = _pairs(scope.snapshot.report(report_id), asked)
        # 保荐机构收取多少费用 asks for more than the label says.
        pairs = (p for p in found if len(_letters(p.label)) >= MIN_SHARE * matter)
        best = max(pairs, key=lambda p: (p.cover, len(p.label), -p.start), default=None)
        if best is not None:
            words = f"{scope.label(report_id)}：{company.text}的{best.label}为{best.value}"
            evidence = Evidence(report_id, best.start, best.end)
            statements.append(Statement(words, (evidence,), (best.value,)))
    return Draft("fact", statements, 0.85) if statements else None


def _pairs(report: Report, asked: str) -> Iterator[Pair]:
    """The pairs of a report whose label the question names."""
    for block in report.blocks:
        if block.kind not in _KINDS or block.role not in _ROLES:
            continue
        text = block.span.of(report.text)
        for line in _PAIR.finditer(text):
            if line.end() - line.start() > _LONGEST_LINE or _NO_LABEL.fullmatch(line["label"]):
                continue
            found = _named(line["label"], line["value"], asked)
            if found is not None:
                start = block.span.start
                yield Pair(*found, start + line.start("label"), start + line.end("value"))


def _named(label: str, value: str, asked: str) -> tuple[float, str, str] | None:
    """How well the question names a label, with its words and its value; 最高/最低 are two."""
    labels = _parted(_UNIT.sub("", label).strip())
    values = [v.strip() for v in value.split("/")]
    if len(labels) != len(values):
        labels, values = [_UNIT.sub("", label).strip()], [value.strip()]
    unit = _UNIT.search(label)
    best: tuple[float, str, str] | None = None
    for one, its in zip(labels, values, strict=True):
        core = _COUNTED.sub("", _letters(fold(one)))
        pairs = [core[i : i + 2] for i in range(len(core) - 1)]
        if len(core) < _SHORTEST_LABEL or not its:
            continue
        cover = sum(p in asked for p in pairs) / len(pairs)
        if cover >= MIN_COVER and (best is None or cover > best[0]):
            shown = unit.group()[1:-1] if unit and re.fullmatch(r"[\d.,]+", its) else ""
            best = (cover, one, f"{its}{shown}")
    return best


def _parted(label: str) -> list[str]:
    """52周最高/最低: the second part begins as the first does."""
    parts = [p.strip() for p in label.split("/")]
    if len(parts) == 2 and len(parts[1]) < len(parts[0]):
        parts[1] = parts[0][: len(parts[0]) - len(parts[1])] + parts[1]
    return parts


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
