"""Vectors: FAISS gives what a NumPy dot product gives, and refuses what does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpus.errors import SnapshotCorrupt
from indexer.vectors import VectorIndex, write_vectors


def unit_rows(rows: int, dim: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_nearest_are_those_of_the_dot_product(tmp_path: Path) -> None:
    vectors, queries = unit_rows(300, 24, seed=1), unit_rows(20, 24, seed=2)
    write_vectors(tmp_path / "v.faiss", vectors)
    index = VectorIndex(tmp_path / "v.faiss", 300, 24)
    for query in queries:
        numbers, cosines = index.nearest(query, 10)
        expected = vectors @ query
        np.testing.assert_array_equal(numbers, np.argsort(-expected, kind="stable")[:10])
        np.testing.assert_allclose(cosines, np.sort(expected)[::-1][:10], rtol=1e-5)


def test_only_visible_chunks_are_found(tmp_path: Path) -> None:
    vectors = unit_rows(50, 8, seed=3)
    write_vectors(tmp_path / "v.faiss", vectors)
    visible = np.zeros(50, dtype=bool)
    visible[[4, 17, 33]] = True
    numbers, _ = VectorIndex(tmp_path / "v.faiss", 50, 8).nearest(vectors[0], 10, visible)
    assert sorted(numbers.tolist()) == [4, 17, 33]


def test_a_depth_beyond_the_end_gives_all(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.faiss", unit_rows(3, 4, seed=4))
    numbers, _ = VectorIndex(tmp_path / "v.faiss", 3, 4).nearest(unit_rows(1, 4, seed=5)[0], 99)
    assert sorted(numbers.tolist()) == [0, 1, 2]


def test_vectors_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    vectors = unit_rows(3, 4, seed=6)
    vectors[1, 2] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        write_vectors(tmp_path / "v.faiss", vectors)


def test_another_size_than_the_manifest_states_is_refused(tmp_path: Path) -> None:
    write_vectors(tmp_path / "v.faiss", unit_rows(3, 4, seed=7))
    with pytest.raises(SnapshotCorrupt, match="3 vectors of 4 components, 4 of 4 expected"):
        VectorIndex(tmp_path / "v.faiss", 4, 4)
