"""The contract's words on `GET /v1/facts`: columns, strings, filters, names, CSV, citations."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pytest

COLUMNS = [
    "fact_id", "report_id", "broker", "published", "subject", "code", "metric", "period", "kind",
    "value", "unit", "value_base", "unit_base", "direction", "as_of", "warnings", "citation",
]  # fmt: skip


def listed(site, **query):
    return site.get("/v1/facts?" + "&".join(f"{k}={quote(v)}" for k, v in query.items())).json()


def test_each_fact_has_the_columns_and_a_citation_of_its_own_characters(mixed_site):
    found = listed(mixed_site, limit="1000")
    assert found["next"] is None
    assert found["facts"]
    texts = {}
    for fact in found["facts"]:
        assert [name for name in COLUMNS if name not in fact] == []
        strings = set(COLUMNS) - {"warnings", "citation"}
        assert all(fact[name] is None or isinstance(fact[name], str) for name in strings)
        assert fact["kind"] in ("actual", "estimate", "guidance", None)
        path = f"/v1/reports/{quote(fact['report_id'], safe='')}/text"
        text = texts.setdefault(path, mixed_site.get(path).body.decode())
        cited = fact["citation"]
        assert text[cited["start"] : cited["end"]] == cited["quote"]
        if cited["cell"]:
            cell = cited["cell"]
            assert text[cell["start"] : cell["end"]] == cell["value"]


def test_csv_has_the_same_columns_and_rows(mixed_site):
    facts = listed(mixed_site, company="蓝色光标")["facts"]
    reply = mixed_site.get(f"/v1/facts?format=csv&company={quote('蓝色光标')}")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig"))))
    assert [row["fact_id"] for row in rows] == [fact["fact_id"] for fact in facts]
    assert list(rows[0])[: len(COLUMNS)] == COLUMNS
    assert [row["value"] for row in rows] == [fact["value"] for fact in facts]


@pytest.mark.parametrize(
    "name", ["300058", "300058.SZ", "SZ300058", "３０００５８", "藍色光標", "蓝标", "蓝色光标"]
)
def test_a_company_is_meant_by_its_name_its_code_and_an_abbreviation(mixed_site, name):
    found = listed(mixed_site, company=name, metric="EPS", period="2024E")["facts"]
    assert [(fact["value"], fact["broker"]) for fact in found] == [
        ("0.23", "东吴证券"),
        ("0.23", "华鑫证券"),
    ]


@pytest.mark.parametrize("broker", ["东吴", "东吴证券", "东吴证券股份有限公司"])
def test_a_broker_is_meant_by_its_full_and_short_name(mixed_site, broker):
    found = listed(mixed_site, broker=broker, limit="1000")["facts"]
    assert {fact["broker"] for fact in found} == {"东吴证券"}


def test_pages_of_facts_hold_each_once_in_the_same_order(mixed_site):
    every = [fact["fact_id"] for fact in listed(mixed_site, limit="1000")["facts"]]
    found, cursor = [], {}
    while True:
        page = listed(mixed_site, limit="37", **cursor)
        found += [fact["fact_id"] for fact in page["facts"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert found == every
    assert len(set(every)) == len(every)
