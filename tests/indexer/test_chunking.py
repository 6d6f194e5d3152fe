"""Chunks: every character in one place, nothing cut that must stay whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.raw import Given, RawReport
from corpus.reading import page_spans, parse
from corpus.report import BlockKind, Report, SourceFile
from indexer.chunking import MAX_CHARS, chunk_report
from indexer.segmentation import plain_cutter


def report_of(text: str, title: str | None = None) -> Report:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    file = SourceFile("r.txt", "txt", len(text), digest)
    return parse(RawReport("r", text, file, Given(title=title), page_spans(text)))


def check_promises(report: Report) -> None:
    chunks = chunk_report(report)
    last = 0
    for chunk in chunks:
        assert chunk.text == report.text[chunk.start : chunk.end]
        assert last <= chunk.start < chunk.end
        last = chunk.end
        roles = {
            b.role for b in report.blocks if b.span.start < chunk.end > chunk.start < b.span.end
        }
        assert roles == {chunk.role}
    covered = set()
    for chunk in chunks:
        covered.update(range(chunk.start, chunk.end))
    for block in report.blocks:
        if block.kind is not BlockKind.FURNITURE:
            for at in range(block.span.start, block.span.end):
                assert report.text[at].isspace() or at in covered


TABLE = "代码\t公司\tEPS (元/股)\t\n\t\t2023E\t2024E\n" + "".join(
    f"3004{n:02d}\t样本公司{n}\t{n}.25\t{n}.75\n" for n in range(40)
)
PARTS = st.sampled_from(
    [
        "一、投资要点\n\n",
        "1.1 行业概况\n\n",
        "公司实现营业收入1,280.51亿元，同比增长12.5%。" * 3 + "\n\n",
        "- 买入：预期涨幅在15%以上；\n- 增持：5%至15%。\n",
        "表 1: 重点公司估值\n\n" + TABLE + "\n资料来源：公司公告\n\n",
        "免责声明\n\n本报告仅供客户使用，不构成投资建议。\n\n",
        "风险提示：需求不及预期。\n\n",
        "没有标点的很长的一段话" * 60 + "\n\n",
        "OpenAI released Sora in 2024. It makes video. " * 12 + "\n\n",
        "\f",
        " \t\n",
    ]
)


@given(st.lists(PARTS, max_size=8))
@settings(max_examples=60, deadline=None)
def test_every_kept_character_is_in_one_chunk(parts: list[str]) -> None:
    check_promises(report_of("".join(parts)))


@given(st.text(max_size=600))
@settings(max_examples=60, deadline=None)
def test_any_text_keeps_the_promises(text: str) -> None:
    check_promises(report_of(text.replace("\ud800", "")))


@pytest.mark.parametrize("name", ["000_987a530512bc595a", "003_79085bbf01c75561"])
def test_the_samples_keep_the_promises(samples: Path, name: str) -> None:
    check_promises(report_of((samples / f"{name}.txt").read_text(encoding="utf-8")))


def test_a_number_is_never_cut() -> None:
    text = "其中" + "第一项1,280.51亿元和第二项GPT-4与" * 80
    chunks = chunk_report(report_of(text))
    assert len(chunks) > 3
    for chunk in chunks[:-1]:
        around = text[chunk.end - 1 : chunk.end + 1]
        assert not (around[0] in "0123456789.,-" and around[1] in "0123456789.,-"), around


def test_a_word_is_never_cut() -> None:
    text = "公司积极推进人工智能大模型在传媒行业的应用落地" * 40
    chunks = chunk_report(report_of(text))
    words = plain_cutter().cut(text)
    boundaries, at = {0}, 0
    for word in words:
        at += len(word)
        boundaries.add(at)
    assert len(chunks) > 2
    assert {chunk.end for chunk in chunks} <= boundaries


def test_a_long_table_is_cut_between_rows_and_repeats_its_header() -> None:
    report = report_of("表 1: 重点公司估值（单位：元）\n\n" + TABLE)
    pieces = [chunk for chunk in chunk_report(report) if chunk.table is not None]
    assert len(pieces) > 2
    starts = {row.span.start for table in report.tables for row in table.rows}
    for piece in pieces[1:]:
        assert piece.start in starts
        assert "重点公司估值" in piece.context
        assert "2023E" in piece.context
        assert "EPS" in piece.context
        assert "代码\t公司" not in piece.text


def test_sections_and_title_stand_in_the_context() -> None:
    text = "# 总论\n\n## 行业\n\n" + "行业保持增长。" * 30
    chunks = chunk_report(report_of(text, title="传媒行业点评"))
    body = next(c for c in chunks if "行业保持增长" in c.text)
    assert "传媒行业点评" in body.context
    assert body.section[-1] == "行业"


def test_short_paragraphs_of_a_section_are_joined() -> None:
    chunks = chunk_report(report_of("\n\n".join(f"第{n}点，需求回升。" for n in range(12))))
    assert len(chunks) == 1


def test_no_chunk_of_prose_is_longer_than_allowed() -> None:
    chunks = chunk_report(report_of("需求回升，价格上涨。" * 2_000))
    assert all(len(chunk.text) <= MAX_CHARS for chunk in chunks)


def test_a_page_is_that_of_the_first_character() -> None:
    chunks = chunk_report(report_of("第一页的内容。" * 50 + "\f" + "第二页的内容。" * 50))
    assert chunks[0].page == 1
    assert chunks[-1].page == 2


def test_an_empty_report_has_no_chunk() -> None:
    assert chunk_report(report_of("")) == ()
    assert chunk_report(report_of(" \n\t\f ")) == ()


def test_a_run_without_any_boundary_ends() -> None:
    report = report_of("a" * 50_000)
    assert "".join(chunk.text for chunk in chunk_report(report)) == report.text
