"""Routes of what was answered before: `GET /v1/answers/{id}` and `POST /v1/feedback`."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.answer_table import table_csv, table_xlsx
from service.answers import Kept
from service.feedback import FeedbackRequest, FeedbackResponse, keep_feedback
from service.limits import read_json
from service.problems import Problem
from service.routes.context import compute, guard_reads, json_response, read_query, service_of
from service.schemas import AskResponse
from service.schemas import Request as StrictRequest

router = APIRouter(prefix="/v1", dependencies=[Depends(guard_reads)])

TABLE_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/answers/{answer_id}", responses={200: {"model": AskResponse}})
async def answer(request: Request, answer_id: str) -> Response:
    """An earlier answer, as it was given."""
    book = service_of(request).desk.book
    return json_response(_known(await compute(request, lambda _: book.find(answer_id))).response)


class TableQuery(StrictRequest):
    """Query string of `GET /v1/answers/{id}/table`."""

    format: Literal["csv", "xlsx"] = "csv"


@router.get(
    "/answers/{answer_id}/table",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in TABLE_TYPES.values()}}},
)
async def answer_table(request: Request, answer_id: str) -> Response:
    """The figures of an earlier answer for a spreadsheet, each with the link to its cell."""
    query = read_query(request, TableQuery)
    service = service_of(request)
    write = table_csv if query.format == "csv" else table_xlsx

    def table() -> bytes:
        kept = _known(service.desk.book.find(answer_id))
        response = AskResponse.model_validate_json(kept.response)
        return write(response, service.settings.notice)

    headers = {"Content-Disposition": f'attachment; filename="answer.{query.format}"'}
    content = await compute(request, lambda _: table())
    return Response(content, media_type=TABLE_TYPES[query.format], headers=headers)


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
