"""What outlives a snapshot: replaced versions and originals, kept before it is published and swept
after.

Stands under `build`; a builder that is killed in between leaves more than is needed, never less.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from indexer.manifest import sweep
from indexer.originals import sweep_originals
from indexer.shelf import Origin, Previous, Sources
from indexer.versions import archive, archived_sha256s, sweep_versions


def keep_replaced(index_dir: Path, previous: Previous, fresh: Mapping[str, Origin]) -> None:
    """Archives every report of the published snapshot whose file has other content now.

    Args:
        fresh: the reports that were parsed in this build.
    """
    before = previous.sources.reports
    for report_id in sorted(fresh.keys() & before.keys()):
        if before[report_id].sha256 != fresh[report_id].sha256:
            archive(index_dir, previous.stores.parsed(report_id), before[report_id].sha256)


def sweep_all(index_dir: Path, sources: Sources) -> None:
    """Removes what the state just published needs no more.

    Args:
        sources: of that state. Versions of a report that is only quarantined stay.
    """
    sweep(index_dir)
    quarantined = {file.report_id for files in sources.quarantined.values() for file in files}
    sweep_versions(index_dir, sources.reports.keys() | quarantined)
    current = {origin.sha256 for origin in sources.reports.values()}
    sweep_originals(index_dir, current | archived_sha256s(index_dir))
