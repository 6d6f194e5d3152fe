"""Sentences of a report with their exact places, and how they are shown.

Used by the prose reader: the shortest verbatim span that answers is a sentence or a list item.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.normalise import fold_all
from corpus.report import Block, BlockKind, Report, Span

# A sentence ends at 。！？ (with closing quotes); a ; ends one too, for clauses in lists are long.
_END = re.compile(
    r"[。！？!?；;]+[”’」』）)]*|\n{2,}|\n(?=\s*(?:[-■•·●]|第[一二三四五六七八九十]+|\d+[.、)）]))"
)
_LEAD = re.compile(r"^(?:\s*(?:[-■•·●▪◆➢✓]|\*(?!\*))\s+|\s+)")
_MARKS = re.compile(r"\*\*|__|^#{1,6}\s+|`")
# Dot leaders of a table of contents that lost its line breaks: a list of pages says nothing.
_CONTENTS = re.compile(r"(?:\.{5,}|…{3,}|·{6,}).*?(?:\.{5,}|…{3,}|·{6,})", re.DOTALL)
# A line shorter than this on its own is a label, not a sentence.
_LABEL = re.compile(r"^[^。！？；]{1,16}[：:]\s*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `span` in the canonical text, `norm` its folded words for matching.

    Args:
        block: index of its block in `Report.blocks`; `place`: its number within the block.
    """

    report_id: str
    span: Span
    block: int
    place: int
    norm: str


def sentences_of(report: Report, index: int) -> list[Sentence]:
    """The sentences of one block, in order; a table has none, nor have contents."""
    spans = spans_of(report, index)
    norms = fold_all([span.of(report.text) for span in spans])
    return [
        Sentence(report.report_id, span, index, place, norm)
        for place, (span, norm) in enumerate(zip(spans, norms, strict=True))
    ]


def spans_of(report: Report, index: int) -> list[Span]:
    """Where the sentences of one block stand, in order."""
    block = report.blocks[index]
    if block.kind is BlockKind.TABLE:
        return []
    return [s for s in _spans(report.text, block) if not _CONTENTS.search(s.of(report.text))]


def shown(text: str) -> str:
    """A quote as an answer shows it: no list bullet, no Markdown marks, no line break."""
    plain = _MARKS.sub("", _LEAD.sub("", text))
    plain = re.sub(r"(?<=[\u3000-\u9fff，。；：])\s*\n\s*|\s*\n\s*(?=[\u3000-\u9fff])", "", plain)
    return re.sub(r"\s+", " ", plain).strip()


def _spans(text: str, block: Block) -> list[Span]:
    spans: list[Span] = []
    start = block.span.start
    for match in _END.finditer(text, block.span.start, block.span.end):
        if text.count("《", start, match.start()) > text.count("》", start, match.start()):
            continue  # a title's own mark ends no sentence: 《卡拉OK.LIVE！》
        spans.append(Span(start, match.end()))
        start = match.end()
    if start < block.span.end:
        spans.append(Span(start, block.span.end))
    return _joined([t for s in spans if (t := _trimmed(text, s)) is not None], text)


def _trimmed(text: str, span: Span) -> Span | None:
    start, end = span.start, span.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    lead = _LEAD.match(text[start:end])
    if lead:
        start += lead.end()
    return Span(start, end) if end - start > 1 else None


def _opens(words: str) -> bool:
    return bool(_LABEL.match(words)) or words.rstrip().endswith(("?", "？"))


def _joined(spans: list[Span], text: str) -> list[Span]:
    """A bare label (`投资建议:`) or a question belongs to the sentence behind it."""
    joined: list[Span] = []
    for span in spans:
        if joined and _opens(_MARKS.sub("", joined[-1].of(text))):
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined
