"""How figures are put into words: values with units, periods with 实际/预测, working with signs.

Used by every reader of figures, so that one figure reads the same everywhere.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from indexer.records import Fact
from indexer.vocabulary import Vocabulary
from service.reading.scope import Scope

_KIND = {"actual": "实际", "estimate": "预测", "guidance": "指引"}
# A true minus sign: a hyphen would read as the sign of the number behind it.
MINUS = "−"


def metric_name(fact: Fact) -> str:
    """The metric as printed, without unit in brackets and period (`EPS (元/股) 2024E` → `EPS`)."""
    bare = re.sub(r"[(（][^()（）]*[)）]", "", fact.metric_text)
    bare = re.sub(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?", "", bare).strip()
    if fact.period_text:
        # A header of one row (`2024E EPS`) holds both; the period is said beside the name.
        bare = bare.replace(fact.period_text, "").strip() or bare
    return _NUMBERED.sub("", bare) or bare or fact.metric_text


_SHORT_PERIOD = 5  # 本报告期, 上年同期; a longer header says more than a period
# 一、营业总收入 and 其中：营业收入 are said without their place in the list.
_NUMBERED = re.compile(
    "^(?:(?:[一二三四五六七八九十]+、|\\d+[、.](?!\\d)|其中[:：]|[加减][:：])\\s*)+"
)


def unit_of(fact: Fact, vocabulary: Vocabulary) -> str:
    """The unit to say: the stated one, else the metric's own (PE is counted in 倍), else none."""
    if fact.unit:
        return fact.unit
    metric = vocabulary.get(fact.metric)
    if fact.number is not None and metric is not None and metric.family == "multiple":
        return metric.unit or "倍"
    return ""


def value_with_unit(fact: Fact, vocabulary: Vocabulary) -> str:
    """`0.70元/股`, `买入`, or 报告未给出 for `-`."""
    if fact.missing:
        return "报告未给出"
    ready = fact.number is None or fact.value.rstrip(")）").endswith(("%", "倍", "元", "x"))
    shown = fact.value if ready else f"{fact.value}{unit_of(fact, vocabulary)}"
    mark = fact.approx or ""
    if mark in shown:
        return shown
    # 约, 不低于 stand before a figure, 左右, 以上 behind it; what is open stays open.
    return f"{shown}{mark}" if mark in _BEHIND else f"{mark}{shown}"


_BEHIND = {"左右", "上下", "以上", "以下", "有余", "余"}


def subject_name(fact: Fact) -> str:
    """`昆仑万维（300418）`."""
    return f"{fact.subject}（{fact.code}）" if fact.code else fact.subject


def period_phrase(fact: Fact) -> str:
    """`2024E（预测）`, `2022年（实际）`, or empty for a figure without period."""
    if not fact.period_text and not fact.period:
        return ""
    shown = fact.period_text or fact.period or ""
    if re.fullmatch(r"(?:19|20)\d\d", shown):
        shown += "年"
    kind = _KIND.get(fact.kind or "", "")
    if fact.period and fact.period_text and not re.search(r"\d", fact.period_text):
        year = f"{fact.period}年" if fact.period.isdigit() else fact.period
        said = fact.period_text if len(fact.period_text) <= _SHORT_PERIOD else ""
        known = "，".join(filter(None, (said, kind)))
        return f"{year}（{known}）" if known else year
    return f"{shown}（{kind}）" if kind else shown


def full_name(fact: Fact) -> str:
    """`昆仑万维（300418）的2024E（预测）EPS`; a dated price says its date.

    的 keeps the name apart from the digits behind it.
    """
    return f"{subject_name(fact)}的{figure_name(fact)}"


def figure_name(fact: Fact) -> str:
    """`2024E（预测）EPS`: the same without whose it is."""
    dated = fact.period == fact.as_of if fact.as_of else False
    as_of = f"（截至{fact.as_of}）" if fact.as_of and (dated or not fact.period) else ""
    phrase = "" if dated else period_phrase(fact)
    return f"{phrase}{_spaced(phrase, metric_name(fact))}{as_of}"


def figure_sentence(fact: Fact, scope: Scope) -> str:
    """`东吴证券（2024-02-21）：昆仑万维（300418）2024E（预测）EPS为0.70元/股`."""
    vocabulary = scope.snapshot.vocabulary
    label = scope.label(fact.report_id)
    if fact.missing:
        shown = f"（表中为“{fact.value}”）" if fact.value else "（表中该格为空）"
        return f"{label}：报告未给出{full_name(fact)}{shown}"
    warned = f"（注意：{'；'.join(fact.warnings)}）" if fact.warnings else ""
    return f"{label}：{full_name(fact)}为{value_with_unit(fact, vocabulary)}{warned}"


def number(fact: Fact) -> Decimal:
    """The figure as a decimal; only for facts that hold one."""
    if fact.number is None:
        raise ValueError(f"{fact.fact_id} holds no number: {fact.value!r}")
    return Decimal(fact.number)


def plain(value: Decimal) -> str:
    """A decimal without exponent and without a useless trailing point."""
    return format(value, "f")


def rounded(value: Decimal, places: int = 2) -> Decimal:
    """Half up, as the reports round."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def signed(value: Decimal) -> str:
    """A negative operand stands in brackets, so that no two signs meet."""
    return f"（{plain(value)}）" if value < 0 else plain(value)


def _spaced(before: str, after: str) -> str:
    return (
        after if not before or not before[-1].isascii() or not after[:1].isascii() else f" {after}"
    )
