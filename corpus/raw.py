"""What is known of a report before its text is parsed, and the verdict on a file that is none.

Stands between a source file and its Report; every type here is plain data that a worker process
may be handed or may hand back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from corpus.report import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Given:
    """Metadata that came beside the text (keys of a `.jsonl` line); it wins over the text's own.

    Args:
        published: as given (`2024-02-21`, `2024/2/21`, `20240221`); None if not given.
        extra: further keys, values as strings, in the order of the line.
    """

    title: str | None = None
    broker: str | None = None
    published: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RawReport:
    """A report that was read and decoded but not parsed. Pages: spans in `text`, or empty."""

    report_id: str
    text: str
    file: SourceFile
    given: Given = field(default_factory=Given)
    pages: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file of a format that must be taken apart (PDF, DOCX …), not opened yet.

    Args:
        data: all bytes of the file, so that another process needs no path.
        file: `type` as its content says: pdf, docx, html, xlsx, csv, pptx …
    """

    report_id: str
    data: bytes
    file: SourceFile
    given: Given = field(default_factory=Given)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A file, or a line of a `.jsonl` file, that cannot become a report, and why.

    Args:
        name: as the user knows it: `notes.txt`, `news.jsonl:17` (line 17).
        report_id: the id that it would have had, None if even that is unknown.
        reason: what was met, what was expected, what to do.
        bytes: size of the file or line; sha256: of the same bytes, None if it was not read.
    """

    name: str
    report_id: str | None
    reason: str
    bytes: int
    sha256: str | None
