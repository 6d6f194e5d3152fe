"""Whether what an answer says is borne by what it cites, and by the right one of its citations.

Foot of `eval.measures`: ALCE's citation recall and precision (Gao et al., EMNLP 2023) made
deterministic. A statement is supported if its figures all stand in what its marks cite, or, when
it has none, if its words do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.report import Span
from eval.golden import GoldenItem
from eval.matching import squash, ungrouped
from eval.sources import Sources
from eval.workings import inputs_only, results_of

_MARK = re.compile(r"\[(\d+)\]")
# A statement ends with its sentence or clause: brokers are told apart by 甲为 1 [1]；乙为 2 [2].
_STATEMENT = re.compile(r"[^。！？；!?;\n]+(?:[。！？；!?;\n]+(?:\s*\[\d+\])*|$)")
_FIGURE = re.compile(r"(?<![A-Za-z0-9.])\d+(?:\.\d+)?(?![\d]|\.\d)")
_COUNT = re.compile(r"\d+(?= ?[家个只支名位项])")
# A sentence without figures is borne if this share of its character pairs is cited: wording of
# one's own (“报告认为”) stays below half of any sentence that the samples' answers hold.
_WORDS = 0.5


@dataclass(frozen=True, slots=True)
class Attribution:
    """Shares in [0, 1]; None where there is nothing to count.

    Args:
        precision: citations that touch gold evidence, of all citations.
        recall: pieces of the nearest evidence set that are cited.
        support: statements with marks that those marks bear.
        uncited: figures of the answer that stand neither in a citation nor in the question.
        figures: figures of the answer that were looked at.
        misattributed: statements that another citation bears, but not the one that they name.
        dangling: marks without a citation.
    """

    precision: float | None
    recall: float | None
    support: float | None
    uncited: int
    figures: int
    misattributed: int
    dangling: int


def attribute(item: GoldenItem, response: Mapping[str, Any], sources: Sources) -> Attribution:
    """How the answer of this response is borne by its citations."""
    citations = response["citations"]
    known = {c["marker"]: _known(c) for c in citations}
    working = _working(response)
    asked = ungrouped(" ".join([item.question, *(turn.content for turn in item.history)]))
    shown = "\n".join(results_of(ungrouped(_MARK.sub(" ", response["answer"]))))
    everything = "\n".join([*known.values(), working, asked, shown])
    supported = marked = misattributed = dangling = uncited = figures = 0
    for sentence in _STATEMENT.findall(response["answer"]):
        marks = [int(mark) for mark in _MARK.findall(sentence)]
        dangling += sum(mark not in known for mark in marks)
        said = inputs_only(ungrouped(_MARK.sub(" ", sentence)))
        if response.get("kind") == "computed":
            said = _COUNT.sub("", said)  # how many rows there are stands in no row
        numbers = [n for n in _FIGURE.findall(said) if not _stands(n, asked)]
        figures += len(numbers)
        uncited += sum(not _stands(number, everything) for number in numbers)
        if marks:
            named = "\n".join([*(known.get(mark, "") for mark in marks), working, asked])
            marked += 1
            if _borne(said, numbers, named):
                supported += 1
            elif _borne(said, numbers, everything):
                misattributed += 1
    precision, recall = _against_gold(item, citations, sources)
    support = supported / marked if marked else None
    return Attribution(precision, recall, support, uncited, figures, misattributed, dangling)


def _known(citation: Mapping[str, Any]) -> str:
    """All that a citation says: its words, where they stand, and who said them when."""
    cell = citation.get("cell") or {}
    parts = [citation["quote"], *(citation.get("section") or ())]
    if cell and not cell["value"].strip("-—–－/ "):
        parts.append("报告未给出")  # what an open cell says
    parts += [cell.get(name) for name in ("table", "row", "column", "unit", "value")]
    parts += [citation.get(name) for name in ("title", "broker", "published")]
    return ungrouped("\n".join(str(part) for part in parts if part))


def _working(response: Mapping[str, Any]) -> str:
    done = response.get("computation") or {}
    return f"{done['expression']} {done['result']}" if done else ""


def _borne(said: str, numbers: Sequence[str], known: str) -> bool:
    if numbers:
        return all(_stands(number, known) for number in numbers)
    words, held = squash(said), squash(known)
    pairs = {words[i : i + 2] for i in range(len(words) - 1)}
    return not pairs or sum(pair in held for pair in pairs) >= _WORDS * len(pairs)


def _stands(number: str, text: str) -> bool:
    """As a whole number; sign and printed zeros apart (2024 in 2024E, 6 in 06 月)."""
    digits = re.escape(number)
    return re.search(rf"(?<![\d.])0*{digits}(?!\d|\.\d)", text) is not None


def _against_gold(
    item: GoldenItem, citations: Sequence[Mapping[str, Any]], sources: Sources
) -> tuple[float | None, float | None]:
    if not item.evidence:
        return None, None
    cited = [(c["report_id"], Span(c["start"], c["end"])) for c in citations]
    places = {
        n: [(piece.report, span) for span in sources.places(piece)]
        for n, piece in enumerate(item.evidence)
    }
    every = [place for piece in places.values() for place in piece]
    hits = sum(_touches(one, every) for one in cited)
    numbers = {id(piece): n for n, piece in enumerate(item.evidence)}
    recall = max(
        sum(any(_touches(one, places[numbers[id(p)]]) for one in cited) for p in pieces)
        / len(pieces)
        for pieces in item.evidence_sets()
    )
    return (hits / len(cited) if cited else None), recall


def _touches(cited: tuple[str, Span], places: Sequence[tuple[str, Span]]) -> bool:
    report, span = cited
    return any(report == other and span.overlaps(place) for other, place in places)
