"""A company's own report (annual, interim, quarterly): who issues it, under which code and title.

Beside `corpus.metadata`: such a report has no broker, whoever sponsors the company, and its figures
are the company's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.report import Sourced, Span

# The cover and the first pages, where the company states its short name and code; a register of
# investments far behind states those of others.
_COVER_CHARS, _FIRST_CHARS = 3_000, 20_000
_GAP = r"[\s\f]{0,6}"
_COVER = re.compile(
    r"(?P<company>[\u4e00-\u9fffA-Za-z（）()·]{2,36}?公司)" + _GAP + r"(?P<title>"
    r"(?:20\d\d|二[〇○0零]{1}[\u4e00-\u9fff〇○]{2})"
    + _GAP
    + r"年?"
    + _GAP
    + r"(?:度"
    + _GAP
    + r")?"
    r"(?:年度报告|半年度报告|中期报告|第[一二三四]季度报告|[一三]季度报告)(?:全文|摘要|正文)?)"
)
_NAME = re.compile(
    r"(?:股票简称|证券简称|公司简称|[AＡ]股简称)[：:\s\t]{1,4}(?P<name>[\u4e00-\u9fffA-Za-z*]{2,10})"
)
_CODE = re.compile(r"(?:股票代码|证券代码|公司代码|[AＡ]股代码)[：:\s\t]{1,4}(?P<code>\d{6})(?!\d)")


@dataclass(frozen=True, slots=True)
class Issuer:
    """What a company's own report says of itself. `subject`: its short name, else its full one."""

    title: Sourced[str]
    subject: Sourced[str]
    code: Sourced[str] | None


def find_issuer(text: str) -> Issuer | None:
    """The issuer, if the first lines are the cover of a company's own report."""
    cover = _COVER.search(text, 0, _COVER_CHARS)
    if cover is None:
        return None
    title = "".join((cover["company"], *cover["title"].split()))
    name, code = (pattern.search(text, 0, _FIRST_CHARS) for pattern in (_NAME, _CODE))
    return Issuer(
        title=Sourced(title, Span(*cover.span())),
        subject=_sourced(name, "name") if name else _sourced(cover, "company"),
        code=_sourced(code, "code") if code else None,
    )


def _sourced(match: re.Match[str], group: str) -> Sourced[str]:
    return Sourced(match[group], Span(*match.span(group)))
