"""Doctor: checks settings and index and says of each whether it is well.

Stands beside the command `serve`: what it would stumble over is told before.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable

from corpus.errors import YanbaoError
from indexer.snapshot import Snapshot
from service.opening import Opener
from service.schemas import AskRequest
from service.settings import ENV_PREFIX, Settings

IGNORED = frozenset({"YANBAO_TEST_DATA", "YANBAO_PIP_ARGS"})
"""Names that tests and `make install` read; they are no settings of the service."""


def examine(settings: Settings) -> int:
    """Prints one line a check; 1 if anything is ill, else 0."""
    opener = Opener(settings)
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", platform.python_version),
        ("settings", lambda: _settings(settings)),
        ("vocabulary", lambda: f"{len(opener.vocabulary.metrics)} metrics"),
        ("embedder", lambda: opener.embedder.name if opener.embedder else "built into the index"),
        ("index", lambda: _index(settings, opener.snapshot())),
        ("answer", lambda: _answer(opener)),
    ]
    ill = 0
    for name, check in checks:
        try:
            print(f"ok    {name}: {check()}")
        except (YanbaoError, OSError) as error:
            ill += 1
            print(f"ILL   {name}: {' '.join(str(error).split())}")
    return 1 if ill else 0


def _settings(settings: Settings) -> str:
    known = {f"{ENV_PREFIX}{name.upper()}" for name in type(settings).model_fields} | IGNORED
    unknown = sorted(n for n in os.environ if n.startswith(ENV_PREFIX) and n not in known)
    told = f"; not known and ignored: {', '.join(unknown)}" if unknown else ""
    return f"citations begin with {settings.base_url}{told}"


def _index(settings: Settings, snapshot: Snapshot) -> str:
    try:
        quarantined = len(snapshot.quarantined())
        return (
            f"{settings.index}: snapshot {snapshot.id[:12]} verified, "
            f"{len(snapshot.report_ids())} reports, {snapshot.chunk_count()} passages, "
            f"{quarantined} quarantined"
        )
    finally:
        snapshot.close()


def _answer(opener: Opener) -> str:
    served = opener.served()
    try:
        response = served.answerer.ask(AskRequest(question="收录了哪些报告？"))
        return f"a question takes {response.timings_ms.total:.0f} ms"
    finally:
        served.snapshot.close()
