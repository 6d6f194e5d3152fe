"""Several earlier turns at once: 回到前面那家, 刚才那个问题, 两家差多少, 三家里谁最高.

Before `followups`: says which earlier question a new one leans on, and in which words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from corpus.normalise import normalise
from service.query import Query

Parse = Callable[[str], Query]
Places = list[tuple[int, int]]

_TURN = "(?:那|那么)?(?:我们|咱们|我)?(?:再|还是|重新|先|想)?"
_BACK = re.compile(
    f"{_TURN}(?:回到|说回|聊回|看回|回头(?:再)?看看?|回过头(?:来|再)?看看?|重新看看?)(?P<rest>.+)"
)
_WHERE = "前面|刚才|刚刚|之前|先前|上面|上一?|前一|最开始|最初|一开始|最早|第一"
_REFERENCE = re.compile(
    f"{_TURN}(?:回到|看看?|说|聊|问)?(?P<where>{_WHERE})(?:说|提到?|问|讲|聊)?过?的?(?:那|这)?一?"
    "(?:(?P<unit>家|只|支)(?P<what>公司|股票|个股|标的|券商|机构|证券公司)?|个(?P<thing>公司|券商|机构|问题))"
)
# 那家券商, said of the house that was spoken of last.
_THAT_HOUSE = re.compile("(?:那|这|该)家?(?:券商|机构|证券公司)")
_FIRST = re.compile("第一|最")
_HOUSE = re.compile("券商|机构|证券")
# What compares without naming its sides, and how many sides it means.
_COMPARES = re.compile(
    "差(?:多少|距|额|值|异|几)|相差|哪[家个只年]|谁(?:更|最|比较)?[高低大小多少贵]|比较|对比|不同|区别|一致|分歧|平均|合计"
)
_SIDES = re.compile(
    "(?:这|那|它们?|他们)?(?P<count>两|二|三|四|几)(?P<unit>家|者|个|只|年|期|份|篇)(?:公司|券商|机构|股票|报告)?(?:之间|里面?|中|当中|的)?|它们(?:之间|的)?|二者"
)
_COUNT = {"两": 2, "二": 2, "三": 3, "四": 4, "几": 9}
_TAIL = re.compile("(?:分别)?(?:是|为|有)?(?:多少|几|什么)[^，,。]{0,6}$|[?？。]+$")
_LONGEST = 24  # a question that names its own matter is longer


class Recalled(NamedTuple):
    """The earlier question that a new one leans on, and the new one in words of its own.

    `whole`: the new question stands alone already. `leans`: it leans on it for certain.
    """

    before: str
    question: str
    whole: bool = False
    leans: bool = False


def recall(question: str, said: Sequence[str], parse: Parse) -> Recalled | None:
    """What several earlier turns make of a question; None if it leans on the last one only.

    Args:
        said: earlier questions, each standing alone, oldest first.
    """
    if not said:
        return None
    return (
        _that_house(question, said, parse)
        or _referred(question, said, parse)
        or _returned(question, said, parse)
        or _compared(question, said, parse)
    )


def _that_house(question: str, said: Sequence[str], parse: Parse) -> Recalled | None:
    """那家券商的风险提示: the name of the house that was spoken of last."""
    found = _THAT_HOUSE.search(question)
    if found is None or _REFERENCE.search(question):
        return None
    for earlier in reversed(said):
        names = _names(earlier, parse(earlier), houses=True)
        if names:
            words = question[: found.start()] + names[-1] + question[found.end() :]
            return Recalled(earlier, words)
    return None


def _referred(question: str, said: Sequence[str], parse: Parse) -> Recalled | None:
    """前面那家的PE呢: the reference in the words of what it refers to."""
    found = _REFERENCE.search(question)
    if found is None:
        return None
    rest = (question[: found.start()] + question[found.end() :]).strip(" ，,。？?")
    first = bool(_FIRST.search(found["where"]))
    if found["thing"] == "问题":
        before = said[0] if first else said[-1]
        return Recalled(before, rest) if rest else Recalled(before, before, whole=True)
    houses = bool(_HOUSE.search(found["what"] or found["thing"] or ""))
    name = _referent(said, parse, first, houses)
    if not name and not (found["what"] or found["thing"]):
        name = _referent(said, parse, first, houses=True)
    if not name:
        return None
    about = [earlier for earlier in said if name in earlier]
    if rest in ("", "呢"):
        return Recalled(said[-1], f"{name}呢") if rest else Recalled(about[-1], about[-1], True)
    words = question[: found.start()] + name + question[found.end() :]
    return Recalled(about[-1], words, leans=True)


def _referent(said: Sequence[str], parse: Parse, first: bool, houses: bool) -> str:
    """The company (or house) that was spoken of first, or last before the present one."""
    turns = [_names(earlier, parse(earlier), houses) for earlier in said]
    every = [name for names in turns for name in names]
    if first:
        return every[0] if every else ""
    others = [name for name in every if name not in turns[-1]]
    return others[-1] if others else (every[-1] if every and not turns[-1] else "")


def _returned(question: str, said: Sequence[str], parse: Parse) -> Recalled | None:
    """回到蓝色光标，PE呢: leans on what was asked of it last."""
    back = _BACK.match(question.strip())
    if back is None:
        return None
    rest = back["rest"]
    new = parse(rest)
    for earlier in reversed(said):
        old = parse(earlier)
        same = {n.text for n in new.companies} & {n.text for n in old.companies}
        same |= {b.name for b in new.brokers} & {b.name for b in old.brokers}
        if same:
            bare = not (new.metrics or new.periods or new.leftovers or new.rating_words)
            return Recalled(earlier, earlier if bare else rest, whole=bare, leans=True)
    return Recalled(said[-1], rest) if new.companies or new.brokers else None


def _compared(question: str, said: Sequence[str], parse: Parse) -> Recalled | None:
    """两家差多少: the last question with all sides in the place of its one side."""
    text = question.strip()
    if len(said) < 2 or len(text) > _LONGEST or not _COMPARES.search(text):
        return None
    new = parse(text)
    if new.companies or new.brokers or new.periods or new.metrics:
        return None
    sides = _SIDES.search(text)
    count = _COUNT[sides["count"]] if sides and sides["count"] else 2
    turns = list(said[-min(count, len(said)) :])
    found = _differing([parse(t) for t in turns], turns, sides["unit"] if sides else "")
    if found is None:
        return None
    places, names = found
    last = turns[-1]
    joined = _replaced(last, places, "和".join(names))
    tail = _SIDES.sub("", text).lstrip("的，,")
    between = "" if parse(last).metrics else "，"
    whole = f"{_TAIL.sub('', joined).rstrip('？?。')}{between}{tail or '差多少'}"
    return Recalled(last, whole, whole=True)


def _differing(
    queries: Sequence[Query], turns: Sequence[str], unit: str
) -> tuple[Places, list[str]] | None:
    """The one slot in which the turns differ: its places in the last turn, and all its fillings."""
    kinds = ("periods",) if unit in ("年", "期") else ("companies", "brokers", "periods")
    for kind in kinds:
        fillings = []
        for query, turn in zip(queries, turns, strict=True):
            slots = getattr(query, kind)
            fillings.append("和".join(dict.fromkeys(_word(turn, s.start, s.end) for s in slots)))
        names = list(dict.fromkeys(f for f in fillings if f))
        if len(names) > 1 and fillings[-1]:
            slots = getattr(queries[-1], kind)
            return [(slots[0].start, slots[-1].end)], names
    return None


def _names(turn: str, query: Query, houses: bool) -> list[str]:
    slots = query.brokers if houses else query.companies
    return [_word(turn, slot.start, slot.end) for slot in slots]


def _word(text: str, start: int, end: int) -> str:
    """The asker's own words behind a place in the folded question."""
    span = normalise(text).to_source(start, end)
    return text[span.start : span.end].strip()


def _replaced(text: str, places: Places, words: str) -> str:
    normal = normalise(text)
    for start, end in sorted(places, reverse=True):
        span = normal.to_source(start, end)
        text = f"{text[: span.start]}{words}{text[span.end :]}"
    return text
