"""Assembly: parsed reports become the files of one snapshot in a staging folder.

Stands between `build`, which decides what belongs in, and the manifest, which seals it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from indexer.embedding import (
    LSA_FEWEST_CHUNKS,
    LSA_MOST_CHUNKS,
    Embedder,
    LsaEmbedder,
    fit_lsa,
)
from indexer.fact_store import write_facts
from indexer.fusion import DEPTH, MOST_QUERIES, choose_weight, self_made_queries
from indexer.keywords import K1, B, KeywordIndex, build_keywords
from indexer.lexicon import Lexicon, ReportNames, build_lexicon
from indexer.manifest import (
    FORMAT_VERSION,
    Canary,
    EmbedderEntry,
    FileEntry,
    Manifest,
    sha256_of,
    write_manifest,
)
from indexer.records import Chunk, Fact, QuarantinedFile
from indexer.segmentation import (
    MOST_TEXTS,
    TERMS_VERSION,
    Engine,
    Segmenter,
    TermCounts,
    frequencies,
    segmenter_fingerprint,
)
from indexer.snapshot import (
    LEXICON_FILE,
    ROLES,
    STORE_FILE,
    VECTORS_FILE,
    Snapshot,
    best_of,
    keys_digest,
)
from indexer.store import (
    ParsedReport,
    ReportStore,
    create_store,
    open_read_only,
    unpack_chunk,
    unpack_facts,
    write_quarantined,
    write_report,
)
from indexer.vectors import VectorIndex, write_vectors
from indexer.vocabulary import Vocabulary
from indexer.workers import Workers

_BATCH_CHARS = 400_000  # text counted in one task
_CANARIES = 3
_LIBRARIES = ("numpy", "rjieba", "jieba", "faiss-cpu", "scipy", "msgspec")
_SETTLED: dict[str, Any] = {"bm25_k1": K1, "bm25_b": B, "terms": TERMS_VERSION}


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides how a snapshot is made, beside the reports. `embedder` None: the built-in."""

    embedder: Embedder | None
    vocabulary: Vocabulary
    engine: Engine

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same reports could give another snapshot."""
        embedder = self.embedder.fingerprint if self.embedder else "lsa 1"
        segmenter = segmenter_fingerprint((), self.engine)
        parts = [FORMAT_VERSION, _SETTLED, embedder, segmenter, self.vocabulary.fingerprint]
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Assembly:
    """What goes into a snapshot.

    Args:
        report_ids: sorted.
        parsed: gives a report by id.
        names: the names each report holds.
    """

    folder: Path
    settings: Settings
    snapshot_id: str
    parser: str
    report_ids: Sequence[str]
    parsed: Callable[[str], ParsedReport]
    names: Mapping[str, ReportNames]
    quarantined: Sequence[QuarantinedFile]


def content_id(
    settings: Settings, digests: Mapping[str, str], quarantined: Iterable[QuarantinedFile]
) -> str:
    """Hash of content and settings; order, paths and time play no part."""
    digest = hashlib.sha256(settings.fingerprint.encode())
    for report_id, content in sorted(digests.items()):
        digest.update(f"\0{report_id}\0{content}".encode("utf-8", "surrogatepass"))
    for file in sorted(quarantined, key=lambda f: (f.report_id, f.name, f.sha256, f.reason)):
        digest.update(repr((file.report_id, file.name, file.sha256, file.reason)).encode())
    return digest.hexdigest()


def assemble(assembly: Assembly, pool: Workers) -> Made:
    """Writes every file of the snapshot but sources and manifest."""
    folder, settings = assembly.folder, assembly.settings
    lexicon = build_lexicon(assembly.names)
    words = frequencies(lexicon.words)
    segmenter = Segmenter(words, settings.engine)
    (folder / LEXICON_FILE).write_bytes(lexicon.to_bytes())
    arrays = _ChunkArrays()
    texts = _store_reports(assembly, arrays)
    counted = list(pool.map(_CountTerms(words, settings.engine), texts))
    keywords = build_keywords(counted)
    for name, array in {**keywords.arrays(), **arrays.finish()}.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    made = Made(assembly, lexicon, words, segmenter, keywords, arrays)
    made.embed(counted)
    return made


def _store_reports(assembly: Assembly, arrays: _ChunkArrays) -> Iterator[list[str]]:
    """Writes reports, chunks and facts, and gives batches of what is to be counted."""
    connection = create_store(assembly.folder / STORE_FILE)
    try:
        batch: list[str] = []
        size = 0
        for report_id in assembly.report_ids:
            parsed = assembly.parsed(report_id)
            write_report(connection, parsed, arrays.count)
            for packed in parsed.chunks:
                chunk = unpack_chunk(packed)
                arrays.add(chunk)
                batch.append(indexed_text(chunk))
                size += len(batch[-1])
                if size >= _BATCH_CHARS or len(batch) == MOST_TEXTS:
                    yield batch
                    batch, size = [], 0
            arrays.next_report()
        if batch:
            yield batch
        write_quarantined(connection, assembly.quarantined)
        write_facts(connection, _stored_facts(connection, assembly.report_ids))
        if connection.in_transaction:
            connection.execute("COMMIT")
    finally:
        connection.close()


def _stored_facts(connection: sqlite3.Connection, report_ids: Sequence[str]) -> Iterator[Fact]:
    for report_id in report_ids:
        row = connection.execute("SELECT facts FROM reports WHERE report_id=?", (report_id,))
        yield from unpack_facts(row.fetchone()[0])


def indexed_text(chunk: Chunk) -> str:
    """What the terms of a chunk are made of."""
    return f"{chunk.context}\n{chunk.text}"


class _CountTerms:
    """Counts terms with one segmenter; each process makes its own once."""

    def __init__(self, words: Sequence[tuple[str, int]], engine: Engine) -> None:
        self._words = tuple(words)
        self._engine = engine

    def __call__(self, texts: list[str]) -> TermCounts:
        key = (self._words, self._engine)
        if _segmenter_here.get("key") != key:
            _segmenter_here.update(key=key, segmenter=Segmenter(*key))
        segmenter: Segmenter = _segmenter_here["segmenter"]
        return segmenter.count(texts)


_segmenter_here: dict[str, Any] = {}


@dataclass(slots=True)
class _ChunkArrays:
    """Report, role and order of every chunk, gathered while the store is written."""

    count: int = 0
    reports: int = 0
    report_of: list[int] = field(default_factory=list)
    role_of: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def add(self, chunk: Chunk) -> None:
        self.report_of.append(self.reports)
        self.role_of.append(_ROLE_NUMBERS[chunk.role])
        self.ids.append(chunk.passage_id)
        self.count += 1

    def next_report(self) -> None:
        self.reports += 1

    def finish(self) -> dict[str, npt.NDArray[np.generic]]:
        order = sorted(range(self.count), key=self.ids.__getitem__)
        tie_order = np.empty(self.count, dtype=np.uint32)
        tie_order[order] = np.arange(self.count, dtype=np.uint32)
        return {
            "report_of": np.array(self.report_of, dtype=np.uint32),
            "role_of": np.array(self.role_of, dtype=np.uint8),
            "tie_order": tie_order,
        }


_ROLE_NUMBERS = {role.value: number for number, role in enumerate(ROLES)}


class Made:
    """The files of a snapshot, not sealed yet."""

    def __init__(
        self,
        assembly: Assembly,
        lexicon: Lexicon,
        words: Sequence[tuple[str, int]],
        segmenter: Segmenter,
        keywords: KeywordIndex,
        arrays: _ChunkArrays,
    ) -> None:
        self._assembly = assembly
        self._lexicon = lexicon
        self._words = list(words)
        self._segmenter = segmenter
        self._keywords = keywords
        self._reports, self._chunks = arrays.reports, arrays.count
        self._embedder: EmbedderEntry | None = None
        self._queries: list[tuple[str, int]] = []

    def embed(self, counted: Sequence[TermCounts]) -> None:
        """Makes the vectors, measures what they are worth, and keeps them if that is more than
        nothing."""
        embedder = self._assembly.settings.embedder
        fits = LSA_FEWEST_CHUNKS <= self._chunks <= LSA_MOST_CHUNKS
        count = MOST_QUERIES if embedder is not None or fits else _CANARIES
        self._queries = self_made_queries(self._texts(), self._segmenter, count)
        if embedder is not None and self._chunks:
            texts = [indexed_text(chunk) for chunk in self._all_chunks()]
            self._weigh("sentence_transformer", embedder, embedder.embed_passages(texts))
        elif fits:
            lsa, vectors = fit_lsa(counted, self._segmenter)
            if self._weigh("lsa", lsa, vectors):
                for name, array in lsa.arrays().items():
                    np.save(self._assembly.folder / f"{name}.npy", array, allow_pickle=False)

    def _weigh(
        self, kind: str, embedder: Embedder | LsaEmbedder, vectors: npt.NDArray[np.float32]
    ) -> bool:
        path = self._assembly.folder / VECTORS_FILE
        write_vectors(path, vectors)
        index = VectorIndex(path, *vectors.shape)
        weight, measured = choose_weight(
            self._queries,
            lambda query: self._keywords.scores(self._segmenter.keys(query)),
            lambda query: index.nearest(embedder.embed_query(query), DEPTH),
        )
        self._embedder = EmbedderEntry(
            kind, embedder.name, embedder.dim, embedder.fingerprint, weight, measured
        )
        if not weight:
            path.unlink()
        return bool(weight)

    def seal(self, further: Mapping[str, bytes]) -> Manifest:
        """Adds further files, asks the canaries, and writes the manifest."""
        folder = self._assembly.folder
        for name, data in further.items():
            (folder / name).write_bytes(data)
        draft = self._manifest([])
        manifest = msgspec.structs.replace(draft, canaries=self._canaries(draft))
        write_manifest(folder, manifest)
        return manifest

    def _manifest(self, canaries: list[Canary]) -> Manifest:
        assembly = self._assembly
        return Manifest(
            format_version=FORMAT_VERSION,
            id=assembly.snapshot_id,
            created_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            reports=self._reports,
            chunks=self._chunks,
            segmenter=self._segmenter.fingerprint,
            engine=assembly.settings.engine,
            vocabulary=assembly.settings.vocabulary.fingerprint,
            parser=assembly.parser,
            lexicon=self._lexicon.fingerprint,
            words=self._words,
            embedder=self._embedder,
            settings=_SETTLED,
            libraries=_library_versions(),
            canaries=canaries,
            files={
                path.name: FileEntry(path.stat().st_size, sha256_of(path))
                for path in sorted(assembly.folder.iterdir())
            },
        )

    def _canaries(self, draft: Manifest) -> list[Canary]:
        settings = self._assembly.settings
        snapshot = Snapshot(
            self._assembly.folder, draft, self._segmenter, settings.embedder, settings.vocabulary
        )
        try:
            queries = [query for query, _ in self._queries[:_CANARIES]]
            return [
                Canary(
                    query,
                    keys_digest(self._segmenter.keys(query)),
                    best_of(snapshot.scores(query), snapshot.tie_order),
                )
                for query in [*queries, "2024 年 GPT-4 营业收入 1,280.51 亿元"]
            ]
        finally:
            snapshot.close()

    def _texts(self) -> Sequence[str]:
        return _ChunkTexts(self._assembly.folder / STORE_FILE, self._chunks)

    def _all_chunks(self) -> Iterator[Chunk]:
        texts = _ChunkTexts(self._assembly.folder / STORE_FILE, self._chunks)
        return texts.chunks()


class _ChunkTexts(Sequence[str]):
    """Texts of the stored chunks by number, read as they are asked for."""

    def __init__(self, path: Path, count: int) -> None:
        self._store = ReportStore(open_read_only(path))
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> str:  # type: ignore[override]  # slices are not asked for
        return self._store.chunk(number).text

    def chunks(self) -> Iterator[Chunk]:
        """All chunks, by number."""
        return self._store.chunk_texts()


def _library_versions() -> dict[str, str]:
    found = {}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
