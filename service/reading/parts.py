"""Questions of several parts: told apart, answered one by one, put together again.

Beside `answering`: a part that has no answer stands in `missing`; all is refused only if none has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.reading.draft import Draft, Outcome, Refusal, Statement
from service.schemas import Missing

# More questions than this in one are a list that nobody reads answered in one breath.
MOST_PARTS = 6
LEAST_CHARS = 4
_BORDER = re.compile("(?<=[？?])(?![”’」』）)》])|(?<=[；;])|\n+")
_NUMBERED = re.compile(r"^\s*(?:[（(]?\d{1,2}[)）.、]|[①-⑨]|第[一二三四五六][，,、：:]|[-•·])\s*")
_ASKS = re.compile(
    "[？?]$|多少|几|什么|啥|谁|哪|怎|如何|为何|为什么|是否|吗|呢|区别|差异|评级|目标价|列出|总结|概括"
)


def parts_of(question: str) -> list[str]:
    """The parts of a question that each ask something; one part if it asks once."""
    raw = [p.strip() for p in _BORDER.split(question) if p.strip()]
    # 还在吗？华鑫怎么写的: what ends without a question mark goes on with the one before.
    closed = all(p[-1] in "？?" or _NUMBERED.match(p) for p in raw)
    pieces = [_NUMBERED.sub("", p).strip() for p in raw]
    sound = all(_ASKS.search(p) and len(p) > LEAST_CHARS for p in pieces)
    if not (closed and sound and 1 < len(pieces) <= MOST_PARTS):
        return [question]
    return pieces


def joined(parts: Sequence[str], outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome of the outcomes of all parts, in their order."""
    drafts = [o for o in outcomes if isinstance(o, Draft)]
    refused = [(p, o) for p, o in zip(parts, outcomes, strict=True) if isinstance(o, Refusal)]
    gaps = [gap for _, refusal in refused for gap in refusal.missing]
    if not drafts:
        first = refused[0][1]
        text = "".join(dict.fromkeys(refusal.text for _, refusal in refused))
        return Refusal(first.reason, text, tuple(gaps), first.confidence)
    statements: list[Statement] = []
    for outcome in outcomes:
        if isinstance(outcome, Draft):
            statements.extend(s for s in outcome.statements if s not in statements)
        else:
            statements.append(Statement(outcome.text.rstrip("。"), ()))
    kinds = {d.kind for d in drafts}
    return Draft(
        kind=drafts[0].kind if len(kinds) == 1 else "passage",
        statements=statements,
        confidence=min(o.confidence for o in drafts),
        missing=[*_unique(drafts), *gaps],
        computation=next((d.computation for d in drafts if d.computation), None),
        others=[other for d in drafts for other in d.others],
    )


def _unique(drafts: Sequence[Draft]) -> list[Missing]:
    found: list[Missing] = []
    for draft in drafts:
        found.extend(gap for gap in draft.missing if gap not in found)
    return found
