"""Who is meant by 我们, 公司 or 它 in a quoted sentence: a note in 〔〕, which are ours.

Used by `composing`; the quote of the citation stays as it is, only the shown words carry the note.
"""

from __future__ import annotations

import re

from service.reading.scope import Scope

_HOUSE = re.compile(
    "(?:我们|笔者|本报告)(?=(?:仍|也|依然|继续|首次|分别)?(?:认为|预计|预测|预期|看好|建议|推荐|判断|维持|给予|上调|下调|估计|测算))"
)
_SUBJECT = re.compile(
    "^(?:该公司|本公司|公司|该股|它|他|她|该片|该书|该站|该校|该地|其(?!中|他|它|次|实|余|间))(?!们)"
)
# A title longer than this is no name of a thing.
_LONGEST = 16


def noted(words: str, report_id: str, scope: Scope) -> str:
    """The words with the house behind 我们 and the subject behind a pronoun that opens them."""
    house, subject = scope.broker(report_id), _subject(report_id, scope)
    if house:
        words = _HOUSE.sub(lambda m: f"{m.group()}〔{house}〕", words, count=1)
    opening = _SUBJECT.match(words)
    if opening and subject and subject not in words:
        words = f"{opening.group()}〔{subject}〕{words[opening.end() :]}"
    return words


def _subject(report_id: str, scope: Scope) -> str:
    """What the report is about: its company, or the title of an article; empty if unknown."""
    meta = scope.records[report_id].meta
    if meta.subject is not None:
        return meta.subject.value
    if meta.title is None or meta.broker is not None:
        return ""
    name = re.split("[（(]", meta.title.value)[0].strip()
    return name if 1 < len(name) <= _LONGEST else ""
