"""Snapshot: one immutable, published state of the index, opened and verified.

Stands between the index folder and everything that asks: search, reader, lists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Hashable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.errors import SnapshotCorrupt, SnapshotMismatch
from corpus.normalise import fold, normalise
from corpus.report import Role
from corpus.tickers import same_code
from indexer.arrays import mapped
from indexer.chunk_arrays import ROLES
from indexer.embedding import LSA_ARRAYS, Embedder, LsaEmbedder
from indexer.fact_store import FactStore
from indexer.filtering import occurrences, passes
from indexer.fusion import DEPTH, fuse
from indexer.keywords import KeywordIndex, open_segments
from indexer.kinship import Kinship, kinship_of
from indexer.lexicon import LEXICON_FILE, Lexicon
from indexer.manifest import (
    Manifest,
    current_folder,
    read_manifest,
    verify_files,
)
from indexer.originals import original
from indexer.quarantine import read_quarantined
from indexer.records import Chunk, Filters, Mention, QuarantinedFile, ReportRecord
from indexer.segmentation import Segmenter
from indexer.stores import open_stores
from indexer.term_keys import Keys
from indexer.vectors import VectorIndex
from indexer.vocabulary import Vocabulary, load_vocabulary

__all__ = ["QuarantinedFile", "ReportRecord", "Snapshot", "open_snapshot"]

VECTORS_FILE = "vectors.faiss"
_REPORTS_KEPT = 32  # parsed reports kept in memory: a question reads up to 24
_INKS_KEPT = 4  # the reports whose pages are being shown; one of 30 pages has some megabytes
_OF_HOUSES = 0.5  # share of chunks from which those of houses tell how rare a word is
_FREQUENCIES_KEPT = 4096  # words whose frequency is kept: 公司, 增长 … come with every question


def open_snapshot(
    index_dir: Path, embedder: Embedder | None = None, vocabulary: Vocabulary | None = None
) -> Snapshot:
    """The snapshot that `CURRENT` names, verified byte for byte.

    Args:
        embedder: the one that the service is configured with; None for the built-in one.
        vocabulary: None for the shipped one.

    Raises:
        SnapshotMissing: nothing was published in `index_dir`.
        SnapshotCorrupt: a file is missing or differs from the manifest.
        SnapshotMismatch: it was made with another embedder, dictionary or format.
    """
    folder = current_folder(index_dir)
    try:
        return _open_folder(folder, embedder, vocabulary)
    except (SnapshotCorrupt, FileNotFoundError) as error:
        if current_folder(index_dir) != folder:  # replaced and swept while it was being read
            return _open_folder(current_folder(index_dir), embedder, vocabulary)
        if isinstance(error, SnapshotCorrupt):
            raise
        raise SnapshotCorrupt(f"{folder}: {error.filename} is missing; build again") from error


def _open_folder(
    folder: Path, embedder: Embedder | None, vocabulary: Vocabulary | None
) -> Snapshot:
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    segmenter = Segmenter(manifest.words, engine=_engine(folder, manifest))
    if segmenter.fingerprint != manifest.segmenter:
        raise SnapshotMismatch(
            f"{folder}: built with another dictionary or version of {manifest.engine} "
            f"({manifest.segmenter[:12]}…, this program has {segmenter.fingerprint[:12]}…); "
            "build the index again with `yanbao index PATH…`"
        )
    _check_embedder(folder, manifest, embedder)
    vocabulary = vocabulary or load_vocabulary()
    if vocabulary.fingerprint != manifest.vocabulary:
        raise SnapshotMismatch(
            f"{folder}: its facts were read with another vocabulary of metrics "
            f"({manifest.vocabulary[:12]}…, configured is {vocabulary.fingerprint[:12]}…); "
            "build the index again with `yanbao index PATH…`"
        )
    snapshot = Snapshot(folder, manifest, segmenter, embedder, vocabulary)
    try:
        _ask_canaries(folder, snapshot, manifest)
    except BaseException:
        snapshot.close()
        raise
    return snapshot


def _engine(folder: Path, manifest: Manifest) -> Any:
    if manifest.engine not in {"rjieba", "jieba"}:
        raise SnapshotMismatch(f"{folder}: cut by {manifest.engine!r}, which is unknown here")
    return manifest.engine


def _check_embedder(folder: Path, manifest: Manifest, embedder: Embedder | None) -> None:
    built = manifest.embedder
    configured = embedder.fingerprint if embedder else None
    if built is not None and built.kind != "lsa":
        if configured == built.fingerprint or (embedder is None and not built.weight):
            return
        have = embedder.name if embedder else "the built-in embedder"
        raise _embedder_mismatch(folder, built.name, have)
    if embedder is not None:
        raise _embedder_mismatch(folder, "the built-in embedder", embedder.name)


def _embedder_mismatch(folder: Path, built: str, configured: str) -> SnapshotMismatch:
    return SnapshotMismatch(
        f"{folder}: built with embedder {built}, configured is {configured}; "
        "set the embedder it was built with or build the index again with `yanbao index PATH…`"
    )


def _ask_canaries(folder: Path, snapshot: Snapshot, manifest: Manifest) -> None:
    """Cuts and asks a few stored questions again: a query tokeniser that differs from the index's
    finds next to nothing and says nothing about it."""
    for canary in manifest.canaries:
        keys = snapshot.segmenter.keys(canary.query)
        if keys_digest(keys) != canary.keys:
            raise SnapshotMismatch(
                f"{folder}: the words of a test query differ from those of the index; "
                "build the index again with `yanbao index PATH…`"
            )
        if best_of(snapshot.scores(canary.query), snapshot.tie_order) != canary.best:
            raise SnapshotCorrupt(
                f"{folder}: a test query finds another passage than it did when the index was "
                "built; build the index again with `yanbao index PATH…`"
            )


def keys_digest(keys: Keys) -> str:
    """Hash of the keys of a query, as a canary holds it."""
    return hashlib.sha256(np.ascontiguousarray(keys).tobytes()).hexdigest()


def best_of(scores: npt.NDArray[np.float32], tie_order: npt.NDArray[np.uint32]) -> int:
    """Number of the best chunk, -1 if none scores."""
    if not scores.size or scores.max() <= 0:
        return -1
    best = np.flatnonzero(scores == scores.max())
    return int(best[np.argmin(tie_order[best])])


class Snapshot:
    """One published state of the index; safe to share between threads.

    Attributes:
        id: hash of content and settings.
        segmenter: cuts queries exactly as the index was cut.
        tie_order: (chunks,) place of each chunk when all are ordered by passage id.
        facts, lexicon, vocabulary: what the reader asks.
        kept: what callers worked out over this snapshot and want to find again; it dies with it.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        segmenter: Segmenter,
        embedder: Embedder | None,
        vocabulary: Vocabulary,
    ) -> None:
        self.id = manifest.id
        self.manifest = manifest
        self.segmenter = segmenter
        self.vocabulary = vocabulary
        self._stores = open_stores(folder, manifest.stores)
        parts = self._stores.parts
        self.facts = FactStore(*(p.connection for p in parts), gone=[p.gone for p in parts])
        self._quarantined = read_quarantined(folder)
        self._lexicon_bytes = (folder / LEXICON_FILE).read_bytes()
        segments = open_segments(folder, manifest.postings)
        self._keywords = KeywordIndex(segments, mapped(folder, "lengths"))
        self._report_of: npt.NDArray[np.uint32] = self._stores.places.report_of
        self._role_of: npt.NDArray[np.uint8] = mapped(folder, "role_of")
        self.tie_order: npt.NDArray[np.uint32] = mapped(folder, "tie_order")
        self._weight = manifest.embedder.weight if manifest.embedder else 0.0
        self._embedder = embedder
        self._vectors: VectorIndex | None = None
        if manifest.embedder and self._weight:
            self._vectors = VectorIndex(
                folder / VECTORS_FILE, manifest.chunks, manifest.embedder.dim
            )
            if manifest.embedder.kind == "lsa":
                keys, projection = (mapped(folder, name) for name in LSA_ARRAYS)
                self._embedder = LsaEmbedder(keys, projection, segmenter)
        self._index_dir = folder.parent
        self.kept: dict[Hashable, object] = {}
        self.report = lru_cache(maxsize=_REPORTS_KEPT)(self._stores.report)
        self.text = lru_cache(maxsize=_REPORTS_KEPT)(self._stores.text)
        self.ink = lru_cache(maxsize=_INKS_KEPT)(self._stores.ink)
        self._frequency = lru_cache(maxsize=_FREQUENCIES_KEPT)(self._count_chunks)

    # --- reports and chunks -------------------------------------------------------------------

    @property
    def embedder_name(self) -> str | None:
        """The embedder that takes part in search; None if none does."""
        return self.manifest.embedder.name if self.manifest.embedder and self._weight else None

    @cached_property
    def _report_ids(self) -> tuple[str, ...]:
        return self._stores.report_ids()

    def report_ids(self) -> tuple[str, ...]:
        """All report ids, sorted."""
        return self._report_ids

    @cached_property
    def _records(self) -> tuple[ReportRecord, ...]:
        return self._stores.records()

    def records(self) -> tuple[ReportRecord, ...]:
        """What lists show of each report, sorted by id."""
        return self._records

    @cached_property
    def kinship(self) -> Kinship:
        """Which reports are copies or versions of one another."""
        return kinship_of(self.records())

    def quarantined(self) -> tuple[QuarantinedFile, ...]:
        """Files that could not become a report, by id."""
        return self._quarantined

    def original(self, sha256: str) -> bytes | None:
        """The bytes of a file that was taken apart (PDF, DOCX …); None if none is kept: a text
        file is its canonical text in some encoding.

        Raises:
            SnapshotCorrupt: what is kept has changed.
        """
        return original(self._index_dir, sha256)

    def chunk_count(self) -> int:
        """Number of chunks; they are numbered from 0."""
        return self.manifest.chunks

    def chunk(self, number: int) -> Chunk:
        """One chunk.

        Raises:
            IndexError: no such number.
        """
        return self._stores.chunk(number)

    def chunks(self, numbers: Sequence[int]) -> list[Chunk]:
        """Several chunks at once, in the order of the numbers.

        Raises:
            IndexError: no such number.
        """
        return self._stores.some_chunks(numbers)

    def chunks_of(self, report_id: str) -> tuple[Chunk, ...]:
        """The chunks of one report, in order.

        Raises:
            KeyError: no such report.
        """
        return self._stores.chunks_of(report_id)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The names that the corpus states."""
        return Lexicon.from_bytes(self._lexicon_bytes)

    # --- searching ----------------------------------------------------------------------------

    def scores(
        self, query: str, visible: npt.NDArray[np.bool_] | None = None
    ) -> npt.NDArray[np.float32]:
        """(chunks,) how well each chunk fits `query`; 0 means not at all.

        Args:
            visible: which chunks may be found; None means all.
        """
        scores = self._keywords.scores(self.segmenter.keys(query))
        if visible is not None:
            scores = np.where(visible, scores, np.float32(0))
        if self._vectors is None or self._embedder is None:
            return scores
        vector = self._embedder.embed_query(query)
        if not vector.any():
            return scores
        numbers, cosines = self._vectors.nearest(vector, DEPTH, visible)
        return fuse(scores, numbers, cosines, self._weight)

    def visible(
        self, filters: Filters, roles: Collection[Role | str] | None = None
    ) -> npt.NDArray[np.bool_] | None:
        """(chunks,) which chunks pass filters and roles; None means all."""
        mask = None
        allowed = self.allowed(filters)
        if allowed is not None:
            passing = np.array([i in allowed for i in self._report_ids], dtype=bool)
            mask = passing[self._report_of] if passing.size else np.zeros(0, dtype=bool)
        if roles is not None:
            wanted = np.array([role in {Role(r) for r in roles} for role in ROLES])
            fitting = wanted[self._role_of]
            mask = fitting if mask is None else mask & fitting
        return mask

    def reports_with(self, role: Role) -> frozenset[str]:
        """Ids of the reports of which a chunk has this role."""
        numbers = np.unique(self._report_of[self._role_of == ROLES.index(role)])
        return frozenset(self._report_ids[number] for number in numbers.tolist())

    def allowed(self, filters: Filters) -> frozenset[str] | None:
        """Ids of the reports that pass; None means that there is no filter."""
        if not filters:
            return None
        named = self._reports_naming(filters.stock_codes)
        return frozenset(
            record.report_id for record in self._records if passes(record, filters, named)
        )

    def _reports_naming(self, codes: Collection[str]) -> frozenset[str]:
        """Reports that name a company with one of these codes."""
        if not codes:
            return frozenset()
        return frozenset(
            report_id
            for company in self.lexicon.companies
            if company.code and any(same_code(company.code, code) for code in codes)
            for report_id in company.report_ids
        )

    def mentions(
        self, phrase: str, report_ids: Collection[str] | None = None, limit: int = 50
    ) -> list[Mention]:
        """Where `phrase` stands in the chunks, up to width, script, case and spaces, in order.

        A Latin word or number is found whole only: 300 is no mention in 300418.

        Args:
            report_ids: where to look; None means everywhere.
            limit: at most so many.
        """
        wanted = fold(phrase).strip()
        if not wanted or limit < 1:
            return []
        found: list[Mention] = []
        for number in self._candidates(wanted, report_ids):
            chunk = self._stores.chunk(number)
            normal = normalise(chunk.text)
            for at in occurrences(normal.text, wanted):
                span = normal.to_source(at, at + len(wanted))
                found.append(
                    Mention(chunk.report_id, chunk.start + span.start, chunk.start + span.end)
                )
                if len(found) == limit:
                    return found
        return found

    def document_frequency(self, word: str) -> int:
        """How many of the chunks that count may hold a word: those with all of its bigrams; a
        single Han: all."""
        return self._frequency(fold(word))

    def _count_chunks(self, folded: str) -> int:
        keys = self.segmenter.context_free_keys(folded)
        if not keys.size:
            return self.counted_chunks()
        numbers = self._keywords.having(keys)
        if self._counted is None:
            return int(numbers.size)
        # A word that no house writes is as rare as in the rest.
        return int(self._counted[numbers].sum()) or min(int(numbers.size), 1)

    def counted_chunks(self) -> int:
        """How many chunks `document_frequency` counts over."""
        return self.chunk_count() if self._counted is None else int(self._counted.sum())

    @cached_property
    def _counted(self) -> npt.NDArray[np.bool_] | None:
        """(chunks,) those that tell how rare a word is; None: all."""
        housed = np.array([r.meta.broker is not None for r in self._records], dtype=bool)
        telling = housed[self._report_of] if housed.size else housed
        # Where houses wrote most, what nobody in particular says, and however often, does not
        # change what a word weighs (100 planted pages beside two reports).
        mixed = telling.sum() >= _OF_HOUSES * telling.size and not telling.all()
        return telling if mixed else None

    def _candidates(self, wanted: str, report_ids: Collection[str] | None) -> list[int]:
        """Chunks that may hold the phrase, by the bigrams and Latin words in it."""
        keys = self.segmenter.context_free_keys(wanted)
        if keys.size:
            numbers = self._keywords.having(keys).astype(np.int64)
        else:  # a single character or punctuation: every chunk must be looked at
            numbers = np.arange(self.chunk_count(), dtype=np.int64)
        if report_ids is not None:
            inside = np.array([i in report_ids for i in self._report_ids], dtype=bool)
            numbers = numbers[inside[self._report_of[numbers]]] if inside.size else numbers[:0]
        chosen: list[int] = numbers.tolist()
        return chosen

    def close(self) -> None:
        """Lets go of the files."""
        self._stores.close()
