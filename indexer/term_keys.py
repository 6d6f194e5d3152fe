"""Numbers (keys) of 52 bits for terms, for single terms and for whole arrays of them.

Stands under the segmenter: the index knows terms by their keys only, so that no dictionary of
terms has to be loaded to answer a question.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from corpus.normalise import Codes, Ints, string_codes

Keys = npt.NDArray[np.uint64]

_MULTIPLIER = 0x9E3779B97F4A7C15  # odd, well mixed bits (2^64 / golden ratio)
_PAIR = np.uint64(0xD1B54A32D192ED03)
_HASHED_CHARS = 32  # longer words are told apart by their beginning and their length
KEY_BITS = 52  # the other 12 bits of a word hold the text's number while a batch is counted
_DROPPED = np.uint64(64 - KEY_BITS)
_TOP = np.uint64(1 << (KEY_BITS - 1))  # set in bigrams, clear in words

_powers = np.array(
    [pow(_MULTIPLIER, power, 1 << 64) for power in range(_HASHED_CHARS)], dtype=np.uint64
)


def key_of(term: str) -> int:
    """The key of one term: a word, or `#` and a bigram (`#研报`, `#gpt 4`)."""
    if term[0] != "#" or len(term) == 1:
        return int(_word_key(term)[0])
    first, gap, second = term[1:].partition(" ")
    if not gap:
        first, second = term[1], term[2]
    return int(pair_keys(_word_key(first), _word_key(second))[0])


def _word_key(word: str) -> Keys:
    codes = string_codes(word)
    return span_keys(codes, np.zeros(1, dtype=np.int64), np.array([len(codes)], dtype=np.int64))


def span_keys(codes: Codes, starts: Ints, lengths: Ints) -> Keys:
    """The keys of the words `codes[start : start + length]`; no length is 0.

    Polynomial hash, then the finalizer of SplitMix64 (Steele et al. 2014,
    doi:10.1145/2660193.2660195). Among ten million terms two share a key with a chance of 2 %,
    and would then count as one term.
    """
    if not starts.size:
        return np.zeros(0, dtype=np.uint64)
    used = np.minimum(lengths, _HASHED_CHARS)
    firsts = np.cumsum(used) - used
    within = np.arange(int(used.sum())) - np.repeat(firsts, used)
    values = (codes[np.repeat(starts, used) + within] + np.uint64(1)) * _powers[within]
    sums = np.add.reduceat(values, firsts)
    return _mixed(sums + lengths.astype(np.uint64) * _PAIR) & ~_TOP


def pair_keys(first: Keys, second: Keys) -> Keys:
    """The keys of the bigrams of two units each."""
    return _mixed(first * _PAIR + (second ^ (second >> np.uint64(29)))) | _TOP


def _mixed(values: Keys) -> Keys:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Keys = (values ^ (values >> np.uint64(31))) >> _DROPPED
    return mixed
