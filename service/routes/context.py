"""What a route works with: the running service, validated queries, computing in the pool.

Stands between the HTTP app and its routes.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from service.asking import Desk
from service.intake import Intake
from service.keys import Keys, Scope
from service.limits import WorkPool
from service.live import LiveIndex, Served
from service.metrics import Metrics
from service.painting import Painter
from service.problems import Problem, invalid, invalid_fields, no_model
from service.schemas import AskRequest, AskResponse
from service.settings import Settings
from service.store import Store
from service.streaming import Listener

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page, held in memory."""

    content: bytes
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Service:
    """All that one running app holds."""

    settings: Settings
    live: LiveIndex
    pool: WorkPool
    slow_pool: WorkPool
    metrics: Metrics
    page: dict[str, Asset]
    store: Store
    keys: Keys
    intake: Intake
    desk: Desk
    painter: Painter


def service_of(request: Request) -> Service:
    """The service behind this request."""
    service: Service = request.app.state.service
    return service


async def compute(request: Request, work: Callable[[Served], T]) -> T:
    """What `work` returns for the served snapshot, computed in the pool."""
    service = service_of(request)

    def with_snapshot() -> T:
        with service.live.lease() as served:
            return work(served)

    return await service.pool.run(with_snapshot, service.settings.ask_timeout_s)


async def answer(
    request: Request, asked: AskRequest, listener: Listener | None = None
) -> tuple[AskResponse, str]:
    """The answer and its JSON, made in the pool that its kind belongs to.

    Raises:
        Problem: 501, the reader `llm` without a model; 503, overload.
    """
    service = service_of(request)
    desk, settings = service.desk, service.settings
    if asked.reader == "llm" and desk.model is None:
        raise no_model()
    slow = desk.wants_model(asked)
    quick = slow and service.slow_pool.taken >= service.slow_pool.places
    pool = service.slow_pool if slow and not quick else service.pool
    timeout_s = settings.ask_timeout_s + (settings.llm_total_s if slow and not quick else 0)

    def work() -> tuple[AskResponse, str]:
        with service.live.lease() as served:
            return desk.ask(served.answerer, asked, listener, quick)

    return await pool.run(work, timeout_s)


def json_response(body: bytes | str) -> Response:
    """A ready JSON text."""
    return Response(body, media_type="application/json")


def read_query(request: Request, shape: type[M]) -> M:
    """The query string as `shape`; lists are repeated parameters.

    Raises:
        Problem: 422, a parameter is unknown, repeated or wrong.
    """
    values: dict[str, Any] = {}
    for name in request.query_params:
        field = shape.model_fields.get(name)
        if field is None:
            raise invalid("query", "an unknown parameter")
        given = request.query_params.getlist(name)
        is_list = get_origin(field.annotation) is list
        if not is_list and len(given) > 1:
            raise invalid(f"query.{name}", "given more than once")
        values[name] = given if is_list else given[0]
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise invalid_fields("query", error) from None


async def guard_reads(request: Request) -> None:
    """Lets in this machine and holders of a key.

    Raises:
        Problem: 401 for another machine without a valid key.
    """
    if service_of(request).settings.open_reads or is_loopback(request) or _scope(request):
        return
    raise _key_needed("Reading from another machine needs a key (Authorization: Bearer KEY).")


async def guard_writes(request: Request) -> None:
    """Lets in holders of a key for writing, wherever they are.

    Raises:
        Problem: 401 without a valid key, 403 with one that may read only.
    """
    scope = _scope(request)
    if scope is None:
        raise _key_needed("Writing needs a key (Authorization: Bearer KEY).")
    if scope != "write":
        raise Problem(403, "This key may read only.")


def _key_needed(detail: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})


def is_loopback(request: Request) -> bool:
    """True if the request comes from this machine."""
    if request.client is None:
        return True  # a Unix socket: only this machine can reach it
    try:
        address = ipaddress.ip_address(request.client.host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # ::ffff:127.0.0.1 on a dual-stack socket
    return (mapped or address).is_loopback


def _scope(request: Request) -> Scope | None:
    """What the key of this request allows; None without a valid one."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    given = sent.strip()
    if scheme.lower() != "bearer" or not given:
        return None
    service = service_of(request)
    if service.settings.api_key is not None:
        wanted = service.settings.api_key.get_secret_value().encode()
        # In constant time, so that the key cannot be found letter by letter.
        if hmac.compare_digest(given.encode(), wanted):
            return "write"
    return service.keys.scope_of(given)
