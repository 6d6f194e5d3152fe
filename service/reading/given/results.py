"""A result of a calculation: its value, its working, and how both are written.

Stands below `working` and `choosing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from service.reading.given.binding import Bound
from service.reading.given.grids import based
from service.reading.wording import MINUS, plain, rounded


@dataclass(frozen=True, slots=True)
class Result:
    """One figure worked out.

    Args:
        label: what it is.
        working: the figures that it came from, with their signs.
        value: in its base unit; of a percentage the number before the sign.
        unit: printed behind it; `factor` is what one of it is in the base unit.
    """

    label: str
    working: str
    value: Decimal
    unit: str
    factor: Decimal = Decimal(1)

    def in_unit(self, wish: str) -> Result:
        """The same in the unit asked for, where that is one of its kind."""
        if not wish or wish in {"%", self.unit}:
            return self
        factor = based(Decimal(1), wish)
        if self.unit in {"%", "pp", "天", "倍", "次"}:
            return self
        return Result(self.label, self.working, self.value, wish, factor)

    @property
    def printed(self) -> Decimal:
        """The number before its unit, not rounded."""
        return self.value / self.factor

    def text(self, digits: int | None) -> str:
        """`净利率 = 32亿元 ÷ 250亿元 = 12.80%`; rounded as asked, else to what it needs."""
        number = self.printed
        places = digits if digits is not None else _places(number, self.unit)
        shown = plain(rounded(number, places))
        if digits is None and "." in shown and self.unit not in {"%", "倍"}:
            shown = shown.rstrip("0").rstrip(".")
        unit = {"pp": "个百分点", "none": "", "same": "", "fraction": ""}.get(self.unit, self.unit)
        head = f"{self.label} = " if self.label else ""
        return f"{head}{self.working} = {shown}{unit}{self._aside(number, places)}"

    def _aside(self, number: Decimal, places: int) -> str:
        """Large numbers without a unit once more in 亿; a fraction asked for without % as one."""
        if self.unit == "fraction" and abs(number) < 1:
            return f"（即{plain(rounded(number * 100, max(places - 2, 2)))}%）"
        if self.unit in {"", "none", "same"} and abs(number) >= 10**8:
            return f"（即{plain(rounded(number / 10**8, max(places, 2)))}亿）"
        if self.unit in {"", "none", "same"} and abs(number) >= 10**5:
            return f"（即{plain(rounded(number / 10**4, max(places, 2)))}万）"
        return ""


_BARE = {"", "none", "same", "fraction"}


def _places(number: Decimal, unit: str) -> int:
    if unit in {"%", "pp", "倍", "次", "天"} or (unit not in _BARE and abs(number) >= 10):
        return 2
    return 4


def growth(label: str, then: tuple[Decimal, str], now: tuple[Decimal, str]) -> Result | None:
    """The rate from one value to another, each with its working."""
    low, high = then[0], now[0]
    if low == 0:
        return None
    working = f"（{wrapped(now[1])} {MINUS} {wrapped(then[1])}） ÷ {_positive(then[1])}"
    return Result(label, working, (high - low) / abs(low) * 100, "%")


def compound(
    label: str, then: tuple[Decimal, str], now: tuple[Decimal, str], years: int
) -> Result | None:
    """The yearly rate that leads from one value to another in so many years."""
    if years < 1 or then[0] == 0 or now[0] / then[0] <= 0:
        return None
    rate = ((now[0] / then[0]) ** (Decimal(1) / years) - 1) * 100
    working = f"（{wrapped(now[1])} ÷ {wrapped(then[1])}）^(1/{years}) {MINUS} 1"
    return Result(label, working, rate, "%")


def wrapped(shown: str) -> str:
    """Brackets around what has signs of its own."""
    bare = shown.strip()
    if bare.startswith("（") and bare.endswith("）") and bare.count("（") == 1:
        return bare
    return f"（{bare}）" if " " in bare or bare.startswith(("-", MINUS)) else bare


def _positive(shown: str) -> str:
    return f"|{shown}|" if shown.startswith(("-", MINUS)) else wrapped(shown)


def of_bound(name: str, made: Bound) -> Result:
    """A bound value as a result."""
    value = made.value * 100 if made.unit == "%" else made.value
    factor = made.factor if made.unit not in {"%", "pp"} else Decimal(1)
    if made.unit == "pp":
        value = made.value * 100
    return Result(name, made.shown, value, made.unit, factor)
