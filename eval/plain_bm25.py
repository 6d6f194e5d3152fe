"""Plain BM25 over character pairs on the chunks of a snapshot: what every figure stands beside.

Foot of `eval.field`. No lexicon, no vectors, no fusion; k1 1.2 and b 0.75 as in most papers.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eval.matching import fold

if TYPE_CHECKING:
    from indexer.snapshot import Snapshot


class PlainBm25:
    """BM25 (Robertson et al. 1994, Lucene's form) of passages given as dictionaries."""

    def __init__(self, passages: Sequence[dict[str, Any]], texts: Sequence[str]) -> None:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG
        self._passages = list(passages)
        self._words: dict[str, int] = {}
        tokens = [[self._number(pair) for pair in _pairs(text)] for text in texts]
        self._index = bm25s.BM25(k1=1.2, b=0.75)
        vocabulary = bm25s.tokenization.Tokenized(ids=tokens, vocab=self._words)
        self._index.index(vocabulary, show_progress=False)

    @classmethod
    def of(cls, snapshot: Snapshot) -> PlainBm25:
        """Over all chunks of a snapshot."""
        chunks = [snapshot.chunk(number) for number in range(snapshot.chunk_count())]
        passages = [
            {"passage_id": c.passage_id, "report_id": c.report_id, "start": c.start, "end": c.end}
            for c in chunks
        ]
        return cls(passages, [chunk.text for chunk in chunks])

    def search(self, query: str, k: int) -> list[dict[str, Any]]:
        """The best passages, best first, ties by passage id; nothing without a common pair."""
        asked = [self._words[pair] for pair in _pairs(query) if pair in self._words]
        if not asked:
            return []
        scores = self._index.get_scores_from_ids(asked)
        ranked = sorted(
            range(len(scores)), key=lambda n: (-scores[n], self._passages[n]["passage_id"])
        )
        return [
            {**self._passages[n], "score": float(scores[n])} for n in ranked[:k] if scores[n] > 0
        ]

    def _number(self, pair: str) -> int:
        return self._words.setdefault(pair, len(self._words))


def _pairs(text: str) -> list[str]:
    folded = fold(text).lower()
    return [folded[i : i + 2] for i in range(len(folded) - 1)] or [folded]
