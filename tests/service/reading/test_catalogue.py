"""Questions about the collection, and words that ask nothing."""

from collections.abc import Callable

import pytest

from indexer.snapshot import Snapshot
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    "question",
    [
        "收录了哪些报告？",
        "有哪些研报",
        "库里一共有几篇报告？",
        "目前有哪几家券商的研究报告",
        "报告列表",
    ],
)
def test_the_collection_is_listed_newest_first_each_title_cited(
    ask: Ask, invented: Snapshot, question: str
) -> None:
    answer = ask(question)
    assert (answer.refused, answer.kind) == (False, "metadata")
    dated = [r for r in invented.records() if r.meta.title]
    assert f"共{len(invented.records())}篇" in answer.answer
    places = [answer.answer.index(r.meta.title.value) for r in dated if r.meta.title]
    assert len(places) == len(dated)
    newest_first = sorted(
        (r for r in dated if r.meta.published),
        key=lambda r: r.meta.published.value if r.meta.published else None,  # type: ignore[arg-type,return-value]
        reverse=True,
    )
    order = [answer.answer.index(r.meta.title.value) for r in newest_first if r.meta.title]
    assert order == sorted(order)
    assert {c.report_id for c in answer.citations} == set(invented.report_ids())
    for citation in answer.citations:
        assert invented.text(citation.report_id)[citation.start : citation.end] == citation.quote


def test_a_house_and_a_year_narrow_the_list(ask: Ask) -> None:
    answer = ask("海岳证券有哪些报告？")
    assert "共2篇：海岳证券2篇" in answer.answer
    assert len(answer.citations) == 2
    none = ask("1999年发布了哪些报告？")
    assert (none.refused, none.reason) == (True, "not_in_corpus")
    assert "1999年" in none.answer


def test_the_newest_is_the_one_with_the_last_date(ask: Ask, invented: Snapshot) -> None:
    last = max(
        (r for r in invented.records() if r.meta.published),
        key=lambda r: r.meta.published.value.toordinal() if r.meta.published else 0,
    )
    answer = ask("最新的报告是哪一篇？")
    assert last.meta.title is not None
    assert last.meta.title.value in answer.answer
    assert [c.report_id for c in answer.citations] == [last.report_id]


def test_reports_that_say_a_word_are_listed_with_the_line_that_says_it(ask: Ask) -> None:
    answer = ask("哪些报告提到了玻璃基板？")
    assert not answer.refused
    assert answer.citations
    assert all("玻璃基板" in c.quote for c in answer.citations)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("你好", "你好！"),
        ("您好！", "你好！"),
        ("hi", "你好！"),
        ("谢谢", "好的。"),
        ("好的，谢谢你", "好的。"),
        ("再见", "好的。"),
        ("你能做什么？", "研究报告"),
    ],
)
def test_courtesy_is_answered_and_cites_nothing(ask: Ask, said: str, words: str) -> None:
    answer = ask(said)
    assert (answer.refused, answer.reason, answer.citations) == (True, "not_in_corpus", [])
    assert words in answer.answer


@pytest.mark.parametrize("said", ["2023年呢？", "那EPS呢？", "海岳呢？", "那2025年的市盈率呢"])
def test_a_follow_up_with_nothing_before_it_says_what_is_missing(ask: Ask, said: str) -> None:
    answer = ask(said)
    assert (answer.refused, answer.reason) == (True, "low_support")
    assert "补充完整" in answer.answer


@pytest.mark.parametrize(
    "question",
    ["你好，二期产线什么时候投产？", "报告有哪些风险提示？", "相关研究有哪些？"],
)
def test_a_question_with_courtesy_or_on_contents_is_read_as_one(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert not answer.refused
    assert "收录的报告共" not in answer.answer
