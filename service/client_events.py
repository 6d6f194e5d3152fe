"""Client events: an answer that arrives as a stream, line by line, as typed events.

Stands below `service.client`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from corpus.errors import ClientError
from service.schemas import AskResponse, Citation


@dataclass(frozen=True, slots=True)
class Meta:
    """What is known before the first word: id, question, snapshot …"""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delta:
    """The next words of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Sentence number `index` was not borne out; `text` takes its place."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation, before the words that use its marker."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer; the last event."""

    response: AskResponse


StreamEvent = Meta | Delta | Replace | Cited | Done


class EventReader:
    """Puts the lines of a stream together to events."""

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def line(self, line: str) -> StreamEvent | None:
        """The event that this line completes, if it does.

        Raises:
            ClientError: the stream tells of an error, or is none of ours.
        """
        if line:
            name, _, value = line.partition(":")
            if name == "event":
                self._name = value.strip()
            elif name == "data":
                self._data.append(value.removeprefix(" "))
            return None
        name, data = self._name, "\n".join(self._data)
        self._name, self._data = "", []
        return _event(name, data) if data else None


def _event(name: str, data: str) -> StreamEvent | None:
    try:
        fields = json.loads(data)
        match name:
            case "meta":
                return Meta(fields)
            case "delta":
                return Delta(fields["text"])
            case "replace":
                return Replace(fields["index"], fields["text"])
            case "citation":
                return Cited(Citation.model_validate(fields))
            case "done":
                return Done(AskResponse.model_validate(fields))
    except (ValueError, KeyError, TypeError) as error:
        raise ClientError(f"the stream holds no event of ours: {error}") from None
    if name == "error":
        raise ClientError(
            f"the answer broke off: {fields.get('detail')}",
            status=fields.get("status"),
            problem=fields,
        )
    return None  # an event of a later version
