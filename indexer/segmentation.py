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

from corpus.normalise import Codes, Ints, code_string, fold, is_han, normalise, string_codes
from indexer.term_keys import KEY_BITS, Keys, pair_keys, span_keys

Engine = Literal["rjieba", "jieba"]

# Raised whenever the same words would give other terms: an index then says that it is too old.
TERMS_VERSION = 2

_BIGRAM_TAG = "#"
# All 4,700 listed names together weigh 5,300; the dictionary's own words 60 million.
_LEAST_WEIGHT = 1 << 14
_NO_WORD = "\ue000\ue000"  # private characters: engines are shown Han only
_UNIT = re.compile(
    r"[0-9]+(?:\.[0-9]+)?|[^\W\d_\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_PIECES = re.compile(
    r"(?P<han>[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+)|" + _UNIT.pattern
)
_JOINTS = "-_./&'+ "  # GPT-4, GPT 4 and GPT4 share a bigram
_BOUNDARY = "\x1e"  # between the texts of a batch; replaced by a line break inside a text
_TEXT_BITS = np.uint64(64 - KEY_BITS)
MOST_TEXTS = 1 << (64 - KEY_BITS)  # in one batch
_SPACE, _NEWLINE = 0x20, 0x0A


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
        """The keys of `terms(text)`."""
        return self._keys_and_texts([text])[0]

    def context_free_keys(self, text: str) -> Keys:
        """The keys that `text` has wherever it stands: its bigrams, Latin words and numbers."""
        units = _Units(normalise(text).text)
        latin = units.hashes[~units.han]
        return np.concatenate([latin[~_in(latin, _stop_keys())], units.bigrams()[0]])

    def is_word(self, word: str) -> bool:
        """True if the dictionary or the lexicon holds this word."""
        return bool(self._has_word(fold(word)))

    def count(self, texts: Sequence[str]) -> TermCounts:
        """`terms` of many texts as counted keys; the same as one by one, many times faster."""
        if len(texts) > MOST_TEXTS:
            raise ValueError(f"{len(texts)} texts in a batch, at most {MOST_TEXTS} expected")
        keys, owners = self._keys_and_texts(texts)
        return _counted(keys, owners, len(texts))

    def _keys_and_texts(self, texts: Sequence[str]) -> tuple[Keys, Ints]:
        """Every term's key and the index of its text, words first."""
        joined = _BOUNDARY.join(text.replace(_BOUNDARY, "\n") for text in texts)
        units = _Units(normalise(joined).text)
        text_of = np.cumsum(units.codes == ord(_BOUNDARY))
        han_words, han_starts = self._han_words(units.codes)
        latin = ~units.han
        words = np.concatenate([han_words, units.hashes[latin]])
        starts = np.concatenate([han_starts, units.starts[latin]])
        telling = ~_in(words, _stop_keys())
        pairs, pair_starts = units.bigrams()
        keys = np.concatenate([words[telling], pairs])
        places = np.concatenate([starts[telling], pair_starts])
        return keys, text_of[places] if places.size else places

    def _han_words(self, codes: Codes) -> tuple[Keys, Ints]:
        """Keys and places of the Han words. Everything else becomes one space, so that the engine
        sees Han only and cuts alike whatever stands beside them."""
        han, ends = is_han(codes), codes == ord(_BOUNDARY)
        blank = ~han & ~ends
        keep = ~blank
        keep[1:] |= blank[1:] & ~blank[:-1]
        seen = np.where(han, codes, np.where(ends, _NEWLINE, _SPACE)).astype(np.uint32)[keep]
        cut = self._cut(code_string(seen))
        lengths = np.fromiter(map(len, cut), dtype=np.int64, count=len(cut))
        starts = np.cumsum(lengths) - lengths
        word = is_han(seen[starts]) if starts.size else np.zeros(0, dtype=bool)
        places = np.flatnonzero(keep)[starts[word]]
        return span_keys(seen, starts[word], lengths[word]), places

    def _words_of(self, normal: str) -> list[str]:
        words: list[str] = []
        for piece in _PIECES.finditer(normal):
            if piece.lastgroup == "han":
                words.extend(self._cut(piece.group()))
            else:
                words.append(piece.group())
        return words


class _Units:
    """The units of a normal form: single Han characters, and whole Latin words and numbers."""

    def __init__(self, normal: str) -> None:
        self.codes = string_codes(normal)
        spans = [match.span() for match in _UNIT.finditer(normal)]
        latin = np.array(spans, dtype=np.int64).reshape(-1, 2)
        han = np.flatnonzero(is_han(self.codes))
        starts = np.concatenate([han, latin[:, 0]])
        lengths = np.concatenate([np.ones_like(han), latin[:, 1] - latin[:, 0]])
        order = np.argsort(starts, kind="stable")
        self.starts, self.lengths = starts[order], lengths[order]
        self.han = order < han.size
        self.hashes = span_keys(self.codes, self.starts, self.lengths)

    def pairs(self) -> Ints:
        """Index of every unit that forms a bigram with the next one: they touch, or they are Latin
        with one joint between them; two numbers are none."""
        if self.starts.size < 2:
            return np.zeros(0, dtype=np.int64)
        gaps = self.starts[1:] - (self.starts + self.lengths)[:-1]
        latin = ~self.han[1:] & ~self.han[:-1]
        joints = _in(self.codes[self.starts[1:] - 1], string_codes("".join(sorted(_JOINTS))))
        first = self.codes[self.starts]
        number = (first >= ord("0")) & (first <= ord("9"))
        joined = (gaps == 0) | ((gaps == 1) & latin & joints)
        return np.flatnonzero(joined & ~(number[1:] & number[:-1]))

    def bigrams(self) -> tuple[Keys, Ints]:
        """Keys and places of all bigrams."""
        at = self.pairs()
        return pair_keys(self.hashes[at], self.hashes[at + 1]), self.starts[at]


def _bigrams(normal: str) -> list[str]:
    units = _Units(normal)
    words = [normal[s : s + n] for s, n in zip(units.starts, units.lengths, strict=True)]
    both_han = units.han[:-1] & units.han[1:]
    return [words[i] + ("" if both_han[i] else " ") + words[i + 1] for i in units.pairs()]


def _in(values: npt.NDArray[Any], ordered: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which values stand in the ascending array `ordered`."""
    at = np.minimum(np.searchsorted(ordered, values), ordered.size - 1)
    found: npt.NDArray[np.bool_] = ordered[at] == values
    return found


@cache
def _stop_keys() -> Keys:
    words = sorted(stop_words())
    lengths = np.array([len(word) for word in words], dtype=np.int64)
    return np.sort(span_keys(string_codes("".join(words)), np.cumsum(lengths) - lengths, lengths))


def _counted(keys: Keys, owners: Ints, texts: int) -> TermCounts:
    """Equal (key, text) pairs become one with a count; both stand in one number to be sorted."""
    lengths = np.bincount(owners, minlength=texts).astype(np.uint32)
    both = np.sort(keys << _TEXT_BITS | owners.astype(np.uint64))
    new = np.ones(both.size, dtype=bool)
    new[1:] = both[1:] != both[:-1]
    at = np.flatnonzero(new)
    counts = np.minimum(np.diff(np.append(at, both.size)), 65_535).astype(np.uint16)
    found = both[at]
    own = (found & np.uint64(MOST_TEXTS - 1)).astype(np.uint32)
    return TermCounts(found >> _TEXT_BITS, own, counts, lengths)


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

    # Importing rjieba builds one cutter (0.13 s, 25 MB) for its module-level functions, which
    # nothing here uses; the first segmenter takes it instead of building a second.
    cutter = vars(rjieba).pop("_DEFAULT_JIEBA", None) or rjieba.Jieba()
    for word, frequency in [*words, *_filling(words)]:
        cutter.add_word(word, frequency, None)
    return cutter.cut, cutter.has_word


def words_weight(words: Sequence[tuple[str, int]]) -> int:
    """What a lexicon adds to the sum of all frequencies: its words, filled up to a power of two.

    Both engines weigh every word against that sum, so one word more would weigh all others a
    little less, and any text might be cut otherwise. With a sum that only ever doubles, a text
    that does not hold a word is cut alike with it and without it.
    """
    total = sum(frequency for _, frequency in words)
    return max(_LEAST_WEIGHT, 1 << max(total - 1, 0).bit_length())


def _filling(words: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """A word that stands in no text, with what is missing to `words_weight`."""
    missing = words_weight(words) - sum(frequency for _, frequency in words)
    return [(_NO_WORD, missing)] if missing else []


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
    for word, frequency in [*words, *_filling(words)]:
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
