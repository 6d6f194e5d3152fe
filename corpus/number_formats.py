"""Values of a spreadsheet → the characters that a cell shows, by its number format.

Stands below `corpus.readers.xlsx`. The language of formats is that of ECMA-376, part 1, 18.8.31;
what a program shows by the width of a column (`####`, fewer digits) is no part of it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

Value = str | bool | int | float | Decimal | date | datetime | time | timedelta

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.'
    r"|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]|\[(?P<elapsed>h+|m+|s+)\]|\[(?P<bracket>[^\]]*)\]"
    r"|(?P<power>[Ee][+-]0+)|(?P<digits>[0#?]+)|(?P<general>General|通用格式)"
    r"|(?P<noon>AM/PM|am/pm|A/P|上午/下午)|(?P<date>y+|e+|m+|d+|h+|s+|a{3,4})"
    r"|(?P<mark>[.,%@/])|(?P<plain>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+)")
_WEEKDAYS = "一二三四五六日"
_MONTHS = "January February March April May June July August September October November December"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
# The short date of the system: of a Chinese one, for these are reports in Chinese.
_SYSTEM_DATE = {"mm-dd-yy": "yyyy/m/d", "m/d/yy": "yyyy/m/d", "m/d/yy h:mm": "yyyy/m/d h:mm"}


def shown(value: Value | None, pattern: str) -> str:
    """What a cell of that format shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return _text(value, pattern)
    if isinstance(value, datetime | date | time):
        return _moment(value, _SYSTEM_DATE.get(pattern, pattern))
    if isinstance(value, timedelta):
        return _elapsed(value, pattern)
    try:
        number = Decimal(f"{value:.15g}") if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        return str(value)
    return _number(number, pattern) if number.is_finite() else str(value)


def general(number: Decimal) -> str:
    """A number without a format: eleven characters at most, as a cell shows it."""
    if number == number.to_integral_value() and abs(number) < 10**11:
        return str(int(number))
    words = f"{float(number):.10g}"
    if "e" not in words:
        return words
    mantissa, _, power = f"{float(number):.5e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}E{int(power):+03d}"


# ── sections ────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=1024)
def _sections(pattern: str) -> tuple[str, ...]:
    """The parts of a format between semicolons that are no characters of their own."""
    parts, start = [], 0
    for token in re.finditer(r'"[^"]*"|\\.|\[[^\]]*\]|;', pattern, re.DOTALL):
        if token.group() == ";":
            parts.append(pattern[start : token.start()])
            start = token.end()
    return (*parts, pattern[start:])


def _section(number: Decimal, pattern: str) -> tuple[str, Decimal]:
    """The part that shows this number, and the number as that part takes it."""
    parts = _sections(pattern)
    stated = [_CONDITION.search(part) for part in parts[:2]]
    if any(stated):
        for part, condition in zip(parts, stated, strict=False):
            if condition and _holds(number, condition[1], Decimal(condition[2])):
                return part, number
        rest = parts[2] if len(parts) > 2 else parts[-1]
        return rest, number
    if number < 0 and len(parts) > 1:
        return parts[1], -number
    if number == 0 and len(parts) > 2:
        return parts[2], number
    return parts[0], number


def _holds(number: Decimal, sign: str, limit: Decimal) -> bool:
    compared = (number > limit) - (number < limit)
    return (
        compared
        in {"<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {1, 0}, "=": {0}, "<>": {-1, 1}}[sign]
    )


def _text(value: str, pattern: str) -> str:
    parts = _sections(pattern)
    part = parts[3] if len(parts) > 3 else parts[0] if "@" in pattern else ""
    if "@" not in part:
        return value if len(parts) < 4 else _literals(part)
    return "".join(
        value if token["mark"] == "@" else _literal(token) for token in _TOKEN.finditer(part)
    )


def _literals(part: str) -> str:
    return "".join(_literal(token) for token in _TOKEN.finditer(part))


def _literal(token: re.Match[str]) -> str:
    return token["quoted"] or token["escaped"] or token["currency"] or token["plain"] or ""


# ── numbers ─────────────────────────────────────────────────────────────────────────────────


def _number(number: Decimal, pattern: str) -> str:
    part, number = _section(number, pattern)
    tokens = list(_TOKEN.finditer(part))
    if any(token["general"] for token in tokens):
        return "".join(general(number) if t["general"] else _literal(t) for t in tokens)
    places = [index for index, token in enumerate(tokens) if token["digits"]]
    if not places:
        shows = any(_literal(token) for token in tokens) or not part.strip() or "@" in part
        words = "".join(general(number) if t["mark"] == "@" else _literal(t) for t in tokens)
        return words if shows else general(number)
    if any(tokens[i]["mark"] == "/" for i in range(places[0], places[-1])):
        return general(number)  # a fraction: its decimal form says the same
    sign = "-" if number < 0 else ""
    return sign + _laid_out(abs(number), tokens, places)


def _laid_out(number: Decimal, tokens: list[re.Match[str]], places: list[int]) -> str:
    """The digits at their place among the other characters of a format."""
    marks = [token["mark"] or "" for token in tokens]
    number *= 100 ** marks.count("%")
    point = next((i for i in range(places[0], len(tokens)) if marks[i] == "."), None)
    if point is None and "." in marks[: places[0]]:
        point = marks.index(".")
    whole = [i for i in places if point is None or i < point]
    after = [i for i in places if point is not None and i > point]
    last = places[-1]
    commas = [i for i, mark in enumerate(marks) if mark == ","]
    scaling = [i for i in commas if i > last and all(marks[j] == "," for j in range(last + 1, i))]
    grouped = any(whole and whole[0] < i < whole[-1] for i in commas)
    number /= Decimal(1000) ** len(scaling)
    power = next((token["power"] for token in tokens if token["power"]), None)
    exponent = 0
    if power and number:
        exponent = number.adjusted()
        number = number.scaleb(-exponent)
    least = sum(tokens[i].group().count("0") for i in whole)
    pattern_after = "".join(tokens[i].group() for i in after)
    integer, fraction = _digits(number, least, pattern_after)
    if grouped:
        integer = _grouped(integer)
    dot = "." if point is not None else ""
    digits = f"{integer}{dot}{fraction}"
    words, done = "", False
    for token in tokens:
        if token["digits"] or token["mark"] == ".":
            words += "" if done else digits
            done = True
        elif token["power"]:
            shown_sign = "-" if exponent < 0 else "+" if "+" in token["power"] else ""
            words += f"E{shown_sign}{abs(exponent):0{len(token['power']) - 2}d}"
        elif token["mark"] == "%":
            words += "%"
        else:
            words += _literal(token) or (token["date"] or "")
    return words


def _digits(number: Decimal, least: int, after: str) -> tuple[str, str]:
    """Digits before and behind the point, rounded half away from zero."""
    rounded = number.quantize(Decimal(1).scaleb(-len(after)), rounding=ROUND_HALF_UP)
    integer, _, fraction = f"{rounded:f}".partition(".")
    integer = integer.lstrip("0").rjust(least, "0")
    needed = after.rfind("0") + 1
    while len(fraction) > needed and fraction.endswith("0"):
        fraction = fraction[:-1]
    return integer, fraction


def _grouped(integer: str) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+\Z)", ",", integer)


# ── dates and times ─────────────────────────────────────────────────────────────────────────


def _moment(value: date | datetime | time, pattern: str) -> str:
    part = _sections(pattern)[0]
    tokens = list(_TOKEN.finditer(part))
    if not any(token["date"] for token in tokens):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    moment = _as_datetime(value)
    noon = any(token["noon"] for token in tokens)
    words = ""
    for index, token in enumerate(tokens):
        if token["date"]:
            words += _part(moment, token["date"].lower(), _is_minute(tokens, index), noon=noon)
        elif token["noon"]:
            early, _, late = token["noon"].partition("/")
            words += late if moment.hour >= 12 else early
        elif token["mark"] or token["digits"]:
            words += token.group() if not token["digits"] else ""
        else:
            words += _literal(token)
    return words.strip()


def _as_datetime(value: date | datetime | time) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, time):
        return datetime.combine(date(1900, 1, 1), value)
    return datetime.combine(value, time())


def _is_minute(tokens: list[re.Match[str]], index: int) -> bool:
    """True for an `m` behind hours or before seconds."""
    parts = [i for i, token in enumerate(tokens) if token["date"] or token["elapsed"]]
    at = parts.index(index)
    before = tokens[parts[at - 1]].group().strip("[]").lower() if at else ""
    behind = tokens[parts[at + 1]].group().lower() if at + 1 < len(parts) else ""
    return before.startswith("h") or behind.startswith("s")


def _part(moment: datetime, code: str, minute: bool, *, noon: bool) -> str:
    kind, length = code[0], len(code)
    if kind in "ye":
        return f"{moment.year % 100:02d}" if code == "yy" else f"{moment.year:04d}"
    if kind == "m" and not minute and length > 2:
        name = _MONTHS.split()[moment.month - 1]
        return name if length == 4 else name[:3] if length == 3 else name[0]
    if kind == "d" and length > 2:
        name = _DAYS.split()[moment.weekday()]
        return name if length > 3 else name[:3]
    if kind == "a":
        return ("星期" if length == 4 else "") + _WEEKDAYS[moment.weekday()]
    hour = (moment.hour + 11) % 12 + 1 if noon else moment.hour
    month = moment.minute if minute else moment.month
    number = {"m": month, "d": moment.day, "h": hour, "s": moment.second}[kind]
    return f"{number:02d}" if length > 1 else str(number)


def _elapsed(value: timedelta, pattern: str) -> str:
    seconds = int(value.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    words = f"{hours}:{rest // 60:02d}" + (f":{rest % 60:02d}" if "s" in pattern.lower() else "")
    return f"-{words}" if seconds < 0 else words
