"""BM25's first sentence as the answer: what a system without any reader would say.

Beside `eval.plain_bm25`: a `Target` of `eval.run`; sentences are the units that are ranked. It
never refuses.
"""

from __future__ import annotations

import re
from typing import Any

from eval.plain_bm25 import PlainBm25
from indexer.snapshot import Snapshot
from service.schemas import AskRequest, FilterRequest

_SENTENCE = re.compile(r"[^。！？!?；;\n\f]+[。！？!?；;]*")
# A shorter run is a heading's number or a stray mark.
LEAST_CHARS = 6


class FirstSentence:
    """Answers with the sentence that plain BM25 over character pairs ranks first."""

    name = "BM25 first sentence"

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        passages: list[dict[str, Any]] = []
        texts: list[str] = []
        for report_id in snapshot.report_ids():
            text = snapshot.text(report_id)
            for found in _SENTENCE.finditer(text):
                if len(found[0].strip()) >= LEAST_CHARS:
                    start, end = found.span()
                    passages.append(
                        {
                            "passage_id": f"{report_id}:{start}-{end}",
                            "report_id": report_id,
                            "start": start,
                            "end": end,
                        }
                    )
                    texts.append(found[0])
        self._bm25 = PlainBm25(passages, texts)

    def ask(self, request: AskRequest) -> dict[str, Any]:
        """The sentence, cited where it stands."""
        found = self._bm25.search(request.question, 1)
        if not found:
            return {**_EMPTY, "question": request.question}
        place = found[0]
        quote = self.text(place["report_id"])[place["start"] : place["end"]]
        citation = {**place, "marker": 1, "quote": quote, "cell": None, "section": []}
        return {
            **_EMPTY,
            "question": request.question,
            "standalone_question": request.question,
            "answer": f"{quote} [1]",
            "refused": False,
            "reason": None,
            "kind": "passage",
            "citations": [citation],
        }

    def search(self, query: str, k: int, filters: FilterRequest) -> list[dict[str, Any]]:
        """The sentences nearest to the query, best first; filters are not obeyed."""
        return self._bm25.search(query, k)

    def text(self, report_id: str) -> str:
        """The canonical text of a report."""
        return self._snapshot.text(report_id)


_EMPTY: dict[str, Any] = {
    "answer": "", "refused": True, "reason": "low_support", "kind": "refusal", "confidence": 0.0,
    "missing": [], "support": [], "highlights": [], "computation": None, "others": [],
    "citations": [], "passages": [], "timings_ms": {"retrieve": 0.0, "read": 0.0, "total": 0.0},
}  # fmt: skip
