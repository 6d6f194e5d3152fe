"""What the index holds and gives back: Chunk, Fact, Passage, Hit, Filters.

Second stage of the picture: `Report → Chunk & Fact → snapshot → Hit`. Plain records; the modules
that make them are chunking, facts and search.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from corpus.report import ReportMeta, SourceFile

FactKind = Literal["actual", "estimate", "guidance"]
FactSource = Literal["table", "sentence"]
# What a change is counted from: the year before (同比) or the period before (环比).
Direction = Literal["同比", "环比"]
SubjectKind = Literal["company", "product", "segment", "region", "industry"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of one report: the unit that is embedded and indexed.

    Args:
        span: `(start, end)` in the canonical text.
        text: `report.text[start:end]`, nothing else.
        context: what is indexed with it but does not stand in it: report title, heading path,
            and for a piece of a table its title, header and units.
        section: heading path.
        role: the `corpus.Role` of its blocks (a chunk never mixes roles).
        table: index into `Report.tables` if the chunk is (a piece of) a table, else None.
    """

    report_id: str
    start: int
    end: int
    text: str
    context: str
    section: tuple[str, ...]
    role: str
    table: int | None
    page: int | None

    @property
    def passage_id(self) -> str:
        """`{report_id}:{start}-{end}`."""
        return f"{self.report_id}:{self.start}-{self.end}"

    @property
    def indexed_text(self) -> str:
        """What the terms and the vector of the chunk are made of."""
        return f"{self.context}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a query found. `score`: higher is better, comparable within one search only."""

    chunk: Chunk
    score: float
    rank: int  # from 1


@dataclass(frozen=True, slots=True)
class CellPath:
    """Where a figure stands in its table, in the words of the table.

    Args:
        table: caption, else nearest heading or line above, else None.
        row: key cells joined by a space.
        column: header path from the top joined by a space.
    """

    table: str | None
    row: str
    column: str
    table_index: int
    row_index: int
    column_index: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One typed figure that a report states.

    Args:
        fact_id: `{report_id}:{start}-{end}` of the value's own characters.
        subject: whom it is about, as printed (昆仑万维).
        code: the subject's stock code, six digits or exchange form without suffix, or None.
        metric: canonical metric id of the vocabulary (`eps`), or the header's own words if unknown.
        metric_text: the metric as printed (`EPS (元/股)`).
        period: canonical label without mark: `2024`, `2024Q1`, `2024H1`, `2024-02-21`, or None.
        period_text: the period as printed (`2024E`), None if unstated.
        kind: actual, estimate or guidance; None where a period makes no sense (a price, a rating).
        value: the characters as printed (`1,280.51`, `-`, `买入`); empty for an empty cell. A
            `stance` (推荐, 建议关注) stands at the name that is taken so, not at these words.
        number: the value as a decimal string (`1280.51`), None for words, `-` and empty cells.
        unit: the unit that caption, header or text states, None if none is.
        start, end: the value's own characters.
        line_start, line_end: the whole row (or sentence) as it stands.
        cell: its place in a table; None when a sentence states it.
        as_of: the date that the report gives for it (收盘价截至 2024/2/21), None if unstated.
        direction: of a change, what it is counted from; None for a level.
        approx: the mark that keeps the figure open (约, 不低于), None if it is stated plainly.
        subject_kind: what the subject is, None where the report does not tell.
        value_base, unit_base: the number in the base unit of its dimension (462.6 亿元 →
            46260000000 元); per cent, points and currencies are never turned into one another.
        page: where it stands, from 1; None without pages.
        warnings: what disagrees with it in its own report, in Chinese.
    """

    fact_id: str
    report_id: str
    subject: str
    code: str | None
    metric: str
    metric_text: str
    period: str | None
    period_text: str | None
    kind: FactKind | None
    value: str
    number: str | None
    unit: str | None
    start: int
    end: int
    line_start: int
    line_end: int
    cell: CellPath | None
    as_of: str | None
    direction: Direction | None = None
    approx: str | None = None
    subject_kind: SubjectKind | None = None
    value_base: str | None = None
    unit_base: str | None = None
    page: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def source(self) -> FactSource:
        """Whether a table's cell or a sentence states it."""
        return "table" if self.cell is not None else "sentence"

    @property
    def missing(self) -> bool:
        """True when the report leaves the figure open (`-`, `--`, `N/A`, an empty cell)."""
        return self.number is None and self.value.strip("-—–－/ ") in {
            "",
            "NA",
            "N.A",
            "N.A.",
            "nan",
        }


@dataclass(frozen=True, slots=True)
class Filters:
    """Which reports a search may see. Empty means no filter; AND across, OR inside.

    Args:
        brokers: full or short names.
        stock_codes: with or without suffix.
        published_from, published_to: inclusive; a report without a date fails a date filter.
    """

    report_ids: tuple[str, ...] = ()
    brokers: tuple[str, ...] = ()
    stock_codes: tuple[str, ...] = ()
    published_from: date | None = None
    published_to: date | None = None

    def __bool__(self) -> bool:
        return bool(
            self.report_ids
            or self.brokers
            or self.stock_codes
            or self.published_from
            or self.published_to
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a phrase stands: `text[start:end]`, up to width, script, case and spaces."""

    report_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """What a list of reports shows of one; `pages` is None when the source has none.

    Args:
        sketch: by which copies are known (`likeness`); empty where there are too few words.
    """

    report_id: str
    meta: ReportMeta
    file: SourceFile
    pages: int | None
    chars: int
    warnings: tuple[str, ...]
    sketch: bytes = b""


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A source that could not become a report, and why."""

    name: str
    report_id: str
    reason: str
    bytes: int
    sha256: str
