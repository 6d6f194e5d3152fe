"""Characters of the text layer."""

from corpus.pdf.glyphs import _joined, _letter


def test_the_two_halves_of_a_letter_of_formulas_are_one_letter() -> None:
    whole = "\U0001d434"  # mathematical italic A, as formulas print names of factors
    high, low = (int.from_bytes(whole.encode("utf-16-be")[i : i + 2], "big") for i in (0, 2))
    assert _letter(_joined(high, low)) == whole


def test_half_a_letter_alone_is_no_letter() -> None:
    assert _letter(_joined(0xD835, 0x41)) == "\ufffd"
