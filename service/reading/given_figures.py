"""Figures that the question itself brings along: a table or sentences below what is asked.

Stands below `given`; the prompt is read by the readers of reports, as one small report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from corpus.figures import find_figures, parse_number, to_base
from corpus.normalise import fold
from corpus.periods import find_periods
from corpus.report import BlockKind, Report, SourceFile, Table
from service.reading.measures import Measure
from service.reading.stated_figures import Stated, stated_figures

_ROLE = re.compile(r"你是一[个名位][^。]*。|请(?:给出|选择)正确[^。]*。?|请?保留[^。，,]*小数")
_UNIT_MARK = re.compile(r"\[单位\]\s*|单位[:：]\s*")
_BRACKETS = re.compile(r"[(（\[][^()（）\[\]]*[)）\]]")
# Between a group of columns and what stands below it; folding closes spaces, not this.
LEVELS = "|"


@dataclass(frozen=True, slots=True)
class Given:
    """One figure of the prompt.

    Args:
        value: in its base unit (亿 and 万 resolved), as a decimal.
        shown: the characters as they stand, with the unit that its header states.
        unit: as printed or stated by the header; empty if none is.
        name: folded words of the column, or of the clause before it.
        row: folded words of its row; empty in running text.
        around: folded clauses before; empty in a table.
        periods: labels that it is said of.
        measure: what a figure of running text measures.
        place: order in the prompt.
    """

    value: Decimal
    shown: str
    unit: str
    name: str
    row: str
    periods: tuple[str, ...]
    measure: Measure
    place: int
    around: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked, the figures to answer from, and the formulas that stand beside them."""

    asked: str
    figures: tuple[Given, ...]
    formulas: dict[str, str]
    in_table: bool


def read_prompt(question: str) -> Prompt | None:
    """The prompt taken apart; None if the question brings no data along (two figures, and a line
    break between them and what is asked)."""
    lines = [line.strip() for line in question.strip().splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    # The readers of reports cost a quarter of the start; few questions bring data along.
    from corpus.readers.text import parse_text

    head = [line for line in lines if not line.startswith("|")]
    if not head:
        return None
    asking = next((line for line in head if re.search("多少|计算|几|哪|回答|求", line)), head[0])
    data = [line for line in lines if line is not asking]
    formulas = dict(found for line in data if (found := _formula(line)) is not None)
    body = [line for line in data if _formula(line) is None]
    for text in (body, [*body, asking]):  # 已知 …, 求 …: some bring all in one line
        report = parse_text("question", "\n".join(text) + "\n", _FILE)
        figures = [*_of_tables(report), *_of_text(report)]
        if len(figures) > 1:
            placed = tuple(replace(one, place=place) for place, one in enumerate(figures))
            return Prompt(_asked(asking), placed, formulas, bool(report.tables))
    return None


_FILE = SourceFile("question", "txt", 1, "0" * 64)


def _asked(line: str) -> str:
    """What is asked, without the role that the prompt opens with."""
    bare = _ROLE.sub("", line)
    bare = re.sub(
        r"请?(?:根据|依据|结合|按照)[^,，。:：]*?(?:数据|内容|表格|公式|信息|资料|材料|文本|表)[,，:：]?",
        "",
        bare,
    )
    return fold(bare.strip("。 "))


def _formula(line: str) -> tuple[str, str] | None:
    """净运营资本的计算公式为：净运营资本=流动资产-流动负债 → (净运营资本, 流动资产-流动负债)."""
    if line.startswith("|") or not _LIKE_FORMULA.search(line):
        return None
    told = re.split(r"(?:公式|方法|定义)(?:为|是|如下)?\s*[:：,，]?", line)[-1]
    left, sign, right = told.replace("＝", "=").partition("=")
    if not sign:
        left, right = "", told
    named = re.match(r"(.{2,24}?)的?(?:计算)?(?:公式|方法|定义)", line)
    name = fold(named.group(1) if named else left).strip()
    for words, mark in _SPELLED:
        right = right.replace(words, mark)
    right = fold(right).strip("。.;；,: ")
    return (name, right) if re.search(r"[-+*/×÷^]", right) and name else None


_LIKE_FORMULA = re.compile(r"[=＝]|公式")
_SPELLED = (("除以", "/"), ("乘以", "*"), ("加上", "+"), ("减去", "-"), ("加", "+"), ("减", "-"))


def _of_tables(report: Report) -> Iterator[Given]:
    for table in report.tables:
        heads, first = _heads(table)
        for row in table.rows[first:]:
            texts = [cell.text.strip() for cell in row.cells]
            # The key is the first cell, whatever it is: a year, a name, a metric.
            key = texts[0] if texts else ""
            for head, text in list(zip(heads, texts, strict=False))[1:]:
                one = _cell(key, head, text)
                if one is not None:
                    yield one


def _heads(table: Table) -> tuple[list[str], int]:
    """The words over each column, a second header row that stands below the rule included."""
    heads = [LEVELS.join(column.header) for column in table.columns]
    first = 0
    while first < len(table.rows) - 1:
        texts = [cell.text.strip() for cell in table.rows[first].cells]
        if any(_number(text) for text in texts[1:]):
            break
        filled, last = [], ""
        for head in heads:
            last = head if head.strip() not in {"", "-"} else last
            filled.append(last)
        heads = [
            f"{head}{LEVELS}{text}".strip(LEVELS) for head, text in zip(filled, texts, strict=False)
        ]
        first += 1
    return heads, first


def _number(text: str) -> bool:
    return parse_number(text) is not None or bool(
        re.fullmatch(r"[-+]?[\d,.]+\s*[\u4e00-\u9fff%]{0,4}", text)
    )


def _cell(key: str, head: str, text: str) -> Given | None:
    found = find_figures(text)
    number = parse_number(text)
    if number is None and not (len(found) == 1 and _number(text)):
        return None
    printed = found[0].unit if len(found) == 1 and found[0].unit else ""
    plain = _UNIT_MARK.sub("", head)
    stated = _stated_unit(head) or _stated_unit(key)
    unit = printed or stated
    value = found[0].value if found else number
    if value is None:
        return None
    shown = text if printed else f"{text}{stated if stated in _SHORT else ''}"
    periods = [p.period.label for words in (key, head) for p in find_periods(words)]
    name = fold(_BRACKETS.sub("", plain.removesuffix(stated) if stated else plain)).strip(LEVELS)
    row = fold(_BRACKETS.sub("", key))
    return Given(_based(value, unit), shown, unit, name, row, tuple(periods), Measure.LEVEL, 0)


_SHORT = {"%", "倍", "元", "万元", "亿元", "次", "天", "家", "吨"}


def _stated_unit(words: str) -> str:
    last = words.strip().rpartition(LEVELS)
    return _unit_of_label(last[2]) or _unit_of_label(last[0].rpartition(LEVELS)[2])


def _unit_of_label(words: str) -> str:
    marked = re.search(
        r"\[单位\]\s*(\S+)|[(（](?:单位[:：])?([^()（）]{1,8})[)）]\s*$", words.strip()
    )
    return (marked.group(1) or marked.group(2)).strip() if marked else ""


def _based(value: Decimal, unit: str) -> Decimal:
    """亿 and 万 resolved, so that figures of different scale can be set against each other."""
    if not unit:
        return value
    factor = {"亿": Decimal(10) ** 8, "万": Decimal(10) ** 4, "万亿": Decimal(10) ** 12}.get(unit)
    return value * factor if factor else to_base(value, unit)[0]


def _of_text(report: Report) -> Iterator[Given]:
    found: dict[int, Given] = {}
    for index, block in enumerate(report.blocks):
        for one in stated_figures(report, index):
            if given := _of_stated(one, report):
                found[one.value.end] = given
        if block.kind is not BlockKind.TABLE:
            for end, given in _bare(block.span.of(report.text), block.span.start):
                if not any(abs(end - other) < len(given.shown) + 8 for other in found):
                    found[end] = given
    yield from (found[end] for end in sorted(found))


def _of_stated(one: Stated, report: Report) -> Given | None:
    words = one.value.of(report.text)
    found = find_figures(words)
    if not found:
        return None
    falls = re.match("下降|减少|下滑|降低|下跌|回落|跌", one.figure.of(report.text))
    value = -abs(found[0].value) if falls else found[0].value
    return Given(
        _based(value, found[0].unit or one.unit),
        " ".join(words.split()),
        one.unit,
        f"{one.words} {one.after}".strip(),
        "",
        one.periods,
        one.measure,
        0,
        " ".join(one.around[:2]),
    )


# β系数为1.2, 收盘3009.41点: numbers that no unit of money or amount makes a figure.
_BARE = re.compile(
    r"(?P<name>[^,，。;；、\s=]{0,20}?)(?:分别)?(?:收盘|报收|收于|收报|报|为|是|=|:|：|达到?|至|(?<=[数率值度]))\s*"
    r"(?P<number>-?\d+(?:\.\d+)?)(?P<unit>点|倍|%|只|家|户|份|张|基点)?(?![\d.年月日/])"
)


def _bare(text: str, offset: int) -> Iterator[tuple[int, Given]]:
    for found in _BARE.finditer(text):
        number = Decimal(found["number"])
        name = fold(found["name"])
        yield offset + found.end(), Given(
            number, found["number"] + (found["unit"] or ""), found["unit"] or "", name, "",
            tuple(p.period.label for p in find_periods(text[: found.start("number")]))[-1:],
            Measure.LEVEL, 0,
        )  # fmt: skip
