"""HTML: the report alone, tables with spans and headers, any encoding that a page declares."""

from __future__ import annotations

import pytest

from corpus.composed import Composed
from corpus.errors import UnreadableFile
from corpus.raw import RawFile
from corpus.readers.html import read_html
from corpus.reading import parse
from corpus.report import BlockKind, SourceFile

PROSE = "本周存储价格继续回升，渠道库存回落到正常水平，预计下季度延续涨势。"
TABLE = """<table><caption>表 1: 重点公司估值</caption><thead>
<tr><th rowspan=2>代码<th rowspan=2>简称<th colspan=2>EPS（元/股）</tr>
<tr><th>2023A<th>2024E</tr></thead>
<tr><td>300418<td>昆仑<br>万维<td>0.58<td>0.70</tr>
<tr><td>603444<td>吉比特<td>16.90<td>-</tr></table>"""
PAGE = f"""<!doctype html><html><head><title>研报网</title><script>var a = "x";</script></head>
<body><nav><ul><li><a href=/>首页</a><li><a href=/b>登录</a></ul></nav>
<div class=main><h1>存储行业周报</h1><p>2024-03-18　东吴证券</p><p>{PROSE * 3}</p>
<h2>估值</h2>{TABLE}<p>资料来源：Wind</p><p style="display:none">看不见</p><p>{PROSE * 3}</p>
<ul><li>需求不及<b>预期</b></ul></div>
<div class=hot><a href=/1>热门文章一二三四五</a><a href=/2>热门文章六七八九十</a></div>
<footer>版权所有 京ICP备00000000号</footer></body></html>"""


def read(page: str | bytes) -> Composed:
    return read_html(page.encode() if isinstance(page, str) else page, "a.html")


def test_a_page_of_the_web_loses_what_is_around_its_article() -> None:
    found = read(PAGE)
    lines = found.text.split("\n")
    assert lines[0] == "存储行业周报"
    assert lines[1] == "2024-03-18 东吴证券"
    assert "• 需求不及预期" in lines
    for words in ("首页", "登录", "热门文章", "版权所有", "看不见", "var a"):
        assert words not in found.text
    assert "left out" in found.warnings[0]


def test_a_table_keeps_spans_headers_and_caption() -> None:
    data = PAGE.encode()
    report = parse(RawFile("a", data, SourceFile("a.html", "html", len(data), "0" * 64)))
    (table,) = report.tables
    assert table.title == "表 1: 重点公司估值"
    assert [column.header for column in table.columns] == [
        ("代码",), ("简称",), ("EPS（元/股）", "2023A"), ("EPS（元/股）", "2024E"),
    ]  # fmt: skip
    row = table.rows[0]
    assert (table.row_key(row), row.cells[3].text) == ("300418 昆仑万维", "0.70")
    assert row.span.of(report.text) == "300418\t昆仑万维\t0.58\t0.70"
    assert [section.path for section in report.sections[1:]] == [
        ("存储行业周报",), ("存储行业周报", "估值"),
    ]  # fmt: skip


def test_a_report_saved_as_html_stays_whole() -> None:
    page = f"<html><body><p>分析师 张三</p><p>{PROSE}</p><p>免责声明：仅供参考。</p></body></html>"
    assert read(page).text == f"分析师 张三\n{PROSE}\n免责声明：仅供参考。"
    assert read(page).warnings == ()


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("gb2312", "gb18030"), ("gbk", "gb18030"), ("utf-8", "gb18030"), ("big5", "utf-8"),
     ("utf-8", "utf-16"), ("utf-8", "utf-8-sig"), ("nonsense", "utf-8")],
)  # fmt: skip
def test_what_a_page_declares_is_taken_if_it_is_plausible(declared: str, codec: str) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body><p>{PROSE}</p></body></html>'
    assert read(page.encode(codec)).text == PROSE


def test_white_space_is_what_a_browser_shows() -> None:
    page = "<html><body><p>营业\n  收入  of the\n year<br>第二行</p><pre>a\n b</pre></body></html>"
    assert read(page).text == "营业收入 of the year\n第二行\na\nb"


def test_tables_that_lay_out_are_no_tables() -> None:
    page = f"<html><body><table><tr><td><h2>一</h2><p>{PROSE}</p><td>侧栏</table></body></html>"
    assert [block.kind for block in read(page).blocks] == [
        BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH,
    ]  # fmt: skip


def test_deep_and_empty_pages() -> None:
    deep = "<html><body><p>浅</p>" + "<div>" * 5000 + "深" + "</div>" * 5000 + "</body></html>"
    assert read(deep).text == "浅"
    assert "deeply" in read(deep).warnings[0]
    with pytest.raises(UnreadableFile, match="no text that can be seen"):
        read("<html><body><script>1</script></body></html>")
