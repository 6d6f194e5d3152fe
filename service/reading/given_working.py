"""A figure worked out from the data that a question brings along, with the working shown.

Stands below `given`: formulas of the prompt, common ones, growth, and the four operations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from corpus.normalise import fold
from service.reading.given_figures import Given, Prompt
from service.reading.given_formulas import OTHER_NAMES, STANDARD, evaluate, terms_of
from service.reading.given_habits import by_habit, scaled
from service.reading.given_matching import CAGR, GROWTH, NAMED, asked_periods, fits, said, share
from service.reading.measures import Measure
from service.reading.wording import MINUS, plain, rounded, signed

CALCULATE = re.compile("计算(?!机|器)|求(?:出|得|解)|试算")
_DIFFERENCE = re.compile(
    "相差|差额|差值|差距|差异|增加了?多少|减少了?多少|增加额|变动额|增量|高多少|低多少|多多少|少多少"
)
_SHARE = re.compile("占.{0,24}(?:比|百分之|多少|几)|占比|比重|比例")
_TIMES = re.compile("几倍|多少倍|倍数")
_SUM = re.compile("合计|总和|之和|总计|总共|一共")
_MEAN = re.compile("平均|均值")
_PLACES = re.compile(r"保留([一二两三四\d])位")
_RATE_NAME = re.compile("率|占比|比重|比例|幅度?$")
# Rates that are counted in times, not per cent.
_COUNTED_RATE = re.compile("市盈率|市净率|市销率|周转|流动比率|速动比率|夏普|特雷诺|信息比率|倍")
_WORDS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4}


def computed(prompt: Prompt, question: str) -> str | None:
    """The calculation that is asked for; None where the figure stands there to be read."""
    asked = prompt.asked
    places = _PLACES.search(fold(question))
    digits = 2 if places is None else _WORDS.get(places[1]) or int(places[1])
    wants = CALCULATE.search(question) or prompt.formulas
    name, formula = _formula_for(asked, prompt)
    change = CAGR.search(asked) or GROWTH.search(asked)
    if not wants and not formula and not _reckons(asked, prompt):
        return None
    if change:
        series = _series(name, formula, prompt)
        if len(series) > 1:
            return _changed(series, bool(CAGR.search(asked)), digits)
        if (pair := _before_and_after(prompt)) and not CAGR.search(asked):
            return _changed(pair, False, digits)
    if formula:
        return _by_formula(name, formula, prompt, digits)
    told = _by_operation(prompt, digits)
    return told if told is not None or not wants else by_habit(prompt, digits)


def _reckons(asked: str, prompt: Prompt) -> bool:
    """True for an operation that no sentence of the prompt states ready-made."""
    if _DIFFERENCE.search(asked) and any(f.measure is not Measure.LEVEL for f in prompt.figures):
        return False
    labels = " ".join(f"{f.name} {f.row}" for f in prompt.figures)
    found = [p.search(asked) for p in (_DIFFERENCE, _TIMES, _SUM, _MEAN)]
    # 平均价 in a header names a column, it asks for no mean.
    return any(m is not None and m.group() not in labels for m in found)


def _formula_for(asked: str, prompt: Prompt) -> tuple[str, str]:
    """The formula that the prompt gives for what is asked, else one of the common ones."""
    given = {k: v for k, v in prompt.formulas.items() if not CAGR.search(k)}
    plain_growth = {k: v for k, v in given.items() if not GROWTH.search(k)}
    named = [k for k in plain_growth if share(k, asked) >= NAMED]
    if named:
        best = max(named, key=lambda k: share(k, asked))
        return best, given[best]
    labels = [f.name + f.row for f in prompt.figures]
    for name, formula in STANDARD.items():
        stands = any(name in label for label in labels)
        if (
            name in asked
            and not stands
            and all(_resolve(t.name, prompt, None) for t in terms_of(formula))
        ):
            return name, formula
    return "", ""


def _series(name: str, formula: str, prompt: Prompt) -> list[tuple[str, Decimal, str]]:
    """The asked quantity by period, oldest first: (label, value, working)."""
    labels = sorted({p for f in prompt.figures for p in f.periods})
    asked = [p for p in asked_periods(prompt.asked) if p in labels]
    labels = sorted(asked) if len(asked) > 1 else labels
    found: list[tuple[str, Decimal, str]] = []
    for label in labels:
        if formula:
            worked = _work(formula, prompt, label)
            if worked is not None:
                found.append((label, *worked))
            continue
        own = [f for f in prompt.figures if label in f.periods and f.measure is Measure.LEVEL]
        chosen = _nearest(prompt.asked, own)
        if chosen is not None:
            found.append((label, chosen.value, chosen.shown))
        elif own and "总" in prompt.asked:
            total = sum((f.value for f in own), Decimal(0))
            found.append((label, total, f"{' + '.join(f.shown for f in own)} = {plain(total)}"))
    return found


_THEN = re.compile("上年|去年|上期|上月|期初|前值|昨|买入|基期|原来?|由|从|开盘|年初")
_NOW = re.compile("今年|本期|本月|期末|现|今|卖出|至|到|收盘|年末|目前")


def _before_and_after(prompt: Prompt) -> list[tuple[str, Decimal, str]]:
    """Two figures of one unit without periods: the earlier by its words, else as they stand."""
    own = [f for f in prompt.figures if f.measure is Measure.LEVEL]
    named = [f for f in own if said(prompt.asked, prompt.asked, f) >= NAMED] or own
    if len(named) != 2 or named[0].unit != named[1].unit:
        return []
    first, second = named
    tail = first.name[-8:]
    turned = _NOW.search(tail) and not _THEN.search(tail) and _THEN.search(second.name[-10:])
    ordered = [second, first] if turned else [first, second]
    return [("前", ordered[0].value, ordered[0].shown), ("后", ordered[1].value, ordered[1].shown)]


def _nearest(asked: str, own: Sequence[Given]) -> Given | None:
    """The one figure that the question names among those of a period."""
    if len(own) == 1:
        return own[0]
    scored = sorted(
        ((share(f.name, asked) + share(f.row, asked), f) for f in own), key=lambda p: -p[0]
    )
    if not scored or scored[0][0] < NAMED:
        return None
    tie = len(scored) > 1 and scored[1][0] == scored[0][0]
    return None if tie else scored[0][1]


def _changed(series: Sequence[tuple[str, Decimal, str]], compound: bool, digits: int) -> str | None:
    (then, low, _), (now, high, _) = series[0], series[-1]
    if low == 0:
        return None
    shown = "；".join(f"{label}：{words}" for label, _, words in (series[0], series[-1]))
    if compound:
        years = int(now[:4]) - int(then[:4])
        if years < 1 or high / low <= 0:
            return None
        rate = rounded(((high / low) ** (Decimal(1) / years) - 1) * 100, digits)
        work = f"（{_short(high)} ÷ {_short(low)}）^(1/{years}) {MINUS} 1 = {plain(rate)}%"
        return f"{shown}；年均复合增长率：{work}"
    rate = rounded((high - low) / abs(low) * 100, digits)
    top = f"（{signed(_trim(high))} {MINUS} {signed(_trim(low))}）"
    return f"{shown}；增长率：{top} ÷ {_short(abs(low))} = {plain(rate)}%"


def _by_formula(name: str, formula: str, prompt: Prompt, digits: int) -> str | None:
    periods = asked_periods(prompt.asked)
    worked = _work(formula, prompt, periods[0] if len(periods) == 1 else None)
    if worked is None:
        return None
    value, working = worked
    percent = "%" if _RATE_NAME.search(name) and not _COUNTED_RATE.search(name) else ""
    if percent and "100%" not in formula:
        value *= 100
    result = rounded(value, digits)
    money = "" if percent or abs(value) < _YI else f"（即{plain(rounded(value / _YI, digits))}亿）"
    return f"{name} = {formula} = {working} = {plain(result)}{percent}{money}"


_YI = Decimal(10) ** 8


def _work(formula: str, prompt: Prompt, period: str | None) -> tuple[Decimal, str] | None:
    """A formula with the prompt's figures put in; None where one of them is missing."""
    held = _assigned(formula, prompt, period)
    if held is None:
        return None
    working = formula
    for name in sorted(held, key=len, reverse=True):
        working = working.replace(name, held[name].shown)
    value = evaluate(formula, {name: _fraction(one) for name, one in held.items()})
    return None if value is None else (value, working)


def _fraction(one: Given) -> Decimal:
    return one.value / 100 if one.unit == "%" else one.value


def _assigned(formula: str, prompt: Prompt, period: str | None) -> dict[str, Given] | None:
    """Each term of a formula with its figure: by name; what is left over on both sides, and is
    one of each or as many in the same order, belongs together."""
    terms = [term.name for term in terms_of(formula)]
    held = {name: one for name in terms if (one := _resolve(name, prompt, period)) is not None}
    if len({one.place for one in held.values()}) < len(held):
        held = {}  # two terms for one figure: the names do not tell them apart
    open_terms = [name for name in terms if name not in held]
    if not open_terms:
        return held
    used = {one.place for one in held.values()}
    rest = [f for f in prompt.figures if f.place not in used]
    rest = [f for f in rest if not period or not f.periods or period in f.periods]
    nearest = sorted(
        ((_likeness(name, f), name, f) for name in open_terms for f in rest),
        key=lambda one: (-one[0], one[2].place),
    )
    for near, name, one in nearest:
        if near >= NAMED and name not in held and one.place not in used:
            held[name] = one
            used.add(one.place)
    open_terms = [name for name in terms if name not in held]
    rest = [f for f in rest if f.place not in used]
    if len(open_terms) != len(rest):
        return held if not open_terms else None
    return held | dict(zip(open_terms, rest, strict=True))


def _likeness(name: str, one: Given) -> float:
    """How much of a term's characters the words of a figure hold, the nearest clause first."""
    words = f"{one.row}{one.name}"[-24:]
    return sum(ch in words for ch in name) / len(name)


def _resolve(name: str, prompt: Prompt, period: str | None) -> Given | None:
    """The figure that a term of a formula means, by this name or another one for it."""
    if name.startswith("平均"):
        return _mean_of(name, prompt)
    for word in (name, *OTHER_NAMES.get(name, ())):
        one = _of_name(word, prompt, period)
        if one is not None:
            return one
    return None


def _mean_of(name: str, prompt: Prompt) -> Given | None:
    """平均存货: the mean of both figures called 存货, or the one that is given as a mean."""
    own = [f for f in prompt.figures if name.removeprefix("平均") in f"{f.name}{f.row}"]
    if len(own) == 2:
        mean = (own[0].value + own[1].value) / 2
        return replace(own[0], value=mean, shown=f"（{own[0].shown} + {own[1].shown}） ÷ 2")
    return own[0] if own else None


def _of_name(name: str, prompt: Prompt, period: str | None) -> Given | None:
    """The figure with that name, of the period where one is named."""
    own = [f for f in prompt.figures if not period or not f.periods or period in f.periods]
    scored = [
        (max(share(name, f.name), share(name, f.row)), _nearness(name, f, prompt), -f.place, f)
        for f in own
        if f.measure in (Measure.LEVEL, Measure.SHARE)
    ]
    best = max(scored, key=lambda s: s[:3], default=None)
    return best[3] if best is not None and best[0] >= 0.99 else None


def _nearness(name: str, one: Given, prompt: Prompt) -> float:
    """Of several figures whose words hold a term, the one right behind it; in a table the row or
    column that the question names."""
    if prompt.in_table:
        return share(one.row, prompt.asked) + share(one.name, prompt.asked)
    return -float(len(one.name) - one.name.rfind(name))


def _by_operation(prompt: Prompt, digits: int) -> str | None:
    """Two or more named figures and one operation."""
    asked = prompt.asked
    own = [f for f in prompt.figures if f.measure is Measure.LEVEL]
    periods = asked_periods(asked)
    own = [f for f in own if fits(f, periods)] or own
    named = [f for f in own if max(share(f.name, asked), share(f.row, asked)) >= 1] or own
    if _SUM.search(asked) or _MEAN.search(asked):
        total = sum((f.value for f in named), Decimal(0))
        terms = " + ".join(f.shown for f in named)
        if _SUM.search(asked):
            return f"{terms} = {_short(total)}"
        mean = rounded(total / len(named), digits)
        return f"（{terms}） ÷ {len(named)} = {plain(mean)}"
    if len(named) != 2:
        return None
    first, second = sorted(named, key=lambda f: min(_at(f.name, asked), _at(f.row, asked)))
    if _TIMES.search(asked):
        times = plain(rounded(first.value / second.value, digits))
        return f"{first.shown} ÷ {second.shown} = {times}倍"
    if _SHARE.search(asked):
        part, whole = sorted((first, second), key=lambda f: abs(f.value))
        if not whole.value or part.unit == "%":
            return None
        rate = rounded(part.value / whole.value * 100, digits)
        return f"{part.shown} ÷ {whole.shown} = {plain(rate)}%"
    if _DIFFERENCE.search(asked):
        gap = scaled(first, first.value - second.value, digits)
        return f"{first.shown} {MINUS} {second.shown} = {gap}"
    return None


def _at(label: str, asked: str) -> int:
    at = asked.find(label) if label else -1
    return at if at >= 0 else len(asked)


def _trim(value: Decimal) -> Decimal:
    return Decimal(plain(value).rstrip("0").rstrip(".") if "." in plain(value) else plain(value))


def _short(value: Decimal) -> str:
    return plain(_trim(value))
