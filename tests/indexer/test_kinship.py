"""Copies, other routes and corrected versions are known; reports of one series are not copies."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.readers.text import parse_text
from corpus.report import Report, Sourced, SourceFile
from indexer.build import build
from indexer.kinship import SAME, Family, Kinship, kinship_of
from indexer.likeness import SKETCH, alike_pairs, likeness, sketch_of
from indexer.records import ReportRecord
from indexer.snapshot import open_snapshot

HAN = "光学镜头需求回升储能出货同比增长公司产品客户订单海外市场毛利费用研发投入产能释放价格竞争格局"


def sentences(seed: int, count: int = 60) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(HAN, k=rng.randint(18, 40))) + "。" for _ in range(count)]


def written(lines: Sequence[str], title: str = "星河光学深度报告", day: str = "2024-03-05") -> str:
    paragraphs = ["".join(lines[at : at + 6]) for at in range(0, len(lines), 6)]
    return "\n".join([title, "东吴证券研究所", day, *paragraphs, ""])


def parsed(report_id: str, text: str) -> Report:
    file = SourceFile(f"{report_id}.txt", "txt", len(text.encode()), f"{hash(text):064x}"[-64:])
    return parse_text(report_id, text, file)


def record(report_id: str, text: str, house: str | None = None) -> ReportRecord:
    report = parsed(report_id, text)
    if house is not None:
        report = replace(report, meta=replace(report.meta, broker=Sourced(house, None)))
    return ReportRecord(report_id, report.meta, report.file, None, len(text), (), sketch_of(report))


def families(*records: ReportRecord) -> list[tuple[str, ...]]:
    return [family.report_ids for family in kinship_of(records).families]


# --- likeness -----------------------------------------------------------------------------------


def test_likeness_is_the_share_of_common_shingles_as_counted_the_slow_way() -> None:
    one, other = sentences(1), sentences(2)
    mixed = [a if at % 3 else b for at, (a, b) in enumerate(zip(one, other, strict=True))]
    texts = ["".join(lines).replace("。", "") for lines in (one, mixed)]
    sets = [{text[at : at + 8] for at in range(len(text) - 7)} for text in texts]
    true = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    sketches = [sketch_of(parsed("a", "\n".join(lines))) for lines in (one, mixed)]
    assert 0.35 < true < 0.65
    assert likeness(*sketches) == pytest.approx(true, abs=0.15)  # three standard errors
    assert likeness(sketches[0], sketches[0]) == 1.0


@given(st.lists(st.integers(0, 400), min_size=0, max_size=8), st.floats(0.05, 1.0))
@settings(max_examples=30, deadline=None)
def test_pairs_are_those_of_the_slow_way(seeds: list[int], least: float) -> None:
    sketches = [sketch_of(parsed("a", "\n".join(sentences(seed % 5, 40)))) for seed in seeds]
    slow = [
        (i, j, like)
        for i in range(len(sketches))
        for j in range(i + 1, len(sketches))
        if (like := likeness(sketches[i], sketches[j])) >= least
    ]
    assert list(alike_pairs(sketches, least)) == slow


def test_line_breaks_spaces_and_width_do_not_count() -> None:
    text = written(sentences(3))
    wrapped = re.sub("(.{30})", "\\1\n", text.replace("，", ","))
    assert likeness(sketch_of(parsed("a", text)), sketch_of(parsed("b", wrapped))) > 0.9


def test_a_few_words_have_no_sketch() -> None:
    assert sketch_of(parsed("a", "光学镜头需求回升。\n")) == b""
    assert likeness(b"", b"") == 0.0
    assert len(sketch_of(parsed("a", written(sentences(3))))) == 4 * SKETCH


# --- kinship ------------------------------------------------------------------------------------


def test_a_corrected_version_is_kin_and_the_newest_leads() -> None:
    lines = sentences(4)
    first = record("b-first", written(lines))
    lines[10] = "更正后的句子，原文有误，此处以本次发布的为准。"
    later = record("a-later", written(lines, day="2024-03-09"))
    assert families(first, later) == [("a-later", "b-first")]
    same_day = record("c-same", written(lines, title="星河光学深度报告（更正）"))
    assert families(first, same_day) == [("c-same", "b-first")]


def test_reports_of_a_series_that_take_over_half_of_their_sentences_are_not_kin() -> None:
    one, other = sentences(5), sentences(6)
    other[:30] = one[:30]
    weekly = record("w1", written(one, "电子行业周报", "2024-03-01"))
    next_week = record("w2", written(other, "电子行业周报", "2024-03-08"))
    assert 0.2 < likeness(weekly.sketch, next_week.sketch) < SAME
    assert families(weekly, next_week) == []


def test_two_houses_that_quote_one_announcement_are_not_kin() -> None:
    lines = sentences(7)
    ours = record("ours", written(lines), "东吴证券")
    changed = written([*lines[:54], *sentences(8, 6)])
    theirs = record("theirs", changed, "华鑫证券")
    assert likeness(ours.sketch, theirs.sketch) > SAME
    assert families(ours, theirs) == []
    assert families(ours, record("theirs", changed, "东吴证券")) == [("theirs", "ours")]
    assert families(ours, record("theirs", changed)) == [("theirs", "ours")]


def test_files_equal_byte_for_byte_are_kin_and_the_plain_name_leads() -> None:
    text = "光学镜头需求回升。\n"
    twins = [record(report_id, text) for report_id in ("a~12345678", "a")]
    (family,) = kinship_of(twins).families
    assert family == Family(("a", "a~12345678"), frozenset())


def test_only_the_newest_of_those_that_are_there_is_kept() -> None:
    kinship = Kinship([Family(("new", "mid", "old"), frozenset({"mid", "old"}))])
    assert kinship.newest(["x", "old", "new", "mid"]) == (["x", "new"], {"new": ("mid", "old")})
    assert kinship.newest(["old", "mid"]) == (["mid"], {"mid": ("old",)})
    assert kinship.newest(["old", "x"]) == (["old", "x"], {})
    assert kinship.family("x") is None


def test_a_build_tells_of_copies_and_the_snapshot_knows_them(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text(written(sentences(9)), "utf-8")
    (folder / "other.txt").write_text(written(sentences(10)), "utf-8")
    assert build([folder], tmp_path / "index").warnings == ()
    (folder / "a2.txt").write_text(written(sentences(9)[:-1], day="2024-03-06"), "utf-8")
    (folder / "twin.txt").write_text(written(sentences(10)), "utf-8")
    told = build([folder], tmp_path / "index").warnings
    assert len(told) == 2
    assert "a2, a" in told[0]
    assert "other, twin (equal byte for byte)" in told[1]
    assert build([folder], tmp_path / "index").warnings == ()
    snapshot = open_snapshot(tmp_path / "index")
    assert {f.report_ids for f in snapshot.kinship.families} == {("a2", "a"), ("other", "twin")}
    snapshot.close()
