"""Headings inside a table, and the rows whose meaning they or the row above complete.

Stands under `facts`: 成长能力(%) makes growth rates of the rows below it, 电力销售 makes them a
segment's, and 增长率 belongs to the row above.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from corpus.normalise import fold
from indexer.axes import Axis, unit_in
from indexer.vocabulary import Metric, Vocabulary


@dataclass(frozen=True, slots=True)
class Group:
    """A heading inside a table: its words, its unit, and whether its rows are growth rates."""

    words: str = ""
    unit: str | None = None
    growth: bool = False

    @staticmethod
    def of(text: str) -> Group:
        """The group that a heading opens."""
        return Group(text.strip(), unit_in(text), bool(_GROWTH_GROUP.search(fold(text))))

    @property
    def segment(self) -> str | None:
        """What it names, if that may be a segment or a product; None for 合计 and 盈利能力."""
        plain = self.words.strip(" :：*、.")
        if not plain or len(plain) > _LONGEST or _NO_SEGMENT.search(plain):
            return None
        return plain

    @property
    def whole(self) -> bool:
        """True for 合计 and 公司整体: the company again."""
        return _WHOLE.fullmatch(self.words.strip(" :：")) is not None


_LONGEST = 24
_GROWTH_GROUP = re.compile(r"成长(?:能力|性|指标)|增长(?:率|能力)|同比增长|增速|growth")
_WHOLE = re.compile(r"合计|总计|总体|整体|公司整体|公司合计|公司|全公司|集团合计|合并|整体情况")
_NO_SEGMENT = re.compile(
    r"能力|指标|比率|活动|资产|负债|权益|估值|每股|增长|增速|周转|利润|收益|现金|费用|数据|预测|其中|单位|百万元|亿元|万元"
    r"|[:：]\Z|合计|总计|^分|\d{4}"
)


def segments(rows: Iterable[tuple[str, str | None]]) -> bool:
    """True if headings inside a table name segments: one metric stands under several of them.

    Args:
        rows: heading above and metric of each row, in order.
    """
    under: dict[str, set[str]] = {}
    for heading, metric in rows:
        if heading and metric:
            under.setdefault(metric, set()).add(heading)
    return any(len(headings) > 1 for headings in under.values())


def with_growth(
    key: Axis, base: Metric | None, group: Group, vocabulary: Vocabulary
) -> tuple[Axis, Metric | None]:
    """The row's axis with the metric whose growth it states, and the metric of level before it.

    营业收入 | 增长率(%): the second row is the growth of the first; under 成长能力 every row is.
    """
    metric = key.metric
    if metric is not None and metric.id in {"growth", "qoq"} and base is not None:
        change = "yoy" if metric.id == "growth" else "qoq"
        grown = vocabulary.get(f"{base.id}_{change}")
        return replace(key, metric=grown or metric), base
    if metric is None and base is not None and _GROWTH_ONLY.fullmatch("".join(key.parts).lower()):
        return replace(key, metric=vocabulary.get(f"{base.id}_yoy")), base
    if metric is not None and group.growth and metric.family in {"amount", "per_share"}:
        return replace(key, metric=vocabulary.get(f"{metric.id}_yoy")), None
    return key, metric if metric is None or metric.family in {"amount", "per_share"} else None


_GROWTH_ONLY = re.compile(r"\(?\+/-\)?%?\)?|yoy%?|同比%?|增速%?|%")
