"""The few sentences, or clauses of them, that an answer shows, within its length.

Between `judging` and `prose`: judged sentences → statements; every quote stays verbatim, for a long
sentence is cut at the borders of its clauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.normalise import fold_all
from corpus.report import Span
from service.reading.cutting import clauses_of, window_of
from service.reading.draft import Evidence, Statement
from service.reading.judging import judge_clauses
from service.reading.noting import noted
from service.reading.ranking import Scored
from service.reading.scope import Scope
from service.reading.sentences import shown
from service.reading.traits import Asked

# What people read at a glance, the name of the house left out.
MAX_CHARS = 120
# A reason or a list of a house may be longer: cut short it is half a reason.
LONG_CHARS = 200
# The room that the best sentence may take; the plan that most probably holds the answer wins.
FIRST_CHARS = (115, 90, 70, 50)
# A further piece needs at least so many characters.
LEAST_ROOM = 14
# Marker and full stop of a statement.
_OVERHEAD = 5
# Below this probability a further sentence is more likely to distract than to help.
# Where the probabilities were learnt, on articles, they are flat: .03 there costs 1.3 points of
# DRCD's even half.
MIN_SHARE, MIN_SHARE_OF_ARTICLES = 0.03, 0.005
MAX_PIECES = 4
# A plan that shows less of the best sentence must gain more than this.
_WHOLE = 0.02


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of clauses of one sentence: what is quoted, its most probable clause, and the
    probability that the run holds the answer."""

    scored: Scored
    span: Span
    key: Span
    worth: float


def pieces_of(
    judged: Sequence[Scored], asked: Asked, scope: Scope, chars: int = MAX_CHARS
) -> list[Piece]:
    """The pieces that most probably hold the answer, in the order of their reports and places.

    Args:
        chars: the length of the answer.
    """
    best: list[Piece] = []
    most = -1.0
    split = _split([s for s in judged[:12] if _tells(s, judged[0], scope)], asked, scope)
    longer = (chars - _OVERHEAD,) if chars > MAX_CHARS else ()
    for cap in (*longer, *FIRST_CHARS):
        plan = _plan(split, cap, chars - _OVERHEAD, scope)
        worth = sum(p.worth for p in plan)
        if worth > most + _WHOLE:
            best, most = plan, worth
    return ordered(best)


def ordered(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces as they stand in their reports, the report of the first one before the others."""
    first = pieces[0].scored.sentence.report_id if pieces else ""
    return sorted(pieces, key=lambda p: (p.scored.sentence.report_id != first, _place(p)))


def whole(scored: Scored) -> Piece:
    """A sentence as one piece."""
    return Piece(scored, scored.sentence.span, scored.sentence.span, scored.probability)


@dataclass(frozen=True, slots=True)
class _Split:
    scored: Scored
    clauses: list[Span]
    shares: list[float]


def _tells(scored: Scored, best: Scored, scope: Scope) -> bool:
    least = MIN_SHARE if scope.broker(scored.sentence.report_id) else MIN_SHARE_OF_ARTICLES
    return scored is best or scored.probability >= least


def _split(judged: Sequence[Scored], asked: Asked, scope: Scope) -> list[_Split]:
    texts = [scope.snapshot.report(s.sentence.report_id).text for s in judged]
    cut = [clauses_of(text, s.sentence.span) for s, text in zip(judged, texts, strict=True)]
    every = [c.of(text) for clauses, text in zip(cut, texts, strict=True) for c in clauses]
    folded = iter(fold_all(every))
    shares = [judge_clauses(asked, [next(folded) for _ in clauses]) for clauses in cut]
    return [_Split(*one) for one in zip(judged, cut, shares, strict=True)]


def _place(piece: Piece) -> tuple[str, int]:
    return piece.scored.sentence.report_id, piece.span.start


def _plan(split: Sequence[_Split], first: int, room: int, scope: Scope) -> list[Piece]:
    chosen: list[Piece] = []
    for one in split:
        cap = min(room, first) if not chosen else room
        if len(chosen) == MAX_PIECES or cap < LEAST_ROOM:
            break
        named = _naming(one.scored.sentence.report_id, chosen, scope)
        piece = cut(one, max(cap - named, 1), scope)
        text = scope.snapshot.report(one.scored.sentence.report_id).text
        words = noted(shown(piece.span.of(text)), one.scored.sentence.report_id, scope)
        size = named + len(words)
        if chosen and size > cap:
            continue
        chosen.append(piece)
        room -= size + _OVERHEAD
    return chosen


def _naming(report_id: str, chosen: Sequence[Piece], scope: Scope) -> int:
    """Characters that a second report costs: then both are named by their titles."""
    held = {p.scored.sentence.report_id for p in chosen}
    if not held or report_id in held or scope.broker(report_id):
        return 0
    names = (report_id, *held) if len(held) == 1 else (report_id,)
    return sum(len(scope.label(i)) + 1 for i in names)


def cut(one: _Split, limit: int, scope: Scope) -> Piece:
    """The sentence whole if it fits into `limit` characters, else its best run of clauses."""
    sentence, clauses, shares = one.scored.sentence, one.clauses, one.shares
    text = scope.snapshot.report(sentence.report_id).text
    key = clauses[shares.index(max(shares))]
    if len(shown(sentence.span.of(text))) <= limit:
        return Piece(one.scored, sentence.span, key, one.scored.probability)
    first, end = window_of([len(c) for c in clauses], shares, limit)
    span = Span(clauses[first].start, clauses[end - 1].end)
    return Piece(one.scored, span, key, one.scored.probability * sum(shares[first:end]))


def statements_of(pieces: Sequence[Piece], scope: Scope) -> list[Statement]:
    """A statement for each piece; a house is named where it begins to speak."""
    statements: list[Statement] = []
    last = ""
    alone = len({p.scored.sentence.report_id for p in pieces}) == 1
    for piece in pieces:
        report_id = piece.scored.sentence.report_id
        text = scope.snapshot.text(report_id)
        words = noted(_bare(shown(piece.span.of(text))), report_id, scope)
        key = _bare(shown(piece.key.of(text)))
        named = report_id != last and (scope.broker(report_id) or not alone)
        label = f"{scope.label(report_id)}：" if named else ""
        last = report_id
        evidence = Evidence(report_id, piece.span.start, piece.span.end)
        keys = (key if key in words else words,)
        statements.append(Statement(f"{label}{words}", (evidence,), keys))
    return statements


def _bare(words: str) -> str:
    return words.rstrip("；;。，,、：:")
