"""Kinship: reports that are one publication: copies, other routes, corrected versions.

Stands between the records of a snapshot and whoever must not count one report twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from corpus.normalise import fold
from indexer.likeness import alike_pairs
from indexer.records import ReportRecord

SAME: Final = 0.7
"""Likeness from which two reports are one. Chosen on made-up changes of the two samples
(`bench/likeness.py`, the least of ten): other lines .95, one digit in five changed .88, one
sentence in twenty replaced .71; set as PDF and read again .98; half of the sentences replaced, as
in a weekly series, at most .42."""

SAME_TITLE: Final = 0.5
"""The same, where house, day and title agree too: one sentence in five may be new."""

COPIED: Final = 0.95
"""Likeness from which even two houses' reports are one: the house was read wrongly in one."""

_MIN_TITLE: Final = 6  # characters of a title that says something: 公司点评 does not
_REVISED = re.compile("修订|更正|勘误|修正版|更新版|订正")


@dataclass(frozen=True, slots=True)
class Family:
    """Reports that are one publication.

    Args:
        report_ids: newest first: by date, then words like 更正 in the title, then by id.
        differing: those whose file differs from the newest one's.
    """

    report_ids: tuple[str, ...]
    differing: frozenset[str]


class Kinship:
    """The families of a snapshot; most reports have none."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.families = tuple(families)
        self._of = {i: family for family in self.families for i in family.report_ids}

    def family(self, report_id: str) -> Family | None:
        """The family of a report; None if it stands alone."""
        return self._of.get(report_id)

    def newest(self, report_ids: Iterable[str]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
        """Of each family the newest of `report_ids` only, in their order, and what was left out
        for its sake."""
        given = list(report_ids)
        if not self.families:
            return given, {}
        there = set(given)
        left_out: dict[str, tuple[str, ...]] = {}
        for family in self.families:
            members = [i for i in family.report_ids if i in there]
            if len(members) > 1:
                left_out[members[0]] = tuple(members[1:])
        older = {i for members in left_out.values() for i in members}
        return [i for i in given if i not in older], left_out


def kinship_of(records: Sequence[ReportRecord]) -> Kinship:
    """The families among `records`."""
    parents = list(range(len(records)))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    for one, other in _pairs(records):
        parents[root(one)] = root(other)
    members: dict[int, list[ReportRecord]] = {}
    for at, record in enumerate(records):
        members.setdefault(root(at), []).append(record)
    return Kinship(_family(group) for group in members.values() if len(group) > 1)


def _pairs(records: Sequence[ReportRecord]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for at, record in enumerate(records):
        before = first.setdefault(record.file.sha256, at)
        if before != at:
            yield before, at
    for one, other, like in alike_pairs([record.sketch for record in records], SAME_TITLE):
        if _kin(records[one], records[other], like):
            yield one, other


def _kin(one: ReportRecord, other: ReportRecord, like: float) -> bool:
    houses = {r.meta.broker.value for r in (one, other) if r.meta.broker}
    if len(houses) == 2:
        return like >= COPIED
    if like >= SAME:
        return True
    days = [r.meta.published.value for r in (one, other) if r.meta.published]
    titles = [fold(r.meta.title.value) for r in (one, other) if r.meta.title]
    agree = len(days) == len(titles) == 2 and days[0] == days[1] and titles[0] == titles[1]
    return agree and len(houses) == 1 and len(titles[0]) >= _MIN_TITLE


def _family(group: list[ReportRecord]) -> Family:
    ordered = sorted(group, key=lambda r: r.report_id, reverse=True)
    if len({record.file.sha256 for record in group}) == 1:
        ordered.reverse()  # all alike: the plain name, not the one with `~`
    ordered.sort(key=_age)
    newest = ordered[0].file.sha256
    return Family(
        tuple(record.report_id for record in ordered),
        frozenset(record.report_id for record in ordered if record.file.sha256 != newest),
    )


def _age(record: ReportRecord) -> tuple[int, bool, bool]:
    """Sorts the newest first; a name that had to give way (`~`) comes after the plain one."""
    meta = record.meta
    day = meta.published.value.toordinal() if meta.published else 0
    revised = bool(meta.title and _REVISED.search(meta.title.value))
    return -day, not revised, "~" in record.report_id


def kin_remarks(records: Sequence[ReportRecord], report_ids: Collection[str]) -> list[str]:
    """One line for each family of a snapshot that one of `report_ids` belongs to.

    Args:
        records: of the whole snapshot, sorted by id.
    """
    families = kinship_of(records).families
    told = [family for family in families if not set(report_ids).isdisjoint(family.report_ids)]
    return [f"one publication, the first is preferred: {_listed(family)}" for family in told]


def _listed(family: Family) -> str:
    alike = "" if family.differing else " (equal byte for byte)"
    return ", ".join(family.report_ids) + alike
