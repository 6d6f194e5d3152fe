"""Fusion: a weak embedder must not harm, a good one is taken."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.embedding import fit_lsa
from indexer.fusion import choose_weight, fuse, self_made_queries
from indexer.segmentation import Segmenter

SUBJECTS = ["茶叶", "白酒", "食盐", "糖果", "石油", "面粉", "棉布", "丝绸"]
MATTERS = [
    "产量回升，仓库存货下降，价格上涨",
    "门店扩张，加盟费收入增长，租金下降",
    "出口关税下调，海运费回落，订单饱满",
    "新厂投产，折旧增加，毛利率承压",
]
TEXTS = [f"{subject}行业：{subject}{matter}。" for subject in SUBJECTS for matter in MATTERS]


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


def test_fused_scores_are_worked_out_by_hand() -> None:
    keywords = np.array([4.0, 2.0, 0.0, 0.0], dtype=np.float32)
    fused = fuse(
        keywords, np.array([1, 2, 3]), np.array([0.5, 1.0, -0.5], dtype=np.float32), weight=0.1
    )
    np.testing.assert_allclose(fused, [4.0, 2.2, 0.4, 0.0], rtol=1e-6)
    np.testing.assert_array_equal(keywords, [4, 2, 0, 0])


def test_a_random_embedder_gets_weight_zero() -> None:
    chance = np.random.default_rng(7)
    answers = [(str(n), n) for n in range(200)]
    table = {q: np.where(np.arange(200) == a, 5.0, chance.uniform(0, 4.9, 200)) for q, a in answers}

    def nearest(_: str) -> tuple[np.ndarray, np.ndarray]:
        return np.arange(200), chance.uniform(-1, 1, 200).astype(np.float32)

    weight, measured = choose_weight(answers, lambda q: table[q].astype(np.float32), nearest)
    assert weight == 0.0
    assert measured["0"] == 1.0


def test_an_embedder_that_knows_more_gets_a_weight() -> None:
    answers = [(str(n), n) for n in range(100)]
    flat = np.ones(100, dtype=np.float32)  # keywords tie everywhere
    flat[::2] = 1.05  # half of the wrong ones stand a little above

    def nearest(query: str) -> tuple[np.ndarray, np.ndarray]:
        return np.array([int(query)]), np.array([1.0], dtype=np.float32)

    weight, measured = choose_weight(answers, lambda _: flat, nearest)
    assert weight > 0
    assert measured[f"{weight:g}"] > measured["0"]


def test_without_queries_the_weight_is_zero() -> None:
    assert choose_weight([], lambda _: np.zeros(3, dtype=np.float32), lambda _: None) == (0.0, {})


def test_self_made_queries_keep_words_of_their_text_and_are_repeatable(
    segmenter: Segmenter,
) -> None:
    made = self_made_queries(TEXTS, segmenter)
    assert made == self_made_queries(TEXTS, segmenter)
    assert len(made) > 10
    for query, answer in made:
        assert set(query.split()) <= set(segmenter.words(TEXTS[answer]))


def test_lsa_is_deterministic_and_its_rows_are_unit(segmenter: Segmenter) -> None:
    counted = [segmenter.count(TEXTS[:9]), segmenter.count(TEXTS[9:])]
    one, first = fit_lsa(counted, segmenter)
    other, second = fit_lsa(counted, segmenter)
    np.testing.assert_array_equal(first, second)
    assert one.fingerprint == other.fingerprint
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, rtol=1e-5)
    assert first.dtype == np.float32


def test_lsa_finds_a_text_by_its_own_words(segmenter: Segmenter) -> None:
    embedder, vectors = fit_lsa([segmenter.count(TEXTS)], segmenter)
    own = embedder.embed_passages(TEXTS)
    np.testing.assert_allclose(own, vectors, atol=1e-4)
    assert (np.argmax(vectors @ own.T, axis=0) == np.arange(len(TEXTS))).mean() > 0.9
    assert not embedder.embed_query("zzz").any()
