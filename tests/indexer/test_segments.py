"""Segments: however an index came about, it answers like one that was built in one go."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import segments
from indexer.build import build, remove
from indexer.manifest import read_manifest
from indexer.search import search
from indexer.segmentation import Segmenter, frequencies, words_weight
from indexer.segments import FLOOR, staying
from indexer.snapshot import Snapshot, open_snapshot

# Names that the dictionary does not hold, and texts that hold them with and without their being
# stated as a name: 青山科技 becomes a word only where a code or a company's table names it.
NAMES = ("青山科技", "蓝湖传媒", "云岭智能", "高宇", "丹棱股份")
SENTENCES = (
    "光学镜头需求回升，青山科技高宇轩说。",
    "蓝湖传媒票房回升，2023年营业收入1,280.51亿元。",
    "云岭智能制造业务与丹棱股份有限公司合作，毛利率为25.3%。",
    "建议关注高宇科技。",
    "风险提示：需求不及预期。",
    "动画电影《高宇山海图》上映。",
)
STATED = tuple(f"{name}（{688001 + at}）深度报告。" for at, name in enumerate(NAMES))
TABLE = "\n\n表1：盈利预测\n公司\t代码\t2024E EPS（元）\n青山科技\t688001\t0.70\n蓝湖传媒\t300999\t1.25\n"
QUERIES = (
    "青山科技",
    "高宇",
    "蓝湖传媒营业收入",
    "光学镜头 需求",
    "科技",
    "丹棱股份毛利率",
    "风险",
)


def everything(snapshot: Snapshot) -> list[object]:
    """All that an index can be asked, in words and exact numbers."""
    seen: list[object] = [snapshot.id, snapshot.report_ids(), snapshot.records()]
    numbers = range(snapshot.chunk_count())
    seen.append([snapshot.chunk(number) for number in numbers])
    for report_id in snapshot.report_ids():
        seen += [snapshot.report(report_id), snapshot.chunks_of(report_id)]
    for query in QUERIES:
        seen.append(snapshot.scores(query).tolist())
        seen.append([(h.chunk.passage_id, h.score) for h in search(snapshot, query, 5)])
        seen += [snapshot.mentions(query), snapshot.document_frequency(query)]
    for source in ("table", "sentence", None):
        seen += [snapshot.facts.find(source=source), snapshot.facts.subjects(source)]
        seen += [snapshot.facts.metrics(source), snapshot.facts.periods(source=source)]
    for offset, limit in ((0, 3), (2, 3), (1, None)):
        seen.append(snapshot.facts.find(source=None, offset=offset, limit=limit))
    seen += [snapshot.facts.count(), snapshot.tie_order.tolist()]
    seen += [snapshot.lexicon, snapshot.manifest.words, snapshot.quarantined()]
    seen += [canary.best for canary in snapshot.manifest.canaries]
    return seen


def seen_of(index_dir: Path) -> list[object]:
    """The same of a published index."""
    snapshot = open_snapshot(index_dir)
    try:
        return everything(snapshot)
    finally:
        snapshot.close()


@st.composite
def reports(draw: st.DrawFn) -> str:
    """The text of a small report, which may state names."""
    parts = draw(st.lists(st.sampled_from(SENTENCES + STATED), min_size=1, max_size=4))
    return "\n\n".join(parts) + (TABLE if draw(st.booleans()) else "") + "\n"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abcdefg"), reports()),
        st.tuples(st.just("remove"), st.sampled_from("abcdefg"), st.just("")),
    ),
    min_size=2,
    max_size=6,
)


@pytest.fixture
def small_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two chunks are enough for a segment of their own."""
    monkeypatch.setattr(segments, "FLOOR", 1)


@pytest.mark.usefixtures("small_floor")
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_an_index_built_in_steps_is_the_one_built_at_once(
    steps: list[tuple[str, str, str]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        place, index_dir = Path(name) / "reports", Path(name) / "index"
        place.mkdir()
        for action, report_id, text in [("put", "first", SENTENCES[0]), *steps]:
            path = place / f"{report_id}.txt"
            if action == "put":
                path.write_text(text, encoding="utf-8")
                build([path], index_dir)
            elif path.exists():
                path.unlink()
                remove(index_dir, report_id)
        build([place], Path(name) / "whole")
        assert seen_of(index_dir) == seen_of(Path(name) / "whole")


@pytest.mark.usefixtures("small_floor")
def test_many_segments_and_many_merges_change_nothing(tmp_path: Path) -> None:
    chance = random.Random(5)
    place, index_dir = tmp_path / "reports", tmp_path / "index"
    place.mkdir()
    most = 0
    for turn in range(14):
        path = place / f"r{chance.randrange(10)}.txt"
        if path.exists() and chance.random() < 0.25:
            path.unlink()
            outcome = remove(index_dir, path.stem)
        else:
            chosen = chance.sample(SENTENCES + STATED, chance.randint(1, 6))
            path.write_text(f"第{turn}次。" + "\n\n".join(chosen) + TABLE, encoding="utf-8")
            outcome = build([path], index_dir)
        manifest = read_manifest(outcome.folder)
        most = max(most, len(manifest.stores), len(manifest.postings))
    build([place], tmp_path / "whole")
    assert most > 1
    assert seen_of(index_dir) == seen_of(tmp_path / "whole")


@pytest.mark.usefixtures("small_floor")
def test_what_is_unchanged_is_neither_counted_nor_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, index_dir = tmp_path / "reports", tmp_path / "index"
    place.mkdir()
    for at in range(8):
        (place / f"r{at}.txt").write_text(SENTENCES[0] + "\n\n" + SENTENCES[4], encoding="utf-8")
    first = build([place], index_dir)
    counted: list[str] = []
    real = Segmenter.count
    monkeypatch.setattr(
        Segmenter, "count", lambda self, texts: (counted.extend(texts), real(self, texts))[1]
    )
    (place / "new.txt").write_text("票房回升。", encoding="utf-8")
    second = build([place], index_dir)
    assert [text.split("\n")[-1] for text in counted] == ["票房回升。"]
    same = [p for p in second.folder.iterdir() if p.stat().st_ino in inodes(first.folder)]
    assert {p.name for p in same} == {
        "reports_1.sqlite", "keys_1.npy", "starts_1.npy", "chunks_1.npy", "counts_1.npy",
    }  # fmt: skip


def inodes(folder: Path) -> set[int]:
    """The files of a folder, whatever their names."""
    return {path.stat().st_ino for path in folder.iterdir()}


@pytest.mark.usefixtures("small_floor")
def test_a_new_word_recounts_only_the_chunks_that_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, index_dir = tmp_path / "reports", tmp_path / "index"
    place.mkdir()
    for at in range(9):
        (place / f"r{at}.txt").write_text(SENTENCES[at % 3], encoding="utf-8")
    build([place], index_dir)
    counted: list[str] = []
    real = Segmenter.count
    monkeypatch.setattr(
        Segmenter, "count", lambda self, texts: (counted.extend(texts), real(self, texts))[1]
    )
    (place / "new.txt").write_text("丹棱股份（688005）报告。", encoding="utf-8")
    outcome = build([place], index_dir)
    assert "丹棱股份" in dict(read_manifest(outcome.folder).words)
    assert len(counted) == 4  # the new one, and the three that hold 丹棱股份
    assert sum("丹棱股份" in text for text in counted) == 4


def test_a_file_system_without_links_gets_copies(
    folder: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "FLOOR", 1)
    build([folder], index_dir)

    def no_links(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(segments.os, "link", no_links)
    (folder / "delta.txt").write_text("票房回升。", encoding="utf-8")
    outcome = build([folder], index_dir)
    assert len(read_manifest(outcome.folder).stores) == 2
    build([folder], index_dir.with_name("whole"))
    assert seen_of(index_dir) == seen_of(index_dir.with_name("whole"))


@pytest.mark.usefixtures("small_floor")
def test_passages_of_reports_whose_ids_interleave_keep_their_order(tmp_path: Path) -> None:
    lines = [
        f'{{"id": "{report_id}", "text": "{"光学镜头需求回升。" * 60}"}}'
        for report_id in ("a", "a:1", "a:9", "b")
    ]
    for count in (2, 4):
        (tmp_path / "all.jsonl").write_text("\n".join(lines[:count]), encoding="utf-8")
        build([tmp_path / "all.jsonl"], tmp_path / "index")
    snapshot = open_snapshot(tmp_path / "index")
    ids = [snapshot.chunk(number).passage_id for number in range(snapshot.chunk_count())]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    assert [int(snapshot.tie_order[at]) for at in order] == list(range(len(ids)))
    snapshot.close()


@given(
    st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)), max_size=12),
    st.integers(0, 9_000),
)
def test_segments_that_stay_at_least_double_in_size(
    sizes: list[tuple[int, int]], fresh: int
) -> None:
    live, whole = [min(pair) for pair in sizes], [max(pair) for pair in sizes]
    stay = staying(live, whole, fresh)
    new = fresh + sum(left for left, stays in zip(live, stay, strict=True) if not stays)
    for left, size, stays in zip(live, whole, stay, strict=True):
        assert not stays or (left > FLOOR and left > new and 2 * left >= size)


def test_an_even_corpus_has_few_segments() -> None:
    sizes: list[int] = [52_000]
    for _ in range(3_000):  # reports of 50 chunks, one after the other
        stay = staying(sizes, sizes, 50)
        left = [size for size, stays in zip(sizes, stay, strict=True) if stays]
        sizes = [*left, 50 + sum(sizes) - sum(left)]
        assert len(sizes) <= 9


WORDS = st.lists(
    st.text(alphabet="青山科技高宇蓝湖传媒股份有限公司的了中国银行", min_size=2, max_size=5),
    max_size=6,
    unique=True,
)


@settings(max_examples=12, deadline=None)
@given(
    before=WORDS,
    after=WORDS,
    text=st.text(alphabet="青山科技高宇蓝湖传媒股份有限公司的了中国银行，。 a1\n", max_size=60),
)
def test_a_text_without_a_word_is_cut_alike_with_it_and_without(
    before: list[str], after: list[str], text: str
) -> None:
    one, other = frequencies(before), frequencies(after)
    changed = {word for word, _ in set(one) ^ set(other)}
    if words_weight(one) != words_weight(other) or any(word in text for word in changed):
        return
    first, second = Segmenter(one), Segmenter(other)
    assert first.words(text) == second.words(text)
    np.testing.assert_array_equal(first.count([text]).keys, second.count([text]).keys)


@pytest.mark.usefixtures("small_floor")
def test_an_index_that_was_emptied_fills_again(folder: Path, index_dir: Path) -> None:
    build([folder], index_dir)
    for report_id in ("alpha", "beta", "gamma"):
        remove(index_dir, report_id)
    snapshot = open_snapshot(index_dir)
    assert (snapshot.report_ids(), snapshot.chunk_count(), snapshot.facts.count()) == ((), 0, 0)
    assert search(snapshot, "青山科技", 3) == []
    snapshot.close()
    build([folder], index_dir)
    build([folder], index_dir.with_name("whole"))
    assert seen_of(index_dir) == seen_of(index_dir.with_name("whole"))
