"""Columns of one metric that differ by the stretch they measure: 周涨跌幅, 月涨跌幅, 年初至今.

Chooses among facts before `figures` looks up and `tables` scans.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.records import Fact
from service.operations import Operation
from service.query import Query

_STRETCHES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        "年初至今|年初以来|今年以来|年内|ytd",
        "(?:三|3)个?月",
        "(?:六|6)个?月",
        "12个?月|(?:近|过去)(?:一|1)年",
        "(?<!双)周(?!期|转|边|岁)|week",
        "(?:近|过去)(?:一|1)个?月|(?<![\\d个一二三四五六七八九十])月(?![\\d报])|month",
        "日(?:涨|环)|当日|今日|昨日",
    )
)
_FALLEN: Final = re.compile(
    "(?<!涨)跌幅(?:最[大高深]|居首|第一)|(?:最大|最深)的?跌幅|跌(?:得|了)?最多|领跌"
)


def of_stretch(facts: list[Fact], query: Query) -> list[Fact]:
    """The facts of the stretch that the question names; all where it names none, or none fits."""
    for stretch in _STRETCHES:
        if stretch.search(query.text):
            fitting = [f for f in facts if stretch.search(f.metric_text.lower())]
            if fitting:
                return fitting
    return facts


def end_of(facts: list[Fact], query: Query) -> Operation:
    """The end of the column that is asked for: what has fallen most (跌幅最大) is the lowest."""
    signed = any(f.number is not None and f.number.startswith("-") for f in facts)
    if query.operation is Operation.HIGHEST and signed and _FALLEN.search(query.text):
        return Operation.LOWEST
    return query.operation
