"""Tables of a prompt (`|`, tabs, columns of spaces, JSON) as figures with row, column and period.

Stands below `prompt`, beside `texts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from corpus.figures import find_figures, is_missing, is_unit, parse_number, to_base
from corpus.normalise import fold
from corpus.periods import find_periods, parse_period
from service.reading.given.items import LEVELS, Given

Grid = list[list[str]]

_RULE = re.compile(r"[|\s:+=\-]*-{2,}[|\s:+=\-]*")
_JSON = re.compile(r"[\[{].*[\]}]", re.DOTALL)


def split_grids(lines: Sequence[str]) -> tuple[list[Grid], list[str]]:
    """The tables among the lines, and the lines that stand in none."""
    text = "\n".join(lines)
    if found := _JSON.search(text):
        grid = _of_json(found.group())
        if grid:
            rest = text[: found.start()] + "\n" + text[found.end() :]
            return [grid], [line for line in rest.splitlines() if line.strip()]
    grids: list[Grid] = []
    rest_lines: list[str] = []
    last_kind = ""
    for line in lines:
        kind, cells = _cells(line)
        if not kind:
            rest_lines.append(line)
        elif _RULE.fullmatch(line.strip()):
            continue
        elif kind == last_kind and grids:
            grids[-1].append(cells)
        else:
            grids.append([cells])
        last_kind = kind
    tables = [grid for grid in grids if len(grid) > 1]
    rest_lines += ["：".join(grid[0]) for grid in grids if len(grid) == 1]
    return tables, rest_lines


def _cells(line: str) -> tuple[str, list[str]]:
    bare = line.strip()
    if bare.count("|") >= 2 or (bare.startswith("|") and bare.endswith("|")):
        return "|", [cell.strip() for cell in bare.strip("|").split("|")]
    if "\t" in bare:
        return "\t", [cell.strip() for cell in line.strip(" \n").split("\t")]
    spaced = re.split(r"\s{2,}", bare)
    if len(spaced) > 2 and "，" not in bare and "。" not in bare:
        return "  ", spaced
    comma = bare.split(",")
    if len(comma) > 2 and all(len(cell) <= 16 for cell in comma) and "。" not in bare:
        numbers = sum(parse_number(cell) is not None for cell in comma)
        if numbers >= len(comma) - 1 or (numbers == 0 and "，" not in bare and "多少" not in bare):
            return ",", [cell.strip() for cell in comma]
    return "", []


def _of_json(text: str) -> Grid | None:
    """Objects as rows under their keys; lists under their keys as columns."""
    try:
        content: Any = json.loads(text)
    except ValueError:
        return None
    if isinstance(content, dict):
        inner = list(content.values())
        if inner and all(isinstance(one, dict) for one in inner):
            content = [{"": key, **value} for key, value in content.items()]
        elif inner and all(isinstance(one, list) for one in inner):
            rows = zip(*inner, strict=False)
            content = [dict(zip(content, row, strict=True)) for row in rows]
        else:
            content = [content]
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        return None
    keys = list(dict.fromkeys(str(key) for row in content for key in row))
    texts = [[_plain(row.get(key, "")) for key in keys] for row in content]
    if not keys:
        return None
    if not any(_is_key(row[0]) for row in texts[:1]):
        return [["", *keys], *([str(at + 1), *row] for at, row in enumerate(texts))]
    return [keys, *texts] if keys else None


def _plain(value: object) -> str:
    return str(value) if isinstance(value, (str, int, float)) else ""


def grid_figures(grid: Grid, group: int) -> Iterator[Given]:
    """Every number of a table with its row, column and periods."""
    width = max(len(row) for row in grid)
    rows = [[*row, *[""] * (width - len(row))] for row in grid]
    first = _first_row(rows)
    heads = _heads(rows[:first], width)
    body = rows[first:]
    keyed = _key_columns(heads, body)
    last = ""
    for row in body:
        row[0] = last = row[0] or last
        keys = tuple(fold(_bare(row[at])) for at in keyed if row[at])
        wide = fold(" ".join(c for at, c in enumerate(row) if at not in keyed and not _number(c)))
        for at, text in enumerate(row):
            if at not in keyed and (one := _cell(row, keyed, heads[at], text)) is not None:
                value, shown, unit, factor, periods = one
                name = fold(_bare(_without_unit(heads[at]))).strip(LEVELS)
                yield Given(
                    value, shown, unit, factor, name, keys or (str(group),),
                    wide=wide, periods=periods, group=group,
                )  # fmt: skip


def _first_row(rows: Grid) -> int:
    """Where the body begins: the first row with a figure that is no year and no date."""
    for at, row in enumerate(rows):
        if any(_number(text) and not _is_time(text) for text in row[1:]):
            if at == 0 and len(rows[0]) > 2 and not any(map(_number, rows[0][1:])):
                return 1
            return at
    return 1


def _heads(rows: Grid, width: int) -> list[str]:
    """The words over each column, the group's before its own."""
    heads = [""] * width
    for number, row in enumerate(rows):
        filled, last = [], ""
        for text in row:
            empty = text in {"", "-"}
            last = last if empty and number + 1 < len(rows) else "" if empty else text
            filled.append(last)
        heads = [LEVELS.join(filter(None, pair)) for pair in zip(heads, filled, strict=True)]
    return heads


_KEY_HEAD = re.compile(
    "年份|年度|日期|时间|期间|季度|月份|报告期|代码|交易日|截止|序号|年$|月$|日$|排名"
)


def _key_columns(heads: Sequence[str], body: Grid) -> list[int]:
    """The columns that name a row: the first, those of dates and codes, and leading words."""
    keyed = [0]
    for at in range(1, len(heads)):
        texts = [row[at] for row in body if row[at] and not is_missing(row[at])]
        numbers = sum(_number(text) for text in texts)
        dates = sum(_is_key(text) for text in texts)
        words = bool(texts) and numbers == 0
        whole = all(
            re.fullmatch(r"\d{1,6}(?:\.[A-Za-z]{2})?|.*[-/:年月日].*", text) for text in texts
        )
        dated = bool(texts) and (dates == len(texts) or (_names_time(heads[at]) and whole))
        if (words and keyed[-1] == at - 1) or (dated and not re.search(r"[(（%]", heads[at])):
            keyed.append(at)
    return keyed if len(keyed) < len(heads) else keyed[:-1]


def _names_time(head: str) -> bool:
    return bool(_KEY_HEAD.search(head)) and not find_periods(head)


def _is_time(text: str) -> bool:
    bare = text.strip()
    return parse_period(bare) is not None or bool(re.fullmatch(r"(?:19|20)\d\d", bare))


def _is_key(text: str) -> bool:
    bare = text.strip()
    return _is_time(bare) or not _number(bare) or bool(re.fullmatch(r"\d{6}(?:\.\w+)?", bare))


def _number(text: str) -> bool:
    text = re.sub(r"(?<=\d)\s*[(（][-+\d.,%]*[)）]$", "", text)
    return parse_number(text) is not None or bool(
        re.fullmatch(r"[-+]?[\d,.]+\s*[\u4e00-\u9fff%‰/]{0,5}", text)
        and not re.fullmatch(r"(?:19|20)\d\d年.*|\d+月.*|\d+日", text)
    )


def _cell(
    row: Sequence[str], keyed: Sequence[int], head: str, text: str
) -> tuple[Decimal, str, str, Decimal, tuple[str, ...]] | None:
    text = re.sub(r"(?<=\d)\s*[(（][^()（）]*[)）]$", "", text)  # 12(-3): a count and its change
    found = find_figures(text)
    if is_missing(text) or not _number(text):
        return None
    number = parse_number(text) if len(found) != 1 else found[0].value
    if number is None:
        return None
    printed = (found[0].unit or "") if len(found) == 1 else ""
    labels = [head, *(row[at] for at in keyed)]
    stated = next((unit for words in labels if (unit := unit_of_label(words))), "")
    unit = printed or stated
    shown = text if printed or stated not in SHORT else f"{text}{stated}"
    periods = tuple(dict.fromkeys(p.period.label for w in labels for p in find_periods(w)))
    value = based(number, unit)
    return value, shown, unit, based(Decimal(1), unit), periods


SHORT = {
    "%",
    "倍",
    "元",
    "万元",
    "亿元",
    "次",
    "天",
    "家",
    "吨",
    "万吨",
    "亿",
    "万",
    "亿美元",
    "元/股",
}
_BRACKETS = re.compile(r"[(（\[][^()（）\[\]]*[)）\]]")
_MARK = re.compile(r"\[单位\]\s*(\S+)|单位[:：]\s*([^\s)）|]+)")


def _bare(words: str) -> str:
    """Without the unit in brackets; what else stands in brackets tells columns apart."""
    plain = _MARK.sub("", words)
    return _BRACKETS.sub(
        lambda found: "" if _unit_like(found.group()[1:-1]) else found.group(), plain
    )


_UNITS = re.compile(
    r"(?:人民币)?[十百千万亿]*(?:美元|港元|欧元|日元|元|吨|股|份|手|家|人|户|张|只|倍|次|点|个|桶|辆|台|套|件|天|年|月|平方米|平米|千瓦时?|[mgkt]wh?|%|‰|bps?|pct|百分点|基点|盎司|千克|克|分|指数)?(?:/.{1,4})?",
    re.IGNORECASE,
)


def _unit_like(words: str) -> bool:
    plain = re.sub(r"^单位[:：]\s*", "", words.strip())
    return bool(_UNITS.fullmatch(plain)) or is_unit(plain)


def _without_unit(words: str) -> str:
    return re.sub(r"\[单位\]\s*\S*", "", words)


def unit_of_label(words: str) -> str:
    """The unit that a header or row states: (亿元), [单位]%, 单位：万元."""
    for part in reversed(words.strip().split(LEVELS)):
        if marked := _MARK.search(part):
            return (marked.group(1) or marked.group(2)).strip()
        ending = re.search(r"[(（]\s*([^()（）]{1,8})\s*[)）]\s*$", part)
        if ending and _unit_like(ending.group(1)):
            return ending.group(1)
        if part.endswith("%"):
            return "%"
    return ""


def based(value: Decimal, unit: str) -> Decimal:
    """亿 and 万 resolved, so that figures of different scale can be set against each other."""
    if not unit or unit == "手":
        return value
    factor = {"亿": Decimal(10) ** 8, "万": Decimal(10) ** 4, "万亿": Decimal(10) ** 12}.get(unit)
    if factor:
        return value * factor
    if unit[:1] in "万亿" and to_base(Decimal(1), unit)[0] == 1:  # 万GWh, 亿份: unknown to reports
        return value * (10**8 if unit[0] == "亿" else 10**4)
    return to_base(value, unit)[0]
