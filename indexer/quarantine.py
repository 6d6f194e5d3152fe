"""The list of files that could not become a report, as a file of the snapshot.

Stands beside the stores: written by `assembly`, read by `Snapshot`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from indexer.records import QuarantinedFile

QUARANTINE_FILE = "quarantined.msgpack"


def pack_quarantined(files: Iterable[QuarantinedFile]) -> bytes:
    """The list, ordered by report id."""
    return msgspec.msgpack.encode(
        sorted(files, key=lambda f: (f.report_id, f.name, f.sha256, f.reason))
    )


def read_quarantined(folder: Path) -> tuple[QuarantinedFile, ...]:
    """The list of a snapshot folder."""
    data = (folder / QUARANTINE_FILE).read_bytes()
    return msgspec.msgpack.decode(data, type=tuple[QuarantinedFile, ...])
