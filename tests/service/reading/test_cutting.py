"""Clauses of a sentence: together they are the whole of it, and none opens inside brackets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.report import Span
from service.reading.cutting import clauses_of, window_of

_TEXT = st.text(alphabet="天地玄黄宇宙1，,；：（）()《》", min_size=1, max_size=60)


def _words(text: str) -> list[str]:
    return [span.of(text) for span in clauses_of(text, Span(0, len(text)))]


@given(_TEXT)
def test_the_clauses_are_the_sentence(text: str) -> None:
    assert "".join(_words(text)) == text


def test_a_sentence_is_cut_at_its_commas() -> None:
    assert _words("公司成立于1992年，前身为上海某厂，从事文化休闲。") == [
        "公司成立于1992年，",
        "前身为上海某厂，",
        "从事文化休闲。",
    ]


def test_no_clause_ends_inside_brackets_a_title_or_a_number() -> None:
    text = "收入1,280万元（含税，不含附加），见《一，二，三》所载。"
    assert _words(text) == ["收入1,280万元（含税，不含附加），", "见《一，二，三》所载。"]


def test_a_clause_of_two_words_stays_with_its_neighbour() -> None:
    assert _words("其中，动力电池占六成，储能占四成") == ["其中，动力电池占六成，", "储能占四成"]


def test_the_window_is_worth_most_within_the_limit() -> None:
    assert window_of([10, 10, 10, 10], [0.1, 0.2, 0.6, 0.1], 20) == (1, 3)
    assert window_of([10, 50, 10], [0.1, 0.8, 0.1], 20) == (1, 2)  # too long alone, still the best
    assert window_of([10, 10], [0.5, 0.5], 100) == (0, 2)
