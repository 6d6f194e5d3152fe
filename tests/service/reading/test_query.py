"""The slots of a question."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.operations import Operation
from service.query import Query

Parse = Callable[[str], Query]


def test_every_slot_of_a_question_is_found(parse: Parse) -> None:
    query = parse("恒川证券预测砺石股份2025E的市盈率是多少倍？")
    assert query.known_brokers == ("恒川证券",)
    assert [n.text for n in query.companies] == ["砺石股份"]
    assert [m.id for m in query.metrics] == ["pe"]
    assert [(p.period.label, p.text) for p in query.periods] == [("2025", "2025E")]
    assert query.operation is Operation.LOOK_UP
    assert query.leftovers == []


def test_places_point_at_the_words_of_the_folded_question(parse: Parse) -> None:
    query = parse("海岳证券预测雲杉智能２０２６Ｅ的ＥＰＳ是多少")
    (company,), (period,), (metric,) = query.companies, query.periods, query.metrics
    assert query.text[company.start : company.end] == "云杉智能"
    assert query.text[period.start : period.end] == "2026e"
    assert query.text[metric.start : metric.end] == "eps"


def test_the_askers_own_words_are_kept(parse: Parse) -> None:
    query = parse("雲杉智能２０２６Ｅ的ＥＰＳ")
    (period,) = query.periods
    assert period.text == "２０２６Ｅ"
    assert query.own_words(query.companies[0].start, query.companies[0].end) == "雲杉智能"
    assert query.asked == "雲杉智能２０２６Ｅ的ＥＰＳ"


def test_a_name_with_its_code_is_one_company(parse: Parse) -> None:
    assert len(parse("云杉智能（688977）的市盈率").companies) == 1


def test_two_companies_stay_in_the_order_of_the_question(parse: Parse) -> None:
    query = parse("砺石股份和云杉智能2025E的EPS")
    assert [n.text for n in query.companies] == ["砺石股份", "云杉智能"]


def test_a_bound_belongs_to_its_metric(parse: Parse) -> None:
    (condition,) = parse("2026E市盈率低于50倍的公司有哪些").conditions
    assert (condition.metric, condition.comparator) == ("pe", "<")
    assert condition.numbers == (Decimal(50),)


def test_the_digits_of_a_year_or_a_code_are_no_bound(parse: Parse) -> None:
    assert parse("云杉智能2025E的EPS是多少吗").conditions == []
    assert parse("688977的EPS有多少").conditions == []


@pytest.mark.parametrize(
    "question", ["云杉智能2025E的EPS是0.99元吗", "云杉智能2025E的EPS为什么是0.99元"]
)
def test_an_asserted_figure_is_a_bound_of_equality(parse: Parse, question: str) -> None:
    (condition,) = parse(question).conditions
    assert (condition.comparator, condition.numbers) == ("=", (Decimal("0.99"),))


def test_a_verb_is_a_rating_word_only_where_it_rates(parse: Parse) -> None:
    assert parse("评级为推荐的公司有哪些").rating_words[0][0] == "推荐"
    assert parse("海岳证券推荐哪些公司").rating_words == []


def test_what_no_slot_explains_is_left_over(parse: Parse) -> None:
    assert [w for w, _, _ in parse("玻璃基板的良率").leftovers if "玻璃" in w]


@given(
    st.text(
        st.sampled_from(
            "云杉智能砺石股份海岳证券恒川2025E年的EPS市盈率是多少？，和、 比高低于50倍１（）"
        ),
        max_size=40,
    )
)
def test_any_question_can_be_parsed_and_every_place_lies_inside(
    parse: Parse, question: str
) -> None:
    query = parse(question)
    slots = [*query.companies, *query.brokers, *query.periods, *query.metrics, *query.conditions]
    for slot in slots:
        assert 0 <= slot.start <= slot.end <= len(query.text)
        assert query.own_words(slot.start, slot.end) in question
    for word, start, end in query.leftovers:
        assert query.text[start:end].strip() == word


@pytest.mark.parametrize(
    "question", ["北溟科技2026EEPS是多少", "北溟科技2026EPE", "北溟科技2024AEPS"]
)
def test_a_metric_may_be_glued_to_its_year(parse: Parse, question: str) -> None:
    query = parse(question)
    assert [m.id for m in query.metrics] == ["pe" if question.endswith("EPE") else "eps"]
    assert [p.period.label for p in query.periods] == [question[4:8]]
