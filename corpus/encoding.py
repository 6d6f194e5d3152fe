"""Bytes → text, only if the text is plausible; mojibake never enters the index.

Stands between a source's bytes and its canonical text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from corpus.errors import UnreadableFile
from corpus.frequent_han import FREQUENT_HAN

# A true text's Han characters are frequent ones for 75–90 %, a wrong decoding's for 5 % or so.
MIN_FREQUENT = 0.5
# The better of two decodings must lead by this share; below it a few characters decide nothing.
MIN_LEAD = 0.2
# Characters that are looked at, spread over the text: enough for ±2 %.
_SAMPLE = 4000

_LEGACY = (("GB18030", "gb18030"), ("Big5", "cp950"))
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"{\\rtf", "a rich-text document"),
)
_CONTROL = ((0x00, 0x08), (0x0E, 0x1A), (0x1C, 0x1F), (0x7F, 0x7F))
_HAN = ((0x3400, 0x9FFF), (0x20000, 0x3FFFF))
_KANA = ((0x3040, 0x30FF),)
# Characters that a wrong decoding is full of and running Chinese is not: private use,
# half-width katakana, Hangul and other scripts' letters, box drawing aside.
_ODD = (
    (0xE000, 0xF8FF),
    (0xFF61, 0xFF9F),
    (0xAC00, 0xD7AF),
    *_KANA,
    (0x0E00, 0x0FFF),
    (0xFFFD, 0xFFFD),
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    text: str | None  # None: the bytes break the encoding's rules
    score: float  # share of frequent Han among Han and odd characters


def decode(data: bytes, name: str) -> str:
    """The text of a file without its byte-order mark.

    Raises:
        UnreadableFile: empty, binary, or in no encoding that gives plausible text; the reason
            names the candidates.
    """
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise UnreadableFile(name, f"holds {what}, expected text; convert it to text first")
    text = _by_bom(data, name)
    if text is None:
        text = _without_bom(data, name)
    refuse_implausible(text, name)
    return text


def _by_bom(data: bytes, name: str) -> str | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data[len(bom) :].decode(encoding)
            except UnicodeDecodeError as error:
                at = error.start + len(bom)
                reason = f"begins with the mark of {encoding.upper()} but breaks it at byte {at}"
                raise UnreadableFile(name, f"{reason}; save it again as UTF-8") from error
    return None


def _without_bom(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise UnreadableFile(name, _binary(data.index(b"\0"))) from error
        return _legacy(data, name, error)
    if "\0" in text:
        raise UnreadableFile(name, _binary(data.index(b"\0")))
    return text


def _binary(at: int) -> str:
    return f"is binary (a NUL byte at offset {at}), expected text; convert it to text first"


def _legacy(data: bytes, name: str, error: UnicodeDecodeError) -> str:
    """GB18030 or Big5, whichever is plausible and clearly better."""
    candidates = sorted(
        (_candidate(label, codec, data) for label, codec in _LEGACY),
        key=lambda candidate: -candidate.score,
    )
    best, second = candidates[0], candidates[1]
    if best.text is not None and best.score >= MIN_FREQUENT:
        if best.score - second.score >= MIN_LEAD:
            return best.text
        verdict = "both are plausible"
    else:
        verdict = "neither gives plausible Chinese"
    tried = ", ".join(
        f"{one.name} ({_finding(one)})"
        for one in sorted(candidates, key=lambda one: one.name, reverse=True)
    )
    broken = f"no valid UTF-8 at byte {error.start} (0x{data[error.start]:02x})"
    raise UnreadableFile(name, f"{broken}; candidates {tried}: {verdict}; save it as UTF-8")


def _finding(one: _Candidate) -> str:
    return "breaks its rules" if one.text is None else f"{one.score:.0%} frequent Han"


def _candidate(label: str, codec: str, data: bytes) -> _Candidate:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return _Candidate(label, None, -1.0)
    return _Candidate(label, text, _count_kinds(_sampled(text)).frequent_share)


def refuse_implausible(text: str, name: str) -> None:
    """Raises UnreadableFile if a decoded text is empty, binary, or was spoilt before it came."""
    if not text or text.isspace():
        what = "is empty" if not text else "holds white space only"
        raise UnreadableFile(name, f"{what}, expected the text of a report")
    if any("\ud800" <= character <= "\udfff" for character in _surrogates(text)):
        raise UnreadableFile(name, "holds lone surrogates, which are no text; save it as UTF-8")
    sample = _sampled(text)
    counts = _count_kinds(sample)
    if counts.controls > max(2, len(sample) // 100):
        reason = f"is binary ({counts.controls} control characters in {len(sample)}), expected text"
        raise UnreadableFile(name, reason)
    _refuse_mojibake(text, sample, counts, name)


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _surrogates(text: str) -> list[str]:
    found = None if text.isascii() else _SURROGATE.search(text)
    return [found.group()] if found else []


def _refuse_mojibake(text: str, sample: str, counts: _Kinds, name: str) -> None:
    lost = sample.count("\ufffd")
    if lost > max(3, len(sample) // 500) or text.count("锟斤拷") > 2:
        reason = "characters were lost when it was saved (U+FFFD or 锟斤拷)"
        raise UnreadableFile(name, f"{reason}; export it again from its origin")
    if not counts.han:
        if _MISREAD.search(sample) and _was_misread(text):
            reason = "is UTF-8 that was read as Latin-1 and saved again"
            raise UnreadableFile(name, f"{reason}; export it again from its origin")
        return
    japanese = counts.kana * 3 > counts.han  # stray kana are a sign of mojibake too
    share = counts.frequent_share
    if counts.han >= 40 and share < MIN_FREQUENT / 2 and not japanese:
        reason = (
            f"its Chinese is not plausible ({share:.0%} frequent characters of {counts.han} Han)"
        )
        raise UnreadableFile(name, f"{reason}: decoded wrongly once before; export it again")


_MISREAD = re.compile(r"[\u00c2-\u00ef][\u0080-\u00bf]")


def _was_misread(text: str) -> bool:
    try:
        text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False
    return True


def _sampled(text: str) -> str:
    """The whole of a short text; pieces from all over a long one."""
    if len(text) <= _SAMPLE:
        return text
    pieces, size = 10, _SAMPLE // 10
    step = (len(text) - size) // (pieces - 1)
    return "".join(text[at : at + size] for at in range(0, step * pieces, step))


@dataclass(frozen=True, slots=True)
class _Kinds:
    """How many characters of a text are of each kind."""

    controls: int
    han: int
    frequent: int
    odd: int
    kana: int

    @property
    def frequent_share(self) -> float:
        """Share of frequent Han among Han and odd characters; 0.0 where there is neither."""
        beside = self.han + 2 * self.odd
        return self.frequent / beside if beside else 0.0


_BITS = {"controls": 1, "han": 2, "frequent": 4, "odd": 8, "kana": 16}  # as in _Kinds
_HOLDS = np.arange(32)[:, None] >> np.arange(len(_BITS)) & 1  # which bits each number has


def _count_kinds(sample: str) -> _Kinds:
    """Every kind in one pass over an array; five regular expressions took a third of reading."""
    codes = np.frombuffer(sample.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _kind_table()
    found = np.bincount(kinds[np.minimum(codes, kinds.size - 1)], minlength=32)
    return _Kinds(*(found @ _HOLDS).tolist())


@cache
def _kind_table() -> npt.NDArray[np.uint8]:
    """The kinds of every code point as bits; the last entry, no kind, is for all behind it."""
    table = np.zeros(0x40001, dtype=np.uint8)
    for name, ranges in (("controls", _CONTROL), ("han", _HAN), ("odd", _ODD), ("kana", _KANA)):
        for first, last in ranges:
            table[first : last + 1] |= _BITS[name]
    for character in FREQUENT_HAN:
        if table[ord(character)] & _BITS["han"]:
            table[ord(character)] |= _BITS["frequent"]
    return table
