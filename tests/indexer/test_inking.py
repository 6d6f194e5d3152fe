"""Ink, packed: what comes out is what went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from corpus.report import Ink, InkRun
from indexer.inking import pack_ink, unpack_ink


def tenths(least: int, most: int) -> st.SearchStrategy[float]:
    return st.integers(least, most).map(lambda n: n / 10)


@st.composite
def inks(draw: st.DrawFn) -> Ink:
    runs, start = [], 0
    for _ in range(draw(st.integers(0, 6))):
        start += draw(st.integers(0, 2000))
        edges = tuple(draw(st.lists(tenths(-500, 40_000), min_size=1, max_size=30)))
        top, bottom = sorted(draw(st.tuples(tenths(0, 20_000), tenths(0, 20_000))))
        confidence = draw(st.none() | st.floats(0, 1))
        page = draw(st.integers(1, 900))
        runs.append(InkRun(start, page, top, bottom, edges, confidence))
        start = runs[-1].end
    sizes = draw(st.lists(st.tuples(st.floats(1, 9999), st.floats(1, 9999)), max_size=4))
    return Ink(tuple(sizes), tuple(runs))


@given(inks())
def test_packed_ink_comes_back_as_it_was(ink: Ink) -> None:
    assert unpack_ink(pack_ink(ink)) == ink


def test_no_ink_takes_no_room() -> None:
    assert pack_ink(None) == b""
    assert unpack_ink(b"") is None


def test_a_page_of_ink_is_small() -> None:
    # 40 lines of 35 Han of 10.5 points: 1,400 characters; 0.4 bytes each is far below their text
    edges = tuple(round(72 + 10.5 * n, 1) for n in range(36))
    runs = tuple(InkRun(n * 36, 1, 80.0 + 17 * n, 90.5 + 17 * n, edges) for n in range(40))
    assert len(pack_ink(Ink(((595.3, 841.9),), runs))) < 600
