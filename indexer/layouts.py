"""What the rows and columns of one table are: companies, metrics, periods, and in which halves.

Stands between a `Table` and its facts; `axes` reads the words of one header or key, this module
settles what the table as a whole means by them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from corpus.figures import parse_number
from corpus.report import Row, Table
from corpus.tickers import parse_code
from indexer.axes import Axis, read_axis
from indexer.vocabulary import Metric, Vocabulary

# 同比(%) and 占比 beside 2023 are of the metrics that the rows name.
_CHANGES = {"growth", "qoq", "revenue_share"}
_NAMES = re.compile(r"(?:公司|证券|股票|标的)?(?:简称|名称)|公司|重点公司|可比公司|个股|标的")
_CODE_KEY = re.compile(r"(?:证券|股票|公司)?代码")


@dataclass(frozen=True, slots=True)
class Half:
    """Key columns and the value columns that they name; two statements side by side are two."""

    keys: tuple[int, ...]
    values: tuple[int, ...]


class TableLayout:
    """The meaning of a table's rows and columns."""

    def __init__(
        self,
        table: Table,
        vocabulary: Vocabulary,
        headers: tuple[tuple[str, ...], ...] | None = None,
    ) -> None:
        """Reads headers and keys once; `headers`: taken over from the page before."""
        self.table = table
        self._vocabulary = vocabulary
        self._axes: dict[tuple[str, ...], Axis] = {}
        own = tuple(column.header for column in table.columns)
        self.columns = [self.axis(header) for header in headers or own]
        self.halves = self._halves()
        self.rows_are_metrics = self._rows_are_metrics()
        self.codes = self._codes_of_columns() if self.rows_are_metrics else {}
        self.first_estimate = self._first_estimate()
        self.title_metric = self._title_metric()

    def axis(self, parts: tuple[str, ...]) -> Axis:
        """What the words of a header path or of a row's key say."""
        if parts not in self._axes:
            self._axes[parts] = read_axis(parts, self._vocabulary)
        return self._axes[parts]

    def key(self, row: Row, half: Half) -> Axis:
        """What a row's key cells say to the values of one half."""
        return self.axis(tuple(row.cells[at].text for at in half.keys if row.cells[at].text))

    def is_code_row(self, row: Row) -> bool:
        """True for the row that holds the codes of companies in columns."""
        return bool(self.codes) and _is_code_key(self.table.row_key(row))

    def states_metrics(self) -> bool:
        """True for a table that certainly states figures: two columns or rows of known metrics."""
        if self.rows_are_metrics:
            return len(self.table.rows) > 1
        return sum(axis.metric is not None for axis in self.columns) > 1

    def _halves(self) -> tuple[Half, ...]:
        keys = {at for at in self.table.key_columns if not self._holds_values(at)}
        keys |= {at for at in range(len(self.columns)) if keys and self._names_companies(at)}
        if not keys:
            return (Half((), tuple(range(len(self.columns)))),)
        inner = [at for at in range(min(keys) + 1, len(self.columns)) if self._names_metrics(at)]
        starts = [at for at in inner if at - 1 not in keys]
        if not starts or not any(self._names_metrics(at) for at in keys if at < starts[0]):
            values = tuple(at for at in range(len(self.columns)) if at not in keys)
            return (Half(tuple(sorted(keys)), values),)
        edges = [0, *starts, len(self.columns)]
        keys |= set(starts)
        return tuple(
            Half(
                tuple(at for at in range(left, right) if at in keys),
                tuple(at for at in range(left, right) if at not in keys),
            )
            for left, right in pairwise(edges)
        )

    def _holds_values(self, column: int) -> bool:
        """True for a column of ratings or prices, which a key column never is."""
        metric = self.columns[column].metric
        return metric is not None and metric.family in {"rating", "price"}

    def _names_companies(self, column: int) -> bool:
        """True for a column of names beside the codes: 代码 | 公司 | 现价."""
        header = "".join(self.table.columns[column].header)
        if not _NAMES.fullmatch(header.strip()):
            return False
        texts = [text for row in self.table.rows if (text := row.cells[column].text)]
        return bool(texts) and all(parse_number(text) is None for text in texts)

    def _names_metrics(self, column: int) -> bool:
        """True if at least half of a column's cells name metrics and none is a number."""
        texts = [text for row in self.table.rows if (text := row.cells[column].text)]
        named = sum(self.axis((text,)).metric is not None for text in texts)
        numbers = any(parse_number(text) is not None for text in texts)
        return named > 0 and 2 * named >= len(texts) and not numbers

    def _rows_are_metrics(self) -> bool:
        """True for statements: row keys name metrics, and the columns do not.

        Where the columns are periods and nothing else, one key in five is enough: the others are
        metrics that the vocabulary does not know.
        """
        values = [at for half in self.halves for at in half.values]
        metrics = (self.columns[at].metric for at in values)
        if any(metric is not None and metric.id not in _CHANGES for metric in metrics):
            return False
        keys = [self.key(row, half) for row in self.table.rows for half in self.halves if half.keys]
        named = sum(key.metric is not None for key in keys)
        only_periods = all(self.columns[at].own_words == "" for at in values)
        bare = only_periods or (named > 2 and not any(self.columns[at].period for at in values))
        return named > 0 and named >= (0.2 if only_periods else 0.3 if bare else 0.5) * len(keys)

    def _codes_of_columns(self) -> dict[int, str]:
        """Column → code, where a row of the table states it (股票代码 | 688301 | 300977)."""
        found: dict[int, str] = {}
        for row in self.table.rows:
            if _is_code_key(self.table.row_key(row)):
                parsed = {cell.column: parse_code(cell.text) for cell in row.cells}
                found |= {at: code.code for at, code in parsed.items() if code}
        return found

    def _first_estimate(self) -> int | None:
        years = [
            axis.period.year
            for axis in self.columns
            if axis.period and axis.period.kind == "estimate" and axis.period.year
        ]
        return min(years) if years else None

    def _title_metric(self) -> Metric | None:
        """The metric that the caption names last: 重点公司 EPS 预测."""
        mentions = self._vocabulary.find_metrics(self.table.title or "")
        strong = [mention.metric for mention in mentions if not mention.weak]
        return strong[-1] if strong else None


def _is_code_key(key: str) -> bool:
    return _CODE_KEY.fullmatch(key.strip()) is not None
