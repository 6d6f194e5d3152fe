"""Originals: the file that a report came from, byte for byte.

Stands beside the catalog. What was taken apart is kept beside the index; a text file is its
canonical text in some encoding, written again and proved by its sha256.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from typing import Final

from corpus.errors import NotServed
from indexer.snapshot import Snapshot
from service.versions import Version

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


def original_of(snapshot: Snapshot, version: Version) -> bytes:
    """The bytes whose sha256 the version states.

    Raises:
        NotServed: the original cannot be made from what the snapshot holds.
    """
    sha256 = version.out.file.sha256
    kept = snapshot.original(sha256)
    if kept is not None:
        return kept
    for content in _candidates(version.text):
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    raise NotServed("This version keeps no original of a report from such a file.")


def _candidates(text: str) -> Iterator[bytes]:
    for mark, encoding in ENCODINGS:
        try:
            yield mark + text.encode(encoding)
        except UnicodeEncodeError:
            continue
