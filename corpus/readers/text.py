"""Reader of plain text and Markdown: decoded text → Report with structure and metadata.

Every other reader that has made a canonical text ends here too.
"""

from __future__ import annotations

from corpus.composed import Composed
from corpus.metadata import Typeset, read_meta
from corpus.raw import Given
from corpus.report import Report, SourceFile, Span
from corpus.structure import lay_out

_NOTHING_GIVEN = Given()


def parse_text(
    report_id: str,
    text: str,
    file: SourceFile,
    given: Given = _NOTHING_GIVEN,
    pages: tuple[Span, ...] = (),
) -> Report:
    """The report of a canonical text; any text makes one, with warnings where it is strange.

    Args:
        given: metadata from beside the text; it wins.
        pages: the span of each page, empty when the source has none.
    """
    layout = lay_out(text)
    meta, warnings = read_meta(text, layout, given)
    return Report(
        report_id=report_id,
        text=text,
        file=file,
        meta=meta,
        sections=layout.sections,
        blocks=layout.blocks,
        tables=layout.tables,
        pages=pages,
        extra=given.extra,
        warnings=warnings,
    )


def parse_composed(
    report_id: str, composed: Composed, file: SourceFile, given: Given = _NOTHING_GIVEN
) -> Report:
    """The report of a text that a reader of another format composed.

    Args:
        given: metadata from beside the file; it wins over what the file states.
    """
    layout = lay_out(composed.text, composed.blocks)
    stated = _merged(given, composed.given)
    typeset = Typeset(composed.title) if composed.ink is not None else None
    meta, warnings = read_meta(composed.text, layout, stated, typeset)
    return Report(
        report_id=report_id,
        text=composed.text,
        file=file,
        meta=meta,
        sections=layout.sections,
        blocks=layout.blocks,
        tables=layout.tables,
        pages=composed.pages,
        extra=given.extra or composed.given.extra,
        warnings=(*composed.warnings, *warnings),
        ink=composed.ink,
        ocr=composed.ocr,
        pictures=composed.pictures,
    )


def _merged(given: Given, stated: Given) -> Given:
    return Given(
        given.title or stated.title,
        given.broker or stated.broker,
        given.published or stated.published,
        given.extra or stated.extra,
    )
