"""Full-width characters as half-width ones, one for one, so that every offset stays true.

Used by the finders of periods, figures, names and metrics; `normalise.py` does the full work.
"""

from __future__ import annotations

_TABLE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: 0x20,  # ideographic space
    0x00A0: 0x20,  # no-break space
    0x2002: 0x20,
    0x2003: 0x20,
    0x2009: 0x20,
    0x202F: 0x20,
    0xFE63: 0x2D,  # small hyphen-minus
    0x2212: 0x2D,  # minus sign
    0xFF0D: 0x2D,  # full-width hyphen-minus
    0xFE6A: 0x25,  # small per cent sign
}


def half_width(text: str) -> str:
    """The text in half-width characters; `len` and every offset are unchanged.

    >>> half_width("ＥＰＳ（元／股）")
    'EPS(元/股)'
    """
    return text.translate(_TABLE)


def fold_in_place(text: str) -> str:
    """Half-width and lower case, offsets unchanged (letters that would grow stay as they are)."""
    lowered = half_width(text).lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := ch.lower()) == 1 else ch for ch in half_width(text))
