"""The outline of a report: every heading and table at its place."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote


def test_headings_and_tables_stand_where_the_text_has_them(site: Any) -> None:
    for report in site.get("/v1/reports").json()["reports"]:
        path = f"/v1/reports/{quote(report['report_id'])}"
        text = site.get(f"{path}/text").body.decode()
        outline = site.get(f"{path}/outline").json()
        assert outline["headings"]
        for heading in outline["headings"]:
            words = "".join(heading["title"].split())
            assert words in "".join(text[heading["start"] : heading["end"]].split())
        for table in outline["tables"]:
            assert table["rows"] > 0
            assert len(text[table["start"] : table["end"]].splitlines()) >= table["rows"]


def test_an_unknown_report_has_no_outline(site: Any) -> None:
    assert site.get("/v1/reports/nobody/outline").status == 404
