"""Tables that stand side by side, with hardly any white between, or below each other."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.pdf.page import PageTable
from corpus.pdf.tables import find_tables
from tests.corpus.pdf.test_tables import composed, drawn, grid, lined, spread

ASSETS = ["流动资产", "现金", "应收账款", "存货", "固定资产", "资产总计"]
PROFITS = ["营业收入", "营业成本", "管理费用", "营业利润", "所得税", "净利润"]
YEARS = ["2022A", "2023E", "2024E"]


def figures(seed: int) -> list[str]:
    return [f"{seed * 37 % 90 + 10},{100 + seed * (k + 7) % 900}" for k in range(3)]


def statement(labels: Sequence[str], seed: int) -> list[list[str]]:
    return [["会计年度", *YEARS], *([label, *figures(seed + n)] for n, label in enumerate(labels))]


def beside(left: list[list[str]], right: list[list[str]], gap: str) -> str:
    """Two statements set level; `gap` between the last figure and the next label."""
    lines = []
    for one, (label, *values) in zip(left, right, strict=True):
        ends = [end - 2 * len(label) for end in (20, 28, 36)]
        lines.append(spread([8, 18, 26, 34], one) + gap + label + spread(ends, values))
    return "\n".join(lines)


def read(tables: Sequence[PageTable]) -> list[list[list[str]]]:
    return [grid(table) for table in tables]


def test_a_label_that_touches_the_last_figure_of_the_statement_before_is_cut_off() -> None:
    left, right = statement(ASSETS, 3), statement(PROFITS, 11)
    for gap in ("", " "):
        found = read(find_tables(drawn(beside(left, right, gap))))
        assert found == [left, right], gap


def test_units_behind_figures_are_no_labels() -> None:
    rows = [["项目", "2022A", "2023E"]]
    rows += [[label, f"{n + 1}.5亿元", f"{n + 2}.5亿元"] for n, label in enumerate(ASSETS)]
    picture = "\n".join(spread([10, 24, 36], row) for row in rows)
    (table,) = find_tables(drawn(picture))
    assert grid(table) == rows


def test_stacked_statements_have_columns_of_their_own() -> None:
    upper, lower = statement(ASSETS, 3), statement(PROFITS, 11)
    lines = [spread([8, 20, 32, 44], row) for row in upper]
    lines += ["利润表", *(spread([8, 15, 24, 33], row) for row in lower)]
    tables = find_tables(drawn("\n".join(lines)))
    assert read(tables) == [upper, lower]
    assert [one.title for one in composed(tables)][1] == "利润表"


def test_a_grid_of_two_statements_is_two_tables() -> None:
    left, right = statement(ASSETS, 3), statement(PROFITS, 11)
    rows = [[*one, *other] for one, other in zip(left, right, strict=True)]
    tables = find_tables(lined(rows, [10, 9, 9, 9, 10, 9, 9, 9]))
    assert read(tables) == [left, right]


RIGHT = [20, 30, 42, 52, 64, 74]
LEVELS = "\n".join(
    [
        "=" * 74,
        spread([34, 69], ["盈利预测", "估值"]),
        " " * 12 + "=" * 40 + "  " + "=" * 20,
        spread([4, 27, 50, 71], ["公司", "营业收入（亿元）", "归母净利润（亿元）", "PE（倍）"]),
        " " * 12 + "=" * 18 + "   " + "=" * 19 + "  " + "=" * 20,
        spread([18, 28, 40, 50, 62, 72], ["2024E", "2025E"] * 3),
        "=" * 74,
        *(
            spread([8, *RIGHT], [name, *(f"{k + 10}.{n}" for k in range(6))])
            for n, name in enumerate(["甲股份", "乙科技", "丙药业", "丁材料"])
        ),
        "=" * 74,
    ]
)


def test_groups_of_groups_head_their_columns() -> None:
    (table,) = composed(find_tables(drawn(LEVELS)))
    assert [column.header for column in table.columns] == [
        ("公司",),
        *(("盈利预测", name, year) for name in ("营业收入（亿元）", "归母净利润（亿元）")
          for year in ("2024E", "2025E")),
        ("估值", "PE（倍）", "2024E"), ("估值", "PE（倍）", "2025E"),
    ]  # fmt: skip
    assert len(table.rows) == 4


def test_a_period_that_touches_no_figure_heads_the_nearer_column() -> None:
    rows = [
        ["公司", "2023A", "2024E"],
        ["甲股份", "1", "2"],
        ["乙科技", "3", "4"],
        ["丙药业", "5", "6"],
    ]
    picture = "\n".join(
        [spread([8, 22, 36], rows[0]), *(spread([8, 26, 40], row) for row in rows[1:])]
    )
    (table,) = find_tables(drawn(picture))
    assert grid(table) == rows
