"""Which operation the words of a question name, and whether it wants a result at all.

Stands below `working` and `operating`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from service.reading.given.formulas import book_of_all
from service.reading.given.items import Given, Prompt
from service.reading.given.matching import CAGR, GROWTH, asked_periods, share
from service.reading.given.naming import CHANGES


class Operation(StrEnum):
    """What is done with quantities."""

    CAGR = "cagr"
    GROWTH = "growth"
    POINTS = "points"
    DIFFERENCE = "difference"
    SHARE = "share"
    TIMES = "times"
    RATIO = "ratio"
    SUM = "sum"
    MEAN = "mean"
    NONE = "none"


POINTS = re.compile("百分点|基点|bp")
DIFFERENCE = re.compile(
    "相差|之差|差额|差值|差距|差异|(?:增加|减少|增长|下降|提高|提升|降低|上升|收窄|扩大|变动|变化|上涨|下跌|涨|跌)(?:了|的)?(?:多少|额|量|金额|几)|增量|高多少|低多少|多多少|少多少|高出多少|[利价]差|增减额|剪刀差"
)
SHARE = re.compile("占.{0,24}(?:比|百分之|多少|几|份额)|占比|比重|比例|百分比")
TIMES = re.compile("几倍|多少倍|倍数")
RATIO = re.compile("之比|比值|比率|的比$|比$")
SUM = re.compile("合计|总和|之和|总计|总共|一共|累计|总额是|共计|加总|相加")
MEAN = re.compile("平均|均值|月均|日均|年均|均价")
_ORDER = (
    (Operation.CAGR, CAGR), (Operation.POINTS, POINTS), (Operation.GROWTH, GROWTH),
    (Operation.SHARE, SHARE), (Operation.TIMES, TIMES), (Operation.DIFFERENCE, DIFFERENCE),
    (Operation.SUM, SUM), (Operation.MEAN, MEAN), (Operation.RATIO, RATIO),
)  # fmt: skip


def operation(asked: str) -> Operation:
    """The operation that words name; the first of the order where several do."""
    return next((op for op, pattern in _ORDER if pattern.search(asked)), Operation.NONE)


def _in_full(one: Given, asked: str) -> bool:
    """True if the question names the row and the column of a cell."""
    return share(one.name, asked) >= 1 and all(
        share(k, asked) >= 1 for k in one.keys if not asked_periods(k)
    )


def reckons(prompt: Prompt) -> bool:
    """True if the question wants a result that no figure of the prompt is: an operation that no
    label names, or a quantity with a definition, right before 是多少, that stands nowhere."""
    asked = prompt.asked
    if any(f.in_table and _in_full(f, asked) for f in prompt.figures) and not SUM.search(asked):
        return False
    labels = " ".join(f"{f.row} {f.name} {f.after}" for f in prompt.figures)
    doing = operation(asked)
    if doing in {
        Operation.TIMES,
        Operation.SUM,
        Operation.MEAN,
        Operation.DIFFERENCE,
        Operation.RATIO,
    }:
        found = dict(_ORDER)[doing].search(asked)
        stated = doing is Operation.DIFFERENCE and any(f.measure in CHANGES for f in prompt.figures)
        if found is not None and found.group() not in labels and not stated:
            return True
    names = [n for _, n in book_of_all().names_in(asked)]
    return any(
        re.search(f"{re.escape(n)}(?:是|为|等于)?(?:多少|几|$|[?？])", asked) and n not in labels
        for n in names
    )
