"""How far two wordings agree: CMRC's exact match and character F1, and the F1 of lists.

Foot of `eval.measures`. The CMRC measures follow the published script of the set (Cui et al.,
A Span-Extraction Dataset for Chinese Machine Reading Comprehension, EMNLP 2019), which runs on
Python 2 only: characters as tokens, Latin runs as words, the longest common *run* of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval.matching import squash, stands_in_squashed

_PUNCTUATION = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_HAN = re.compile(r"[\u4e00-\u9fa5]")
# What nltk's word_tokenize, which the script calls, makes of a run without Han: white space parts
# words, these marks stand alone, a comma does before a word and a point at the end of the run.
_WORD = re.compile(
    r"\.{2,}|``|''|[;@#$%&?!()\[\]{}<>«»“”‘„—–]|,(?!\d)|'(?:s|m|d|ll|re|ve)(?= |$)"
    r"|(?:[^\s;@#$%&?!()\[\]{}<>«»“”‘„—–,.']|,(?=\d)|\.(?!\.)|(?<=\w)'(?=\w))+|'"
)
_OPENING = re.compile(r'^""?|(?<=[ (\[{<])"')
_LAST_POINT = re.compile(r"(?<=[^.])\.(?=[\])}>\"'»”’ ]*$)")
_SHORTENED = re.compile(r"(?<=[^' ])(?='(?:s|m|d|ll|re|ve)(?: |$))|(?<=[^' ])(?=n't(?: |$))")
_LIST_BREAK = re.compile(r"[、，,；;。\n]|\[\d+\]|以及|(?<!\w)(?:和|与|及)(?!\w)")


def segments(text: str) -> list[str]:
    """CMRC's mixed segmentation, punctuation removed: `在2019年用GPT` → 在 2019 年 用 gpt."""
    found: list[str] = []
    run = ""
    for ch in text.lower().strip():
        if ch in _PUNCTUATION:
            continue
        if _HAN.match(ch):
            found += [*_words(run), ch]
            run = ""
        else:
            run += ch
    return found + _words(run)


def _words(run: str) -> list[str]:
    if run.isalnum() or not run:
        return [run] * bool(run)
    plain = _LAST_POINT.sub(" . ", _OPENING.sub(_opened, run)).replace('"', " '' ")
    return _WORD.findall(_SHORTENED.sub(" ", plain))


def _opened(quotes: re.Match[str]) -> str:
    return " `` " * len(quotes[0])


def char_f1(prediction: str, answers: Sequence[str]) -> float:
    """CMRC's F1 of a prediction, the best over the answers, in [0, 1]."""
    given = segments(prediction)
    return max((_run_f1(given, segments(answer)) for answer in answers), default=0.0)


def exact_match(prediction: str, answers: Sequence[str]) -> bool:
    """CMRC's exact match: the same but for punctuation and case."""
    plain = _without_punctuation(prediction)
    return any(plain == _without_punctuation(answer) for answer in answers)


def list_f1(answer: str, groups: Sequence[Sequence[str]]) -> float:
    """F1 of the items that an answer lists against the gold items, each matched at most once.

    An item matches a gold group if one of its alternatives stands in it and makes up at least
    half of it; the assignment that matches most is taken (Hungarian method, scipy).
    """
    from scipy.optimize import linear_sum_assignment

    items = list_items(answer)
    if not items or not groups:
        return 0.0
    fits = [[float(any(_is_item(item, a) for a in group)) for group in groups] for item in items]
    rows, columns = linear_sum_assignment(fits, maximize=True)
    matched = sum(fits[r][c] for r, c in zip(rows, columns, strict=True))
    return float(2 * matched / (len(items) + len(groups)))


def list_items(answer: str) -> list[str]:
    """What an answer enumerates: the pieces behind its last colon that holds an enumeration."""
    tail = re.split(r"[：:]", answer)
    body = next((part for part in reversed(tail) if len(_LIST_BREAK.split(part)) > 2), tail[-1])
    return [piece.strip() for piece in _LIST_BREAK.split(body) if piece.strip(" .　")]


def _is_item(item: str, alternative: str) -> bool:
    plain, wanted = squash(item), squash(alternative)
    return stands_in_squashed(wanted, plain) and len(wanted) * 2 >= len(plain)


def _run_f1(given: Sequence[str], gold: Sequence[str]) -> float:
    common = _longest_common_run(given, gold)
    if common == 0:
        return 0.0
    precision, recall = common / len(given), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def _longest_common_run(one: Sequence[str], other: Sequence[str]) -> int:
    """By halving: a run of n tokens in common means that runs of every smaller length are."""
    numbers: dict[str, str] = {}
    # One character a token, from the supplementary planes, so that runs are substrings.
    a, b = (
        "".join(numbers.setdefault(token, chr(0x10000 + len(numbers))) for token in tokens)
        for tokens in (one, other)
    )
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        runs = {a[i : i + middle] for i in range(len(a) - middle + 1)}
        if any(b[i : i + middle] in runs for i in range(len(b) - middle + 1)):
            low = middle
        else:
            high = middle - 1
    return low


def _without_punctuation(text: str) -> str:
    return "".join(ch for ch in text.lower().strip() if ch not in _PUNCTUATION)
