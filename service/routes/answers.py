"""Routes of what was answered before: `GET /v1/answers/{id}` and `POST /v1/feedback`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.answers import Kept
from service.feedback import FeedbackRequest, FeedbackResponse, keep_feedback
from service.limits import read_json
from service.problems import Problem
from service.routes.context import compute, guard_reads, json_response, service_of
from service.schemas import AskResponse

router = APIRouter(prefix="/v1", dependencies=[Depends(guard_reads)])


@router.get("/answers/{answer_id}", responses={200: {"model": AskResponse}})
async def answer(request: Request, answer_id: str) -> Response:
    """An earlier answer, as it was given."""
    book = service_of(request).desk.book
    return json_response(_known(await compute(request, lambda _: book.find(answer_id))).response)


@router.post("/feedback", status_code=201, responses={201: {"model": FeedbackResponse}})
async def feedback(request: Request) -> Response:
    """Keeps a vote and a comment on an earlier answer."""
    service = service_of(request)
    settings = service.settings
    value = await read_json(request, settings.max_body_bytes, settings.body_timeout_s)
    given = FeedbackRequest.model_validate(value)

    def keep() -> str:
        kept = _known(service.desk.book.find(given.answer_id))
        return keep_feedback(service.store, given, kept).model_dump_json()

    body = await compute(request, lambda _: keep())
    return Response(body, status_code=201, media_type="application/json")


def _known(kept: Kept | None) -> Kept:
    if kept is None:
        raise Problem(404, "No answer is kept under this id.", code="unknown-answer")
    return kept
