"""Source → reports, or verdicts on what cannot be one; streamed, one report in memory at a time.

Joins the steps of the first stage. `read_raw` is cheap (bytes, decoding, JSON); `parse` is the
work and may run in a worker process: `RawReport` in, `Report` out, both plain data.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, MutableMapping
from importlib import import_module
from typing import cast

from corpus.composed import Composed
from corpus.encoding import decode
from corpus.errors import UnreadableFile
from corpus.raw import Given, Quarantine, RawFile, RawReport
from corpus.readers.jsonl import read_lines
from corpus.readers.text import parse_composed, parse_text
from corpus.report import Report, SourceFile, Span
from corpus.sources import Source

Reader = Callable[[bytes, str], Composed]
"""Bytes of a file and its name → the composed text; raises UnreadableFile."""

# Format → where its reader stands.
_READERS = {
    "pdf": "corpus.readers.pdf:read_pdf",
    "docx": "corpus.readers.docx:read_docx",
    "html": "corpus.readers.html:read_html",
    "xlsx": "corpus.readers.xlsx:read_xlsx",
    "csv": "corpus.readers.csv:read_csv",
    "pptx": "corpus.readers.pptx:read_pptx",
}

# The longest known report text (an annual report) has 1.5 MB; 16 MiB leaves room for ten of
# them and keeps one report's parse below about two seconds and 300 MB.
MAX_TEXT_BYTES = 16 * 2**20


def read_source(
    source: Source, seen: MutableMapping[str, str] | None = None
) -> Iterator[Report | Quarantine]:
    """Every report of a source, parsed, and a verdict for each part that is none.

    Args:
        seen: ids met so far → where (`news.jsonl:17`); it is added to. Give one mapping for all
            sources of a build, so that an id repeated in another file is found too.

    Raises:
        SourceError: an id is repeated; the message names both places.
    """
    for item in read_raw(source, seen):
        yield item if isinstance(item, Quarantine) else parsed_or_verdict(item)


def read_raw(
    source: Source, seen: MutableMapping[str, str] | None = None
) -> Iterator[RawReport | RawFile | Quarantine]:
    """As `read_source`, without the parse."""
    places = {} if seen is None else seen
    if source.type == "jsonl":
        yield from read_lines(source, places, MAX_TEXT_BYTES)
        return
    yield _whole(source)
    if source.report_id is not None:
        places.setdefault(source.report_id, source.relative)


def parse(raw: RawReport | RawFile) -> Report:
    """The report that a raw report or file holds; a raw report never fails, whatever the text is.

    Raises:
        UnreadableFile: the file is damaged, encrypted, empty or of an unknown format.
    """
    if isinstance(raw, RawReport):
        return parse_text(raw.report_id, raw.text, raw.file, raw.given, raw.pages)
    reader = reader_of(raw.file.type, raw.file.name)
    return parse_composed(raw.report_id, reader(raw.data, raw.file.name), raw.file, raw.given)


def parsed_or_verdict(raw: RawReport | RawFile) -> Report | Quarantine:
    """`parse`, with a verdict in place of an error."""
    try:
        return parse(raw)
    except UnreadableFile as error:
        file = raw.file
        return Quarantine(file.name, raw.report_id, error.reason, file.bytes, file.sha256)


def reader_of(kind: str, name: str) -> Reader:
    """The reader of a format; its libraries are imported now, not before.

    Raises:
        UnreadableFile: no reader knows the format.
    """
    place = _READERS.get(kind)
    if place is None:
        known = ", ".join(sorted(_READERS))
        raise UnreadableFile(name, f"is of an unknown format ({kind}); expected {known} or text")
    module, function = place.split(":")
    return cast(Reader, getattr(import_module(module), function))


def _whole(source: Source) -> RawReport | Quarantine:
    """A file that is one report."""
    try:
        size = os.path.getsize(source.path)
        if size > MAX_TEXT_BYTES:
            return Quarantine(source.name, source.report_id, _too_large(size), size, None)
        with open(source.path, "rb") as opened:
            data = opened.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error}); check its permissions"
        return Quarantine(source.name, source.report_id, reason, source.bytes, None)
    digest = hashlib.sha256(data).hexdigest()
    if len(data) > MAX_TEXT_BYTES:
        reason = _too_large(len(data))
        return Quarantine(source.name, source.report_id, reason, len(data), None)
    try:
        text = decode(data, source.name)
    except UnreadableFile as error:
        return Quarantine(source.name, source.report_id, error.reason, len(data), digest)
    file = SourceFile(source.name, source.type, len(data), digest)
    report_id = source.report_id or source.name
    return RawReport(report_id, text, file, Given(), page_spans(text))


def _too_large(size: int) -> str:
    limit = MAX_TEXT_BYTES // 2**20
    return f"is oversized ({size:,} bytes), one report may have {limit} MiB; split it"


def page_spans(text: str) -> tuple[Span, ...]:
    """The pages of a text whose pages end in form feeds; empty if it has none."""
    if "\f" not in text:
        return ()
    spans, start = [], 0
    for page in text.split("\f"):
        spans.append(Span(start, start + len(page)))
        start += len(page) + 1
    if len(spans) > 1 and not len(spans[-1]):
        spans.pop()  # the form feed behind the last page begins no further one
    return tuple(spans)
