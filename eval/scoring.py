"""One answer against its golden item: right, cited, verbatim, and what went wrong.

Second stage of `eval`: a golden item and a response become a `Verdict`. Deterministic; no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.report import Span
from eval.golden import Evidence, GoldenItem
from eval.matching import squash, stands_in_squashed
from eval.sources import Sources

Response = Mapping[str, Any]  # the JSON shape of service.schemas.AskResponse


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer is worth. None: the question does not arise for this item.

    Args:
        right: every answer group met and nothing forbidden said; for an unanswerable question,
            refused.
        cited: each piece of one evidence set has a citation that overlaps one of its places.
        verbatim: all that claims to be quoted stands at its offsets; None if nothing does.
        reason_right: the refusal gave the reason that the golden note names.
        faults: codes with details, most telling first; empty when all is well.
    """

    right: bool
    cited: bool | None
    verbatim: bool | None
    refused: bool
    reason_right: bool | None
    faults: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The faults without their details, each once."""
        return tuple(dict.fromkeys(fault.split(":", 1)[0] for fault in self.faults))


def score(item: GoldenItem, response: Response, sources: Sources) -> Verdict:
    """The verdict on one answer."""
    refused = bool(response["refused"])
    answer_faults = _answer_faults(item, response)
    uncited = _uncited(item, response, sources)
    quoted = list(_quoted(response))
    misquoted = [
        f"not_verbatim: {what} at {report}:{start}-{end}"
        for what, report, start, end, words in quoted
        if sources.words(report, start, end) != words
    ]
    faults = answer_faults + ([] if refused else uncited) + misquoted
    reason_right = None
    if refused and item.reasons:
        reason_right = response["reason"] in item.reasons
        if not reason_right:
            faults.append(f"wrong_reason: {response['reason']}, expected {'/'.join(item.reasons)}")
    return Verdict(
        right=not answer_faults,
        cited=(not refused and not uncited) if item.evidence else None,
        verbatim=not misquoted if quoted else None,
        refused=refused,
        reason_right=reason_right,
        faults=tuple(faults),
    )


def _answer_faults(item: GoldenItem, response: Response) -> list[str]:
    if not item.answerable:
        return [] if response["refused"] else ["answered_unanswerable"]
    if response["refused"]:
        return [f"refused: {response['reason']}"]
    answer = squash(response["answer"])
    faults = [
        "missing: " + " | ".join(group)
        for group in item.answers
        if not any(stands_in_squashed(squash(alternative), answer) for alternative in group)
    ]
    forbidden = [word for word in item.forbid if stands_in_squashed(squash(word), answer)]
    return faults + [f"forbidden: {word}" for word in forbidden]


def _uncited(item: GoldenItem, response: Response, sources: Sources) -> list[str]:
    """Faults of the evidence set that is nearest to being cited whole; empty if one is."""
    cited = [(c["report_id"], Span(c["start"], c["end"])) for c in response["citations"]]
    faults = [
        [fault for piece in pieces if (fault := _uncited_piece(piece, cited, sources))]
        for pieces in item.evidence_sets()
    ]
    return min(faults, key=len, default=[])


def _uncited_piece(
    piece: Evidence, cited: Sequence[tuple[str, Span]], sources: Sources
) -> str | None:
    places = sources.places(piece)
    if any(report == piece.report and any(map(span.overlaps, places)) for report, span in cited):
        return None
    shown = piece.quote or f"{piece.report}:{piece.start}-{piece.end}"
    if not places:
        return f"evidence_not_in_report: {shown}"
    near = any(report == piece.report for report, _ in cited)
    return f"{'cited_elsewhere' if near else 'not_cited'}: {shown}"


def _quoted(response: Response) -> Iterator[tuple[str, str, int, int, str]]:
    """Everything that claims to stand in a report: what, report id, start, end, words."""
    for citation in response["citations"]:
        name, report = f"[{citation['marker']}]", citation["report_id"]
        yield f"quote {name}", report, citation["start"], citation["end"], citation["quote"]
        if cell := citation.get("cell"):
            yield f"cell {name}", report, cell["start"], cell["end"], cell["value"]
    for read in (response.get("computation") or {}).get("inputs", []):
        yield "input", read["report_id"], read["start"], read["end"], read["value"]
    for passage in response.get("passages", []):
        place = passage["report_id"], passage["start"], passage["end"]
        yield "passage", *place, passage["text"]
