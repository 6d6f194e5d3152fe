"""Golden candidates: what people said of answers, as golden questions with their evidence.

Closes the circle: feedback → golden. A candidate is read by a person before it becomes golden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from eval.golden import Evidence, GoldenItem, ItemType
from eval.matching import fold, squash, stands_in
from service.feedback import Given
from service.schemas import AskResponse

TYPE_OF: Final[dict[str, ItemType]] = {
    "fact": "fact",
    "computed": "computed",
    "comparison": "comparison",
    "metadata": "metadata",
    "passage": "prose",
    "refusal": "unanswerable",
}

MAX_GROUPS: Final = 8
"""Answer groups of one candidate: more than a reviewer can check is no help."""

_FIGURE: Final = re.compile(r"(?<![A-Za-z0-9.])-?\d[\d,]*(?:\.\d+)?%?")
_LONGEST: Final = 40  # characters of a sentence that stand for it where nothing is marked


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates, and the questions that none could be made of, with the reason."""

    items: tuple[GoldenItem, ...]
    skipped: tuple[tuple[str, str], ...]


def candidates(given: Iterable[Given]) -> Candidates:
    """One candidate for each question that was voted on, under the same filters; of several votes
    the last one counts.

    A question of a conversation is taken in its complete form, without history.
    """
    votes: dict[tuple[str, str], list[Given]] = {}
    for one in given:
        key = (one.response.standalone_question, one.filters.model_dump_json())
        votes.setdefault(key, []).append(one)
    items, skipped = [], []
    for (question, _), all_of in votes.items():
        made = _candidate(question, all_of)
        if isinstance(made, GoldenItem):
            items.append(made)
        else:
            skipped.append((question, made))
    return Candidates(tuple(items), tuple(skipped))


def _candidate(question: str, votes: Sequence[Given]) -> GoldenItem | str:
    """The candidate, or why there is none."""
    last = votes[-1]
    response = last.response
    if last.vote == "up":
        groups, forbid = _said(response), []
        evidence = [] if response.refused else _evidence(response)
    elif corrected := _correction(last):
        figure, piece = corrected
        groups, evidence = [[figure]], [piece]
        forbid = [one[0] for one in _said(response) if one[0] != figure]
    elif response.refused:
        return "the refusal was called wrong, and no figure of the comment stands in a passage"
    else:
        groups, evidence, forbid = _said(response), _evidence(response), []
    kind = TYPE_OF[response.kind]
    if kind == "unanswerable" and last.vote == "down":
        kind = "fact"
    if kind != "unanswerable" and not (groups and evidence):
        return "nothing of the answer stands word for word in its citations"
    return GoldenItem(
        id=f"fb-{last.feedback_id.removeprefix('fb_')}",
        question=question,
        type=kind,
        answers=tuple(tuple(group) for group in groups),
        forbid=tuple(dict.fromkeys(forbid)),
        evidence=tuple(evidence),
        filters=last.filters,
        split="dev",
        tags=("candidate", last.vote),
        note=_note(votes, response, groups),
    )


def _said(response: AskResponse) -> list[list[str]]:
    """What the answer says: the computed result, the cited cells, else its marked words."""
    if response.refused:
        return []
    if response.computation is not None and stands_in(response.computation.result, response.answer):
        return [[response.computation.result]]
    quotes = squash(" ".join(one.quote for one in response.citations))
    cells = [one.cell.value for one in response.citations if one.cell]
    marked = [response.answer[one.start : one.end] for one in response.highlights]
    for words in (cells, marked, _FIGURE.findall(response.answer), _sentences(response)):
        found = [
            word.strip()
            for word in dict.fromkeys(words)
            if word.strip() and stands_in(word, response.answer) and squash(word) in quotes
        ]
        if found:
            return [[word] for word in found[:MAX_GROUPS]]
    return []


def _sentences(response: AskResponse) -> Iterator[str]:
    """The first words of each cited passage."""
    for one in response.citations:
        words = one.quote.strip().split("\n")[0]
        yield words[:_LONGEST]


def _evidence(response: AskResponse) -> list[Evidence]:
    """The citations as evidence; each quote once."""
    found: dict[tuple[str, str], Evidence] = {}
    for one in response.citations:
        if fold(one.quote):
            found.setdefault(
                (one.report_id, fold(one.quote)), Evidence(report=one.report_id, quote=one.quote)
            )
    return list(found.values())


def _correction(given: Given) -> tuple[str, Evidence] | None:
    """The figure that the comment names, and the line of a citation or passage that holds it."""
    response = given.response
    places = [(one.report_id, one.quote) for one in response.citations]
    places += [(one.report_id, one.text) for one in response.passages]
    for figure in _FIGURE.findall(given.comment):
        if stands_in(figure, response.question) or stands_in(figure, response.answer):
            continue  # the comment repeats what was asked or said
        for report_id, text in places:
            for line in text.split("\n"):
                # Not `stands_in`: without white space the cells of a row touch.
                if squash(figure) in map(squash, _FIGURE.findall(line)):
                    return figure, Evidence(report=report_id, quote=line.strip())
    return None


def _note(votes: Sequence[Given], response: AskResponse, groups: Sequence[Sequence[str]]) -> str:
    """For the reviewer: the votes, the comments, the formula of a computed answer."""
    up = sum(one.vote == "up" for one in votes)
    parts = [f"up={up}", f"down={len(votes) - up}"]
    computed = response.computation
    if computed is not None and groups and groups[0][0] == computed.result:
        parts.append(f"derived={computed.expression}")
    if response.refused and response.reason:
        parts.append(f"reason={response.reason}")
    parts += [
        f"comment={' '.join(one.comment.split()).replace(';', ',')}"
        for one in votes
        if one.comment.strip()
    ]
    return "; ".join(parts)
