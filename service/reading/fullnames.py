"""What an abbreviation stands for, and what a name is called for short or in another language.

A reader: `Query + Scope → Draft | None`; it reads names with their bracket: CLIP（Contrastive …）.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from corpus.normalise import fold
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Refusal, Statement
from service.reading.scope import Scope
from service.schemas import Missing

_ASKS: Final = re.compile(
    r"(?P<name>[^，,。？?：:]{1,40}?)[”\"]?的?(?:(?:英文|中文)的?)?"
    r"(?P<what>全称|全名|缩写|简称|简写|(?:英文|中文)(?:名称?|叫法?|译名))"
    r"(?:又|分别)?(?:是|为|叫)?(?:什么|啥|哪个|多少)?[?？。]*\Z"
)
_LEAD: Final = re.compile(
    r".*(?:报告|文|研报|篇|表)(?:中|里|内)(?:的|提到的|所说的)?|.*提到的|请问|[“\"]"
)
_SHORT: Final = frozenset({"缩写", "简称", "简写"})
# What stands between a name and its other name: a bracket, with or without an introduction.
_BEHIND: Final = re.compile(
    r"[”\"]?\s*[（(]\s*(?:以下简称|下称|简称|全称(?:为|是)?|英文(?:名|全称)?|即|又称)?[：:，,\s]*[“\"]?"
    r"(?P<other>[^（）()\n]{2,80}?)[”\"]?\s*(?:[，,；;][^（）()\n]{0,40})?[)）]"
)
_SAID: Final = re.compile(
    r"[”\"]?[，,]?\s*(?:的?全称|即)(?:为|是)?[：:]?\s*[“\"]?(?P<other>[^，,。；;（）()\n]{3,80})"
)
_BEFORE: Final = re.compile(
    r"(?P<other>[A-Za-z][A-Za-z0-9&.,'’\- ]{3,80}?"
    r"|[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9\-]{2,30})\s*"
    r"[（(]\s*(?:以下简称|下称|简称|英文缩写|缩写)?[：:，,\s]*[“\"]?\Z"
)
_OTHER_WORDS: Final = re.compile("全[称名]|英文|中文|简[称写]|缩写|名为|叫[做作]?|命名")
MOST: Final = 50  # places of a name that are looked at


def read_fullnames(query: Query, scope: Scope) -> Outcome | None:
    """The other name as each report states it; None if none is asked for, or none is stated."""
    asked = _ASKS.search(query.text)
    if asked is None:
        return None
    name = _LEAD.sub("", asked["name"])
    for broker in query.brokers:
        name = name.replace(query.text[broker.start : broker.end], "").strip("的，, ")
    if len(name) < 2:
        return None
    wants_latin = "英文" in asked.group()
    statements = []
    for report_id in scope.speaking:
        for own, other, evidence in _stated(name, report_id, scope):
            if _fits(own, other, asked["what"] in _SHORT, wants_latin):
                text = f"{scope.label(report_id)}：{own}的{asked['what']}为{other}"
                statements.append(Statement(text, (evidence,), (other,)))
                break
    if not statements:
        return _none_stated(name, asked["what"], query, scope)
    return Draft("comparison" if len(statements) > 1 else "passage", statements, 0.9)


def _none_stated(name: str, what: str, query: Query, scope: Scope) -> Refusal | None:
    """Of a name that is there its other one is missing; None where a place may state it in words
    of its own, and for a description (某公司打造的工坊), which stands nowhere as it is."""
    places = scope.snapshot.mentions(name, scope.speaking, MOST)
    for place in places:
        text = scope.snapshot.text(place.report_id)
        line = text.rfind("\n", 0, place.start) + 1
        if _OTHER_WORDS.search(text, max(place.start - 40, line), place.end + 60):
            return None
    if not places:
        return None
    at = query.text.find(name)
    said = query.own_words(at, at + len(name)) if at >= 0 else name
    text = f"报告中有“{said}”，但没有给出它的{what}；最接近的段落已列出，请自行判断。"
    gap = Missing(slot="answer", asked=query.asked.strip(), reason="low_support", instead=[])
    return Refusal("low_support", text, (gap,), 0.8)


def _stated(name: str, report_id: str, scope: Scope) -> Iterator[tuple[str, str, Evidence]]:
    """The name as printed, what stands as its other name, and the place of both."""
    text = scope.snapshot.text(report_id)
    for place in scope.snapshot.mentions(name, (report_id,), MOST):
        own = text[place.start : place.end]
        for pattern in (_BEHIND, _SAID):
            if after := pattern.match(text, place.end, place.end + 200):
                yield own, after["other"].strip(), Evidence(report_id, place.start, after.end())
        if before := _BEFORE.search(text[max(place.start - 120, 0) : place.start]):
            start = place.start - len(before.group())
            closes = text.find("）", place.end, place.end + 3) + 1 or place.end
            other = before["other"].strip()
            if (
                _script(own) and own[0] in other
            ):  # 由甲乙科技公司（以下简称甲乙）: 由 is no part of it
                cut = other.index(own[0])
                start, other = start + cut, other[cut:]
            yield own, other, Evidence(report_id, start, closes)


def _fits(own: str, other: str, shorter: bool, latin: bool) -> bool:
    """True if the one can be the other's short (or long) name: its characters in their order,
    from the first on; a name in another script has none to compare."""
    if latin and not re.match("[A-Za-z]", other):
        return False
    first, second = (other, own) if shorter else (own, other)
    short, long = (fold(one).replace(" ", "") for one in (first, second))
    if len(short) >= len(long):
        return False
    if _script(short) != _script(long):
        return latin or shorter or not re.search(r"\d", other)
    rest = iter(long)
    return short[0] == long[0] and all(
        character in rest for character in short if character.isalnum()
    )


def _script(name: str) -> bool:
    return bool(re.search("[\u4e00-\u9fff]", name))
