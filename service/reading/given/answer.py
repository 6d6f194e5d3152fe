"""The journey of a question that brings its data along: taken apart, worked out or looked up.

Top of `given`: `Query → Draft | None`. Every figure of the answer stands in the question or is the
shown result of such figures; the corpus is not asked, so nothing is cited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from service.query import Query
from service.reading.draft import Draft, Statement
from service.reading.given.choosing import by_arithmetic, choose
from service.reading.given.formulas import shipped_book
from service.reading.given.items import Given, Prompt
from service.reading.given.lookup import looked_up, named
from service.reading.given.operations import reckons
from service.reading.given.prompt import read_prompt
from service.reading.given.results import Result
from service.reading.given.working import computed

_LEAD = "按问题给出的数据"
# 低于20倍 bounds what is asked for; it gives no figure of anything.
_BOUND = re.compile("(?:不?[低高]于|[大小多少]于|超过|不足|至少|至多)为")


def read_given(query: Query) -> Draft | None:
    """The answer from the data in the question; None if it brings none, or none fits."""
    prompt = read_prompt(query.asked)
    if prompt is None:
        return None
    told = _told(prompt)
    if told is None or _BOUND.match(told):
        return None
    return Draft("computed", [Statement(f"{_LEAD}：{told}", ())], 0.8)


def _told(prompt: Prompt) -> str | None:
    ways = computed(prompt, shipped_book())
    found = [] if prompt.explicit or reckons(prompt) else list(dict.fromkeys(looked_up(prompt)))
    results = [] if found else next(ways, [])
    found = found or ([] if results else list(dict.fromkeys(looked_up(prompt))))
    words = _in_words(prompt, results, found)
    if not prompt.options:
        return words or None
    chosen = choose(prompt, results, found, words)
    while chosen is None and (results := next(ways, [])):  # another reading may be meant
        chosen = choose(prompt, results, found, words)
        words = _in_words(prompt, results, found) if chosen is not None else words
    if chosen is None and (only := by_arithmetic(prompt)) is not None:
        chosen, words = only[0], only[1].text(prompt.digits)
    if chosen is None and not prompt.explicit:
        found = list(dict.fromkeys(looked_up(prompt)))
        words = _in_words(prompt, [], found)
        chosen = choose(prompt, [], found, words)
    if chosen is None:
        return words or None
    return f"选{chosen.letter}（{chosen.words}）" + (f"：{words}" if words else "")


def _in_words(prompt: Prompt, results: Sequence[Result], found: Sequence[Given]) -> str:
    if results:
        return "；".join(one.text(prompt.digits) for one in results)
    return "；".join(named(one, prompt.asked) for one in found)
