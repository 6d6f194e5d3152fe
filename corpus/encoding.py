"""Bytes → text, only if the text is plausible; mojibake never enters the index.

Stands between a source's bytes and its canonical text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

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
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
# Characters that a wrong decoding is full of and running Chinese is not: private use,
# half-width katakana, Hangul and other scripts' letters, box drawing aside.
_ODD = re.compile(r"[\ue000-\uf8ff\uff61-\uff9f\uac00-\ud7af\u3040-\u30ff\u0e00-\u0fff\ufffd]")


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
    return _Candidate(label, text, _frequent_share(text))


def refuse_implausible(text: str, name: str) -> None:
    """Raises UnreadableFile if a decoded text is empty, binary, or was spoilt before it came."""
    if not text or text.isspace():
        what = "is empty" if not text else "holds white space only"
        raise UnreadableFile(name, f"{what}, expected the text of a report")
    if any("\ud800" <= character <= "\udfff" for character in _surrogates(text)):
        raise UnreadableFile(name, "holds lone surrogates, which are no text; save it as UTF-8")
    sample = _sampled(text)
    controls = len(_CONTROL.findall(sample))
    if controls > max(2, len(sample) // 100):
        reason = f"is binary ({controls} control characters in {len(sample)}), expected text"
        raise UnreadableFile(name, reason)
    _refuse_mojibake(text, sample, name)


_SURROGATE = re.compile(r"[\ud800-\udfff]")


def _surrogates(text: str) -> list[str]:
    found = None if text.isascii() else _SURROGATE.search(text)
    return [found.group()] if found else []


def _refuse_mojibake(text: str, sample: str, name: str) -> None:
    lost = sample.count("\ufffd")
    if lost > max(3, len(sample) // 500) or text.count("锟斤拷") > 2:
        reason = "characters were lost when it was saved (U+FFFD or 锟斤拷)"
        raise UnreadableFile(name, f"{reason}; export it again from its origin")
    if not _HAN.search(sample):
        if _MISREAD.search(sample) and _was_misread(text):
            reason = "is UTF-8 that was read as Latin-1 and saved again"
            raise UnreadableFile(name, f"{reason}; export it again from its origin")
        return
    han = len(_HAN.findall(sample))
    share = _frequent_share(sample)
    japanese = len(_KANA.findall(sample)) * 3 > han  # stray kana are a sign of mojibake too
    if han >= 40 and share < MIN_FREQUENT / 2 and not japanese:
        reason = f"its Chinese is not plausible ({share:.0%} frequent characters of {han} Han)"
        raise UnreadableFile(name, f"{reason}: decoded wrongly once before; export it again")


_MISREAD = re.compile(r"[\u00c2-\u00ef][\u0080-\u00bf]")
_KANA = re.compile(r"[\u3040-\u30ff]")


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


def _frequent_share(text: str) -> float:
    """Share of frequent Han among Han and odd characters; 0.0 where there is neither."""
    sample = _sampled(text)
    han = _HAN.findall(sample)
    odd = len(_ODD.findall(sample))
    if not han and not odd:
        return 0.0
    return sum(map(FREQUENT_HAN.__contains__, han)) / (len(han) + 2 * odd)
