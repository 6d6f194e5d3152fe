"""Catalog: the reports of a snapshot as the contract shows them.

Stands between the snapshot's light records and `GET /v1/reports`; the command line uses it too.
"""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_right
from typing import Literal

from corpus.errors import UnknownReport
from indexer.kinship import Family
from indexer.snapshot import QuarantinedFile, ReportRecord, Snapshot
from service.schemas import AnalystOut, FileOut, ReportOut, ReportPage

Status = Literal["indexed", "quarantined"]
Key = tuple[str, str, str, str]


class Catalog:
    """All reports of one snapshot, indexed and quarantined, in the order of their ids."""

    def __init__(self, snapshot: Snapshot) -> None:
        listed = [report_out(record) for record in snapshot.records()]
        for report in listed:
            family = snapshot.kinship.family(report.report_id)
            if family is not None:
                report.warnings.append(_of_family(report.report_id, family))
        listed += [quarantined_out(file) for file in snapshot.quarantined()]
        self._reports = sorted(listed, key=_key)
        # An indexed report wins over a quarantined newer file of the same id: it can be read.
        self._by_id = {report.report_id: report for report in reversed(self._reports)}

    def __len__(self) -> int:
        return len(self._reports)

    def __contains__(self, report_id: object) -> bool:
        return report_id in self._by_id

    def get(self, report_id: str) -> ReportOut:
        """The report of that id.

        Raises:
            UnknownReport: there is none; the message does not repeat the id.
        """
        found = self._by_id.get(report_id)
        if found is None:
            raise UnknownReport("No report has this id; GET /v1/reports lists them all.")
        return found

    def page(self, limit: int, cursor: str | None, status: Status | None) -> ReportPage:
        """Up to `limit` reports after `cursor`, sorted by id.

        Raises:
            ValueError: the cursor is none that an earlier page gave.
        """
        reports = [r for r in self._reports if status is None or r.status == status]
        begin = 0
        if cursor is not None:
            begin = bisect_right(reports, _from_cursor(cursor), key=_key)
        shown = reports[begin : begin + limit]
        more = begin + limit < len(reports)
        return ReportPage(reports=shown, next=_to_cursor(_key(shown[-1])) if more else None)


def report_out(record: ReportRecord) -> ReportOut:
    """A report of the index; what its page one does not say is null."""
    meta = record.meta
    return ReportOut(
        report_id=record.report_id,
        title=meta.title.value if meta.title else None,
        broker=meta.broker.value if meta.broker else None,
        published=meta.published.value if meta.published else None,
        analysts=[AnalystOut(name=one.name, licence=one.licence) for one in meta.analysts],
        stock_codes=[code.value for code in meta.stock_codes],
        industry=meta.industry.value if meta.industry else None,
        rating=meta.rating.value if meta.rating else None,
        target_price=meta.target_price.value if meta.target_price else None,
        price=meta.price.value if meta.price else None,
        file=FileOut(
            name=record.file.name,
            type=record.file.type,
            bytes=record.file.bytes,
            sha256=record.file.sha256,
        ),
        pages=record.pages or None,
        chars=record.chars,
        status="indexed",
        warnings=list(record.warnings),
    )


def quarantined_out(file: QuarantinedFile) -> ReportOut:
    """A file that could not become a report; the reason stands in `warnings`."""
    suffix = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    return ReportOut(
        report_id=file.report_id,
        title=None,
        broker=None,
        published=None,
        analysts=[],
        stock_codes=[],
        industry=None,
        rating=None,
        target_price=None,
        file=FileOut(name=file.name, type=suffix, bytes=file.bytes, sha256=file.sha256),
        pages=None,
        chars=0,
        status="quarantined",
        warnings=[file.reason],
    )


def _of_family(report_id: str, family: Family) -> str:
    """What the reader of a list should know of copies and versions."""
    newest, *older = family.report_ids
    if report_id != newest:
        what = "旧版本或另一来源" if report_id in family.differing else "副本"
        return f"是报告 {newest} 的{what}；回答采用 {newest}"
    return f"另有副本或旧版本：{'、'.join(older)}；回答采用本报告"


def _key(report: ReportOut) -> Key:
    return (report.report_id, report.status, report.file.sha256, report.file.name)


def _to_cursor(key: Key) -> str:
    """The place after `key`, in characters that need no escaping in a URL."""
    return base64.urlsafe_b64encode("\n".join(key).encode()).decode().rstrip("=")


def _from_cursor(cursor: str) -> Key:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = base64.urlsafe_b64decode(padded).decode().split("\n", 3)
        report_id, status, sha256, name = key
    except (ValueError, binascii.Error):
        raise ValueError("not a cursor of this service") from None
    return (report_id, status, sha256, name)
