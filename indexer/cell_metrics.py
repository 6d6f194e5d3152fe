"""Which metric a cell of a table is of: what its row names, what its column names, or a score.

Stands under `facts`; a metric of the vocabulary is given only where the cell can be its figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.figures import find_figures, parse_number
from corpus.report import Cell, Report
from indexer.axes import Axis
from indexer.column_words import ColumnKind, kind_of_column
from indexer.layouts import TableLayout
from indexer.typing_facts import unit_fits
from indexer.vocabulary import Metric, Vocabulary


@dataclass(frozen=True, slots=True)
class Said:
    """A metric as a table says it.

    Args:
        metric: None where the vocabulary does not know it, or the number is only about one.
        id: the vocabulary's, else the folded words.
        words: as printed.
        unit: where the words around the table state one for it alone.
    """

    metric: Metric | None
    id: str
    words: str
    unit: str | None = None


class CellMetrics:
    """Names the metric of each cell of one table."""

    def __init__(
        self, report: Report, layout: TableLayout, vocabulary: Vocabulary, about: str
    ) -> None:
        """`about`: the words around the table that say what its numbers are."""
        self._layout, self._vocabulary, self._about = layout, vocabulary, about
        self._scored = scored(about) or (_OF_FACTORS if _tests_factors(report, layout) else None)
        self._has_heads = any(axis.own_words for axis in layout.columns)
        scored_rows = self._scored is not None and _rows_name_metrics(layout)
        self.rows_are_metrics = layout.rows_are_metrics or scored_rows
        self._banner: Axis | None = None

    def of(self, key: Axis, column: Axis, cell: Cell) -> Said | None:
        """The metric of the cell where a row's key and a column meet; None where none is said."""
        score = self._score(key, column)
        if score is not None and not column.parts and self._has_heads:
            return self._under_banner(key)
        said = self._scored_one(key, column, score) if score is not None else None
        said = said or self._metric(key, column)
        return None if said is None else _fitting(said, cell, column)

    def rows_say_what(self, column: Axis, key: Axis) -> bool:
        """True where columns are 本期发生额 | 上期发生额: unknown rows are figures, not owners."""
        kind = kind_of_column(column.own_words)
        of_title = self._layout.title_metric is not None
        plain = kind in {ColumnKind.PLAIN, ColumnKind.BEFORE} and not of_title
        return plain and bool(key.own_words) and not key.code

    def is_banner(self, key: Axis, texts: list[str]) -> bool:
        """True for a row that says what the rows below it hold: 因子回报（%） | 各行业的得分.

        Its first words are of the column that has no head.
        """
        filled = [text for text in texts if text]
        if not key.parts or len(filled) != 1 or len(texts) < _FEW or not scored(filled[0]):
            return False
        if parse_number(filled[0]) is not None:
            return False
        self._banner = key
        return True

    # --- scores -----------------------------------------------------------------------------

    def _under_banner(self, key: Axis) -> Said | None:
        """A column without a head beside headed ones: what a row above says of it, if any."""
        banner = self._banner
        if banner is None or not scored(banner.own_words):
            return None
        return Said(None, f"{_named(key)}{banner.own_words}", key.metric_text, banner.unit)

    def _score(self, key: Axis, column: Axis) -> str | None:
        """The word for what is only about a metric (得分, 排名, 因子收益), as the column says it,
        else as the words around the table do; a row or column with a unit is no score."""
        own = [word for word in column.words if scored(word)]
        if own:
            return _IN_BRACKETS.sub("", own[-1])
        return None if key.unit or column.unit else self._scored

    def _scored_one(self, key: Axis, column: Axis, score: str) -> Said | None:
        """3个月 | 5 among scores is 3个月得分, whether or not 3个月 is a metric."""
        if self.rows_are_metrics or key.metric is not None:
            if scored(key.own_words):
                return Said(None, key.own_words, key.metric_text)
            return Said(None, f"{_named(key)}{score}{_beside_score(column)}", key.metric_text)
        if scored(column.own_words):
            return Said(None, column.own_words, column.metric_text)
        known = column.metric is not None and _JUDGED.search(score)
        if column.own_words and (known or score == _OF_FACTORS):
            return Said(None, f"{_named(column)}{score}", column.metric_text)
        return None

    # --- metrics ----------------------------------------------------------------------------

    def _metric(self, key: Axis, column: Axis) -> Said | None:
        """From the row in a statement, else from the column."""
        layout = self._layout
        first, second = (key, column) if self.rows_are_metrics else (column, key)
        if first.metric is not None:
            return self._of_axis(first, first.metric, column)
        if first is column and key.metric is not None and column.own_words:
            return self._of_axis(key, key.metric, column)  # PE | 采掘 | 化工 among other rows
        if first is column and column.own_words and self.rows_say_what(column, key):
            return Said(None, key.own_words, key.metric_text)
        if first.own_words and not self._is_plain_of_title(column):
            return Said(None, first.own_words, first.metric_text)
        if second.metric is not None:
            return Said(second.metric, second.metric.id, second.metric_text)
        if (metric := layout.title_metric) is not None and column.parts:
            return Said(metric, metric.id, layout.table.title or "")
        if second.own_words and first.period is not None and not second.code:
            return Said(None, second.own_words, second.metric_text)
        return Said(None, first.own_words, first.metric_text) if first.own_words else None

    def _is_plain_of_title(self, column: Axis) -> bool:
        """True for 金额 under a title that names the metric: 营业收入构成 | 2022年 金额."""
        plain = kind_of_column(column.own_words) is ColumnKind.PLAIN
        titled = self._layout.title_metric is not None
        return plain and titled and not self.rows_are_metrics

    def _of_axis(self, axis: Axis, metric: Metric, column: Axis) -> Said:
        """The metric of an axis, changed by a column's words (同比, 占比)."""
        words = column.own_words if axis is not column else ""
        change = _RATES.get(column.metric.id if column.metric else "")
        if axis is column and change and (title := self._layout.title_metric) is not None:
            # 出货量 over 2020-2024复合增速: the rate is of what the title names
            grown = self._vocabulary.get(f"{title.id}_{change}")
            if title.id.endswith(f"_{change}"):
                grown = title
            return Said(grown, grown.id, axis.metric_text) if grown else Said(metric, metric.id, "")
        kind = kind_of_column(words) if words else ColumnKind.PLAIN
        if axis is not column and (change or kind is ColumnKind.CHANGE):
            grown = self._vocabulary.get(f"{metric.id}_{change or 'yoy'}")
            if grown is not None:
                return Said(grown, grown.id, f"{axis.metric_text} {column.metric_text}".strip())
        if metric.id in _OF_BALANCE and _CASH_FLOW.search(self._about):
            # its change, not its level
            return Said(None, f"{metric.name}（现金流）", axis.metric_text)
        if kind is ColumnKind.OTHER:
            return Said(None, f"{metric.name}{words}", f"{axis.metric_text} {column.metric_text}")
        return Said(metric, metric.id, axis.metric_text)


def scored(words: str) -> str | None:
    """What words say that numbers are: 得分, 排名; the innermost heading is the last."""
    found = _SCORED.findall(words)
    return found[-1] if found else None


def printed_unit(text: str) -> str | None:
    """The unit that a cell prints behind its number."""
    own = find_figures(text) if parse_number(text) is not None else []
    return own[0].unit if len(own) == 1 else None


def _fitting(said: Said, cell: Cell, column: Axis) -> Said:
    """The metric, unless the cell prints a unit that it cannot have: 存货 | 5.30% is a share
    or a change of it, named by its row and its column."""
    printed = printed_unit(cell.text)
    if said.metric is None or printed is None or unit_fits(printed, said.metric):
        return said
    return Said(None, f"{said.metric.name}{column.own_words}", said.words)


def _named(axis: Axis) -> str:
    """The metric's own name; its printed words where they say more (预期PE)."""
    if axis.metric is None or _EXPECTED.search(axis.own_words):
        return axis.own_words
    return axis.metric.name


def _rows_name_metrics(layout: TableLayout) -> bool:
    """True if rows name metrics and no column does: then every row is one, known or not."""
    keys = [layout.key(row, half) for row in layout.table.rows for half in layout.halves]
    return any(key.metric for key in keys) and not any(axis.metric for axis in layout.columns)


def _beside_score(column: Axis) -> str:
    """What a column of scores says besides: 最近1年, 今年以来; nothing where that is a period."""
    if column.period is not None and not column.period.relative:
        return ""
    said = any(map(scored, column.words))
    return "".join(part for part in column.parts if not scored(part)) if said else ""


def _tests_factors(report: Report, layout: TableLayout) -> bool:
    """True for statistics of factors in a quant report: 存货周转率 | 0.010619, 市净率 | -0.0045.

    Such tables head columns with metrics, give no period and no unit, and nothing above one.
    """
    front = report.meta.title.value if report.meta.title else report.text[:_FRONT]
    if not _QUANT.search(front):
        return False
    table = layout.table
    if table.unit or any(axis.period or axis.unit for axis in layout.columns):
        return False
    texts = [cell.text for row in table.rows for cell in row.cells]
    numbers = [number for text in texts if (number := parse_number(text)) is not None]
    if not numbers or any(printed_unit(text) for text in texts):
        return False
    fine = any(abs(number) < _FINE for number in numbers)
    return fine and all(abs(number) < 1 for number in numbers)


_FEW = 3  # values in a row; in a narrower table one filled cell is no banner
_FRONT = 300  # characters that hold a title that was not told apart
_QUANT = re.compile(r"因子|量化|选股|alpha", re.IGNORECASE)
_FINE = 0.1  # below it no multiple, turnover or current ratio of a listed company lies
_OF_FACTORS = "因子值"
# Numbers about a metric, not of it: scores, ranks, weights, returns of a factor.
_SCORED = re.compile(r"得分|评分|打分|分位数?|排名|因子(?:回报|收益|值)|权重|相关系数|聚类")
_JUDGED = re.compile(r"得分|评分|打分|因子")  # 排名 in a title may only order the rows
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_EXPECTED = re.compile(r"预期|预测")
_RATES = {"growth": "yoy", "qoq": "qoq", "cagr": "cagr"}
_CASH_FLOW = re.compile(r"现金流量表|现金流量预测")
_OF_BALANCE = {
    "receivables", "inventory", "payables", "trading_assets", "long_investment", "prepayments",
    "short_debt", "long_debt", "contract_liabilities", "advance_receipts", "fixed_assets",
    "intangibles", "other_current_assets", "other_current_liabilities",
}  # fmt: skip
