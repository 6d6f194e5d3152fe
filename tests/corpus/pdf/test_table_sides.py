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
