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
from service.reading.given.formulas import book_of_all
from service.reading.given.items import Given, Prompt
from service.reading.given.lookup import looked_up, named
from service.reading.given.operations import reckons
from service.reading.given.prompt import read_choice, read_prompt
from service.reading.given.results import Result
from service.reading.given.supporting import supported
from service.reading.given.working import computed

_LEAD = "按问题给出的数据"
# 低于20倍 bounds what is asked for; it gives no figure of anything.
_BOUND = re.compile("(?:不?[低高]于|[大小多少]于|超过|不足|至少|至多)为")


def read_data(query: Query) -> Draft | None:
    """The answer from the data in the question; None if it brings none, or none fits."""
    prompt = read_prompt(query.asked)
    told = _by_figures(prompt)
    in_words = prompt is None or not (prompt.in_table or prompt.explicit)
    if in_words or told is None or not told.startswith("选"):
        by_text = by_words(query.asked, told)
        if by_text is not None:
            return by_text
    if told is None or _BOUND.match(told):
        return None
    return Draft("computed", [Statement(f"{_LEAD}：{told}", ())], 0.8)


def figures_choose(question: str) -> str | None:
    """What is told of a prompt by its figures alone."""
    return _by_figures(read_prompt(question))


def _by_figures(prompt: Prompt | None) -> str | None:
    try:
        return _told(prompt) if prompt is not None else None
    except ArithmeticError:  # a figure of a hundred digits, a root of a negative one
        return None


def by_words(question: str, told: str | None) -> Draft | None:
    """The option that the text of a prompt supports, what its figures told among the signs; None
    if it has no text and options."""
    choice = read_choice(question)
    if choice is None:
        return None
    text, asked, options = choice
    letters = [one.letter for one in options]
    found = letters.index(told[1]) if told and told.startswith("选") else None
    place, share = supported(text, asked, [one.words for one in options], found)
    chosen = options[place]
    lead = _LEAD if found == place else "按问题给出的文字"
    words = f"{lead}：选{chosen.letter}（{chosen.words}）"
    if told and found in {None, place}:
        words = f"{words}：{told.partition('：')[2] if found == place else told}"
    return Draft("computed", [Statement(words.rstrip("："), ())], round(share, 2))


def _told(prompt: Prompt) -> str | None:
    ways = computed(prompt, book_of_all())
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
