"""Names of uploaded files: whatever a stranger calls a file becomes a harmless name.

Stands between the multipart form and the folder where uploads are kept.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Final

MAX_BYTES: Final = 200
"""File systems take 255 bytes of a name; the rest is room for what is put around it."""

_MAX_SUFFIX_BYTES: Final = 16
_NAMELESS: Final = "upload"


def safe_name(given: str) -> str:
    """The last part of a path, without controls, marks of direction and leading dots, NFC, and
    cut to `MAX_BYTES`; the same for the same input.

    >>> safe_name("..\\\\..\\\\etc/东吴\\x00.pdf")
    '东吴.pdf'
    """
    whole = unicodedata.normalize("NFC", given)
    base = whole.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(c for c in base if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    name = " ".join(kept.split()).strip(". ")
    if not name:
        return _NAMELESS
    return name if len(name.encode()) <= MAX_BYTES else _cut(name, whole)


def _cut(name: str, whole: str) -> str:
    """A shorter name; a digest of the whole one keeps two long names apart."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > _MAX_SUFFIX_BYTES:
        stem, suffix = name, ""
    mark = "~" + hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    end = f"{mark}.{suffix}" if suffix else mark
    room = MAX_BYTES - len(end.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + end
