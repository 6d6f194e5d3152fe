"""Normal form of a text for searching and comparing, with an exact map back to its places.

Stands between the canonical text, which is never changed, and whatever cuts or compares words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.report import Span

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]

# Traditional characters that simplified Chinese writes too (GB 2312 holds them): 乾坤, 哪吒.
# OpenCC's single-character table would damage them, so they stay.
_KEPT = frozenset("乾吒夥徵捱摺榘甯薹醣麴")

# In these blocks NFKC would glue a list mark to the figure behind it: ①2023 → 12023.
_ENCLOSED = range(0x2460, 0x2500)

# Soft hyphen, joiners, marks of direction, variation selectors, byte-order mark.
_INVISIBLE = frozenset(
    ord(c)
    for c in "\u00ad\u034f\u061c\u180e\ufeff"
    + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]))
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)

_THOUSANDS = re.compile(r"(?<![\d.,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])")
_SPACE, _COMMA, _WIDE_COMMA = 0x20, 0x2C, 0xFF0C
_BOUNDARY = "\x1e"  # stands in no report, and no rule of the normal form reaches across it
_SHORT = 256  # below this many characters a plain loop beats NumPy's fixed costs


@dataclass(frozen=True, slots=True)
class Normalised:
    """A normal form and where each of its characters comes from.

    Args:
        text: NFKC, half width, simplified, lower case; single spaces beside Han, thousands
            separators and invisible characters are gone. Line breaks and tabs stay.
        origin: `(len(text),)` offsets of the source character behind each character,
            ascending; None when both texts have the same length and places.
    """

    text: str
    origin: Ints | None

    def to_source(self, start: int, end: int) -> Span:
        """The source range behind `[start, end)` of the normal form."""
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"[{start}, {end}) is outside 0..{len(self.text)}")
        if self.origin is None:
            return Span(start, end)
        if start == end:
            at = int(self.origin[start]) if start < len(self.origin) else self._source_end()
            return Span(at, at)
        return Span(int(self.origin[start]), int(self.origin[end - 1]) + 1)

    def _source_end(self) -> int:
        return int(self.origin[-1]) + 1 if self.origin is not None and len(self.origin) else 0


def normalise(text: str) -> Normalised:
    """The normal form of `text` with an exact map back; applying it twice changes nothing."""
    if text.isascii() and not _NEEDS_WORK_ASCII.search(text):
        return Normalised(text, None)
    codes = string_codes(text)
    mapped, origin = _map_characters(text, codes)
    drop = np.concatenate([_spaces_beside_han(mapped), _thousands_separators(mapped)])
    if drop.size:
        if origin is None:
            origin = np.arange(mapped.size, dtype=np.int64)
        mapped, origin = np.delete(mapped, drop), np.delete(origin, drop)
    return Normalised(code_string(mapped), origin)


def fold(text: str) -> str:
    """The normal form alone, for comparing names and questions."""
    return _fold_short(text) if len(text) < _SHORT else normalise(text).text


def fold_all(texts: Sequence[str]) -> list[str]:
    """Each text folded, all in one go: short texts cost what a call costs."""
    folded = normalise(_BOUNDARY.join(texts)).text.split(_BOUNDARY) if texts else []
    return folded if len(folded) == len(texts) else [fold(text) for text in texts]


@lru_cache(maxsize=8192)
def _fold_short(text: str) -> str:
    """The same names and headings are folded for every question that is asked."""
    return normalise(text).text


_NEEDS_WORK_ASCII = re.compile(r"[A-Z]|[0-9],[0-9]{3}")


def string_codes(text: str) -> Codes:
    """The code points of a string."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def code_string(codes: Codes) -> str:
    """The string of these code points."""
    return codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


# --- one character ----------------------------------------------------------------------------


@cache
def _simplified() -> dict[str, str]:
    """Traditional → simplified, from OpenCC's own table; one character for one."""
    spec = find_spec("opencc")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("opencc is not installed; run `make install`")
    table = Path(spec.origin).parent / "dictionary" / "TSCharacters.txt"
    pairs = {}
    for line in table.read_text(encoding="utf-8").splitlines():
        traditional, _, simple = line.partition("\t")
        if traditional not in _KEPT and simple:
            pairs[traditional] = simple.split(" ")[0]
    return pairs


def _in_simplified_use(char: str) -> bool:
    """True for characters that need no look at the table of traditional ones."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return char not in "後於麽菸"


@cache
def _normal(char: str) -> str:
    """What one character becomes: NFKC, lower case, simplified, until nothing changes."""
    if ord(char) in _INVISIBLE:
        return ""
    if ord(char) in _ENCLOSED:
        return char
    done = unicodedata.normalize("NFKC", char).lower()
    if any(not c.isascii() and not _in_simplified_use(c) for c in done):
        done = "".join(_simplified().get(c, c) for c in done)
    return done if done == char else "".join(_normal(c) for c in done)


class _CharTable:
    """`_normal` as an array over the characters met so far."""

    def __init__(self) -> None:
        self.one = np.arange(0x110000, dtype=np.uint32)  # the single character it becomes
        self.kind = np.zeros(0x110000, dtype=np.uint8)  # 0 not met yet, 1 one, 2 none or several

    def learn(self, codes: Codes) -> bool:
        """Takes in new characters; True if one of them becomes none or several."""
        kinds = self.kind[codes]
        if not kinds.all():
            for code in set(codes[kinds == 0].tolist()):
                normal = _normal(chr(code))
                if len(normal) == 1:
                    self.one[code] = ord(normal)
                self.kind[code] = 1 if len(normal) == 1 else 2
            kinds = self.kind[codes]
        return bool((kinds == 2).any())


@cache
def _table() -> _CharTable:
    return _CharTable()


# --- the whole text ---------------------------------------------------------------------------


def _map_characters(text: str, codes: Codes) -> tuple[Codes, Ints | None]:
    """Each character's normal form; the origins unless all are one for one."""
    if len(text) < _SHORT:
        return _map_short(text)
    table = _table()
    expands = table.learn(codes)
    mapped = table.one[codes]
    commas = _wide_commas_in_numbers(codes)
    mapped[commas] = _WIDE_COMMA
    if not expands:
        return mapped, None
    return _expand(text, codes, mapped)


def _map_short(text: str) -> tuple[Codes, Ints | None]:
    pieces = [
        c if c == "，" and _between_digits(text, i) else _normal(c) for i, c in enumerate(text)
    ]
    mapped = string_codes("".join(pieces))
    if all(len(piece) == 1 for piece in pieces):
        return mapped, None
    lengths = np.array([len(piece) for piece in pieces])
    return mapped, np.repeat(np.arange(len(pieces), dtype=np.int64), lengths)


def _between_digits(text: str, at: int) -> bool:
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return len(around) == 2 and around.isascii() and around.isdigit()


def _expand(text: str, codes: Codes, mapped: Codes) -> tuple[Codes, Ints]:
    """Puts none or several characters where one stood."""
    special = np.flatnonzero(_table().kind[codes] == 2)
    lengths = np.ones(codes.size, dtype=np.int64)
    normals = [_normal(text[i]) for i in special]
    lengths[special] = [len(n) for n in normals]
    origin = np.repeat(np.arange(codes.size, dtype=np.int64), lengths)
    out = mapped[origin]
    starts = np.cumsum(lengths) - lengths
    for at, normal in zip(starts[special], normals, strict=True):
        out[at : at + len(normal)] = [ord(c) for c in normal]
    return out, origin


def _wide_commas_in_numbers(codes: Codes) -> Ints:
    """Places of `，` between two ASCII digits: 增长5，300家 is two clauses, not five thousand."""
    at = np.flatnonzero(codes[1:-1] == _WIDE_COMMA) + 1
    return at[_digit(codes[at - 1]) & _digit(codes[at + 1])]


def _digit(codes: Codes) -> npt.NDArray[np.bool_]:
    return (codes >= 0x30) & (codes <= 0x39)


def is_han(codes: Codes) -> npt.NDArray[np.bool_]:
    """Which of these code points are Chinese characters."""
    han: npt.NDArray[np.bool_] = (
        ((codes >= 0x3400) & (codes <= 0x9FFF))
        | (codes == 0x3007)
        | ((codes >= 0x20000) & (codes <= 0x3FFFF))
        | ((codes >= 0xF900) & (codes <= 0xFAFF))
    )
    return han


def _spaces_beside_han(codes: Codes) -> Ints:
    """Places of single spaces with Han on one side: `2 月 17 日` is written without them.

    Two and more spaces are layout (columns aligned with spaces) and stay.
    """
    at = np.flatnonzero(codes == _SPACE)
    if not at.size:
        return at
    padded = np.concatenate([[0], codes, [0]])
    before, after = padded[at], padded[at + 2]
    single = (before != _SPACE) & (after != _SPACE)
    found: Ints = at[single & (is_han(before) | is_han(after))]
    return found


def _thousands_separators(codes: Codes) -> Ints:
    """Places of the commas inside `1,280.51`."""
    at = np.flatnonzero(codes[:-3] == _COMMA) if codes.size > 4 else np.empty(0, dtype=np.int64)
    at = at[at > 0]
    if not at.size:
        return at
    inside = _digit(codes[at - 1]) & _digit(codes[at + 1])
    inside &= _digit(codes[at + 2]) & _digit(codes[at + 3])
    if not inside.any():
        return at[:0]
    text = code_string(codes)
    found: list[int] = []
    done = 0  # looked for beside each comma: a search of all text was 6 % of making terms
    for comma in at[inside].tolist():
        if comma < done:
            continue
        for start in range(max(comma - 3, done), comma):
            match = _THOUSANDS.match(text, start)
            if match:
                done = match.end()
                found.extend(i for i in range(start, done) if text[i] == ",")
                break
    return np.array(found, dtype=np.int64)
