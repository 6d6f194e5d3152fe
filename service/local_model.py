"""A language model from a local folder, run by transformers on this machine.

One side of the seam `LanguageModel`. Only safetensors are loaded, no code of the folder is run, and
nothing is ever fetched from a hub.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from service.language_models import Message, ModelFailed, WordStream

MAX_NEW_TOKENS: Final = 400


class LocalModel:
    """A causal language model in `folder`; loaded by a thread when it is asked for first."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder
        self._lock = threading.Lock()  # one answer at a time: more only make each other slower
        self._loaded: tuple[Any, Any] | None = None
        self._fault: ModelFailed | None = None

    def fits(self, messages: Sequence[Message]) -> bool:
        """True unless the loaded model says that it is too long; unknown before it is loaded."""
        if self._loaded is None:
            return True
        model, tokenizer = self._loaded
        limit = getattr(model.config, "max_position_embeddings", None) or 1_000_000
        return len(_tokens(tokenizer, messages)) + MAX_NEW_TOKENS <= limit

    def begin(self, messages: Sequence[Message], stream: WordStream) -> None:
        """Starts a thread that writes into `stream`."""
        threading.Thread(
            target=self._write, args=(messages, stream), name="yanbao-model", daemon=True
        ).start()

    def close(self) -> None:
        """Forgets the model; a thread that still writes ends with its stream."""
        self._loaded = None

    def _write(self, messages: Sequence[Message], stream: WordStream) -> None:
        try:
            if not self._lock.acquire(timeout=max(stream.left_s, 0.0)):
                raise ModelFailed("busy")
            try:
                model, tokenizer = self._ready()
                if not stream.stopped:
                    _generate(model, tokenizer, messages, stream)
            finally:
                self._lock.release()
        except ModelFailed as failure:
            stream.end(failure)
        except Exception as error:
            stream.end(ModelFailed("unfit", f"{type(error).__name__}: {error}"))
        else:
            stream.end()

    def _ready(self) -> tuple[Any, Any]:
        if self._fault is not None:
            raise self._fault
        if self._loaded is None:
            try:
                self._loaded = _load(self._folder)
            except Exception as error:
                self._fault = ModelFailed("unfit", f"{self._folder}: {error}")
                raise self._fault from error
        return self._loaded


def _load(folder: Path) -> tuple[Any, Any]:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if "auto_map" in config:
        raise ModelFailed("unfit", "it wants to run code of its own; that is never done")
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as chatter

    chatter.disable_progress_bar()
    here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(str(folder), **here)
    model = AutoModelForCausalLM.from_pretrained(str(folder), use_safetensors=True, **here)
    model.eval()
    return model, tokenizer


def _tokens(tokenizer: Any, messages: Sequence[Message]) -> list[int]:
    """The prompt in the model's own chat template; plain paragraphs where it has none."""
    said = [{"role": m.role, "content": m.content} for m in messages]
    if tokenizer.chat_template:
        text = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
        return list(tokenizer(text, add_special_tokens=False)["input_ids"])
    text = "\n\n".join(m.content for m in messages) + "\n\n"
    return list(tokenizer(text)["input_ids"])


def _generate(model: Any, tokenizer: Any, messages: Sequence[Message], stream: WordStream) -> None:
    """Greedy words, one token after the other, until the end or until nobody reads any more."""
    from transformers import BatchEncoding, StoppingCriteria, StoppingCriteriaList

    class NobodyReads(StoppingCriteria):  # type: ignore[misc]  # transformers has no types
        """Ends the writing with its stream."""

        def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
            return input_ids.new_full((input_ids.shape[0],), stream.stopped, dtype=truth)

    limit = getattr(model.config, "max_position_embeddings", None) or 1_000_000
    ids = _tokens(tokenizer, messages)
    if len(ids) + 1 >= limit:
        raise ModelFailed("too_long", f"{len(ids)} tokens, the model reads {limit}")
    given = BatchEncoding(
        {"input_ids": [ids], "attention_mask": [[1] * len(ids)]}, tensor_type="pt"
    ).to(model.device)
    truth = (given["input_ids"] == 0).dtype
    model.generate(
        **given,
        do_sample=False,
        num_beams=1,
        max_new_tokens=min(MAX_NEW_TOKENS, limit - len(ids)),
        streamer=_Streamer(tokenizer, stream),
        stopping_criteria=StoppingCriteriaList([NobodyReads()]),
    )


class _Streamer:
    """Passes the tokens of `generate` on as words."""

    def __init__(self, tokenizer: Any, stream: WordStream) -> None:
        self._tokenizer = tokenizer
        self._stream = stream
        self._written: list[int] | None = None
        self._shown = ""

    def put(self, value: Any) -> None:
        """The prompt first, then one token at a time."""
        if self._written is None:
            self._written = []
            return
        self._written += value.tolist()
        text = self._tokenizer.decode(self._written, skip_special_tokens=True)
        if not text.endswith("\ufffd"):  # a character whose last bytes are still to come
            self._stream.put(text[len(self._shown) :])
            self._shown = text

    def end(self) -> None:
        """Nothing is held back."""
