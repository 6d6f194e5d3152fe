"""Whole lines to quote for a datum."""

import pytest

from corpus.report import Span
from indexer.snapshot import Snapshot
from service.reading.places import line_of, opening_of, title_of


@pytest.mark.parametrize("name", ["invented", "sampled"])
def test_a_line_holds_its_place_and_no_line_break(
    name: str, request: pytest.FixtureRequest
) -> None:
    snapshot: Snapshot = request.getfixturevalue(name)
    for report_id in snapshot.report_ids():
        report = snapshot.report(report_id)
        for at in range(0, len(report.text), 37):
            if report.text[at].isspace():
                continue
            place = line_of(report, Span(at, at + 1))
            words = report.text[place.start : place.end]
            assert place.start <= at < place.end
            assert "\n" not in words
            assert words == words.strip()
            assert len(words) <= 200


def test_a_title_or_the_id_names_a_report(invented: Snapshot) -> None:
    report = invented.report("minglan-drugs")
    assert title_of(report) == "双抗进入收获期"
    opening = opening_of(report)
    assert report.text[opening.start : opening.end] == "明澜证券研究所"
