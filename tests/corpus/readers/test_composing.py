"""Whatever a reader hands over keeps its place: property tests of lines, grids and sheets."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from corpus.composed import KnownCell
from corpus.readers.composing import Composer, Placed, one_line
from corpus.readers.sheets import put_sheet, reference

WORDS = st.text(st.sampled_from("营收润 \t\n\u200bAB1.2,%-（）"), max_size=8)
PLACES = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 6)), WORDS, max_size=30)


def cells_of(composer: Composer) -> tuple[str, list[KnownCell]]:
    composed = composer.finish()
    blocks = composed.blocks
    spans = [block.span for block in blocks]
    assert spans == sorted(spans)
    covered = {n for span in spans for n in range(span.start, span.end)}
    left = "".join(c for n, c in enumerate(composed.text) if n not in covered)
    assert not left.strip()  # every character that is no white space stands in a block
    return composed.text, [cell for block in blocks if block.table for cell in block.table.cells]


@given(st.lists(WORDS, min_size=1), PLACES)
def test_every_word_stands_at_its_place(
    lines: list[str], places: dict[tuple[int, int], str]
) -> None:
    composer = Composer("a")
    composer.line("始")
    for line in lines:
        span = composer.line(line)
        assert (span is None) == (not one_line(line))
    composer.table([Placed(*place, words) for place, words in places.items()])
    text, cells = cells_of(composer)
    shown = [words for _, words in sorted(places.items()) if one_line(words)]
    if len(shown) > 1:
        assert [c.span.of(text) for c in cells if len(c.span)] == [
            one_line(words) for words in shown
        ]
        taken = [(c.row, c.column) for c in cells]
        assert len(taken) == len(set(taken))  # no place twice, none left out
        assert len(taken) == (max(r for r, _ in taken) + 1) * (max(c for _, c in taken) + 1)


@given(PLACES)
@example({(0, 0): "\u200b"})  # nothing to be seen: no sheet
def test_no_cell_of_a_sheet_is_lost_or_told_twice(places: dict[tuple[int, int], str]) -> None:
    composer = Composer("a")
    composer.line("始")
    put_sheet(
        composer,
        "表",
        [Placed(*place, words, ref=reference(*place)) for place, words in places.items()],
    )
    text, cells = cells_of(composer)
    shown = sorted(one_line(words) for words in places.values() if one_line(words))
    told = sorted(part for line in text.split("\n") for part in line.split("\t") if part)
    assert told == sorted([*shown, "始", *(["表"] if shown else [])])
    for cell in cells:
        if len(cell.span):
            (place,) = [p for p in places if reference(*p) == cell.ref]
            assert cell.span.of(text) == one_line(places[place])
