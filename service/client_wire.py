"""Client wire: what the clients send, when they try again, and how replies are read.

Stands below `service.client`, so that the sync and the async client differ in nothing but waiting.
"""

from __future__ import annotations

import email.utils
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from corpus.errors import ClientError
from service.schemas import (
    AskRequest,
    AskResponse,
    FilterRequest,
    JobOut,
    ReportPage,
    SearchResponse,
    Turn,
)

if TYPE_CHECKING:
    from service.fact_list import FactPage

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

AGAIN: Final = frozenset({429, 503})
"""Statuses that say “not now”: nothing was done, so anything may be sent again."""

PAGE: Final = 200
"""Reports or facts fetched at once; both limits of the server are higher."""

FIRST_WAIT_S: Final = 0.25
MOST_WAIT_S: Final = 60.0
"""Bounds of a wait; a server's Retry-After counts up to the second one."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request and how its reply is read.

    Attributes:
        repeatable: it may have been done and is done again without harm.
        paths: files that are sent; opened anew for every try.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    paths: Sequence[Path] = ()
    repeatable: bool = True

    @contextmanager
    def request(self, client: httpx.Client | httpx.AsyncClient) -> Iterator[httpx.Request]:
        """The request, with its files open as long as the block runs."""
        with ExitStack() as stack:
            files = [
                ("file", (path.name, stack.enter_context(path.open("rb")))) for path in self.paths
            ]
            given = {name: value for name, value in self.params.items() if value is not None}
            yield client.build_request(
                self.method, self.path, params=given, json=self.json, files=files or None
            )


def ask_call(
    question: str | AskRequest, history: Sequence[Turn], filters: FilterRequest | None, more: Any
) -> Call[AskResponse]:
    """`POST /v1/ask`."""
    body = ask_body(question, history, filters, more)
    return Call("POST", "/v1/ask", shape(AskResponse), json=body)


def ask_body(
    question: str | AskRequest, history: Sequence[Turn], filters: FilterRequest | None, more: Any
) -> dict[str, Any]:
    """The body of a question; wrong values fail here, before anything is sent.

    Raises:
        ClientError: the question is not one.
    """
    try:
        asked = (
            question
            if isinstance(question, AskRequest)
            else AskRequest(
                question=question,
                history=list(history),
                filters=filters or FilterRequest(),
                **more,
            )
        )
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
        raise ClientError(f"this is no question to send: {told}") from None
    return asked.model_dump(mode="json", exclude_defaults=True) | {"question": asked.question}


def streamed_call(
    question: str | AskRequest, history: Sequence[Turn], filters: FilterRequest | None, more: Any
) -> Call[None]:
    """`POST /v1/ask` as a stream of events."""
    body = ask_body(question, history, filters, more) | {"stream": True}
    return Call("POST", "/v1/ask", lambda _: None, json=body)


def search_call(q: str, k: int, filters: FilterRequest | None) -> Call[SearchResponse]:
    """`GET /v1/search`."""
    wanted = filters.model_dump(mode="json", exclude_defaults=True) if filters else {}
    return Call("GET", "/v1/search", shape(SearchResponse), params={"q": q, "k": k, **wanted})


def reports_call(status: str | None, cursor: str | None) -> Call[ReportPage]:
    """`GET /v1/reports`, one page."""
    params = {"limit": PAGE, "status": status, "cursor": cursor}
    return Call("GET", "/v1/reports", shape(ReportPage), params=params)


def facts_call(wanted: Mapping[str, str | None], cursor: str | None) -> Call[FactPage]:
    """`GET /v1/facts`, one page."""
    from service.fact_list import FactPage  # imports the index, which a bare client does without

    params = {**wanted, "limit": PAGE, "cursor": cursor}
    return Call("GET", "/v1/facts", shape(FactPage), params=params)


def upload_call(paths: Sequence[Path | str]) -> Call[JobOut]:
    """`POST /v1/reports`; not sent again once it may have arrived."""
    files = [Path(path) for path in paths]
    return Call("POST", "/v1/reports", shape(JobOut), paths=files, repeatable=False)


def job_call(job_id: str) -> Call[JobOut]:
    """`GET /v1/jobs/{id}`."""
    return Call("GET", f"/v1/jobs/{segment(job_id)}", shape(JobOut))


def delete_call(report_id: str) -> Call[JobOut | None]:
    """`DELETE /v1/reports/{id}`."""

    def read(response: httpx.Response) -> JobOut | None:
        return None if response.status_code == 204 else shape(JobOut)(response)

    path = f"/v1/reports/{segment(report_id)}"
    return Call("DELETE", path, read, repeatable=False)


def feedback_call(answer_id: str, vote: str, comment: str, user: str | None) -> Call[str]:
    """`POST /v1/feedback`; not sent again once it may have arrived."""
    body = {"answer_id": answer_id, "vote": vote, "comment": comment}
    body |= {"user": user} if user is not None else {}

    def read(response: httpx.Response) -> str:
        return str(response.json()["feedback_id"])

    return Call("POST", "/v1/feedback", read, json=body, repeatable=False)


def shape(model: type[M]) -> Callable[[httpx.Response], M]:
    """Reads a reply as `model`; fields that it does not know are left out."""

    def read(response: httpx.Response) -> M:
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            raise ClientError(
                f"the server answers in another shape than {model.__name__} "
                f"({error.error_count()} faults); is it a yanbao of this version?",
                status=response.status_code,
            ) from None

    return read


def segment(name: str) -> str:
    """An id as one segment of a path."""
    return quote(name, safe="")


def is_passing(call: Call[Any], outcome: httpx.Response | httpx.TransportError) -> bool:
    """True if the same request may fare better in a moment, without being done twice."""
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in AGAIN
    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
    return isinstance(outcome, unsent) or call.repeatable


def wait_s(tries: int, outcome: httpx.Response | httpx.TransportError) -> float:
    """Seconds until the next try: what the server asks for, else doubling, with jitter."""
    grown = min(FIRST_WAIT_S * 2**tries, MOST_WAIT_S)
    spread: float = grown * random.uniform(0.5, 1.0)  # noqa: S311  # spreads clients, hides nothing
    if not isinstance(outcome, httpx.Response):
        return spread
    asked = _retry_after_s(outcome.headers.get("retry-after", ""))
    return spread if asked is None else min(max(asked, 0.0), MOST_WAIT_S) + spread / 10


def fault_of(outcome: httpx.Response | httpx.TransportError, url: str) -> ClientError:
    """What the caller is told."""
    if not isinstance(outcome, httpx.Response):
        what = str(outcome) or type(outcome).__name__
        return ClientError(f"{url} cannot be reached: {what}; is the server running?")
    try:
        problem = json.loads(outcome.content)
    except ValueError:
        problem = None
    problem = problem if isinstance(problem, dict) else {}
    said = problem.get("detail") or outcome.reason_phrase
    return ClientError(
        f"{url} answered {outcome.status_code}: {said}",
        status=outcome.status_code,
        problem=problem,
    )


def _retry_after_s(value: str) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return email.utils.parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError):
        return None
