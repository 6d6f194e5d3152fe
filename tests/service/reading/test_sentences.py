"""Sentences of a block with their exact places."""

from pathlib import Path

import pytest

from corpus.reading import read_source
from corpus.report import BlockKind, Report
from corpus.sources import discover
from indexer.snapshot import Snapshot
from service.reading.sentences import sentences_of, shown


@pytest.mark.parametrize("name", ["invented", "sampled"])
def test_every_sentence_lies_in_its_block_in_order(
    name: str, request: pytest.FixtureRequest
) -> None:
    snapshot: Snapshot = request.getfixturevalue(name)
    for report_id in snapshot.report_ids():
        report = snapshot.report(report_id)
        for index, block in enumerate(report.blocks):
            at = block.span.start
            for place, sentence in enumerate(sentences_of(report, index)):
                assert (sentence.block, sentence.place) == (index, place)
                assert at <= sentence.span.start < sentence.span.end <= block.span.end
                words = sentence.span.of(report.text)
                assert words == words.strip()
                at = sentence.span.end


def test_nothing_but_white_space_and_list_marks_is_lost(invented: Snapshot) -> None:
    for report_id in invented.report_ids():
        report = invented.report(report_id)
        for index, block in enumerate(report.blocks):
            if block.kind is BlockKind.TABLE:
                assert sentences_of(report, index) == []
                continue
            whole = "".join(block.span.of(report.text).split()).lstrip("-")
            kept = "".join(
                "".join(s.span.of(report.text).split()) for s in sentences_of(report, index)
            )
            assert kept == whole or len(whole) < 2


def test_a_decimal_point_ends_no_sentence(invented: Snapshot) -> None:
    report = invented.report("haiyue-company")
    words = [
        s.span.of(report.text) for i in range(len(report.blocks)) for s in sentences_of(report, i)
    ]
    assert "公司计划于 2025 年 9 月投产二期产线, 总投资额 23.6 亿元。" in words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("- **风险提示:** 良率爬坡", "风险提示: 良率爬坡"),
        ("端侧芯片\n景气上行", "端侧芯片景气上行"),
        ("■  Vision\n Pro 开箱", "Vision Pro 开箱"),
        ("  已净  ", "已净"),
    ],
)
def test_a_quote_is_shown_without_marks(text: str, plain: str) -> None:
    assert shown(text) == plain


def test_contents_that_lost_their_line_breaks_are_no_sentence(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text(
        "样品良率提升。1技术原理......31.1市场规模......9后文讲订单饱满。", encoding="utf-8"
    )
    (report,) = read_source(discover([path])[0])
    assert isinstance(report, Report)
    words = [
        s.span.of(report.text) for i in range(len(report.blocks)) for s in sentences_of(report, i)
    ]
    assert words == ["样品良率提升。"]
