"""Language models as the reader sees them: words that stream in, failures that have a name.

A seam with two sides: an OpenAI-compatible server (`openai_model`) and a local folder
(`local_model`). Nothing heavy is imported before the first question is put to a model.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

Fault = Literal[
    "unreachable", "refused", "slow", "stalled", "empty", "garbage", "too_long", "busy", "unfit"
]

OPEN_AFTER: Final = 5
"""Failures in a row after which a model is left alone: it is down, and waiting helps nobody."""
OPEN_FOR_S: Final = 30.0
"""Seconds until it is tried again, by one question."""
_SLICE_S: Final = 0.1  # how soon a reader who has left is noticed


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a model."""

    role: Literal["system", "user"]
    content: str


class ModelFailed(Exception):  # foreign errors are translated to it once, at each model
    """The model gave no (further) words. `why` names the kind, `detail` is for the log."""

    def __init__(self, why: Fault, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why: Fault = why


class LanguageModel(Protocol):
    """Writes on after messages."""

    name: str

    def fits(self, messages: Sequence[Message]) -> bool:
        """True if the model can read all of it and still write an answer."""

    def begin(self, messages: Sequence[Message], stream: WordStream) -> None:
        """Starts writing into `stream` and returns at once."""

    def close(self) -> None:
        """Gives back connections and memory."""


class WordStream:
    """What a model writes, passed from its thread to the reader's, with deadlines.

    Args:
        first_s: seconds until the first words must be there. `total_s`: until all must be.
        gone: True once nobody waits for the answer any more.
    """

    def __init__(
        self, first_s: float, total_s: float, gone: Callable[[], bool] = lambda: False
    ) -> None:
        self._began = time.monotonic()
        self._first_at = self._began + min(first_s, total_s)
        self._last_at = self._began + total_s
        self._gone = gone
        self._items: queue.SimpleQueue[str | ModelFailed | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self.on_stop: Callable[[], object] = lambda: None

    @property
    def stopped(self) -> bool:
        """True once nobody reads any more: the model's thread should end."""
        return self._stopped.is_set()

    @property
    def left_s(self) -> float:
        """Seconds until the last words must be there."""
        return self._last_at - time.monotonic()

    def put(self, words: str) -> None:
        """The next words."""
        self._items.put(words)

    def end(self, failure: ModelFailed | None = None) -> None:
        """No more words: the model is done, or it failed."""
        self._items.put(failure)

    def words(self) -> Iterator[str]:
        """The words as they come; stops the model when the reader stops.

        Raises:
            ModelFailed: no first word in time, not all words in time, or the model failed.
        """
        begun = False
        try:
            while (words := self._next(begun)) is not None:
                begun = begun or bool(words.strip())
                yield words
            if not begun:
                raise ModelFailed("empty")
        finally:
            self.stop()

    def stop(self) -> None:
        """Tells the model that nobody reads any more."""
        if not self._stopped.is_set():
            self._stopped.set()
            self.on_stop()

    def _next(self, begun: bool) -> str | None:
        due = self._last_at if begun else self._first_at
        while True:
            left = due - time.monotonic()
            if left <= 0:
                raise ModelFailed("stalled" if begun else "slow")
            if self._gone():
                raise ModelFailed("stalled", "nobody waits for the answer")
            try:
                item = self._items.get(timeout=min(left, _SLICE_S))
            except queue.Empty:
                continue
            if isinstance(item, ModelFailed):
                raise item
            return item


class Breaker:
    """Leaves a model alone that has failed several times in a row.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until = 0.0

    def allows(self) -> bool:
        """True if the model may be asked; after a pause for one question at a time."""
        with self._lock:
            if self._failures < OPEN_AFTER:
                return True
            if self._clock() < self._closed_until:
                return False
            self._closed_until = self._clock() + OPEN_FOR_S  # this one tries it for all
            return True

    def worked(self) -> None:
        """The model answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """The model did not answer."""
        with self._lock:
            self._failures += 1
            if self._failures >= OPEN_AFTER:
                self._closed_until = self._clock() + OPEN_FOR_S
