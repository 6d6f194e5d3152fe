"""Blocks, sections and roles: the promises over any text, and the rules on small reports."""

from __future__ import annotations

import gzip
import itertools
import json
import os
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.readers.text import parse_text
from corpus.report import Block, BlockKind, Report, Role, SourceFile

FILE = SourceFile("t.txt", "txt", 1, "0" * 64)


def parsed(text: str) -> Report:
    return parse_text("t", text, FILE)


def words(report: Report, block: Block) -> str:
    return block.span.of(report.text)


def keep_promises(report: Report) -> None:
    text = report.text
    covered = 0
    for block in report.blocks:
        assert block.span.start >= covered
        assert not text[covered : block.span.start].strip()
        assert block.span.end <= len(text)
        assert words(report, block).strip()
        section = report.sections[block.section]
        assert section.span.covers(block.span)
        covered = block.span.end
    assert not text[covered:].strip()
    assert report.sections[0].span.start == 0
    assert report.sections[-1].span.end == len(text)
    for one, other in itertools.pairwise(report.sections):
        assert one.span.end == other.span.start
    for section in report.sections:
        assert len(section.path) == section.level
    for table in report.tables:
        width = len(table.columns)
        for row in table.rows:
            assert [cell.column for cell in row.cells] == list(range(width))
            assert all(cell.text == cell.span.of(text) for cell in row.cells)
            assert all(cell.text == cell.text.strip() for cell in row.cells)
        for column in table.columns:
            assert tuple(span.of(text) for span in column.spans) == column.header
    for value in (report.meta.title, report.meta.rating, report.meta.subject):
        if value is not None and value.span is not None:
            assert value.span.of(text) == value.value


PIECES = st.sampled_from(
    ["\n", "\n\n", "\t", "  ", " ", "|", "\f", "---", "# ", "- ", "一、", "1.1 ", "（一）", "【", "】", "。", "，",
     "表 1: 估值", "资料来源：", "代码", "公司", "EPS (元/股)", "2023E", "2024E", "300418", "昆仑万维", "0.95", "-", "买入",
     "免责声明", "目录", "相关研究", "风险提示：", "投资评级标准", "证券分析师 张三", "执业证书: S0600516070001", "2024 年 02 月 21 日",
     "增持 (维持)", "东吴证券研究所", "<table>", "<tr>", "<td colspan=3>", "<td rowspan=2>", "</td>", "</tr>", "</table>",
     "<th>", "本报告不构成投资建议", "........ 3", "请务必阅读正文之后的免责声明", "Sora推出后有望推动内容创作变革也是其组成部分"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=300, deadline=None)
def test_promises_hold_for_texts_made_of_report_pieces(text: str) -> None:
    keep_promises(parsed(text))


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_promises_hold_for_any_text(text: str) -> None:
    keep_promises(parsed(text))


@pytest.mark.parametrize(
    "text", ["", " \n\t\f", "字" * 40_000, "1 " * 20_000, "|" * 5_000, "\t" * 5_000 + "x"]
)
def test_promises_hold_for_strange_texts(text: str) -> None:
    keep_promises(parsed(text))


def samples() -> list[str]:
    folder = files("corpus").joinpath("reports")
    return [p.read_text(encoding="utf-8") for p in folder.iterdir() if p.name.endswith(".txt")]


def test_promises_hold_for_the_samples() -> None:
    for text in samples():
        keep_promises(parsed(text))


def test_promises_hold_for_real_pages() -> None:
    data = os.environ.get("YANBAO_TEST_DATA")
    if not data:
        pytest.skip("needs YANBAO_TEST_DATA (real reports)")
    with gzip.open(Path(data) / "text" / "broker_pages.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in itertools.islice(lines, 0, 390, 65):
            keep_promises(parsed("\f".join(json.loads(line)["pages"])))


def test_a_giant_line_becomes_blocks_of_whole_sentences() -> None:
    sentence = "公司三季度业绩明显改善，净利润同比增长百分之二十九。"
    report = parsed(sentence * 300)
    assert len(report.blocks) > 10
    assert all(words(report, block).endswith("。") for block in report.blocks)
    assert max(len(block.span) for block in report.blocks) <= 1500


@pytest.mark.parametrize("offset", range(9))
def test_a_giant_line_is_never_cut_inside_a_number(offset: int) -> None:
    figures = ["1,280.51", "34", "7，015.2"]  # nothing else, so that no sentence ends
    for joint in (" ", "元", ",", "/"):
        text = "表" * offset + joint.join(figures * 400)
        starts = {block.span.start for block in parsed(text).blocks[1:]}
        behind_joint = {at + len(joint) for at in range(len(text)) if text.startswith(joint, at)}
        whole = {at for at in behind_joint if text[at:].startswith(tuple(figures))}
        before_joint = {at - len(joint) for at in whole}
        assert starts
        assert starts <= whole | before_joint


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    text = "机器学习通过对已知数据的学习，找到数据内在的相互依赖关系，从而\n对未知数据进行预测和判断，最终使得机器具有良好的推广能力。\n"
    report = parsed(text)
    assert [words(report, block) for block in report.blocks] == [text.strip()]


HEADED = """投资要点

- **事件:** 公司发布年报，收入增长。

一、行业回暖

正文第一段，说明行业需求正在恢复，龙头公司的订单明显增加，盈利能力有望改善。

（一）需求

1.1、2023年与2024年不同点

第一，科普层面效率更高，有助于板块情绪的发酵。

图 3：收入与增速

资料来源：公司公告

风险提示

需求恢复不及预期的风险、价格波动的风险等
"""


def test_headings_lists_captions_and_sources_are_told_apart() -> None:
    report = parsed(HEADED)
    kinds = [(words(report, b)[:6], b.kind) for b in report.blocks]
    assert ("投资要点", BlockKind.HEADING) in kinds
    assert ("一、行业回暖", BlockKind.HEADING) in kinds
    assert ("（一）需求", BlockKind.HEADING) in kinds
    assert ("第一，科普层", BlockKind.LIST_ITEM) in kinds
    assert ("图 3：收入", BlockKind.CAPTION) in kinds
    assert ("资料来源：公", BlockKind.SOURCE) in kinds
    assert ("正文第一段，", BlockKind.PARAGRAPH) in kinds
    assert report.sections[3].path == ("一、行业回暖", "（一）需求")
    assert [words(report, b) for b in report.blocks if b.role is Role.RISK][1].startswith(
        "需求恢复"
    )


LEGAL = """免责声明

本报告仅供海岳证券股份有限公司的客户使用。未经授权，任何机构不得翻版。

海岳证券投资评级标准

投资评级基于分析师对报告发布日后 6 至 12 个月内行业或公司相对基准表现的预期（基准为沪深 300 指数）。

公司投资评级：

- 看多：预期未来 6 个月个股涨跌幅相对基准在 15% 以上；

行业投资评级说明：

\t投资建议\t行业指数相对涨幅
1\t推荐\t>10%
2\t回避\t<-10%

海岳证券研究所
邮政编码：215021

投资要点

- 行业需求回暖，龙头受益。
"""


def test_roles_hold_when_the_legal_sections_come_first() -> None:
    report = parsed(LEGAL)
    roles = {words(report, block)[:4]: block.role for block in report.blocks}
    assert roles["免责声明"] is roles["本报告仅"] is Role.DISCLAIMER
    assert roles["海岳证券"] in (Role.RATING_DEFINITION, Role.CONTACT)
    assert roles["投资评级"] is roles["公司投资"] is roles["- 看多"] is Role.RATING_DEFINITION
    table = next(b for b in report.blocks if b.kind is BlockKind.TABLE)
    assert table.role is Role.RATING_DEFINITION
    assert roles["投资要点"] is roles["- 行业"] is Role.BODY
    assert report.blocks[-3].role is Role.CONTACT


def test_a_captioned_table_behind_a_legal_section_is_the_reports_own() -> None:
    text = "免责声明\n\n本报告仅供客户使用，不构成投资建议。\n\n表 1: 估值\n\n代码\t公司\tPE\n300418\t昆仑万维\t39.96\n300364\t中文在线\t-\n"
    report = parsed(text)
    table = next(b for b in report.blocks if b.kind is BlockKind.TABLE)
    assert (table.role, report.sections[table.section].path) == (Role.BODY, ())


def test_contents_end_where_their_first_heading_returns() -> None:
    text = "目录\n\n1. 行业回暖\n2. 投资建议与标的\n\n01 行业 回暖\n\n需求恢复，订单增加，价格上行，龙头公司的盈利能力有望在今年明显改善。\n"
    report = parsed(text)
    assert [b.role for b in report.blocks] == [Role.CONTENTS] * 3 + [Role.BODY] * 2


def test_a_line_that_stands_three_times_is_furniture() -> None:
    text = "\n\n".join(
        [
            "研究创造价值",
            "第一段说明行业需求正在恢复。",
            "研究 创造价值",
            "第二段说明价格上行。",
            "研究创造价值",
            "第三段。",
            "第四段。",
            "第五段。",
        ]
    )
    report = parsed(text)
    assert sum(b.kind is BlockKind.FURNITURE for b in report.blocks) == 3


def test_rows_that_say_what_a_rating_means_are_definitions_whatever_their_first_cell() -> None:
    text = (
        "正文由此开始，公司经营稳健。\n\n远峰证券投资评级\n\n"
        "投资评级标准\t类别\t级别\t说明\n"
        "以报告发布日后六个月为期\t股票投资评级\t优于大市\t股价表现优于市场代表性指数10%以上\n"
        "\t\t中性\t股价表现介于市场代表性指数±10%之间\n"
        "\t\t弱于大市\t股价表现弱于市场代表性指数10%以上\n"
    )
    report = parsed(text)
    (table,) = [block for block in report.blocks if block.table is not None]
    assert table.role is Role.RATING_DEFINITION
    prices = "代码\t公司\t评级\t简评\n600997\t碧潭食品\t买入\t新品放量\n301986\t竹里餐饮\t增持\t门店扩张\n"
    (table,) = [block for block in parsed(prices).blocks if block.table is not None]
    assert table.role is not Role.RATING_DEFINITION
