"""Lexicon: the names that reports state, and nothing that is no name."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.raw import Given, RawReport
from corpus.reading import parse
from corpus.report import Report, SourceFile
from indexer.lexicon import Lexicon, ReportNames, build_lexicon
from indexer.naming import names_of


def report_of(text: str) -> Report:
    file = SourceFile("r.txt", "txt", len(text), "0" * 64)
    return parse(RawReport("r", text, file, Given(), ()))


def companies_of(text: str) -> dict[str, str]:
    return dict(names_of(report_of(text)).companies)


def test_a_name_before_its_code_is_a_company() -> None:
    found = companies_of("我们推荐青山新材（688987）。建议关注蓝湖光电(300999.SZ)等。\n")
    assert found["青山新材"] == "688987"
    assert found["蓝湖光电"] == "300999"


def test_rows_of_a_table_name_companies() -> None:
    found = companies_of(
        "表 1: 估值\n\n代码\t公司\t收盘价\tEPS\n688987\t青山新材\t12.10\t0.35\n"
        "300999.SZ\t蓝湖光电\t8.20\t0.12\n"
    )
    assert found == {"青山新材": "688987", "蓝湖光电": "300999"}


def test_metrics_in_a_table_are_no_companies() -> None:
    found = companies_of("表 2: 财务\n\n项目\t2022A\t2023E\n营业收入\t12.10\t13.50\n合计\t1\t2\n")
    assert found == {}


def test_a_listed_company_counts_where_it_stands() -> None:
    assert companies_of("科大讯飞发布新品。\n") == {"科大讯飞": "002230"}
    assert companies_of("科大的讯飞。\n") == {}


def test_an_ordinary_word_needs_its_code() -> None:
    assert "机器人" not in companies_of("工业机器人需求回升。\n")
    assert companies_of("机器人（300024）订单增长。\n")["机器人"] == "300024"


def test_the_samples_give_all_names_of_their_tables(samples: Path) -> None:
    first = report_of((samples / "000_987a530512bc595a.txt").read_text(encoding="utf-8"))
    names = names_of(first)
    listed = dict(names.companies)
    rows = [row for table in first.tables for row in table.rows]
    keyed = {r.cells[0].text: r.cells[1].text for r in rows if r.cells[0].text.isdigit()}
    assert len(keyed) == 12
    for code, name in keyed.items():
        assert listed[name] == code
    assert "东吴证券" in names.brokers
    assert names.analysts


def names(*companies: tuple[str, str], products: tuple[str, ...] = ()) -> ReportNames:
    return ReportNames(companies, (), (), products)


def test_one_code_is_one_company_with_aliases() -> None:
    lexicon = build_lexicon(
        {
            "a": names(("青山新材", "688987")),
            "b": names(("青山新材", "688987"), ("青山材料", "688987")),
            "c": names(("青山新材", "")),
        }
    )
    (company,) = lexicon.companies
    assert (company.name, company.code, company.aliases) == ("青山新材", "688987", ("青山材料",))
    assert company.report_ids == ("a", "b", "c")


def test_a_misprinted_code_does_not_split_a_company() -> None:
    lexicon = build_lexicon(
        {"a": names(("华策影视", "300133")), "b": names(("华策影视", "300113"))}
    )
    (company,) = lexicon.companies
    assert (company.code, company.report_ids) == ("300133", ("a", "b"))


def test_words_are_folded_han_and_the_order_of_reports_is_nothing() -> None:
    given = {"a": names(("藍湖光電", "")), "b": names(("TCL科技", ""), products=("山海图2",))}
    lexicon = build_lexicon(given)
    assert lexicon.words == ("山海图", "科技", "蓝湖光电")
    again = build_lexicon(dict(reversed(given.items())))
    assert again == lexicon
    assert again.fingerprint == lexicon.fingerprint
    assert Lexicon.from_bytes(lexicon.to_bytes()) == lexicon


@pytest.mark.parametrize("text", ["", "\n", "《》", "（300058）", "证券证券证券"])
def test_texts_without_names_give_none(text: str) -> None:
    assert names_of(report_of(text)).companies == ()
