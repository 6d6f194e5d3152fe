"""Numbers and their units as Chinese reports write them, exact to the last digit.

Used by facts, by sentences that state a figure, and wherever two figures are compared. Decimal
only: 0.1 stays 0.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from corpus.own_words import own_words, own_words_number
from corpus.widths import half_width

Approx = Literal["about", "over", "under"]
Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in running text: `given[start:end] == text`, the unit included.

    Args:
        value: as written, in `unit` (12.3 for 12.3%).
        unit: as written and folded (亿元, %, 个百分点), None if none follows.
        approx: 约 → about, 超过 → over, 不到 → under; None if stated plainly.
        direction: up or down where a word before it says so (同比增长, 下降); `value` keeps the
            sign that is printed.
        mark: the word that `approx` was read from, as printed (约, 不低于, 左右).
    """

    value: Decimal
    unit: str | None
    start: int
    end: int
    text: str
    approx: Approx | None = None
    direction: Direction | None = None
    mark: str | None = None


# unit → (factor, base unit). Base units: 元, 元/股, %, pp, 倍, 股 … ; currencies stay apart, and
# per cent and percentage points are never turned into one another.
_SCALES = {"": 0, "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8}
_SCALES |= {"十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12, "兆": 12}
_CURRENCIES = {
    "元": "元",
    "人民币": "元",
    "元人民币": "元",
    "港元": "港元",
    "港币": "港元",
    "美元": "美元",
    "美金": "美元",
    "欧元": "欧元",
    "日元": "日元",
    "英镑": "英镑",
    "韩元": "韩元",
    "新台币": "新台币",
    "台币": "新台币",
    "瑞士法郎": "瑞士法郎",
    "瑞典克朗": "瑞典克朗",
    "丹麦克朗": "丹麦克朗",
    "挪威克朗": "挪威克朗",
    "澳元": "澳元",
    "加元": "加元",
    "新加坡元": "新加坡元",
    "印度卢比": "印度卢比",
    "卢比": "印度卢比",
    "卢布": "卢布",
    "泰铢": "泰铢",
    "林吉特": "林吉特",
    "越南盾": "越南盾",
}
_COUNTS = re.findall(
    r"\S+",
    "股 手 人 户 家 个 台 套 辆 部 件 只 次 人次 张 吨 片 块 颗 支 例 亩 条 艘 架 座 名 位"
    " 平方米 平米 立方米 米 公里 千米 千瓦 千瓦时 度 桶 门 间 店 款 项 起 笔 单 份 盒 瓶 头 箱 桌"
    " 吨公里 人公里 平方公里 公顷 千克 公斤 毫升 毫米 厘米 微米 纳米 英寸 剂 粒 根 株 架次 班次"
    " 航次 标箱 床 张床位 所 双 种 类 场 小时 分钟 秒 吉瓦时 兆瓦时 吉瓦 兆瓦 所学校 字 册 枚 卡"
    " 克拉 盎司 平",
)
_PLAIN = {
    "%": (Decimal(1), "%"),
    "‰": (Decimal("0.1"), "%"),
    "个百分点": (Decimal(1), "pp"),
    "百分点": (Decimal(1), "pp"),
    "pct": (Decimal(1), "pp"),
    "pcts": (Decimal(1), "pp"),
    "pp": (Decimal(1), "pp"),
    "ppt": (Decimal(1), "pp"),
    "ppts": (Decimal(1), "pp"),
    "pps": (Decimal(1), "pp"),
    "bp": (Decimal("0.01"), "pp"),
    "bps": (Decimal("0.01"), "pp"),
    "个基点": (Decimal("0.01"), "pp"),
    "基点": (Decimal("0.01"), "pp"),
    "倍": (Decimal(1), "倍"),
    "x": (Decimal(1), "倍"),
    "天": (Decimal(1), "天"),
    "年": (Decimal(1), "年"),
    "个月": (Decimal(1), "个月"),
    "kw": (Decimal(1), "kW"),
    "mw": (Decimal(10) ** 3, "kW"),
    "gw": (Decimal(10) ** 6, "kW"),
    "tw": (Decimal(10) ** 9, "kW"),
    "w": (Decimal("0.001"), "kW"),
    "kwh": (Decimal(1), "kWh"),
    "mwh": (Decimal(10) ** 3, "kWh"),
    "gwh": (Decimal(10) ** 6, "kWh"),
    "twh": (Decimal(10) ** 9, "kWh"),
    "点": (Decimal(1), "点"),
    "rmb": (Decimal(1), "元"),
    "cny": (Decimal(1), "元"),
    "usd": (Decimal(1), "美元"),
    "hkd": (Decimal(1), "港元"),
    "hk$": (Decimal(1), "港元"),
    "us$": (Decimal(1), "美元"),
    "mn": (Decimal(10) ** 6, "1"),
    "bn": (Decimal(10) ** 9, "1"),
}
_SCALE = "|".join(sorted(filter(None, _SCALES), key=len, reverse=True))


def _unit_names() -> str:
    """The names of currencies, counts and the user's own units, as alternatives of a pattern."""
    names = {*_CURRENCIES, *_COUNTS, *_own_units(own_words_number())}
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@lru_cache(maxsize=2)
def _unit(_number: int) -> re.Pattern[str]:
    """The whole of a unit: scale, unit, and what it is per."""
    per = r"(?:/(?P<per>[\u4e00-\u9fffA-Za-z]{1,6}))?"
    return re.compile(rf"(?P<scale>{_SCALE})?(?P<of>{_unit_names()})?{per}")


@lru_cache(maxsize=2)
def _own_units(_number: int) -> dict[str, tuple[Decimal, str]]:
    """The user's units with their base units; one that names a shipped unit as its base is one
    of that."""
    found: dict[str, tuple[Decimal, str]] = {}
    for own in own_words().units:
        shipped = _PLAIN.get(own.base.lower()) or (Decimal(1), _CURRENCIES.get(own.base, own.base))
        found[own.unit.lower()] = (own.factor * shipped[0], shipped[1])
    return found


def to_base(value: Decimal, unit: str | None) -> tuple[Decimal, str | None]:
    """The value in its base unit: (4.6, 亿元) → (460000000, 元); unknown units stay as they are.

    Per cent stays per cent (12.3, %) and points stay points; (50, bp) → (0.50, pp).
    """
    if unit is None:
        return value, None
    found = _base(unit)
    return (value * found[0], found[1]) if found else (value, unit)


def from_base(value: Decimal, unit: str) -> Decimal:
    """The inverse of `to_base`: the figure to be printed before `unit`."""
    found = _base(unit)
    return value / found[0] if found else value


def same_dimension(one: str | None, other: str | None) -> bool:
    """True if figures in the two units can be compared or subtracted."""
    return to_base(Decimal(1), one)[1] == to_base(Decimal(1), other)[1]


def is_unit(text: str) -> bool:
    """True if the whole of `text` is a unit (亿元, 元/股, %, 倍, RMB)."""
    return _base(text) is not None


def _base(unit: str) -> tuple[Decimal, str] | None:
    plain = "".join(half_width(unit).lower().split())
    plain = plain.removeprefix("人民币") or plain
    own = _own_units(own_words_number())
    if plain in own:
        return own[plain]
    if plain in _PLAIN:
        return _PLAIN[plain]
    match = _unit(own_words_number()).fullmatch(plain)
    if match is None or not (match["scale"] or match["of"]):
        return None
    if match["scale"] and not match["of"] and match["per"]:
        return None
    scale = Decimal(10 ** _SCALES[match["scale"] or ""])
    if match["of"] in own:
        scale, base = scale * own[match["of"]][0], own[match["of"]][1]
    else:
        base = _CURRENCIES.get(match["of"] or "", match["of"] or "1")
    if base == "手":  # a lot of A shares
        return scale * 100, "股"
    per = f"/{match['per']}" if match["per"] else ""
    return scale, base + per


_MISSING = re.compile(
    r"\A(?:[-\u2010-\u2015—－_/.·*]*|n/?\.?a\.?|nan|null|none|nm|n\.m\.|#n/a|不适用|无|空|暂无|未披露|未评级|--)\Z",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?P<sign>[-+])?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)")


def is_missing(text: str) -> bool:
    """True for what a cell holds when the report gives no figure: empty, -, --, N/A, 不适用."""
    return bool(_MISSING.match(half_width(text).strip()))


def parse_number(text: str) -> Decimal | None:
    """The number that the whole of `text` is, None if it is missing, words or anything else.

    Full-width digits, thousands separators, a sign, accounting brackets （0.88） = −0.88, a per
    cent sign or another unit behind it (not scaled: `12.3%` is 12.3), Chinese numerals.
    """
    plain = "".join(half_width(text).split()).replace("\u2013", "-").replace("\u2014", "-")
    plain = re.sub(r"[\u2010-\u2012]", "-", plain)
    if not plain or is_missing(plain):
        return None
    bracketed = re.fullmatch(r"\((.+)\)(%?)", plain)
    if bracketed:
        inner = parse_number(bracketed.group(1) + bracketed.group(2))
        return -inner if inner is not None and inner > 0 else None
    plain = re.sub(r"\A(?:人民币|rmb|hk\$|us\$|[¥￥$€£≈~])", "", plain, flags=re.IGNORECASE)
    match = _NUMBER.match(plain)
    if match is None:
        return parse_chinese_number(plain)
    rest = plain[match.end() :]
    if rest and rest not in {"*", "+"} and not is_unit(rest):
        return None
    value = _decimal(match["digits"])
    return -value if match["sign"] == "-" else value


_SIGNS = {
    ">": "超过",
    "≥": "不低于",
    "＞": "超过",
    "<": "低于",
    "≤": "不超过",
    "≈": "约",
    "~": "约",
}


def parse_marked(text: str) -> tuple[Decimal | None, str | None]:
    """The number that `text` is, and the mark that keeps it open: 约12.3, 3,000余, ≥10, 5%以上.

    A sign is given as its word (≥ is 不低于). Without a mark the same as `parse_number`.
    """
    plain = half_width(text).strip()
    if plain[:1] in _SIGNS:
        return parse_number(plain[1:]), _SIGNS[plain[0]]
    number = parse_number(plain)
    if number is not None:
        return number, None
    first = re.search(r"[-+\d.]", plain)
    before = plain[: first.start()].strip() if first else ""
    if before in _MARKS and before not in _BEHIND:
        return parse_number(plain.removeprefix(before)), before
    behind = next((mark for mark in _BEHIND if plain.endswith(mark)), None)
    if first is None or behind is None:
        return None, None
    return parse_number(plain[: -len(behind)]), behind


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation as error:  # pragma: no cover: the pattern admits digits only
        raise AssertionError(digits) from error


_CN_DIGITS = {ch: number for number, ch in enumerate("零一二三四五六七八九")}
_CN_DIGITS |= {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5}
_CN_DIGITS |= {"陆": 6, "柒": 7, "捌": 8, "玖": 9}
_CN_SMALL = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_CN_LARGE = {"亿": 10**8, "万": 10**4}


def parse_chinese_number(text: str) -> Decimal | None:
    """The number that the whole of `text` is in Chinese numerals (三千二百, 一点五, 百分之十二)."""
    if text.startswith("百分之"):
        return parse_chinese_number(text[3:])
    if text.startswith("负"):
        value = parse_chinese_number(text[1:])
        return -value if value is not None else None
    whole, point, fraction = text.partition("点")
    number = _chinese_integer(whole)
    if number is None:
        return None
    if not point:
        return Decimal(number)
    if not fraction or any(ch not in _CN_DIGITS for ch in fraction):
        return None
    return Decimal(f"{number}.{''.join(str(_CN_DIGITS[ch]) for ch in fraction)}")


def _chinese_integer(text: str) -> int | None:
    """The integer in Chinese numerals, or None; 亿 and 万 part it as commas part thousands."""
    if not text or any(ch not in _CN_DIGITS | _CN_SMALL | _CN_LARGE for ch in text):
        return None
    if all(ch in _CN_DIGITS for ch in text):
        return int("".join(str(_CN_DIGITS[ch]) for ch in text))
    for large, value in _CN_LARGE.items():
        head, found, tail = text.rpartition(large)
        if found:
            before, after = _chinese_integer(head), _chinese_integer(tail) if tail else 0
            return None if before is None or after is None else before * value + after
    total = digit = 0
    for ch in text:
        if ch in _CN_DIGITS:
            digit = _CN_DIGITS[ch]
        else:
            total, digit = total + (digit or 1) * _CN_SMALL[ch], 0
    return total + digit


_ABOUT = ("大约", "约为", "约", "接近", "将近", "近", "左右", "上下")
_OVER = (
    "超过",
    "超",
    "逾",
    "高于",
    "大于",
    "不低于",
    "不少于",
    "至少",
    "突破",
    "以上",
    "有余",
    "余",
)
_UNDER = ("不足", "不到", "低于", "小于", "少于", "不超过", "不高于", "至多", "以下")
_MARKS: dict[str, Approx] = {
    **dict.fromkeys(_ABOUT, "about"),
    **dict.fromkeys(_OVER, "over"),
    **dict.fromkeys(_UNDER, "under"),
}
_BEHIND = ("左右", "上下", "以上", "以下", "有余", "余")
_BEFORE = re.compile(
    rf"(?P<mark>{'|'.join(sorted(set(_MARKS) - set(_BEHIND), key=len, reverse=True))})\s?\Z"
)
_AFTER = re.compile("|".join(_BEHIND))
_UP = re.compile(
    r"(?:增长|增加|上升|提升|提高|上涨|上调|增|涨|升|扩大|走高|回升|高出|改善)(?:了|至|到|约|近|超过|超|幅度为|幅为|幅达|为|达)*\Z"
)
_DOWN = re.compile(
    r"(?:下降|减少|下滑|降低|下跌|下调|缩减|回落|收窄|降|减|跌|亏损|走低|萎缩|低于)(?:了|至|到|约|近|超过|超|幅度为|幅为|幅达|为|达)*\Z"
)
_IN_TEXT = re.compile(
    r"(?<![\d.A-Za-z])(?P<sign>[-+](?=\d))?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d])"
)


@lru_cache(maxsize=2)
def _figure_unit(_number: int) -> re.Pattern[str]:
    """A unit behind a number in running text."""
    return re.compile(
        r"\s?(?P<unit>%|‰|个?百分点|pcts?|ppts?|pps?|bps?|个?基点|倍|[xX](?![A-Za-z\d])"
        rf"|(?:{_SCALE})?(?:{_unit_names()})(?:/[\u4e00-\u9fff]{{1,2}}|/[A-Za-z]{{1,3}})?"
        r"|(?:万亿|千亿|百亿|亿|千万|百万|万)|[kMGT]?Wh?(?![A-Za-z])|天|个月)",
        re.IGNORECASE,
    )


def find_figures(text: str) -> list[Figure]:
    """Every number of the text with the unit behind it, in order.

    Numbers that are parts of words (GPT-4), dates and codes are numbers too: the caller who wants
    figures only asks for a unit.
    """
    plain = half_width(text)
    figures = []
    behind = _figure_unit(own_words_number())
    for match in _IN_TEXT.finditer(plain):
        unit = behind.match(plain, match.end())
        end = unit.end() if unit else match.end()
        before = plain[max(0, match.start() - 8) : match.start()]
        sign = match["sign"] if not re.search(r"[A-Za-z\d)\]]\Z", before) else None
        start = match.start() if sign or not match["sign"] else match.start() + 1
        value = _decimal(match["digits"])
        mark = approx_mark(before, plain[end : end + 2])
        figures.append(
            Figure(
                value=-value if sign == "-" else value,
                unit=_folded_unit(unit["unit"]) if unit else None,
                start=start,
                end=end,
                text=text[start:end],
                approx=_MARKS[mark] if mark else None,
                direction=_direction(before),
                mark=mark,
            )
        )
    return figures


def _folded_unit(unit: str) -> str:
    return unit.lower() if unit.lower() in _PLAIN else unit


def approx_mark(before: str, after: str) -> str | None:
    """The word that keeps a figure open, at the end of what stands before it or right behind it."""
    if found := _BEFORE.search(before):
        return found["mark"]
    behind = _AFTER.match(after)
    return behind.group() if behind else None


def _direction(before: str) -> Direction | None:
    if _UP.search(before):
        return "up"
    return "down" if _DOWN.search(before) else None
