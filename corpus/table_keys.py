"""Which columns of a table name its rows: codes, names, metrics, rating words.

Stands beside `corpus.tables`; judges by header and by what the cells hold, never by place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.cell_words import RATING_WORDS, CellKind
from corpus.report import Row
from corpus.table_grid import GridCell

_NAMING = re.compile(
    r"公司|名称|简称|证券|股票|标的|企业|品种|代码|项目|指标|科目|年度|类别|分类|产品|业务"
    r"|板块|行业|地区|区域|单位[:：]|时间|日期"
    r"|name|company|item|metric",
    re.IGNORECASE,
)
_RATING_HEAD = re.compile(r"评级|投资建议|建议|rating", re.IGNORECASE)


def key_columns(
    rows: Sequence[Row], types: list[CellKind], paths: list[list[GridCell]]
) -> tuple[int, ...]:
    """Code columns and the one column of names; else the periods; left to right."""
    heads = [" ".join(cell.text for cell in path) for path in paths]
    codes = [column for column, kind in enumerate(types) if kind is CellKind.CODE]
    codes = [column for column in codes if _distinct(rows, column) > 0.5][:1]
    texts = [column for column, kind in enumerate(types) if kind is CellKind.TEXT]
    name = max(
        texts, key=lambda column: (_naming_score(rows, heads, column), -column), default=None
    )
    if name is not None and codes and _naming_score(rows, heads, name) <= 0:
        name = None
    second = _second(rows, heads, texts, name) if name is not None and not codes else []
    keys = sorted({*codes, *([] if name is None else [name]), *second})
    if keys:
        return tuple(keys)
    periods = [column for column, kind in enumerate(types) if kind is CellKind.PERIOD]
    return tuple(periods[:1])


_LONG = 16  # characters: what is longer on the average is no name


def _second(rows: Sequence[Row], heads: list[str], texts: list[int], name: int) -> list[int]:
    """The column that tells rows apart whose names repeat: 业务 and 指标, group and line of it."""
    if _distinct(rows, name) > 0.6:
        return []
    for column in texts:
        own = [row.cells[column].text for row in rows]
        pairs = {(row.cells[name].text, text) for row, text in zip(rows, own, strict=True)}
        rated = _RATING_HEAD.search(heads[column]) or any(text in RATING_WORDS for text in own)
        short = sum(map(len, own)) <= _LONG * len(own)
        if column != name and all(own) and len(pairs) == len(rows) and short and not rated:
            return [column]
    return []


def _distinct(rows: Sequence[Row], column: int) -> float:
    texts = [row.cells[column].text for row in rows if row.cells[column].text]
    return len(set(texts)) / len(texts) if texts else 0.0


def _naming_score(rows: Sequence[Row], heads: list[str], column: int) -> float:
    """How much a text column looks like the names of its rows."""
    texts = [row.cells[column].text for row in rows if row.cells[column].text]
    score = 2 * _distinct(rows, column) + len(texts) / len(rows)
    score += 2.0 if _NAMING.search(heads[column]) else 0.0
    ratings = sum(text in RATING_WORDS for text in texts)
    if _RATING_HEAD.search(heads[column]) or ratings * 2 > len(texts):
        score -= 1.5  # it names the row only where nothing else does: a table of definitions
    mean = sum(map(len, texts)) / max(len(texts), 1)
    return score - (2.0 if mean > 16 else 0.0) - (1.0 if mean > 40 else 0.0)
