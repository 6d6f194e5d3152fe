"""Originals: the file that a report came from, byte for byte.

Stands beside the catalog; a file that has changed since it was indexed is not its original.
"""

from __future__ import annotations

from corpus.errors import NotServed
from indexer.snapshot import Snapshot
from service.schemas import ReportOut


def original_of(snapshot: Snapshot, report: ReportOut) -> bytes:
    """The bytes whose sha256 the report states.

    Raises:
        NotServed: the index keeps no original of it.
    """
    raise NotServed("The index keeps no original of this report.")
