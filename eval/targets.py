"""Whom the questions are put to: the service in this process, or a server over HTTP.

Beside `eval.run`, which knows only the `Target` protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from corpus.errors import EvalError, YanbaoError
from indexer.records import Filters
from service.schemas import AskRequest, AskResponse, FilterRequest, SearchResponse

# A cold first answer may load an index; later ones take milliseconds.
TIMEOUT_S = 60.0


class AskError(EvalError):
    """One question got no answer; it is counted as an error, never as wrong.

    Args:
        unreachable: no server was there at all, so asking on is pointless.
    """

    def __init__(self, message: str, *, unreachable: bool = False) -> None:
        super().__init__(message)
        self.unreachable = unreachable


class Target(Protocol):
    """Whoever answers."""

    name: str

    def ask(self, request: AskRequest) -> dict[str, Any]:
        """The response as JSON. Raises `AskError`."""

    def search(self, query: str, k: int, filters: FilterRequest) -> list[dict[str, Any]]:
        """The passages nearest to the query as JSON, best first. Raises `AskError`."""

    def text(self, report_id: str) -> str:
        """The canonical text of a report. Raises KeyError if it is not there."""


class InProcess:
    """A callable of this process, such as `Answerer(snapshot).ask`."""

    def __init__(
        self,
        ask: Callable[[AskRequest], AskResponse],
        text: Callable[[str], str],
        search: Callable[[str, int, Filters], SearchResponse] | None = None,
        name: str = "in process",
    ) -> None:
        self.name = name
        self._ask = ask
        self._text = text
        self._search = search

    def ask(self, request: AskRequest) -> dict[str, Any]:
        """The response as JSON."""
        return self._shielded(lambda: self._ask(request))

    def search(self, query: str, k: int, filters: FilterRequest) -> list[dict[str, Any]]:
        """The passages nearest to the query as JSON, best first; none if it cannot search."""
        if self._search is None or not query.strip():
            return []
        searcher = self._search
        hits = self._shielded(lambda: searcher(query, k, filters.to_filters()))["hits"]
        return list(hits)

    def _shielded(self, call: Callable[[], BaseModel]) -> dict[str, Any]:
        try:
            return call().model_dump(mode="json")
        except YanbaoError as error:
            raise AskError(f"{type(error).__name__}: {error}") from error
        # A crash on one question is a finding, not the end of the run.
        except Exception as error:
            raise AskError(f"crashed with {type(error).__name__}: {error}") from error

    def text(self, report_id: str) -> str:
        """The canonical text of a report."""
        return self._text(report_id)


class Http:
    """A server that speaks the contract.

    Args:
        url: its base, such as http://127.0.0.1:8000.
        client: for tests; closed by `close` in any case.
    """

    def __init__(self, url: str, client: httpx.Client | None = None) -> None:
        self.name = url.rstrip("/")
        self._client = client or httpx.Client(timeout=TIMEOUT_S)

    def ask(self, request: AskRequest) -> dict[str, Any]:
        """The response as JSON."""
        body = request.model_dump(mode="json", exclude_none=True)
        return self._sent("POST", "/v1/ask", AskResponse, json=body)

    def search(self, query: str, k: int, filters: FilterRequest) -> list[dict[str, Any]]:
        """The passages nearest to the query as JSON, best first."""
        given = filters.model_dump(mode="json", exclude_none=True)
        parameters = {"q": query, "k": k, **given}
        reply = self._sent("GET", "/v1/search", SearchResponse, params=parameters)
        return list(reply["hits"])

    def text(self, report_id: str) -> str:
        """The canonical text of a report."""
        try:
            reply = self._client.get(f"{self.name}/v1/reports/{quote(report_id, safe='')}/text")
        except httpx.HTTPError as error:
            raise EvalError(f"{self.name}: {type(error).__name__}: {error}") from error
        if reply.status_code == 404:
            raise KeyError(report_id)
        if reply.status_code != 200:
            raise EvalError(f"{self.name} gave no text of {report_id}: {reply.status_code}")
        return reply.content.decode("utf-8")

    def _sent(
        self, method: str, path: str, shape: type[BaseModel], **content: Any
    ) -> dict[str, Any]:
        try:
            reply = self._client.request(method, self.name + path, **content)
        except httpx.HTTPError as error:
            raise AskError(
                f"{self.name}: {type(error).__name__}: {error}",
                unreachable=isinstance(error, httpx.ConnectError),
            ) from error
        if reply.status_code != 200:
            raise AskError(f"{self.name} answered {reply.status_code}: {reply.text[:200]}")
        try:
            return shape.model_validate_json(reply.content).model_dump(mode="json")
        except ValueError as error:
            raise AskError(f"{self.name} sent no answer of the contract: {error}") from error

    def close(self) -> None:
        """Ends the connections."""
        self._client.close()


def open_index(index_dir: Path) -> tuple[InProcess, Callable[[], None]]:
    """The published snapshot of an index as a target, and what closes it.

    Raises:
        IndexerError: nothing is published there, or it is corrupt.
    """
    from indexer.snapshot import open_snapshot
    from service.answering import Answerer

    snapshot = open_snapshot(index_dir)
    answerer = Answerer(snapshot, public_url="http://127.0.0.1:8000")
    name = f"snapshot {snapshot.id}"
    target = InProcess(answerer.ask, snapshot.text, answerer.search, name)
    return target, snapshot.close
