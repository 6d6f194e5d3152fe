"""Which reports may speak, newest first, and how they are named in an answer.

Stands between Query and the readers: filters, `as_of` and brokers are settled here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from indexer.kinship import Kinship
from indexer.records import Filters
from indexer.snapshot import ReportRecord, Snapshot

# Scopes of one snapshot that are kept: most questions ask all reports, or those of one house.
MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class Scope:
    """The reports that may answer.

    Args:
        speaking: ids that the answer may use, newest first (undated last, then by id).
        others: ids of other brokers' reports whose figures may stand beside the answer.
        within: ids inside the filters, whatever house is asked for.
        cite_others: False where a filter shuts them out: they are named, not cited.
        left_out: report → its copies and older versions that do not speak for its sake.
        kept: what readers worked out over all its reports, by reader; it lives with the snapshot.
    """

    snapshot: Snapshot
    records: dict[str, ReportRecord]
    speaking: tuple[str, ...]
    others: tuple[str, ...]
    within: tuple[str, ...]
    cite_others: bool
    brokers: tuple[str, ...]
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict, compare=False)

    def label(self, report_id: str) -> str:
        """`东吴证券（2024-02-21）`; the title where no broker is known."""
        meta = self.records[report_id].meta
        title = f"《{meta.title.value}》" if meta.title else report_id
        name = meta.broker.value if meta.broker else title
        return f"{name}（{meta.published.value.isoformat()}）" if meta.published else name

    def version(self, report_id: str) -> str:
        """`2024-02-21 的 id`: what tells versions of one report apart."""
        day = self.published(report_id)
        return f" {day.isoformat()} 的 {report_id}" if day else f" {report_id}"

    def broker(self, report_id: str) -> str | None:
        """Short name of the house that wrote the report."""
        meta = self.records[report_id].meta
        return meta.broker.value if meta.broker else None

    def published(self, report_id: str) -> date | None:
        """The date printed on the report."""
        meta = self.records[report_id].meta
        return meta.published.value if meta.published else None

    def rank(self, report_id: str) -> int:
        """Place in the speaking order; other reports come after."""
        for place, one in enumerate(self.speaking):
            if one == report_id:
                return place
        beside = self.others.index(report_id) if report_id in self.others else len(self.others)
        return len(self.speaking) + beside


def make_scope(
    snapshot: Snapshot, filters: Filters, brokers: tuple[str, ...], as_of: date | None
) -> Scope:
    """The scope of a question; made once for a snapshot, filters, houses and day.

    Args:
        brokers: houses named in the question that have reports; empty: all speak.
    """
    key = (filters, brokers, as_of)
    known = snapshot.kept.get(key)
    if isinstance(known, Scope):
        return known
    made = _made(snapshot, filters, brokers, as_of)
    if len(snapshot.kept) >= MOST_KEPT:
        snapshot.kept.clear()
    snapshot.kept[key] = made
    return made


def _made(
    snapshot: Snapshot, filters: Filters, brokers: tuple[str, ...], as_of: date | None
) -> Scope:
    records = {record.report_id: record for record in snapshot.records()}
    inside = snapshot.allowed(filters)
    without_brokers = Filters(
        report_ids=filters.report_ids,
        stock_codes=filters.stock_codes,
        published_from=filters.published_from,
        published_to=filters.published_to,
    )
    beside = snapshot.allowed(without_brokers) if filters.brokers else inside
    known = [r for r in records.values() if as_of is None or _known_on(r, as_of)]
    newest = sorted(known, key=lambda r: (-_day(r), r.report_id))
    ordered = [r.report_id for r in newest]
    kinship = snapshot.kinship
    allowed, left_out = kinship.newest(i for i in ordered if inside is None or i in inside)
    silent = {i for copies in left_out.values() for i in copies}
    speaking = [i for i in allowed if not brokers or _broker(records[i]) in brokers]
    heard = {i for one in speaking for i in _relatives(kinship, one)} | silent | set(speaking)
    others, _ = kinship.newest(
        i for i in ordered if i not in heard and (beside is None or i in beside)
    )
    named = brokers or tuple(
        dict.fromkeys(b for i in speaking if filters.brokers and (b := _broker(records[i])))
    )
    return Scope(
        snapshot,
        records,
        speaking=tuple(speaking),
        others=tuple(others),
        within=tuple(allowed),
        cite_others=not filters.brokers,
        brokers=named,
        left_out=left_out,
    )


def _relatives(kinship: Kinship, report_id: str) -> tuple[str, ...]:
    family = kinship.family(report_id)
    return family.report_ids if family else ()


def _known_on(record: ReportRecord, day: date) -> bool:
    return record.meta.published is not None and record.meta.published.value <= day


def _day(record: ReportRecord) -> int:
    return record.meta.published.value.toordinal() if record.meta.published else 0


def _broker(record: ReportRecord) -> str | None:
    return record.meta.broker.value if record.meta.broker else None
