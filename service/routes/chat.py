"""The OpenAI-compatible routes: `POST /v1/chat/completions` and `GET /v1/models`.

Their shapes are imported when they are asked for: making them costs a start that few need.
"""

from __future__ import annotations

import json

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.limits import read_json
from service.problems import Problem
from service.routes.context import answer, guard_reads, json_response, service_of
from service.streaming import MEDIA_TYPE as EVENTS
from service.streaming import Channel, events_response

router = APIRouter(prefix="/v1", dependencies=[Depends(guard_reads)])


@router.post("/chat/completions", responses={200: {"content": {EVENTS: {}}}})
async def complete(request: Request) -> Response:
    """Answers the last user message, as OpenAI's API would; unknown fields are ignored."""
    from service.chat import ChatRequest, ChunkWriter, asked_of, completion

    settings = service_of(request).settings
    value = await read_json(request, settings.max_body_bytes, settings.body_timeout_s)
    chat = ChatRequest.model_validate(value)
    asked = asked_of(chat)
    if chat.stream:

        async def work(channel: Channel) -> None:
            await answer(request, asked, channel)

        chunks = ChunkWriter(chat)
        return await events_response(work, chunks.wire, chunks.fault, request.state.request_id)
    return json_response(completion(chat, (await answer(request, asked))[0]))


@router.get("/models")
async def models(request: Request) -> Response:
    """The names that may be asked for as `model`."""
    from service.chat import model_card

    cards = [model_card(name) for name in _served(request)]
    return json_response(json.dumps({"object": "list", "data": cards}))


@router.get("/models/{model}")
async def model(request: Request, model: str) -> Response:
    """One of them."""
    from service.chat import model_card

    if model not in _served(request):
        raise Problem(404, "No model of this name; see /v1/models.", code="unknown-model")
    return json_response(json.dumps(model_card(model)))


def _served(request: Request) -> list[str]:
    """The names of the readers that there are."""
    from service.chat import MODELS

    with_model = service_of(request).desk.model is not None
    return [name for name, reader in MODELS.items() if with_model or reader != "llm"]
