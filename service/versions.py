"""Versions: a report as it is, or as it was when an old citation was made (`?v=`).

Stands between the routes and the snapshot; replaced versions lie beside it (`indexer.versions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.errors import UnknownReport
from corpus.report import Ink, Report
from indexer.records import ReportRecord
from indexer.snapshot import Snapshot
from indexer.versions import archived, versions_of
from service.catalog import report_out
from service.live import Served
from service.schemas import ReportOut


@dataclass(frozen=True, slots=True)
class Version:
    """A report of one version.

    Args:
        out: what is shown of it.
        snapshot: the one that is served.
        old: the whole report, for one that was replaced.
    """

    out: ReportOut
    snapshot: Snapshot
    old: Report | None = None

    @property
    def text(self) -> str:
        """The canonical text."""
        return self.old.text if self.old else self.snapshot.text(self.out.report_id)

    @property
    def ink(self) -> Ink | None:
        """Where its words stand on its pages; None without pages."""
        return self.old.ink if self.old else self.snapshot.ink(self.out.report_id)


def version_of(served: Served, index_dir: Path, report_id: str, v: str | None) -> Version:
    """The version whose file's sha256 begins with `v`; None: the one that is served.

    Raises:
        UnknownReport: no report has this id, it is quarantined, or it never was that version.
    """
    current = served.catalog.get(report_id)
    if v is None or current.file.sha256.startswith(v.lower()):
        if current.status != "indexed":
            raise UnknownReport("This file is quarantined: it has no text; see its warnings.")
        return Version(current, served.snapshot)
    found = archived(index_dir, report_id, v)
    if found is None:
        raise UnknownReport("This report has no such version; leave v out for the newest.")
    return Version(_replaced(found, index_dir, current), served.snapshot, found)


def _replaced(report: Report, index_dir: Path, current: ReportOut) -> ReportOut:
    """The report as it was, with a notice that it was replaced."""
    record = ReportRecord(
        report.report_id,
        report.meta,
        report.file,
        len(report.pages) or None,
        len(report.text),
        report.warnings,
    )
    out = report_out(record)
    sha256 = report.file.sha256
    days = [v.replaced for v in versions_of(index_dir, report.report_id) if v.sha256 == sha256]
    when = f"（{days[0][:10]} 被替换）" if days else ""
    told = f"这是旧版本{when}，现行版本为 {current.file.sha256[:12]}"
    return out.model_copy(update={"warnings": [told, *out.warnings]})
