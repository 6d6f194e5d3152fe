"""Tables of pages that are drawn with letters: the grid, the headers and the titles they must give.

A drawn page: one letter is 5 points wide and Han are two letters (size 10); a line is 14 points
high; words are parted by spaces; a line of `=` is a drawn rule over just those columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.composed import KnownBlock, KnownCell, KnownTable
from corpus.known_tables import known_tables
from corpus.lines import split_lines
from corpus.pdf.page import Fill, Image, Page, PageTable, Rule, Word
from corpus.pdf.table_wraps import Bond, bond_of, joint_in_cell
from corpus.pdf.tables import continued, find_tables
from corpus.report import BlockKind, Span, Table

LETTER, LINE, SIZE = 5.0, 14.0, 10.0
TOP, LEFT = 60.0, 40.0


def width_of(text: str) -> float:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text) * LETTER


def word(text: str, x: float, y: float) -> Word:
    edges = [x]
    for letter in text:
        edges.append(edges[-1] + width_of(letter))
    return Word(text, x, y, edges[-1], y + SIZE, tuple(edges), SIZE)


def drawn(
    picture: str,
    uprights: Sequence[tuple[float, float, float]] = (),
    fills: Sequence[Fill] = (),
    images: Sequence[Image] = (),
    top: float = TOP,
) -> Page:
    """The page of a picture of letters. `uprights`: (letter, first line, last line)."""
    words: list[Word] = []
    rules: list[Rule] = []
    y = top
    for line in picture.strip("\n").split("\n"):
        if line.strip() and not line.strip(" ="):
            for run in re.finditer(r"=+", line):
                x0, x1 = LEFT + run.start() * LETTER, LEFT + run.end() * LETTER
                rules.append(Rule(x0, y - 2, x1, y - 2, 0.5))
            continue
        for run in re.finditer(r"\S+", line):
            words.append(word(run.group(), LEFT + width_of(line[: run.start()]), y))
        y += LINE
    for letter, first, last in uprights:
        x = LEFT + letter * LETTER
        rules.append(Rule(x, top - 2 + first * LINE, x, top - 2 + last * LINE, 0.5))
    return Page(1, 595.0, 842.0, tuple(words), tuple(rules), tuple(fills), tuple(images))


def grid(table: PageTable) -> list[list[str]]:
    """The words of each place; a cell that spans is written in every place that it covers."""
    rows = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        text = "".join(one.text for one in cell.words)
        for row in range(cell.row, cell.row + cell.row_span):
            for column in range(cell.column, cell.column + cell.column_span):
                assert rows[row][column] == "", "two cells in one place"
                rows[row][column] = text
    return rows


def the_table(page: Page) -> PageTable:
    (table,) = find_tables(page)
    return table


def composed(tables: Sequence[PageTable]) -> list[Table]:
    """The tables as a reader composes them: a line a row, cells parted by tabs."""
    text = ""
    blocks = []
    for table in tables:
        title = None
        if table.title:
            start = len(text)
            text += " ".join(one.text for one in table.title)
            title = Span(start, len(text))
            text += "\n"
        cells, rows, start = [], [], len(text)
        for row in range(table.rows):
            first = len(text)
            for cell in (one for one in table.cells if one.row == row):
                text += "\t" if len(text) > first else ""
                begin = len(text)
                text += "".join(one.text for one in cell.words)
                cells.append(
                    KnownCell(row, cell.column, Span(begin, len(text)), cell.row_span,
                              cell.column_span)
                )  # fmt: skip
            rows.append(Span(first, len(text)))
            text += "\n"
        known = KnownTable(
            tuple(rows), table.columns, tuple(cells), table.header_rows, title, table.continues
        )
        blocks.append(KnownBlock(BlockKind.TABLE, Span(start, len(text) - 1), table=known))
    return [one.table for one in known_tables(text, split_lines(text), blocks)]


def spread(ends: Sequence[int], cells: Sequence[str]) -> str:
    """One drawn line: each cell ends at its letter."""
    line = ""
    for end, cell in zip(ends, cells, strict=True):
        line += " " * (end - round(width_of(line + cell) / LETTER)) + cell
    return line


ENDS = [9, 18, 26, 34, 42, 50, 58, 66, 74, 82]
FULL = "=" * 82
VALUATION = "\n".join(
    [
        FULL,
        spread([7, 17, 26, 46, 68, 82], ["代码", "公司", "股价", "EPS（元）", "PE", "评级"]),
        " " * 29 + "=" * 22 + " " + "=" * 23,
        spread(ENDS[3:9], ["2023A", "2024E", "2025E", "2023A", "2024E", "2025E"]),
        FULL,
        spread(ENDS, ["600001.SH", "甲股份", "10.50", "0.51", "0.62", "0.73", "20.6", "16.9",
                      "14.4", "买入"]),
        spread(ENDS, ["000002.SZ", "乙科技", "8.20", "0.40", "0.44", "-", "20.5", "18.6", "-",
                      "增持"]),
        spread(ENDS, ["300003.SZ", "丙药业", "33.30", "1.11", "1.32", "1.53", "30.0", "25.2",
                      "21.8", "买入"]),
        FULL,
    ]
)  # fmt: skip


def test_groups_of_a_three_line_table_stand_over_their_columns() -> None:
    (table,) = composed([the_table(drawn(VALUATION))])
    assert [column.header for column in table.columns] == [
        ("代码",), ("公司",), ("股价",),
        ("EPS（元）", "2023A"), ("EPS（元）", "2024E"), ("EPS（元）", "2025E"),
        ("PE", "2023A"), ("PE", "2024E"), ("PE", "2025E"), ("评级",),
    ]  # fmt: skip
    assert [table.row_key(row) for row in table.rows] == [
        "600001.SH 甲股份", "000002.SZ 乙科技", "300003.SZ 丙药业",
    ]  # fmt: skip
    assert [cell.text for cell in table.rows[1].cells[2:]] == [
        "8.20", "0.40", "0.44", "-", "20.5", "18.6", "-", "增持",
    ]  # fmt: skip
    assert [column.unit for column in table.columns[3:7]] == ["元", "元", "元", None]


def test_a_plainly_aligned_table_needs_no_lines() -> None:
    table = the_table(
        drawn("""
单位：百万元           2023A     2024E     2025E
营业收入              1,409     1,645     1,912
营业成本               (954)   (1,109)   (1,281)
其中：研发费用            57         -        82
毛利率                32.3%     32.6%
归母净利润               221       352       420
""")
    )
    assert table.header_rows == 1
    assert not table.ruled
    assert grid(table) == [
        ["单位：百万元", "2023A", "2024E", "2025E"],
        ["营业收入", "1,409", "1,645", "1,912"],
        ["营业成本", "(954)", "(1,109)", "(1,281)"],
        ["其中：研发费用", "57", "-", "82"],
        ["毛利率", "32.3%", "32.6%", ""],
        ["归母净利润", "221", "352", "420"],
    ]


STATEMENTS = """
资产负债表          单位：百万元          利润表            单位：百万元
至12月31日         2023A   2024E        至12月31日       2023A   2024E
流动资产           1,188   1,282        营业收入         1,268   1,409
货币资金             505     623        营业成本           843     954
存货                 141     197        销售费用            19      21
资产总计           1,800   2,109        净利润             115     221

现金流量表          单位：百万元          主要财务比率
至12月31日         2023A   2024E        至12月31日       2023A   2024E
经营活动现金流       260     304        成长能力
折旧摊销              28      26        营业收入增长      5.2%   11.1%
资本支出            -143    -154        ROE               8.1%   13.3%
现金净增加额         217     113        P/E              41.04   25.48
"""


def test_four_statements_of_one_block_are_four_tables() -> None:
    tables = composed(find_tables(drawn(STATEMENTS)))
    assert [table.title for table in tables] == [
        "资产负债表 单位：百万元", "利润表 单位：百万元", "现金流量表 单位：百万元", "主要财务比率",
    ]  # fmt: skip
    found = {
        (table.row_key(row), *table.columns[cell.column].header): cell.text
        for table in tables
        for row in table.rows
        for cell in row.cells
        if cell.column not in table.key_columns
    }
    assert found["货币资金", "2024E"] == "623"
    assert found["净利润", "2023A"] == "115"
    assert found["资本支出", "2023A"] == "-143"
    assert found["P/E", "2024E"] == "25.48"
    assert tables[0].unit == "百万元"
    assert [len(table.rows) for table in tables] == [4, 4, 4, 4]


PROSE = "公司发布年度业绩预告，预计全年实现净利润同比增长，主要系下游"


def test_names_and_values_beside_a_paragraph_are_a_table_without_it() -> None:
    lines = ["收盘价(元)     33.30", "总股本(百万)  229.63", "市盈率(倍)     25.5",
             "流通比例      50.43%"]  # fmt: skip
    page = drawn("\n".join(f"{PROSE}    {line}" for line in lines))
    assert grid(the_table(page)) == [
        ["收盘价(元)", "33.30"], ["总股本(百万)", "229.63"], ["市盈率(倍)", "25.5"],
        ["流通比例", "50.43%"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "picture",
    [
        "\n".join([PROSE] * 6),
        "\n".join(f"{PROSE[:24]}    {PROSE[:24]}" for _ in range(8)),
        "一、公司概况 ................... 3\n二、盈利预测 ................... 7\n三、风险提示 ................... 12",
        "1. 提升产能利用率\n2. 扩大海外市场\n3. 控制期间费用\n4. 加大研发投入",
        "张三   021-20361121   zhangsan@example.com\n李四   021-20361122   lisi@example.com\n"
        "王五   021-20361123   wangwu@example.com",
        "16.00\n14.00            7.1\n12.00   3.2            9.8\n10.00\n 8.00\n        2021   2022   2023",
    ],
    ids=["paragraph", "two columns", "contents", "list", "team", "chart"],
)
def test_what_is_no_table_is_none(picture: str) -> None:
    assert find_tables(drawn(picture)) == []


def test_a_chart_that_is_a_picture_gives_no_table() -> None:
    picture = "甲   1.0   2.0   3.0\n乙   4.0   5.0   6.0\n丙   7.0   8.0   9.1"
    assert len(find_tables(drawn(picture))) == 1
    assert find_tables(drawn(picture, images=[Image(0, 0, 300, 150)])) == []


def test_a_label_of_two_lines_stands_around_its_figures() -> None:
    page = drawn("营业收入        1,409    1,645\n\n\n净利润            221      352")
    label = [word("归属于母公司", LEFT, TOP + 14), word("股东权益", LEFT, TOP + 26)]
    values = [word("1,496", LEFT + 80, TOP + 20), word("1,654", LEFT + 125, TOP + 20)]
    page = Page(1, 595, 842, (*page.words, *label, *values))
    assert grid(the_table(page))[1] == ["归属于母公司股东权益", "1,496", "1,654"]


def test_a_subheading_is_a_row_of_its_own() -> None:
    table = the_table(
        drawn("""
              2023A    2024E
成长能力
收入增长       5.2%    11.1%
利润增长      -6.3%    82.2%
偿债能力
流动比率       4.03     2.89
速动比率       3.52     2.41
""")
    )
    assert table.header_rows == 1
    assert [row[0] for row in grid(table)] == [
        "", "成长能力", "收入增长", "利润增长", "偿债能力", "流动比率", "速动比率",
    ]  # fmt: skip


def test_the_name_of_a_group_reaches_down_over_its_rows() -> None:
    table = the_table(
        drawn("""
类别      因子        最近1月     最近3月
估值      PE           1.83%       2.22%
          PB           1.62%       4.95%
动量      半年         3.70%       1.95%
          一年         3.81%       2.09%
""")
    )
    spans = [(c.row, c.row_span) for c in table.cells if c.column == 0 and c.row > 0]
    assert spans == [(1, 2), (3, 2)]
    assert [row[0] for row in grid(table)[1:]] == ["估值", "估值", "动量", "动量"]


def test_lines_of_a_full_grid_part_rows_of_words() -> None:
    picture = """
==============================================
行业      标的            说明
==============================================
食品      甲股份          渠道扩张快，产品
                          结构升级
==============================================
医药      乙药业          新药获批
==============================================
"""
    page = drawn(picture, uprights=[(0, 0, 4), (9, 0, 4), (25, 0, 4), (46, 0, 4)])
    table = the_table(page)
    assert table.ruled
    assert table.header_rows == 1
    assert grid(table) == [
        ["行业", "标的", "说明"],
        ["食品", "甲股份", "渠道扩张快，产品结构升级"],
        ["医药", "乙药业", "新药获批"],
    ]


def test_a_broken_rule_counts_as_one() -> None:
    whole = VALUATION.replace(FULL, "=" * 36 + " " + "=" * 45)
    assert grid(the_table(drawn(whole))) == grid(the_table(drawn(VALUATION)))


def test_a_table_goes_on_over_the_page() -> None:
    first = drawn("""
项目          2023A    2024E
营业收入      1,409    1,645
营业成本        954    1,109
""")
    rest = drawn("""
销售费用         19       21
净利润          221      352
""")
    one, other = the_table(first), the_table(rest)
    assert continued(one, first, other, rest)
    moved = drawn("\n\n净利润          221      352\n每股收益       0.96     1.53\n")
    far = Page(1, 595, 842, tuple(
        Word(w.text, w.x0 + 60, w.y0, w.x1 + 60, w.y1, tuple(e + 60 for e in w.edges), w.size)
        for w in moved.words
    ))  # fmt: skip
    assert not continued(one, first, the_table(far), far)


def test_touching_header_labels_are_cut_at_their_brackets() -> None:
    page = drawn("""
产品         收入（亿元）成本（亿元）
甲产品        52.35       38.68
乙产品        26.79       22.63
丙产品        11.94        4.89
""")
    assert grid(the_table(page))[0] == ["产品", "收入（亿元）", "成本（亿元）"]


NUMBER = st.decimals(min_value=-99999, max_value=99999, places=2).map(lambda n: f"{n:,}")


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 6).flatmap(
        lambda width: st.lists(
            st.lists(st.one_of(NUMBER, st.just("-")), min_size=width, max_size=width),
            min_size=3,
            max_size=9,
        )
    )
)
def test_a_drawn_grid_of_figures_comes_back(figures: list[list[str]]) -> None:
    """Cells right-aligned in columns of 14 letters, under periods, beside labels."""
    width = len(figures[0])
    labels = [f"科目{'甲乙丙丁戊己庚辛壬'[row]}" for row in range(len(figures))]
    heads = [f"{2020 + column}E" for column in range(width)]
    picture = [" " * 10 + "".join(f"{head:>14}" for head in heads)]
    for label, row in zip(labels, figures, strict=True):
        picture.append(f"{label}    " + "".join(f"{cell:>14}" for cell in row))
    table = the_table(drawn("\n".join(picture)))
    assert table.header_rows == 1
    assert grid(table) == [
        ["", *heads],
        *([label, *row] for label, row in zip(labels, figures, strict=True)),
    ]
    words = [one for cell in table.cells for one in cell.words]
    assert len(words) == len(set(words)) == width + len(figures) * (width + 1)


def lined(
    rows: Sequence[Sequence[str]], widths: Sequence[int], joins: Sequence[tuple[int, int, int]] = ()
) -> Page:
    """A grid with every line drawn. `joins`: (row, column, columns): cells that are one."""
    words, rules = [], []
    xs = [LEFT]
    for width in widths:
        xs.append(xs[-1] + width * LETTER)
    high = LINE + 4
    ys = [TOP + high * number for number in range(len(rows) + 1)]
    rules += [Rule(xs[0], y, xs[-1], y, 0.5) for y in ys]
    gone = {(row, column + step) for row, column, wide in joins for step in range(1, wide)}
    for number, row in enumerate(rows):
        for column in range(len(widths) + 1):
            if (number, column) not in gone:
                rules.append(Rule(xs[column], ys[number], xs[column], ys[number + 1], 0.5))
        for column, text in enumerate(row):
            if text:
                words.append(word(text, xs[column] + 3, ys[number] + 4))
    return Page(1, 595.0, 842.0, tuple(words), tuple(rules))


def test_a_full_grid_is_read_by_its_lines_alone() -> None:
    """Cells of one letter's distance, a group over two columns, an empty cell."""
    rows = [["项目", "本期金额", "", "说明"], ["", "2023年", "2022年", ""],
            ["营业收入", "1,409", "1,268", ""], ["营业成本", "954", "", "降价"]]  # fmt: skip
    page = lined(rows, [10, 9, 9, 8], joins=[(0, 1, 2)])
    # 项目 and 说明 reach down over two rows
    rules = [r for r in page.rules if not (r.horizontal and r.y0 == TOP + LINE + 4)]
    rules.append(Rule(LEFT + 50, TOP + LINE + 4, LEFT + 140, TOP + LINE + 4, 0.5))
    table = the_table(Page(1, 595.0, 842.0, page.words, tuple(rules)))
    assert table.header_rows == 2
    assert grid(table) == [
        ["项目", "本期金额", "本期金额", "说明"],
        ["项目", "2023年", "2022年", "说明"],
        ["营业收入", "1,409", "1,268", ""],
        ["营业成本", "954", "", "降价"],
    ]


def test_a_row_that_is_one_cell_names_the_table_below_it() -> None:
    rows = [["股东总数", "425,422", ""], ["前十名股东持股情况", "", ""], ["股东名称", "持股数量", "比例"],
            ["甲公司", "650,913", "10.23"], ["乙公司", "538,535", "8.46"]]  # fmt: skip
    tables = find_tables(lined(rows, [20, 10, 10], joins=[(0, 1, 2), (1, 0, 3)]))
    assert [table.header_rows for table in tables] == [0, 1]
    assert "".join(one.text for one in tables[1].title) == "前十名股东持股情况"
    assert grid(tables[1])[1] == ["甲公司", "650,913", "10.23"]


def test_a_header_inside_of_a_grid_opens_a_table() -> None:
    rows = [["", "2023年", "2022年"], ["营业收入", "1,409", "1,268"], ["净利润", "221", "115"],
            ["", "2023年末", "2022年末"], ["总资产", "2,109", "1,800"]]  # fmt: skip
    tables = find_tables(lined(rows, [12, 10, 10]))
    assert [grid(table)[0][1] for table in tables] == ["2023年", "2023年末"]


def test_the_rest_of_a_statement_has_no_header() -> None:
    rows = [["其他权益工具投资", "", ""], ["固定资产", "1,041", "849"], ["在建工程", "178", "214"]]
    assert the_table(lined(rows, [20, 10, 10])).header_rows == 0


def test_one_row_of_figures_between_two_lines_is_a_table() -> None:
    table = the_table(
        drawn("""
==================================================
行业       股息率     市现率     市净率     市盈率
电子        0.0358    0.0190    0.0245    0.0045
==================================================
""")
    )
    assert table.header_rows == 1
    assert grid(table)[1] == ["电子", "0.0358", "0.0190", "0.0245", "0.0045"]


def test_a_label_over_the_middle_of_a_framed_table_heads_its_columns() -> None:
    picture = """
========================================  ========================================
               涨幅前五名                                 跌幅前五名
代码        名称     股价(元)   涨幅(%)   代码        名称     股价(元)   跌幅(%)
600001.SH   甲股份      9.32     34.29    600004.SH   丁股份     54.69    -13.60
600002.SH   乙股份     48.96     31.08    600005.SH   戊股份     37.89    -11.16
600003.SH   丙股份     13.82     22.41    600006.SH   己股份     28.12    -10.42
========================================  ========================================
"""
    one, other = composed(find_tables(drawn(picture)))
    assert one.columns[3].header == ("涨幅前五名", "涨幅(%)")
    assert other.columns[2].header == ("跌幅前五名", "股价(元)")


BROKEN = """
{rule}
代码      简称       2023   2024   2025
                        E      E      E
{rule}
600001.   甲股      10.50  20.61   -6.9
SH        份                          3
000002.SZ 乙科技     8.20  20.50  18.62
300003.SZ 丙药业    33.30  30.01  25.25
{rule}
""".format(rule="=" * 40)


def test_words_that_their_cells_break_are_whole() -> None:
    (table,) = composed([the_table(drawn(BROKEN))])
    assert [column.header for column in table.columns[2:]] == [("2023E",), ("2024E",), ("2025E",)]
    assert [cell.text for cell in table.rows[0].cells] == [
        "600001.SH", "甲股份", "10.50", "20.61", "-6.93",
    ]  # fmt: skip
    assert len(table.rows) == 3


@pytest.mark.parametrize(
    ("above", "below", "decimals", "bond"),
    [
        ("14.2", "6", 2, Bond.SURE),
        ("1,23", "4", 0, Bond.SURE),
        ("17.5", "%", 1, Bond.SURE),
        ("202", "3E", None, Bond.SURE),
        ("2023", "E", None, Bond.SURE),
        ("002739.", "SZ", None, Bond.SURE),
        ("-", "0.88", 2, Bond.MAY),
        ("万达电", "影", None, Bond.MAY),
        ("14.26", "6", 2, Bond.MAY),
        ("25.66", "12.12", 2, Bond.NONE),
        ("221", "82.2%", 1, Bond.NONE),
        ("2023", "2024", None, Bond.NONE),
        ("352", "420", 0, Bond.NONE),
        ("净利润", "221", 0, Bond.NONE),
    ],
)
def test_what_is_broken_shows_it(above: str, below: str, decimals: int | None, bond: Bond) -> None:
    assert bond_of(above, below, decimals) is bond


@pytest.mark.parametrize(
    ("above", "below", "whole"),
    [
        ("14.2", "6", "14.26"),
        ("-", "0.88", "-0.88"),
        ("202", "3E", "2023E"),
        ("002739.", "SZ", "002739.SZ"),
        ("2023", "2024", "2023 2024"),
        ("12.5", "(3.1)", "12.5 (3.1)"),
        ("Net profit", "margin", "Net profit margin"),
        ("归母", "净利润", "归母净利润"),
    ],
)
def test_lines_of_a_cell_are_joined_as_they_were_broken(above: str, below: str, whole: str) -> None:
    assert above + joint_in_cell(above, below) + below == whole


def test_a_label_over_the_middle_of_a_wide_column_is_its_header() -> None:
    page = drawn(
        """
   评级             相对同期指数的涨跌幅
1  买入  >20%
2  增持  10%—20%
3  中性  -10%—10%
4  卖出  <-10%
"""
    )
    (table,) = composed([the_table(page)])
    assert [column.header for column in table.columns] == [
        (), ("评级",), ("相对同期指数的涨跌幅",),
    ]  # fmt: skip
    assert [row.cells[2].text for row in table.rows] == [">20%", "10%—20%", "-10%—10%", "<-10%"]


def test_a_shaded_header_and_the_one_row_before_the_end_of_the_page_are_a_table() -> None:
    picture = """
代码       简称       2023A   2024E   2025E
600001.SH  甲股份     10.50   20.61   16.93
"""
    shade = Fill(LEFT - 5, TOP - 3, LEFT + 220, TOP + 12, (200, 210, 240))
    (table,) = composed([the_table(drawn(picture, fills=[shade]))])
    assert [column.header for column in table.columns[2:]] == [("2023A",), ("2024E",), ("2025E",)]
    assert len(table.rows) == 1
