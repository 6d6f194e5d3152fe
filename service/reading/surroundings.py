"""The blocks of the passages found, cut into folded sentences, with what stands around them.

Between the hits and `ranking`; worked out once for a block and kept with the snapshot, all blocks
that a question meets for the first time in one go.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from corpus.normalise import fold, fold_all
from corpus.report import BlockKind, Report, Role
from indexer.records import Hit
from indexer.snapshot import Snapshot
from service.reading.sentences import Sentence, spans_of

# A word in the block, before its list, in the heading or in the title counts less than one in the
# sentence itself.
IN_BLOCK, IN_SUBJECT, IN_LEAD, IN_HEADING, IN_TITLE = 0.75, 0.7, 0.6, 0.6, 0.35
_KEPT = 8192  # blocks of a snapshot that are kept, about 2 KB each
_KEY = "surroundings"


@dataclass(frozen=True, slots=True)
class Surrounded:
    """The sentences of one block.

    Args:
        kind, role: of the block.
        around: folded texts that surround them (the block first) and what a word there is worth.
        before: what stands above the block, as one text.
    """

    report_id: str
    block: int
    kind: BlockKind
    role: Role
    sentences: tuple[Sentence, ...]
    around: tuple[tuple[str, float], ...]
    before: str


def surrounded(hits: Sequence[Hit], snapshot: Snapshot, roles: Collection[str]) -> list[Surrounded]:
    """The blocks of the hits with these roles, in the order in which they are met."""
    shelf = _shelf(snapshot)
    places: dict[tuple[str, int], Report] = {}
    for hit in hits:
        report = snapshot.report(hit.chunk.report_id)
        for index in _blocks_of(report, hit):
            if report.blocks[index].role.value in roles:
                places.setdefault((report.report_id, index), report)
    found = shelf.of(places)
    wanted = [(place, report) for place, report in places.items() if place not in found]
    made = dict(zip((p for p, _ in wanted), _made(wanted), strict=True))
    shelf.put(made)
    return [found[place] if place in found else made[place] for place in places]


def lead_of(report: Report, index: int) -> str:
    """What introduces a list item or a source line: the block before its list, or the table's
    title; folded, empty if nothing does."""
    return fold(_lead(report, index))


def _lead(report: Report, index: int) -> str:
    block = report.blocks[index]
    at = index - 1
    while at >= 0 and _same_list(report, at, index):
        at -= 1
    if at < 0 or report.blocks[at].section != block.section:
        return ""
    before = report.blocks[at]
    if block.kind is BlockKind.SOURCE and before.table is not None:
        return report.tables[before.table].title or ""
    opens = before.kind in (BlockKind.PARAGRAPH, BlockKind.CAPTION, BlockKind.HEADING)
    return before.span.of(report.text) if opens and len(before.span) <= 200 else ""


def _same_list(report: Report, at: int, index: int) -> bool:
    other = report.blocks[at]
    return other.kind is BlockKind.LIST_ITEM and other.section == report.blocks[index].section


def _blocks_of(report: Report, hit: Hit) -> Iterator[int]:
    start, end = hit.chunk.start, hit.chunk.end
    for index, block in enumerate(report.blocks):
        if block.span.start < end and start < block.span.end:
            yield index


def _made(places: Sequence[tuple[tuple[str, int], Report]]) -> Iterator[Surrounded]:
    """Each block with its texts, all folded together."""
    spans = [spans_of(report, index) for (_, index), report in places]
    texts: list[str] = []
    for ((_, index), report), own in zip(places, spans, strict=True):
        texts += [span.of(report.text) for span in own]
        texts += _above(report, index)
    folded = iter(fold_all(texts))
    for ((report_id, index), report), own in zip(places, spans, strict=True):
        sentences = tuple(
            Sentence(report_id, span, index, place, next(folded)) for place, span in enumerate(own)
        )
        above = [next(folded) for _ in range(4)]
        worths = (IN_BLOCK, IN_SUBJECT, IN_LEAD, IN_HEADING, IN_TITLE)
        layers = (" ".join(s.norm for s in sentences), *above)
        before = " ".join(text for text in above if text)
        block, around = report.blocks[index], tuple(zip(layers, worths, strict=True))
        yield Surrounded(report_id, index, block.kind, block.role, sentences, around, before)


def _above(report: Report, index: int) -> tuple[str, str, str, str]:
    """The subject, the lead, the headings and the title. In a report on one company 公司 is that
    company: its name tells no sentence from another."""
    meta = report.meta
    path = report.sections[report.blocks[index].section].path
    return (
        meta.subject.value if meta.subject else "",
        _lead(report, index),
        " ".join(path),
        meta.title.value if meta.title else "",
    )


class _Shelf:
    """Blocks that were met before, the latest `_KEPT`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, int], Surrounded] = {}

    def of(self, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], Surrounded]:
        with self._lock:
            return {p: self._kept[p] for p in places if p in self._kept}

    def put(self, made: dict[tuple[str, int], Surrounded]) -> None:
        with self._lock:
            self._kept.update(made)
            for place in list(islice(self._kept, max(len(self._kept) - _KEPT, 0))):
                del self._kept[place]


def _shelf(snapshot: Snapshot) -> _Shelf:
    return cast(_Shelf, snapshot.kept.setdefault(_KEY, _Shelf()))
