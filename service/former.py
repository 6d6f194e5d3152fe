"""Which column of a metric a question means: its former forecast, or what changed since.

Part of `question → Query`: tables of revised forecasts print 新预测, 前预测 and 差异 beside each
other, and each is a metric of its own in the index (`营业收入前预测`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.normalise import fold
from indexer.vocabulary import Vocabulary

if TYPE_CHECKING:
    from service.query import AskedMetric

# What an asker says, and the words of the columns that hold it.
_FORMER = re.compile(
    "(?:前一?次|上一?次|先前|此前|之前|原先|原来|(?<![目当年以日月])前|旧|原)的?(?:盈利)?(?:预测|预期|预估)值?|(?:调整|修正|上调|下调)(?:之)?前|前值"
)
_FORMER_COLUMNS = (
    *("前预测", "旧预测", "原预测", "前次预测", "上次预测", "此前预测", "之前预测", "原先预测"),
    *("前值", "旧值", "原值", "调整前", "上次", "前次", "旧", "原", "前次预测值", "原预测值"),
)
_CHANGED = re.compile(
    "(?:上调|下调|调整|调高|调低|修正)(?:了|的)?(?:多少|几|幅度|比例)|(?:预测|预期)的?(?:差异|变动|变化)(?:幅度|多少)?"
)
_CHANGED_COLUMNS = (
    *("差异", "变动", "变化", "调整幅度", "变动幅度", "变化幅度", "幅度", "上调幅度", "下调幅度"),
    *("差异(%)", "变动(%)", "变化(%)", "调整幅度(%)", "变动比例"),
)
_NEW_TOO = re.compile("新预测|最新|新的预测|现预测|现在|调整后|分别|对比|变成|改为|到多少")
# Where a table states the profit under the other of its two names.
_SAME = {"parent_profit": "net_profit", "net_profit": "parent_profit"}


def of_columns(
    text: str, metrics: list[AskedMetric], held: Collection[str], vocabulary: Vocabulary
) -> list[AskedMetric]:
    """The metrics with the columns in the place of those that the question does not mean.

    Args:
        text: the folded question.
        held: ids of the metrics that the corpus has figures of.
    """
    former, changed = _FORMER.search(text), _CHANGED.search(text)
    if not metrics or (former is None and changed is None):
        return metrics
    found: list[AskedMetric] = []
    for metric in metrics:
        for base in _same_ids(metric, held):
            own = []
            if changed is not None:
                own += _column(base, _CHANGED_COLUMNS, held, vocabulary)
            if former is not None or own:
                own += _column(base, _FORMER_COLUMNS, held, vocabulary)
            if own:
                break
        else:
            base = metric
        keep = not own or changed is not None or _NEW_TOO.search(text) is not None
        found += [*own, *([base] if keep else [])]
    return found


def _same_ids(metric: AskedMetric, held: Collection[str]) -> list[AskedMetric]:
    other = _SAME.get(metric.id)
    return [metric, *([replace(metric, id=other)] if other is not None and other in held else [])]


def _column(
    metric: AskedMetric, words: Collection[str], held: Collection[str], vocabulary: Vocabulary
) -> list[AskedMetric]:
    """The column that is held under one of these words, at most one."""
    name = fold(vocabulary.name_of(metric.id))
    for word in words:
        if f"{name}{word}" in held:
            return [replace(metric, id=f"{name}{word}", name=f"{metric.name}{word}")]
    return []
