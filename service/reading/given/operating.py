"""Figures that stand there and an operation between them: shares, quotients, gaps, sums, growth.

Stands below `working`, over `phrases`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.figures import same_dimension
from corpus.periods import without_periods
from service.reading.given.binding import Binder, Bound, bound, total
from service.reading.given.growing import WHOLE, changed, composed, points_gap
from service.reading.given.habits import from_growth
from service.reading.given.items import Given, Prompt
from service.reading.given.lookup import looked_up
from service.reading.given.matching import asked_periods, asked_unit
from service.reading.given.naming import CHANGES
from service.reading.given.operations import SUM, Operation, operation, reckons
from service.reading.given.phrases import of_phrase, of_quarters
from service.reading.given.results import Result, of_bound, wrapped
from service.reading.given.series import series_of
from service.reading.wording import MINUS


class Operating:
    """The results of one prompt by its figures and the operation that it names."""

    def __init__(self, prompt: Prompt, binder: Binder, period: str | None) -> None:
        self.prompt, self.asked = prompt, prompt.asked
        self.binder, self.period = binder, period

    def by_operation(self) -> list[Result]:
        """Figures that the question names, and what it wants done with them."""
        doing = self._doing()
        if doing is Operation.NONE:
            part = of_quarters(self.binder, self.asked) if self.prompt.explicit else None
            return [of_bound("", part)] if part is not None else []
        if not (self.prompt.explicit or reckons(self.prompt)):
            return []
        one = self._done(doing)
        return [one] if one is not None else []

    def _doing(self) -> Operation:
        """The operation named; shares that are summed are a sum, growth in 亿元 is a gap."""
        doing = operation(self.asked)
        rates = [f for f in self.prompt.figures if f.measure not in CHANGES]
        if doing is Operation.SHARE and SUM.search(self.asked):
            return Operation.SUM if all(f.unit == "%" for f in rates) else doing
        if doing is Operation.GROWTH and asked_unit(self.asked) not in {"", "%"}:
            return Operation.DIFFERENCE
        return doing

    def _done(self, doing: Operation) -> Result | None:
        if doing in {Operation.CAGR, Operation.GROWTH}:
            return self._grown(doing)
        if doing is Operation.POINTS:
            return self._grown(doing) or self._difference()
        if doing is Operation.SHARE:
            return self._share()
        if doing in {Operation.TIMES, Operation.RATIO}:
            return self._quotient(doing)
        return self._difference() if doing is Operation.DIFFERENCE else self._together(doing)

    def _grown(self, doing: Operation) -> Result | None:
        if doing is not Operation.CAGR and (result := from_growth(self.prompt)):
            return result
        points = composed(self.prompt) or series_of(
            self.prompt, self.binder, doing.value, WHOLE.search(self.asked) is not None
        )
        return changed(self.prompt, points, doing, self.period) if len(points) > 1 else None

    def _share(self) -> Result | None:
        """A of B: 占 between them, or a part of all that stand beside it."""
        bare = re.sub("^.*?计算", "", self.asked)
        found = re.match(
            r"(.+?)占(?!比)(.*?)(?:的)?(?:比例|比重|比率|百分比|份额|百分之|多少|几|比$|比[?？。])",
            bare,
        )
        if found and found.group(2).strip():
            part = of_phrase(self.binder, found.group(1), self.period)
            whole = of_phrase(self.binder, found.group(2), self.period)
            if (part and whole and part.places == whole.places) or (whole is None and part):
                whole = self._whole(part)
        else:
            phrase = re.split("(?:的)?(?:占比|比重|比例|百分比)|占", bare)[0]
            part = of_phrase(self.binder, phrase, self.period)
            whole = self._whole(part) if part else None
        if part is None or whole is None or not whole.value or part.unit == "%" != whole.unit:
            return None
        working = f"{wrapped(part.shown)} ÷ {wrapped(whole.shown)}"
        return Result("占比", working, part.value / whole.value * 100, "%")

    def _whole(self, part: Bound) -> Bound | None:
        """What a part is a part of: what is called a total, the other figure, or all together."""
        own = [
            f
            for f in self.prompt.figures
            if f.place not in part.places
            and f.measure not in CHANGES
            and same_dimension(f.unit or None, part.unit or None)
        ]
        whole = [
            f for f in own if re.search("总|合计|全部|全[国省市行]|共|整体", f"{f.row}{f.name}")
        ]
        used = [f for f in self.prompt.figures if f.place in part.places]
        if len(whole) > 1 and used and used[0].in_table:
            whole = (
                [f for f in whole if f.name == used[0].name]
                or [f for f in whole if f.keys == used[0].keys]
                or whole
            )
        if whole and (
            not used
            or not all("总" in f.name for f in used)
            or not used[0].in_table
            or not whole[0].in_table
        ):
            return bound(whole[0])
        outside = [f for f in own if not f.in_table]
        if used and used[0].in_table and outside:
            return bound(outside[0])
        if len(own) == 1:
            return bound(own[0])
        beside = (
            [f for f in own if not used or (f.name == used[0].name and f.group == used[0].group)]
            if used and used[0].in_table
            else own
        )
        return total([*used, *beside]) if beside and len(part.places) == 1 else None

    def _quotient(self, doing: Operation) -> Result | None:
        bare = re.sub("^.*?计算", "", self.asked)
        bare = re.sub("的?(?:多少|几)倍.*$|之比.*$|的?比[值率].*$|倍数.*$|的比$", "", bare)
        pair = self._pair(bare, "是|与|和|对|相当于|为|/|比")
        if pair is None or not pair[1].value:
            return None
        working = f"{wrapped(pair[0].shown)} ÷ {wrapped(pair[1].shown)}"
        unit = "倍" if doing is Operation.TIMES else ""
        return Result("", working, pair[0].value / pair[1].value, unit)

    def _difference(self) -> Result | None:
        bare = re.sub("^.*?计算", "", self.asked)
        bare = re.split(
            "(?:的)?(?:相差|之差|差额|差值|差距|差异|剪刀差|[利价]差)|[高低多少](?:出)?(?:多少|几)",
            bare,
        )[0]
        pair = self._pair(bare, "与|和|比|较|同|、|-|减去?")
        if (pair is not None and pair[0].unit == pair[1].unit) or (
            pair and same_dimension(pair[0].unit or None, pair[1].unit or None)
        ):
            gap = pair[0].value - pair[1].value
            working = f"{wrapped(pair[0].shown)} {MINUS} {wrapped(pair[1].shown)}"
            if pair[0].unit == "%":
                return points_gap(working, gap, self.asked)
            return Result("", working, gap, pair[0].unit, pair[0].factor)
        points = series_of(self.prompt, self.binder, "difference", "总" in self.asked)
        return (
            changed(self.prompt, points, Operation.DIFFERENCE, self.period)
            if len(points) > 1
            else None
        )

    def _pair(self, bare: str, joints: str) -> tuple[Bound, Bound] | None:
        """The two quantities that stand on both sides of a word, in their order."""
        for joint in re.finditer(joints, bare):
            left, right = bare[: joint.start()], bare[joint.end() :]
            if len(left.strip()) < 1 or len(right.strip()) < 1:
                continue
            tail = re.search("的?([^的]{2,})$", right)
            one = of_phrase(self.binder, left, self.period)
            other = of_phrase(self.binder, right, self.period)
            if tail and (one is None or other is None or one.places == other.places):
                one = of_phrase(self.binder, f"{left}{tail.group(1)}", self.period)
            if one and other and one.places != other.places:
                return one, other
        cells = [f for f in looked_up(self.prompt) if f.measure not in CHANGES]
        if len(cells) != 2:
            cells = [f for f in self.prompt.figures if f.measure not in CHANGES]
        if len(cells) != 2:
            cells = list(self.prompt.figures)
        if len(cells) != 2:
            return None
        first, second = sorted(cells, key=lambda f: (_at(f, self.asked), f.place))
        return bound(first), bound(second)

    def _together(self, doing: Operation) -> Result | None:
        own = self._members()
        if len(own) < 2:
            return None
        own = [self._signed(f) for f in own] if doing is Operation.SUM else own
        whole = total(own)
        if doing is Operation.SUM:
            unit = own[0].unit
            return Result("", whole.shown.strip("（）"), whole.value, unit, own[0].factor)
        unit, factor = own[0].unit, own[0].factor
        return Result("平均", f"{whole.shown} ÷ {len(own)}", whole.value / len(own), unit, factor)

    def _signed(self, one: Given) -> Given:
        """净流出 counts against 净流入."""
        against = re.search("净流入|净买入|净增|净申购", self.asked) and re.search(
            "流出|卖出|净减|净赎回", one.name
        )
        if not against or one.value < 0:
            return one
        return replace(one, value=-one.value, shown=f"（-{one.shown}）")

    def _members(self) -> list[Given]:
        """The figures that a sum or a mean runs over: those looked up, else all of one kind."""
        levels = [f for f in self.prompt.figures if f.measure not in CHANGES]
        bare = re.sub(
            "合计数?|总和|之和|总计|总共|一共|累计|平均值?|均值|[月日年]均", "", self.asked
        )
        scored = [(self.binder.scorer.score(bare, "", self.asked, f), f) for f in levels]
        if not scored:
            return []
        best = max(scored, key=lambda s: s[0])[1]
        kind = [f for f in levels if f.unit == best.unit]
        if best.in_table:
            kind = [
                f
                for f in kind
                if f.in_table and without_periods(f.name) == without_periods(best.name)
            ]
            if len(kind) < 2 or self._row_named(best):
                kind = [f for f in levels if f.keys == best.keys and f.unit == best.unit]
            kind = [f for f in kind if not re.search("合计|总计", f"{f.row}{f.name}")]
        asked = asked_periods(self.asked)
        dated = [f for f in kind if any(p in asked for p in f.periods)]
        if len(asked) > 1 and len(dated) > 1:
            return dated
        if len(asked) == 1 and len(dated) > 1:
            kind = dated
        named = [f for f in kind if any(len(k) > 1 and k in self.asked for k in f.keys)]
        return named if len(named) > 1 else kind

    def _row_named(self, one: Given) -> bool:
        return any(len(key) > 1 and key in self.asked for key in one.keys)


def _at(one: Given, asked: str) -> int:
    labels = [one.name, *one.keys]
    return min(
        (at for label in labels if label and (at := asked.find(label)) >= 0), default=len(asked)
    )
