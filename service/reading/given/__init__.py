"""Questions that bring their data along: read, looked up and worked out from the prompt itself.

First in line in `answering`. The corpus is not asked, so nothing is cited.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from service.query import Query
    from service.reading.draft import Draft

__all__ = ["BRINGS", "read_given"]

BRINGS: Final = re.compile("已知|假设|假定|根据以下|根据下")
"""What says in one line that the data follow; else a line break parts them from what is asked."""


def read_given(query: Query) -> Draft | None:
    """The answer from the data in the question; None if it brings none, or none fits."""
    if len(query.asked.strip().splitlines()) < 2 and not BRINGS.search(query.asked):
        return None
    # Few questions bring data: the twenty modules behind it would cost every start 30 ms.
    from service.reading.given.answer import read_data

    return read_data(query)
