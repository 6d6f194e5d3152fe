"""Reader of `.jsonl` sources: one report a line, streamed; a bad line is quarantined alone.

A line is `{"id", "text" | "pages", "title"?, "broker"?, "published"?}`; other keys are kept.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, MutableMapping
from typing import Any, BinaryIO

import msgspec

from corpus.encoding import decode, refuse_implausible
from corpus.errors import SourceError, UnreadableFile
from corpus.identity import report_id_for
from corpus.raw import Given, Quarantine, RawReport
from corpus.report import SourceFile, Span
from corpus.sources import Source

_OWN_KEYS = frozenset({"id", "text", "pages", "title", "broker", "published"})
# An id is part of URLs and passage ids; longer ones are surely a mix-up of columns.
MAX_ID_CHARS = 256


def read_lines(
    source: Source, seen: MutableMapping[str, str], max_bytes: int
) -> Iterator[RawReport | Quarantine]:
    """The reports of a `.jsonl` file in order, and a verdict for each bad line.

    Args:
        seen: ids met so far → `file:line`; added to.
        max_bytes: a longer line is quarantined as oversized.

    Raises:
        SourceError: an id was met before; both places are named.
    """
    try:
        file = _opened(source, max_bytes)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error}); check its permissions"
        yield Quarantine(source.name, report_id_for(source.name), reason, source.bytes, None)
        return
    except UnreadableFile as error:
        yield Quarantine(source.name, report_id_for(source.name), error.reason, source.bytes, None)
        return
    with file:
        met = 0
        for number, line, size in _lines(file, max_bytes):
            met += 1
            yield _report(source, number, line, size, seen, max_bytes)
        if not met:
            reason = "holds no line, expected one JSON object a line"
            yield Quarantine(source.name, report_id_for(source.name), reason, source.bytes, None)


def _opened(source: Source, max_bytes: int) -> BinaryIO:
    """The file as UTF-8 bytes; UTF-16 (known by its mark) is turned into UTF-8 first."""
    file = open(source.path, "rb")  # noqa: SIM115 - closed by the caller's `with`
    head = file.read(4)
    file.seek(0)
    if head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return file
    with file:
        if source.bytes > max_bytes:
            limit = f"{max_bytes // 2**20} MiB"
            raise UnreadableFile(source.name, f"UTF-16 over {limit}; save it as UTF-8")
        return io.BytesIO(decode(file.read(), source.name).encode())


def _lines(file: BinaryIO, max_bytes: int) -> Iterator[tuple[int, bytes, int]]:
    """`(number from 1, line without its end, size)` of lines that are not blank.

    Of an oversized line only the beginning is kept; its size is the whole.
    """
    number = 0
    while line := file.readline(max_bytes + 1):
        number += 1
        size = len(line)
        if size > max_bytes and not line.endswith(b"\n"):
            while rest := file.readline(max_bytes):
                size += len(rest)
                if rest.endswith(b"\n"):
                    break
        line = line.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line, max(size, len(line))


def _report(
    source: Source,
    number: int,
    line: bytes,
    size: int,
    seen: MutableMapping[str, str],
    max_bytes: int,
) -> RawReport | Quarantine:
    place = f"{source.name}:{number}"
    digest = hashlib.sha256(line).hexdigest()
    # Until its own is known, a line is called by its file and number; no file has a `:` in its id.
    report_id = f"{report_id_for(source.name)}:{number}"
    try:
        if len(line) > max_bytes:
            limit = max_bytes // 2**20
            reason = f"is oversized ({size:,} bytes), one report may have {limit} MiB; split it"
            return Quarantine(place, report_id, reason, size, None)
        record = _object(line, place)
        report_id = _id(record, place)
        _once(report_id, f"{source.relative}:{number}", seen)
        text, pages = _text(record, place)
        refuse_implausible(text, place)
        given = _given(record, place)
    except UnreadableFile as error:
        return Quarantine(place, report_id, error.reason, len(line), digest)
    file = SourceFile(source.name, source.type, len(line), digest)
    return RawReport(report_id, text, file, given, pages)


def _object(line: bytes, place: str) -> dict[str, Any]:
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        record = _other_encoding(line, place, error)
    if not isinstance(record, dict):
        kind = type(record).__name__
        raise UnreadableFile(place, f"is JSON of type {kind}, expected an object with id and text")
    return record


def _other_encoding(line: bytes, place: str, error: Exception) -> Any:
    """The line's JSON if it is well-formed in GB18030 or Big5; else the clear reason."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return msgspec.json.decode(decode(line, place))
        except (msgspec.DecodeError, RecursionError) as inner:
            raise UnreadableFile(place, f"is not JSON ({inner}); mend the line") from inner
    raise UnreadableFile(place, f"is not JSON ({error}); mend the line") from error


def _id(record: dict[str, Any], place: str) -> str:
    value = record.get("id")
    if not isinstance(value, str) or not value.strip():
        met = "no id" if value is None else f"an id of type {type(value).__name__}"
        met = "an empty id" if isinstance(value, str) else met
        raise UnreadableFile(place, f'has {met}, expected "id": a string')
    if len(value) > MAX_ID_CHARS or not value.isprintable():
        raise UnreadableFile(
            place, f"has an id of {len(value)} characters or with control characters, "
            f"expected at most {MAX_ID_CHARS} printable ones"
        )  # fmt: skip
    return value


def _once(report_id: str, place: str, seen: MutableMapping[str, str]) -> None:
    first = seen.setdefault(report_id, place)
    if first != place:
        raise SourceError(
            f"the id {report_id!r} stands at {first} and again at {place}; ids must be unique"
        )


def _text(record: dict[str, Any], place: str) -> tuple[str, tuple[Span, ...]]:
    text, pages = record.get("text"), record.get("pages")
    if isinstance(text, str) and text:
        return text, ()
    if text is not None and not isinstance(text, str):
        kind = type(text).__name__
        raise UnreadableFile(place, f'has a "text" of type {kind}, expected a string')
    if pages is None:
        met = "an empty text" if text == "" else "neither text nor pages"
        raise UnreadableFile(place, f'has {met}, expected "text": a string or "pages": strings')
    if not isinstance(pages, list) or not all(isinstance(page, str) for page in pages):
        raise UnreadableFile(place, 'has "pages" that are no list of strings')
    spans, start = [], 0
    for page in pages:
        spans.append(Span(start, start + len(page)))
        start += len(page) + 1
    return "\f".join(pages), tuple(spans)


def _given(record: dict[str, Any], place: str) -> Given:
    own: dict[str, str | None] = {}
    for key in ("title", "broker", "published"):
        value = record.get(key)
        if value is not None and not isinstance(value, str):
            kind = type(value).__name__
            raise UnreadableFile(place, f'has a "{key}" of type {kind}, expected a string or none')
        own[key] = value.strip() or None if value else None
    extra = tuple(
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in record.items()
        if key not in _OWN_KEYS
    )
    return Given(own["title"], own["broker"], own["published"], extra)
