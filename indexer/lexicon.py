"""Lexicon: the names that the corpus itself states, and the words they give the segmenter.

Stands between parsed reports and the segmenter; the service looks names up here.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from corpus.normalise import fold
from corpus.tickers import load_listings

LEXICON_FILE = "lexicon.msgpack"
_HAN_RUN = re.compile(r"[\u3007\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Company:
    """A company that the corpus names.

    Args:
        code: as printed without suffix, None if the corpus states none.
        report_ids: the reports that name it, sorted.
        aliases: other names that the corpus gives the same code.
    """

    name: str
    code: str | None
    report_ids: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A broker, an analyst or a product with the reports that name it."""

    name: str
    report_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportNames:
    """The names that one report holds. `companies` are (name, code or empty) pairs."""

    companies: tuple[tuple[str, str], ...]
    brokers: tuple[str, ...]
    analysts: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All names of a corpus, each kind sorted by name, and the words made of them."""

    companies: tuple[Company, ...]
    brokers: tuple[NamedPerson, ...]
    analysts: tuple[NamedPerson, ...]
    products: tuple[NamedPerson, ...]
    words: tuple[str, ...]  # normal forms, Han only, sorted

    @property
    def fingerprint(self) -> str:
        """Changes whenever a word does."""
        return hashlib.sha256("\n".join(self.words).encode()).hexdigest()

    def to_bytes(self) -> bytes:
        """For `Lexicon.from_bytes`."""
        return msgspec.msgpack.encode(self)

    @staticmethod
    def from_bytes(data: bytes) -> Lexicon:
        """What `to_bytes` gave."""
        return msgspec.msgpack.decode(data, type=Lexicon)


# --- the whole corpus -------------------------------------------------------------------------


def build_lexicon(names: Mapping[str, ReportNames]) -> Lexicon:
    """The lexicon of a corpus, from the names of each report (`report_id` → names)."""
    companies = _merge_companies(names)
    brokers = _gather((r, n.brokers) for r, n in names.items())
    analysts = _gather((r, n.analysts) for r, n in names.items())
    products = _gather((r, n.products) for r, n in names.items())
    words = {
        run
        for name in [c.name for c in companies]
        + [a for c in companies for a in c.aliases]
        + [p.name for kind in (brokers, analysts, products) for p in kind]
        for run in _HAN_RUN.findall(fold(name))
        if 2 <= len(run) <= 8
    }
    return Lexicon(companies, brokers, analysts, products, tuple(sorted(words)))


def _merge_companies(names: Mapping[str, ReportNames]) -> tuple[Company, ...]:
    reports: dict[tuple[str, str], set[str]] = defaultdict(set)
    for report_id, found in names.items():
        for pair in found.companies:
            reports[pair].add(report_id)
    code_of = _codes_by_name(reports)
    groups: dict[str, list[str]] = defaultdict(list)
    for name, code in code_of.items():
        groups[code or name].append(name)
    all_reports: dict[str, set[str]] = defaultdict(set)
    for (name, _), ids in reports.items():
        all_reports[name] |= ids
    made = []
    for group in groups.values():
        ranked = sorted(group, key=lambda n: (-len(all_reports[n]), len(n), n))
        ids = set().union(*(all_reports[name] for name in ranked))
        made.append(
            Company(ranked[0], code_of[ranked[0]] or None, tuple(sorted(ids)), tuple(ranked[1:]))
        )
    return tuple(sorted(made, key=lambda c: (c.name, c.code or "")))


def _codes_by_name(reports: Mapping[tuple[str, str], set[str]]) -> dict[str, str]:
    """One code for each name, empty if none is stated. A report may misprint a code: the listed
    one wins, else the one that most reports give."""
    listings = load_listings()
    votes: dict[str, list[tuple[bool, int, str]]] = defaultdict(list)
    for (name, code), ids in reports.items():
        vote = (bool(code) and listings.by_code(code) == name, len(ids) if code else 0, code)
        votes[name].append(vote)
    return {name: max(given)[2] for name, given in sorted(votes.items())}


def _gather(pairs: Iterable[tuple[str, Sequence[str]]]) -> tuple[NamedPerson, ...]:
    found: dict[str, set[str]] = defaultdict(set)
    for report_id, names in pairs:
        for name in names:
            found[name].add(report_id)
    return tuple(NamedPerson(name, tuple(sorted(ids))) for name, ids in sorted(found.items()))
