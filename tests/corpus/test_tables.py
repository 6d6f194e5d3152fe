"""Every table layout that is read, each with the exact grid that it must give."""

from __future__ import annotations

import pytest

from corpus.lines import split_lines
from corpus.report import Table
from corpus.tables import find_tables

Header = list[tuple[str, ...]]
Body = list[list[str]]


def tables(text: str) -> list[Table]:
    return [found.table for found in find_tables(text, split_lines(text))]


SAMPLE_ONE = """表 1: 重点公司估值

代码\t公司\t总市值\tEPS (元/股)\tPE\t投资评级
----\t----\t-----\t-----------\t----\t------

\t\t(亿元)\t2022A\t2023E\t2022A\t2023E\t
300418\t昆仑万维\t460.49\t0.95\t0.58\t39.96\t65.34\t买入
300364\t中文在线\t1,280.51\t-0.50\t0.18\t-\t154.28\t增持
"""
SAMPLE_TWO = """关注公司

公司代码\t名称\t2024-02-29 股价\tEPS\t\tPE\t\t投资评级
\t\t\t2022\t2023E\t2022\t2023E\t
002605.SZ\t姚记科技\t25.66\t0.86\t1.46\t29.84\t17.58\t买入
002739.SZ\t万达电影\t11.61\t-0.88\t0.42\t-13.19\t27.64\t买入
"""
RATINGS = "说明：\n\n\t投资建议\t涨幅\n1\t买入\t>20%\n2\t增持\t10%—20%\n3\t卖出\t<-10%\n"
PERMUTED = """表 2: 估值

投资评级\tPE\t公司\tEPS (元/股)\t总市值\t代码
----\t----\t-----\t-----------\t----\t------

\t2024E\t2022A\t\t2022A\t2024E\t(亿元)\t
买入\t65.34\t39.96\t昆仑万维\t0.95\t0.58\t460.49\t300418
增持\t154.28\t-\t中文在线\t-0.50\t0.18\t202.70\t300364
"""
BARS = """| 代码 | 名称 | EPS(元) | PE(倍) |
|---|---|---:|---:|
| 300418 | 昆仑万维 | 0.95 | 39.96 |
| 300364 | 中文在线 | - | 154.28 |
"""
BARS_OPEN = """ | 投资建议 | 涨幅
--|---|---
1 | 买入 | >20%
2 | 增持 | 10%—20%
"""
SPACES = """代码      名称        总市值(亿元)   PE
300418    昆仑万维    460.49         39.96
300364    中文在线    1,202.70       -
"""
SPACES_GROUPS = """代码      名称        EPS               PE
                      2023A    2024E    2023A    2024E
300418    昆仑万维    0.95     0.58     39.96    65.34
300364    中文在线    -0.50    0.18     -        154.28
"""
THREE_ROWS = """代码\t名称\t估值\t\t\t\t评级
\t\tEPS (元)\t\tPE\t\t
\t\t2023A\t2024E\t2023A\t2024E\t
300418\t昆仑万维\t0.95\t0.58\t39.96\t65.34\t买入
300364\t中文在线\t-0.50\t0.18\t-\t154.28\t买入
"""
UNIT_ROW_LAST = """代码\t公司\t市值\tEPS\t
\t\t\t2023A\t2024E
\t\t(亿元)\t(元/股)\t(元/股)
300418\t昆仑万维\t460.49\t0.95\t0.58
300364\t中文在线\t202.70\t-0.50\t0.18
"""
CENTRED = """代码\t公司\t\tEPS\t\t\tPE\t
\t\t2022A\t2023E\t2024E\t2022A\t2023E\t2024E
300418\t昆仑万维\t0.95\t0.58\t0.70\t39.96\t65.34\t54.14
300364\t中文在线\t0.50\t0.18\t0.24\t20.10\t154.28\t115.71
"""
STATEMENT = """利润表（百万元）\t2022A\t2023E\t2024E
营业收入\t4,736\t5,120\t6,001
毛利率(%)\t78.9\t79.1\t79.5
归母净利润\t-1,153\t690\t836
"""
NO_HEADER = "300418\t昆仑万维\t0.95\n300364\t中文在线\t0.18\n"
LOOSE = """会计年度 2022A 2023E 2024E
营业收入 4,736 5,120 6,001
归母净利润 1,153 690 836
每股收益 0.95 0.58 0.70
"""
HTML = """表 3: 估值
<table><tr><th rowspan="2">代码</th><th rowspan="2">公司</th><th colspan="2">EPS (元/股)</th></tr>
<tr><th>2023A</th><th>2024E</th></tr>
<tr><td>300418</td><td><b>昆仑万维</b></td><td>0.95</td><td><-0.58</td></tr>
<tr><td>300364</td><td>中文在线</td><td>-</td><td></td></tr></table>
"""

LAYOUTS: dict[str, tuple[str, Header, Body, tuple[int, ...]]] = {
    "a rule with fewer cells than columns, a second header row below it": (
        SAMPLE_ONE,
        [
            ("代码",), ("公司",), ("总市值", "(亿元)"),
            ("EPS (元/股)", "2022A"), ("EPS (元/股)", "2023E"),
            ("PE", "2022A"), ("PE", "2023E"), ("投资评级",),
        ],
        [
            ["300418", "昆仑万维", "460.49", "0.95", "0.58", "39.96", "65.34", "买入"],
            ["300364", "中文在线", "1,280.51", "-0.50", "0.18", "-", "154.28", "增持"],
        ],
        (0, 1),
    ),
    "empty header cells that belong to the label on their left": (
        SAMPLE_TWO,
        [
            ("公司代码",), ("名称",), ("2024-02-29 股价",),
            ("EPS", "2022"), ("EPS", "2023E"), ("PE", "2022"), ("PE", "2023E"), ("投资评级",),
        ],
        [
            ["002605.SZ", "姚记科技", "25.66", "0.86", "1.46", "29.84", "17.58", "买入"],
            ["002739.SZ", "万达电影", "11.61", "-0.88", "0.42", "-13.19", "27.64", "买入"],
        ],
        (0, 1),
    ),
    "an empty first header cell above a numbering": (
        RATINGS,
        [(), ("投资建议",), ("涨幅",)],
        [["1", "买入", ">20%"], ["2", "增持", "10%—20%"], ["3", "卖出", "<-10%"]],
        (1,),
    ),
    "the same with columns permuted": (
        PERMUTED,
        [
            ("投资评级",), ("PE", "2024E"), ("PE", "2022A"), ("公司",),
            ("EPS (元/股)", "2022A"), ("EPS (元/股)", "2024E"), ("总市值", "(亿元)"), ("代码",),
        ],
        [
            ["买入", "65.34", "39.96", "昆仑万维", "0.95", "0.58", "460.49", "300418"],
            ["增持", "154.28", "-", "中文在线", "-0.50", "0.18", "202.70", "300364"],
        ],
        (3, 7),
    ),
    "bars with a rule": (
        BARS,
        [("代码",), ("名称",), ("EPS(元)",), ("PE(倍)",)],
        [["300418", "昆仑万维", "0.95", "39.96"], ["300364", "中文在线", "-", "154.28"]],
        (0, 1),
    ),
    "bars without outer bars": (
        BARS_OPEN,
        [(), ("投资建议",), ("涨幅",)],
        [["1", "买入", ">20%"], ["2", "增持", "10%—20%"]],
        (1,),
    ),
    "columns aligned by spaces": (
        SPACES,
        [("代码",), ("名称",), ("总市值(亿元)",), ("PE",)],
        [["300418", "昆仑万维", "460.49", "39.96"], ["300364", "中文在线", "1,202.70", "-"]],
        (0, 1),
    ),
    "two header rows aligned by spaces": (
        SPACES_GROUPS,
        [
            ("代码",), ("名称",), ("EPS", "2023A"), ("EPS", "2024E"),
            ("PE", "2023A"), ("PE", "2024E"),
        ],
        [
            ["300418", "昆仑万维", "0.95", "0.58", "39.96", "65.34"],
            ["300364", "中文在线", "-0.50", "0.18", "-", "154.28"],
        ],
        (0, 1),
    ),
    "three header rows": (
        THREE_ROWS,
        [
            ("代码",), ("名称",), ("估值", "EPS (元)", "2023A"), ("估值", "EPS (元)", "2024E"),
            ("估值", "PE", "2023A"), ("估值", "PE", "2024E"), ("评级",),
        ],
        [
            ["300418", "昆仑万维", "0.95", "0.58", "39.96", "65.34", "买入"],
            ["300364", "中文在线", "-0.50", "0.18", "-", "154.28", "买入"],
        ],
        (0, 1),
    ),
    "units in a row of their own": (
        UNIT_ROW_LAST,
        [
            ("代码",), ("公司",), ("市值", "(亿元)"),
            ("EPS", "2023A", "(元/股)"), ("EPS", "2024E", "(元/股)"),
        ],
        [["300418", "昆仑万维", "460.49", "0.95", "0.58"],
         ["300364", "中文在线", "202.70", "-0.50", "0.18"]],
        (0, 1),
    ),
    "labels centred over their groups": (
        CENTRED,
        [
            ("代码",), ("公司",), ("EPS", "2022A"), ("EPS", "2023E"), ("EPS", "2024E"),
            ("PE", "2022A"), ("PE", "2023E"), ("PE", "2024E"),
        ],
        [["300418", "昆仑万维", "0.95", "0.58", "0.70", "39.96", "65.34", "54.14"],
         ["300364", "中文在线", "0.50", "0.18", "0.24", "20.10", "154.28", "115.71"]],
        (0, 1),
    ),
    "a statement: metrics down, years across": (
        STATEMENT,
        [("利润表（百万元）",), ("2022A",), ("2023E",), ("2024E",)],
        [["营业收入", "4,736", "5,120", "6,001"], ["毛利率(%)", "78.9", "79.1", "79.5"],
         ["归母净利润", "-1,153", "690", "836"]],
        (0,),
    ),
    "no header": (
        NO_HEADER,
        [(), (), ()],
        [["300418", "昆仑万维", "0.95"], ["300364", "中文在线", "0.18"]],
        (0, 1),
    ),
    "labels and figures parted by single spaces": (
        LOOSE,
        [("会计年度",), ("2022A",), ("2023E",), ("2024E",)],
        [["营业收入", "4,736", "5,120", "6,001"], ["归母净利润", "1,153", "690", "836"],
         ["每股收益", "0.95", "0.58", "0.70"]],
        (0,),
    ),
    "HTML with spans": (
        HTML,
        [("代码",), ("公司",), ("EPS (元/股)", "2023A"), ("EPS (元/股)", "2024E")],
        [["300418", "昆仑万维", "0.95", "<-0.58"], ["300364", "中文在线", "-", ""]],
        (0, 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout_gives_its_grid(layout: str) -> None:
    text, header, body, keys = LAYOUTS[layout]
    (table,) = tables(text)
    assert [column.header for column in table.columns] == header
    assert [[cell.text for cell in row.cells] for row in table.rows] == body
    assert table.key_columns == keys
    for row in table.rows:
        for cell in row.cells:
            assert cell.span.of(text) == cell.text
    for column in table.columns:
        assert tuple(span.of(text) for span in column.spans) == column.header


def test_units_come_from_header_row_bracket_and_corner() -> None:
    (one,) = tables(SAMPLE_ONE)
    assert [c.unit for c in one.columns[2:6]] == ["亿元", "元/股", "元/股", None]
    (statement,) = tables(STATEMENT)
    assert statement.unit == "百万元"
    assert [c.unit for c in statement.columns[1:]] == ["百万元"] * 3


def test_title_is_caption_above_or_below_else_the_line_above_else_none() -> None:
    assert tables(SAMPLE_ONE)[0].title == "表 1: 重点公司估值"
    assert tables(SAMPLE_TWO)[0].title == "关注公司"
    assert tables(BARS + "\n图表 7：估值（单位：亿元）\n")[0].title == "图表 7：估值（单位：亿元）"
    assert tables(BARS)[0].title is None


def test_a_unit_line_between_caption_and_table_is_the_tables_unit() -> None:
    (table,) = tables(
        "表 2：利润表\n单位：亿元\n项目\t2022A\t2023E\n收入\t1.0\t2.0\n利润\t0.1\t0.2\n"
    )
    assert (table.title, table.unit) == ("表 2：利润表", "亿元")


def test_two_statements_on_each_other_are_two_tables() -> None:
    text = STATEMENT + "现金流量表\t2022A\t2023E\t2024E\n经营现金流\t1\t2\t3\n净额\t4\t5\t6\n"
    assert [len(table.rows) for table in tables(text)] == [3, 2]


def test_rows_are_the_lines_as_they_stand() -> None:
    (table,) = tables(SAMPLE_TWO)
    assert table.rows[1].span.of(SAMPLE_TWO) == SAMPLE_TWO.splitlines()[5]
    (html,) = tables(HTML)
    assert html.rows[0].span.of(HTML) == HTML.splitlines()[3]


@pytest.mark.parametrize(
    "text",
    [
        "公司 2024 年收入 12 亿元，  同比增长 3%。\n本行没有表格。",
        "一、概述 ........ 3\n二、分析 ........ 4\n三、结论 ........ 9\n",
        "他说\t好\n",
    ],
)
def test_prose_and_contents_are_no_tables(text: str) -> None:
    assert tables(text) == []


def test_names_that_repeat_are_told_apart_by_the_next_column_of_words() -> None:
    (table,) = tables(
        "分业务预测\n\n业务\t指标\t2023A\t2024E\n动力电池\t收入（亿元）\t12.5\t13.6\n"
        "动力电池\t毛利率\t22.5%\t23.6%\n储能\t收入（亿元）\t2.5\t3.6\n储能\t毛利率\t32.5%\t33.6%\n"
    )
    assert table.key_columns == (0, 1)
    assert table.row_key(table.rows[3]) == "储能 毛利率"


def test_ratings_tell_no_rows_apart() -> None:
    (table,) = tables(
        "评级\n\n公司\t评级\t日期\t目标价\n甲股份\t买入\t2024-01-02\t12.5\n甲股份\t增持\t2024-03-04\t13.6\n"
        "甲股份\t中性\t2024-05-06\t14.7\n"
    )
    assert table.key_columns == (0,)
