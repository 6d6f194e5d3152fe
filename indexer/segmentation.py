"""Words and index terms of a text; queries and documents are cut by the same code.

Stands between `corpus.normalise` and the keyword index: text → terms → 64-bit keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from corpus.normalise import fold, is_han, normalise

Engine = Literal["rjieba", "jieba"]
Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

# Raised whenever the same words would give other terms: an index then says that it is too old.
TERMS_VERSION = 1

_BIGRAM_TAG = "#"
_HAN_BIGRAM = 1 << 63  # top bit: exact key of two Han characters; else a hash of the term
_UNIT = re.compile(
    r"[0-9]+(?:\.[0-9]+)?|[^\W\d_\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_JOINTS = frozenset("-_./&'+ ")  # GPT-4, GPT 4 and GPT4 share a bigram
_BOUNDARY = "\x1e"  # between the texts of a batch; replaced by a space inside a text
_SPACE, _NEWLINE = 0x20, 0x0A
_NO_TERM, _TEXT_END = 0, 1  # keys that no term has


@dataclass(frozen=True, slots=True)
class TermCounts:
    """Terms of a batch of texts, ordered by key, then text.

    Args:
        keys: `(n,)` uint64 term keys.
        texts: `(n,)` uint32 index of the text within the batch.
        counts: `(n,)` uint16 how often it stands there, at most 65,535.
        lengths: `(texts,)` uint32 number of terms of each text.
    """

    keys: Keys
    texts: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.uint16]
    lengths: npt.NDArray[np.uint32]


@cache
def stop_words() -> frozenset[str]:
    """Function words and question words. They stand in most chunks and would only add noise; the
    bigrams keep their traces where they matter (“不是”, “为什么”)."""
    text = files("indexer").joinpath("data", "stop_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def key_of(term: str) -> int:
    """The 64-bit key of a term: exact for two Han characters, else a hash (BLAKE2b)."""
    if len(term) == 3 and term[0] == _BIGRAM_TAG and _both_han(term[1:]):
        return _HAN_BIGRAM | ord(term[1]) << 21 | ord(term[2])
    digest = hashlib.blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return max(int.from_bytes(digest, "little") >> 1, 2)


def _both_han(pair: str) -> bool:
    return bool(is_han(np.array([ord(pair[0]), ord(pair[1])], dtype=np.uint32)).all())


class Segmenter:
    """Cuts text into words and terms, with the words of a lexicon added to the dictionary.

    Args:
        words: `(word, frequency)` beside the engine's own dictionary; Han only, normalised.
        engine: `rjieba` (Rust, 14 times faster) or `jieba`, the reference; both cut alike.
    """

    def __init__(self, words: Iterable[tuple[str, int]] = (), engine: Engine = "rjieba") -> None:
        self.engine = engine
        self._words = tuple(sorted((str(word), int(frequency)) for word, frequency in words))
        self._cut, self._has_word = _load_engine(engine, self._words)
        self._word_keys = _WordKeys()
        self._other_keys = _TermKeys()

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could be cut otherwise."""
        return segmenter_fingerprint(self._words, self.engine)

    def words(self, text: str) -> list[str]:
        """The words of the normal form, in order, stop words too, without punctuation."""
        return self._words_of(normalise(text).text)

    def terms(self, text: str) -> list[str]:
        """What is indexed: words without stop words, then bigrams marked with `#`."""
        normal = normalise(text).text
        words = [word for word in self._words_of(normal) if word not in stop_words()]
        return words + [_BIGRAM_TAG + pair for pair in _bigrams(normal)]

    def keys(self, text: str) -> Keys:
        """The keys of `terms(text)`, in that order."""
        return np.array([key_of(term) for term in self.terms(text)], dtype=np.uint64)

    def context_free_keys(self, text: str) -> Keys:
        """The keys that `text` has wherever it stands: its bigrams, Latin words and numbers."""
        normal = normalise(text).text
        units = [u for u in _UNIT.findall(normal) if u not in stop_words()]
        pairs = [_BIGRAM_TAG + pair for pair in _bigrams(normal)]
        return np.array([key_of(term) for term in units + pairs], dtype=np.uint64)

    def is_word(self, word: str) -> bool:
        """True if the dictionary or the lexicon holds this word."""
        return bool(self._has_word(fold(word)))

    def count(self, texts: Sequence[str]) -> TermCounts:
        """`terms` of many texts as counted keys; the same as one by one, many times faster."""
        joined = _BOUNDARY.join(text.replace(_BOUNDARY, " ") for text in texts)
        normal = normalise(joined).text
        codes = np.frombuffer(normal.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        han, ends = is_han(codes), codes == ord(_BOUNDARY)
        text_of = np.cumsum(ends)
        parts = [
            self._count_words(codes, han, ends),
            _count_han_bigrams(codes, han, text_of),
            self._count_units(normal, han, text_of),
        ]
        keys = np.concatenate([keys for keys, _ in parts])
        owners = np.concatenate([owners for _, owners in parts])
        return _counted(keys, owners, len(texts))

    def _words_of(self, normal: str) -> list[str]:
        words: list[str] = []
        for piece in _PIECES.finditer(normal):
            if piece.lastgroup == "han":
                words.extend(self._cut(piece.group()))
            else:
                words.append(piece.group())
        return words

    def _count_words(
        self, codes: npt.NDArray[np.uint32], han: npt.NDArray[np.bool_], ends: npt.NDArray[np.bool_]
    ) -> tuple[Keys, Ints]:
        """Han words: everything else becomes one space, so that the engine sees Han only."""
        blank = ~han & ~ends
        keep = ~blank
        keep[1:] |= blank[1:] & ~blank[:-1]
        seen = np.where(han, codes, np.where(ends, _NEWLINE, _SPACE)).astype("<u4")[keep]
        cut = self._cut(seen.tobytes().decode("utf-32-le"))
        keys = np.fromiter(map(self._word_keys.__getitem__, cut), dtype=np.uint64, count=len(cut))
        owners = np.cumsum(keys == _TEXT_END)
        real = keys > _TEXT_END
        return keys[real], owners[real]

    def _count_units(
        self, normal: str, han: npt.NDArray[np.bool_], text_of: Ints
    ) -> tuple[Keys, Ints]:
        """Latin and number words, and the bigrams that one of them takes part in."""
        keys, places = [], []
        for place, term in _unit_terms(normal, han):
            keys.append(self._other_keys[term])
            places.append(place)
        found = np.array(keys, dtype=np.uint64)
        owners = text_of[np.array(places, dtype=np.int64)]
        return found[found > _TEXT_END], owners[found > _TEXT_END]


_PIECES = re.compile(
    r"(?P<han>[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)|" + _UNIT.pattern
)


class _TermKeys(dict[str, int]):
    """Keys of terms already met; stop words have none."""

    def __missing__(self, term: str) -> int:
        if len(self) > 1_000_000:  # about 100 MB; a corpus of names must not grow it for ever
            self.clear()
        self[term] = key = _NO_TERM if term in stop_words() else key_of(term)
        return key


class _WordKeys(_TermKeys):
    """The same for what an engine returns: blanks are no term, a line break ends a text."""

    def __missing__(self, term: str) -> int:
        if term == "\n":
            return _TEXT_END
        if term == " ":
            return _NO_TERM
        return super().__missing__(term)


def _unit_terms(normal: str, han: npt.NDArray[np.bool_]) -> Iterable[tuple[int, str]]:
    """Every Latin or number word with its place, and its bigrams with both neighbours."""
    last, last_end = "", -2
    length = len(normal)
    for match in _UNIT.finditer(normal):
        start, end = match.span()
        word = match.group()
        yield start, word
        if start and han[start - 1]:
            yield start, f"{_BIGRAM_TAG}{normal[start - 1]}{word}"
        if end < length and han[end]:
            yield start, f"{_BIGRAM_TAG}{word}{normal[end]}"
        touching = last_end == start or (last_end == start - 1 and normal[last_end] in _JOINTS)
        if touching and not (last[0].isdigit() and word[0].isdigit()):
            yield start, f"{_BIGRAM_TAG}{last}{word}"
        last, last_end = word, end


def _bigrams(normal: str) -> list[str]:
    codes = np.frombuffer(normal.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    han = is_han(codes)
    pairs = [normal[i : i + 2] for i in np.flatnonzero(han[:-1] & han[1:])]
    units = [term[1:] for _, term in _unit_terms(normal, han) if term[0] == _BIGRAM_TAG]
    return pairs + units


def _count_han_bigrams(
    codes: npt.NDArray[np.uint32], han: npt.NDArray[np.bool_], text_of: Ints
) -> tuple[Keys, Ints]:
    at = np.flatnonzero(han[:-1] & han[1:])
    first, second = codes[at].astype(np.uint64), codes[at + 1].astype(np.uint64)
    return np.uint64(_HAN_BIGRAM) | (first << np.uint64(21)) | second, text_of[at]


def _counted(keys: Keys, owners: Ints, texts: int) -> TermCounts:
    """Equal (key, text) pairs become one with a count."""
    lengths = np.bincount(owners, minlength=texts).astype(np.uint32)
    by_text = np.argsort(owners, kind="stable")
    order = by_text[np.argsort(keys[by_text], kind="stable")]
    keys, owners = keys[order], owners[order]
    first = np.ones(keys.size, dtype=bool)
    first[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    at = np.flatnonzero(first)
    counts = np.diff(np.append(at, keys.size))
    return TermCounts(
        keys[at],
        owners[at].astype(np.uint32),
        np.minimum(counts, 65_535).astype(np.uint16),
        lengths,
    )


def segmenter_fingerprint(words: Sequence[tuple[str, int]], engine: Engine) -> str:
    """What a `Segmenter` of these words would have; the engine is not loaded for it."""
    digest = hashlib.sha256()
    for part in (engine, version(engine), "hmm", str(TERMS_VERSION)):
        digest.update(part.encode() + b"\0")
    digest.update(" ".join(sorted(stop_words())).encode() + b"\0")
    digest.update(repr(tuple(words)).encode())
    return digest.hexdigest()


# --- engines ----------------------------------------------------------------------------------


def _load_engine(
    engine: Engine, words: Sequence[tuple[str, int]]
) -> tuple[Callable[[str], list[str]], Callable[[str], bool]]:
    """What cuts, and what tells whether a word is in the dictionary."""
    if engine == "jieba":
        return _load_jieba(words)
    import rjieba

    cutter = rjieba.Jieba()
    for word, frequency in words:
        cutter.add_word(word, frequency, None)
    return cutter.cut, cutter.has_word


def _load_jieba(
    words: Sequence[tuple[str, int]],
) -> tuple[Callable[[str], list[str]], Callable[[str], bool]]:
    """jieba without its cache: it would unmarshal a file from the shared temporary directory,
    where another user may have planted it; building the dictionary anew costs half a second."""
    import logging

    import jieba

    logging.getLogger("jieba").setLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word, frequency in words:
        tokenizer.add_word(word, frequency)
    return tokenizer.lcut, lambda word: bool(tokenizer.FREQ.get(word))


@cache
def plain_cutter() -> Any:
    """rjieba with its own dictionary only, loaded once (0.1 s)."""
    import rjieba

    return rjieba.Jieba()


def frequencies(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """A frequency for each word that just keeps it whole; words the dictionary has are left out."""
    cutter = plain_cutter()
    return tuple(
        (word, cutter.suggest_freq(word))
        for word in sorted(set(words))
        if len(word) > 1 and not cutter.has_word(word)
    )
