"""What the reader of PDF promises, on pages drawn by hand (`conftest.Sheet`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.raw import RawFile
from corpus.readers.pdf import read_pdf
from corpus.reading import parse
from corpus.report import BlockKind, Report, Role, SourceFile

PROSE = "公司发布年度业绩预告，预计全年实现净利润同比增长，主要系下游需求恢复以及新产品放量所致。"
OTHER = "机器人业务布局顺利推进，空心杯电机与无框力矩电机已经完成送样并且取得首批订单的交付。"
LEGAL = "本报告仅供本公司客户使用，本报告中的信息均来源于公开资料，本公司对这些信息的准确性和完整性不作任何保证。"
Draw = type[Any]
Make = Callable[..., bytes]


def read(data: bytes) -> Composed:
    """The composed text; what every one of them must hold is checked here."""
    composed = read_pdf(data, "drawn.pdf")
    check(composed)
    return composed


def check(composed: Composed) -> None:
    """Every letter in exactly one block and in one run of ink, in order."""
    text, ink = composed.text, composed.ink
    assert ink is not None
    covered = [0] * len(text)
    last = 0
    for block in composed.blocks:
        assert block.span.start >= last
        last = block.span.end
        for place in range(block.span.start, block.span.end):
            covered[place] += 1
    inked = [0] * len(text)
    for run in ink.runs:
        width, height = ink.sizes[run.page - 1]
        own, before = composed.pages[run.page - 1], composed.pages[max(run.page - 2, 0)]
        assert any(p.start <= run.start and run.end <= p.end for p in (own, before))
        assert run.top < run.bottom <= height + 1
        assert list(run.edges) == sorted(run.edges)
        assert -1 <= run.edges[0] <= run.edges[-1] <= width + 1
        for place in range(run.start, run.end):
            inked[place] += 1
    for place, letter in enumerate(text):
        assert covered[place] == (letter not in "\f\n") or letter in "\f\n", text[place - 5 : place]
        assert inked[place] == 1 or letter.isspace(), text[max(0, place - 5) : place + 1]
    assert text.count("\f") == len(composed.pages) - 1


def report_of(data: bytes) -> Report:
    file = SourceFile("drawn.pdf", "pdf", len(data), hashlib.sha256(data).hexdigest())
    return parse(RawFile("drawn", data, file))


def kinds(composed: Composed) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.span.of(composed.text)) for block in composed.blocks]


def test_lines_of_a_paragraph_are_joined_and_paragraphs_are_parted(
    sheet: Draw, make_pdf: Make
) -> None:
    page = sheet()
    below = page.column(PROSE * 2, 60, 100, 40)
    page.column(OTHER * 2, 60, below, 40)
    assert read(make_pdf([page])).text == f"{PROSE * 2}\n{OTHER * 2}"


def test_latin_words_keep_one_space_over_a_line_break(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    page.write("Revenue growth was driven by strong demand in the second", 60, 100)
    page.write("quarter of the year.", 60, 115)
    assert read(make_pdf([page])).text == (
        "Revenue growth was driven by strong demand in the second quarter of the year."
    )


def test_the_left_column_is_read_before_the_right_one(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    page.write("两栏之上的标题横跨两栏", 60, 60, 16)
    page.column(PROSE * 5, 60, 100, 22)
    page.column(OTHER * 5, 310, 100, 22)
    assert read(make_pdf([page])).text.split("\n") == [
        "两栏之上的标题横跨两栏", PROSE * 5, OTHER * 5,
    ]  # fmt: skip


def test_a_paragraph_goes_on_in_the_next_column(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    whole = PROSE[:-1] * 6
    lines = [("\u3000\u3000" + whole)[n : n + 22] for n in range(0, len(whole) + 2, 22)]
    half = len(lines) // 2
    for number, line in enumerate(lines):
        x, y = (60, 100 + 15 * number) if number < half else (310, 100 + 15 * (number - half))
        indent = 20 if number == 0 else 0
        page.write(line.strip("\u3000"), x + indent, y)
    assert read(make_pdf([page])).text == whole


def test_a_side_bar_stands_before_or_after_the_text_never_inside(
    sheet: Draw, make_pdf: Make
) -> None:
    page = sheet()
    below = page.column(PROSE * 4, 60, 100, 30)
    page.column(OTHER * 4, 60, below, 30)
    y = 105.0
    for line in ("基础数据", "投资评级 买入", "分析师 王小明", "联系人 李小红", "相关研究报告"):
        page.write(line, 420, y, 8)
        y += 31
    text = read(make_pdf([page])).text
    assert f"{PROSE * 4}\n{OTHER * 4}" in text
    assert "基础数据" in text


def test_a_side_bar_left_of_the_text_begins_above_it(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    page.write("甲科技首次覆盖", 220, 50)
    page.write("新品放量在即，盈利拐点出现", 220, 70, 16)
    below = page.column(PROSE * 4, 220, 110, 30)
    page.column(OTHER * 4, 220, below, 30)
    for number, line in enumerate(("基础数据", "联系人 李小红", "相关研究报告", "投资评级 买入")):
        page.write(line, 60, 58 + 44 * number, 8)
    text = read(make_pdf([page])).text
    main = f"甲科技首次覆盖\n新品放量在即，盈利拐点出现\n{PROSE * 4}\n{OTHER * 4}"
    assert main in text


def test_a_mark_that_hangs_into_the_gutter_joins_no_columns(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    left, right = PROSE[:-1] * 8, OTHER[:-1] * 8
    for number in range(12):
        hang = "，" if number == 11 else ""
        page.write(left[number * 22 : number * 22 + 22] + hang, 60, 100 + 15 * number)
        page.write(right[number * 22 : number * 22 + 22], 293, 100 + 15 * number)
    text = read(make_pdf([page])).text
    assert text.replace("\n", "") == left[: 12 * 22] + "，" + right[: 12 * 22]


def test_both_letters_of_a_doubled_letter_stay_and_fake_bold_is_one(
    sheet: Draw, make_pdf: Make
) -> None:
    page = sheet()
    page.write("Diffusion and offers", 60, 100)
    page.write("加粗标题", 60, 140)
    page.write("加粗标题", 60.3, 140)
    composed = read(make_pdf([page]))
    assert composed.text == "Diffusion and offers\n加粗标题"


def test_running_heads_and_page_numbers_are_furniture(sheet: Draw, make_pdf: Make) -> None:
    pages = []
    for number in range(1, 6):
        page = sheet()
        page.write("某某证券股份有限公司 | 深度报告", 60, 30, 8)
        page.column(told(number), 60, 100, 40)
        page.write(f"请务必阅读正文之后的免责条款 {number}", 60, 810, 8)
        pages.append(page)
    composed = read(make_pdf(pages))
    furniture = [words for kind, words in kinds(composed) if kind is BlockKind.FURNITURE]
    assert furniture[:2] == ["某某证券股份有限公司 | 深度报告", "请务必阅读正文之后的免责条款 1"]
    assert len(furniture) == 10
    body = [words for kind, words in kinds(composed) if kind is not BlockKind.FURNITURE]
    assert body == [told(number) for number in range(1, 6)]


def told(number: int) -> str:
    """A paragraph of which no two pages have the same."""
    return PROSE[number * 3 :] + PROSE * (number + 2)


def test_headings_are_told_by_size_and_weight(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    page.write("行业进入上行周期", 60, 60, 16)
    page.write("需求端持续改善", 60, 90, 13)
    below = page.column(PROSE * 3, 60, 115, 40)
    page.write("供给端格局优化", 60, below + 8, bold=True)
    page.column(OTHER * 3, 60, below + 30, 40)
    composed = read(make_pdf([page]))
    assert [(b.level, b.span.of(composed.text)) for b in composed.blocks if b.level] == [
        (1, "行业进入上行周期"), (2, "需求端持续改善"), (3, "供给端格局优化"),
    ]  # fmt: skip


def test_a_chart_is_a_picture_with_its_caption_and_its_labels_are_no_prose(
    sheet: Draw, make_pdf: Make
) -> None:
    page = sheet()
    below = page.column(PROSE * 3, 60, 60, 40)
    page.write("图 3：公司营业收入及增速", 60, below + 10)
    top = below + 30
    page.rule(80, top + 100, 300, top + 100)
    for number in range(5):
        page.box(90 + 40 * number, top + 20 * number, 110 + 40 * number, top + 100)
        page.write(f"{2019 + number}", 90 + 40 * number, top + 104, 7)
    for number in range(4):
        page.write(f"{number}0%", 62, top + 25 * number, 7)
    page.write("资料来源：公司公告，某某证券研究所", 60, top + 125, 8)
    composed = read(make_pdf([page]))
    (picture,) = composed.pictures
    assert picture.caption is not None
    assert picture.caption.of(composed.text) == "图 3：公司营业收入及增速"
    assert picture.rect is not None
    assert picture.rect.page == 1
    assert picture.rect.y0 < top + 20
    assert picture.rect.y1 > top + 100
    told = kinds(composed)
    assert told[0] == (BlockKind.PARAGRAPH, PROSE * 3)
    assert told[1][0] is BlockKind.CAPTION
    assert told[2][0] is BlockKind.FURNITURE
    assert told[-1][0] is BlockKind.SOURCE


def statement(page: Any, rows: list[tuple[str, ...]], y: float) -> float:
    for row in rows:
        for number, cell in enumerate(row):
            right = 200 + 80 * number
            x = 60 if number == 0 else right - 5 * len(cell)
            page.write(cell, x, y)
        y += 16
    return y


HEAD = ("单位：百万元", "2023A", "2024E", "2025E")
ROWS = [("营业收入", "1,409", "1,645", "1,912"), ("营业成本", "954", "1,109", "1,281"),
        ("归母净利润", "221", "352", "420")]  # fmt: skip


def test_cells_of_a_table_know_row_column_and_page(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    page.column(PROSE * 3, 60, 60, 40)
    statement(page, [HEAD, *ROWS], 200)
    report = report_of(make_pdf([sheet_of_prose(sheet), page]))
    (table,) = report.tables
    found = {
        (table.row_key(row), *table.columns[cell.column].header): cell
        for row in table.rows
        for cell in row.cells
    }
    cell = found["归母净利润", "2024E"]
    assert cell.text == "352"
    assert report.page_at(cell.span.start) == 2
    assert report.ink is not None
    (rect,) = report.ink.rects(cell.span.start, cell.span.end)
    assert rect.page == 2
    assert abs(rect.y0 - 248) < 1
    assert abs(rect.x0 - (360 - 15)) < 1
    assert table.unit == "百万元"


def sheet_of_prose(sheet: Draw) -> Any:
    page = sheet()
    page.column(OTHER * 4, 60, 100, 40)
    return page


def test_a_table_over_two_pages_keeps_its_headers(sheet: Draw, make_pdf: Make) -> None:
    first, second = sheet(), sheet()
    below = first.column(PROSE * 40, 60, 60, 45)
    assert below < 720
    statement(first, [HEAD, *ROWS], below + 12)
    statement(
        second,
        [
            ("财务费用", "19", "21", "25"),
            ("投资收益", "5", "7", "9"),
            ("所得税", "35", "47", "59"),
            ("净利润", "221", "352", "420"),
        ],
        60,
    )
    report = report_of(make_pdf([first, second]))
    one, other = report.tables
    assert [column.header for column in other.columns] == [c.header for c in one.columns]
    assert other.columns[2].header == ("2024E",)


def test_a_table_with_a_column_of_sentences_is_one_table(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    below = page.column(PROSE * 3, 60, 60, 45)
    page.rule(60, below + 10, 520, below + 10)
    page.write("姓名", 60, below + 14)
    page.write("个人简历", 200, below + 14)
    page.rule(60, below + 30, 520, below + 30)
    y = below + 34
    for name in ("朱小明", "李小红", "王小军"):
        page.write(name, 60, y)
        for line in range(3):
            page.write(PROSE[line : line + 28], 200, y + 14 * line)
        y += 52
        page.rule(60, y - 6, 520, y - 6)
    (table,) = report_of(make_pdf([page])).tables
    assert [row.cells[0].text for row in table.rows] == ["朱小明", "李小红", "王小军"]
    assert all(len(row.cells[1].text) > 60 for row in table.rows)


def test_a_caption_that_reaches_further_does_not_part_lines(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    page.column(PROSE * 3, 60, 60, 32)
    page.write("图 1：各行业指数涨跌幅对比以及市盈率的历史走势（单位：百分比，倍数）", 60, 200)
    page.column(OTHER * 3, 60, 240, 32)
    text = read(make_pdf([page])).text
    assert PROSE * 3 in text
    assert OTHER * 3 in text


def test_one_row_alone_on_the_next_page_keeps_its_headers(sheet: Draw, make_pdf: Make) -> None:
    first, second = sheet(), sheet()
    below = first.column(PROSE * 40, 60, 60, 45)
    statement(first, [HEAD, *ROWS], below + 12)
    lower = statement(second, [("净利润", "221", "352", "420")], 60)
    second.column(OTHER * 3, 60, lower + 20, 45)
    report = report_of(make_pdf([first, second]))
    rest = report.tables[-1]
    assert [cell.text for cell in rest.rows[0].cells] == ["净利润", "221", "352", "420"]
    assert rest.columns[2].header == ("2024E",)
    assert report.page_at(rest.span.start) == 2


def test_a_paragraph_over_two_pages_is_one_block_with_its_ink_on_both(
    sheet: Draw, make_pdf: Make
) -> None:
    first, second = sheet(), sheet()
    whole = PROSE[:-1] * 3
    first.column(whole[:118], 60, 700, 40)
    second.write(whole[118:] + "。", 60, 60)
    second.write("二、新的一段文字从这里开始，与上一页没有关系。", 60, 100)
    data = make_pdf([first, second])
    composed = read(data)
    assert composed.blocks[0].span.of(composed.text) == whole + "。"
    report = report_of(data)
    assert report.ink is not None
    end = report.text.index(whole) + len(whole)
    assert [rect.page for rect in report.ink.rects(end - 30, end)] == [1, 2]
    assert (report.page_at(0), report.page_at(end - 1)) == (1, 2)


def test_an_item_of_a_list_goes_on_over_the_page_where_its_words_hang(
    sheet: Draw, make_pdf: Make
) -> None:
    first, second = sheet(), sheet()
    first.write("● " + PROSE[:38], 60, 760)
    first.write(PROSE[38:] + OTHER[:33], 70, 775)
    second.write(OTHER[33:], 70, 60)
    second.write("● " + OTHER, 60, 80)
    blocks = [words for _, words in kinds(read(make_pdf([first, second])))]
    assert blocks[0].endswith(PROSE + OTHER)
    assert blocks[1].endswith(OTHER)


CODES = [
    ("代码", "简称", "股价", "2023E", "2024E"),
    ("600001.SH", "甲股份", "10.50", "20.61", "16.93"),
    ("000002.SZ", "乙科技", "8.20", "20.50", "18.62"),
    ("300003.SZ", "丙药业", "33.30", "30.01", "25.25"),
]


def codes(page: Any, rows: list[tuple[str, ...]], y: float) -> float:
    """A table whose words begin and whose figures end at one place of their columns."""
    for row in rows:
        for number, cell in enumerate(row):
            x = 60 + 75 * number
            page.write(cell, x if number < 2 else x + 60 - 5 * len(cell), y)
        y += 20
    return y


@pytest.mark.parametrize("repeated", [True, False])
def test_a_row_that_the_end_of_a_page_cuts_is_whole_where_it_begins(
    sheet: Draw, make_pdf: Make, repeated: bool
) -> None:
    first, second = sheet(), sheet()
    below = first.column(PROSE * 38, 60, 60, 45)
    codes(first, [*CODES, ("002739.", "丁电", "11.61", "27.6", "-")], below + 12)
    rest = [("SZ", "影", "", "4", "13.19"), ("600005.SH", "戊传媒", "4.77", "36.69", "26.50"),
            ("600006.SH", "己影业", "14.73", "66.95", "31.34")]  # fmt: skip
    lower = codes(second, [*CODES[:1], *rest] if repeated else rest[:1], 60)
    second.column(OTHER * 3, 60, lower + 30, 45)
    report = report_of(make_pdf([first, second]))
    table = report.tables[0]
    assert [cell.text for cell in table.rows[-1].cells] == [
        "002739.SZ", "丁电影", "11.61", "27.64", "-13.19",
    ]  # fmt: skip
    assert report.ink is not None
    cell = table.rows[-1].cells[3].span
    assert [rect.page for rect in report.ink.rects(cell.start, cell.end)] == [1, 2]
    if repeated:
        rows = [[one.text for one in row.cells] for row in report.tables[1].rows]
        assert rows == [list(row) for row in rest[1:]]
        assert report.tables[1].columns == table.columns


def test_a_heading_below_a_table_is_no_rest_of_its_last_row(sheet: Draw, make_pdf: Make) -> None:
    first, second = sheet(), sheet()
    below = first.column(PROSE * 38, 60, 60, 45)
    codes(first, CODES, below + 12)
    second.write("风险提示", 60, 60, size=14, bold=True)
    second.column(OTHER * 3, 60, 90, 45)
    report = report_of(make_pdf([first, second]))
    assert [cell.text for cell in report.tables[0].rows[-1].cells] == list(CODES[-1])


def test_two_columns_that_end_above_two_others_are_read_first(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    whole = (PROSE[:-1] + OTHER) * 2
    page.column(whole[:78], 60, 60, 20)
    for line, start in enumerate(range(78, len(whole), 20)):
        page.write(whole[start : start + 20], 320, 60 + 15 * line)
    page.write("图表 2：财务预测", 60, 152)
    for line, (name, value, *_) in enumerate([HEAD, *ROWS]):
        page.write(name, 60, 172 + 16 * line)
        page.write(value, 255 - 5 * len(value), 172 + 16 * line)
    page.column(OTHER * 2, 320, 172, 20)
    text = read(make_pdf([page])).text
    assert whole in text
    assert text.index(whole) < text.index("图表 2") < text.index(OTHER * 2)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"no pdf at all", "is no PDF"),
        (b"%PDF-1.4\n" + b"nothing here" * 20, "damaged"),
    ],
)
def test_what_is_no_pdf_is_refused_with_a_reason(data: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told):
        read_pdf(data, "x.pdf")


def test_an_encrypted_file_is_refused_with_a_reason(sheet: Draw, make_pdf: Make) -> None:
    lock = f"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{'11' * 32}> " \
           f"/U <{'22' * 32}> >> /ID [<00> <00>] "  # fmt: skip
    with pytest.raises(UnreadableFile, match="encrypted"):
        read_pdf(make_pdf([sheet_of_prose(sheet)], lock), "x.pdf")


def test_a_file_without_words_is_refused(sheet: Draw, make_pdf: Make) -> None:
    with pytest.raises(UnreadableFile, match="no text"):
        read_pdf(make_pdf([sheet()]), "x.pdf")


def test_text_of_a_cut_off_file_is_flagged(sheet: Draw, make_pdf: Make) -> None:
    data = make_pdf([sheet_of_prose(sheet), sheet_of_prose(sheet)])
    assert read(data).warnings == ()
    composed = read(data[: data.index(b"startxref")])
    assert "cut off" in composed.warnings[0]


def test_a_page_that_is_a_picture_is_never_passed_over_in_silence(
    sheet: Draw, make_pdf: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.pdf.extract.page_of_picture", lambda *_: None)
    scan = sheet()
    scan.image(0, 0, 595, 842)
    composed = read(make_pdf([sheet_of_prose(sheet), scan]))
    assert composed.warnings == ("page 2 is a picture: its text is missing",)
    assert composed.pictures[0].page == 2


def test_vertical_letters_at_the_edge_are_one_line_of_furniture(
    sheet: Draw, make_pdf: Make
) -> None:
    page = sheet_of_prose(sheet)
    for number, letter in enumerate("证券研究报告"):
        page.write(letter, 8, 100 + 14 * number, 12)
    told = kinds(read(make_pdf([page])))
    assert (BlockKind.FURNITURE, "证券研究报告") in told


WORDS = st.text(alphabet="公司营业收入净利润增长ABCab1239.%，。（）", min_size=1, max_size=30)
PLACE = st.tuples(
    WORDS,
    st.integers(20, 500),
    st.integers(20, 800),
    st.sampled_from([7, 9, 10, 10.5, 14]),
    st.booleans(),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(PLACE, min_size=1, max_size=25), min_size=1, max_size=3))
def test_whatever_is_drawn_every_letter_is_in_one_block_with_its_ink(
    sheet: Draw, make_pdf: Make, drawn: list[list[tuple[str, int, int, float, bool]]]
) -> None:
    pages = []
    for marks in drawn:
        page = sheet()
        for text, x, y, size, bold in marks:
            page.write(text, x, y, size, bold)
        pages.append(page)
    check(read_pdf(make_pdf(pages), "drawn.pdf"))


def test_roles_are_those_of_any_report(sheet: Draw, make_pdf: Make) -> None:
    page = sheet()
    below = page.column(PROSE * 3, 60, 60, 40)
    page.write("免责声明", 60, below + 10, 14)
    page.column(LEGAL, 60, below + 40, 40)
    report = report_of(make_pdf([page]))
    assert [block.role for block in report.blocks] == [
        Role.BODY, Role.DISCLAIMER, Role.DISCLAIMER,
    ]  # fmt: skip


def test_the_ordinals_at_the_edge_of_a_page_are_cells_of_their_rows(
    sheet: Draw, make_pdf: Make
) -> None:
    page = sheet()
    page.column(PROSE * 3, 60, 60, 40)
    rows = [("序号", "股东名称", "持股比例"), *((str(n + 1), f"{name}有限公司", f"{n + 4}.2{n}")
            for n, name in enumerate("甲乙丙丁戊"))]  # fmt: skip
    for line, (number, name, share) in enumerate(rows):
        page.write(number, 30, 200 + 16 * line)
        page.write(name, 120, 200 + 16 * line)
        page.write(share, 400 - 5 * len(share), 200 + 16 * line)
    (table,) = report_of(make_pdf([page])).tables
    assert [row.cells[0].text for row in table.rows] == ["1", "2", "3", "4", "5"]
