"""What a question takes for granted, held against the sentence that speaks of the same matter.

Between `judging` and `prose`: 是 or 不是 with what the report says instead, only where a sentence
holds all the other words of the question; else nothing is said, for silence is no lie.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from corpus.normalise import fold
from corpus.periods import find_periods
from service.query import Query
from service.reading.expectation import counted
from service.reading.ranking import Scored
from service.reading.scope import Scope
from service.reading.traits import Asked
from service.reading.weighing import share

# Sentences looked at; a longer one says too much for a rule to tell what belongs together.
LOOKED_AT, LONGEST = 6, 160
HELD = 0.75  # share of a word (a synonym has .85) that a sentence must hold to speak of it
# 被称为什么 asks for a name, not for a reason.
_WHY = re.compile(
    "(?<![称作名认视列定成命])为什么(?![?？。]*$)|(?<![称作名认视列定成命])为何(?![?？。]*$)|怎么会|凭什么"
)
_YES_NO = re.compile("吗[?？]?$|是否|是不是|有没有|对吧?[?？]?$|对吗|是吧|真的|属实|没错")
# Asked for a thing, not for a yes; 几乎 and 怎么会 ask for none.
_OPEN = re.compile("还是|或者|哪|什么|啥|谁|多少|几(?!乎)|怎么|怎样|如何|咋|何时|何地|何处")
_DENIED = (
    "(?:未(?![来必免])|没有|没(?!收|落)|不(?![过仅但只同少断久论管得错足及光单止惜])|"
    "并非|并没有|无法|暂无)"
)
_NEGATIVE = re.compile(f"{_DENIED}|是不是|是否|有没有")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)")
_PLACED = re.compile(
    "(?:总部|工厂|基地|厂房|项目|公司|园区)?(?:位于|坐落于|坐落在|落户于?|设在|设于|建在|选址于?|地处)"
    "(?P<place>[\u4e00-\u9fff]{2,6}?)(?=的|[,，。;；、?？吗对是)]|$)"
)
_BY = re.compile(
    "(?:由|被)(?P<who>[\u4e00-\u9fffa-z·]{2,12}?)(?:公司|集团|团队|研究人员)?"
    r"(?:[于在]?\d{4}年(?:\d+月)?)?"
    "(?P<verb>提出|发明|创立|创办|开发|研发|设计|承建|承接|收购|主导|牵头|发起|投资|推出|生产|制造|运营|执导)"
)
_OPENS_WITH_SUBJECT = re.compile("(?:该公司|本公司|公司|其|它|该厂|该行)(?!股东|客户|他|中|实)")
_UNSURE = re.compile(f"{_DENIED}|如果|若|假如|可能|有望|或将|拟|预计|计划")
_ASKED_WORDS = re.compile("^(?:真的|没错|属实|对|是|会|有|早|才|都|还)$")


@dataclass(frozen=True, slots=True)
class Premise:
    """The verdict of one sentence on what a question asserts.

    Args:
        holds: whether the sentence says so too.
        said, asserted: what the report says, and what the question says instead; empty where the
            sentence confirms or simply denies.
    """

    scored: Scored
    holds: bool
    said: str = ""
    asserted: str = ""

    def lead(self, yes_no: bool) -> str:
        """What opens the answer: 是, 不是，报告为2021年，而非2023年, or that the premise fails."""
        if self.holds:
            return "是，" if yes_no else ""
        instead = f"报告为“{self.said}”而非“{self.asserted}”；" if self.said else ""
        return f"不是，{instead}" if yes_no else f"问题的前提与报告不符，{instead}"


def asks_yes_no(query: Query) -> bool:
    """True for a question that a bare 是 or 不是 would answer."""
    return query.yes_no or bool(_YES_NO.search(query.text))


def premises_of(
    query: Query, ranked: Sequence[Scored], asked: Asked, scope: Scope
) -> list[Premise]:
    """The verdicts of the best sentences, best first; none where the question asserts nothing."""
    yes_no = asks_yes_no(query)
    if not (yes_no or _WHY.search(query.text)) or _OPEN.search(_WHY.sub("", query.text)):
        return []
    found = (_verdict(query, one, asked, scope) for one in ranked[:LOOKED_AT])
    verdicts = [v for v in found if v is not None and (yes_no or v.said)]
    # Of two sentences with one verdict the shorter says it more plainly.
    return sorted(verdicts, key=lambda v: (v.holds is not verdicts[0].holds, _length(v)))


def _length(premise: Premise) -> int:
    return len(premise.scored.sentence.norm)


def _verdict(query: Query, one: Scored, asked: Asked, scope: Scope) -> Premise | None:
    norm, text = one.sentence.norm, query.text
    if len(norm) > LONGEST:
        return None
    words = [w for w, _ in asked.weighing.words if not _ASKED_WORDS.match(w)]
    here = {w: 1.0 if _above(w, one, scope) else share(w, norm) for w in words}
    mismatches = [
        found
        for found in (
            _other_year(text, norm),
            _other_count(text, norm),
            _other_place(text, norm),
            _other_doer(text, norm),
            _opposite(text, norm, scope.snapshot.segmenter.words(norm)),
        )
        if found is not None
    ]
    excused = " ".join(asserted for _, asserted in mismatches)
    lacking = [w for w in words if here[w] < HELD and not _part_of(w, excused)]
    if lacking or len(mismatches) > 1:
        return None  # another matter
    if mismatches:
        return Premise(one, False, *mismatches[0])
    if _NEGATIVE.search(_without_asking(text)):
        return None  # 没有…吗 is asked either way
    if denies(words, norm):
        return Premise(one, False)
    told = all(found == 1 for found in here.values()) and not _UNSURE.search(norm)
    return Premise(one, True) if told else None


def _part_of(word: str, excused: str) -> bool:
    """True if a word is what was found to differ, a part of it, or holds it (发布于2023年)."""
    parts = re.findall(r"\d+|[\u4e00-\u9fff]+", excused)
    return bool(excused) and (word in excused or any(part in word for part in parts))


def _above(word: str, one: Scored, scope: Scope) -> bool:
    """True if the report's title or its company names the word, or the text before a sentence that
    opens with 公司: its sentences seldom do."""
    meta = scope.records[one.sentence.report_id].meta
    named = " ".join(fold(m.value) for m in (meta.title, meta.subject) if m)
    if word not in named and _OPENS_WITH_SUBJECT.match(one.sentence.norm):
        report = scope.snapshot.report(one.sentence.report_id)
        block = report.blocks[one.sentence.block].span
        named = fold(report.text[block.start : one.sentence.span.start])
    return word in named


def _without_asking(text: str) -> str:
    return re.sub("是不是|是否|有没有|对不对|会不会|能不能|为什么不(?:是)?", "", text)


def _other_year(text: str, norm: str) -> tuple[str, str] | None:
    asserted, said = set(_YEAR.findall(text)), set(_YEAR.findall(norm))
    if len(asserted) != 1 or len(said) != 1 or asserted == said:
        return None
    if len(find_periods(norm)) > 2:
        return None
    return f"{said.pop()}年", f"{asserted.pop()}年"


def _other_count(text: str, norm: str) -> tuple[str, str] | None:
    asserted: dict[str, str] = dict(counted(text))
    said: dict[str, set[str]] = {}
    for unit, number in counted(norm):
        said.setdefault(unit, set()).add(number)
    different = [(u, n) for u, n in asserted.items() if u in said and n not in said[u]]
    if len(different) != 1 or len(said[different[0][0]]) != 1:
        return None
    unit, number = different[0]
    if unit == "年" or _same_number(number, next(iter(said[unit]))):
        return None
    return f"{next(iter(said[unit]))}{unit}", f"{number}{unit}"


_DIGITS = {c: str(n) for n, c in enumerate("零一二三四五六七八九")} | {"两": "2", "十": "10"}


def _same_number(one: str, other: str) -> bool:
    return _DIGITS.get(one, one) == _DIGITS.get(other, other)


def _other_place(text: str, norm: str) -> tuple[str, str] | None:
    asserted, said = _PLACED.search(text), _PLACED.search(norm)
    if asserted is None or said is None:
        return None
    a, s = asserted["place"], said["place"]
    return None if a in norm or s in text or a[:2] == s[:2] else (s, a)


def _other_doer(text: str, norm: str) -> tuple[str, str] | None:
    asserted = _BY.search(text)
    if asserted is None or asserted["who"] in norm:
        return None
    for said in _BY.finditer(norm):
        if said["verb"] == asserted["verb"]:
            return said["who"], asserted["who"]
    return None


def _opposite(text: str, norm: str, words: Sequence[str]) -> tuple[str, str] | None:
    """The word of the sentence that excludes one of the question's."""
    found: list[tuple[str, str]] = []
    for sides in _opposites():
        for mine, other in (sides, sides[::-1]):
            asserted = next((w for w in mine if w in text), None)
            if asserted is None or any(w in text for w in other) or any(w in norm for w in mine):
                continue
            said = next((w for w in other if _says(w, norm, words)), None)
            if said is not None:
                found.append((said, asserted))
    return found[0] if len(found) == 1 else None


def _says(word: str, norm: str, words: Sequence[str]) -> bool:
    """True if a sentence says a word, undenied; 中国有史以来 says no 国有."""
    undenied = re.search(f"(?<![未没不]){word}", norm)
    return bool(undenied) and any(w.startswith(word) or w.endswith(word) for w in words)


def denies(words: Sequence[str], norm: str) -> bool:
    """True if a folded sentence says 未, 没有 or 不 right before one of the words."""
    return any(
        len(w) > 1 and re.search(f"{_DENIED}[^,，。;；]{{0,3}}{re.escape(w)}", norm) for w in words
    )


@cache
def _opposites() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    text = files("service").joinpath("data", "opposites.txt").read_text(encoding="utf-8")
    rows = (line.split("|") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((tuple(one.split()), tuple(other.split())) for one, other in rows)
