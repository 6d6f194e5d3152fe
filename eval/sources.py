"""What really stands in the reports: asked while a run is scored, stored for later re-scoring.

Between golden and scoring: gold quotes become places, and cited offsets become words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

from corpus.report import Span
from eval.golden import Evidence
from eval.matching import FoldedText


class Sources(Protocol):
    """The reports, as far as scoring has to see them."""

    def places(self, piece: Evidence) -> tuple[Span, ...]:
        """Where the evidence stands in its report; empty if it does not."""

    def words(self, report_id: str, start: int, end: int) -> str | None:
        """What stands at `[start, end)`; None if the report has no such place."""


class ReportTexts:
    """The canonical texts of the reports, fetched once each.

    Args:
        fetch: report id → text; raises KeyError for a report that is not there.
    """

    def __init__(self, fetch: Callable[[str], str]) -> None:
        self._fetch = fetch
        self._texts: dict[str, str | None] = {}
        self._folded: dict[str, FoldedText] = {}
        self._found: dict[tuple[str, str], tuple[Span, ...]] = {}

    def text(self, report_id: str) -> str | None:
        """The canonical text; None if there is no such report."""
        if report_id not in self._texts:
            try:
                self._texts[report_id] = self._fetch(report_id)
            except KeyError:
                self._texts[report_id] = None
        return self._texts[report_id]

    def words(self, report_id: str, start: int, end: int) -> str | None:
        """What stands at `[start, end)`; None if the report has no such place."""
        text = self.text(report_id)
        if text is None or not 0 <= start <= end <= len(text):
            return None
        return text[start:end]

    def places(self, piece: Evidence) -> tuple[Span, ...]:
        """Where the evidence stands in its report; empty if it does not."""
        text = self.text(piece.report)
        if text is None:
            return ()
        if piece.start is not None and piece.end is not None and piece.sha256 is not None:
            same = hashlib.sha256(text[piece.start : piece.end].encode()).hexdigest()
            return (Span(piece.start, piece.end),) if same == piece.sha256 else ()
        key = (piece.report, piece.quote or "")
        if key not in self._found:
            if piece.report not in self._folded:
                self._folded[piece.report] = FoldedText(text)
            self._found[key] = self._folded[piece.report].places(key[1])
        return self._found[key]


class Witness:
    """Passes questions on to the sources and keeps what they said, for storing with the item."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._places: dict[str, list[list[int]]] = {}
        self._words: dict[str, str | None] = {}

    def places(self, piece: Evidence) -> tuple[Span, ...]:
        """Where the evidence stands, noted."""
        found = self._sources.places(piece)
        self._places[piece.model_dump_json()] = [[span.start, span.end] for span in found]
        return found

    def words(self, report_id: str, start: int, end: int) -> str | None:
        """What stands there, noted."""
        found = self._sources.words(report_id, start, end)
        self._words[f"{report_id}:{start}-{end}"] = found
        return found

    def testimony(self) -> dict[str, Any]:
        """All that was asked, as JSON; `Testimony` answers the same questions from it."""
        return {"places": self._places, "words": self._words}


class Testimony:
    """The sources as they were when the run was made: re-scoring needs no index."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self._places: dict[str, list[list[int]]] = stored["places"]
        self._words: dict[str, str | None] = stored["words"]

    def testimony(self) -> dict[str, Any]:
        """What was stored, as it was."""
        return {"places": self._places, "words": self._words}

    def places(self, piece: Evidence) -> tuple[Span, ...]:
        """Where the evidence stood."""
        return tuple(Span(a, b) for a, b in self._places.get(piece.model_dump_json(), []))

    def words(self, report_id: str, start: int, end: int) -> str | None:
        """What stood there; None for a place that was not looked at."""
        return self._words.get(f"{report_id}:{start}-{end}")
