"""Embedders of a local folder: what is refused, what a snapshot does with them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import IndexerError, SnapshotMismatch
from indexer.build import build
from indexer.embedding import SentenceTransformerEmbedder
from indexer.search import search
from indexer.snapshot import open_snapshot


class RandomEmbedder:
    """Vectors that mean nothing: unit rows from the hash of the text."""

    name, dim, fingerprint = "random", 16, "random 1"

    def embed_query(self, query: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.sha256(query.encode()).digest()[:8], "little")
        vector = np.random.default_rng(seed).standard_normal(16).astype(np.float32)
        return vector / np.linalg.norm(vector)

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self.embed_query(text) for text in texts])


class OtherEmbedder(RandomEmbedder):
    name, fingerprint = "other", "other 1"


def test_a_random_embedder_changes_no_hit(
    samples: Path, sample_index: Path, tmp_path: Path
) -> None:
    embedder = RandomEmbedder()
    build([samples], tmp_path / "index", embedder=embedder)
    random_one = open_snapshot(tmp_path / "index", embedder=embedder)
    entry = random_one.manifest.embedder
    assert entry is not None
    assert entry.weight == 0
    assert random_one.embedder_name is None
    assert set(entry.measured) >= {"0", "0.1"}
    plain = open_snapshot(sample_index)
    assert plain.manifest.embedder is not None
    for query in ("蓝色光标 2024E EPS", "视频生成模型", "首席分析师"):
        keywords = plain._keywords.scores(plain.segmenter.keys(query))
        hits = search(random_one, query, 10)
        assert [h.score for h in hits] == sorted((s for s in keywords if s > 0), reverse=True)[:10]
    assert random_one.id != plain.id
    random_one.close()
    plain.close()


def test_another_embedder_is_a_mismatch(samples: Path, sample_index: Path, tmp_path: Path) -> None:
    build([samples], tmp_path / "index", embedder=RandomEmbedder())
    with pytest.raises(SnapshotMismatch, match="embedder random, configured is other"):
        open_snapshot(tmp_path / "index", embedder=OtherEmbedder())
    with pytest.raises(SnapshotMismatch, match="built-in embedder, configured is other"):
        open_snapshot(sample_index, embedder=OtherEmbedder())


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny static model, made and saved here."""
    pytest.importorskip("sentence_transformers")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    letters = {c: n for n, c in enumerate(["[UNK]", *"光学镜头票房电影研报"])}
    tokenizer = Tokenizer(WordLevel(letters, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    weights = np.random.default_rng(3).standard_normal((len(letters), 12)).astype(np.float32)
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)])
    folder = tmp_path_factory.mktemp("models") / "tiny"
    model.save(str(folder))
    return folder


def test_a_local_model_gives_unit_rows(model_folder: Path) -> None:
    embedder = SentenceTransformerEmbedder(model_folder)
    vectors = embedder.embed_passages(["光学镜头", "票房"])
    assert vectors.shape == (2, embedder.dim) == (2, 12)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(embedder.embed_query("票房"), vectors[1], atol=1e-6)
    assert embedder.name == "tiny"
    assert embedder.fingerprint == SentenceTransformerEmbedder(model_folder).fingerprint
    assert embedder.embed_passages([]).shape == (0, 12)


def test_an_index_is_built_and_opened_with_a_local_model(
    model_folder: Path, folder: Path, index_dir: Path
) -> None:
    embedder = SentenceTransformerEmbedder(model_folder)
    build([folder], index_dir, embedder=embedder)
    snapshot = open_snapshot(index_dir, embedder=embedder)
    assert snapshot.manifest.embedder is not None
    assert snapshot.manifest.embedder.name == "tiny"
    assert search(snapshot, "光学镜头", 3)
    snapshot.close()


def _folder(tmp_path: Path, modules: list[dict[str, str]], *files: str) -> Path:
    (tmp_path / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    for name in files:
        (tmp_path / name).write_bytes(b"")
    return tmp_path


OWN = [{"type": "sentence_transformers.models.StaticEmbedding", "path": ""}]


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="safetensors"):
        SentenceTransformerEmbedder(_folder(tmp_path, OWN, "pytorch_model.bin"))


def test_a_model_that_brings_code_is_refused(tmp_path: Path) -> None:
    foreign = [{"type": "custom_st.Transformer", "path": ""}]
    with pytest.raises(IndexerError, match="its own code"):
        SentenceTransformerEmbedder(_folder(tmp_path, foreign, "model.safetensors"))


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match=r"modules\.json"):
        SentenceTransformerEmbedder(tmp_path)


def test_the_default_path_imports_no_heavy_library(sample_index: Path) -> None:
    import subprocess

    code = (
        "import sys; from pathlib import Path; from indexer.snapshot import open_snapshot; "
        "from indexer.search import search; "
        "s = open_snapshot(Path(sys.argv[1])); assert search(s, '蓝色光标', 3); "
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'scipy', 'sklearn', 'jieba', "
        "'bm25s', 'fastapi'}; print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(sample_index)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"
