"""A snapshot that is all there but for its seal: vectors weighed, test queries asked, manifest.

Stands between `assembly`, which makes the files, and the manifest, which names them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from indexer.arrays import save
from indexer.embedding import (
    LSA_FEWEST_CHUNKS,
    LSA_MOST_CHUNKS,
    Embedder,
    LsaEmbedder,
    fit_lsa,
)
from indexer.fusion import DEPTH, MOST_QUERIES, choose_weight, self_made_queries
from indexer.keywords import KeywordIndex
from indexer.manifest import Canary, EmbedderEntry, FileEntry, Manifest, sha256_of, write_manifest
from indexer.segmentation import Segmenter
from indexer.snapshot import VECTORS_FILE, Snapshot, best_of, keys_digest
from indexer.stores import Stores, open_stores
from indexer.vectors import VectorIndex, write_vectors
from indexer.vocabulary import Vocabulary

_CANARIES = 3
_LIBRARIES = ("numpy", "rjieba", "jieba", "faiss-cpu", "scipy", "msgspec")


class Made:
    """The files of a snapshot, not sealed yet.

    Args:
        draft: the manifest without embedder, canaries and files.
        known: what is known of files that were linked, by name.
    """

    def __init__(
        self,
        folder: Path,
        draft: Manifest,
        known: Mapping[str, FileEntry],
        keywords: KeywordIndex,
        segmenter: Segmenter,
        vocabulary: Vocabulary,
        embedder: Embedder | None,
    ) -> None:
        self._folder = folder
        self._draft = draft
        self._known = known
        self._keywords = keywords
        self._segmenter = segmenter
        self._vocabulary = vocabulary
        self._embedder = embedder
        self._queries: list[tuple[str, int]] = []

    def embed(self) -> None:
        """Makes the vectors, measures what they are worth, and keeps them if that is more than
        nothing."""
        embedder, chunks = self._embedder, self._draft.chunks
        fits = LSA_FEWEST_CHUNKS <= chunks <= LSA_MOST_CHUNKS
        count = MOST_QUERIES if embedder is not None or fits else _CANARIES
        stores = open_stores(self._folder, self._draft.stores)
        try:
            self._queries = self_made_queries(_ChunkTexts(stores, chunks), self._segmenter, count)
            if embedder is not None and chunks:
                texts = [chunk.indexed_text for chunk in stores.chunks()]
                self._weigh("sentence_transformer", embedder, embedder.embed_passages(texts))
        finally:
            stores.close()
        if embedder is None and fits:
            lsa, vectors = fit_lsa([self._keywords.counts()], self._segmenter)
            if self._weigh("lsa", lsa, vectors):
                for name, array in lsa.arrays().items():
                    save(self._folder, name, array)

    def _weigh(
        self, kind: str, embedder: Embedder | LsaEmbedder, vectors: npt.NDArray[np.float32]
    ) -> bool:
        path = self._folder / VECTORS_FILE
        write_vectors(path, vectors)
        index = VectorIndex(path, *vectors.shape)
        weight, measured = choose_weight(
            self._queries,
            lambda query: self._keywords.scores(self._segmenter.keys(query)),
            lambda query: index.nearest(embedder.embed_query(query), DEPTH),
        )
        entry = EmbedderEntry(
            kind, embedder.name, embedder.dim, embedder.fingerprint, weight, measured
        )
        self._draft = msgspec.structs.replace(self._draft, embedder=entry)
        if not weight:
            path.unlink()
        return bool(weight)

    def seal(self, further: Mapping[str, bytes]) -> Manifest:
        """Adds further files, asks the canaries, and writes the manifest."""
        for name, data in further.items():
            (self._folder / name).write_bytes(data)
        manifest = msgspec.structs.replace(
            self._draft,
            created_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            libraries=_library_versions(),
            canaries=self._canaries(),
            files={path.name: self._entry(path) for path in sorted(self._folder.iterdir())},
        )
        write_manifest(self._folder, manifest)
        return manifest

    def _entry(self, path: Path) -> FileEntry:
        return self._known.get(path.name) or FileEntry(path.stat().st_size, sha256_of(path))

    def _canaries(self) -> list[Canary]:
        snapshot = Snapshot(
            self._folder, self._draft, self._segmenter, self._embedder, self._vocabulary
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


class _ChunkTexts(Sequence[str]):
    """Texts of the stored chunks by number, read as they are asked for."""

    def __init__(self, stores: Stores, count: int) -> None:
        self._stores = stores
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> str:  # type: ignore[override]  # slices are not asked for
        return self._stores.chunk(number).text


def _library_versions() -> dict[str, str]:
    found = {}
    for library in _LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
