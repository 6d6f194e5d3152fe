"""Search: order, ties, filters, roles and mentions over the samples and toy reports."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from corpus.normalise import fold
from corpus.report import Role
from indexer.build import build
from indexer.records import Filters
from indexer.search import search
from indexer.snapshot import Snapshot, open_snapshot


@pytest.fixture(scope="module")
def snapshot(sample_index: Path) -> Iterator[Snapshot]:
    opened = open_snapshot(sample_index)
    yield opened
    opened.close()


SAMPLES = Path(__file__).parents[2] / "corpus" / "reports"
DONGWU, HUAXIN = "000_987a530512bc595a", "003_79085bbf01c75561"


def found_in(snapshot: Snapshot, filters: Filters) -> set[str]:
    return {hit.chunk.report_id for hit in search(snapshot, "Sora 视频 模型", 50, filters)}


def test_the_best_passage_comes_first(snapshot: Snapshot) -> None:
    hit = search(snapshot, "蓝色光标与微软合作，A股映射", 5)[0]
    assert "蓝色光标" in hit.chunk.text
    hit = search(snapshot, "Sora 采用了 transformer 架构的扩散模型", 5)[0]
    assert "transformer" in hit.chunk.text.lower()


def test_scores_fall_and_ranks_count_from_one(snapshot: Snapshot) -> None:
    hits = search(snapshot, "多模态 AI 应用", 20)
    assert [hit.rank for hit in hits] == list(range(1, 21))
    assert all(a.score >= b.score for a, b in pairwise(hits))
    assert all(hit.score > 0 for hit in hits)


def test_k_beyond_the_end_gives_every_match_once(snapshot: Snapshot) -> None:
    hits = search(snapshot, "AI", 10_000)
    assert len(hits) == len({hit.chunk.passage_id for hit in hits}) < snapshot.chunk_count()
    assert [h.chunk for h in search(snapshot, "AI", 3)] == [h.chunk for h in hits[:3]]
    with pytest.raises(ValueError, match="at least 1"):
        search(snapshot, "AI", 0)


def test_a_query_without_known_terms_finds_nothing(snapshot: Snapshot) -> None:
    assert search(snapshot, "的", 5) == []
    assert search(snapshot, "，。", 5) == []
    assert search(snapshot, "", 5) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {DONGWU, HUAXIN}),
        (Filters(report_ids=(DONGWU,)), {DONGWU}),
        (Filters(report_ids=("nobody",)), set()),
        (Filters(brokers=("东吴证券",)), {DONGWU}),
        (Filters(brokers=("东吴证券股份有限公司",)), {DONGWU}),
        (Filters(brokers=("东吴",)), {DONGWU}),
        (Filters(brokers=("華鑫證券",)), {HUAXIN}),
        (Filters(brokers=("东吴证券", "华鑫证券")), {DONGWU, HUAXIN}),
        (Filters(brokers=("中信证券",)), set()),
        (Filters(stock_codes=("300418",)), {DONGWU}),
        (Filters(stock_codes=("300418.SZ",)), {DONGWU}),
        (Filters(stock_codes=("002605", "300418")), {DONGWU, HUAXIN}),
        (Filters(stock_codes=("600519",)), set()),
        (Filters(published_from=date(2024, 2, 21)), {DONGWU, HUAXIN}),
        (Filters(published_from=date(2024, 2, 22)), {HUAXIN}),
        (Filters(published_to=date(2024, 2, 21)), {DONGWU}),
        (Filters(published_to=date(2024, 2, 20)), set()),
        (Filters(brokers=("东吴证券",), published_from=date(2024, 2, 25)), set()),
    ],
)
def test_filters(snapshot: Snapshot, filters: Filters, expected: set[str]) -> None:
    assert found_in(snapshot, filters) == expected
    allowed = snapshot.allowed(filters)
    assert allowed == (expected if filters else None)


def test_a_report_without_a_date_fails_a_date_filter(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    snapshot = open_snapshot(index_dir)
    assert snapshot.allowed(Filters(published_from=date(1990, 1, 1))) == {"alpha", "beta"}
    assert snapshot.allowed(Filters(published_to=date(2990, 1, 1))) == {"alpha", "beta"}
    snapshot.close()


def test_roles_limit_what_is_found(snapshot: Snapshot) -> None:
    hits = search(snapshot, "买入 增持 预期 涨跌幅", 20, roles={Role.RATING_DEFINITION})
    assert hits
    assert {hit.chunk.role for hit in hits} == {"rating_definition"}
    assert search(snapshot, "买入 增持", 20, roles=()) == []


def test_equal_scores_are_ordered_by_passage_id(tmp_path: Path) -> None:
    for name in ("b", "a", "c", "a-1", "a.1"):
        (tmp_path / f"{name}.txt").write_text("同样的一句话，光学镜头。\n", encoding="utf-8")
    index_dir = tmp_path / "index"
    build([tmp_path / f"{n}.txt" for n in ("c", "a", "b", "a-1", "a.1")], index_dir)
    snapshot = open_snapshot(index_dir)
    hits = search(snapshot, "光学镜头", 4)
    found = [hit.chunk.passage_id for hit in hits]
    assert len({hit.score for hit in hits}) == 1
    everything = [f"{name}:0-12" for name in ("a", "a-1", "a.1", "b", "c")]
    assert found == sorted(everything)[:4]
    snapshot.close()


def test_saved_and_opened_again_gives_the_same_hits(sample_index: Path, snapshot: Snapshot) -> None:
    again = open_snapshot(sample_index)
    for query in ("蓝色光标 EPS", "风险提示", "投资评级说明", "執業證書"):
        assert search(again, query, 10) == search(snapshot, query, 10)
    again.close()


def test_many_threads_share_a_snapshot(snapshot: Snapshot) -> None:
    queries = ["蓝色光标", "Sora 模型", "投资评级", "风险提示", "东吴证券"] * 20
    expected = [search(snapshot, query, 5) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda query: search(snapshot, query, 5), queries)) == expected


@pytest.mark.parametrize(
    "phrase", ["蓝色光标", "2月17日", "Sora", "東吳證券", "ＯｐｅｎＡＩ", "多模态应用"]
)
def test_mentions_are_all_places_of_a_phrase(snapshot: Snapshot, phrase: str) -> None:
    found = {(m.report_id, m.start, m.end) for m in snapshot.mentions(phrase, limit=1_000)}
    assert found
    for report_id, start, end in found:
        assert fold(snapshot.text(report_id)[start:end]) == fold(phrase)
    by_eye = sum(
        fold(chunk.text).count(fold(phrase))
        for report_id in snapshot.report_ids()
        for chunk in snapshot.chunks_of(report_id)
    )
    inside_words = 0 if phrase not in {"Sora"} else by_eye - len(found)
    assert len(found) == by_eye - inside_words


def test_mentions_obey_reports_and_limit(snapshot: Snapshot) -> None:
    assert {m.report_id for m in snapshot.mentions("蓝色光标", {HUAXIN}, 99)} == {HUAXIN}
    assert len(snapshot.mentions("蓝色光标", limit=2)) == 2
    assert snapshot.mentions("蓝色光标", ()) == []
    assert snapshot.mentions("完全没有的词组") == []
    assert snapshot.mentions("") == []


def test_a_number_is_mentioned_whole_only(snapshot: Snapshot) -> None:
    assert snapshot.mentions("300058")
    assert snapshot.mentions("30005") == []
    assert snapshot.mentions("00058") == []


def test_a_single_character_and_punctuation_are_found(snapshot: Snapshot) -> None:
    assert snapshot.mentions("》", limit=3)
    assert snapshot.mentions("萬", limit=3)


def test_an_empty_snapshot_answers_with_nothing(tmp_path: Path, index_dir: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\x00" * 64)
    build([tmp_path / "bad.txt"], index_dir)
    snapshot = open_snapshot(index_dir)
    assert search(snapshot, "任何问题", 5, Filters(brokers=("东吴",)), roles={Role.BODY}) == []
    assert snapshot.mentions("任何") == []
    assert snapshot.allowed(Filters(brokers=("东吴",))) == frozenset()
    snapshot.close()


def test_scores_do_not_depend_on_what_else_is_visible(snapshot: Snapshot) -> None:
    visible = snapshot.visible(Filters(report_ids=(DONGWU,)))
    assert visible is not None
    everywhere = snapshot.scores("多模态 应用")
    np.testing.assert_array_equal(
        snapshot.scores("多模态 应用", visible)[visible], everywhere[visible]
    )


def test_several_chunks_come_in_the_order_that_is_asked_for(snapshot: Snapshot) -> None:
    numbers = [5, 0, 3, 5]
    assert snapshot.chunks(numbers) == [snapshot.chunk(number) for number in numbers]
    assert snapshot.chunks([]) == []
    with pytest.raises(IndexError):
        snapshot.chunks([0, snapshot.chunk_count()])


def test_reports_with_a_role_are_those_with_a_chunk_of_it(snapshot: Snapshot) -> None:
    for role in Role:
        held = {
            i for i in snapshot.report_ids() if any(c.role == role for c in snapshot.chunks_of(i))
        }
        assert snapshot.reports_with(role) == held


def test_pages_by_nobody_do_not_change_how_rare_a_word_is_where_houses_wrote_most(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    planted = tmp_path / "planted"
    planted.mkdir()
    for number in range(60):
        words = f"蓝色光标的业务怎么样，{number}号。"
        (planted / f"{number}.txt").write_text(words, encoding="utf-8")
    build([SAMPLES, planted], tmp_path / "index")
    with closing(open_snapshot(tmp_path / "index")) as beside:
        assert beside.chunk_count() == snapshot.chunk_count() + 60
        assert beside.counted_chunks() == snapshot.counted_chunks() == snapshot.chunk_count()
        for word in ("蓝色光标", "业务", "号"):
            assert beside.document_frequency(word) == snapshot.document_frequency(word)
        assert beside.document_frequency("怎么样") >= 1


def test_where_nobody_in_particular_wrote_most_every_page_counts(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(f"玻璃基板样品{number}。", encoding="utf-8")
    build([tmp_path], tmp_path / "index")
    with closing(open_snapshot(tmp_path / "index")) as only:
        assert only.counted_chunks() == only.document_frequency("玻璃") == 5
