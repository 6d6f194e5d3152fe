"""Questions that bring their data along: looked up or worked out from the prompt itself.

First in line in `answering`: `Query → Draft | None`. The corpus is not asked, so nothing is cited;
every figure of the answer stands in the question or is the shown result of such figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import DivisionByZero, InvalidOperation

from service.query import Query
from service.reading.draft import Draft, Statement
from service.reading.given_figures import LEVELS, Given, Prompt, read_prompt
from service.reading.given_matching import (
    ASKING,
    LIKE,
    NAMED,
    NEAR,
    asked_periods,
    fits,
    measure_asked,
    pairs_of,
    said,
    share,
)
from service.reading.given_working import CALCULATE, computed

_HIGHEST, _LOWEST = re.compile("最高|最大|最多"), re.compile("最低|最小|最少")
_LEAD = "按问题给出的数据"


def read_given(query: Query) -> Draft | None:
    """The answer from the data in the question; None if it brings none, or none fits."""
    prompt = read_prompt(query.asked)
    if prompt is None:
        return None
    try:
        told = computed(prompt, query.asked)
        if told is None and not CALCULATE.search(query.asked):
            told = _looked_up(prompt)
    except (InvalidOperation, DivisionByZero, ZeroDivisionError):
        return None
    if told is None:
        return None
    return Draft("computed", [Statement(f"{_LEAD}：{told}", ())], 0.8)


def _looked_up(prompt: Prompt) -> str | None:
    asked, periods = prompt.asked, asked_periods(prompt.asked)
    figures = list(prompt.figures)
    dated = [f for f in figures if fits(f, periods)]
    figures = dated or figures
    if not prompt.in_table:
        return _from_text(asked, figures)
    extreme = _extreme(asked, figures)
    if extreme is not None:
        return extreme
    rows = _best([f.row for f in figures], asked)
    own = [f for f in figures if f.row in rows] if rows else figures
    names = _best([f.name for f in own], asked)
    own = [f for f in own if f.name in names] if names else own
    if not own or len(own) > 6:
        return None
    return "；".join(_named(f) for f in own)


def _best(labels: Sequence[str], asked: str) -> set[str]:
    """The labels that the question names: all that stand in full, else the nearest one."""
    scores = {label: share(label, asked) for label in dict.fromkeys(labels)}
    full = {label for label, score in scores.items() if score >= 1}
    full = {a for a in full if not any(a != b and a in b for b in full)}
    best = max(scores.values(), default=0.0)
    near = {label for label, score in scores.items() if score == best >= NEAR}
    return full or (near if len(near) == 1 else set())


def _extreme(asked: str, figures: Sequence[Given]) -> str | None:
    """Which row holds the highest or the lowest figure of the asked column."""
    if not (_HIGHEST.search(asked) or _LOWEST.search(asked)):
        return None
    names = _best([f.name for f in figures], asked)
    own = [f for f in figures if f.name in names] if names else list(figures)
    if len({f.name for f in own}) > 1 and len({f.row for f in own}) > 1:
        return None
    chosen = (max if _HIGHEST.search(asked) else min)(own, key=lambda f: f.value)
    return f"{'最高' if _HIGHEST.search(asked) else '最低'}的是{_named(chosen)}"


def _from_text(asked: str, figures: Sequence[Given]) -> str | None:
    """For each part of the question the figures whose words are nearest to it."""
    parts = [p for p in re.split(r"[,，;；]|其中|以及", asked) if len(p) > 3] or [asked]
    parts = [p for p in parts if ASKING.search(p)] or parts[-1:]
    chosen: list[Given] = []
    whole = ""
    for part in parts:
        wanted = measure_asked(part)
        # 同比增长多少 alone asks of what the part before names.
        whole = part if pairs_of(part) else f"{whole}{part}"
        fitting = [f for f in figures if f.measure in (wanted, *LIKE.get(wanted, ()))] or figures
        scored = sorted(
            ((said(whole, asked, f), -f.place, f) for f in fitting),
            reverse=True,
            key=lambda s: s[:2],
        )
        count = len(re.split("[、和与及]", part)) if re.search("分别|各", part) else 1
        chosen += [f for score, _, f in scored[:count] if score >= NAMED]
    told = list({f.place: f for f in chosen}.values())
    return "；".join(_named(f) for f in told) if told else None


def _named(one: Given) -> str:
    name = one.name.replace(LEVELS, " ")
    label = " ".join(dict.fromkeys(w for w in (one.row, name) if w)) if one.row else name
    return f"{label[-40:].strip(' ,，')}为{one.shown}" if label else one.shown
