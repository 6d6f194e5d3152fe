"""Facts out of tables, each figure checked against the table as it stands in the test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.figures import parse_number
from corpus.report import (
    Block,
    BlockKind,
    Cell,
    Column,
    Report,
    ReportMeta,
    Role,
    Row,
    Section,
    Sourced,
    SourceFile,
    Span,
    Table,
)
from indexer.facts import extract_facts
from indexer.records import Fact
from indexer.vocabulary import Vocabulary, load_vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def meta(
    published: date | None = date(2024, 2, 21), subject: str | None = None, code: str | None = None
) -> ReportMeta:
    return ReportMeta(
        title=None,
        broker=None,
        published=Sourced(published, None) if published else None,
        analysts=(),
        stock_codes=(Sourced(code, None),) if code else (),
        industry=None,
        rating=None,
        rating_change=None,
        target_price=None,
        subject=Sourced(subject, None) if subject else None,
    )


def report_of(
    table: str,
    headers: list[tuple[str, ...]],
    keys: tuple[int, ...],
    *,
    title: str | None = None,
    unit: str | None = None,
    units: dict[int, str] | None = None,
    note: str | None = None,
    role: Role = Role.BODY,
    about: ReportMeta | None = None,
) -> Report:
    """A report that holds one table: `table` has its body rows, cells parted by `|`.

    `headers` are the header paths of the columns, as the reader of tables would give them.
    """
    text = f"{title}\n" if title else ""
    head_start = len(text)
    text += "\n".join(" | ".join(path) for path in headers if path) + "\n"
    head_end = len(text) - 1
    rows = []
    for index, line in enumerate(table.strip("\n").splitlines(), start=1):
        start, cells = len(text), []
        for column, part in enumerate(line.split("|")):
            bare = part.strip()
            begin = len(text) + (part.index(bare) if bare else 0)
            cells.append(Cell(index, column, Span(begin, begin + len(bare)), bare))
            text += part + "|"
        text = text[:-1] + "\n"
        rows.append(Row(index, Span(start, len(text) - 1), tuple(cells)))
    end = len(text) - 1
    columns = tuple(
        Column(index, path, (units or {}).get(index), ()) for index, path in enumerate(headers)
    )
    made = Table(
        span=Span(head_start, end),
        title=title,
        title_span=Span(0, len(title)) if title else None,
        unit=unit,
        columns=columns,
        rows=tuple(rows),
        header_span=Span(head_start, head_end),
        key_columns=keys,
    )
    blocks = [Block(BlockKind.TABLE, role, made.span, 0, 0)]
    if note:
        blocks.append(Block(BlockKind.SOURCE, Role.BODY, Span(len(text), len(text) + len(note)), 0))
        text += note
    return Report(
        report_id="r",
        text=text,
        file=SourceFile("r.txt", "txt", len(text), "0"),
        meta=about or meta(),
        sections=(Section(0, 0, (), Span(0, len(text))),),
        blocks=tuple(blocks),
        tables=(made,),
        pages=(),
        extra=(),
        warnings=(),
    )


def one(facts: tuple[Fact, ...], **wanted: str | None) -> Fact:
    found = [f for f in facts if all(getattr(f, name) == value for name, value in wanted.items())]
    assert len(found) == 1, (wanted, [(f.subject, f.metric, f.period, f.value) for f in facts])
    return found[0]


COMPANIES = """
688301 | 启明云图 | 1,280.51 | 37.90 | 0.95 | 0.58 | - | 39.96 | 65.34 | 54.14 | 买入
300977 | 海川数科 | 202.70 | 27.77 | -0.50 | 0.18 | 0.24 | - | 154.28 | 115.71 | 优于大市
"""
COMPANY_HEADERS: list[tuple[str, ...]] = [
    ("代码",),
    ("公司",),
    ("总市值", "(亿元)"),
    ("收盘价", "(元)"),
    ("EPS (元/股)", "2022A"),
    ("EPS (元/股)", "2023E"),
    ("EPS (元/股)", "2024E"),
    ("PE", "2022A"),
    ("PE", "2023E"),
    ("PE", "2024E"),
    ("投资评级",),
]
COMPANY_UNITS = {2: "亿元", 3: "元", 4: "元/股", 5: "元/股", 6: "元/股"}


def companies() -> Report:
    return report_of(
        COMPANIES,
        COMPANY_HEADERS,
        (0, 1),
        title="表 1: 重点公司估值",
        units=COMPANY_UNITS,
        note="数据来源：公司公告。注：收盘价为截至 2024/2/21 数据。",
    )


def test_a_company_table_gives_one_fact_for_each_value_cell(vocabulary: Vocabulary) -> None:
    facts = extract_facts(companies(), vocabulary)
    assert len(facts) == 2 * 9
    fact = one(facts, subject="启明云图", metric="eps", period="2023")
    assert (fact.code, fact.value, fact.number, fact.unit) == ("688301", "0.58", "0.58", "元/股")
    assert (fact.kind, fact.period_text, fact.metric_text) == ("estimate", "2023E", "EPS (元/股)")
    assert fact.cell is not None
    assert fact.cell.table == "表 1: 重点公司估值"
    assert (fact.cell.row, fact.cell.column) == ("688301 启明云图", "EPS (元/股) 2023E")
    assert one(facts, subject="海川数科", metric="eps", period="2022").kind == "actual"


def test_every_fact_stands_word_for_word_at_its_place(vocabulary: Vocabulary) -> None:
    report = companies()
    for fact in extract_facts(report, vocabulary):
        assert report.text[fact.start : fact.end] == fact.value
        line = report.text[fact.line_start : fact.line_end]
        assert fact.value in line
        assert fact.subject in line
        assert fact.fact_id == f"r:{fact.start}-{fact.end}"


def test_a_dash_is_a_missing_figure_and_never_nought(vocabulary: Vocabulary) -> None:
    fact = one(
        extract_facts(companies(), vocabulary), subject="启明云图", metric="eps", period="2024"
    )
    assert (fact.value, fact.number, fact.missing) == ("-", None, True)


def test_thousands_separators_leave_the_number(vocabulary: Vocabulary) -> None:
    fact = one(extract_facts(companies(), vocabulary), subject="启明云图", metric="market_cap")
    assert (fact.value, fact.number, fact.unit, fact.kind) == ("1,280.51", "1280.51", "亿元", None)


def test_a_rating_is_a_fact_of_words(vocabulary: Vocabulary) -> None:
    fact = one(extract_facts(companies(), vocabulary), subject="海川数科", metric="rating")
    assert (fact.value, fact.number, fact.unit, fact.missing) == ("优于大市", None, None, False)


def test_the_note_below_the_table_dates_its_prices(vocabulary: Vocabulary) -> None:
    facts = extract_facts(companies(), vocabulary)
    assert one(facts, subject="海川数科", metric="price").as_of == "2024-02-21"
    assert one(facts, subject="海川数科", metric="eps", period="2024").as_of is None


def test_permuted_columns_give_the_same_facts(vocabulary: Vocabulary) -> None:
    order = [10, 7, 1, 4, 9, 0, 2, 6, 3, 8, 5]
    lines = [line.split("|") for line in COMPANIES.strip().splitlines()]
    table = "\n".join("|".join(line[at] for at in order) for line in lines)
    moved = report_of(
        table,
        [COMPANY_HEADERS[at] for at in order],
        (2, 5),
        units={order.index(at): unit for at, unit in COMPANY_UNITS.items()},
    )

    def essence(report: Report) -> set[tuple[str | None, ...]]:
        return {
            (f.subject, f.code, f.metric, f.period, f.kind, f.number, f.unit, f.value)
            for f in extract_facts(report, vocabulary)
        }

    assert essence(moved) == essence(companies())


def test_a_date_in_the_header_is_the_price_s_day(vocabulary: Vocabulary) -> None:
    report = report_of(
        "002605.SZ | 姚江科技 | 25.66 | 0.86",
        [("公司代码",), ("名称",), ("2024-02-29 股价",), ("EPS", "2022")],
        (0, 1),
        about=meta(date(2024, 2, 29)),
    )
    facts = extract_facts(report, vocabulary)
    price = one(facts, metric="price")
    assert (price.as_of, price.period, price.kind) == ("2024-02-29", "2024-02-29", None)
    assert price.code == "002605"
    assert one(facts, metric="eps").kind == "actual"  # 2022, unmarked, before the report's year


def test_an_unmarked_year_is_estimated_from_the_first_estimate_on(vocabulary: Vocabulary) -> None:
    report = report_of(
        "甲乙丙 | 1 | 2 | 3",
        [("公司",), ("EPS", "2023"), ("EPS", "2024E"), ("EPS", "2025")],
        (0,),
        about=meta(date(2025, 1, 5)),
    )
    kinds = [fact.kind for fact in extract_facts(report, vocabulary)]
    assert kinds == ["actual", "estimate", "estimate"]


def test_a_metric_without_a_name_is_kept_by_its_own_words(vocabulary: Vocabulary) -> None:
    report = report_of("启明云图 | 12", [("公司",), ("渠道触达系数", "2023E")], (0,))
    fact = one(extract_facts(report, vocabulary))
    assert (fact.metric, fact.metric_text, fact.period) == ("渠道触达系数", "渠道触达系数", "2023")


STATEMENT = """
营业收入 | 1,000.0 | 1,200.0 | 1,500.0
增长率(%) | 5.0 | 20.0 | 25.0
归属于母公司净利润 | 100 | (20) | 130
(+/-)% | 3 | -120 | -
每股收益(元) | 0.50 | -0.10 | 0.65
毛利率 | 45.2% | 46.0% | 47.1%
"""


def statement() -> Report:
    return report_of(
        STATEMENT,
        [("会计年度",), ("2022A",), ("2023E",), ("2024E",)],
        (0,),
        title="表 9: 主要财务数据",
        unit="百万元",
        about=meta(subject="海川数科", code="300977.SZ"),
    )


def test_a_statement_is_about_the_report_s_company(vocabulary: Vocabulary) -> None:
    facts = extract_facts(statement(), vocabulary)
    assert {(fact.subject, fact.code) for fact in facts} == {("海川数科", "300977")}
    fact = one(facts, metric="revenue", period="2024")
    assert (fact.number, fact.unit, fact.kind) == ("1500.0", "百万元", "estimate")


def test_a_growth_row_belongs_to_the_row_above(vocabulary: Vocabulary) -> None:
    facts = extract_facts(statement(), vocabulary)
    fact = one(facts, metric="revenue_yoy", period="2023")
    assert (fact.number, fact.unit) == ("20.0", "%")
    assert one(facts, metric="parent_profit_yoy", period="2023").number == "-120"


def test_accounting_brackets_are_a_minus(vocabulary: Vocabulary) -> None:
    fact = one(extract_facts(statement(), vocabulary), metric="parent_profit", period="2023")
    assert (fact.value, fact.number) == ("(20)", "-20")


def test_the_table_s_unit_is_not_that_of_its_ratios(vocabulary: Vocabulary) -> None:
    facts = extract_facts(statement(), vocabulary)
    assert one(facts, metric="eps", period="2022").unit == "元"
    assert one(facts, metric="gross_margin", period="2022").unit == "%"
    assert one(facts, metric="gross_margin", period="2022").number == "45.2"


def test_a_table_with_companies_as_columns(vocabulary: Vocabulary) -> None:
    report = report_of(
        "EPS 2023E | 0.58 | 0.16\n投资评级 | 买入 | 增持\nPE | 65 | 44",
        [("指标",), ("启明云图",), ("海川数科",)],
        (0,),
    )
    facts = extract_facts(report, vocabulary)
    assert one(facts, subject="海川数科", metric="eps").period == "2023"
    assert one(facts, subject="启明云图", metric="rating").value == "买入"
    assert len(facts) == 6


def test_a_row_of_codes_gives_the_columns_their_codes(vocabulary: Vocabulary) -> None:
    report = report_of(
        "股票代码 | 688301 | 300977.SZ\nEPS | 0.58 | 0.16",
        [("指标",), ("启明云图",), ("海川数科",)],
        (0,),
    )
    facts = extract_facts(report, vocabulary)
    assert [(fact.subject, fact.code, fact.number) for fact in facts] == [
        ("启明云图", "688301", "0.58"),
        ("海川数科", "300977", "0.16"),
    ]


def test_a_list_of_market_data_is_about_the_report_s_company(vocabulary: Vocabulary) -> None:
    report = report_of(
        "收盘价（元） | 37.90\n总市值（亿元） | 460.49\n市净率（倍） | 3.2"
        "\n总股本（百万股） | 1,215.0",
        [(), ()],
        (0,),
        about=meta(subject="海川数科", code="300977.SZ"),
    )
    facts = extract_facts(report, vocabulary)
    assert [(fact.metric, fact.number, fact.unit) for fact in facts] == [
        ("price", "37.90", "元"),
        ("market_cap", "460.49", "亿元"),
        ("pb", "3.2", "倍"),
        ("total_shares", "1215.0", "百万股"),
    ]
    assert {fact.subject for fact in facts} == {"海川数科"}


def test_a_table_with_years_as_rows(vocabulary: Vocabulary) -> None:
    report = report_of(
        "2022A | 0.95 | 39.96\n2023E | 0.58 | 65.34",
        [("年份",), ("EPS(元)",), ("PE(倍)",)],
        (0,),
        about=meta(subject="海川数科"),
    )
    fact = one(extract_facts(report, vocabulary), metric="pe", period="2023")
    assert (fact.subject, fact.number, fact.unit, fact.kind) == (
        "海川数科",
        "65.34",
        "倍",
        "estimate",
    )


def test_companies_over_years_take_the_metric_from_the_title(vocabulary: Vocabulary) -> None:
    report = report_of(
        "启明云图(688301) | 0.58 | 0.70\n海川数科(300977) | 0.18 | 0.24",
        [("公司",), ("2023E",), ("2024E",)],
        (0,),
        title="表 3: 重点公司 EPS 预测",
    )
    fact = one(extract_facts(report, vocabulary), subject="海川数科", period="2024")
    assert (fact.metric, fact.code, fact.number) == ("eps", "300977", "0.24")


def test_headings_inside_a_table_give_units_and_growth_but_no_facts(vocabulary: Vocabulary) -> None:
    report = report_of(
        "成长能力(%) | | \n营业收入 | 12.0 | 15.0\n每股指标(元) | | \n每股收益 | 0.5 | 0.6",
        [("",), ("2022A",), ("2023E",)],
        (0,),
        about=meta(subject="海川数科"),
    )
    facts = extract_facts(report, vocabulary)
    assert len(facts) == 4
    assert one(facts, metric="revenue_yoy", period="2023").unit == "%"
    assert one(facts, metric="eps", period="2022").unit == "元"


@pytest.mark.parametrize("keys", [(0, 3), (0,)])
def test_two_statements_side_by_side_keep_their_own_rows(
    vocabulary: Vocabulary, keys: tuple[int, ...]
) -> None:
    report = report_of(
        "货币资金 | 10 | 11 | 营业收入 | 20 | 21\n存货 | 12 | 13 | 营业成本 | 22 | 23",
        [("资产负债表",), ("2022A",), ("2023E",), ("利润表",), ("2022A",), ("2023E",)],
        keys,
        about=meta(subject="海川数科"),
    )
    facts = extract_facts(report, vocabulary)
    assert one(facts, metric="cash", period="2022").number == "10"
    assert one(facts, metric="revenue", period="2023").number == "21"
    assert one(facts, metric="inventory", period="2023").number == "13"
    path = one(facts, metric="revenue", period="2023").cell
    assert path is not None
    assert path.row == "营业收入"
    assert len(facts) == 8


def test_segments_over_years_are_metrics_of_the_company(vocabulary: Vocabulary) -> None:
    report = report_of(
        "云端订阅 | 3.1 | 4.2\n硬件租赁 | 1.0 | 0.9",
        [("业务",), ("2022A",), ("2023E",)],
        (0,),
        about=meta(subject="海川数科"),
        title="表 4: 分业务情况",
    )
    fact = one(extract_facts(report, vocabulary), metric="云端订阅", period="2023")
    assert (fact.subject, fact.number) == ("海川数科", "4.2")


def test_rating_definitions_are_no_facts_of_companies(vocabulary: Vocabulary) -> None:
    report = report_of(
        "买入 | >20%\n增持 | 10%-20%",
        [("投资建议",), ("涨幅",)],
        (0,),
        role=Role.RATING_DEFINITION,
    )
    assert extract_facts(report, vocabulary) == ()


def test_a_valuation_table_behind_a_disclaimer_still_counts(vocabulary: Vocabulary) -> None:
    report = report_of(COMPANIES, COMPANY_HEADERS, (0, 1), role=Role.DISCLAIMER)
    assert len(extract_facts(report, vocabulary)) == 18


def test_a_table_of_addresses_behind_a_disclaimer_does_not(vocabulary: Vocabulary) -> None:
    report = report_of(
        "上海 | 浦东新区某路 1 号\n北京 | 西城区某街 2 号",
        [("城市",), ("地址",)],
        (0,),
        role=Role.DISCLAIMER,
    )
    assert extract_facts(report, vocabulary) == ()


def test_an_empty_cell_is_a_missing_figure_at_its_place(vocabulary: Vocabulary) -> None:
    report = report_of("启明云图 | | 0.58", [("公司",), ("EPS", "2022A"), ("EPS", "2023E")], (0,))
    fact = one(extract_facts(report, vocabulary), period="2022")
    assert (fact.value, fact.number, fact.missing, fact.start) == ("", None, True, fact.end)


def test_a_report_without_tables_has_no_facts(vocabulary: Vocabulary) -> None:
    report = companies()
    bare = Report(
        **{
            name: getattr(report, name)
            for name in ("report_id", "text", "file", "meta", "sections", "pages", "extra")
        },
        blocks=(),
        tables=(),
        warnings=(),
    )
    assert extract_facts(bare, vocabulary) == ()


TOKENS = ["", "-", "EPS", "EPS(元)", "2023E", "2024", "2024-02-21", "启明云图", "688301", "买入"]
TOKENS += [
    "同比",
    "1,280.51",
    "12.3%",
    "（0.5）",
    "营业收入",
    "毛利率",
    "成长能力(%)",
    "代码",
    "其他",
]
TOKENS += ["总市值（亿元）", "０．５", "%", "股票代码"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_table_gives_facts_that_stand_at_their_places(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 5))
    cell = st.sampled_from(TOKENS)
    rows = data.draw(
        st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=5)
    )
    path = st.lists(cell.filter(bool), max_size=3).map(tuple)
    headers = data.draw(st.lists(path, min_size=width, max_size=width))
    keys = tuple(sorted(data.draw(st.sets(st.integers(0, width - 1)))))
    table = "\n".join("|".join(row) for row in rows)
    if not table.strip("\n"):
        return
    report = report_of(table, headers, keys, title=data.draw(cell) or None)
    for fact in extract_facts(report, load_vocabulary()):
        assert report.text[fact.start : fact.end] == fact.value
        assert fact.line_start <= fact.start <= fact.end <= fact.line_end
        assert fact.metric
        assert fact.number is None or Decimal(fact.number) == parse_number(fact.value)
