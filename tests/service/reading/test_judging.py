"""The judge's probabilities, and that nothing measured was trained on."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from service.reading.judging import SENTENCE_TRAITS, in_regimes, judges, softmax
from service.reading.traits import CLAUSE_TRAITS, question_cues, text_cues

ROOT = Path(__file__).parents[3]
DATA = os.environ.get("YANBAO_TEST_DATA", "")
MANIFEST = json.loads(
    files("service").joinpath("data", "ranker_manifest.json").read_text(encoding="utf-8")
)
TRAINED = ("cmrc2018_trial", "drcd_even", "fin_eva")


def test_the_weights_fit_the_traits_and_cues() -> None:
    sentences, clauses = judges()
    pairs = (len(question_cues("几人？")), len(text_cues("三人")))
    assert sentences.traits.shape == (2 * len(SENTENCE_TRAITS),)
    assert clauses.traits.shape == (len(CLAUSE_TRAITS),)
    assert sentences.cues.shape == clauses.cues.shape == pairs


def test_probabilities_sum_to_one_even_for_far_logits() -> None:
    shares = softmax(np.array([1000.0, 999.0, -1000.0]))
    assert shares.sum() == pytest.approx(1.0)
    assert shares[0] == pytest.approx(np.e / (1 + np.e))


def test_only_an_article_on_the_asked_thing_counts_the_place_in_it() -> None:
    row = np.arange(1.0, 1 + len(SENTENCE_TRAITS))[None, :]
    titled = SENTENCE_TRAITS.index("title_named")
    first = SENTENCE_TRAITS.index("first")
    row[0, titled] = 0.0
    both = in_regimes(row)
    assert both[0, first] == 0.0
    assert not both[0, len(SENTENCE_TRAITS) :].any()
    row[0, titled] = 1.0
    assert in_regimes(row)[0, len(SENTENCE_TRAITS) + first] == row[0, first]


def test_the_manifest_names_train_parts_only() -> None:
    assert sorted(MANIFEST) == sorted(TRAINED)
    assert all(i.startswith("TRIAL_") for i in MANIFEST["cmrc2018_trial"])
    assert not any(i.startswith("金融文档抽取") for i in MANIFEST["fin_eva"])
    assert all(MANIFEST.values())


@pytest.mark.skipif(not DATA, reason="YANBAO_TEST_DATA is not set")
def test_no_measured_question_was_trained_on() -> None:
    qa = Path(DATA) / "qa"
    measured = {r["id"] for r in _lines(qa / "cmrc2018" / "dev.jsonl.gz")}
    measured |= {r["id"] for r in _lines(qa / "drcd" / "dev.jsonl.gz") if _odd(r["context"])}
    trained = {i for name in ("cmrc2018_trial", "drcd_even") for i in MANIFEST[name]}
    assert measured
    assert not measured & trained


def _odd(context: str) -> bool:
    return bool(int(hashlib.sha256(context.encode()).hexdigest(), 16) % 2)


def _lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
