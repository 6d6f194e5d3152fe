"""Sentences ranked by how well they carry the question."""

from collections.abc import Callable

import pytest

from indexer.records import Filters
from indexer.snapshot import Snapshot
from service.query import Query
from service.reading.expectation import expectation_of
from service.reading.prose import find_passages, roles_of
from service.reading.ranking import rank
from service.reading.scope import make_scope
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
