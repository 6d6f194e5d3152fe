"""Sentences ranked by how well they carry the question."""

from collections.abc import Callable

import pytest

from indexer.records import Filters
from indexer.snapshot import Snapshot
from service.query import Query
from service.reading.expectation import expectation_of
from service.reading.prose import find_passages, roles_of
from service.reading.ranking import is_question, rank
from service.reading.scope import make_scope
from service.reading.sentences import sentences_of
from service.reading.surroundings import surrounded
from service.reading.weighing import weigh_question

Parse = Callable[[str], Query]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("推理算力需求增长的原因是什么", "长上下文模型普及"),
        ("端侧芯片的放量取决于什么", "散热方案成熟"),
        ("双抗药物的研发周期", "约为八年"),
        ("二期产线什么时候投产", "2025 年 9 月"),
    ],
)
def test_the_sentence_that_says_it_is_first(
    parse: Parse, invented: Snapshot, question: str, words: str
) -> None:
    query = parse(question)
    scope = make_scope(invented, Filters(), (), None)
    roles = roles_of(query)
    hits = find_passages(query, scope, roles)
    weighing, wanted = weigh_question(query, invented), expectation_of(query.text)
    ranked = rank(hits, weighing, wanted, scope, roles)
    best = ranked[0].sentence
    assert words in best.span.of(invented.text(best.report_id))
    assert [s.score for s in ranked] == sorted((s.score for s in ranked), reverse=True)
    assert all(0 <= s.support <= 1 + 1e-9 for s in ranked)
    places = [(s.sentence.report_id, s.sentence.span) for s in ranked]
    assert len(places) == len(set(places))
    assert rank(list(reversed(hits)), weighing, wanted, scope, roles)[0] == ranked[0]


def test_support_is_what_sentence_and_surroundings_cover_counted_the_slow_way(
    parse: Parse, invented: Snapshot
) -> None:
    query = parse("砺石股份第三代玻璃基板的样品良率提升到多少")
    scope, roles = make_scope(invented, Filters(), (), None), roles_of(query)
    hits, weighing = find_passages(query, scope, roles), weigh_question(query, invented)
    layers = {
        sentence.span: ((sentence.norm, 1.0), *block.around)
        for block in surrounded(hits, invented, roles)
        for sentence in block.sentences
    }
    ranked = rank(hits, weighing, expectation_of(query.text), scope, roles)
    assert {s.sentence.span for s in ranked} == set(layers)
    for one in ranked:
        assert one.support == pytest.approx(weighing.coverage(layers[one.sentence.span]))
        assert one.own == pytest.approx(weighing.coverage(layers[one.sentence.span][:1]))


def test_blocks_are_worked_out_once_and_found_again(parse: Parse, invented: Snapshot) -> None:
    query = parse("二期产线什么时候投产")
    scope, roles = make_scope(invented, Filters(), (), None), roles_of(query)
    hits = find_passages(query, scope, roles)
    first, again = (surrounded(hits, invented, roles) for _ in range(2))
    assert first
    assert all(one is other for one, other in zip(first, again, strict=True))
    for block in first:
        report = invented.report(block.report_id)
        assert list(block.sentences) == sentences_of(report, block.block)


@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("推理芯片是谁在哪一年提出的", True),
        ("二期产线的工期是多少天", True),
        ("需求会回升吗?", True),
        ("关键词:一分钟、世界模拟?", False),
        ("《为什么是玻璃》一书讲了材料的历史", False),
        ("为什么看好这一方向?原因是需求回升", False),
        ("二期产线于2025年投产", False),
        ("目前订单比以往任何时候都多", False),
    ],
)
def test_a_sentence_that_only_asks_is_known(words: str, asks: bool) -> None:
    assert is_question(words) is asks
