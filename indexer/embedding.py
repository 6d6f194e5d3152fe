"""Embedders: text → unit vectors, behind one protocol.

Stands beside the segmenter. The default is fitted on the corpus at build time and needs no model;
any local sentence-transformers folder may take its place.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from corpus.errors import IndexerError
from indexer.segmentation import Segmenter, TermCounts
from indexer.term_keys import Keys

Floats = npt.NDArray[np.float32]

# LSA alone finds 98.9 % at rank 10 among 848 passages and 12 % among 100,000 (field notes, 5);
# from here on it would cost time and be weighed with 0.
LSA_MOST_CHUNKS = 3_000
LSA_FEWEST_CHUNKS = 20  # fewer chunks span no topics
_LSA_DIM = 128
_LSA_ROUNDS = 2  # more change no rank here and cost a second each
_LSA_EXTRA = 16  # further random directions, dropped at the end (Halko et al. 2011)
_NOISE = 1e-6  # directions with less of the greatest variance are rounding errors
LSA_ARRAYS = ("lsa_keys", "lsa_projection")


class Embedder(Protocol):
    """Makes vectors of text."""

    @property
    def name(self) -> str:
        """How answers and lists call it."""

    @property
    def dim(self) -> int:
        """Components of a vector."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another vector."""

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """(n, dim) float32, unit rows (a text without content may give a zero row)."""

    def embed_query(self, query: str) -> Floats:
        """(dim,) float32, unit length or zero."""


class LsaEmbedder:
    """Latent semantic analysis of the corpus itself (Deerwester et al. 1990,
    doi:10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9).

    Args:
        keys: (terms,) uint64 ascending.
        projection: (terms, dim) float32, each row times the term's idf.
        segmenter: cuts queries as the corpus was cut.
    """

    name = "lsa"

    def __init__(self, keys: Keys, projection: Floats, segmenter: Segmenter) -> None:
        self._keys = keys
        self._projection = projection
        self._segmenter = segmenter

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return int(self._projection.shape[1])

    @property
    def fingerprint(self) -> str:
        """Hash of the terms; the components follow from the corpus and a fixed seed."""
        return hashlib.sha256(b"lsa 1\0" + np.ascontiguousarray(self._keys).tobytes()).hexdigest()

    def embed_query(self, query: str) -> Floats:
        """(dim,) float32, unit length, or zero if the corpus knows none of its terms."""
        keys, counts = np.unique(self._segmenter.keys(query), return_counts=True)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        known = self._keys[at] == keys
        weights = (1 + np.log(counts[known])).astype(np.float32)
        return _unit(weights @ np.asarray(self._projection[at[known]]))

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """(n, dim) float32, unit rows."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.stack([self.embed_query(text) for text in texts])

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What a snapshot stores of it."""
        return {"lsa_keys": self._keys, "lsa_projection": self._projection}


def fit_lsa(batches: Sequence[TermCounts], segmenter: Segmenter) -> tuple[LsaEmbedder, Floats]:
    """An LSA embedder of these texts and their (n, dim) vectors.

    Truncated SVD by random projection with a fixed seed (Halko, Martinsson & Tropp 2011,
    doi:10.1137/090771806): the same corpus gives the same vectors.
    """
    from scipy import sparse

    sizes = [b.lengths.size for b in batches]
    firsts = np.cumsum([0, *sizes[:-1]])
    rows = np.concatenate([b.texts + first for b, first in zip(batches, firsts, strict=True)])
    keys, columns, frequencies = np.unique(
        np.concatenate([b.keys for b in batches]), return_inverse=True, return_counts=True
    )
    kept = np.flatnonzero(frequencies > 1)  # a term of one text relates it to no other
    idf = np.log(sum(sizes) / frequencies[kept]).astype(np.float32)
    counts = np.concatenate([b.counts for b in batches]).astype(np.float32)
    shape = (sum(sizes), keys.size)
    terms = sparse.csr_matrix((1 + np.log(counts), (rows, columns)), shape=shape)[:, kept]
    weighted = _unit_rows_sparse(terms @ sparse.diags(idf)).astype(np.float32)
    basis = _right_singular_vectors(weighted, min(_LSA_DIM, min(weighted.shape) - 1))
    projection = np.ascontiguousarray(basis * idf[:, None], dtype=np.float32)
    vectors = _unit(np.asarray(terms @ projection, dtype=np.float32))
    return LsaEmbedder(keys[kept], projection, segmenter), vectors


def _right_singular_vectors(matrix: Any, dim: int) -> Floats:
    """(columns, dim) leading right singular vectors."""
    chance = np.random.default_rng(20240221)
    wide = min(dim + _LSA_EXTRA, min(matrix.shape))
    directions = chance.standard_normal((matrix.shape[1], wide), dtype=np.float32)
    left = np.linalg.qr(matrix @ directions)[0]
    for _ in range(_LSA_ROUNDS):
        left = np.linalg.qr(matrix @ (matrix.T @ left))[0]
    small = (matrix.T @ left).T
    values, vectors = np.linalg.eigh(small @ small.T)
    order = np.argsort(values)[::-1][:dim]
    order = order[values[order] > values[order[0]] * _NOISE]
    lengths = np.sqrt(values[order])
    found: Floats = (small.T @ vectors[:, order] / lengths).astype(np.float32)
    return found


def _unit_rows_sparse(matrix: Any) -> Any:
    from scipy import sparse

    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags(1 / np.maximum(lengths, 1e-12)) @ matrix


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Floats = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-9)
    return unit.astype(np.float32)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model in a local folder; nothing is ever downloaded.

    Args:
        folder: the model; weights must be safetensors, modules the library's own.

    Raises:
        IndexerError: the folder is no such model.
    """

    def __init__(self, folder: Path) -> None:
        _check_model_folder(folder)
        os.environ["HF_HUB_OFFLINE"] = "1"
        from sentence_transformers import SentenceTransformer

        self.name = folder.resolve().name
        self.fingerprint = _folder_fingerprint(folder)
        self._model: Any = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True},
        )
        self.dim = int(self._model.get_embedding_dimension())

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """(n, dim) float32, unit rows."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        found = self._model.encode_document(list(texts), show_progress_bar=False)
        return _unit(np.asarray(found, dtype=np.float32))

    def embed_query(self, query: str) -> Floats:
        """(dim,) float32, unit length."""
        found = self._model.encode_query(query, show_progress_bar=False)
        return _unit(np.asarray(found, dtype=np.float32))


def _check_model_folder(folder: Path) -> None:
    """Refuses what could run code or would fall back to pickled weights."""
    if not (folder / "modules.json").is_file():
        raise IndexerError(f"{folder}: no modules.json; a sentence-transformers folder is expected")
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    foreign = [
        m["type"] for m in modules if not str(m["type"]).startswith("sentence_transformers.")
    ]
    if foreign:
        raise IndexerError(f"{folder}: module {foreign[0]!r} brings its own code; that is refused")
    pickled = [
        path.name
        for pattern in ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")
        for path in folder.rglob(pattern)
        if not any(path.parent.glob("*.safetensors"))
    ]
    if pickled or not any(folder.rglob("*.safetensors")):
        raise IndexerError(f"{folder}: weights must be safetensors, not pickled files")


def _folder_fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md"):
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
