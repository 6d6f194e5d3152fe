"""What the profiles at a report's end say of a person: education, awards, coverage.

A reader: `Query + Scope → Draft | None`; a profile is a PROFILE block that opens with a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.normalise import fold
from corpus.report import Role
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Statement
from service.reading.scope import Scope
from service.reading.sentences import shown

_NAME = re.compile(r"\s*(?:[-•■]\s*)?(?:分析师|研究员)?\s*([\u4e00-\u9fff]{2,4})\s*[：:，,（(]")
_PERSON = re.compile(
    "是谁|(?:研究|负责|覆盖|看|跟踪|分析)的?(?:是|些)?(?:什么|哪|啥)|学历|毕业|履历|简历|背景|经历|介绍|加盟|加入"
)
_PAGE_ONE = re.compile(
    "执业|证书|编号|sac|邮箱|邮件|电话|联系方式|(?:哪|什么)(?:一)?(?:家|个)?(?:券商|机构|证券公司)"
)


def read_profiles(query: Query, scope: Scope) -> Outcome | None:
    """The profile of the person whom the question names; None if it names none with a profile."""
    if query.companies or _PAGE_ONE.search(query.text):
        return None
    named_in = {
        i
        for p in scope.snapshot.lexicon.analysts
        if fold(p.name) in query.text
        for i in p.report_ids
    }
    statements = _profiles(query, scope, [i for i in scope.speaking if i in named_in])
    if not statements:
        statements = _elsewhere(query, scope)
    return Draft("metadata", statements, 0.9) if statements else None


def _elsewhere(query: Query, scope: Scope) -> list[Statement]:
    """A person asked of the wrong house; none where the asked house speaks of them at all."""
    if not (scope.brokers and scope.cite_others and _PERSON.search(query.text)):
        return []
    holding = scope.snapshot.reports_with(Role.PROFILE)
    found = _profiles(query, scope, [i for i in scope.others if i in holding])
    for one in found:
        name = one.keys[1]
        if not scope.snapshot.mentions(name, scope.speaking, 1):
            text = f"{name}不在{'、'.join(scope.brokers)}的报告中，而见于{one.text}"
            return [replace(one, text=text)]
    return []


def _profiles(query: Query, scope: Scope, report_ids: Sequence[str]) -> list[Statement]:
    """The profile of the named person in each of the reports."""
    statements = []
    for report_id in report_ids:
        report = scope.snapshot.report(report_id)
        for block in report.blocks:
            words = block.span.of(report.text)
            named = _NAME.match(words) if block.role is Role.PROFILE else None
            if named is None or fold(named.group(1)) not in query.text:
                continue
            evidence = Evidence(report_id, block.span.start, block.span.end)
            plain = shown(words).rstrip("。；;")
            statements.append(
                Statement(
                    f"{scope.label(report_id)}：{plain}", (evidence,), (plain, named.group(1))
                )
            )
    return statements
