"""How certain it is that the reports hold the answer at all, and that the shown words are it.

Between `judging` and `prose`: two logistic models over what the best sentences show, fitted by
`scripts/train_certainty.py` on questions whose paragraph is there and on ones where it was removed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from corpus.normalise import fold
from indexer.records import Hit
from service.reading.expectation import Expectation, Expected, fits
from service.reading.ranking import Scored
from service.reading.scope import Scope
from service.reading.traits import Asked, common_run, noun_traits, novel

KINDS = (
    Expected.WHEN, Expected.NUMBER, Expected.WHO, Expected.WHERE, Expected.WHICH, Expected.WHY,
    Expected.HOW, Expected.LIST, Expected.DEFINITION, Expected.YES_NO,
)  # fmt: skip
SIGNS = (
    "support", "own", "told", "rule", "score", "logit", "probability", "second", "most_support",
    "unknown", "keyword_share", "rival_share", "titled", "least", "run_in_block", "run_in_title",
    "fits", "misfits", "noun", "noun_last", "measured", "words", "length", "rarest_in_sentence",
    *(kind.value for kind in KINDS),
)  # fmt: skip

# Both models learnt on articles of a few hundred characters by no house. There, under this
# probability the answer is held to be absent: of CMRC's training pairs 94 % of those without
# evidence and 2 % of those with it (DRCD: 91 and 7 %; other paragraphs of the article remain).
ABSENT = 0.4
# A long report, or a house's, says the same things in many places: only the hopeless are refused.
ABSENT_IN_REPORTS = 0.001
ARTICLE_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Certainty:
    """Probabilities: that the reports hold the answer; that the shown words are right.

    Args:
        article: the best sentence is of a short text by no house, as those that were learnt on.
    """

    present: float
    right: float
    article: bool

    @property
    def absent(self) -> bool:
        """True if the question should be refused."""
        return self.present < (ABSENT if self.article else ABSENT_IN_REPORTS)


def certainty_of(
    judged: Sequence[Scored],
    hits: Sequence[Hit],
    asked: Asked,
    expectation: Expectation,
    scope: Scope,
) -> Certainty:
    """What the best sentences show, as two probabilities."""
    signs = signs_of(judged, hits, asked, expectation, scope)
    present, right = (_logistic(signs, weights) for weights in _weights())
    report_id = judged[0].sentence.report_id
    short = scope.records[report_id].chars <= ARTICLE_CHARS
    return Certainty(present, right, short and scope.broker(report_id) is None)


def signs_of(
    judged: Sequence[Scored],
    hits: Sequence[Hit],
    asked: Asked,
    expectation: Expectation,
    scope: Scope,
) -> list[float]:
    """The `SIGNS` of a question with its judged sentences, most probable first."""
    best, weighing = judged[0], asked.weighing
    report = scope.snapshot.report(best.sentence.report_id)
    block = fold(report.blocks[best.sentence.block].span.of(report.text))
    title = fold(report.meta.title.value) if report.meta.title else ""
    named = title.split("(")[0].strip()
    fresh = novel(asked, best.sentence.norm)
    fitting = fits(expectation, best.sentence.norm)
    rarest = max(weighing.words, key=lambda w: w[1], default=("", 0.0))[0]
    asked_for = max(len(weighing.text), 1)
    return [
        best.support,
        best.own,
        best.told,
        math.log(max(best.factor, 0.01)),
        best.score,
        best.logit / 10,
        best.probability,
        judged[1].probability if len(judged) > 1 else 0.0,
        max(s.support for s in judged[:8]),
        weighing.unknown,
        _keyword_share(hits, asked),
        _rival_share(hits),
        float(len(named) > 1 and named in weighing.text),
        weighing.least(((block, 1.0), (title, 1.0))),
        common_run(weighing.text, block) / asked_for,
        common_run(weighing.text, title) / asked_for,
        float(fitting is True),
        float(fitting is False),
        *noun_traits(asked, fresh),
        math.log(1 + len(weighing.words)),
        math.log(asked_for),
        float(bool(rarest) and rarest in best.sentence.norm),
        *(float(expectation.kind is kind) for kind in KINDS),
    ]


def _keyword_share(hits: Sequence[Hit], asked: Asked) -> float:
    """The best chunk's keyword score as a share of what all words and pairs could give."""
    weighing = asked.weighing
    most = sum(w for _, w in weighing.words) + sum(w for _, w in weighing.pairs)
    return hits[0].score / most if hits and most else 0.0


def _rival_share(hits: Sequence[Hit]) -> float:
    """The score of the best chunk of another report as a share of the best."""
    first = hits[0].chunk.report_id
    others = (h.score for h in hits if h.chunk.report_id != first)
    return max(others, default=0.0) / hits[0].score if hits[0].score > 0 else 0.0


def _logistic(signs: Sequence[float], weights: Sequence[float]) -> float:
    value = weights[0] + sum(w * s for w, s in zip(weights[1:], signs, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@cache
def _weights() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The weights of both models, the constant first."""
    text = files("service").joinpath("data", "certainty.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    return tuple(stored["present"]), tuple(stored["right"])
