"""Disguised copies: everything is renamed, nothing that was true becomes false."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.tickers import load_listings
from eval.disguise import Plan, disguise
from eval.disguising.inventing import Inventor
from eval.disguising.questions import _abbreviated, _misspelt
from eval.disguising.ratings import SCHEMES, rating_words
from eval.disguising.rewriting import Rewriter, Shift, day_shifts, scaled
from eval.disguising.sections import sections
from eval.disguising.tables import LAYOUTS, find_grids, render
from eval.golden import GoldenItem, GoldenSet
from eval.lint import lint
from eval.sources import ReportTexts

SAMPLES = Path(__file__).parents[2] / "corpus" / "reports"
REPORT = """传媒点评
增持 (维持)
2031 年 05 月 06 日
证券分析师 秦观澜
执业证书: S0600516070001
gl@hyzq.com.cn

投资要点

- 2 月 17 日, 海岳证券推荐虚舟科技, 合同 1.42亿元, 见 AI 1.0 与 GPT-4。

1.1、概述

表 1: 估值

代码|公司|收盘价|EPS (元/股)|PE|投资评级
----|----|----|----|----|----

||(元)|2030A|2031E|2030A|2031E|
399991|虚舟科技|37.90|0.58|0.70|-|54.14|买入
399992|空谷传媒|1,280.51|-0.10|0.12|19.99|20.00|增持

资料来源：海岳证券

免责声明

海岳证券股份有限公司已具备资格。

海岳证券投资评级标准

- 买入：预期未来 6 个月在 15% 以上；
- 增持：介于 5% 与 15% 之间；
""".replace("|", "\t")


def _item(**given) -> GoldenItem:
    base = {"id": "q", "type": "fact", "split": "dev", "answers": (("0.70",),), "evidence": ()}
    return GoldenItem(**(base | given))


def _row(name: str) -> tuple:
    line = next(line for line in REPORT.splitlines() if name in line and "\t" in line)
    return ({"report": "r", "quote": line},)


FIRST, SECOND = _row("虚舟"), _row("空谷")
DATED = ({"report": "r", "quote": "2031 年 05 月 06 日"},)
DAYS = (("2031年5月6日", "2031-05-06"),)
ITEMS = [
    _item(id="cell", question="虚舟科技2031E的EPS?", answers=(("0.70", "0.7"),), evidence=FIRST),
    _item(
        id="diff", type="computed", question="虚舟科技EPS增加多少?", evidence=FIRST,
        answers=(("0.12",),), note="derived=0.70-0.58",
    ),
    _item(
        id="below", type="computed", question="PE低于20的有哪些?", evidence=SECOND,
        answers=(("空谷传媒",),), forbid=("虚舟科技",), note="derived=list PE < 20",
    ),
    _item(
        id="words", type="computed", question="PE在二十以下的?", evidence=SECOND,
        answers=(("空谷传媒",),), note="derived=list PE < 20",
    ),
    _item(id="trad", question="海嶽證券給虛舟科技什麼評級?", answers=(("买入",),), evidence=FIRST),
    _item(id="wide", question="３９９９９１收盘价?", answers=(("37.90", "37.9"),), evidence=FIRST),
    _item(id="abbr", question="虚科2030年EPS?", answers=(("0.58",),), evidence=FIRST),
    _item(id="date", type="metadata", question="哪天发布?", evidence=DATED, answers=DAYS),
    _item(id="loose", type="computed", question="多少?", answers=(("99.99",),), evidence=FIRST),
    _item(id="none", type="unanswerable", question="虚舟科技2035E的EPS?", answers=()),
]  # fmt: skip


@pytest.fixture(params=range(10))
def copy(request):
    return disguise({"r": REPORT}, ITEMS, request.param)


def test_a_copy_is_the_same_each_time(copy):
    again = disguise({"r": REPORT}, ITEMS, copy.plan.seed)
    assert (again.texts, again.items) == (copy.texts, copy.items)


def test_no_old_name_is_left_in_report_or_questions(copy):
    words = "".join(copy.texts.values()) + "".join(
        i.question + "".join(sum(i.answers, ())) + "".join(e.quote for e in i.evidence)
        for i in copy.items
    )
    for old in ("虚舟", "空谷", "海岳", "秦观澜", "399991", "S0600516070001", "hyzq", "2031"):
        if old != "2031" or old not in {str(y + _years(copy)) for y in (2030, 2031)}:
            assert old not in words


def _years(copy) -> int:
    asked = next(i.question for i in copy.items if i.id == "cell")
    return int(re.search(r"\d{4}", asked).group()) - 2031


def test_every_quote_stands_in_the_copy_and_every_answer_in_its_quote(copy):
    golden = GoldenSet(copy.items, tuple("x" for _ in copy.items), {})
    assert lint(golden, ReportTexts(copy.texts.__getitem__)) == []


def test_what_cannot_be_worked_out_anew_is_dropped_and_said(copy):
    assert set(copy.dropped) == {"loose", "words"}
    assert "no formula" in copy.dropped["loose"]
    assert "in other words" in copy.dropped["words"]


def test_the_difference_is_that_of_the_new_figures(copy):
    item = next(i for i in copy.items if i.id == "diff")
    quote = item.evidence[0].quote
    cell = next(i for i in copy.items if i.id == "cell").answers[0][0]
    old = next(i for i in copy.items if i.id == "abbr").answers[0][0]
    assert cell in quote
    assert old in quote
    assert Decimal(item.answers[0][0]) == Decimal(cell) - Decimal(old)


def test_a_threshold_moves_with_its_column_and_a_bare_one_too(copy):
    item = next(i for i in copy.items if i.id == "below")
    bound = Decimal(re.search(r"低于(\d+)", item.question)[1])
    row = item.evidence[0].quote
    figures = [Decimal(f) for f in re.findall(r"(?<![\d,.-])\d+\.\d\d(?!\d)", row.replace(",", ""))]
    assert any(f == bound for f in figures)  # 20.00 is not below 20
    assert any(f < bound <= f + 1 for f in figures)  # 19.99 is


def test_script_and_width_of_the_question_stay(copy):
    by_id = {i.id: i.question for i in copy.items}
    assert "證券" in by_id["trad"]
    assert re.match(r"[０-９]{6}收", by_id["wide"])


def test_versions_headings_and_names_are_no_figures(copy):
    text = "".join(copy.texts.values())
    assert "见 AI 1.0 与 GPT-4" in text
    assert "\n1.1、概述\n" in text
    assert "1.42亿元" not in text


def test_the_ten_plans_hold_every_layout_header_depth_and_choice():
    plans = [Plan.of(seed) for seed in range(10)]
    assert {p.layout for p in plans} == set(LAYOUTS)
    assert {p.header_rows for p in plans} == {1, 2, 3}
    assert {p.keys_move for p in plans} == {p.boilerplate_first for p in plans} == {True, False}
    assert len({p.ratings is None for p in plans}) == 2


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_the_samples_can_be_disguised(seed):
    texts = {p.stem: p.read_text(encoding="utf-8") for p in SAMPLES.glob("*.txt")}
    copy = disguise(texts, [], seed)
    assert len(copy.texts) == 2
    for name in ("东吴", "华鑫", "昆仑万维", "风语筑", "张良卫", "dwzq", "S1050521110001"):
        assert not any(name in text for text in copy.texts.values())


@given(
    st.decimals(min_value=-9999, max_value=9999, places=2),
    st.decimals(min_value=-9999, max_value=9999, places=2),
    st.sampled_from([Decimal("1.2"), Decimal("1.6"), Decimal("2.8")]),
)
def test_scaling_keeps_order_sign_and_difference(one, other, factor):
    new = [Decimal(scaled(f"{v:f}", factor)) for v in (one, other)]
    assert (new[0] < new[1]) == (one < other)
    assert (new[0] == new[1]) == (one == other)
    assert (new[0] > 0) == (one > 0)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("0.70", "0.84"),
        ("-0.50", "-0.60"),
        ("1,280.51", "1,536.61"),
        ("900.00", "1080.00"),
        ("20", "24"),
        ("16", "19.2"),
    ],
)
def test_a_figure_keeps_its_way_of_printing(text, new):
    assert scaled(text, Decimal("1.2")) == new


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("2024 年 02 月 21 日", "2027 年 02 月 16 日"),
        ("2024-02-21", "2027-02-16"),
        ("2024/2/21", "2027/2/16"),
        ("2 月 17 日", "2 月 12 日"),
        ("2024年2月", "2027年2月"),
        ("2023E与2022A, 24年", "2026E与2025A, 27年"),
        ("(2022.12 Multimodal)", "(2025.12 Multimodal)"),
        ("1920*1280", "1920*1280"),
        ("2024Q4 达5.3万个", "2027Q4 达6.4万个"),
        ("-5% 与 5%, 10%—20%, >20%", "-6% 与 6%, 12%—24%, >24%"),
        ("6 至 12 个月", "12 至 24 个月"),
        ("6至12个月", "12至24个月"),
        ("GPT-3.5, AI 1.0, 2G2B, DALL-E3, 沪深 300", "GPT-3.5, AI 1.0, 2G2B, DALL-E3, 沪深 300"),
        ("1.4、微软", "1.4、微软"),
        ("EPS 0.95", "EPS 1.14"),
        ("甲公司（399991.SZ）", "乙公司（388881.SZ）"),
        ("1399991", "1399991"),
    ],
)  # fmt: skip
def test_dates_years_and_figures_move_together(text, new):
    shift = Shift(3, {2: -5}, Decimal("1.2"), Decimal(2))
    rewriter = Rewriter({"甲公司": "乙公司", "399991": "388881"}, {}, shift, [2022, 2023, 2024])
    assert rewriter(text) == new


def test_day_shifts_keep_every_named_day_inside_its_month():
    shifts = day_shifts(["2024-02-29 与 2 月 1 日, 2023年3月14日"], 0.5)
    assert shifts[2] == 0 or 1 <= 1 + shifts[2] <= 29 + shifts[2] <= 28
    assert 1 <= 14 + shifts[3] <= 28


@pytest.mark.parametrize("scheme", range(len(SCHEMES)))
def test_rating_words_of_a_scheme_never_hold_each_other(scheme):
    words = list(SCHEMES[scheme].values())
    assert len(set(words)) == len(words)
    assert not any(a != b and a in b for a in words for b in words)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("推荐", "看好"),
        ("投资评级：推荐（维持）", "投资评级：看好（维持）"),
        ("推荐虚舟科技", "推荐虚舟科技"),
        ("投资者买入或者卖出证券", "投资者买入或者卖出证券"),
        ("给予买入评级", "给予优于大市评级"),
    ],
)
def test_a_rating_word_is_replaced_where_it_is_a_rating(text, new):
    shift = Shift(0, {}, Decimal(1), Decimal(1))
    assert Rewriter({}, rating_words(1), shift, [])(text) == new


def test_headers_of_two_rows_are_read_with_and_without_empty_cells():
    grid = find_grids(REPORT)[0]
    assert [(h.name, h.unit, h.period) for h in grid.headings] == [
        ("代码", "", ""), ("公司", "", ""), ("收盘价", "元", ""),
        ("EPS", "元/股", "2030A"), ("EPS", "元/股", "2031E"), ("PE", "", "2030A"),
        ("PE", "", "2031E"), ("投资评级", "", ""),
    ]  # fmt: skip
    spread = REPORT.replace("EPS (元/股)\tPE\t", "EPS (元/股)\t\tPE\t\t")
    assert find_grids(spread)[0].headings == grid.headings


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("header_rows", [1, 2, 3])
def test_every_layout_has_every_cell_once_on_one_line_a_row(layout, header_rows):
    grid = find_grids(REPORT)[0]
    _, body = render(grid, layout, header_rows)
    for row, line in zip(grid.rows, body, strict=False):
        assert all(cell in line for cell in row)


def test_html_headers_span_right_and_down():
    head, _ = render(find_grids(REPORT)[0], "html", 2)
    assert '<th rowspan="2">代码</th>' in head[1]
    assert '<th colspan="2">PE</th>' in head[1]
    assert head[2] == "<tr><th>2030A</th><th>2031E</th><th>2030A</th><th>2031E</th></tr>"


def test_html_headers_of_three_rows_span_as_many_columns_each():
    head, _ = render(find_grids(REPORT)[0], "html", 3)
    widths = []
    above = 0
    for line in head[1:]:
        cells = re.findall(r"<th([^>]*)>", line)
        wide = sum(int((re.search(r'colspan="(\d+)"', c) or [0, 1])[1]) for c in cells)
        widths.append(wide + above)
        above += sum(1 for c in cells if "rowspan" in c)
    assert widths == [8, 8, 8]


def test_sections_cover_the_report_without_gap():
    lines = REPORT.split("\n")
    parts = sections(lines)
    assert parts[0][0] == 0
    assert parts[-1][1] == len(lines)
    assert all(a[1] == b[0] for a, b in pairwise(parts))
    assert len(parts) == 5


def test_abbreviations_and_slips_follow_the_name():
    assert _abbreviated("蓝标的EPS", "蓝色光标", "星澜科技") == "星技的EPS"
    assert _abbreviated("昆仑的EPS", "昆仑万维", "星澜科技") == "星澜的EPS"
    assert _misspelt("昆仑万唯怎样", "昆仑万维", "星澜科技") == "星澜科唯怎样"


def test_invented_names_are_not_listed():
    listings = load_listings()
    inventor = Inventor(random.Random(3), lambda name: listings.by_name(name) is not None)
    names = [inventor.company(n) for n in (2, 3, 4, 4, 4, 5)]
    assert [len(n) for n in names] == [2, 3, 4, 4, 4, 5]
    assert len({n[:2] for n in names}) == 6
    assert not any(listings.by_name(name) for name in names)
