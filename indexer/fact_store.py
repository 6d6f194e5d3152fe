"""Facts in SQLite, found by subject, code, metric, period and report in milliseconds.

Part of a snapshot: written once by the build, then only read, by any number of threads.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from threading import RLock
from typing import Any, cast

from corpus.normalise import fold
from indexer.records import CellPath, Fact, FactSource

_COLUMNS = (
    "fact_id", "report_id", "subject", "code", "metric", "metric_text", "period", "period_text",
    "kind", "value", "number", "unit", "start", "end", "line_start", "line_end",
    "cell_table", "cell_row", "cell_column", "table_index", "row_index", "column_index",
    "as_of", "direction", "approx", "subject_kind", "value_base", "unit_base", "page", "warnings",
)  # fmt: skip
_KEYS = ("subject_key", "code_key", "metric_key")
_ORDER = "report_id, start, end, column_index, seq"
_NOT_A_CELL = -1
_HAS_FACTS = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'facts'"
# The stored columns stand in the order of the record's fields, so a row is its arguments, the
# six of the cell's path put together.
_PATH = slice(_COLUMNS.index("cell_table"), _COLUMNS.index("as_of"))
_BY_REPORT = itemgetter(_COLUMNS.index("report_id"))
_make_fact: Callable[..., Fact] = Fact


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom facts are about. `name` as most often printed; `report_ids` sorted."""

    name: str
    code: str | None
    report_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MetricUse:
    """A metric that facts state. `texts`: how it is printed, most frequent first."""

    metric: str
    texts: tuple[str, ...]
    report_ids: tuple[str, ...]


def write_facts(connection: sqlite3.Connection, facts: Iterable[Fact]) -> int:
    """Adds the facts, with table and indexes where they are not there yet; returns how many."""
    names = ", ".join(f'"{name}"' for name in (*_COLUMNS, *_KEYS))
    marks = ", ".join("?" * (len(_COLUMNS) + len(_KEYS)))
    with connection:
        connection.execute(f"CREATE TABLE IF NOT EXISTS facts (seq INTEGER PRIMARY KEY, {names})")
        before = _rows(connection)
        connection.executemany(
            f"INSERT INTO facts ({names}) VALUES ({marks})",  # noqa: S608 - names are ours
            map(_row, facts),
        )
        for key in (*_KEYS, "report_id"):
            connection.execute(
                f"CREATE INDEX IF NOT EXISTS facts_by_{key} ON facts ({key}, period)"
            )
        connection.execute("ANALYZE")
        return _rows(connection) - before


class FactStore:
    """Reads what `write_facts` wrote, in one database or in several as if they were one.

    Args:
        connections: opened with `check_same_thread=False` where threads share the store; one lock
            keeps their queries apart. A database without facts is an empty one.
        gone: for each database the reports in it that do not count; none if left out. A report
            that counts lies in one database only.
    """

    def __init__(
        self, *connections: sqlite3.Connection, gone: Sequence[Collection[str]] = ()
    ) -> None:
        """Takes the connections over for reading."""
        self._connections = connections
        self._lock = RLock()
        self._kept: dict[str, Any] = {}
        without = gone or [()] * len(connections)
        self._parts = [
            (connection, json.dumps(sorted(ids), ensure_ascii=False) if ids else "")
            for connection, ids in zip(connections, without, strict=True)
            if connection.execute(_HAS_FACTS).fetchone()[0]
        ]

    def find(
        self,
        subjects: Sequence[str] | None = None,
        codes: Sequence[str] | None = None,
        metrics: Sequence[str] | None = None,
        periods: Sequence[str] | None = None,
        report_ids: Iterable[str] | None = None,
        limit: int | None = None,
        source: FactSource | None = "table",
        offset: int = 0,
    ) -> list[Fact]:
        """The facts that pass every condition given, ordered by report, then place in its text.

        Each argument is a set of alternatives; None sets no condition, an empty one matches
        nothing. Names are compared folded, codes without suffix.

        Args:
            source: facts of tables only, unless sentences (`sentence`) or both (None) are wanted.
            offset: how many to leave out at the beginning.
        """
        where, values = _conditions(
            subject_key=None if subjects is None else [_folded(name) for name in subjects],
            code_key=None if codes is None else [_code_key(code) for code in codes],
            metric_key=None if metrics is None else [_folded(metric) for metric in metrics],
            period=periods,
            report_id=None if report_ids is None else list(report_ids),
            source=source,
        )
        names = ", ".join(f'"{name}"' for name in _COLUMNS)
        wanted = f"SELECT {names} FROM facts{where}"  # noqa: S608 - ours
        most = -1 if limit is None else limit
        if len(self._parts) == 1:
            page = f" ORDER BY {_ORDER} LIMIT ? OFFSET ?"
            return [_fact(row) for row in self._query(wanted, values, page, (most, offset))]
        page, upto = f" ORDER BY {_ORDER} LIMIT ?", -1 if limit is None else limit + offset
        rows = self._query(wanted, values, page, (upto,))
        rows.sort(key=_BY_REPORT)  # each report's rows stand together already, in order
        return [_fact(row) for row in rows[offset : None if limit is None else offset + limit]]

    def subjects(self, source: FactSource | None = "table") -> tuple[Subject, ...]:
        """All subjects, sorted by name then code; one name with two codes is two subjects."""
        return cast("tuple[Subject, ...]", self._once(self._read_subjects, source))

    def metrics(self, source: FactSource | None = "table") -> tuple[MetricUse, ...]:
        """All metrics, sorted by id."""
        return cast("tuple[MetricUse, ...]", self._once(self._read_metrics, source))

    def periods(
        self,
        subject: str | None = None,
        metric: str | None = None,
        source: FactSource | None = "table",
    ) -> tuple[str, ...]:
        """The period labels of a subject's and a metric's facts, sorted; None: of any."""
        where, values = _conditions(
            subject_key=None if subject is None else [_folded(subject)],
            metric_key=None if metric is None else [_folded(metric)],
            source=source,
        )
        rows = self._query(f"SELECT DISTINCT period FROM facts{where}", values)  # noqa: S608 - ours
        return tuple(sorted({row[0] for row in rows if row[0] is not None}))

    def count(self) -> int:
        """How many facts there are."""
        return sum(row[0] for row in self._query("SELECT count(*) FROM facts", ()))

    def close(self) -> None:
        """Closes the connections."""
        with self._lock:
            for connection in self._connections:
                connection.close()

    def _query(
        self, sql: str, values: Sequence[Any], rest: str = "", more: Sequence[Any] = ()
    ) -> list[Any]:
        """The rows of all databases, one after the other.

        Args:
            sql: up to its conditions, which end it.
            rest: what follows the conditions, with its values.
        """
        rows: list[Any] = []
        with self._lock:
            for connection, gone in self._parts:
                left: tuple[str, ...] = ()
                here = sql
                if gone:
                    left = (gone,)
                    here += " AND" if " WHERE " in sql else " WHERE"
                    here += " +report_id NOT IN (SELECT value FROM json_each(?))"
                rows += connection.execute(f"{here}{rest}", (*values, *left, *more)).fetchall()
        return rows

    def _once(self, read: Callable[[FactSource | None], Any], source: FactSource | None) -> Any:
        key = f"{read.__name__} {source}"
        with self._lock:
            if key not in self._kept:
                self._kept[key] = read(source)
            return self._kept[key]

    def _read_subjects(self, source: FactSource | None) -> tuple[Subject, ...]:
        where, values = _conditions(source=source)
        rows = self._query(
            f"SELECT subject_key, code, subject, report_id, count(*) FROM facts{where}",  # noqa: S608 - ours
            values,
            " GROUP BY 1, 2, 3, 4",
        )
        groups: dict[tuple[str, str | None], list[tuple[str, str, int]]] = {}
        for key, code, printed, report_id, times in rows:
            groups.setdefault((key, code), []).append((printed, report_id, times))
        found = (
            Subject(_by_frequency(group)[0], code, _reports(group))
            for (_, code), group in groups.items()
        )
        return tuple(sorted(found, key=lambda subject: (subject.name, subject.code or "")))

    def _read_metrics(self, source: FactSource | None) -> tuple[MetricUse, ...]:
        where, values = _conditions(source=source)
        rows = self._query(
            f"SELECT metric, metric_text, report_id, count(*) FROM facts{where}",  # noqa: S608 - ours
            values,
            " GROUP BY 1, 2, 3",
        )
        groups: dict[str, list[tuple[str, str, int]]] = {}
        for metric, text, report_id, times in rows:
            groups.setdefault(metric, []).append((text, report_id, times))
        return tuple(
            MetricUse(metric, _by_frequency(group), _reports(group))
            for metric, group in sorted(groups.items())
        )


def _rows(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM facts").fetchone()[0])


def _row(fact: Fact) -> tuple[Any, ...]:
    cell = fact.cell
    path: tuple[Any, ...] = (None, None, None, _NOT_A_CELL, _NOT_A_CELL, _NOT_A_CELL)
    if cell is not None:
        path = (
            cell.table, cell.row, cell.column, cell.table_index, cell.row_index, cell.column_index
        )  # fmt: skip
    keys = (
        _folded(fact.subject),
        _code_key(fact.code) if fact.code else None,
        _folded(fact.metric),
    )
    return (
        fact.fact_id, fact.report_id, fact.subject, fact.code, fact.metric, fact.metric_text,
        fact.period, fact.period_text, fact.kind, fact.value, fact.number, fact.unit, fact.start,
        fact.end, fact.line_start, fact.line_end, *path, fact.as_of, fact.direction, fact.approx,
        fact.subject_kind, fact.value_base, fact.unit_base, fact.page,
        json.dumps(fact.warnings, ensure_ascii=False) if fact.warnings else None, *keys,
    )  # fmt: skip


def _fact(row: tuple[Any, ...]) -> Fact:
    path = row[_PATH]
    cell = None if path[3] == _NOT_A_CELL else CellPath(*path)
    *rest, warnings = row[_PATH.stop :]
    warned = tuple(json.loads(warnings)) if warnings else ()
    return _make_fact(*row[: _PATH.start], cell, *rest, warned)


_SOURCES = {"table": f"table_index != {_NOT_A_CELL}", "sentence": f"table_index = {_NOT_A_CELL}"}


def _conditions(
    source: FactSource | None = None, **alternatives: Sequence[str] | None
) -> tuple[str, list[str]]:
    """A WHERE clause; the alternatives travel as one JSON list each, so any number may be given."""
    given = {name: values for name, values in alternatives.items() if values is not None}
    # A `+` keeps SQLite off the index by report where a name or a metric narrows far better.
    keyed = not given.keys().isdisjoint(_KEYS)
    columns = [f"+{name}" if keyed and name == "report_id" else name for name in given]
    clauses = [column + " IN (SELECT value FROM json_each(?))" for column in columns]  # noqa: S608 - ours
    if source is not None:
        clauses.append(_SOURCES[source])
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    return where, [json.dumps(list(values), ensure_ascii=False) for values in given.values()]


@lru_cache(maxsize=8192)
def _folded(name: str) -> str:
    return "".join(fold(name).split())


@lru_cache(maxsize=8192)
def _code_key(code: str) -> str:
    """A code without its suffix: 300058.SZ → 300058; Hong Kong's zeros do not count."""
    plain = fold(code).strip()
    head, _, suffix = plain.partition(".")
    return (head.lstrip("0") or head) if suffix == "hk" or len(head) < 6 else head


def _by_frequency(group: list[tuple[str, str, int]]) -> tuple[str, ...]:
    times: Counter[str] = Counter()
    for text, _, count in group:
        times[text] += count
    return tuple(sorted(times, key=lambda text: (-times[text], text)))


def _reports(group: list[tuple[str, str, int]]) -> tuple[str, ...]:
    return tuple(sorted({report_id for _, report_id, _ in group}))
