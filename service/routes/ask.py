"""Routes of the main job: `POST /v1/ask` and `GET /v1/search`."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from service.limits import read_json
from service.live import Served
from service.routes.context import (
    answer,
    compute,
    guard_reads,
    json_response,
    read_query,
    service_of,
)
from service.schemas import (
    AskRequest,
    AskResponse,
    Day,
    FilterRequest,
    SearchResponse,
    Text,
)
from service.schemas import Request as StrictRequest
from service.streaming import MEDIA_TYPE as EVENTS
from service.streaming import Channel, events_response

router = APIRouter(prefix="/v1", dependencies=[Depends(guard_reads)])


class SearchQuery(StrictRequest):
    """Query string of `GET /v1/search`."""

    q: Text = Field(min_length=1, max_length=2000)
    k: int = Field(default=10, ge=1, le=100)
    report_ids: list[Text] = Field(default=[], max_length=1000)
    brokers: list[Text] = Field(default=[], max_length=1000)
    stock_codes: list[Text] = Field(default=[], max_length=1000)
    published_from: Day | None = None
    published_to: Day | None = None

    def filters(self) -> FilterRequest:
        """The filter part."""
        return FilterRequest.model_validate(self.model_dump(exclude={"q", "k"}))


@router.post("/ask", responses={200: {"model": AskResponse, "content": {EVENTS: {}}}})
async def ask(request: Request) -> Response:
    """Answers a question from the reports, with citations; on demand as a stream of events."""
    service = service_of(request)
    settings = service.settings
    value = await read_json(request, settings.max_body_bytes, settings.body_timeout_s)
    asked = AskRequest.model_validate(value)
    if asked.stream or EVENTS in request.headers.get("accept", ""):

        async def work(channel: Channel) -> None:
            await answer(request, asked, channel)

        return await events_response(work, request_id=request.state.request_id)
    return json_response((await answer(request, asked))[1])


@router.get("/search", responses={200: {"model": SearchResponse}})
async def search(request: Request) -> Response:
    """Finds passages: best first, ties by passage id."""
    query = read_query(request, SearchQuery)
    filters = query.filters().to_filters()

    def find(served: Served) -> str:
        return served.answerer.search(query.q, query.k, filters).model_dump_json()

    return json_response(await compute(request, find))
