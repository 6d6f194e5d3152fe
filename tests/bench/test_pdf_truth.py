"""Judging by hand-made truth: every expected verdict is worked out by hand."""

import hashlib
import json
import re
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from corpus.report import Analyst, Block, BlockKind, ReportMeta, Role, Sourced, Span

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def pdf_truth():
    sys.path.insert(0, str(BENCH))  # benches are commands, not an installed package
    try:
        import pdf_truth
    finally:
        sys.path.remove(str(BENCH))
    return pdf_truth


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def words(pdf_truth: ModuleType, text: str):
    return pdf_truth.Words(sha(text), len(text))


def true_cell(pdf_truth: ModuleType, value: str, label: str, *path: str, row: int = 0):
    header = tuple(words(pdf_truth, part) for part in path)
    return pdf_truth.TrueCell("f", 1, 1, row, 0, value, words(pdf_truth, label), (header,))


def test_words_are_found_by_their_hash_at_their_first_place(pdf_truth):
    assert words(pdf_truth, "净利").first_in("营收净利净利") == 2
    assert words(pdf_truth, "净利").first_in("营收") is None
    assert words(pdf_truth, "净利").are("净利")
    assert not words(pdf_truth, "净利").are("净利润")


def test_the_normal_form_has_no_space_and_no_wide_signs(pdf_truth):
    assert pdf_truth.normal("（＋/－ %） 1，409\t") == "(+/-%)1,409"


def test_a_header_path_is_compared_joined_and_whole(pdf_truth):
    path = (words(pdf_truth, "EPS"), words(pdf_truth, "2024A"))
    assert pdf_truth.is_path("EPS2024A", path)
    assert not pdf_truth.is_path("2024A", path)
    assert not pdf_truth.is_path("PE-2024A", path)
    assert pdf_truth.is_path("", ())


def test_a_cell_is_right_only_with_its_row_and_its_header(pdf_truth):
    met = [
        pdf_truth.MetCell("0.70", "300418昆仑万维", "EPS2024E", True),
        pdf_truth.MetCell("9", "华凯易佰", "2025E", True),
        pdf_truth.MetCell("7", "7", "PE", False),
    ]
    truth = [
        true_cell(pdf_truth, "0.70", "昆仑万维", "EPS", "2024E"),
        true_cell(pdf_truth, "9", "华凯易佰", "2024E"),
        true_cell(pdf_truth, "7", "7", "PE"),
        true_cell(pdf_truth, "8", "华凯易佰", "2025E"),
    ]
    judged = pdf_truth.judge_cells(truth, met)
    assert [one.right for one in judged] == [True, False, False, False]
    assert [(one.row, one.column) for one in judged[:3]] == [
        (True, True),
        (True, False),
        (True, True),
    ]
    assert judged[2].met is not None
    assert not judged[2].met.body  # a key cell is no body cell
    assert judged[3].met is None


def test_no_met_cell_serves_twice_and_half_matches_wait(pdf_truth):
    # Two rows say 营业收入 3%; one was met. The first true cell fits by half only.
    met = [pdf_truth.MetCell("3%", "营业收入", "2025", True)]
    truth = [
        true_cell(pdf_truth, "3%", "营业收入", "2024"),
        true_cell(pdf_truth, "3%", "营业收入", "2025", row=1),
    ]
    assert [one.right for one in pdf_truth.judge_cells(truth, met)] == [False, True]
    assert pdf_truth.judge_cells(truth, met)[0].met is None


def test_anchors_count_in_pairs_and_a_side_bar_never_inside_of_the_text(pdf_truth):
    main = [words(pdf_truth, part) for part in ("甲甲", "乙乙", "丙丙")]
    side = [words(pdf_truth, part) for part in ("子子", "丑丑")]
    judge = pdf_truth.judge_order
    assert judge("甲甲乙乙丙丙子子丑丑", [main, side]) == [True, True, True]
    assert judge("子子丑丑甲甲乙乙丙丙", [main, side]) == [True, True, True]
    assert judge("甲甲子子丑丑乙乙丙丙", [main, side]) == [False, True, True]
    assert judge("甲甲子子乙乙丑丑丙丙", [main, side]) == [False, False, False]
    assert judge("乙乙甲甲丙丙", [main]) == [False, True]
    assert judge("甲甲丙丙", [main]) == [False, False]  # what is not found is not in order


def test_furniture_must_be_typed_and_must_not_lead_a_paragraph(pdf_truth):
    def block(kind: BlockKind) -> Block:
        return Block(kind, Role.BODY, Span(0, 1), 0)

    line = words(pdf_truth, "请务必阅读")
    typed = (block(BlockKind.FURNITURE), "请务必阅读14")
    prose = (block(BlockKind.PARAGRAPH), "营收增长。")
    assert pdf_truth.judge_furniture(line, [prose, typed])
    assert not pdf_truth.judge_furniture(line, [prose])
    swallowed = (block(BlockKind.PARAGRAPH), "营收增长。请务必阅读")
    assert not pdf_truth.judge_furniture(line, [swallowed, typed])
    told = (block(BlockKind.PARAGRAPH), "投资者请务必阅读全文。")
    assert pdf_truth.judge_furniture(line, [told, typed])


def test_metadata_is_judged_field_by_field(pdf_truth):
    def stated(value):
        return Sourced(value, Span(0, 1))

    meta = ReportMeta(
        title=stated("业绩 重回增长"),
        broker=stated("东吴证券"),
        published=stated(date(2024, 2, 21)),
        analysts=(Analyst("张三", "S01", None, None, None, Span(0, 1), None, Span(0, 1)),),
        stock_codes=(stated("300418.SZ"),),
        industry=None,
        rating=stated("增持"),
        rating_change=None,
        target_price=stated("23.3 港元"),
        subject=None,
    )
    truth = {
        "title": [sha("业绩重回增长")],
        "broker": [sha("华鑫证券")],
        "published": "2024-02-21",
        "rating": sha("增持"),
        "rating_change": sha("首次"),
        "target_price": ["23.3", "26.6"],
        "stock_codes": ["300418"],
        "analysts": [
            {"name": sha("张三"), "licence": "S02"},
            {"name": sha("李四"), "licence": None},
        ],
    }
    verdicts = {field.name: field.right for field in pdf_truth.judge_meta(truth, meta)}
    assert verdicts == {
        "title": True,
        "broker": False,
        "published": True,
        "rating": True,
        "rating_change": False,
        "target_price": True,
        "stock_code": True,
        "analyst 1": True,
        "licence 1": False,
        "analyst 2": False,
    }


def test_the_truth_is_large_enough_and_holds_no_sentence(pdf_truth):
    cells = pdf_truth.load_cells()
    assert len(cells) >= 1_500
    assert len({(cell.file, cell.page) for cell in cells}) >= 20
    order = pdf_truth.lines_of("pdf_order.jsonl")
    assert len(order) >= 20
    assert all(4 <= sum(map(len, line["groups"])) <= 25 for line in order)
    for path in sorted(pdf_truth.TRUTH.glob("pdf_*.jsonl")):  # the others are made up
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for line in lines:
            line.pop("turns", None)  # questions are in our own words
        text = json.dumps(lines, ensure_ascii=False)
        assert re.search("[\u4e00-\u9fff]{6}", text) is None, path.name  # units at most
        assert all(len(one) == 64 for one in re.findall(r"\b[0-9a-f]{40,}\b", text))
