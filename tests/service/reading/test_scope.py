"""Which reports may speak, and how they are named."""

from datetime import date

from indexer.records import Filters
from indexer.snapshot import Snapshot
from service.reading.scope import make_scope


def test_all_speak_newest_first_and_the_undated_last(invented: Snapshot) -> None:
    scope = make_scope(invented, Filters(), (), None)
    assert scope.speaking == ("haiyue-company", "hengchuan-weekly", "haiyue-chips", "minglan-drugs")
    assert scope.others == ()
    assert [scope.rank(i) for i in scope.speaking] == [0, 1, 2, 3]


def test_a_named_house_speaks_and_the_others_stand_beside(invented: Snapshot) -> None:
    scope = make_scope(invented, Filters(), ("恒川证券",), None)
    assert scope.speaking == ("hengchuan-weekly",)
    assert scope.others == ("haiyue-company", "haiyue-chips", "minglan-drugs")
    assert (scope.brokers, scope.cite_others) == (("恒川证券",), True)
    assert len(scope.within) == 4


def test_a_filtered_house_shuts_the_others_out_of_the_citations(invented: Snapshot) -> None:
    scope = make_scope(invented, Filters(brokers=("恒川证券",)), (), None)
    assert (scope.speaking, scope.within) == (("hengchuan-weekly",),) * 2
    assert (scope.brokers, scope.cite_others) == (("恒川证券",), False)


def test_other_filters_hold_for_the_others_too(invented: Snapshot) -> None:
    filters = Filters(brokers=("恒川证券",), published_to=date(2025, 4, 30))
    scope = make_scope(invented, filters, (), None)
    assert scope.others == ("haiyue-chips",)


def test_what_has_no_date_was_known_on_no_day(invented: Snapshot) -> None:
    scope = make_scope(invented, Filters(), (), date(2099, 1, 1))
    assert "minglan-drugs" not in scope.speaking


def test_a_report_is_named_by_house_and_date(invented: Snapshot) -> None:
    scope = make_scope(invented, Filters(), (), None)
    assert scope.label("haiyue-chips") == "海岳证券（2025-03-18）"
    assert scope.label("minglan-drugs") == "明澜证券"
    assert scope.published("minglan-drugs") is None
