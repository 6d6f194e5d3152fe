"""A term of a formula bound to a figure of the prompt: by name, other names, mean or formula.

Stands below `working`; period and row are honoured, units resolved, the working is kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from corpus.periods import find_periods, without_periods
from service.reading.given.formulas import Book, Formula, evaluate, terms_of, written
from service.reading.given.items import Given, Prompt
from service.reading.given.matching import Scorer, fits
from service.reading.given.naming import CHANGES, COUNTED, RATE, alike, named_by, unlike
from service.reading.given.texts import year_less

_DEEPEST = 3
_CHANGE = re.compile(
    "(?P<rate>(?:变动|变化|增长|增减|变动百分|变化百分)[率比]|增速)$|(?:增量|增加[额量值]|变[动化][额量值]?|改变量|增减额)$"
)
_ENOUGH = 0.5
# Of characters, where no name fits: 要求的收益率 for 要求收益率.
_NEAREST = 0.4


@dataclass(frozen=True, slots=True)
class Bound:
    """A value with its working; per cent as a fraction.

    Args:
        unit, factor: as printed at the (first) figure behind it; a quotient has none.
        score: how surely it is what the term means.
        places: figures that it rests on.
    """

    value: Decimal
    shown: str
    unit: str
    factor: Decimal
    score: float
    places: frozenset[int]


def _owner(formula: Formula, held: dict[str, Bound]) -> Bound | None:
    """The only operand with a unit, if it stands above the line: the result is of its unit."""
    if formula.unit != "none":
        return None
    united = [(term, one) for term, one in held.items() if one.unit not in {"", "%"}]
    if len(united) != 1 or re.search(rf"/\s*\(?\s*{re.escape(united[0][0])}", formula.body):
        return None
    return united[0][1] if not re.search(r"[*/]\D*\d{3}\b.*/", formula.body) else None


_OF_A_YEAR = {"天": 365, "个月": 12, "日": 365}


def bound(one: Given, score: float = 1.0) -> Bound:
    """A figure as it stands."""
    value = one.value / 100 if one.unit in {"%"} else one.value
    return Bound(value, one.shown, one.unit, one.factor, score, frozenset({one.place}))


class Binder:
    """Finds what the terms of one prompt mean.

    Args:
        keys: only rows of these words count, where the prompt has a table.
    """

    def __init__(self, prompt: Prompt, book: Book) -> None:
        self.prompt, self.book = prompt, book
        self.scorer = Scorer(prompt.figures)
        self.keys: tuple[str, ...] | None = None
        self.said = prompt.asked
        self._open: set[str] = set()
        self._asked = re.sub(r"\s", "", prompt.asked)

    def bind(
        self,
        term: str,
        period: str | None = None,
        depth: int = 0,
        taken: frozenset[int] = frozenset(),
    ) -> Bound | None:
        """The value of a term: a figure of that name, else a mean, else by a definition."""
        term, period = self._dated(term, period)
        direct = self.direct(term, period, taken)
        if direct is not None and direct.score >= 0.75:
            return direct
        if term.startswith("平均") and (mean := self._mean(term, period)):
            return mean
        if (change := self._change(term)) is not None:
            return change
        if depth < _DEEPEST and (made := self.made(term, period, depth + 1)):
            return made
        return direct if direct is not None and not term.startswith("平均") else None

    def _change(self, term: str) -> Bound | None:
        """消费支出增量, 价格变动率: from the first to the last time that its quantity is given."""
        mark = _CHANGE.search(term)
        if mark is None or not term[: mark.start()]:
            return None
        base = re.sub("(?:的|年|同比|年度)+$", "", term[: mark.start()])
        words = (base, *self.book.others.get(base, ()))
        own = [f for f in self.prompt.figures if f.measure not in CHANGES]
        own = [f for f in own if max(named_by(w, f) for w in words) >= _ENOUGH]
        own.sort(key=lambda f: (f.periods[-1:], f.place))
        if len(own) < 2 or own[0].unit != own[-1].unit:
            return None
        first, last = own[0], own[-1]
        places = frozenset({first.place, last.place})
        gap = f"（{last.shown} − {first.shown}）"
        if mark["rate"]:
            value = (last.value - first.value) / first.value
            return Bound(value, f"（{gap} ÷ {first.shown}）", "", Decimal(1), 0.8, places)
        return Bound(last.value - first.value, gap, last.unit, last.factor, 0.8, places)

    def _dated(self, term: str, period: str | None) -> tuple[str, str | None]:
        """本期净利润, 上年同期净利润, 2023年净利润: the quantity alone, and of which period."""
        if (named := find_periods(term)) and without_periods(term).strip("的 "):
            return without_periods(term).strip("的 "), named[-1].period.label
        mark = _WHEN.match(term)
        labels = sorted({p for f in self.prompt.figures for p in f.periods})
        if not mark or len(labels) < 2 or len(mark.group()) == len(term):
            return term, period
        if any(mark.group() in f"{f.row}{f.name}" for f in self.prompt.figures):
            return term, period
        now = period if period in labels else labels[-1]
        then = year_less(now) if year_less(now) in labels else labels[max(labels.index(now) - 1, 0)]
        return term[mark.end() :], then if mark["then"] else now

    def made(self, name: str, period: str | None, depth: int = 0) -> Bound | None:
        """A quantity by the prompt's own formula for it, else by a shipped definition."""
        for formula, loose in [
            *((f, False) for f in self.definitions(name)),
            *((f, True) for f in self.definitions(name) if depth <= 1),
        ]:
            terms = terms_of(formula.body)
            if self._open & {formula.name, *terms}:
                continue  # 市值 = PE × 利润 explains no PE
            self._open.add(formula.name)
            try:
                worked = self.by_formula(formula, period, depth, loose)
            finally:
                self._open.discard(formula.name)
            if worked is not None:
                return worked
        return None

    def definitions(self, name: str) -> list[Formula]:
        """The formulas of a name, the prompt's own first."""
        own = self.prompt.formulas.get(name)
        first = [Formula(name, own, _unit_of(name, own))] if own else []
        return [*first, *self.book.formulas.get(name, ())]

    def by_formula(
        self, formula: Formula, period: str | None, depth: int = 0, loose: bool = False
    ) -> Bound | None:
        """A formula with the prompt's figures put in; None where one of them is missing."""
        held = self._assigned(formula, period, depth, loose)
        if held is None:
            return None
        values = {term: one.value for term, one in held.items()}
        for term, one in held.items():
            if one.unit == "%" and re.search(rf"{re.escape(term)}/100(?!\d)", formula.body):
                values[term] = one.value * 100  # the formula takes the number before the sign
            if term == "期限" and one.unit in _OF_A_YEAR:
                values[term] = one.value / _OF_A_YEAR[one.unit]
                held[term] = replace(one, shown=f"{one.shown} ÷ {_OF_A_YEAR[one.unit]}")
        value = evaluate(formula.body, values)
        if value is None:
            return None
        working = written(formula.body, lambda term: _wrapped(held[term].shown))
        in_order = [held[term] for term in terms_of(formula.body)]
        first = next(
            (one for one in in_order if one.unit != "%"), in_order[0] if in_order else None
        )
        same = formula.unit == "same" and first is not None
        unit, factor = (first.unit, first.factor) if same and first else ("", Decimal(1))
        rated = "%" in formula.body or any(one.unit == "%" for one in held.values())
        if (owner := _owner(formula, held)) is not None:
            same, unit, factor = True, owner.unit, owner.factor
        plain = "fraction" if formula.unit == "none" and rated else formula.unit
        if same and re.search("[*/]", formula.body):
            unit = unit.split("/")[0]  # 元/吨 × 吨
        places = frozenset().union(*(one.places for one in held.values()))
        score = min((one.score for one in held.values()), default=1.0) - 0.02 * depth
        return Bound(value, working, unit if same else plain, factor, score, places)

    def _assigned(
        self, formula: Formula, period: str | None, depth: int, loose: bool
    ) -> dict[str, Bound] | None:
        terms = terms_of(formula.body)
        held: dict[str, Bound] = {}
        for term in terms:
            if term == formula.name:
                return None
            one = self.bind(term, period, depth)
            if one is not None:
                self._settle(held, term, one, period, depth)
        if len(held) == len(terms):
            return held
        own = self.prompt.formulas.get(formula.name) == formula.body
        if own and depth <= 1:
            return self._left_over(terms, held, period)
        if not loose or not held or len(terms) - len(held) > 1:
            return None
        used = frozenset().union(*(one.places for one in held.values()))
        rest = [f for f in self.scope(period) if f.place not in used]
        open_term = next(t for t in terms if t not in held)
        fits_kind = len(rest) == 1 and unlike(open_term, rest[0]) < 0.3
        return held | {open_term: bound(rest[0], 0.5)} if fits_kind else None

    def _settle(
        self, held: dict[str, Bound], term: str, one: Bound, period: str | None, depth: int
    ) -> None:
        """Of two terms for one figure the surer one keeps it; the other looks again without it."""
        rival = next((t for t, b in held.items() if b.places == one.places), None)
        if rival is None:
            held[term] = one
            return
        winner, loser = (term, rival) if one.score > held[rival].score else (rival, term)
        held[winner] = one if winner == term else held[rival]
        held.pop(loser, None)
        again = self.bind(loser, period, depth, held[winner].places)
        if again is not None and all(again.places != b.places for b in held.values()):
            held[loser] = again

    def _left_over(
        self, terms: Sequence[str], held: dict[str, Bound], period: str | None
    ) -> dict[str, Bound] | None:
        """Terms that no name tells, given to the figures left: by likeness, then in order."""
        used = frozenset().union(*(one.places for one in held.values())) if held else frozenset()
        rest = [f for f in self.scope(period) if f.place not in used]
        pairs = sorted(
            ((alike(t, f), t, f) for t in terms if t not in held for f in rest),
            key=lambda p: (-p[0], p[2].place),
        )
        taken: set[int] = set()
        for near, term, one in pairs:
            if near >= _NEAREST and term not in held and one.place not in taken:
                held[term] = bound(one, near)
                taken.add(one.place)
        still = [t for t in terms if t not in held]
        rest = [f for f in rest if f.place not in taken]
        if len(rest) < len(still):
            return None
        if len(rest) > len(still):
            levels = [f for f in rest if f.measure not in CHANGES]
            rest = levels if len(levels) == len(still) else rest
        if still and len(rest) != len(still):
            return None
        return held | {t: bound(f, 0.5) for t, f in zip(still, rest, strict=False)}

    def direct(
        self, term: str, period: str | None = None, taken: frozenset[int] = frozenset()
    ) -> Bound | None:
        """The figure that bears the name of a term, or another name for it."""
        scored: list[tuple[float, float, Given]] = []
        words = (term, *self.book.others.get(term, ()))
        own = [f for f in self.scope(period) if f.place not in taken]
        for one in own:
            fit = max((named_by(w, one) - 0.02 * n for n, w in enumerate(words)), default=0)
            fit -= unlike(term, one)
            if fit >= _ENOUGH:
                near = self.scorer.score(self.said, "", "", one)
                scored.append((round(fit + 0.12 * near, 4), self._recent(one, period), one))
        if not scored:
            return None
        fit, _, best = max(scored, key=lambda s: (s[0], s[1], -s[2].place))
        if best.per > 1 and term.startswith("每股"):
            value = best.value / best.per
            return Bound(
                value,
                f"（{best.shown} ÷ {best.per}）",
                best.unit,
                best.factor,
                fit,
                frozenset({best.place}),
            )
        alike = [f for _, _, f in scored if f.name == best.name and f.in_table]
        if best.in_table and len(alike) > 1 and not RATE.search(term):
            return self._of_rows(best, alike, fit)
        return bound(best, fit)

    def _recent(self, one: Given, period: str | None) -> float:
        if period or not one.periods:
            return 0.0
        digits = re.sub(r"\D", "", one.periods[-1])[:8].ljust(8, "0")
        return float(digits or 0)

    def _of_rows(self, best: Given, alike: Sequence[Given], fit: float) -> Bound:
        """One column over several rows that the question does not tell apart: their total."""
        named = [f for f in alike if any(_stands(k, self._asked) for k in f.keys)]
        whole = [f for f in alike if re.search("合计|总计|总额|全部|小计", f.row)]
        keyed = [f for f in alike if f.periods and f.periods != best.periods]
        if named:
            best = max(named, key=lambda f: sum(_stands(k, self._asked) for k in f.keys))
        if named or whole or keyed or any(_BELONGS.search(k) for k in best.keys):
            return bound(best if named or not whole else whole[0], fit)
        return total(alike, fit - 0.2)

    def _mean(self, term: str, period: str | None) -> Bound | None:
        """平均存货: the mean of its beginning and end, or of this year's and last year's."""
        base = term.removeprefix("平均")
        words = (base, *self.book.others.get(base, ()))
        own = [
            f
            for f in self.prompt.figures
            if f.measure not in CHANGES
            and max(named_by(w, f) for w in words) >= _ENOUGH
            and self._in_row(f)
        ]
        own = [f for f in own if not unlike(base, f)]
        begins = [f for f in own if re.search("期初|年初|上年末|去年末|初", f"{f.row}{f.name}")]
        ends = [f for f in own if f not in begins]
        if period and not begins:
            begins = [f for f in own if fits(f, [year_less(period)])]
            ends = [f for f in own if fits(f, [period])]
        elif len(own) > 1 and not begins:
            dated = sorted((f for f in own if f.periods), key=lambda f: f.periods)
            begins, ends = dated[-2:-1], dated[-1:]
        if not begins or not ends:
            return None
        pair = (begins[0], ends[0])
        value = sum((f.value for f in pair), Decimal(0)) / 2
        shown = f"（{pair[0].shown} + {pair[1].shown}） ÷ 2"
        return Bound(
            value, shown, pair[1].unit, pair[1].factor, 0.9, frozenset(f.place for f in pair)
        )

    def _in_row(self, one: Given) -> bool:
        if self.keys is None or not one.in_table:
            return True
        return one.keys == self.keys

    def scope(self, period: str | None) -> list[Given]:
        """The figures of a period and of the row that is looked at; undated ones are of any."""
        own = [f for f in self.prompt.figures if self._in_row(f)]
        if not period:
            return own
        dated = [f for f in own if fits(f, [period])] + [f for f in own if not f.periods]
        return dated or own


_BELONGS = re.compile(r"^\d+$|年|月")


def total(parts: Sequence[Given], score: float = 1.0) -> Bound:
    """Several figures added up."""
    value = sum((f.value for f in parts), Decimal(0))
    shown = "（" + " + ".join(f.shown for f in parts) + "）"
    first = parts[0]
    return Bound(value, shown, first.unit, first.factor, score, frozenset(f.place for f in parts))


def _stands(key: str, asked: str) -> bool:
    bare = re.sub(r"\s", "", key)
    return len(bare) > 1 and bare in asked


def _wrapped(shown: str) -> str:
    """Brackets around a working of several figures, and around a negative one."""
    bare = shown.strip()
    if bare.startswith("（") and bare.endswith("）") and bare.count("（") == 1:
        return bare
    return f"（{bare}）" if " " in bare or bare.startswith("-") else bare


def _unit_of(name: str, formula: str) -> str:
    """The unit of a quantity that the prompt defines itself, by its name."""
    if "100%" in formula or (RATE.search(name) and not COUNTED.search(name)):
        return "%"
    if re.search("天数|周期$", name):
        return "天"
    return "same" if not re.search(r"[*/×÷]", formula) else "none"


_WHEN = re.compile(
    "(?P<now>本期|当期|报告期|本年|今年|本月|当年|现期)|(?P<then>上期|上年同期|去年同期|上年|去年|基期|前期|上月|同期|上一期)"
)
