"""What is said when a part or the whole of a question has no answer, in the contract's order.

"The reports do not hold this" is a normal answer: it names the gap and what there is instead.
"""

from __future__ import annotations

import re

from indexer.records import Fact
from service.query import Query
from service.reading.draft import Refusal, Statement
from service.reading.scope import Scope
from service.schemas import Missing, Reason

_ORDER: tuple[Reason, ...] = (
    "no_such_broker",
    "no_such_company",
    "no_such_metric",
    "no_such_period",
    "not_in_corpus",
    "low_support",
)
# Enough to show what there is; a list of hundreds helps nobody.
_MAX_INSTEAD = 8


def refuse(missing: list[Missing], scope: Scope, query: Query) -> Refusal:
    """The refusal for a question whose every part is missing; the first reason in order leads."""
    ordered = sorted(missing, key=lambda m: _ORDER.index(m.reason))
    sentences = list(dict.fromkeys(_sentence(m, scope) for m in ordered))
    return Refusal(ordered[0].reason, "".join(f"{s}。" for s in sentences), tuple(ordered), 0.95)


def missing_statements(missing: list[Missing], scope: Scope) -> list[Statement]:
    """The gaps of an answer that holds the rest, each named in a sentence."""
    sentences = dict.fromkeys(_sentence(m, scope) for m in missing)
    return [Statement(sentence, ()) for sentence in sentences]


def no_broker(asked: tuple[str, ...], scope: Scope) -> list[Missing]:
    """One gap for each broker that has no report."""
    instead = brokers_at_hand(scope) if asked else []
    return [
        Missing(slot="broker", asked=name, reason="no_such_broker", instead=instead)
        for name in asked
    ]


def not_in_corpus(asked: str, scope: Scope, why: str = "") -> Refusal:
    """The subject stands in no report, or is no matter for research reports at all."""
    instead = titles_at_hand(scope)
    asked = asked.strip()
    text = why or f"报告中没有与“{asked}”有关的内容"
    known = (
        f"；{'现有报告' if scope.speaking else '索引中另有'}：{'、'.join(instead)}"
        if instead
        else ""
    )
    gap = Missing(slot="subject", asked=asked, reason="not_in_corpus", instead=instead)
    return Refusal("not_in_corpus", f"{text}{known}。", (gap,), 0.9)


def low_support(asked: str) -> Refusal:
    """Passages touch the question, none carries the answer."""
    asked = asked.strip()
    gap = Missing(slot="answer", asked=asked, reason="low_support", instead=[])
    text = f"报告中有相关段落，但没有一处直接回答“{asked}”；最接近的段落已列出，请自行判断。"
    return Refusal("low_support", text, (gap,), 0.7)


def brokers_at_hand(scope: Scope) -> list[str]:
    """Houses with reports inside the filters; other houses where there are none."""
    houses = (scope.broker(i) for i in (scope.within or scope.others))
    return list(dict.fromkeys(b for b in houses if b))[:_MAX_INSTEAD]


def titles_at_hand(scope: Scope) -> list[str]:
    """Titles of reports that may answer; of all reports where a filter leaves none."""
    titles = []
    for report_id in (scope.speaking or sorted(scope.records))[:_MAX_INSTEAD]:
        meta = scope.records[report_id].meta
        titles.append(f"《{meta.title.value}》" if meta.title else report_id)
    return titles


def companies_at_hand(scope: Scope) -> list[str]:
    """Companies with figures in the reports that may answer; those with a code if there are any,
    since rows without one are often no companies (合计, a fund among the holders)."""
    speaking = set(scope.speaking)
    found = [s for s in scope.snapshot.facts.subjects() if speaking & set(s.report_ids)]
    listed = [s for s in found if s.code]
    return list(dict.fromkeys(s.name for s in listed or found))[:_MAX_INSTEAD]


def short_metric(fact: Fact) -> str:
    """The printed metric without its unit."""
    return re.sub(r"[(（][^()（）]*[)）]", "", fact.metric_text).strip() or fact.metric_text


def _sentence(gap: Missing, scope: Scope) -> str:
    instead = "、".join(gap.instead)
    where = f"{'、'.join(scope.brokers)}的报告" if scope.brokers else "现有报告"
    if gap.reason == "no_such_broker":
        tail = f"；现有券商：{instead}" if instead else ""
        return f"没有{gap.asked}的报告{tail}"
    if gap.reason == "no_such_company":
        tail = f"；可查：{instead}" if instead else ""
        return f"{where}中没有提到{gap.asked}{tail}"
    if gap.reason == "no_such_metric":
        tail = f"；现有指标：{instead}" if instead else ""
        whose = f"{gap.of}的" if gap.of else ""
        return f"{where}中没有给出{whose}{gap.asked}{tail}"
    if gap.reason == "no_such_period":
        tail = f"；现有期间：{instead}" if instead else ""
        figure = f"{gap.of}在{gap.asked}" if gap.of else gap.asked
        return f"{where}中没有{figure}的数据{tail}"
    return f"报告中没有与“{gap.asked}”有关的内容"
