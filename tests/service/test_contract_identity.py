"""The contract's words on ids, canonical text, encodings and offsets, over HTTP, as a stranger."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

import pytest


def path(report_id: str, part: str = "") -> str:
    return f"/v1/reports/{quote(report_id, safe='')}{part}"


@pytest.fixture(scope="module")
def reports(mixed_site):
    found = mixed_site.get("/v1/reports?limit=1000").json()["reports"]
    return {report["report_id"]: report for report in found}


def text(site, report_id: str) -> str:
    reply = site.get(path(report_id, "/text"))
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    return reply.body.decode()


def test_the_later_of_two_paths_with_one_id_gets_digits_of_its_path(reports):
    digits = [hashlib.sha256(name.encode()).hexdigest()[:8] for name in ("a.txt", "sub/a.txt")]
    assert {one for one in reports if one.startswith("a")} == {"a", *(f"a~{d}" for d in digits)}
    assert reports["a"]["file"]["name"] == "a.md"


def test_ids_are_names_without_extension_in_nfc_with_odd_characters_replaced(reports):
    expected = {"奇-怪-报告----.v1", "Café", "pack--甲", "pack--乙-2", "行/1", "行2", "值", "页"}
    assert expected <= set(reports)


def test_each_report_and_its_parts_are_found_under_its_id_even_with_a_slash(mixed_site, reports):
    for report_id, report in reports.items():
        assert mixed_site.get(path(report_id)).json() == report
        assert mixed_site.get(f"/reports/{quote(report_id, safe='')}").status == 200
        if report["status"] == "indexed":
            assert len(text(mixed_site, report_id)) == report["chars"]
            assert mixed_site.get(path(report_id, "/outline")).status == 200
    assert mixed_site.get(path("行/1", "/nothing")).status == 404


def test_text_is_the_file_without_its_mark_and_otherwise_unchanged(mixed_site, mixed_folder):
    digits = {n: hashlib.sha256(n.encode()).hexdigest()[:8] for n in ("a.txt", "sub/a.txt")}
    first = (mixed_folder / "a.txt").read_bytes().removeprefix(b"\xef\xbb\xbf").decode()
    assert text(mixed_site, f"a~{digits['a.txt']}") == first
    second = (mixed_folder / "sub" / "a.txt").read_bytes().decode()
    assert "\r\n" in second
    assert text(mixed_site, f"a~{digits['sub/a.txt']}") == second


@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "utf-8"])
def test_encodings_are_told_apart(mixed_site, mixed_folder, codec):
    expected = (mixed_folder / f"{codec}.txt").read_bytes().decode(codec)
    assert text(mixed_site, codec) == expected
    assert mixed_site.get(path(codec, "/file")).body == (mixed_folder / f"{codec}.txt").read_bytes()


def test_a_file_in_no_encoding_is_quarantined_with_the_candidates_named(mixed_site, reports):
    assert reports["bad"]["status"] == "quarantined"
    assert all(name in reports["bad"]["warnings"][0] for name in ("UTF-8", "GB18030", "Big5"))


def test_each_file_and_line_that_cannot_be_read_is_listed_once_with_an_id_and_a_reason(mixed_site):
    listed = pages_of(mixed_site, "status=quarantined&limit=1")
    assert [one["report_id"] for one in listed] == ["bad", "odd:1", "odd:3", "odd:4", "x"]
    for one in listed:
        assert (one["status"], one["chars"], len(one["warnings"])) == ("quarantined", 0, 1)
        assert mixed_site.get(path(one["report_id"])).json() == one
        assert mixed_site.get(path(one["report_id"], "/text")).status == 404


def test_pages_of_the_list_hold_every_report_once(mixed_site, reports):
    for limit in (1, 3, 100):
        listed = pages_of(mixed_site, f"limit={limit}")
        assert [one["report_id"] for one in listed] == sorted(reports)


def pages_of(site, query: str) -> list[dict]:
    found, cursor = [], ""
    while True:
        page = site.get(f"/v1/reports?{query}{cursor}").json()
        found += page["reports"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def test_texts_of_jsonl_lines_are_exact_and_pages_are_joined_by_form_feeds(mixed_site, reports):
    assert text(mixed_site, "行/1") == "\ufeff研报正文：星辰科技2023年营收10亿元。\n"
    assert text(mixed_site, "行2") == "第一页：海天食品毛利率为30.5%。\f第二页：竞争加剧。"
    assert (reports["行/1"]["broker"], reports["行/1"]["published"]) == ("中信证券", "2024-01-05")
    assert reports["行2"]["pages"] == 2


def test_tables_are_one_line_a_row_with_tabs_between_the_cells(mixed_site):
    assert text(mixed_site, "值") == (
        "值\n代码\t公司\tEPS (元/股) 2023A\tEPS (元/股) 2024E\n"
        "600010\t甲乙股份\t1.50\t1.80\n600011\t丙丁股份\t\t-"
    )
    assert text(mixed_site, "页").endswith("装机容量达到 5GW。\n项目\t2023A\n收入\t10.0")
