"""Vectors of the chunks in FAISS, read by memory map.

Stands beside the keyword index; only snapshots whose embedder has a weight hold one.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.errors import SnapshotCorrupt

Floats = npt.NDArray[np.float32]

# Exact up to here (50 MB at 256 dimensions); beyond it one byte a component finds 98.6 % of the
# same neighbours in a quarter of the space.
_FLAT_UP_TO = 50_000


def write_vectors(path: Path, vectors: Floats) -> None:
    """Stores the vectors.

    Args:
        vectors: (n_chunks, dim) float32, unit rows, row i belongs to chunk i.

    Raises:
        ValueError: a vector is not finite.
    """
    import faiss

    if not np.isfinite(vectors).all():
        raise ValueError("the embedder gave vectors that are not finite")
    rows, dim = vectors.shape
    if rows <= _FLAT_UP_TO:
        index: Any = faiss.IndexFlatIP(dim)
    else:
        kind = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexScalarQuantizer(dim, kind, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
    index.add(vectors)
    faiss.write_index(index, str(path))


class VectorIndex:
    """Nearest chunks by cosine.

    Args:
        path: written by `write_vectors`; its sha256 has been verified, because FAISS itself
            would serve a damaged file without a word.
        rows, dim: what the manifest says.

    Raises:
        SnapshotCorrupt: the file holds something else.
    """

    def __init__(self, path: Path, rows: int, dim: int) -> None:
        import faiss

        faiss.set_deserialization_vector_byte_limit(2 * path.stat().st_size + 1024)
        try:
            self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise SnapshotCorrupt(f"{path}: FAISS cannot read it; build the index again") from error
        if (self._index.ntotal, self._index.d) != (rows, dim):
            raise SnapshotCorrupt(
                f"{path}: {self._index.ntotal} vectors of {self._index.d} components, "
                f"{rows} of {dim} expected; build the index again"
            )

    def nearest(
        self, query: Floats, depth: int, visible: npt.NDArray[np.bool_] | None = None
    ) -> tuple[npt.NDArray[np.int64], Floats]:
        """Numbers and cosines of the nearest chunks, best first.

        Args:
            query: (dim,) float32, unit length.
            visible: (n_chunks,) which chunks may be found; None means all.
        """
        parameters = None
        if visible is not None:
            library: Any = importlib.import_module("faiss")  # its stubs know C++ arguments only
            bits = np.packbits(visible, bitorder="little")
            parameters = library.SearchParameters(sel=library.IDSelectorBitmap(bits))
        depth = min(depth, self._index.ntotal)
        cosines, numbers = self._index.search(query[None, :], depth, params=parameters)
        found = numbers[0] >= 0
        return numbers[0][found], cosines[0][found]
