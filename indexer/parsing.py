"""What is made of one report alone: structure, chunks, facts and names, packed.

Stands between `corpus` and `build`; runs in worker processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

import corpus
from corpus.errors import UnreadableFile
from corpus.raw import Quarantine, RawFile, RawReport
from corpus.reading import parse
from corpus.report import Report
from indexer.chunking import chunk_report
from indexer.cross_checks import cross_checked
from indexer.facts import extract_facts
from indexer.inking import unpack_ink
from indexer.naming import names_of
from indexer.sentence_facts import extract_sentence_facts
from indexer.stances import extract_stances
from indexer.store import ParsedReport, pack, unpack_report
from indexer.vocabulary import Vocabulary
from indexer.workers import Workers

_INDEXER_PARTS = (
    "axes.py",
    "cell_metrics.py",
    "chunking.py",
    "column_words.py",
    "cross_checks.py",
    "facts.py",
    "inking.py",
    "layouts.py",
    "lexicon.py",
    "likeness.py",
    "naming.py",
    "parsing.py",
    "records.py",
    "sentence_claims.py",
    "sentence_facts.py",
    "sentence_subjects.py",
    "sentences.py",
    "stances.py",
    "store.py",
    "subject_words.py",
    "table_context.py",
    "table_groups.py",
    "table_owner.py",
    "typing_facts.py",
    "user_vocabulary.py",
    "vocabulary.py",
    "data/*",
)


_BATCH_CHARS = 200_000  # one task of a worker: large against the cost of handing it over


@dataclass(frozen=True, slots=True)
class ParseBatch:
    """Parses and packs reports; a task that another process can be handed."""

    vocabulary: Vocabulary

    def __call__(self, batch: list[RawReport]) -> list[ParsedReport]:
        """Each report parsed and packed, in order."""
        return [_derive(parse(raw), self.vocabulary) for raw in batch]


@dataclass(frozen=True, slots=True)
class ParseFile:
    """Takes one file apart and packs it; a task for a guarded process."""

    vocabulary: Vocabulary

    def __call__(self, raw: RawFile) -> ParsedReport | Quarantine:
        """The report, packed, or the verdict of its reader."""
        try:
            return _derive(parse(raw), self.vocabulary)
        except UnreadableFile as error:
            file = raw.file
            return Quarantine(file.name, raw.report_id, error.reason, file.bytes, file.sha256)


@dataclass(frozen=True, slots=True)
class DeriveAgain:
    """Makes chunks, facts and names anew from the stored structure."""

    vocabulary: Vocabulary

    def __call__(self, report: ParsedReport) -> ParsedReport:
        """The same report, packed anew."""
        structure = unpack_report(report.report, report.text)
        return _derive(replace(structure, ink=unpack_ink(report.ink)), self.vocabulary)


def parse_survivors(
    pool: Workers, task: ParseBatch, batch: list[RawReport], lost: Callable[[RawReport], None]
) -> list[ParsedReport]:
    """The reports of a batch over which a worker died, each parsed alone.

    Args:
        lost: told of each report that killed its process again.
    """
    survivors = []
    for raw in batch:
        try:
            survivors += pool.alone(task, [raw])
        except BrokenProcessPool:
            lost(raw)
    return survivors


def batches(items: Iterable[RawReport]) -> Iterator[list[RawReport]]:
    """Reports in lists that are worth handing to a worker."""
    batch: list[RawReport] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.text)
        if size >= _BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _derive(report: Report, vocabulary: Vocabulary) -> ParsedReport:
    facts = cross_checked(extract_facts(report, vocabulary))
    stated = extract_sentence_facts(report, vocabulary)
    told = (*facts, *stated, *extract_stances(report, vocabulary, facts))
    return pack(report, chunk_report(report), told, names_of(report, facts))


def parser_fingerprint(vocabulary: str) -> str:
    """Changes whenever the same file could become another report: hash of the code and data that
    parse, so that nobody has to remember to raise a number.

    Args:
        vocabulary: its fingerprint.
    """
    digest = hashlib.sha256(vocabulary.encode() + b"\0" + _code_fingerprint().encode())
    return digest.hexdigest()


@cache
def _code_fingerprint() -> str:
    digest = hashlib.sha256()
    for library in ("rjieba", "opencc-python-reimplemented"):
        digest.update(f"{library} {version(library)}\0".encode())
    here = Path(__file__).parent
    above = Path(corpus.__file__).parent
    files = [path for part in _INDEXER_PARTS for path in sorted(here.glob(part))]
    files += sorted([*above.rglob("*.py"), *above.glob("data/*")])
    for path in files:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
