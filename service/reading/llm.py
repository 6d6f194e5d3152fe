"""The model reader: a language model's words, sentence by sentence, each proven before it is shown.

A reader for prose: question + sources → statements. What the model leaves unproven is dropped or
replaced by the report's own sentence; when the model fails, its failure has a name and the caller
falls back on the extractive answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from corpus.normalise import fold
from service.language_models import Breaker, Fault, LanguageModel, ModelFailed, WordStream
from service.reading.draft import Evidence, Statement
from service.reading.llm_checks import Checker
from service.reading.llm_sources import CANNOT, Entry, Window, messages_for
from service.reading.scope import Scope
from service.reading.sentences import shown

log = logging.getLogger(__name__)

MAX_SENTENCES: Final = 6
"""The prompt asks for at most four; more is chatter."""
MAX_SENTENCE: Final = 300
"""Characters without an end of sentence; more is no sentence of an answer."""
MAX_UNPROVEN: Final = 4
"""Sentences without proof after which the model is not listened to any longer."""
REPLACE_FROM: Final = 0.5
"""Closeness from which an unproven sentence was plainly made from one place of the report."""

REPLACED: Final = "模型的这句话未获资料支持，已换成报告原文"
_MARK: Final = re.compile(
    r"[\[【［〔(（]\s*(?:资料|来源)?\s*(\d{1,2}(?:\s*[,，、]\s*\d{1,2})*)\s*[\]】］〕)）]"
)
_TAIL: Final = re.compile(rf"[”」』）)\"]*(?:\s*{_MARK.pattern})*\s*")
_END: Final = re.compile(r"[。！？!?；;\n]")
_THOUGHT: Final = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_BULLET: Final = re.compile(r"^(?:\s*(?:[-*•·#>]+|\d{1,2}[.、)）]|[（(]\d{1,2}[)）])\s*)+|\*\*|__")


@dataclass(slots=True)
class Reading:
    """What came of a model's answer.

    Args:
        statements: what is shown, in order. `dropped`, `replaced`: sentences without proof.
        failure: why the model ended before its answer did; None if it did not.
    """

    statements: list[Statement] = field(default_factory=list)
    dropped: int = 0
    replaced: int = 0
    failure: Fault | None = None

    @property
    def proven(self) -> int:
        """Sentences of the model's own that are shown."""
        return len(self.statements) - self.replaced


class ModelReader:
    """Reads with one language model; safe to use from several threads.

    Args:
        first_s: seconds until the model's first words. `total_s`: until its last.
    """

    def __init__(self, model: LanguageModel, first_s: float, total_s: float) -> None:
        self.model = model
        self.total_s = total_s
        self._first_s = first_s
        self._breaker = Breaker()

    @property
    def name(self) -> str:
        """What stands in `models.reader`."""
        return f"llm:{self.model.name}"

    def read(
        self,
        question: str,
        entries: list[Entry],
        scope: Scope,
        checker: Checker,
        say: Callable[[Statement], None] = lambda _: None,
        gone: Callable[[], bool] = lambda: False,
    ) -> Reading:
        """The proven sentences of the model's answer; each is passed to `say` at once."""
        reading = Reading()
        if not self._breaker.allows():
            reading.failure = "busy"
            return reading
        stream = WordStream(self._first_s, self.total_s, gone)
        try:
            self._put(question, entries, stream)
            for sentence, markers in marked_sentences(stream.words()):
                case = _Case(question, sentence, markers, entries, scope, checker)
                if not self._take(case, reading, say):
                    break
        except ModelFailed as failure:
            log.warning("the language model failed: %s", failure)
            reading.failure = failure.why
            if not gone():
                self._breaker.failed()
        else:
            self._breaker.worked()
        finally:
            stream.stop()
        return reading

    def _put(self, question: str, entries: list[Entry], stream: WordStream) -> None:
        """Puts the question to the model, with as many sources as it can read."""
        for count in (len(entries), 4, 2, 1):
            messages = messages_for(question, entries[:count])
            if self.model.fits(messages):
                break
        self.model.begin(messages, stream)

    def _take(self, case: _Case, reading: Reading, say: Callable[[Statement], None]) -> bool:
        """Shows, replaces or drops one sentence; False if no more are wanted."""
        if CANNOT.match(case.sentence):
            return False
        if not case.checker.says_something(case.sentence):
            return True
        statement = case.proven() or case.replacement()
        if statement is None or not _is_new(statement, reading.statements):
            reading.dropped += 1  # it says the same again: a model in a loop never ends by itself
        else:
            reading.replaced += statement.note is not None
            reading.statements.append(statement)
            say(statement)
        enough = len(reading.statements) >= MAX_SENTENCES
        return not enough and reading.dropped + reading.replaced < MAX_UNPROVEN


@dataclass(frozen=True, slots=True)
class _Case:
    """One sentence of a model, before the sources that it had."""

    question: str
    sentence: str
    markers: list[int]
    entries: list[Entry]
    scope: Scope
    checker: Checker

    def proven(self) -> Statement | None:
        """The sentence with the places that bear it: at its markers; said in the report's own
        words, wherever it stands."""
        cited = [e for e in self.entries if e.number in self.markers]
        windows = [w for e in cited or self.entries for w in e.windows]
        places = self.checker.places(self.sentence, windows, self.question)
        if not places and cited:
            others = [w for e in self.entries if e not in cited for w in e.windows]
            places = self.checker.place(self.sentence, others, self.question)
        return _statement(self.sentence, places, self.scope, None) if places else None

    def replacement(self) -> Statement | None:
        """The report's own sentence that an unproven one was made from; None if there is none."""
        cited = (w for e in self.entries if e.number in self.markers for w in e.windows)
        near = self.checker.nearest(self.sentence, cited)
        if near is None or near.closeness < REPLACE_FROM or near.window.evidence.fact is not None:
            return None
        words = shown(near.window.text).rstrip("；;。")
        if "\t" in near.window.text or len(words) > MAX_SENTENCE:
            return None
        if not self.checker.is_about(self.question, near.window):
            return None
        return _statement(words, (near.window,), self.scope, REPLACED)


def marked_sentences(words: Iterator[str]) -> Iterator[tuple[str, list[int]]]:
    """The sentences of a stream as soon as each is whole, with the markers in and behind it.

    Raises:
        ModelFailed: there is no end of a sentence where one is due.
    """
    text, done = "", False
    while not done:
        piece = next(words, None)
        done = piece is None
        text += piece or ""
        if "<think>" in text:
            if "</think>" not in text and not done:
                continue
            text = _THOUGHT.sub("", text)
        while (cut := _cut(text, done)) is not None:
            sentence, text = text[:cut], text[cut:]
            found = _cleaned(sentence)
            if found[0]:
                yield found
        if len(text) > MAX_SENTENCE:
            raise ModelFailed("garbage", "a sentence without end")


def _cut(text: str, done: bool) -> int | None:
    """Where the first whole sentence ends, its markers included; None if it may still go on."""
    at = 0
    while (end := _END.search(text, at)) is not None:
        tail = _TAIL.match(text, end.end())
        stop = tail.end() if tail else end.end()
        if stop == len(text) and not done:
            return None  # a marker may follow
        open_mark = re.match(r"\s*[\[【［]", text[stop:])
        if open_mark and not done and len(text) - stop < 12:
            return None  # … or has begun
        if text[:stop].strip():
            return stop
        at = stop
    return len(text) if done and text.strip() else None


def _cleaned(sentence: str) -> tuple[str, list[int]]:
    """The words without markers, list marks and end, and the numbers of the markers."""
    markers = [int(n) for m in _MARK.finditer(sentence) for n in re.findall(r"\d+", m.group(1))]
    bare = _BULLET.sub("", _MARK.sub("", sentence))
    bare = re.sub(r"\s+", " ", bare).strip().rstrip("。；; ").strip()
    return bare, list(dict.fromkeys(markers))


def _statement(words: str, places: tuple[Window, ...], scope: Scope, note: str | None) -> Statement:
    evidence: tuple[Evidence, ...] = tuple(place.evidence for place in places)
    labels = dict.fromkeys(scope.label(e.report_id) for e in evidence)
    return Statement(f"{'、'.join(labels)}：{words}", evidence, (words,), note)


def _is_new(statement: Statement, said: list[Statement]) -> bool:
    return all(fold(statement.text) != fold(other.text) for other in said)
