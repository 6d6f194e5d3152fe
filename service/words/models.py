"""`yanbao models`: which models answer, read and embed here, and where they come from.

Stands behind the command; nothing is loaded or asked unless `--check` says so.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from service.answering import READER
from service.console import grid, harmless
from service.settings import Settings

if TYPE_CHECKING:
    from service.reading.llm import ModelReader

log = logging.getLogger(__name__)

Row = tuple[str, str, str, str]


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Lists the models; 1 if `--check` finds one that does not answer."""
    parser = argparse.ArgumentParser(prog="yanbao models", description="list the models in use")
    parser.add_argument("words", nargs="*", choices=["list", []], help="list (the default)")
    parser.add_argument("--check", action="store_true", help="ask the language model for a word")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(list(arguments))
    rows = [_embedder(settings), ("reader", READER, "rules", "ready"), *_language(settings, args)]
    if args.json:
        keys = ("role", "name", "from", "state")
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], ensure_ascii=False))
    else:
        print(harmless(grid([("role", "name", "from", "state"), *rows])))
    return 1 if any(row[3].startswith("fails") for row in rows) else 0


def _embedder(settings: Settings) -> Row:
    if settings.embedder is None:
        return "embedder", "lsa", "fitted on the corpus, in the index", "ready"
    state = "ready" if (settings.embedder / "config.json").is_file() else "fails: no model there"
    return "embedder", settings.embedder.name, str(settings.embedder), state


def _language(settings: Settings, args: argparse.Namespace) -> list[Row]:
    """The language model of the reader `llm`; none is a row of its own."""
    from service.by_model import model_reader

    reader = model_reader(settings)
    if reader is None:
        wanted = "YANBAO_MODEL or YANBAO_OPENAI_BASE_URL"
        return [("reader llm", "–", wanted, "not configured")]
    use = "for prose by default" if settings.reader == "llm" else "on request"
    state = f"{use}, {_asked(reader, settings)}" if args.check else use
    if state.endswith("fails"):
        state = "fails to answer"
    url = settings.openai_base_url
    server = f"{url.scheme}://{url.host}:{url.port}{url.path}" if url else ""  # without a password
    return [("reader llm", reader.model.name, str(settings.model or server), state)]


def _asked(reader: ModelReader, settings: Settings) -> str:
    """What comes of one short question to the model."""
    from service.language_models import Message, ModelFailed, WordStream

    stream = WordStream(settings.llm_first_s, settings.llm_total_s)
    try:
        reader.model.begin([Message("user", "请只回答：好")], stream)
        return "answers" if any(list(stream.words())) else "silent"
    except ModelFailed as failure:
        log.error("the language model failed: %s", failure)
        return "fails"
    finally:
        reader.model.close()
