"""Opening: the snapshot that the settings name, with the embedder and vocabulary that they name.

Stands between settings and snapshot; the command, the HTTP app and `doctor` all open here.
"""

from __future__ import annotations

from functools import cached_property

from indexer.embedding import Embedder
from indexer.snapshot import Snapshot, open_snapshot
from indexer.vocabulary import Vocabulary, load_vocabulary
from service.answering import Answerer
from service.catalog import Catalog
from service.live import LiveIndex, Served
from service.settings import Settings


class Opener:
    """Opens snapshots; model and vocabulary are loaded once, however often the index changes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def snapshot(self) -> Snapshot:
        """The published snapshot, verified.

        Raises:
            IndexerError: there is none, it is damaged, or it was made otherwise.
        """
        return open_snapshot(self._settings.index, self.embedder, self.vocabulary)

    def served(self) -> Served:
        """The published snapshot with its answerer and catalog."""
        snapshot = self.snapshot()
        answerer = Answerer(snapshot, public_url=self._settings.base_url)
        return Served(snapshot, answerer, Catalog(snapshot))

    @cached_property
    def embedder(self) -> Embedder | None:
        """The configured model; None for the one that is built into the index."""
        folder = self._settings.embedder
        if folder is None:
            return None
        from indexer.embedding import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(folder)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The shipped vocabulary, with the user's file over it."""
        return load_vocabulary(self._settings.vocabulary)


def live_index(settings: Settings) -> LiveIndex:
    """The index that `settings` name, not opened yet."""
    return LiveIndex(settings.index, Opener(settings).served, settings.reload_s)
