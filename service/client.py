"""Client: yanbao over HTTP for Python programs, sync and async, typed and patient.

Stands outside the service, like any other caller; the Slack bot and `examples/` use it.

    from service.client import Client

    with Client("http://127.0.0.1:8000") as yanbao:
        answer = yanbao.ask("蓝色光标 2024 年的 EPS 是多少？")
        print(answer.answer, answer.citations[0].url)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

import httpx

from corpus.errors import ClientError
from service import client_wire as wire
from service.client_events import Cited, Delta, Done, EventReader, Meta, Replace, StreamEvent
from service.client_wire import Call, fault_of, is_passing, segment, shape, wait_s
from service.schemas import (
    AskRequest,
    AskResponse,
    FilterRequest,
    JobOut,
    ReportOut,
    SearchResponse,
    Turn,
)

if TYPE_CHECKING:
    from service.fact_list import FactOut

__all__ = [
    "AsyncClient",
    "Cited",
    "Client",
    "ClientError",
    "Delta",
    "Done",
    "Meta",
    "Replace",
    "StreamEvent",
]

T = TypeVar("T")

TIMEOUT_S: Final = 30.0
"""Seconds to wait for a reply; an answer takes milliseconds, a model's longer."""

TRIES: Final = 5
"""How often a request is sent at most: with doubling waits that outlasts a restart."""


class _Options:
    """What both clients are made from."""

    def __init__(self, url: str, key: str | None, timeout_s: float, tries: int) -> None:
        if tries < 1:
            raise ValueError(f"tries: {tries} is no number of tries, at least 1")
        self.url = url.rstrip("/")
        self.tries = tries
        self.given: dict[str, Any] = {
            "base_url": self.url,
            "timeout": httpx.Timeout(timeout_s, connect=min(timeout_s, 5.0)),
            "headers": {"Authorization": f"Bearer {key}"} if key else {},
            "trust_env": False,  # a proxy of the environment must not see the questions
        }


class Client:
    """yanbao at `url`, one request after the other; safe to use from several threads.

    429, 503 and broken connections are tried again, after what Retry-After asks for or doubling
    waits. All methods raise `ClientError` when the server refuses or stays out of reach.

    Args:
        url: `http://127.0.0.1:8000`.
        key: of `yanbao keys` or `YANBAO_API_KEY`, for writing and for reading from elsewhere.
        timeout_s: seconds to wait for each reply. tries: how often to send at most.
        sleep: how to wait.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        tries: int = TRIES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._options = _Options(url, key, timeout_s, tries)
        self._http = httpx.Client(**self._options.given)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def ask(
        self,
        question: str | AskRequest,
        history: Sequence[Turn] = (),
        filters: FilterRequest | None = None,
        **more: Any,
    ) -> AskResponse:
        """The answer with its citations; `more`: further fields of `AskRequest`."""
        return self._send(wire.ask_call(question, history, filters, more))

    def stream(
        self,
        question: str | AskRequest,
        history: Sequence[Turn] = (),
        filters: FilterRequest | None = None,
        **more: Any,
    ) -> Iterator[StreamEvent]:
        """The answer while it is made: `Meta`, `Delta` …, `Cited` …, at last `Done`."""
        call = wire.streamed_call(question, history, filters, more)
        response = self._open(call, stream=True)
        reader = EventReader()
        try:
            for line in response.iter_lines():
                if (event := reader.line(line)) is not None:
                    yield event
        except httpx.TransportError as error:
            raise fault_of(error, self._options.url) from error
        finally:
            response.close()

    def search(self, q: str, k: int = 10, filters: FilterRequest | None = None) -> SearchResponse:
        """The passages nearest to `q`, best first."""
        return self._send(wire.search_call(q, k, filters))

    def reports(
        self, status: Literal["indexed", "quarantined"] | None = None
    ) -> Iterator[ReportOut]:
        """All reports by id, fetched page by page."""
        cursor: str | None = None
        while True:
            page = self._send(wire.reports_call(status, cursor))
            yield from page.reports
            if (cursor := page.next) is None:
                return

    def report(self, report_id: str) -> ReportOut:
        """One report."""
        return self._send(Call("GET", f"/v1/reports/{segment(report_id)}", shape(ReportOut)))

    def text(self, report_id: str) -> str:
        """The canonical text of a report; all offsets point into it."""
        path = f"/v1/reports/{segment(report_id)}/text"
        return self._send(Call("GET", path, lambda reply: reply.content.decode("utf-8")))

    def upload(self, paths: Sequence[Path | str]) -> JobOut:
        """Sends report files to be indexed; `wait` follows the job to its end."""
        return self._send(wire.upload_call(paths))

    def job(self, job_id: str) -> JobOut:
        """How a job stands."""
        return self._send(wire.job_call(job_id))

    def wait(self, job: JobOut, timeout_s: float = 600.0, every_s: float = 0.5) -> JobOut:
        """The job once it is done or failed.

        Raises:
            ClientError: it is still going on after `timeout_s`.
        """
        ends = time.monotonic() + timeout_s
        while job.status in {"queued", "running"}:
            if time.monotonic() > ends:
                raise ClientError(f"job {job.job_id} is still {job.status} after {timeout_s:g} s")
            self._sleep(every_s)
            job = self.job(job.job_id)
        return job

    def delete(self, report_id: str) -> JobOut | None:
        """Removes a report. None: it is gone; a job: the server is still at it."""
        return self._send(wire.delete_call(report_id))

    def facts(
        self,
        company: str | None = None,
        metric: str | None = None,
        period: str | None = None,
        broker: str | None = None,
    ) -> Iterator[FactOut]:
        """Figures with unit, period and citation, fetched page by page."""
        wanted = {"company": company, "metric": metric, "period": period, "broker": broker}
        cursor: str | None = None
        while True:
            page = self._send(wire.facts_call(wanted, cursor))
            yield from page.facts
            if (cursor := page.next) is None:
                return

    def answer(self, answer_id: str) -> AskResponse:
        """An earlier answer."""
        return self._send(Call("GET", f"/v1/answers/{segment(answer_id)}", shape(AskResponse)))

    def feedback(
        self,
        answer_id: str,
        vote: Literal["up", "down"],
        comment: str = "",
        user: str | None = None,
    ) -> str:
        """Keeps a vote on an answer; returns its id."""
        return self._send(wire.feedback_call(answer_id, vote, comment, user))

    def _send(self, call: Call[T]) -> T:
        return call.read(self._open(call))

    def _open(self, call: Call[Any], *, stream: bool = False) -> httpx.Response:
        """The reply of the first try that succeeds."""
        tries = 0
        while True:
            outcome = self._once(call, stream)
            if isinstance(outcome, httpx.Response) and outcome.is_success:
                return outcome
            tries += 1
            if tries >= self._options.tries or not is_passing(call, outcome):
                raise fault_of(outcome, self._options.url)
            self._sleep(wait_s(tries - 1, outcome))

    def _once(self, call: Call[Any], stream: bool) -> httpx.Response | httpx.TransportError:
        with call.request(self._http) as request:
            try:
                response = self._http.send(request, stream=stream)
                if stream and not response.is_success:
                    response.read()
                return response
            except httpx.TransportError as error:
                return error


class AsyncClient:
    """The same as `Client`, for programs that run an event loop; see there.

    Args:
        sleep: how to wait.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        key: str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        tries: int = TRIES,
        sleep: Callable[[float], Any] = asyncio.sleep,
    ) -> None:
        self._options = _Options(url, key, timeout_s, tries)
        self._http = httpx.AsyncClient(**self._options.given)
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def ask(
        self,
        question: str | AskRequest,
        history: Sequence[Turn] = (),
        filters: FilterRequest | None = None,
        **more: Any,
    ) -> AskResponse:
        """The answer with its citations; `more`: further fields of `AskRequest`."""
        return await self._send(wire.ask_call(question, history, filters, more))

    async def stream(
        self,
        question: str | AskRequest,
        history: Sequence[Turn] = (),
        filters: FilterRequest | None = None,
        **more: Any,
    ) -> AsyncIterator[StreamEvent]:
        """The answer while it is made: `Meta`, `Delta` …, `Cited` …, at last `Done`."""
        call = wire.streamed_call(question, history, filters, more)
        response = await self._open(call, stream=True)
        reader = EventReader()
        try:
            async for line in response.aiter_lines():
                if (event := reader.line(line)) is not None:
                    yield event
        except httpx.TransportError as error:
            raise fault_of(error, self._options.url) from error
        finally:
            with suppress(httpx.TransportError):
                await response.aclose()

    async def search(
        self, q: str, k: int = 10, filters: FilterRequest | None = None
    ) -> SearchResponse:
        """The passages nearest to `q`, best first."""
        return await self._send(wire.search_call(q, k, filters))

    async def reports(
        self, status: Literal["indexed", "quarantined"] | None = None
    ) -> AsyncIterator[ReportOut]:
        """All reports by id, fetched page by page."""
        cursor: str | None = None
        while True:
            page = await self._send(wire.reports_call(status, cursor))
            for report in page.reports:
                yield report
            if (cursor := page.next) is None:
                return

    async def upload(self, paths: Sequence[Path | str]) -> JobOut:
        """Sends report files to be indexed."""
        return await self._send(wire.upload_call(paths))

    async def job(self, job_id: str) -> JobOut:
        """How a job stands."""
        return await self._send(wire.job_call(job_id))

    async def delete(self, report_id: str) -> JobOut | None:
        """Removes a report. None: it is gone; a job: the server is still at it."""
        return await self._send(wire.delete_call(report_id))

    async def facts(
        self,
        company: str | None = None,
        metric: str | None = None,
        period: str | None = None,
        broker: str | None = None,
    ) -> AsyncIterator[FactOut]:
        """Figures with unit, period and citation, fetched page by page."""
        wanted = {"company": company, "metric": metric, "period": period, "broker": broker}
        cursor: str | None = None
        while True:
            page = await self._send(wire.facts_call(wanted, cursor))
            for fact in page.facts:
                yield fact
            if (cursor := page.next) is None:
                return

    async def feedback(
        self,
        answer_id: str,
        vote: Literal["up", "down"],
        comment: str = "",
        user: str | None = None,
    ) -> str:
        """Keeps a vote on an answer; returns its id."""
        return await self._send(wire.feedback_call(answer_id, vote, comment, user))

    async def _send(self, call: Call[T]) -> T:
        return call.read(await self._open(call))

    async def _open(self, call: Call[Any], *, stream: bool = False) -> httpx.Response:
        tries = 0
        while True:
            outcome = await self._once(call, stream)
            if isinstance(outcome, httpx.Response) and outcome.is_success:
                return outcome
            tries += 1
            if tries >= self._options.tries or not is_passing(call, outcome):
                raise fault_of(outcome, self._options.url)
            await self._sleep(wait_s(tries - 1, outcome))

    async def _once(self, call: Call[Any], stream: bool) -> httpx.Response | httpx.TransportError:
        with call.request(self._http) as request:
            try:
                response = await self._http.send(request, stream=stream)
                if stream and not response.is_success:
                    await response.aread()
                return response
            except httpx.TransportError as error:
                return error
