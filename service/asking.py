"""Asking: one question on its way through the service: earlier turns, the answer, the answer kept.

Stands between the routes (ask, chat, MCP, Slack) and the answerer, so that all of them do the same.
"""

from __future__ import annotations

from service.answering import Answerer
from service.answers import AnswerBook
from service.schemas import AskRequest, AskResponse
from service.streaming import Listener, done_event, tell_whole


class Desk:
    """Takes questions; safe to use from several threads.

    Args:
        book: where answers are kept and conversations are resumed from.
    """

    def __init__(self, book: AnswerBook) -> None:
        self.book = book

    def ask(
        self, answerer: Answerer, asked: AskRequest, listener: Listener | None = None
    ) -> tuple[AskResponse, str]:
        """The answer and its JSON; it is kept, and told to `listener` while it is made.

        Raises:
            YanbaoError: snapshot or store could not be read.
            ListenerLeft: nobody listens any more; nothing is kept.
        """
        response = answerer.ask(self._resumed(asked))
        response.conversation_id = asked.conversation_id
        if listener is not None:
            tell_whole(response, listener)
        text = response.model_dump_json()
        # Kept first: whoever has read `done` may look the answer up at once.
        self.book.keep(response, text)
        if listener is not None:
            listener.tell(done_event(text))
        return response, text

    def _resumed(self, asked: AskRequest) -> AskRequest:
        """The request with the turns of its conversation; a history that is sent wins."""
        if asked.conversation_id is None or asked.history:
            return asked
        turns = self.book.turns(asked.conversation_id)
        return asked.model_copy(update={"history": turns})
