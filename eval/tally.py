"""Verdicts counted: by type, tag and split, with what a reader looks at first.

After `eval.run`; `eval.command` prints what these functions return.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eval.run import Outcome


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`; `of` may be 0, then there is no rate (and never a NaN)."""

    hits: int
    of: int

    @property
    def rate(self) -> float | None:
        """In [0, 1], None when nothing was counted."""
        return self.hits / self.of if self.of else None

    def __str__(self) -> str:
        rate = self.rate
        return "—" if rate is None else f"{100 * rate:5.1f}% {self.hits}/{self.of}"


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one group of questions.

    Args:
        right: of all that were answered or refused (errors are left out and counted apart).
        cited: of the questions with evidence.
        refused: unanswerable questions that were refused.
        over_refused: answerable questions that were refused.
        verbatim: responses in which every quote stands at its offsets.
        reason: refusals with the asked-for reason.
    """

    asked: int
    errors: int
    right: Share
    cited: Share
    refused: Share
    over_refused: Share
    verbatim: Share
    reason: Share


def tally(outcomes: Iterable[Outcome]) -> Tally:
    """The counts over the outcomes."""
    outcomes = list(outcomes)
    pairs = [(o.item, o.verdict) for o in outcomes if o.verdict is not None]
    return Tally(
        asked=len(outcomes),
        errors=len(outcomes) - len(pairs),
        right=_share(v.right for _, v in pairs),
        cited=_share(v.cited for _, v in pairs),
        refused=_share(v.refused for i, v in pairs if not i.answerable),
        over_refused=_share(v.refused for i, v in pairs if i.answerable),
        verbatim=_share(v.verbatim for _, v in pairs),
        reason=_share(v.reason_right for _, v in pairs),
    )


def _share(flags: Iterable[bool | None]) -> Share:
    known = [flag for flag in flags if flag is not None]
    return Share(sum(known), len(known))


def groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes under `all`, each split, each type and each tag, in that order."""
    found: dict[str, list[Outcome]] = {"all": list(outcomes)}
    names: dict[str, Callable[[Outcome], Sequence[str]]] = {
        "split": lambda outcome: (outcome.item.split,),
        "type": lambda outcome: (outcome.item.type,),
        "tag": lambda outcome: outcome.item.tags,
    }
    for prefix, labels_of in names.items():
        here: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            for label in labels_of(outcome):
                here.setdefault(f"{prefix} {label}", []).append(outcome)
        found |= dict(sorted(here.items()))
    return found


def table(outcomes: Sequence[Outcome]) -> str:
    """The counts of every group, one line each, aligned for a terminal."""
    head = [
        "",
        "asked",
        "right",
        "cited",
        "verbatim",
        "refused",
        "over-refused",
        "reason",
        "errors",
    ]
    lines = [head]
    for label, members in groups(outcomes).items():
        counts = tally(members)
        shares = (counts.right, counts.cited, counts.verbatim, counts.refused)
        more = (counts.over_refused, counts.reason)
        cells = [str(share) for share in shares + more]
        lines.append([label, str(counts.asked), *cells, str(counts.errors or "")])
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def wrong_items(outcomes: Iterable[Outcome], limit: int = 200) -> str:
    """What went wrong, one short paragraph an item, to be read quickly."""
    bad = [o for o in outcomes if o.error or (o.verdict and o.verdict.faults)]
    parts = [_paragraph(outcome) for outcome in bad[:limit]]
    if len(bad) > limit:
        parts.append(f"… and {len(bad) - limit} more")
    return "\n".join(parts)


def _paragraph(outcome: Outcome) -> str:
    item, verdict = outcome.item, outcome.verdict
    lines = [f"✗ {item.id} [{item.type}, {item.split}] {item.question}"]
    if outcome.error is not None:
        return "\n".join([*lines, f"    error: {outcome.error}"])
    answer = str((outcome.response or {}).get("answer", ""))
    gold = " ＋ ".join(" | ".join(group) for group in item.answers) or "(refuse)"
    lines.append(f"    gold:   {gold[:300]}")
    lines.append(f"    answer: {' '.join(answer.split())[:300]}")
    lines += [f"    - {fault[:240]}" for fault in (verdict.faults if verdict else ())]
    return "\n".join(lines)
