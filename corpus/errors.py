"""The one error tree of the project; every package raises from its own branch.

    YanbaoError
    ├── CorpusError                 a source cannot become a report
    │   ├── UnreadableFile          one file: quarantined, the rest goes on
    │   └── SourceError             the paths themselves: nothing there, ids repeated
    ├── IndexerError                the index cannot be built or served
    │   ├── SnapshotMissing         nothing was ever published there
    │   ├── SnapshotCorrupt         a file differs from its manifest
    │   ├── SnapshotMismatch        made with another embedder, dictionary or format
    │   └── IndexLocked             another process is writing it
    ├── ServiceError                a question cannot be served
    │   ├── SettingsError           a setting is wrong; all faults are named at once
    │   ├── UnknownReport           no report of that id in the snapshot
    │   ├── StoreError              answers, feedback, jobs cannot be kept or looked up
    │   ├── UnknownSaved            no saved question of that id
    │   ├── TooManySaved            no room for one more saved question
    │   ├── ClientError             a yanbao server refuses or cannot be reached (service.client)
    │   └── NotServed               in the contract, not built yet (HTTP 501)
    └── EvalError
        └── GoldenError             a golden file is wrong; file and line are named

A message says what was met, what was expected and what to do.
"""

from collections.abc import Mapping


class YanbaoError(Exception):
    """Base of every error that this project raises on purpose."""


class CorpusError(YanbaoError):
    """A source cannot become a report."""


class UnreadableFile(CorpusError):
    """One file cannot be read as a report; it is quarantined and the rest goes on.

    Args:
        name: the file as the user knows it.
        reason: what was met, what was expected, what to do.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class SourceError(CorpusError):
    """The given paths hold no report, do not exist, or repeat an id."""


class IndexerError(YanbaoError):
    """The index cannot be built or served."""


class SnapshotMissing(IndexerError):
    """No snapshot was ever published in that folder."""


class SnapshotCorrupt(IndexerError):
    """A snapshot's file is missing or differs from its manifest."""


class SnapshotMismatch(IndexerError):
    """The snapshot was made with another embedder, dictionary or format version."""


class IndexLocked(IndexerError):
    """Another process is writing this index."""


class ServiceError(YanbaoError):
    """A question cannot be served."""


class SettingsError(ServiceError):
    """One or more settings are wrong."""


class UnknownReport(ServiceError):
    """No report of that id is in the snapshot."""


class StoreError(ServiceError):
    """The store of answers, feedback and jobs cannot be read or written."""


class UnknownSaved(ServiceError):
    """No question is saved under that id."""


class TooManySaved(ServiceError):
    """There is no room for one more saved question."""


class ClientError(ServiceError):
    """A yanbao server refused a request, or could not be reached.

    Args:
        status: HTTP status; None where there was no reply.
        problem: the problem document that came back, if one did.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        problem: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = dict(problem or {})


class NotServed(ServiceError):
    """The contract names it, this version does not serve it yet."""


class EvalError(YanbaoError):
    """An evaluation cannot run."""


class GoldenError(EvalError):
    """A golden file is wrong; the message names file and line."""
