"""A language model behind an OpenAI-compatible server: OpenAI, vLLM, Ollama, DeepSeek, Qwen.

One side of the seam `LanguageModel`. The `openai` client runs on an event loop in a thread of its
own, so that a deadline can end a request at any moment, whatever the server does.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from service.language_models import Message, ModelFailed, WordStream

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_TOKENS: Final = 700
"""Tokens of an answer: some 500 Han characters, four times what a good answer takes."""
SEED: Final = 7
RETRIES: Final = 2
"""Further tries of the client before its first word, for a refused connection, 429 and 5xx."""
MAX_REPLY_BYTES: Final = 4 << 20
"""A reply of this size is no answer; a line without end would fill the memory."""

_MAX_NAME: Final = 200  # it stands in every answer


class OpenAiModel:
    """The chat completions of a server.

    Args:
        base_url: up to and with `/v1`. `name`: the model there; empty: the first that it lists.
    """

    def __init__(self, base_url: str, api_key: str | None, name: str = "") -> None:
        self.name = name or "openai"
        self._base_url = base_url
        self._api_key = api_key or "none"  # the client insists on one
        self._asked_name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: AsyncOpenAI | None = None

    def fits(self, messages: Sequence[Message]) -> bool:
        """The server says so itself if it is too much."""
        return True

    def begin(self, messages: Sequence[Message], stream: WordStream) -> None:
        """Sends the request; words arrive in `stream`."""
        loop = self._running_loop()
        task = asyncio.run_coroutine_threadsafe(self._write(messages, stream), loop)
        stream.on_stop = task.cancel

    def close(self) -> None:
        """Closes the connections and ends the loop's thread."""
        with self._lock:
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._shut(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    async def _shut(self) -> None:
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_run, args=(self._loop,), name="yanbao-openai", daemon=True
                )
                self._thread.start()
            return self._loop

    async def _write(self, messages: Sequence[Message], stream: WordStream) -> None:
        try:
            await self._ask(messages, stream)
        except ModelFailed as failure:
            stream.end(failure)
        except Exception as error:
            stream.end(_translated(error))
        else:
            stream.end()

    async def _ask(self, messages: Sequence[Message], stream: WordStream) -> None:
        client = await self._made()
        if not self._asked_name:
            self._asked_name = await _first_model(client)
            self.name = self._asked_name
        chunks: Any = await client.chat.completions.create(
            model=self._asked_name,
            messages=[{"role": m.role, "content": m.content} for m in messages],  # type: ignore[misc]  # a union
            temperature=0,
            seed=SEED,
            max_tokens=MAX_TOKENS,
            stream=True,
            timeout=max(stream.left_s, 0.1),
        )
        finish, begun = None, False
        async with chunks:
            async for chunk in chunks:
                for choice in (chunk.choices or [])[:1]:
                    finish = choice.finish_reason or finish
                    words = choice.delta.content if choice.delta else None
                    if isinstance(words, str) and words:
                        begun = True
                        stream.put(words)
        if finish != "stop":
            # A connection that ends early looks like an end; only the server's own word is one.
            raise ModelFailed("stalled" if begun else "garbage", f"it ended with {finish!r}")

    async def _made(self) -> AsyncOpenAI:
        """The client; imported here, because that takes a second."""
        if self._client is None:
            openai, bounded = await asyncio.to_thread(_imported)
            self._client = openai.AsyncOpenAI(
                base_url=self._base_url,
                api_key=self._api_key,
                max_retries=RETRIES,
                http_client=bounded,
            )
        return self._client


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


def _imported() -> tuple[Any, Any]:
    import httpx2
    import openai

    class Bounded(httpx2.AsyncByteStream):
        """A reply of bounded size."""

        def __init__(self, inner: Any) -> None:
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for part in self._inner:
                size += len(part)
                if size > MAX_REPLY_BYTES:
                    raise ModelFailed("garbage", f"a reply of more than {MAX_REPLY_BYTES} bytes")
                yield part

        async def aclose(self) -> None:
            await self._inner.aclose()

    class Transport(httpx2.AsyncHTTPTransport):
        """The network, with bounded replies."""

        async def handle_async_request(self, request: Any) -> Any:
            response = await super().handle_async_request(request)
            response.stream = Bounded(response.stream)
            return response

    # No proxies and no redirects: the request goes where the settings say, and nowhere else.
    return openai, httpx2.AsyncClient(transport=Transport(), trust_env=False)


async def _first_model(client: AsyncOpenAI) -> str:
    listed = await client.models.list()
    for model in listed.data or []:
        return str(model.id)[:_MAX_NAME]
    raise ModelFailed("unfit", "the server lists no model; set YANBAO_OPENAI_MODEL")


def _translated(error: Exception) -> ModelFailed:
    """What went wrong, by kind; the server's own words may be anything and stay out."""
    import openai

    detail = type(error).__name__
    match error:
        case openai.APITimeoutError():
            return ModelFailed("slow", detail)
        case openai.APIConnectionError():
            return ModelFailed("unreachable", detail)
        case openai.APIStatusError():
            return ModelFailed("refused", f"{detail} {error.status_code}")
    return ModelFailed("garbage", detail)
