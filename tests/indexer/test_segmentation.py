"""Segmentation: rjieba cuts as jieba does, and whole batches count as single texts do."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.segmentation import Segmenter, frequencies, stop_words
from indexer.term_keys import KEY_BITS, key_of

NAMES = ("昆仑万维", "风语筑", "焦点科技", "中际旭创", "蓝色光标", "华策影视")
TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from("蓝色光标昆仑万维的营收增长与在。，\n GPT-4.05a1 "), st.characters()
    ),
    max_size=200,
)


@pytest.fixture(scope="module")
def plain() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="module")
def jieba_segmenter() -> Segmenter:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba's own sources warn when they are compiled
        return Segmenter(frequencies(NAMES), engine="jieba")


def _news(items: int) -> Iterator[str]:
    data = os.environ.get("YANBAO_TEST_DATA")
    if not data:
        pytest.skip("YANBAO_TEST_DATA is not set")
    path = Path(data) / "text" / "news.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line, _ in zip(file, range(items), strict=False):
            yield json.loads(line)["text"]


def test_rjieba_cuts_the_samples_as_jieba_does(samples: Path, jieba_segmenter: Segmenter) -> None:
    fast = Segmenter(frequencies(NAMES))
    for path in sorted(samples.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert fast.words(line) == jieba_segmenter.words(line)


def test_rjieba_cuts_the_news_as_jieba_does(jieba_segmenter: Segmenter) -> None:
    fast = Segmenter(frequencies(NAMES))
    for text in _news(150):
        assert fast.words(text) == jieba_segmenter.words(text)


def test_names_of_the_corpus_stay_whole(plain: Segmenter) -> None:
    sentence = "推荐昆仑万维、蓝色光标、风语筑等"
    assert "昆仑万维" not in plain.words(sentence)
    named = Segmenter(frequencies(NAMES)).words(sentence)
    assert {"昆仑万维", "蓝色光标", "风语筑"} <= set(named)


def test_codes_versions_and_figures_are_cut_before_the_engine_sees_them(plain: Segmenter) -> None:
    assert plain.words("002605.SZ 与 GPT-4 于 2024-02-29 报 1,280.51 元") == [
        "002605", "sz", "与", "gpt", "4", "于", "2024", "02", "29", "报", "1280.51", "元",
    ]  # fmt: skip


def test_terms_are_words_without_stop_words_and_bigrams(plain: Segmenter) -> None:
    assert plain.terms("GPT-4的研报") == ["gpt", "4", "研报", "#gpt 4", "#4 的", "#的研", "#研报"]


def test_versions_written_apart_and_together_share_a_bigram(plain: Segmenter) -> None:
    for text in ("GPT-4", "GPT 4", "GPT4", "ＧＰＴ－4"):
        assert "#gpt 4" in plain.terms(text)


def test_cells_of_a_table_do_not_flow_into_each_other(plain: Segmenter) -> None:
    terms = plain.terms("300418\t昆仑万维\t460.49\t37.90")
    assert not any(term.startswith("#300418") for term in terms)
    assert not any("460.49" in term and term.startswith("#") for term in terms)


@given(st.lists(TEXT, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_batch_counts_what_its_texts_hold(texts: list[str]) -> None:
    segmenter = _shared()
    counted = segmenter.count(texts)
    got = {
        (int(text), int(key)): int(count)
        for text, key, count in zip(counted.texts, counted.keys, counted.counts, strict=True)
    }
    expected = Counter(
        (number, key_of(term))
        for number, text in enumerate(texts)
        for term in segmenter.terms(text)
    )
    assert got == dict(expected)
    assert counted.lengths.tolist() == [len(segmenter.terms(text)) for text in texts]
    assert (counted.keys[1:] >= counted.keys[:-1]).all()


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_a_query_has_the_keys_of_its_terms(text: str) -> None:
    segmenter = _shared()
    expected = sorted(key_of(term) for term in segmenter.terms(text))
    assert sorted(segmenter.keys(text).tolist()) == expected


_kept: list[Segmenter] = []


def _shared() -> Segmenter:
    if not _kept:
        _kept.append(Segmenter())
    return _kept[0]


def test_keys_fit_and_differ() -> None:
    terms = ["研报", "报研", "#研报", "#报研", "a", "b", "ab", "#a b", "#ab c", "#a bc", "一" * 40]
    keys = [key_of(term) for term in terms]
    assert len(set(keys)) == len(terms)
    assert all(0 <= key < 1 << KEY_BITS for key in keys)


def test_stop_words_are_no_terms_but_stay_words(plain: Segmenter) -> None:
    assert {"的", "什么", "多少"} <= stop_words()
    assert plain.words("什么是研报") == ["什么", "是", "研报"]
    assert "什么" not in plain.terms("什么是研报")


def test_the_fingerprint_follows_words_and_engine(jieba_segmenter: Segmenter) -> None:
    words = frequencies(NAMES)
    assert Segmenter(words).fingerprint == Segmenter(reversed(words)).fingerprint
    assert Segmenter(words).fingerprint != Segmenter(words[1:]).fingerprint
    assert Segmenter(words).fingerprint != jieba_segmenter.fingerprint


def test_jieba_leaves_nothing_in_the_shared_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Segmenter(engine="jieba").words("营业收入") == ["营业", "收入"]
    assert list(tmp_path.iterdir()) == []
