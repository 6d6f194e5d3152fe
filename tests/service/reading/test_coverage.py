"""Which companies the tables cover."""

from collections.abc import Callable

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


def test_the_companies_of_a_house_are_counted_and_named(ask: Ask) -> None:
    reply = ask("恒川证券覆盖了哪些公司？")
    assert (
        "共4家：云杉智能（688977）、砺石股份（301987）、青禾电子（301993）、玄圃软件（688994）"
        in reply.answer
    )
    assert len(reply.citations) == 4


def test_companies_in_common_are_those_of_two_houses(ask: Ask) -> None:
    reply = ask("两家券商都覆盖的公司有哪些？")
    assert "共2家：云杉智能（688977）、砺石股份（301987）" in reply.answer
    assert reply.kind == "comparison"
    assert len({c.broker for c in reply.citations}) == 2


def test_two_reports_of_one_house_have_nothing_in_common_with_themselves(ask: Ask) -> None:
    reply = ask("两家券商都覆盖的公司有哪些？", filters={"brokers": ["海岳证券"]})
    assert "都列出" not in reply.answer


def test_the_samples_have_three_companies_in_common(ask_samples: Ask) -> None:
    reply = ask_samples("两家券商都覆盖的公司有哪些？")
    assert "都列出的公司共3家" in reply.answer
    for name in ("蓝色光标", "光线传媒", "风语筑"):
        assert name in reply.answer


def test_common_companies_may_be_asked_for_in_other_words(ask: Ask) -> None:
    for question in (
        "海岳证券和恒川证券都给出评级的公司",
        "既在海岳证券又在恒川证券表中的公司有哪些？",
    ):
        assert "都列出的公司共2家：云杉智能（688977）、砺石股份（301987）" in ask(question).answer
