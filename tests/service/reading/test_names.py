"""Companies and houses in a question, by the naming rules of the contract."""

from collections.abc import Callable

import pytest

from indexer.snapshot import Snapshot
from service.names import NameBook
from service.query import Query
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]
Parse = Callable[[str], Query]


@pytest.fixture(scope="module")
def book(invented: Snapshot) -> NameBook:
    return NameBook(invented)


@pytest.mark.parametrize(
    "named",
    [
        "云杉智能",
        "688977",
        "688977.SH",
        "688977.sh",
        "SH688977",
        "６８８９７７",
        "688977．SH",
        "雲杉智能",
        "云 杉 智 能",
        "云杉智能（688977）",
        "云杉智能(688977.SH)",
    ],
)
def test_a_company_is_meant_by_name_code_width_and_script(parse: Parse, named: str) -> None:
    query = parse(f"{named}的2026E每股收益是多少")
    assert [n.company.name for n in query.companies if n.company] == ["云杉智能"]
    assert len(query.companies) == 1


@pytest.mark.parametrize(
    ("short", "meant"),
    [("北溟", "北溟科技"), ("北科", "北溟科技"), ("长精", "长城精工"), ("砺股", "砺石股份")],
)
def test_an_abbreviation_is_an_in_order_subsequence_from_the_first_character(
    parse: Parse, short: str, meant: str
) -> None:
    (named,) = parse(f"{short}2026E的EPS是多少").companies
    assert (named.text, named.how, named.rivals) == (meant, "abbreviation", ())


@pytest.mark.parametrize("words", ["溟科", "科北", "北"])
def test_other_pieces_of_a_name_mean_no_company(parse: Parse, words: str) -> None:
    assert not [n for n in parse(f"{words}2026E的EPS是多少").companies if n.company]


@pytest.mark.parametrize("word", ["长城", "云杉"])
def test_a_dictionary_word_is_no_abbreviation(ask: Ask, book: NameBook, word: str) -> None:
    assert book.abbreviated(word, 0) is None
    reply = ask(f"{word}2026E的EPS是多少？")
    assert (reply.refused, reply.reason) == (True, "no_such_company")


def test_an_abbreviation_stands_only_where_a_name_may_stand(parse: Parse) -> None:
    assert not parse("东北科学城的规划是什么").companies


def test_with_two_candidates_the_answer_says_which_was_taken(ask: Ask) -> None:
    for question in ("云智2026E的EPS是多少", "云智的股票代码是多少", "云智的评级是什么"):
        answer = ask(question).answer
        assert answer.startswith("“云智”按云岭智造理解（也可能指云杉智能）。")


def test_a_name_with_one_wrong_character_is_understood_and_shown_right(ask: Ask) -> None:
    reply = ask("北溟科枝2026E的EPS是多少")
    assert "北溟科技" in reply.answer
    assert reply.citations[0].cell is not None
    assert reply.citations[0].cell.value == "0.93"


def test_a_code_that_no_report_holds_is_named_as_asked(ask: Ask) -> None:
    reply = ask("999999的EPS是多少")
    assert (reply.reason, reply.missing[0].asked) == ("no_such_company", "999999")


@pytest.mark.parametrize(
    "text", ["2025年3月", "202503", "900000万元", "100000股", "12345678", "0.688977", "a688977b"]
)
def test_dates_and_longer_numbers_are_no_codes(book: NameBook, text: str) -> None:
    assert book.find_codes(text) == []


@pytest.mark.parametrize(
    "house", ["恒川证券", "恒川", "恆川證券", "恒川证券有限责任公司", "恒川证券研究所"]
)
def test_a_house_is_meant_by_its_full_or_short_name(parse: Parse, house: str) -> None:
    query = parse(f"{house}预测云杉智能2025E的EPS是多少")
    assert query.known_brokers == ("恒川证券",)
    assert query.unknown_brokers == ()


def test_a_house_without_a_report_is_known_as_one(parse: Parse) -> None:
    query = parse("南岭证券预测云杉智能2025E的EPS是多少")
    assert (query.known_brokers, query.unknown_brokers) == ((), ("南岭证券",))


def test_a_bank_of_the_same_stem_is_not_the_house(book: NameBook) -> None:
    assert not [b for b in book.find_brokers("恒川银行的不良率是多少") if b.known]


def test_a_latin_name_is_never_found_inside_a_longer_word(book: NameBook) -> None:
    assert not book.find_names("xeps")
    assert not book.find_names("")
