"""Assembly: parsed reports become the files of one snapshot in a staging folder.

Stands between `build`, which decides what belongs in, and `sealing`, which ends it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.arrays import save
from indexer.carrying import Carried, Table, Words, carry, moved, table_of
from indexer.chunk_arrays import ChunkArrays
from indexer.embedding import Embedder
from indexer.keywords import K1, B, KeywordIndex
from indexer.lexicon import LEXICON_FILE, Lexicon, ReportNames, build_lexicon
from indexer.manifest import FORMAT_VERSION, Manifest, StoreEntry
from indexer.postings_writing import write_postings
from indexer.quarantine import QUARANTINE_FILE, pack_quarantined
from indexer.records import QuarantinedFile
from indexer.sealing import Made
from indexer.segmentation import (
    TERMS_VERSION,
    Engine,
    Segmenter,
    TermCounts,
    frequencies,
    segmenter_fingerprint,
)
from indexer.shelf import Previous
from indexer.store import ParsedReport
from indexer.store_writing import StoreWriter
from indexer.stores import open_stores
from indexer.vocabulary import Vocabulary
from indexer.workers import Workers

_SETTLED: dict[str, Any] = {"bm25_k1": K1, "bm25_b": B, "terms": TERMS_VERSION}


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides how a snapshot is made, beside the reports. `embedder` None: the built-in."""

    embedder: Embedder | None
    vocabulary: Vocabulary
    engine: Engine

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same reports could give another snapshot."""
        embedder = self.embedder.fingerprint if self.embedder else "lsa 1"
        segmenter = segmenter_fingerprint((), self.engine)
        parts = [FORMAT_VERSION, _SETTLED, embedder, segmenter, self.vocabulary.fingerprint]
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Assembly:
    """What goes into a snapshot.

    Args:
        sizes: how many chunks each report has, by id.
        parsed: gives a report by id.
        names: the names each report holds.
        previous: the snapshot that `kept` reports are carried over from; None if there is none.
        kept: reports that are in `previous` as they shall be here.
    """

    folder: Path
    settings: Settings
    snapshot_id: str
    parser: str
    sizes: dict[str, int]
    parsed: Callable[[str], ParsedReport]
    names: Mapping[str, ReportNames]
    quarantined: Sequence[QuarantinedFile]
    previous: Previous | None
    kept: Collection[str]


def content_id(
    settings: Settings, digests: Mapping[str, str], quarantined: Iterable[QuarantinedFile]
) -> str:
    """Hash of content and settings; order, paths and time play no part."""
    digest = hashlib.sha256(settings.fingerprint.encode())
    for report_id, content in sorted(digests.items()):
        digest.update(f"\0{report_id}\0{content}".encode("utf-8", "surrogatepass"))
    for file in sorted(quarantined, key=lambda f: (f.report_id, f.name, f.sha256, f.reason)):
        digest.update(repr((file.report_id, file.name, file.sha256, file.reason)).encode())
    return digest.hexdigest()


def assemble(assembly: Assembly, pool: Workers) -> Made:
    """Writes every file of the snapshot but sources and manifest."""
    folder, settings, previous = assembly.folder, assembly.settings, assembly.previous
    lexicon = build_lexicon(assembly.names)
    words = _words(lexicon, previous, settings.engine)
    segmenter = _segmenter(words, settings.engine)
    count = _CountTerms(words, settings.engine)
    (folder / LEXICON_FILE).write_bytes(lexicon.to_bytes())
    (folder / QUARANTINE_FILE).write_bytes(pack_quarantined(assembly.quarantined))
    table = table_of(assembly.sizes)
    arrays = ChunkArrays(table)
    carried = _carried(assembly, table, words, segmenter)
    if previous and carried:
        arrays.carry(previous.chunk_arrays(), carried.moved)
    writer = StoreWriter(folder, table, assembly.parsed, arrays, assembly.kept, previous, carried)
    counted = list(pool.map(count, writer.batches()))
    if counted:
        arrays.lengths[writer.counted] = np.concatenate([batch.lengths for batch in counted])
    before = previous.folder if previous else None
    postings = write_postings(folder, counted, writer.counted, before, carried)
    writer.save_places()
    _save_arrays(folder, arrays, writer.entries)
    known = previous.manifest.files if previous else {}
    linked = {name: known[name] for name in (*writer.linked, *postings.linked)}
    draft = _draft(assembly, lexicon, words, segmenter, table, writer.entries, postings.names)
    keywords = KeywordIndex(postings.segments, arrays.lengths)
    made = Made(folder, draft, linked, keywords, segmenter, settings.vocabulary, settings.embedder)
    made.embed()
    return made


def _words(lexicon: Lexicon, previous: Previous | None, engine: Engine) -> Words:
    """The words for the segmenter; those of the snapshot before need not be weighed again."""
    if previous is None or not previous.cut_here(engine):
        return frequencies(lexicon.words)
    known, met = dict(previous.manifest.words), set(previous.lexicon().words)
    fresh = [word for word in lexicon.words if word not in met]
    held = [(word, known[word]) for word in lexicon.words if word in known]
    return tuple(sorted([*held, *(frequencies(fresh) if fresh else ())]))


def _carried(
    assembly: Assembly, table: Table, words: Words, segmenter: Segmenter
) -> Carried | None:
    previous = assembly.previous
    if previous is None:
        return None
    moves = moved(previous.table(), table, assembly.kept)
    return carry(previous.manifest, previous.keywords(), moves, words, segmenter)


def _save_arrays(folder: Path, arrays: ChunkArrays, entries: Sequence[StoreEntry]) -> None:
    stores = open_stores(folder, entries)
    try:
        finished = arrays.finish(stores.chunks)
    finally:
        stores.close()
    for name, array in finished.items():
        save(folder, name, array)


def _draft(
    assembly: Assembly,
    lexicon: Lexicon,
    words: Words,
    segmenter: Segmenter,
    table: Table,
    stores: list[StoreEntry],
    postings: list[str],
) -> Manifest:
    return Manifest(
        format_version=FORMAT_VERSION,
        id=assembly.snapshot_id,
        created_at="",
        reports=len(table.ids),
        chunks=table.chunks,
        segmenter=segmenter.fingerprint,
        engine=assembly.settings.engine,
        vocabulary=assembly.settings.vocabulary.fingerprint,
        parser=assembly.parser,
        lexicon=lexicon.fingerprint,
        words=list(words),
        embedder=None,
        settings=_SETTLED,
        libraries={},
        canaries=[],
        stores=stores,
        postings=postings,
        files={},
    )


class _CountTerms:
    """Counts terms with the segmenter of the process; one that was not forked makes its own."""

    def __init__(self, words: Words, engine: Engine) -> None:
        self._words = tuple(words)
        self._engine = engine

    def __call__(self, texts: list[str]) -> TermCounts:
        return _segmenter(self._words, self._engine).count(texts)


def _segmenter(words: Words, engine: Engine) -> Segmenter:
    """The segmenter of these words. The last one is kept, because a dictionary takes 0.1 s to load
    and a watched folder often brings reports without a new name."""
    key = (tuple(words), engine)
    if _segmenter_here.get("key") != key:
        _segmenter_here.update(key=key, segmenter=Segmenter(*key))
    found: Segmenter = _segmenter_here["segmenter"]
    return found


_segmenter_here: dict[str, Any] = {}
