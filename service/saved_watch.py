"""Saved watch: asks the saved questions again whenever another snapshot is served.

Stands beside the served snapshot, in a thread of its own; requests do not wait for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from corpus.errors import YanbaoError
from service.live import LiveIndex
from service.saved import ChangeOut, SavedQuestions

log = logging.getLogger(__name__)

LOOK_S: Final = 2.0
"""Seconds between looks: one small query, and a snapshot itself takes about a second to swap."""

ANNOUNCE_S: Final = 60.0
"""Seconds until changes that could not be announced are tried again."""

Announce = Callable[[Sequence[ChangeOut]], None]


class SavedWatch:
    """Keeps the saved questions answered from the newest snapshot.

    Args:
        announce: tells people of changes; raises OSError or YanbaoError if it could not. None:
            they are only kept.
    """

    def __init__(
        self, saved: SavedQuestions, live: LiveIndex, announce: Announce | None = None
    ) -> None:
        self._saved = saved
        self._live = live
        self._announce = announce
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._pause_s = 0.0

    def start(self) -> None:
        """Begins to look."""
        self._thread = threading.Thread(target=self._watch, name="yanbao-saved", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends; a question that is being asked is finished."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> int:
        """Asks what is due and announces what changed; returns the number of changes."""
        with self._live.lease() as served:
            changed = self._saved.ask_again(served.snapshot.id, served.answerer.ask)
        if self._announce is not None and self._pause_s <= 0:
            self._tell(self._announce)
        return changed

    def _tell(self, announce: Announce) -> None:
        changes = self._saved.take_unposted()
        if not changes:
            return
        try:
            announce(changes)
        except (YanbaoError, OSError) as error:
            log.error("changes of saved questions were not announced: %s", error)
            self._saved.put_back(changes)
            self._pause_s = ANNOUNCE_S

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_S):
            self._pause_s = max(0.0, self._pause_s - LOOK_S)
            try:
                self.look()
            except Exception:  # the watch must outlive any single look
                log.exception("saved questions could not be asked again")
