"""How probable each ranked sentence, and each clause of one, is to hold the answer.

Between `ranking` and `prose`: a softmax over the candidates of a question, with weights that
`scripts/train_ranker.py` fitted on the train parts of public reading sets (service/data/ranker.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from corpus.normalise import fold
from corpus.report import BlockKind
from indexer.records import Hit
from service.reading.expectation import Expectation, fits
from service.reading.ranking import Scored
from service.reading.scope import Scope
from service.reading.traits import (
    Asked,
    clause_rows,
    common_run,
    noun_traits,
    novel,
    question_cues,
    text_cues,
)

Floats = npt.NDArray[np.float64]

# How many of the best sentences are judged; the answer is among them in 99 % of CMRC's trial set.
JUDGED = 60
# Rules that no reading set can teach (whom a paragraph speaks of, which year it is on) count beside
# the weights: a sentence whose rule factor is halved loses so much times log 2.
BY_RULE = 4.0
FAR = 40  # rank of a chunk that was not found

SENTENCE_TRAITS = (
    "support", "own", "told", "score", "below_best", "below_best_of_block", "chunk_rank",
    "chunk_share", "block_rank", "place", "first", "length", "short", "long", "before", "after",
    "novel", "noun", "noun_last", "measured", "run", "fits", "misfits", "asks", "heading",
    "title_named", "block_best", "least",
)  # fmt: skip
# An article opens with what its subject is; a paragraph of a broker's report does not.
_OF_ARTICLES = ("place", "first")


@dataclass(frozen=True, slots=True)
class Judge:
    """Weights of one softmax: of its own traits, and of each (question cue, text cue) pair."""

    traits: Floats
    cues: Floats

    def logits(self, rows: Floats, asked: Floats, cues: Floats) -> Floats:
        """`(n,)` logits of candidates; `rows` (n, traits), `asked` (question cues), `cues` (n, text
        cues)."""
        found: Floats = rows @ self.traits + cues @ (asked @ self.cues)
        return found


def judge(
    scored: Sequence[Scored],
    hits: Sequence[Hit],
    asked: Asked,
    expectation: Expectation,
    scope: Scope,
) -> list[Scored]:
    """The best of the scored sentences with their probabilities, most probable first."""
    best = list(scored[:JUDGED])
    if not best:
        return []
    rows, cues = sentence_inputs(best, hits, asked, expectation, scope)
    logits = judges()[0].logits(rows, np.array(question_cues(asked.weighing.text)), cues)
    logits += BY_RULE * np.log([max(s.factor, 0.01) for s in best])
    shares = softmax(logits)
    judged = [
        replace(s, probability=float(p), logit=float(v))
        for s, p, v in zip(best, shares, logits, strict=True)
    ]
    return sorted(judged, key=_order)


def judge_clauses(asked: Asked, clauses: Sequence[str]) -> list[float]:
    """The probability of each folded clause of one sentence to hold the answer, in order."""
    rows, cues = clause_inputs(asked, clauses)
    logits = judges()[1].logits(rows, np.array(question_cues(asked.weighing.text)), cues)
    return [float(p) for p in softmax(logits)]


def clause_inputs(asked: Asked, clauses: Sequence[str]) -> tuple[Floats, Floats]:
    """Traits and cues of the clauses of a sentence."""
    cues = [text_cues(novel(asked, clause)) for clause in clauses]
    return np.array(clause_rows(asked, clauses)), np.array(cues)


def sentence_inputs(
    best: Sequence[Scored],
    hits: Sequence[Hit],
    asked: Asked,
    expectation: Expectation,
    scope: Scope,
) -> tuple[Floats, Floats]:
    """Traits and cues of ranked sentences, best first."""
    reach = _Reach(hits)
    own = {(s.sentence.report_id, s.sentence.block, s.sentence.place): s.own for s in best}
    of_block: dict[tuple[str, int], float] = {}
    for one in best:
        of_block.setdefault((one.sentence.report_id, one.sentence.block), one.score)
    rows, cues = [], []
    for one in best:
        fresh = novel(asked, one.sentence.norm)
        row = _row(one, best[0].score, of_block, own, reach, asked, expectation, fresh, scope)
        rows.append(row)
        cues.append(text_cues(fresh))
    return in_regimes(np.array(rows)), np.array(cues)


def in_regimes(rows: Floats) -> Floats:
    """Each row twice: for any text, without what only the place in an article tells, and for a
    report whose own title the question names (an article on one thing)."""
    general = rows.copy()
    general[:, [SENTENCE_TRAITS.index(name) for name in _OF_ARTICLES]] = 0.0
    titled = SENTENCE_TRAITS.index("title_named")
    return np.concatenate([general, rows * rows[:, titled : titled + 1]], axis=1)


def softmax(logits: Floats) -> Floats:
    """Shares that sum to one."""
    raised = np.exp(logits - logits.max())
    shares: Floats = raised / raised.sum()
    return shares


@cache
def judges() -> tuple[Judge, Judge]:
    """The judge of sentences and the judge of clauses, from the shipped weights."""
    text = files("service").joinpath("data", "ranker.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    sentences, clauses = (
        Judge(np.array(stored[kind]["traits"]), np.array(stored[kind]["cues"]))
        for kind in ("sentences", "clauses")
    )
    return sentences, clauses


def _order(scored: Scored) -> tuple[float, str, int]:
    return -scored.probability, scored.sentence.report_id, scored.sentence.span.start


class _Reach:
    """Where among the hits a sentence's own chunk, and the first chunk of its report, stand."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._hits = hits
        self._top = hits[0].score if hits else 1.0

    def of(self, one: Scored) -> tuple[float, float, float]:
        """log rank of the own chunk, its score as a share of the best, log rank of the report."""
        span, report = one.sentence.span, one.sentence.report_id
        rank, share_of_best, first = FAR, 0.0, FAR
        for number, hit in enumerate(self._hits, start=1):
            chunk = hit.chunk
            if chunk.report_id != report:
                continue
            first = min(first, number)
            if chunk.start < span.end and span.start < chunk.end:
                rank, share_of_best = number, hit.score / self._top
                break
        return math.log(rank), share_of_best, math.log(first)


def _row(
    one: Scored,
    top: float,
    of_block: dict[tuple[str, int], float],
    own: dict[tuple[str, int, int], float],
    reach: _Reach,
    asked: Asked,
    expectation: Expectation,
    fresh: str,
    scope: Scope,
) -> list[float]:
    # One trait a line, in the order of the weights: longer than a function should be, to be read
    # beside the card (service/data/ranker.md).
    sentence, text = one.sentence, asked.weighing.text
    report = scope.snapshot.report(sentence.report_id)
    meta = scope.records[sentence.report_id].meta
    title = fold(meta.title.value).split("(")[0].strip() if meta.title else ""
    rank, share_of_best, first = reach.of(one)
    fitting = fits(expectation, sentence.norm)
    here = (sentence.report_id, sentence.block)
    best_of_block = of_block[here]
    length = len(sentence.norm)
    return [
        one.support,
        one.own,
        one.told,
        one.score,
        one.score / top if top > 0 else 0.0,
        one.score / best_of_block if best_of_block > 0 else 0.0,
        rank,
        share_of_best,
        first,
        min(sentence.place, 10) / 10,
        float(sentence.place == 0),
        min(length, 200) / 100,
        float(length < 12),
        float(length > 120),
        own.get((*here, sentence.place - 1), 0.0),
        own.get((*here, sentence.place + 1), 0.0),
        len(fresh) / max(length, 1),
        *noun_traits(asked, fresh),
        common_run(text, sentence.norm) / max(len(text), 1),
        float(fitting is True),
        float(fitting is False),
        float(sentence.norm.rstrip().endswith(("?", "？"))),
        float(report.blocks[sentence.block].kind is BlockKind.HEADING),
        float(len(title) > 1 and title in text),
        best_of_block / top if top > 0 else 0.0,
        asked.weighing.least(((sentence.norm, 1.0),)),
    ]
