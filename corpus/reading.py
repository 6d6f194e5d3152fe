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

from corpus.archive import members
from corpus.composed import Composed
from corpus.encoding import decode
from corpus.errors import UnreadableFile
from corpus.formats import HEAD_BYTES, format_of, is_grid, is_known, suffix_of
from corpus.identity import report_id_for
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
    "png": "corpus.readers.picture:read_picture_file",
    "jpeg": "corpus.readers.picture:read_picture_file",
}

# The longest known report text (an annual report) has 1.5 MB; 16 MiB leaves room for ten of
# them and keeps one report's parse below about two seconds and 300 MB.
MAX_TEXT_BYTES = 16 * 2**20
# A scanned report of 300 pages has 100 MiB; what is larger is a book or a mistake.
MAX_FILE_BYTES = 200 * 2**20
_MARKDOWN = frozenset({".md", ".markdown"})
_LINES = frozenset({".jsonl", ".ndjson"})


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
    if source.type == "jsonl" and not _is_other(source.path):
        yield from read_lines(source, places, MAX_TEXT_BYTES)
        return
    report_id = source.report_id or report_id_for(source.name)
    name, suffix = source.name, suffix_of(source.name)
    try:
        data = _bytes_of(source)
        kind = format_of(data, name)
    except UnreadableFile as error:
        yield Quarantine(name, report_id, error.reason, source.bytes, _digest_of(source))
        return
    if kind == "zip":
        yield from _unpacked(source, report_id, data, places)
        return
    places.setdefault(report_id, source.relative)
    yield _raw(report_id, name, data, kind, "md" if suffix in _MARKDOWN else "txt")


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
    try:
        return cast(Reader, getattr(import_module(module), function))
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        reason = f"is a file of type {kind}, which this version does not read; save it as text"
        raise UnreadableFile(name, reason) from error


def _is_other(path: str) -> bool:
    """True if a file that is named `.jsonl` is of a format that no line of JSON begins like."""
    try:
        with open(path, "rb") as opened:
            return is_known(opened.read(HEAD_BYTES))
    except OSError:
        return False


def _bytes_of(source: Source) -> bytes:
    """All bytes of a file that is not too large for what it is.

    Raises:
        UnreadableFile: it cannot be read, or is too large.
    """
    try:
        with open(source.path, "rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            _refuse_large(size, opened.read(HEAD_BYTES), source.name)
            opened.seek(0)
            data = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error}); check its permissions"
        raise UnreadableFile(source.name, reason) from error
    _refuse_large(len(data), data[:HEAD_BYTES], source.name)
    return data


def _refuse_large(size: int, head: bytes, name: str) -> None:
    limit = MAX_FILE_BYTES if is_known(head) else MAX_TEXT_BYTES
    if size > limit:
        raise UnreadableFile(
            name, f"is oversized ({size:,} bytes), one report may have {limit // 2**20} MiB; "
            "split it",
        )  # fmt: skip


def _digest_of(source: Source) -> str | None:
    """The sha256 of a file that was refused; None if it is too large or cannot be read."""
    try:
        if os.path.getsize(source.path) > MAX_FILE_BYTES:
            return None
        with open(source.path, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None


def _unpacked(
    source: Source, report_id: str, data: bytes, seen: MutableMapping[str, str]
) -> Iterator[RawReport | RawFile | Quarantine]:
    """Each member of an archive as a source of its own."""
    met = False
    try:
        for member in members(data, source.name, MAX_FILE_BYTES):
            met = True
            shown = f"{source.name}/{member.name}"
            own = _member_id(report_id, f"{source.relative}/{member.name}", seen)
            if isinstance(member.data, UnreadableFile):
                yield Quarantine(shown, own, member.data.reason, member.bytes, None)
            else:
                yield _member(own, shown, member.data)
    except UnreadableFile as error:
        if met:
            raise AssertionError("an archive is refused before its first member") from error
        digest = hashlib.sha256(data).hexdigest()
        yield Quarantine(source.name, report_id, error.reason, len(data), digest)


def _member_id(archive_id: str, place: str, seen: MutableMapping[str, str]) -> str:
    """`zipstem--stem`; the later of two that are alike gets the hash of its path."""
    own = f"{archive_id}--{report_id_for(place.rpartition('/')[2])}"
    if seen.setdefault(own, place) != place:
        own = f"{own}~{hashlib.sha256(place.encode()).hexdigest()[:8]}"
        seen[own] = place
    return own


def _member(report_id: str, name: str, data: bytes) -> RawReport | RawFile | Quarantine:
    suffix = suffix_of(name)
    try:
        kind = format_of(data, name)
        if kind == "zip":
            raise UnreadableFile(name, "is an archive inside of an archive; unpack it")
        if suffix in _LINES:
            raise UnreadableFile(name, "is a .jsonl inside of an archive; unpack it")
        _refuse_large(len(data), data[:HEAD_BYTES], name)
    except UnreadableFile as error:
        digest = hashlib.sha256(data).hexdigest()
        return Quarantine(name, report_id, error.reason, len(data), digest)
    return _raw(report_id, name, data, kind, "md" if suffix in _MARKDOWN else "txt")


def _raw(
    report_id: str, name: str, data: bytes, kind: str, text_kind: str
) -> RawReport | RawFile | Quarantine:
    """The bytes of one report, decoded if they are text."""
    digest = hashlib.sha256(data).hexdigest()
    if kind != "text":
        return RawFile(report_id, data, SourceFile(name, kind, len(data), digest))
    try:
        text = decode(data, name)
    except UnreadableFile as error:
        return Quarantine(name, report_id, error.reason, len(data), digest)
    if is_grid(text, name):
        return RawFile(report_id, data, SourceFile(name, "csv", len(data), digest))
    file = SourceFile(name, text_kind, len(data), digest)
    return RawReport(report_id, text, file, Given(), page_spans(text))


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
