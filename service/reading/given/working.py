"""What a prompt asks to be worked out: formulas by name, growth, shares, sums, differences.

Stands below `answer`; operands come from `binding`, texts from `results`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from corpus.periods import without_periods
from service.reading.given.binding import Binder, Bound
from service.reading.given.formulas import Book
from service.reading.given.growing import changed
from service.reading.given.habits import by_habit
from service.reading.given.items import Prompt
from service.reading.given.lookup import EXTREME
from service.reading.given.matching import CAGR, GROWTH, asked_periods, pairs_of
from service.reading.given.operating import Operating
from service.reading.given.operations import Operation, operation
from service.reading.given.results import Result, of_bound, wrapped
from service.reading.given.series import Point
from service.reading.given.statistics import statistics
from service.reading.wording import MINUS


def computed(prompt: Prompt, book: Book) -> Iterator[list[Result]]:
    """The results that are asked for, the likeliest reading first; none where nothing is to be,
    or can be, worked out."""
    work = _Work(prompt, book)
    operating = Operating(prompt, work.binder, work.period)
    ways: list[Callable[[], list[Result]]] = [
        lambda: statistics(prompt),
        work.by_names,
        operating.by_operation,
    ]
    if prompt.explicit:
        ways.append(lambda: by_habit(prompt))
    for way in ways:
        try:
            if results := [one for one in way() if one is not None]:
                yield [_as_asked(one, prompt) for one in results]
        except ArithmeticError:
            continue


_FALLING = re.compile("下降|减少|降低|收窄|下跌|下滑|降幅|跌幅|缩减|缩小|回落|跌|低")
_RISING = re.compile("增|升|涨跌|涨|高|变")


def _as_asked(one: Result, prompt: Prompt) -> Result:
    """In the unit asked for; a fall that is asked for as one (下降了多少) without its sign."""
    one = one.in_unit(prompt.wish)
    falls = _FALLING.search(prompt.asked) and not _RISING.search(prompt.asked)
    if falls and one.value < 0 and f" {MINUS} " in one.working:
        return replace(one, label="下降", value=-one.value)
    return one


class _Work:
    def __init__(self, prompt: Prompt, book: Book) -> None:
        self.prompt, self.asked = prompt, prompt.asked
        self.binder = Binder(prompt, book)
        periods = asked_periods(self.asked)
        self.period = periods[0] if len(periods) == 1 else None

    def by_names(self) -> list[Result]:
        """The quantities with a definition that the question names, and what is asked of them."""
        names = self._targets()
        if not names:
            return []
        rest = self.asked
        for name in names:
            rest = rest.replace(name, " ", 1)
        doing = operation(rest)
        own = all(name in self.prompt.formulas for name in names)
        if not own and doing in {Operation.SHARE, Operation.TIMES, Operation.RATIO, Operation.SUM}:
            return []
        if doing is Operation.DIFFERENCE and (len(names) > 1 or re.search("[与和比]", rest)):
            return []
        if doing is Operation.MEAN and "加权" in rest:
            return []
        results = [self._of_name(name, doing) for name in names]
        return [one for one in results if one is not None]

    def _targets(self) -> list[str]:
        """Names with a definition that the data lets be worked out; what stands there is no one."""
        own = [n for n in self.prompt.formulas if not CAGR.search(n)]
        plain = [n for n in own if not (GROWTH.search(n) and not self._is_whole(n))]
        named = [n for n in plain if n in self.asked]
        if not named and len(plain) == 1 and self.prompt.explicit and len(own) == 1:
            named = plain
        if not named and plain:
            near = [n for n in plain if _said(n, self.asked) >= 0.5]
            named = sorted(near, key=lambda n: -_said(n, self.asked))[:1]
        if named:
            return _outermost(named, self.asked)
        found = [n for _, n in self.binder.book.names_in(self.asked)]
        return [n for n in dict.fromkeys(found) if self._worth(n)]

    def _is_whole(self, name: str) -> bool:
        """True for a growth that the prompt defines over figures it names (增长率=增量/基数)."""
        return self.binder.made(name, self.period) is not None and name in self.asked

    def _worth(self, name: str) -> bool:
        direct = self.binder.direct(name, self.period)
        if direct is not None and direct.score >= 0.8 and self._is_asked(direct):
            return False
        return bool(self.binder.made(name, self.period) or self._series(name))

    def _is_asked(self, direct: Bound) -> bool:
        """True if a figure of that name is the asked one: what stands before it is asked too."""
        one = next(f for f in self.prompt.figures if f.place in direct.places)
        words = without_periods(one.name)
        own = pairs_of(words)
        return sum(pair in self.asked for pair in own) >= 0.6 * len(own)

    def _of_name(self, name: str, doing: Operation) -> Result | None:
        if doing in {Operation.CAGR, Operation.GROWTH, Operation.POINTS, Operation.DIFFERENCE}:
            points = self._series(name)
            if len(points) > 1:
                return changed(self.prompt, points, doing, self.period)
        if doing is Operation.MEAN and len(points := self._series(name)) > 1:
            return _mean([(p.value, p.shown) for p in points], self._unit(name))
        if (chosen := self._highest(name)) is not None:
            return chosen
        made = self.binder.made(name, self.period) or self.binder.bind(name, self.period)
        return self._of_a_year(of_bound(name, made), made) if made is not None else None

    def _of_a_year(self, one: Result, made: Bound) -> Result:
        """年化ROE of half a year: twice."""
        labels = {p for f in self.prompt.figures if f.place in made.places for p in f.periods}
        times = next(
            (_TIMES_A_YEAR[k] for k in _TIMES_A_YEAR for p in labels if p.endswith(k)), None
        )
        if times is None or "年化" not in self.asked.replace(one.label, ""):
            return one
        return replace(one, working=f"{one.working} × {times[0]}", value=one.value * times[1])

    def _series(self, name: str) -> list[Point]:
        """A defined quantity by period, oldest first; of the periods asked for, if several."""
        labels = sorted({p for f in self.prompt.figures for p in f.periods})
        asked = [p for p in labels if p in asked_periods(self.asked)]
        points = []
        for label in asked if len(asked) > 1 else labels:
            made = self.binder.bind(name, label)
            if made is not None:
                points.append(Point(label, made.value, made.shown, made.unit, made.factor))
        return points

    def _unit(self, name: str) -> str:
        return next((f.unit for f in self.binder.definitions(name)), "")

    def _highest(self, name: str) -> Result | None:
        """Which row has the highest or the lowest of a defined quantity."""
        found = EXTREME.search(self.asked)
        keys = list(dict.fromkeys(f.keys for f in self.prompt.figures if f.in_table))
        if found is None or len(keys) < 2 or re.search(r"最(?:新|近)", found.group()):
            return None
        made: list[tuple[Decimal, tuple[str, ...], Bound]] = []
        for key in keys:
            self.binder.keys = key
            one = self.binder.made(name, self.period)
            if one is not None:
                made.append((one.value, key, one))
        self.binder.keys = None
        if len(made) < 2:
            return None
        low = bool(found.group(3) and found.group(3) in "低小少差短慢")
        _, key, best = (min if low else max)(made, key=lambda m: m[0])
        return of_bound(f"{' '.join(key)}{name}", best)


_TIMES_A_YEAR = {
    "H1": ("2", Decimal(2)),
    "Q1": ("4", Decimal(4)),
    "Q2": ("4", Decimal(4)),
    "Q3": ("4", Decimal(4)),
    "-09": ("4/3", Decimal(4) / 3),
}


def _mean(values: Sequence[tuple[Decimal, str]], unit: str) -> Result:
    mean = sum((v for v, _ in values), Decimal(0)) / len(values)
    terms = " + ".join(wrapped(shown) for _, shown in values)
    scale = 100 if unit == "%" else 1
    return Result(
        "平均", f"（{terms}） ÷ {len(values)}", mean * scale, unit if unit != "same" else ""
    )


def _said(name: str, asked: str) -> float:
    pairs = [name[i : i + 2] for i in range(len(name) - 1)] or [name]
    return sum(pair in asked for pair in pairs) / len(pairs)


def _outermost(names: Sequence[str], asked: str) -> list[str]:
    """Of names that stand inside of each other only the longest, in the order of the question."""
    kept = [a for a in names if not any(a != b and a in b for b in names)]
    return sorted(kept, key=asked.find)
