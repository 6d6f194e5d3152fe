"""Hand-made truth over real PDFs (`bench/truth/`), and how a parsed report is judged by it.

Words of the reports are held as sha256 and length only; they are found by hashing every window of
that length. `bench/pdf_quality.py` is the command; `bench/notes/pdf_truth.md` says how it was made.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus.report import Block, BlockKind, Report, ReportMeta, Sourced

TRUTH = Path(__file__).resolve().parent / "truth"


@dataclass(frozen=True, slots=True)
class Words:
    """Words known only by the sha256 of their normal form (`normal`) and its length."""

    sha256: str
    length: int

    def are(self, text: str) -> bool:
        """True if the normal form `text` is these words."""
        return len(text) == self.length and digest(text) == self.sha256

    def first_in(self, text: str) -> int | None:
        """Where they first stand in the normal form `text`; None if they do not."""
        for start in range(len(text) - self.length + 1):
            if digest(text[start : start + self.length]) == self.sha256:
                return start
        return None


Path_ = tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class TrueCell:
    """One body cell: what it says, its row's own label, and the header paths that are right.

    Args:
        table: which table of the page, from 1, as the truth counts them.
        row, column: place among the body rows and value columns of the truth.
        label: None where the row has no label of its own; then any row will do.
        paths: header cells from the top; the first is the plain one, others are accepted too.
    """

    file: str
    page: int
    table: int
    row: int
    column: int
    value: str
    label: Words | None
    paths: tuple[Path_, ...]


@dataclass(frozen=True, slots=True)
class MetCell:
    """One cell of a parsed table, normalised; `body` is false for cells of key columns."""

    value: str
    key: str
    path: str
    body: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A true cell beside the best cell that was met; `met` None: no table holds the value.

    Args:
        row, column: True if the met cell's row key and header path are right.
    """

    cell: TrueCell
    met: MetCell | None
    row: bool
    column: bool

    @property
    def right(self) -> bool:
        """Value, row and header path are all right."""
        return self.met is not None and self.met.body and self.row and self.column


@dataclass(frozen=True, slots=True)
class Field:
    """One field of metadata: its name, what the truth holds, what was met, the verdict."""

    name: str
    expected: str
    met: str
    right: bool


def normal(text: str) -> str:
    """NFKC without any white space: the form in which words are hashed and values compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(maxsize=2**18)
def digest(text: str) -> str:
    """sha256 of a normal form."""
    return hashlib.sha256(text.encode()).hexdigest()


def lines_of(name: str) -> list[dict[str, Any]]:
    """The objects of one file of the truth."""
    text = (TRUTH / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def load_cells() -> list[TrueCell]:
    """Every true cell, in the order of files, pages and tables."""
    return [cell for table in lines_of("pdf_cells.jsonl") for cell in _cells_of(table)]


def _cells_of(table: Mapping[str, Any]) -> Iterator[TrueCell]:
    others = table.get("columns_or") or [[] for _ in table["columns"]]
    paths = [
        tuple(tuple(Words(*words) for words in path) for path in (plain, *also))
        for plain, also in zip(table["columns"], others, strict=True)
    ]
    where = (table["file"], table["page"], table["table"])
    for row in table["rows"]:
        label = Words(*row["label"]) if row["label"] else None
        for column, value in enumerate(row["cells"]):
            if value is not None:
                yield TrueCell(*where, row["row"], column, value, label, paths[column])


def met_cells(report: Report) -> dict[int, list[MetCell]]:
    """Every cell of every table of a report, by page (from 1)."""
    found: dict[int, list[MetCell]] = defaultdict(list)
    for table in report.tables:
        paths = [normal("".join(column.header)) for column in table.columns]
        for row in table.rows:
            key = normal(table.row_key(row))
            for number, cell in enumerate(row.cells):
                page = report.page_at(cell.span.start) if cell.text else None
                if page is not None:
                    body = number not in table.key_columns
                    found[page].append(MetCell(normal(cell.text), key, paths[number], body))
    return dict(found)


def is_path(met: str, path: Path_) -> bool:
    """True if the joined header path that was met is the true header cells, joined."""
    if len(met) != sum(words.length for words in path):
        return False
    start = 0
    for words in path:
        if not words.are(met[start : start + words.length]):
            return False
        start += words.length
    return True


def judge_cells(truth: Sequence[TrueCell], met: Sequence[MetCell]) -> list[Judged]:
    """Each true cell of one page beside the cell that stands for it; no met cell serves twice.

    Full matches are dealt out first, so that a half match never takes the cell of another.
    """
    by_value: dict[str, list[MetCell]] = defaultdict(list)
    for cell in sorted(met, key=lambda one: len(one.key)):  # the tightest row key first
        by_value[cell.value].append(cell)
    judged: dict[int, Judged] = {}
    for wanted in (3, 2, 0):
        for number, true in enumerate(truth):
            if number in judged:
                continue
            best = max(
                (_compared(true, cell) for cell in by_value[true.value]),
                key=_merit,
                default=None,
            )
            if best is not None and best.met is not None and _merit(best) >= wanted:
                by_value[true.value].remove(best.met)
                judged[number] = best
    return [judged.get(n, Judged(true, None, False, False)) for n, true in enumerate(truth)]


def _compared(true: TrueCell, met: MetCell) -> Judged:
    row = true.label is None or true.label.first_in(met.key) is not None
    return Judged(true, met, row, any(is_path(met.path, path) for path in true.paths))


def _merit(judged: Judged) -> int:
    """3: right; 2: row and column right, but a key cell; 1: one of them; 0: the value only."""
    return judged.row + judged.column + judged.right


def judge_order(text: str, groups: Sequence[Sequence[Words]]) -> list[bool]:
    """One verdict for each pair of neighbouring anchors of a group, on the normal page text.

    A pair is right if both anchors are found, in order, and no anchor of another group stands
    between them: a side bar may come before or after the main column, not inside of it.
    """
    places = [[words.first_in(text) for words in group] for group in groups]
    verdicts = []
    for number, group in enumerate(places):
        others = [place for n, other in enumerate(places) if n != number for place in other]
        for one, two in pairwise(group):
            if one is None or two is None or one >= two:
                verdicts.append(False)
            else:
                verdicts.append(not any(p is not None and one < p < two for p in others))
    return verdicts


def page_text(report: Report, page: int) -> str:
    """The normal form of one page (from 1) of the canonical text; empty without such a page."""
    return normal(report.pages[page - 1].of(report.text)) if page <= len(report.pages) else ""


def judge_meta(truth: Mapping[str, Any], meta: ReportMeta) -> list[Field]:
    """One verdict for each field that page one states."""
    published = str(meta.published.value) if meta.published else ""
    fields = [
        _by_digest("title", truth["title"], _word(meta.title)),
        _by_digest("broker", truth["broker"], _word(meta.broker)),
        Field("published", truth["published"], published, published == truth["published"]),
    ]
    for name in ("rating", "rating_change"):
        if truth[name]:
            fields.append(_by_digest(name, [truth[name]], _word(getattr(meta, name))))
    if truth["target_price"]:
        met = _word(meta.target_price) or ""
        right = bool(set(re.findall(r"\d+(?:\.\d+)?", met)) & set(truth["target_price"]))
        fields.append(Field("target_price", " or ".join(truth["target_price"]), met, right))
    codes = [code.value for code in meta.stock_codes]
    for code in truth["stock_codes"]:
        right = code.split(".")[0] in {met.split(".")[0] for met in codes}
        fields.append(Field("stock_code", code, " ".join(codes), right))
    return fields + list(_analysts(truth["analysts"], meta))


def _analysts(truth: Iterable[Mapping[str, Any]], meta: ReportMeta) -> Iterator[Field]:
    met = {digest(normal(one.name)): one for one in meta.analysts}
    names = " ".join(one.name for one in meta.analysts)
    for number, analyst in enumerate(truth, start=1):
        one = met.get(analyst["name"])
        yield Field(f"analyst {number}", analyst["name"][:8], names, one is not None)
        if analyst["licence"]:
            licence = (one and one.licence) or ""
            right = licence == analyst["licence"]
            yield Field(f"licence {number}", analyst["licence"], licence, right)


def _by_digest(name: str, expected: Sequence[str], met: str | None) -> Field:
    right = met is not None and digest(normal(met)) in expected
    return Field(name, " or ".join(one[:8] for one in expected), met or "", right)


def _word(stated: Sourced[str] | None) -> str | None:
    return stated.value if stated else None


def judge_furniture(line: Words, blocks: Sequence[tuple[Block, str]]) -> bool:
    """True if a line of page furniture is typed as such on a page and leads or ends no other block.

    Args:
        blocks: the page's blocks with their normal form.
    """
    typed = False
    for block, text in blocks:
        if block.kind is BlockKind.FURNITURE:
            typed = typed or line.first_in(text) is not None
        elif line.are(text[: line.length]) or line.are(text[-line.length :]):
            return False
    return typed


def blocks_of_page(report: Report, page: int) -> list[tuple[Block, str]]:
    """The blocks that begin on a page (from 1), each with its normal form."""
    if page > len(report.pages):
        return []
    span = report.pages[page - 1]
    found = [block for block in report.blocks if span.start <= block.span.start < span.end]
    return [(block, normal(block.span.of(report.text))) for block in found]
