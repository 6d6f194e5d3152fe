"""How a sector or an index moved, as the market review of a weekly tells it: 白酒上涨1.61%.

A reader: `Query + Scope → Draft | None`; asked before `figures`, whose tables hold shares only.
"""

from __future__ import annotations

import re

from corpus.report import Span
from service.query import Query
from service.reading.draft import Draft, Outcome, Statement
from service.reading.places import line_of
from service.reading.scope import Scope

_ASKED = re.compile(
    "涨跌幅?|(?:上涨|下跌|涨|跌)了?(?:多少|几个点)|(?:涨|跌)幅(?!榜|居前|靠前|前|最|第|偏离)(?:是|为|有)?(?:多少)?"
)
_TIMES = (
    ("周", re.compile("[本上]周|一周")),
    ("月", re.compile("[本上]月(?!\\d)|一个月")),
    ("年", re.compile("今年|年初|本年|年内")),
)
# Words around the name that a review leaves out or puts elsewhere.
_AROUND = re.compile(
    "[本上]周|[本上]月|今年以来|年初至今|年初以来|今年|年内|一周|整体|累计|分别|板块|行业|子行业|指数|的|是|为|有|多少|[?？。,，、:：]"
)
_MOVED = (
    r"(?:行业|板块|子板块|指数)?(?:（[^（）]{1,20}）|\([^()]{1,20}\))?(?:整体|累计|合计|平均)?"
    r"(?:上涨|下跌|涨|跌|收涨|收跌|上升|下降|(?:涨跌|涨|跌)幅)(?:为|达|了|约)?[约为]*"
    r"-?\d+(?:\.\d+)?\s*(?:%|％|个?百分点|pct)"
)
_ENDS = re.compile("[。；;！？\n\f]")
_SHORTEST = 2  # characters of a name
_MOST_PLACES = 30  # of a name that are looked at: a weekly says its sector on every page


def read_moved(query: Query, scope: Scope) -> Outcome | None:
    """What a sentence says of the move of the sector or index asked about; None if none does."""
    asked = _ASKED.search(query.text)
    if asked is None or any(n.company and n.company.code for n in query.companies):
        return None
    name = _name(query, asked)
    known = scope.snapshot.vocabulary
    others = [m for m in query.metrics if m.id != "price_change" and known.get(m.id) is not None]
    if len(name) < _SHORTEST or others:
        return None
    time = next((pattern for _, pattern in _TIMES if pattern.search(query.text)), None)
    statements = []
    for report_id in scope.speaking:
        told = _told(name, time, report_id, scope)
        if told is not None:
            statements.append(told)
    if not statements:
        return None
    return Draft("comparison" if len(statements) > 1 else "fact", statements, 0.88)


def _name(query: Query, asked: re.Match[str]) -> str:
    """The words of the question that are neither house, nor time, nor what is asked."""
    text = query.text[: asked.start()] + query.text[asked.end() :]
    for broker in sorted(query.brokers, key=lambda one: -one.start):
        text = text.replace(query.text[broker.start : broker.end], "")
    return _AROUND.sub("", text).strip()


def _told(
    name: str, time: re.Pattern[str] | None, report_id: str, scope: Scope
) -> Statement | None:
    """The first place that says it, with its whole line (or sentence) cited."""
    text = scope.snapshot.text(report_id)
    moved = re.compile(_MOVED)
    places = scope.snapshot.mentions(name, report_ids=frozenset({report_id}), limit=_MOST_PLACES)
    for mention in places:
        match = moved.match(text, mention.end)
        if match is None or _longer_name(text, mention.start):
            continue
        starts = [m.end() for m in _ENDS.finditer(text, 0, mention.start)]
        start = (starts or [0])[-1]
        # 食品饮料各子板块中，白酒上涨… goes on with the week of the sentence before it.
        before = [*starts[-2:-1], start][0]
        if time is not None and not time.search(text, before, match.end()):
            continue
        quote = text[mention.start : match.end()]
        report = scope.snapshot.report(report_id)
        place = line_of(report, Span(start, match.end()))
        words = f"{scope.label(report_id)}：{quote}"
        return Statement(words, (place,), (quote[len(name) :],))
    return None


def _longer_name(text: str, start: int) -> bool:
    """True if the name is the end of a longer one: 其它酒类 ends in 酒类."""
    return start > 0 and "\u4e00" <= text[start - 1] <= "\u9fff" and text[start - 1] not in _BEFORE


_BEFORE = frozenset("中周月日内年来期前的，,、；;：:是为及和与但而而")
