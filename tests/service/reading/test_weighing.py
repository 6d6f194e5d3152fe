"""A question's words as weights."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.snapshot import Snapshot
from service.query import Query
from service.reading.weighing import share, weigh_question

Parse = Callable[[str], Query]


def test_rare_words_weigh_more_than_common_ones(parse: Parse, invented: Snapshot) -> None:
    words = dict(weigh_question(parse("玻璃基板与芯片"), invented).words)
    rare = max(weight for word, weight in words.items() if "玻璃" in word or "基板" in word)
    assert rare > words["芯片"]


def test_the_house_is_no_part_of_the_matter(parse: Parse, invented: Snapshot) -> None:
    weighing = weigh_question(parse("恒川证券怎么看散热方案"), invented)
    assert not [w for w, _ in weighing.words if "恒川" in w]


def test_a_matter_that_stands_nowhere_is_unknown(parse: Parse, invented: Snapshot) -> None:
    assert weigh_question(parse("火星探测器着陆"), invented).unknown > 0.9
    assert weigh_question(parse("玻璃基板良率"), invented).unknown == 0


def test_coverage_is_whole_for_the_question_itself_and_none_for_nothing(
    parse: Parse, invented: Snapshot
) -> None:
    weighing = weigh_question(parse("玻璃基板样品良率提升"), invented)
    assert weighing.coverage((("玻璃基板样品良率提升", 1.0),)) == pytest.approx(1)
    assert weighing.coverage((("", 1.0),)) == 0
    assert weighing.coverage(()) == 0


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    question=st.text(
        st.sampled_from("玻璃基板良率推理算力提升双抗药物研发周期的是多少"), max_size=20
    ),
    more=st.text(st.sampled_from("玻璃基板良率推理算力提升双抗药物研发周期"), max_size=20),
)
def test_more_text_never_covers_less(
    parse: Parse, invented: Snapshot, question: str, more: str
) -> None:
    weighing = weigh_question(parse(question), invented)
    less = weighing.coverage((("推理算力", 1.0),))
    full = weighing.coverage((("推理算力," + more, 1.0),))
    assert 0 <= less <= full <= 1 + 1e-9
    assert sum(u[1] for u in weighing.units) == pytest.approx(1 if weighing.units else 0)


def test_a_word_counts_in_part_by_its_pairs() -> None:
    assert share("玻璃基板", "发布玻璃基板") == 1
    assert 0 < share("玻璃基板", "玻璃") < 1
    assert share("玻璃基板", "双抗") == 0
    assert share("gpu", "gp") == 0


@pytest.mark.parametrize("asking", ["于何年", "在西元几年", "於何時", "於何處", "為何", "是何種"])
def test_asking_words_are_no_matter(parse: Parse, invented: Snapshot, asking: str) -> None:
    words = [w for w, _ in weigh_question(parse(f"二期产线投产{asking}？"), invented).words]
    assert not [w for w in words if "何" in w or "西元" in w or "几" in w]


def test_a_particle_glued_to_a_name_that_stands_nowhere_is_cut_off(
    parse: Parse, invented: Snapshot
) -> None:
    held = {w for w, _ in weigh_question(parse("砺石于良率"), invented).words}
    assert not [w for w in held if w.endswith("于")]
