"""How to reach a broker and what it is called in full: address, post code, fax, site, names.

A reader: `Query + Scope → Draft | Refusal | None`; it reads lines of contact and legal blocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.normalise import fold
from corpus.report import Report, Role, Span
from service import refusals
from service.query import Query
from service.reading.draft import Draft, DraftKind, Outcome, Statement
from service.reading.places import line_of
from service.reading.scope import Scope


@dataclass(frozen=True, slots=True)
class _Datum:
    asked: re.Pattern[str]
    name: str
    stated: re.Pattern[str]
    roles: frozenset[Role]


_CONTACT = frozenset({Role.CONTACT, Role.DISCLAIMER, Role.FRONT, Role.RATING_DEFINITION})
_LEGAL = frozenset({Role.DISCLAIMER, Role.CERTIFICATION, Role.CONTACT, Role.FRONT})
_NUMBER = r"\s*[:：]?\s*([（(\d][\d（）() \-—]{6,24})"
_DATA = (
    _Datum(
        re.compile("邮编|邮政编码"),
        "邮政编码",
        re.compile(r"(?:邮政编码|邮编)\s*[:：]?\s*(\d{6})"),
        _CONTACT,
    ),
    _Datum(re.compile("传真"), "传真", re.compile(r"传\s*真" + _NUMBER), _CONTACT),
    _Datum(
        re.compile("网址|官网|网站|主页"),
        "网址",
        re.compile(r"((?:https?://|www\.)[A-Za-z0-9./_\-]+)"),
        _CONTACT,
    ),
    _Datum(
        re.compile("客服|总机|(?:公司|研究所|总部|联系|服务)电话|热线"),
        "电话",
        re.compile(r"(?:电话|热线|总机|客服)" + _NUMBER),
        _CONTACT,
    ),
    _Datum(
        re.compile("地址|寄信|办公地点|在哪办公|怎么走|位于哪"),
        "地址",
        re.compile(
            r"(?:地\s*址\s*[:：]\s*)?([\u4e00-\u9fff][^\n:：。；;]{2,40}?"
            r"(?:路|街|大道|巷|弄)[^\n:：。；;]{0,30})"
        ),
        frozenset({Role.CONTACT, Role.FRONT, Role.RATING_DEFINITION}),
    ),
    _Datum(
        re.compile("全称|公司全名|完整名称|法定名称"),
        "全称",
        re.compile(r"([\u4e00-\u9fff]{2,12}(?:股份有限公司|有限责任公司|有限公司))"),
        _LEGAL,
    ),
    _Datum(
        re.compile("英文名|英文全称|英文名称|英语名"),
        "英文名称",
        re.compile(r"^([A-Z][A-Za-z&.,]+(?: [A-Za-z&.,]+)+)$", re.MULTILINE),
        frozenset(Role),
    ),
)


def read_houses(query: Query, scope: Scope) -> Outcome | None:
    """The datum of a house that the question asks for; None if it asks for none."""
    datum = next((d for d in _DATA if d.asked.search(query.text)), None)
    about_house = bool(query.brokers) or bool(re.search("券商|研究所|机构|公司全称", query.text))
    if datum is None or query.companies or not about_house:
        return None
    statements = []
    for report_id in scope.speaking:
        report = scope.snapshot.report(report_id)
        statement = _stated(datum, report, scope)
        if statement is not None:
            statements.append(statement)
    if not statements:
        return refusals.low_support(query.text)
    kind: DraftKind = "comparison" if len(statements) > 1 else "metadata"
    return Draft(kind, statements, 0.93)


def _stated(datum: _Datum, report: Report, scope: Scope) -> Statement | None:
    broker = scope.broker(report.report_id) or ""
    stem = fold(broker).removesuffix("证券")
    for block in reversed(report.blocks):
        if block.role not in datum.roles:
            continue
        for match in datum.stated.finditer(report.text, block.span.start, block.span.end):
            value = match.group(1).strip(" ，,。")
            if datum.name == "全称" and stem not in fold(value):
                continue
            place = line_of(report, Span(match.start(1), match.end(1)))
            text = f"{broker or scope.label(report.report_id)}的{datum.name}为{value}"
            return Statement(text, (place,), (value,))
    return None
