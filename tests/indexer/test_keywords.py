"""BM25: the figures of the formula, and of bm25s, a second implementation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from indexer.keywords import K1, B, KeywordIndex, Segment, build_postings
from indexer.segmentation import Segmenter, TermCounts
from indexer.term_keys import key_of

TEXTS = [
    "蓝色光标营业收入增长，蓝色光标推荐",
    "光线传媒动画电影票房增长",
    "昆仑万维的 GPT-4 应用与 Sora",
    "",
    "营业收入与净利润均增长，营业收入超预期，估值合理",
]


def index_of(batches: list[TermCounts]) -> KeywordIndex:
    """The index of one segment that holds these texts."""
    lengths = np.concatenate([b.lengths for b in batches] or [np.empty(0, dtype=np.uint32)])
    numbers = np.arange(lengths.size, dtype=np.uint32)
    return KeywordIndex([Segment(build_postings(batches), numbers)], lengths)


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="module")
def index(segmenter: Segmenter) -> KeywordIndex:
    return index_of([segmenter.count(TEXTS[:2]), segmenter.count(TEXTS[2:])])


def by_formula(segmenter: Segmenter, query: str) -> list[float]:
    """BM25 with Lucene's idf, term by term, in plain Python."""
    documents = [segmenter.terms(text) for text in TEXTS]
    mean = sum(map(len, documents)) / len(documents)
    scores = []
    for document in documents:
        score = 0.0
        for term in segmenter.terms(query):
            holding = sum(term in other for other in documents)
            idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
            tf = document.count(term)
            score += idf * tf / (tf + K1 * (1 - B + B * len(document) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["营业收入", "蓝色光标 增长", "GPT4", "增长增长", "没有此词"])
def test_scores_are_those_of_the_formula(
    index: KeywordIndex, segmenter: Segmenter, query: str
) -> None:
    got = index.scores(segmenter.keys(query))
    np.testing.assert_allclose(got, by_formula(segmenter, query), rtol=1e-5, atol=1e-6)


def test_scores_are_those_of_bm25s(index: KeywordIndex, segmenter: Segmenter) -> None:
    bm25s = pytest.importorskip("bm25s")
    other = bm25s.BM25(k1=K1, b=B, method="lucene")
    other.index([segmenter.terms(text) or ["\0"] for text in TEXTS], show_progress=False)
    for query in ("营业收入", "光线传媒 动画", "sora"):
        # bm25s was given one empty text as a text of one term, which moves the mean length.
        expected = other.get_scores(segmenter.terms(query))
        got = index.scores(segmenter.keys(query))
        np.testing.assert_allclose(got, expected, rtol=0.02, atol=1e-6)


def test_chunks_that_hold_all_terms(index: KeywordIndex) -> None:
    def having(*terms: str) -> list[int]:
        keys = np.array([key_of(term) for term in terms], dtype=np.uint64)
        return index.having(keys).tolist()

    assert having("#营业") == [0, 4]
    assert having("#营业", "#利润") == [4]
    assert having("#营业", "#动画") == []
    assert having("#不在") == []


def test_an_empty_index_scores_nothing(segmenter: Segmenter) -> None:
    for batches in ([], [segmenter.count([])]):
        index = index_of(batches)
        assert index.size == 0
        assert index.scores(segmenter.keys("营业收入")).shape == (0,)


def test_batches_do_not_matter(index: KeywordIndex, segmenter: Segmenter) -> None:
    whole = build_postings([segmenter.count(TEXTS)])
    for name, array in whole.arrays().items():
        np.testing.assert_array_equal(array, index.segments[0].postings.arrays()[name])
