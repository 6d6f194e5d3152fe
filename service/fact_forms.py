"""Forms of the fact list: CSV, Parquet, and a table for a terminal.

Stands under `GET /v1/facts` and `yanbao facts`; the figures themselves are `fact_list`'s.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from service.console import grid
from service.fact_list import FactOut, FactPage

COLUMNS: Final = tuple(FactOut.model_fields)
PARQUET: Final = "application/vnd.apache.parquet"
# Wide enough for 万亿 to the tenth digit behind the point; what is longer is rounded.
_PLACES = 10
_DIGITS = 38
_GROUP = 10_000  # rows that are held at a time


def facts_csv(facts: Iterable[FactOut]) -> str:
    """The columns of the JSON form; a citation is its URL, warnings are joined by a semicolon."""
    out = io.StringIO()
    write_csv(facts, out)
    return out.getvalue()


def write_csv(facts: Iterable[FactOut], out: IO[str]) -> None:
    """Writes the same to a file as it goes."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for fact in facts:
        row = _flat(fact) | {"warnings": "; ".join(fact.warnings)}
        writer.writerow([_harmless(row[name]) for name in COLUMNS])


def facts_parquet(facts: Iterable[FactOut]) -> bytes:
    """The same columns as a Parquet file; see `write_parquet`."""
    out = io.BytesIO()
    write_parquet(facts, out)
    return out.getvalue()


def write_parquet(facts: Iterable[FactOut], out: Path | IO[bytes]) -> int:
    """Writes a Parquet file and returns its rows: `published` is a date, `value_base` a decimal
    with ten places, `warnings` a list; all else are strings as in JSON, a citation its URL."""
    import pyarrow as pa
    from pyarrow import parquet

    special = {
        "published": pa.date32(),
        "value_base": pa.decimal128(_DIGITS, _PLACES),
        "warnings": pa.list_(pa.string()),
    }
    schema = pa.schema([(name, special.get(name, pa.string())) for name in COLUMNS])
    rows = 0
    with parquet.ParquetWriter(out, schema) as writer:
        for group in _groups(facts):
            made = [_flat(fact) | {"published": fact.published} for fact in group]
            for row in made:
                row["value_base"] = _decimal(row["value_base"])
            writer.write_table(pa.Table.from_pylist(made, schema))
            rows += len(made)
    return rows


def facts_text(page: FactPage) -> str:
    """A table for a terminal."""
    rows = [["主体", "代码", "指标", "期间", "类型", "数值", "单位", "券商", "日期", "位置"]]
    for fact in page.facts:
        parts: Sequence[object] = (
            fact.subject,
            fact.code,
            fact.metric,
            fact.period,
            fact.kind,
            f"{fact.approx or ''}{fact.value}" or "（空）",
            fact.unit,
            fact.broker,
            fact.published,
            fact.fact_id,
        )
        rows.append([str(part) if part is not None else "-" for part in parts])
    more = [] if page.next is None else [f"… 还有更多（--cursor {page.next}）"]
    return "\n".join([grid(rows), *more])


def _groups(facts: Iterable[FactOut]) -> Iterator[list[FactOut]]:
    running = iter(facts)
    while group := list(islice(running, _GROUP)):
        yield group


def _flat(fact: FactOut) -> dict[str, Any]:
    return fact.model_dump(mode="json", exclude={"citation"}) | {"citation": fact.citation.url}


def _decimal(text: str | None) -> Decimal | None:
    if text is None:
        return None
    value = Decimal(text)
    if value.adjusted() >= _DIGITS - _PLACES:
        return None  # no figure of a report is that large
    return value.quantize(Decimal(1).scaleb(-_PLACES), rounding=ROUND_HALF_EVEN)


def _harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, str) and re.match(r"[=+@\t\r]|-(?![\d.])", value) and value != "-":
        return f"'{value}"
    return value
