"""Asking: one question on its way through the service: earlier turns, the answer, the answer kept.

Stands between the routes (ask, chat, MCP, Slack) and the answerer, so that all of them do the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.errors import NotServed
from service.answering import Answerer
from service.answers import AnswerBook
from service.schemas import AskRequest, AskResponse, FilterRequest
from service.settings import Settings
from service.store import Store
from service.streaming import Listener, done_event, tell_whole

if TYPE_CHECKING:
    from service.reading.llm import ModelReader


class Desk:
    """Takes questions; safe to use from several threads.

    Args:
        book: where answers are kept and conversations are resumed from.
        model: reads prose for `reader: llm`; None: there is no such reader.
        auto_by_model: `reader: auto` means the model too.
    """

    def __init__(
        self, book: AnswerBook, model: ModelReader | None = None, auto_by_model: bool = False
    ) -> None:
        self.book = book
        self.model = model
        self._auto_by_model = auto_by_model

    def wants_model(self, asked: AskRequest) -> bool:
        """True if a language model may be asked, which takes seconds."""
        by_default = self._auto_by_model and asked.reader == "auto"
        return self.model is not None and (asked.reader == "llm" or by_default)

    def ask(
        self,
        answerer: Answerer,
        asked: AskRequest,
        listener: Listener | None = None,
        quick: bool = False,
    ) -> tuple[AskResponse, str]:
        """The answer and its JSON; it is kept, and told to `listener` while it is made.

        Args:
            quick: a model is not waited for, because too many questions wait for it already.

        Raises:
            YanbaoError: snapshot or store could not be read.
            ListenerLeft: nobody listens any more; nothing is kept.
        """
        response = self._answered(answerer, asked, listener, quick)
        text = response.model_dump_json()
        # Kept first: whoever has read `done` may look the answer up at once.
        self.book.keep(response, text, _filters(asked))
        if listener is not None:
            listener.tell(done_event(text))
        return response, text

    def _answered(
        self, answerer: Answerer, asked: AskRequest, listener: Listener | None, quick: bool
    ) -> AskResponse:
        taken = answerer.take(self._resumed(asked))
        if self.model is not None and self.wants_model(asked):
            from service.by_model import answer_by_model, is_for_model

            if is_for_model(taken):
                return answer_by_model(self.model, answerer, taken, listener, quick)
        response = answerer.finish(taken)
        response.conversation_id = asked.conversation_id
        if listener is not None:
            tell_whole(response, listener)
        return response

    def close(self) -> None:
        """Writes the answers that wait and gives back what the model holds."""
        self.book.close()
        if self.model is not None:
            self.model.model.close()

    def _resumed(self, asked: AskRequest) -> AskRequest:
        """The request with the turns of its conversation; a history that is sent wins."""
        if asked.conversation_id is None or asked.history:
            return asked
        turns = self.book.turns(asked.conversation_id)
        return asked.model_copy(update={"history": turns})


def _filters(asked: AskRequest) -> FilterRequest:
    """The reports that could answer; a reader of a day is one who had nothing later."""
    filters = asked.filters
    if asked.as_of is None or (filters.published_to and filters.published_to <= asked.as_of):
        return filters
    return filters.model_copy(update={"published_to": asked.as_of})


def make_desk(settings: Settings, book: AnswerBook) -> Desk:
    """The desk that the settings describe."""
    if settings.model is None and settings.openai_base_url is None:
        return Desk(book)
    from service.by_model import model_reader

    return Desk(book, model_reader(settings), settings.reader == "llm")


def ask_once(settings: Settings, answerer: Answerer, asked: AskRequest) -> AskResponse:
    """One answer with the readers that the settings name; nothing is kept of it.

    Raises:
        NotServed: the reader `llm` is asked for and no model is configured.
    """
    desk = make_desk(settings, AnswerBook(Store(settings.store), most=0, days=1))
    if asked.reader == "llm" and desk.model is None:
        raise NotServed(
            "the reader llm is not served without a model: set YANBAO_OPENAI_BASE_URL "
            "or YANBAO_MODEL"
        )
    try:
        return desk.ask(answerer, asked)[0]
    finally:
        desk.close()
