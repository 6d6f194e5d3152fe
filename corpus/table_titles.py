"""Captions, titles and units that stand around a table.

Stands beside `corpus.tables`, which finds the tables themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.cell_words import CellKind, kind_of, stated_unit
from corpus.lines import Line
from corpus.report import Span, Table

CAPTION = re.compile(
    r"(?:\*\*|【|\[|▌|■\s?|#+\s?)?\s*(?:附?图表|附?表格?|附?图|Table|Figure|Exhibit|Chart|Fig\.?)\s*"
    r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})(?:[-.—]\d{1,3})*\s*(?:[：:.、．\s】\]]|(?=[\u4e00-\u9fff]))\s*\S",
    re.IGNORECASE,
)
UNIT_LINE = re.compile(r"[(（]?\s*(?:金额|货币|计量)?单位\s*[:：]?\s*[^，。；]{1,24}[)）]?")
SOURCE_LINE = re.compile(
    r"[(（*\s]*(?:(?:数据|资料|信息|图片|内容)?\s*来源(?!于)|(?:备注|附注|注释"
    r"|注)(?:\s*\d{0,2})\s*[：:]|Source)\s*[：:]?",
    re.IGNORECASE,
)
# A caption's or a title's length; longer lines above a table are prose.
_MAX_TITLE = 60


# Of these a money unit stated for the whole table says nothing.
PURE_NUMBER = re.compile(
    r"率|%|％|比重|占比|P/?E|P/?B|P/?S|PEG|ROE|ROA|倍|评级|增速|同比|环比|EV/", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table and the lines `[first, last)` that it takes."""

    table: Table
    first: int
    last: int


def titled(text: str, lines: Sequence[Line], found: list[FoundTable]) -> list[FoundTable]:
    """Gives each table its caption above or below, else the short line above."""
    starts = {one.first for one in found}
    covered = {number for one in found for number in range(one.first, one.last)}
    done = []
    for one in found:
        if one.table.title is None or UNIT_LINE.fullmatch(one.table.title):
            one = replace(one, table=_with_title(text, lines, one, starts, covered))
        done.append(one)
    return done


def _with_title(
    text: str, lines: Sequence[Line], one: FoundTable, starts: set[int], covered: set[int]
) -> Table:
    title, unit = _line_above(lines, one.first, covered)
    below = one.last
    if (title is None or not CAPTION.match(title.text)) and below < len(lines):
        line = lines[below]
        if CAPTION.match(line.text) and line.gap <= 2 and below + 1 not in starts:
            title = line
    if title is None:
        return replace(one.table, title=None, title_span=None) if unit is None else with_unit(
            replace(one.table, title=None, title_span=None), unit
        )  # fmt: skip
    span = bare_span(text, title)
    unit = unit or stated_unit(span.of(text))
    return with_unit(replace(one.table, title=span.of(text), title_span=span), unit)


def _line_above(
    lines: Sequence[Line], first: int, covered: set[int]
) -> tuple[Line | None, str | None]:
    """The caption or short line above a table, and the unit that a line of its own states."""
    unit = None
    for number in range(first - 1, max(first - 4, -1), -1):
        line = lines[number]
        if number in covered or lines[number + 1].new_page or SOURCE_LINE.match(line.text):
            break
        if UNIT_LINE.fullmatch(line.text) and not CAPTION.match(line.text):
            unit = stated_unit(line.text)
            continue
        if len(line.text) <= _MAX_TITLE and line.text[-1] not in "。；;，,！!":
            return line, unit
        return (line, unit) if CAPTION.match(line.text) and len(line.text) < 120 else (None, unit)
    return None, unit


def with_unit(table: Table, unit: str | None) -> Table:
    """The table with a unit stated for all of it, and for its columns of figures without one."""
    if unit is None or table.unit is not None:
        return table
    columns = tuple(
        replace(column, unit=unit)
        if column.unit is None
        and column.index not in table.key_columns
        and not any(PURE_NUMBER.search(head) for head in column.header)
        and _holds_numbers(table, column.index)
        else column
        for column in table.columns
    )
    return replace(table, unit=unit, columns=columns)


def _holds_numbers(table: Table, column: int) -> bool:
    kinds = [kind_of(row.cells[column].text) for row in table.rows]
    return kinds.count(CellKind.NUMBER) * 2 > sum(kind is not CellKind.EMPTY for kind in kinds)


_MARKS = re.compile(r"\A(?:#{1,6}\s+|[-*•■]\s+|[◼⚫●◆▪➢❑]\s*|\*\*|__|▌)+|(?:\*\*|__|#+)\Z")


def bare_span(text: str, line: Line) -> Span:
    """The line's place without heading, list and bold marks."""
    start, end = line.start, line.end
    while (mark := _MARKS.search(text[start:end])) is not None and mark.group():
        if mark.start() == 0:
            start += mark.end()
        else:
            end -= len(mark.group())
    return Span(start, end) if start < end else Span(line.start, line.end)
