"""Problems: every error as RFC 9457 `application/problem+json`, without a word of the input.

Stands at the border: the error tree of `corpus.errors` becomes an HTTP status here and only here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from corpus import errors
from service.strict_json import MalformedJson, UnfitJson

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 1
"""Seconds until a full queue is worth another try: a queue of 64 is empty after about one."""

STATUS_OF: Final[Mapping[type[errors.YanbaoError], tuple[int, str]]] = {
    errors.UnknownReport: (404, "unknown-report"),
    errors.UnknownSaved: (404, "unknown-saved"),
    errors.TooManySaved: (409, "too-many-saved"),
    errors.NotServed: (501, "not-served"),
    errors.CorpusError: (422, "unreadable-report"),
    errors.IndexLocked: (503, "index-locked"),
    errors.IndexerError: (503, "index-unavailable"),
    errors.StoreError: (503, "store-unavailable"),
    errors.YanbaoError: (500, "internal"),
}
"""The one table from the error tree to HTTP; the nearest base class in the list counts."""

CODE_OF: Final[Mapping[int, str]] = {
    400: "malformed-request",
    401: "key-needed",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slow",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
    500: "internal",
    501: "not-served",
    503: "overloaded",
}


class Problem(Exception):  # the word of the field
    """A refusal of a request, ready to be sent.

    Args:
        status: HTTP status.
        detail: one sentence: what was met, what was expected; never the input itself.
        faults: for 422, the place and the fault of each wrong field.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        faults: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or CODE_OF.get(status, "problem")
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> bytes:
        """The problem document."""
        document: dict[str, Any] = {
            "type": f"urn:yanbao:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.faults:
            document["errors"] = [dict(fault) for fault in self.faults]
        return json.dumps(document, ensure_ascii=False).encode()


def not_served(what: str) -> Problem:
    """The answer to a part of the contract that this version does not serve yet."""
    return Problem(501, f"{what} is in the contract, but this version does not serve it yet.")


def no_model() -> Problem:
    """The reader `llm` where no language model is configured."""
    return Problem(
        501,
        "The reader 'llm' needs a language model: set YANBAO_OPENAI_BASE_URL or YANBAO_MODEL.",
        code="no-language-model",
    )


def invalid(place: str, fault: str) -> Problem:
    """A 422 with one fault."""
    return Problem(
        422, "The request is not valid; see errors.", faults=[{"loc": place, "msg": fault}]
    )


def invalid_fields(where: str, error: ValidationError) -> Problem:
    """A 422 with place and fault of each wrong field, without values and unknown names."""
    faults = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        place = [str(part) for part in fault["loc"]]
        if fault["type"] == "extra_forbidden":
            place[-1] = "…"  # an unknown field's name is the caller's input
        faults.append({"loc": ".".join([where, *place]), "msg": fault["msg"]})
    return Problem(422, "The request is not valid; see errors.", faults=faults[:50])


def problem_of(error: Exception) -> Problem:
    """What the caller is told of `error`; unknown errors tell nothing of themselves."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return _of_http(error)
        case MalformedJson():
            return Problem(400, f"The body is malformed: {error}.")
        case UnfitJson():
            faults = [{"loc": "body", "msg": fault} for fault in error.faults]
            return Problem(422, "The request is not valid; see errors.", faults=faults)
        case ValidationError():
            return invalid_fields("body", error)
        case RequestValidationError():
            return Problem(422, "The path or query is not valid.")
        case errors.YanbaoError():
            return _of_tree(error)
        case _:
            return Problem(500, "The service failed; the log names this request.")


def problem_response(request: Request, error: Exception) -> Response:
    """The response for `error`; failures of ours are logged with the request's id."""
    problem = problem_of(error)
    request_id = str(request.scope.get("state", {}).get("request_id", ""))
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request %s failed", request_id, exc_info=error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        problem.headers["Allow"] = ", ".join(_methods_of(request))
    return Response(
        problem.body(request_id),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def _methods_of(request: Request) -> list[str]:
    """All methods of this path; the router itself names those of its first route only."""
    routes = request.app.routes
    found = [
        method
        for method in ("DELETE", "GET", "POST")
        if any(r.matches({**request.scope, "method": method})[0] == Match.FULL for r in routes)
    ]
    return sorted([*found, "HEAD"]) if "GET" in found else found


def _of_http(error: HTTPException) -> Problem:
    """Errors of the framework: no such route, wrong method."""
    details = {404: "Nothing is served under this path.", 405: "This path takes other methods."}
    detail = details.get(error.status_code, HTTPStatus(error.status_code).phrase + ".")
    return Problem(error.status_code, detail, headers=error.headers)


def _of_tree(error: errors.YanbaoError) -> Problem:
    """Our own errors. Those of the index name paths of this machine, so they stay in the log."""
    for kind in type(error).__mro__:
        if kind in STATUS_OF:
            status, code = STATUS_OF[kind]
            break
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        log.error("the index is not available: %s", error)
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        what = "store" if isinstance(error, errors.StoreError) else "index"
        return Problem(status, f"The {what} is not available.", code=code, headers=headers)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return Problem(status, "The service failed; the log names this request.", code=code)
    return Problem(status, str(error), code=code)
