"""Cross-foot checks: figures of one report that must agree, and a warning where they do not.

Stands behind `facts`: growth against levels, EPS × PE against the price, margins against profit and
revenue, parts against their total. What rounding explains is no disagreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from corpus.figures import to_base
from indexer.records import Fact

_HUNDRED = Decimal(100)
# Printed figures are rounded once more on their way (shares counted on another day, a rate of
# exchange): the bounds that rounding gives are widened by this much.
_WIDER = Decimal("1.5")
# EPS × PE and price: analysts carry more digits than they print, and prices are of the same day.
_PRICE_SHARE = Decimal("0.01")
_MARGIN_POINTS = Decimal("0.1")


def cross_checked(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts of one report, those that disagree with others of it with a warning each."""
    book = _Book(facts)
    warned: dict[int, list[str]] = {}
    for check in (_growth, _multiples, _margins, _identities, _sums):
        for at, words in check(book):
            if words not in warned.setdefault(at, []):
                warned[at].append(words)
    return tuple(
        replace(fact, warnings=(*fact.warnings, *warned[at])) if at in warned else fact
        for at, fact in enumerate(facts)
    )


class _Entry:
    """A fact's number in its base unit, and half of its last printed digit."""

    __slots__ = ("at", "fact", "half", "value")

    def __init__(self, at: int, fact: Fact) -> None:
        self.at, self.fact = at, fact
        number = Decimal(fact.number or 0)
        factor = to_base(Decimal(1), fact.unit)[0]
        self.value = number * factor
        exponent = number.as_tuple().exponent
        self.half = Decimal(1).scaleb(int(exponent)) / 2 * factor

    @property
    def said(self) -> str:
        """The figure as it is printed, with its unit."""
        unit = self.fact.unit or ""
        return self.fact.value if self.fact.value.endswith(unit) else f"{self.fact.value}{unit}"


_Key = tuple[str, str | None, str | None, str]


class _Book:
    """The numbers of a report by subject, period and metric; those of one table go first."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self._entries: dict[_Key, list[_Entry]] = {}
        for at, fact in enumerate(facts):
            if fact.number is not None and fact.cell is not None and fact.approx is None:
                key = (fact.subject, fact.code, fact.period, fact.metric)
                self._entries.setdefault(key, []).append(_Entry(at, fact))

    def every(self, metric: str) -> Iterator[_Entry]:
        """All numbers of a metric."""
        for (_, _, _, name), entries in self._entries.items():
            if name == metric:
                yield from entries

    def metrics(self) -> set[str]:
        """The metrics that have numbers."""
        return {metric for _, _, _, metric in self._entries}

    def beside(self, fact: Fact, metric: str, period: str | None) -> _Entry | None:
        """The number of another metric or period of the same subject: of the same table, else
        the only one that the report gives."""
        entries = self._entries.get((fact.subject, fact.code, period, metric), [])
        here = [one for one in entries if _table(one.fact) == _table(fact)]
        if len(here) == 1:
            return here[0]
        if here or not entries:
            return None  # twice in one table: which is meant, nobody knows
        finest = min(entries, key=lambda one: one.half)
        agree = all(abs(one.value - finest.value) <= one.half * _WIDER for one in entries)
        return finest if agree else None


def _table(fact: Fact) -> int:
    return fact.cell.table_index if fact.cell else -1


_Found = Iterator[tuple[int, str]]


def _growth(book: _Book) -> _Found:
    """营业收入增长率 against the two levels that it is of."""
    for metric in sorted(book.metrics()):
        if not metric.endswith("_yoy"):
            continue
        for rate in book.every(metric):
            before = _a_year_before(rate.fact.period)
            if rate.fact.unit_base != "%" or before is None:
                continue
            level = book.beside(rate.fact, metric[:-4], rate.fact.period)
            base = book.beside(rate.fact, metric[:-4], before)
            if level is None or base is None or base.value <= 0 or not _alike(level, base):
                continue
            grown = (level.value / base.value - 1) * _HUNDRED
            slack = level.half / base.value + abs(level.value) * base.half / base.value**2
            if abs(grown - rate.value) > (slack * _HUNDRED + rate.half) * _WIDER:
                words = (
                    f"与数值不符：{level.said} ÷ {base.said} − 1 = {_shown(grown)}%，"
                    f"表中为 {rate.said}"
                )
                yield rate.at, words
                yield level.at, words


def _multiples(book: _Book) -> _Found:
    """EPS × PE against the price in the same table."""
    for multiple in book.every("pe"):
        fact = multiple.fact
        eps = book.beside(fact, "eps", fact.period)
        price = book.beside(fact, "price", None)
        if eps is None or price is None or not fact.period or not _one_table(multiple, eps, price):
            continue
        if eps.value <= 0 or multiple.value <= 0 or not _one_currency(eps.fact, price.fact):
            continue
        made = eps.value * multiple.value
        share = eps.half / eps.value + multiple.half / multiple.value + price.half / price.value
        if abs(made - price.value) > price.value * (share * _WIDER + _PRICE_SHARE):
            words = (
                f"EPS × PE 与股价不符：{eps.said} × {multiple.said} = {_shown(made)}，"
                f"股价为 {price.said}"
            )
            yield multiple.at, words


def _margins(book: _Book) -> _Found:
    """净利率 and 毛利率 against what they are made of; one definition that fits is enough."""
    yield from _margin(book, "net_margin", ("net_profit", "parent_profit"))
    yield from _margin(book, "gross_margin", ("gross_profit", "operating_cost"))


def _margin(book: _Book, metric: str, parts: Iterable[str]) -> _Found:
    for margin in book.every(metric):
        fact = margin.fact
        revenue = book.beside(fact, "revenue", fact.period)
        if fact.unit_base != "%" or fact.period is None or revenue is None or revenue.value <= 0:
            continue
        tried = []
        for name in parts:
            part = book.beside(fact, name, fact.period)
            if part is not None and _alike(part, revenue):
                cost = name == "operating_cost"
                top = revenue.value - abs(part.value) if cost else part.value
                made = top / revenue.value * _HUNDRED
                slack = (part.half + revenue.half * 2) / revenue.value * _HUNDRED + margin.half
                tried.append(
                    (abs(made - margin.value) <= slack * _WIDER + _MARGIN_POINTS, part, made)
                )
        if tried and not any(fits for fits, _, _ in tried):
            _, part, made = tried[0]
            yield (
                margin.at,
                f"与数值不符：按 {part.said} 与收入 {revenue.said} 计为 {_shown(made)}%，"
                f"表中为 {margin.said}",
            )


# Total → its parts with their signs. A cost is subtracted whichever sign it is printed with.
_IDENTITIES: tuple[tuple[str, tuple[tuple[int, str], ...]], ...] = (
    ("total_assets", ((1, "current_assets"), (1, "noncurrent_assets"))),
    ("total_liabilities", ((1, "current_liabilities"), (1, "noncurrent_liabilities"))),
    ("liabilities_equity", ((1, "total_liabilities"), (1, "equity"))),
    ("equity", ((1, "parent_equity"), (1, "minority_equity"))),
    ("total_assets", ((1, "liabilities_equity"),)),
    ("net_profit", ((1, "total_profit"), (-1, "income_tax"))),
    ("net_profit", ((1, "parent_profit"), (1, "minority_profit"))),
    ("gross_profit", ((1, "revenue"), (-1, "operating_cost"))),
)
# Some houses print 股东权益 without the minority's share, and that share beside it.
_APART = {"liabilities_equity": "minority_equity"}


def _identities(book: _Book) -> _Found:
    """资产 = 负债 + 权益, 净利润 = 利润总额 − 所得税, and their like, column by column."""
    for total_id, parts in _IDENTITIES:
        for total in book.every(total_id):
            if total.fact.period is None:
                continue
            found = [
                (sign, book.beside(total.fact, name, total.fact.period)) for sign, name in parts
            ]
            entries = [(sign, one) for sign, one in found if one is not None]
            if len(entries) != len(parts) or not all(_alike(total, one) for _, one in entries):
                continue
            if not _one_table(total, *(one for _, one in entries)):
                continue
            more = book.beside(total.fact, _APART.get(total_id, ""), total.fact.period)
            sets = [entries, [*entries, (1, more)]] if more is not None else [entries]
            if not any(_close(total, one, flip) for one in sets for flip in (False, True)):
                made = sum((sign * one.value for sign, one in entries), Decimal(0))
                names = "、".join(one.fact.metric_text for _, one in entries)
                yield (
                    total.at,
                    f"与分项不符：由{names}得 {_plain(made, total)}，表中为 {total.said}",
                )


def _close(total: _Entry, entries: Sequence[tuple[int, _Entry]], flip: bool) -> bool:
    """True if the parts make the total; `flip`: what is subtracted is printed as a minus."""
    made = sum(
        (-abs(one.value) if flip and sign < 0 else sign * one.value for sign, one in entries),
        Decimal(0),
    )
    slack = total.half + sum((one.half for _, one in entries), Decimal(0))
    return abs(made - total.value) <= slack * _WIDER


_TOTAL_ROWS = {"合计", "总计", "合计数"}


def _sums(book: _Book) -> _Found:
    """A row 合计 against the rows above it, for amounts and counts that add up."""
    columns: dict[tuple[int, int], list[_Entry]] = {}
    for at, fact in enumerate(book.facts):
        if fact.cell is not None and fact.number is not None and fact.unit_base in _ADDS_UP:
            columns.setdefault((fact.cell.table_index, fact.cell.column_index), []).append(
                _Entry(at, fact)
            )
    for entries in columns.values():
        names = [entry.fact.cell.row.strip() if entry.fact.cell else "" for entry in entries]
        if names[-1] not in _TOTAL_ROWS or len(set(names)) < len(names) or len(names) < 3:
            continue
        if any("其中" in name or "小计" in name for name in names):
            continue
        if len({(entry.fact.metric, entry.fact.unit_base) for entry in entries}) > 1:
            continue
        *parts, total = entries
        made = sum((entry.value for entry in parts), Decimal(0))
        slack = total.half + sum((entry.half for entry in parts), Decimal(0))
        if abs(made - total.value) > slack * _WIDER:
            yield total.at, f"与分项不符：各行之和为 {_plain(made, total)}，表中为 {total.said}"


_ADDS_UP = {"元", "美元", "港元", "股", "台", "辆", "吨", "个", "家", "人", "1"}


def _a_year_before(period: str | None) -> str | None:
    if period is None or not period[:4].isdigit() or len(period) not in {4, 6}:
        return None
    return f"{int(period[:4]) - 1}{period[4:]}"


def _alike(one: _Entry, other: _Entry) -> bool:
    return one.fact.unit_base == other.fact.unit_base


def _one_table(*entries: _Entry) -> bool:
    return len({_table(entry.fact) for entry in entries}) == 1


def _one_currency(eps: Fact, price: Fact) -> bool:
    named = {(fact.unit_base or "元").removesuffix("/股") for fact in (eps, price)}
    return len(named) == 1


def _shown(value: Decimal) -> str:
    return format(value.quantize(Decimal("0.01")), "f")


def _plain(value: Decimal, like: _Entry) -> str:
    """A base value in the unit and to the places of another figure."""
    factor = to_base(Decimal(1), like.fact.unit)[0]
    number = Decimal(like.fact.number or 0)
    return f"{format((value / factor).quantize(number), 'f')}{like.fact.unit or ''}"
