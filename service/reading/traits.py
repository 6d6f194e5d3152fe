"""What a sentence, or a clause of one, shows of an answer: the numbers that the ranker weighs.

Between `ranking` and `judging`: `Weighing + candidates → rows of traits`; no weight stands here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from service.reading.weighing import Weighing, share

_NOUN = re.compile(
    "(?:什么样?的?|哪[一几]?[个家所位种款座门项部支些类条]?的?)(?P<noun>[\u4e00-\u9fff]{1,4})"
)
_MEASURED = re.compile("(?:几|多少)(?P<noun>[\u4e00-\u9fff]{1,2})")
_NOT_NOUN = re.compile("^(?:是|为|有|在|的|时候|时间|吗|呢|和|与|被|可|会|能|要|叫|做)")
_RUN = re.compile("[\u4e00-\u9fff]+|[a-z0-9]+")


@lru_cache(maxsize=32_768)
def text_cues(norm: str) -> tuple[float, ...]:
    """Which cues a folded sentence or clause holds, 1 or 0 each."""
    return tuple(1.0 if pattern.search(norm) else 0.0 for pattern in _cues("text"))


@lru_cache(maxsize=256)
def question_cues(text: str) -> tuple[float, ...]:
    """Which cues a folded question holds, 1 or 0 each."""
    return tuple(1.0 if pattern.search(text) else 0.0 for pattern in _cues("question"))


@cache
def _cues(kind: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of service/data/cues.tsv, in its order; an empty one fits every text."""
    text = files("service").joinpath("data", "cues.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple(re.compile(pattern) for own, _, pattern in rows if own == kind)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a question is compared with each text, worked out once.

    Args:
        noun: the kind of thing that is asked for (什么颜色 → 颜色); may be empty.
        measure: what is counted (多少人 → 人); may be empty.
    """

    weighing: Weighing
    words: tuple[str, ...]
    noun: str
    measure: str


def asked_of(weighing: Weighing) -> Asked:
    """The question's own words, and the noun that its answer should be a kind of."""
    text = weighing.text
    found = _NOUN.search(text)
    noun = found["noun"] if found and not _NOT_NOUN.match(found["noun"]) else ""
    noun = noun or weighing.attribute
    counted = _MEASURED.search(text)
    words = tuple(sorted({w for w, _ in weighing.words if len(w) > 1}, key=lambda w: (-len(w), w)))
    return Asked(weighing, words, noun, counted["noun"] if counted else "")


def novel(asked: Asked, norm: str) -> str:
    """A text without the question's words: where a new answer may stand."""
    for word in asked.words:
        norm = norm.replace(word, " ")
    return norm


def common_run(text: str, norm: str) -> int:
    """Length of the longest run of characters that two folded texts share."""
    best = 0
    for at in range(len(text)):
        while at + best < len(text) and text[at : at + best + 1] in norm:
            best += 1
    return best


def noun_traits(asked: Asked, fresh: str) -> tuple[float, float, float]:
    """Whether the asked noun stands in the new part of a text, its last character (国家 … 美国),
    and a count in the asked measure (多少人 … 300人)."""
    whole = share(asked.noun, fresh) if asked.noun else 0.0
    last = 1.0 if asked.noun and (asked.noun[-1] in fresh or asked.noun[0] in fresh) else 0.0
    counted = 0.0
    if asked.measure:
        unit = re.escape(asked.measure[:1])
        counted = float(bool(re.search(rf"[\d一二两三四五六七八九十百千万亿余]\s*{unit}", fresh)))
    return whole, last, counted


CLAUSE_TRAITS = (
    "own", "own_best", "novel", "length", "short", "first", "last", "count", "after_best",
    "before_best", "beside_best", "is_best", "noun", "noun_last", "measured", "run",
)  # fmt: skip


def clause_rows(asked: Asked, clauses: Sequence[str]) -> list[list[float]]:
    """A row of `CLAUSE_TRAITS` for each clause of one sentence, in order."""
    weighing = asked.weighing
    own = [weighing.coverage(((clause, 1.0),)) for clause in clauses]
    top = max(own, default=0.0)
    best = own.index(top) if own else 0
    rows = []
    for at, clause in enumerate(clauses):
        fresh = novel(asked, clause)
        rows.append(
            [
                own[at],
                own[at] / top if top else 0.0,
                _letters(fresh) / max(_letters(clause), 1),
                min(len(clause), 80) / 40,
                float(len(clause) < 5),
                float(at == 0),
                float(at == len(clauses) - 1),
                math.log(len(clauses)),
                float(at == best + 1),
                float(at == best - 1),
                1 / (1 + abs(at - best)),
                float(at == best),
                *noun_traits(asked, fresh),
                common_run(weighing.text, clause) / max(len(weighing.text), 1),
            ]
        )
    return rows


def _letters(text: str) -> int:
    return sum(map(len, _RUN.findall(text)))
