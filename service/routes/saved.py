"""Routes of the saved questions: saved, listed, removed, and what changed in their answers."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from service.limits import read_json
from service.routes.context import (
    compute,
    guard_reads,
    guard_writes,
    json_response,
    read_query,
    service_of,
)
from service.saved import SavedPage, SavedQuestions, SavedRequest
from service.schemas import Request as StrictRequest

router = APIRouter(prefix="/v1/saved")


class ChangeQuery(StrictRequest):
    """Query string of `GET /v1/saved/changes`."""

    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, pattern="^[0-9]{1,15}$")


@router.get("", dependencies=[Depends(guard_reads)])
async def listed(request: Request) -> Response:
    """The saved questions with their last answers, oldest first."""
    saved = _saved(request)
    page = await compute(request, lambda _: SavedPage(saved=saved.listed()))
    return json_response(page.model_dump_json())


@router.post("", status_code=201, dependencies=[Depends(guard_writes)])
async def save(request: Request) -> Response:
    """Saves a question, to be asked again on every new snapshot."""
    settings = service_of(request).settings
    value = await read_json(request, settings.max_body_bytes, settings.body_timeout_s)
    given, saved = SavedRequest.model_validate(value), _saved(request)
    made = await compute(
        request,
        lambda served: saved.add_asked(given, served.snapshot.id, served.answerer.ask),
    )
    return Response(made.model_dump_json(), status_code=201, media_type="application/json")


@router.get("/changes", dependencies=[Depends(guard_reads)])
async def changes(request: Request) -> Response:
    """What changed in the answers, newest first, with the whole new answer."""
    query, saved = read_query(request, ChangeQuery), _saved(request)
    cursor = None if query.cursor is None else int(query.cursor)
    page = await compute(request, lambda _: saved.changes(query.limit, cursor))
    return json_response(page.model_dump_json())


@router.delete("/{saved_id}", status_code=204, dependencies=[Depends(guard_writes)])
async def remove(request: Request, saved_id: str) -> Response:
    """Forgets a saved question and its changes."""
    saved = _saved(request)
    await compute(request, lambda _: saved.remove(saved_id))
    return Response(status_code=204)


def _saved(request: Request) -> SavedQuestions:
    return SavedQuestions(service_of(request).store)
