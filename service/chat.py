"""The OpenAI-compatible shapes: a chat as a question, an answer as a completion or as chunks.

Stands at the border beside `schemas`; unknown fields are ignored here, for other people's clients
send many.
"""

from __future__ import annotations

import json
import time
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from service.problems import invalid, problem_of
from service.schemas import AskRequest, AskResponse, ReaderChoice, Text, Turn
from service.streaming import Event

MODELS: Final[dict[str, ReaderChoice]] = {
    "yanbao": "auto",
    "yanbao-extractive": "extractive",
    "yanbao-llm": "llm",
}
"""What may be asked for as `model`; any other name is answered by the first."""

_MAX_TURNS: Final = 20  # the contract's limits of a history
_MAX_TURN: Final = 8000
_MAX_QUESTION: Final = 2000


class ChatMessage(BaseModel):
    """One message; parts of a message that are not text are passed over."""

    model_config = ConfigDict(extra="ignore")

    role: Text
    content: Text | list[dict[str, Any]] | None = None

    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            parts = (part.get("text") for part in self.content if part.get("type") == "text")
            return "\n".join(part for part in parts if isinstance(part, str))
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream holds beside the words."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """`POST /v1/chat/completions`."""

    model_config = ConfigDict(extra="ignore")

    model: Text = Field(default="yanbao", max_length=200)
    messages: list[ChatMessage] = Field(min_length=1, max_length=10_000)
    stream: bool | None = None
    stream_options: StreamOptions | None = None


def asked_of(chat: ChatRequest) -> AskRequest:
    """The last user message as the question, what was said before it as its history.

    Raises:
        Problem: 422, no message of a user, or a question of no or too many characters.
    """
    users = [n for n, message in enumerate(chat.messages) if message.role == "user"]
    question = chat.messages[users[-1]].text().strip() if users else ""
    if not 1 <= len(question) <= _MAX_QUESTION:
        raise invalid(
            "body.messages", f"the last user message must hold 1 to {_MAX_QUESTION:,} characters"
        )
    history = [
        Turn(role="user" if message.role == "user" else "assistant", content=words[:_MAX_TURN])
        for message in chat.messages[: users[-1]]
        if message.role in ("user", "assistant") and (words := message.text())
    ]
    reader = MODELS.get(chat.model, "auto")
    return AskRequest(question=question, history=history[-_MAX_TURNS:], reader=reader)


def model_card(name: str) -> dict[str, Any]:
    """One entry of `GET /v1/models`."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "yanbao"}


def served_name(chat: ChatRequest) -> str:
    """The model that answers, whatever was asked for."""
    return chat.model if chat.model in MODELS else next(iter(MODELS))


def completion(chat: ChatRequest, response: AskResponse) -> str:
    """The whole answer in the shape of a chat completion; its id is that of the answer."""
    message = {
        "role": "assistant",
        "content": response.answer,
        "refusal": None,
        "citations": response.model_dump(mode="json", include={"citations"})["citations"],
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return _json(
        {
            "id": response.id,
            "object": "chat.completion",
            "created": int(time.time()),
            "model": served_name(chat),
            "choices": [choice],
            "usage": _usage(chat, response.answer),
            "system_fingerprint": response.snapshot.id,
        }
    )


class ChunkWriter:
    """Turns the events of one answer into chunks of a streamed completion."""

    def __init__(self, chat: ChatRequest) -> None:
        self._chat = chat
        self._head: dict[str, Any] = {}

    def wire(self, event: Event) -> bytes:
        """The chunks of an event; empty for one that a chat cannot show."""
        if event.name == "delta":
            return self._chunk({"content": json.loads(event.data)["text"]})
        if event.name == "meta":
            meta = json.loads(event.data)
            self._head = {
                "id": meta["id"],
                "object": "chat.completion.chunk",
                "created": int(time.time()),
                "model": served_name(self._chat),
                "system_fingerprint": meta["snapshot"]["id"],
            }
            return self._chunk({"role": "assistant", "content": ""})
        return self._last(json.loads(event.data)) if event.name == "done" else b""

    def fault(self, error: Exception, request_id: str) -> bytes:
        """An error after the first byte, as OpenAI's clients expect it."""
        problem = json.loads(problem_of(error).body(request_id))
        told = {"message": problem["detail"], "type": problem["type"], "code": problem["status"]}
        return _data({"error": {**told, "param": None}})

    def _last(self, response: dict[str, Any]) -> bytes:
        citations = response["citations"]
        chunks = self._chunk({"citations": citations}, "stop", citations)
        options = self._chat.stream_options
        if options is not None and options.include_usage:
            usage = _usage(self._chat, response["answer"])
            chunks += _data({**self._head, "choices": [], "usage": usage, "citations": citations})
        return chunks + b"data: [DONE]\n\n"

    def _chunk(
        self, delta: dict[str, Any], finish: str | None = None, citations: Any = None
    ) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        chunk = {**self._head, "choices": [choice]}
        return _data(chunk if citations is None else {**chunk, "citations": citations})


def _usage(chat: ChatRequest, answer: str) -> dict[str, int]:
    """Characters, for the answer is made of characters and not of tokens."""
    asked = sum(len(message.text()) for message in chat.messages)
    return {
        "prompt_tokens": asked,
        "completion_tokens": len(answer),
        "total_tokens": asked + len(answer),
    }


def _data(value: dict[str, Any]) -> bytes:
    return f"data: {_json(value)}\n\n".encode()


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
