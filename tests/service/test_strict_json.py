"""Strict JSON: agrees with the standard parser wherever that is sound, and refuses the rest."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.strict_json import MalformedJson, UnfitJson, parse_strictly

SOUND = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
)


@given(SOUND)
def test_a_sound_value_comes_back_as_it_was(value):
    for ascii_only in (True, False):
        assert parse_strictly(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary())
def test_any_bytes_are_parsed_or_refused_by_name(body):
    with contextlib.suppress(MalformedJson, UnfitJson):
        parse_strictly(body)


@given(st.text(alphabet='{}[]",:\\u0dD8c eE+-.NaIinfty\x00研', max_size=40))
def test_what_it_takes_the_standard_parser_takes_too(text):
    try:
        value = parse_strictly(text.encode())
    except (MalformedJson, UnfitJson):
        return
    assert json.loads(text) == value


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"NaN", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"1e999", "too large"),
        (b"9" * 33, "too large"),
        (b'{"a":1,"a":1}', "repeats"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\udc00":1}', "surrogate"),
    ],
)
def test_an_unfit_value_is_named(body, fault):
    with pytest.raises(UnfitJson, match=fault):
        parse_strictly(body)


def test_a_surrogate_pair_is_one_character():
    assert parse_strictly(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_malformed_wins_over_unfit():
    with pytest.raises(MalformedJson):
        parse_strictly(b"[NaN")


def test_no_message_holds_the_input():
    for body in (b'{"canary', b'"canary\\ud800"', b'{"canary":1,"canary":2}', b"canary"):
        with pytest.raises((MalformedJson, UnfitJson)) as caught:
            parse_strictly(body)
        assert "canary" not in str(caught.value)
