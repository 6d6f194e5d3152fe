"""Which of the options that a prompt offers its data supports.

Stands below `answer`: results are compared within the option's own rounding, figures by their
words; what fits no option chooses none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from corpus.normalise import fold
from corpus.periods import without_periods
from corpus.widths import half_width
from service.reading.given.items import Given, Option, Prompt
from service.reading.given.matching import Scorer, pairs_of
from service.reading.given.results import Result
from service.reading.given.slots import Slot, slots
from service.reading.measures import Measure

_NUMBER = re.compile(r"[-−+]?\d+(?:,\d{3})*(?:\.\d+)?")
# Options are told apart by their digits; beyond this no result is near one.
_NEAR = Decimal("0.02")
_MANY = 6


def choose(
    prompt: Prompt, results: Sequence[Result], found: Sequence[Given], words: str
) -> Option | None:
    """The option of the results or of the figures found; None if none is supported."""
    if results:
        return _of_results(prompt.options, results) or _nearest(prompt.options, results)
    numbered = [o for o in prompt.options if numbers_of(o.words)]
    if len(numbered) < len(prompt.options):
        return _by_words(prompt.options, words)
    return _of_figures(prompt, found)


def numbers_of(words: str) -> list[str]:
    """The numbers of an option without its dates, separators dropped."""
    bare = without_periods(half_width(words))
    return [n.replace(",", "").replace("−", "-").lstrip("+") for n in _NUMBER.findall(bare)]


def _of_results(options: Sequence[Option], results: Sequence[Result]) -> Option | None:
    """The only option whose numbers the results are, rounded as the option is; sign first."""
    for signed in (True, False):
        fitting = [o for o in options if _all_equal(numbers_of(o.words), results, signed)]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _all_equal(numbers: Sequence[str], results: Sequence[Result], signed: bool) -> bool:
    if not numbers:
        return False
    return all(any(_equals(n, v, signed) for r in results for v in _scales(r)) for n in numbers)


def _scales(one: Result) -> Iterator[Decimal]:
    """A value as options may print it: in 万 or 亿, per cent or as a fraction."""
    for power in (0, -4, -8, 4, 8):
        yield one.printed.scaleb(power)
    yield one.value
    yield one.printed / 100 if one.unit in {"%", "pp"} else one.printed * 100


def _equals(number: str, value: Decimal, signed: bool) -> bool:
    places = len(number.partition(".")[2])
    wanted = Decimal(number)
    if not signed:
        value, wanted = abs(value), abs(wanted)
    try:
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        return False
    return (rounded == wanted and wanted != 0) or (not wanted and not value)


def _nearest(options: Sequence[Option], results: Sequence[Result]) -> Option | None:
    """The option nearest to the first result, where it is near: 365 days or 360, or rounding."""
    scored = []
    for option in options:
        for number in numbers_of(option.words)[:1]:
            wanted = Decimal(number)
            if wanted:
                gap = min(abs(abs(v) / abs(wanted) - 1) for v in _scales(results[0]))
                scored.append((gap, option.letter, option))
    best = min(scored, default=None, key=lambda s: s[:2])
    return best[2] if best is not None and best[0] <= _NEAR else None


def by_arithmetic(prompt: Prompt) -> tuple[Option, Result] | None:
    """The only option that arithmetic over the figures yields, the shortest tried first, and that
    arithmetic."""
    levels = [f for f in prompt.figures if f.measure is not Measure.POINTS]
    if not 2 <= len(levels) <= _MANY:
        return None
    for steps in (_of_two, _of_three, _of_four):
        found: dict[str, tuple[Option, Result]] = {}
        for result in steps(levels):
            option = _of_results(prompt.options, [result])
            if option is not None:
                found.setdefault(option.letter, (option, result))
        if len(found) == 1:
            return next(iter(found.values()))
    return None


def _of_two(levels: Sequence[Given]) -> Iterator[Result]:
    for a, b in itertools.permutations(levels, 2):
        if b.value:
            unit = "%" if a.factor == b.factor else ""
            scale = 100 if unit else 1
            yield Result("", f"{a.shown} ÷ {b.shown}", a.value / b.value * scale, unit)
            if a.unit == b.unit:
                working = f"（{a.shown} − {b.shown}） ÷ {b.shown}"
                yield Result("", working, (a.value - b.value) / b.value * 100, "%")
        if a.unit == b.unit:
            yield Result("", f"{a.shown} − {b.shown}", a.value - b.value, a.unit, a.factor)
            yield Result("", f"{a.shown} + {b.shown}", a.value + b.value, a.unit, a.factor)
        else:
            yield Result("", f"{a.shown} × {b.shown}", _fraction(a) * _fraction(b), "")
        if b.unit == "%" and a.unit != "%" and b.value > -100:
            grown = 1 + b.value / 100
            yield Result("", f"{a.shown} ÷ （1 + {b.shown}）", a.value / grown, a.unit, a.factor)
            yield Result("", f"{a.shown} × （1 + {b.shown}）", a.value * grown, a.unit, a.factor)


def _of_three(levels: Sequence[Given]) -> Iterator[Result]:
    if len({f.unit for f in levels}) == 1 and len(levels) > 2:
        whole = sum((f.value for f in levels), Decimal(0))
        terms = " + ".join(f.shown for f in levels)
        like = levels[0]
        yield Result("", terms, whole, like.unit, like.factor)
        mean = whole / len(levels)
        yield Result("", f"（{terms}） ÷ {len(levels)}", mean, like.unit, like.factor)
    for a, b, c in itertools.permutations(levels, 3):
        if c.value:
            product = _fraction(a) * _fraction(b) / _fraction(c)
            yield Result("", f"{a.shown} × {b.shown} ÷ {c.shown}", product, "")
        if a.unit != b.unit:
            continue
        for sign, value in (("−", a.value - b.value), ("+", a.value + b.value)):
            if c.value:
                unit = "%" if a.factor == c.factor else ""
                scale = 100 if unit else 1
                working = f"（{a.shown} {sign} {b.shown}） ÷ {c.shown}"
                yield Result("", working, value / c.value * scale, unit)
            if c.unit == a.unit:
                working = f"{a.shown} {sign} {b.shown} − {c.shown}"
                yield Result("", working, value - c.value, a.unit, a.factor)


def _of_four(levels: Sequence[Given]) -> Iterator[Result]:
    """Quotients, gaps and totals of two pairs set against each other: their growth."""
    if len(levels) != 4:
        return
    for a, b, c, d in itertools.permutations(levels, 4):
        if a.unit != c.unit or b.unit != d.unit or not (b.value and d.value and c.value):
            continue
        then, now = c.value / d.value, a.value / b.value
        words = f"{a.shown} ÷ {b.shown}", f"{c.shown} ÷ {d.shown}"
        yield Result("", f"（{words[0]}） ÷ （{words[1]}） − 1", (now / then - 1) * 100, "%")
        if a.unit == b.unit:
            yield Result("", f"{words[0]} − {words[1]}", (now - then) * 100, "pp")
            for sign, then, now in (
                ("−", c.value - d.value, a.value - b.value),
                ("+", c.value + d.value, a.value + b.value),
            ):
                if then:
                    pair = f"（{a.shown} {sign} {b.shown}）", f"（{c.shown} {sign} {d.shown}）"
                    yield Result("", f"{pair[0]} ÷ {pair[1]} − 1", (now / then - 1) * 100, "%")


def _fraction(one: Given) -> Decimal:
    return one.value / 100 if one.unit == "%" else one.value


def _of_figures(prompt: Prompt, found: Sequence[Given]) -> Option | None:
    """The option whose figures are those found; else whose figures fit the question best."""
    shown = {_bare(n) for one in found for n in numbers_of(one.shown)}
    fitting = [o for o in prompt.options if {_bare(n) for n in numbers_of(o.words)} == shown]
    if len(fitting) == 1:
        return fitting[0]
    scorer = Scorer(prompt.figures)
    asked = slots(prompt.asked)
    scored = [
        (_support(option, asked, scorer, prompt.figures) + _agreement(option, shown), option)
        for option in prompt.options
    ]
    best = max(scored, key=lambda s: (s[0], -ord(s[1].letter)))
    return best[1] if best[0] > 0 else None


def _agreement(option: Option, shown: set[str]) -> float:
    """How far the numbers of an option are those that were found."""
    own = {_bare(n) for n in numbers_of(option.words)}
    return len(own & shown) / max(len(own | shown), 1)


def _bare(number: str) -> str:
    plain = number.lstrip("-+")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _support(
    option: Option, asked: Sequence[Slot], scorer: Scorer, figures: Sequence[Given]
) -> float:
    """How well the figures that an option names answer to its own words and to the slots."""
    parts = [
        p
        for p in re.split(r"(?<=\d)(?=[^\d.,%])|[、，；;]|,(?!\d{3})", half_width(option.words))
        if p
    ]
    total, count = 0.0, 0
    words = ""
    numbers: list[tuple[str, str]] = []
    for part in parts:
        words += part
        if own := numbers_of(part):
            numbers.append((own[-1], fold(words)))
            words = ""
    for place, (number, label) in enumerate(numbers):
        slot = asked[min(place, len(asked) - 1)] if asked else Slot("", "", "", 1, False)
        standing = [f for f in figures if _bare(number) in {_bare(n) for n in numbers_of(f.shown)}]
        scores = [
            scorer.score(f"{label} {slot.whole}", slot.context, slot.words or label, f)
            for f in standing
        ]
        total += max(scores, default=-0.5)
        count += 1
    return total / max(count, 1)


def _by_words(options: Sequence[Option], words: str) -> Option | None:
    """Of options in words the one that the answer shares most with."""
    said = fold(words)
    scored = []
    for option in options:
        own = pairs_of(fold(option.words))
        scored.append((sum(pair in said for pair in own) / max(len(own), 1), option))
    scored.sort(key=lambda s: -s[0])
    clear = len(scored) == 1 or scored[0][0] > scored[1][0]
    return scored[0][1] if scored and scored[0][0] >= 0.5 and clear else None
