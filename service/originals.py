"""Originals: the file that a report came from, byte for byte.

Stands beside the catalog. A text file is its canonical text in some encoding, so it is written
again from the snapshot and proved by its sha256; no path on this machine is opened for a request.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from typing import Final

from corpus.errors import NotServed, UnknownReport
from indexer.snapshot import Snapshot
from service.schemas import ReportOut

ENCODINGS: Final = (
    (b"", "utf-8"),
    (codecs.BOM_UTF8, "utf-8"),
    (b"", "gb18030"),
    (b"", "gbk"),
    (b"", "big5"),
    (b"", "big5hkscs"),
    (b"", "cp950"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte-order mark and encoding of every file that `corpus` reads as text, likeliest first."""


def original_of(snapshot: Snapshot, report: ReportOut) -> bytes:
    """The bytes whose sha256 the report states.

    Raises:
        UnknownReport: the file is quarantined; nothing of it is kept.
        NotServed: the original cannot be made from what the snapshot holds.
    """
    if report.status != "indexed":
        raise UnknownReport("This file is quarantined: nothing of it is kept; see its warnings.")
    text = snapshot.text(report.report_id)
    for content in _candidates(text):
        if hashlib.sha256(content).hexdigest() == report.file.sha256:
            return content
    raise NotServed("This version keeps no original of a report from such a file.")


def _candidates(text: str) -> Iterator[bytes]:
    for mark, encoding in ENCODINGS:
        try:
            yield mark + text.encode(encoding)
        except UnicodeEncodeError:
            continue
