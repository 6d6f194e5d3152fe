"""What a house says of the companies that it names: 推荐 them, or only 建议关注.

Stands below `stance`; reads the sentences of the body, each name with the verb that governs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.normalise import fold
from corpus.report import Report, Role, Span
from corpus.tickers import load_listings
from corpus.widths import fold_in_place
from service.reading.scope import Scope
from service.reading.sentences import sentences_of

RECOMMENDED, WATCHED = "推荐", "建议关注"
# The longer verb wins: 建议重点关注 is no 重点推荐.
_VERB = re.compile(
    "(?P<watch>(?:建议|可|请|值得|积极|重点|持续|同时|也|并)*(?:积极|重点|持续)?关注|受益(?:标的|公司|个股)|相关(?:标的|公司|个股))"
    "|(?P<recommend>(?:我们|重点|首要|继续|强烈|优先|首次|维持|持续)*(?:推荐|首推)|首选)"
)
# A verb in these is none: a rating, a risk, a report's title, a doubt.
_NO_VERB = re.compile(
    '推荐[”"』」）)]?(?:[（(]|评级|名单|算法|系统|引擎)|(?:不|未|非)(?:再)?推荐|关注(?:度|点|的是|到)|推荐公司'
)
_MARK = re.compile(
    "[、,，;；/:：。\\s]+|以及|和|及|与|等(?=[^级])|包括|(?<![不假])如|其中|分别为|为"
)
_ROW = re.compile("(?:\\s*[、/]\\s*|\\s*(?:以及|和|及|与)\\s*)")
_CODE = re.compile(r"[(（][^()（）]{0,16}[)）]")
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9·-]{1,7}")


@dataclass(frozen=True, slots=True)
class Mention:
    """A company in a sentence: `stance` as the sentence puts it, `topic` what stands before."""

    report_id: str
    name: str
    stance: str
    place: Span
    sentence: Span
    topic: str


def mentions_of(report: Report, scope: Scope) -> list[Mention]:
    """Every company that the body recommends or asks to watch, in order."""
    names = _names(report.report_id, scope)
    found: list[Mention] = []
    for index, block in enumerate(report.blocks):
        if block.role not in {Role.BODY, Role.FRONT}:
            continue
        for sentence in sentences_of(report, index):
            found += _of_sentence(report, sentence.span, names)
    return found


def _names(report_id: str, scope: Scope) -> frozenset[str]:
    snapshot = scope.snapshot
    names = {s.name for s in snapshot.facts.subjects() if s.code or report_id in s.report_ids}
    names |= {c.name for c in snapshot.lexicon.companies}
    return frozenset(fold(name) for name in names if len(name) > 1)


def _of_sentence(report: Report, span: Span, names: frozenset[str]) -> Iterator[Mention]:
    text = fold_in_place(span.of(report.text))
    verbs = [
        m
        for m in _VERB.finditer(text)
        if not _NO_VERB.search(text[max(m.start() - 1, 0) : m.end() + 3])
    ]
    for number, verb in enumerate(verbs):
        end = verbs[number + 1].start() if number + 1 < len(verbs) else len(text)
        stance = RECOMMENDED if verb["recommend"] else WATCHED
        topic = text[: verb.start()] if number == 0 else text[verbs[number - 1].end() : end]
        for start, stop in _companies(text, verb.end(), end, names):
            offset = span.start
            place = Span(offset + start, offset + stop)
            yield Mention(
                report.report_id,
                place.of(report.text),
                stance,
                place,
                span,
                topic + text[verb.end() : end],
            )


def _companies(text: str, start: int, end: int, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """The names between two places: those that are known, and those in a row with them."""
    pieces: list[tuple[int, int]] = []
    at = start
    for mark in [*_MARK.finditer(text, start, end), None]:
        stop = mark.start() if mark else end
        if text[at:stop].strip():
            pieces.append((at, stop))
        at = mark.end() if mark else end
    rows: list[list[tuple[int, int]]] = []
    for piece in pieces:
        joined = rows and _ROW.fullmatch(text[rows[-1][-1][1] : piece[0]])
        if joined:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        exemplary = _is_example(text, row)
        known = [_known(text, piece, names) for piece in row]
        if any(known) or exemplary:
            yield from (k or p for k, p in zip(known, row, strict=True) if k or _may_be(text, p))


def _is_example(text: str, row: list[tuple[int, int]]) -> bool:
    """如当虹科技等: names that no list holds stand between these two words."""
    before, after = text[: row[0][0]].rstrip(), text[row[-1][1] :].lstrip()
    return before.endswith(("如", "包括")) and after.startswith("等")


def _known(text: str, piece: tuple[int, int], names: frozenset[str]) -> tuple[int, int] | None:
    """The known name in a piece; codes in brackets do not count."""
    words = _CODE.sub("", text[piece[0] : piece[1]])
    inside = [n for n in names if n in words]
    if inside:
        name = max(inside, key=len)
        at = text.index(name, piece[0])
        return at, at + len(name)
    listed = [m for m in load_listings().find(words) if not m.common or m.name == words.strip()]
    if listed:
        at = text.index(words[listed[0].start : listed[0].end], piece[0])
        return at, at + listed[0].end - listed[0].start
    return None


def _may_be(text: str, piece: tuple[int, int]) -> bool:
    return bool(_NAME.fullmatch(_CODE.sub("", text[piece[0] : piece[1]]).strip()))
