"""Painting: pages of PDF reports as pictures, with the quoted words marked.

Stands beside the originals. pdfium is not thread-safe and a damaged file can kill it, so a child
process draws, one page at a time; pictures that were drawn are kept for a while.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from service.page_work import SCALE, Drawn, Wish, read_frame, write_frame
from service.problems import RETRY_AFTER_S, Problem

DRAW_S: Final = 20.0
"""How long one page may take; ordinary ones take a tenth of a second."""

WAIT_S: Final = 10.0
"""How long a request waits for its turn."""

KEPT_BYTES: Final = 32 * 2**20
"""Pictures kept in memory: about a hundred."""

Box = tuple[float, float, float, float]
Key = tuple[str, int, tuple[Box, ...], float]


class Painter:
    """Draws pages; safe to use from several threads."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._open = ""  # sha256 of the file that the child has open
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._keeping = threading.Lock()

    def draw(
        self,
        sha256: str,
        data: Callable[[], bytes],
        page: int,
        marks: tuple[Box, ...] = (),
        size: tuple[float, float] | None = None,
        scale: float = SCALE,
    ) -> bytes:
        """The PNG picture of a page.

        Args:
            data: gives the file of that sha256; called only if it is needed.
            page: from 1; it must be there.
            marks: boxes in points, origin top left.
            size: of the page in points, as the boxes know it.
            scale: pixels for each point.

        Raises:
            Problem: 422 the page cannot be drawn, 503 too many want pictures.
        """
        key = (sha256, page, marks, scale)
        with self._keeping:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if not self._turn.acquire(timeout=WAIT_S):
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            raise Problem(503, "Too many pages are being drawn.", headers=headers)
        try:
            held = None if self._open == sha256 and self._alive() else data()
            drawn = self._ask(Wish(held, page, list(marks), size, scale))
            self._open = sha256 if drawn is not None else ""
        finally:
            self._turn.release()
        if drawn is None or drawn.png is None:
            raise Problem(422, "This page cannot be drawn.", code="unreadable-page")
        self._keep(key, drawn.png)
        return drawn.png

    def close(self) -> None:
        """Ends the child."""
        child = self._child
        if child is not None:
            child.kill()
        with self._turn:
            self._end()

    def _alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _ask(self, wish: Wish) -> Drawn | None:
        """What the child makes of it; None if it died or took too long."""
        if not self._alive():
            self._end()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "service.page_work"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what a parser says of a stranger's file
                start_new_session=True,
            )
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            return None
        alarm = threading.Timer(DRAW_S, child.kill)
        alarm.start()
        try:
            write_frame(child.stdin, msgspec.msgpack.encode(wish))
            packed = read_frame(child.stdout)
        except OSError:
            packed = None
        finally:
            alarm.cancel()
        if packed is None:
            self._end()
            return None
        return msgspec.msgpack.decode(packed, type=Drawn)

    def _end(self) -> None:
        child, self._child, self._open = self._child, None, ""
        if child is not None:
            child.kill()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    _close(stream.close)
            child.wait()

    def _keep(self, key: Key, png: bytes) -> None:
        with self._keeping:
            self._kept[key] = png
            while sum(map(len, self._kept.values())) > KEPT_BYTES and len(self._kept) > 1:
                self._kept.popitem(last=False)


def _close(close: Callable[[], None]) -> None:
    """A pipe to a dead process may hold bytes that nobody will take."""
    try:
        close()
    except OSError:
        return
