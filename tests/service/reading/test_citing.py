"""Citations: verbatim, with the whole row, its cell and a link that leads there."""

from collections.abc import Callable

import pytest

from indexer.snapshot import Snapshot
from service.citing import MAX_OF_COMPUTED, capped, report_url
from service.reading.draft import Evidence, Statement
from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "quote", "cell"),
    [
        (  # bars, two header rows
            "海岳证券预测北溟科技2026E的市盈率是多少？",
            "| 688566 | 北溟科技 | 88.15 | 0.77 | 0.71 | 0.93 | 24.30 | 18.55 | 谨慎推荐 |",
            (
                "表 2：重点公司盈利预测与估值",
                "688566 北溟科技",
                "市盈率（倍） 2026E",
                "18.55",
                "倍",
            ),
        ),
        (  # columns set by spaces, no unit stated
            "青禾电子2025E的PE是多少？",
            "301993.SZ   青禾电子     18.42            0.90    1.02    1.17     20.47     18.06     15.74     增持",
            ("关注公司及盈利预测", "301993.SZ 青禾电子", "PE 2025E", "18.06", None),
        ),
        (  # a statement: metrics as rows
            "云杉智能2025E的营业收入是多少？",
            "营业收入\t1,820.5\t2,415.3\t3,360.0\t4,702.8",
            ("盈利预测与财务指标", "营业收入", "2025E", "3,360.0", "百万元"),
        ),
        (  # HTML
            "苍溪药业2026E的归母净利润是多少？",
            "<tr><td>301994</td><td>苍溪药业</td><td>41,250</td><td>58,900</td><td>33.80</td></tr>",
            ("重点公司盈利预测", "301994 苍溪药业", "归母净利润（万元） 2026E", "58,900", "万元"),
        ),
    ],
)
def test_a_cell_citation_quotes_the_whole_row_and_places_the_cell(
    ask: Ask, invented: Snapshot, question: str, quote: str, cell: tuple
) -> None:
    (citation,) = ask(question).citations
    text = invented.text(citation.report_id)
    assert citation.quote == quote == text[citation.start : citation.end]
    assert citation.cell is not None
    found = citation.cell
    assert (found.table, found.row, found.column, found.value, found.unit) == cell
    assert text[found.start : found.end] == found.value
    assert citation.start <= found.start <= found.end <= citation.end


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("海岳证券预测砺石股份2025E的市盈率是多少？", "-"),
        ("长城精工2025E的每股收益是多少？", ""),
        ("白榆医疗的目标价是多少？", "--"),
    ],
)
def test_an_open_or_empty_cell_is_an_answer_and_cited(
    ask: Ask, invented: Snapshot, question: str, value: str
) -> None:
    reply = ask(question)
    assert not reply.refused
    assert "报告未给出" in reply.answer
    assert "为0" not in reply.answer
    citation = reply.citations[0]
    assert citation.cell is not None
    assert citation.cell.value == value
    text = invented.text(citation.report_id)
    assert text[citation.cell.start : citation.cell.end] == value


def test_citations_carry_report_date_and_a_link(ask: Ask, invented: Snapshot) -> None:
    (citation,) = ask("青禾电子2025E的PE是多少？").citations
    assert (citation.marker, citation.report_id) == (1, "hengchuan-weekly")
    assert (citation.broker, str(citation.published)) == ("恒川证券", "2025-04-02")
    assert citation.title == "端侧芯片景气上行 关注推理卡放量"
    assert citation.page is None
    sha = invented.report("hengchuan-weekly").file.sha256
    place = f"start={citation.start}&end={citation.end}&v={sha[:12]}"
    assert citation.url == f"https://yanbao.example/reports/hengchuan-weekly?{place}"


def test_an_undated_report_is_cited_without_a_date(ask: Ask) -> None:
    (citation,) = ask("苍溪药业2026E的归母净利润是多少？").citations
    assert (citation.broker, citation.published) == ("明澜证券", None)


def test_a_report_id_is_escaped_in_its_link() -> None:
    url = report_url("http://h", "研报 1/2", 3, 9, "0123456789abcdef")
    assert url == "http://h/reports/%E7%A0%94%E6%8A%A5%201%2F2?start=3&end=9&v=0123456789ab"


def test_markers_count_from_one_and_stand_in_the_answer(ask: Ask) -> None:
    reply = ask("云杉智能2025E的EPS是多少？")
    assert [c.marker for c in reply.citations] == [1, 2, 3]
    for citation in reply.citations:
        assert f"[{citation.marker}]" in reply.answer
    assert [s.markers for s in reply.support] == [[1], [2], [3], [1, 2]]  # the last: the spread
    assert all(s.supported and s.sentence in reply.answer for s in reply.support)


def test_highlights_are_the_figures_of_the_answer(ask: Ask) -> None:
    reply = ask("云杉智能2025E的EPS是多少？")
    shown = [reply.answer[h.start : h.end] for h in reply.highlights]
    assert shown == ["0.90元", "0.81", "0.88元"]


def test_one_place_has_one_marker(ask: Ask) -> None:
    reply = ask("海岳证券预测云杉智能和砺石股份2026E的EPS相差多少？")
    places = [(c.report_id, c.start, c.cell and c.cell.start) for c in reply.citations]
    assert len(places) == len(set(places))


def _statements(*sizes: int) -> list[Statement]:
    places = iter(range(100))
    return [
        Statement("x", tuple(Evidence("r", next(places), 200) for _ in range(size)))
        for size in sizes
    ]


def test_capped_statements_keep_their_first_place_and_the_limit() -> None:
    kept = capped(_statements(5, 1, 5), 8)
    assert [len(s.evidence) for s in kept] == [5, 1, 2]
    assert len(capped(_statements(12), 8)[0].evidence) == 8
    assert [len(s.evidence) for s in capped(_statements(3, 3), 8)] == [3, 3]
    assert [len(s.evidence) for s in capped(_statements(*[1] * 10), 8)] == [1] * 8 + [0, 0]


@pytest.mark.parametrize(
    "question",
    [
        "2025E每股收益合计是多少",
        "2025E每股收益平均是多少",
        "2026E的EPS高于2025E的公司有哪些",
        "2025E的EPS大于0元的公司有哪些",
        "海岳证券预测云杉智能、砺石股份、北溟科技、云岭智造、长城精工2024A和2026E的EPS合计是多少",
    ],
)
def test_a_computed_answer_has_at_most_eight_citations_and_all_inputs(
    ask: Ask, invented: Snapshot, question: str
) -> None:
    reply = ask(question)
    assert reply.computation is not None
    assert 0 < len(reply.citations) <= MAX_OF_COMPUTED
    for taken in reply.computation.inputs:
        assert invented.text(taken.report_id)[taken.start : taken.end] == taken.value
