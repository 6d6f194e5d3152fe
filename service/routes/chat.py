"""The OpenAI-compatible routes: `POST /v1/chat/completions` and `GET /v1/models`."""

from __future__ import annotations

import json

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from service.chat import MODELS, ChatRequest, ChunkWriter, asked_of, completion, model_card
from service.limits import read_json
from service.live import Served
from service.problems import Problem, not_served
from service.routes.context import compute, guard_reads, json_response, service_of
from service.streaming import MEDIA_TYPE as EVENTS
from service.streaming import Channel, events_response

router = APIRouter(prefix="/v1", dependencies=[Depends(guard_reads)])


@router.post("/chat/completions", responses={200: {"content": {EVENTS: {}}}})
async def complete(request: Request) -> Response:
    """Answers the last user message, as OpenAI's API would; unknown fields are ignored."""
    service = service_of(request)
    settings = service.settings
    value = await read_json(request, settings.max_body_bytes, settings.body_timeout_s)
    chat = ChatRequest.model_validate(value)
    asked = asked_of(chat)
    if asked.reader == "llm":
        raise not_served("The model 'yanbao-llm'")

    if chat.stream:

        async def work(channel: Channel) -> None:
            await compute(request, lambda served: service.desk.ask(served.answerer, asked, channel))

        chunks = ChunkWriter(chat)
        return await events_response(work, chunks.wire, chunks.fault, request.state.request_id)

    def answer(served: Served) -> str:
        return completion(chat, service.desk.ask(served.answerer, asked)[0])

    return json_response(await compute(request, answer))


@router.get("/models")
async def models(request: Request) -> Response:
    """The names that may be asked for as `model`."""
    cards = [model_card(name) for name in MODELS]
    return json_response(json.dumps({"object": "list", "data": cards}))


@router.get("/models/{model}")
async def model(request: Request, model: str) -> Response:
    """One of them."""
    if model not in MODELS:
        raise Problem(404, "No model of this name; see /v1/models.", code="unknown-model")
    return json_response(json.dumps(model_card(model)))
