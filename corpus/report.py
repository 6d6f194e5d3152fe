"""The Report: one source document as canonical text, with its structure laid over it.

First stage of the picture: `report file → Report`. Everything later points back here by
`report_id` and half-open code-point ranges of `Report.text`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range `[start, end)` of code points in a report's canonical text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"span [{self.start}, {self.end}) is not a range")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The words themselves."""
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        """True if at least one character is shared."""
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        """True if `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


class BlockKind(StrEnum):
    """What a block is by its form."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CAPTION = "caption"  # 表 1: 重点公司估值 / 图表 3 …
    SOURCE = "source"  # 资料来源：… / 数据来源：… / 注：… (source and footnote lines)
    FURNITURE = "furniture"  # running heads, page numbers, slogans repeated on pages


class Role(StrEnum):
    """What a block is for; ordinary answers rest on BODY only."""

    BODY = "body"
    FRONT = "front"  # title block: titles, date, analysts, licence numbers, contacts, ratings
    CONTENTS = "contents"  # 目录
    RISK = "risk"  # 风险提示
    RELATED = "related"  # 相关研究: other reports by the same house
    PROFILE = "profile"  # analysts' curricula vitae
    CERTIFICATION = "certification"  # 分析师承诺 / 分析师声明
    DISCLAIMER = "disclaimer"  # 免责声明 / 免责条款 / 法律声明
    RATING_DEFINITION = "rating_definition"  # 投资评级标准 / 投资评级说明: answers questions
    CONTACT = "contact"  # address, post code, fax, site of the house


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell. `text == report.text[span.start:span.end]`, stripped of white space."""

    row: int  # row index within the table, header rows counted
    column: int  # leaf column index
    span: Span
    text: str
    ref: str | None = None  # cell reference of a spreadsheet: B7


@dataclass(frozen=True, slots=True)
class Column:
    """A leaf column with its header path from the top: `("EPS (元/股)", "2024E")`.

    Args:
        index: leaf column index, from 0.
        header: the header cells above it, top first, each as it stands, empty ones left out.
        unit: the unit that header or caption states (元/股, 亿元, %, 倍 …), else None.
        spans: where each header cell stands, same order as `header`.
    """

    index: int
    header: tuple[str, ...]
    unit: str | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One body row: `span` is its line as it stands, `cells` one for each leaf column (empty
    cells have an empty span at their place)."""

    index: int
    span: Span
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose every body cell knows its row and its column's header path.

    Args:
        span: from the first header character to the end of the last row.
        title: caption text; else the nearest heading or line above; else None.
        title_span: where the title stands, None if there is none.
        unit: a unit stated for the whole table (单位：百万元), else None.
        columns: leaf columns, left to right.
        rows: body rows, top to bottom (headers and rule lines are not rows).
        header_span: the header lines, None if the table has none.
        key_columns: the columns whose cells name a row (code, name, metric …), left to right.
        sheet: name of the spreadsheet's sheet, None elsewhere.
    """

    span: Span
    title: str | None
    title_span: Span | None
    unit: str | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    header_span: Span | None
    key_columns: tuple[int, ...]
    sheet: str | None = None

    def row_key(self, row: Row) -> str:
        """The key cells of a row joined by a space (`300418 昆仑万维`)."""
        return " ".join(row.cells[c].text for c in self.key_columns if row.cells[c].text)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows it.

    Args:
        index: position in `Report.sections`; section 0 is the text before any heading.
        level: 0 for section 0, else 1 for the outermost heading.
        path: heading texts from the outermost down to this one, cleaned of list and bold marks.
        span: from the heading's first character to the next heading of any level.
    """

    index: int
    level: int
    path: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """One block. Blocks stand in order, do not overlap, and leave out white space only.

    Args:
        table: index into `Report.tables` when `kind` is TABLE, else None.
    """

    kind: BlockKind
    role: Role
    span: Span
    section: int
    table: int | None = None


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A metadata value with the place that states it; span None: it was given beside the text."""

    value: T
    span: Span | None


@dataclass(frozen=True, slots=True)
class Analyst:
    """A person named on the report.

    Args:
        licence: SAC licence number 执业证书编号 (`S0600516070001`), None if not stated.
        role: 证券分析师, 首席分析师, 研究助理 …, as printed, None if not stated.
        span: the name; `licence_span` the number; `line` the whole line or lines that state it.
    """

    name: str
    licence: str | None
    role: str | None
    email: str | None
    phone: str | None
    span: Span
    licence_span: Span | None
    line: Span


@dataclass(frozen=True, slots=True)
class ReportMeta:
    """What page one says of the report itself; None or empty where it is silent."""

    title: Sourced[str] | None
    broker: Sourced[str] | None  # short name: 东吴证券
    published: Sourced[date] | None
    analysts: tuple[Analyst, ...]
    stock_codes: tuple[Sourced[str], ...]  # codes of the report's own subject, not of its tables
    industry: Sourced[str] | None
    rating: Sourced[str] | None  # the word: 增持
    rating_change: Sourced[str] | None  # 维持, 上调, 下调, 首次
    target_price: Sourced[str] | None
    subject: Sourced[str] | None  # the company that a company report is about
    price: Sourced[str] | None = None  # current or closing price of its share, as printed


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file that the report came from. `type` is txt, md, jsonl, …; `bytes` its size."""

    name: str
    type: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on a page: PDF points, origin top left, y downwards; `page` counts from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class InkRun:
    """Characters of one printed line that follow each other in the text.

    Args:
        start: offset of the first character in the canonical text.
        edges: x of the left edge of each character and of the right edge of the last, in points,
            rounded to tenths: `len(edges) - 1` characters.
        top, bottom: y of the line, in points from the top of the page.
        confidence: 0..1 as OCR states it, None for text that the file itself holds.
    """

    start: int
    page: int
    top: float
    bottom: float
    edges: tuple[float, ...]
    confidence: float | None = None

    @property
    def end(self) -> int:
        """One past the last character."""
        return self.start + len(self.edges) - 1


@dataclass(frozen=True, slots=True)
class Ink:
    """Where the words of a report stand on its pages; `runs` sorted by `start`, not overlapping.

    Args:
        sizes: width and height of each page in points, page 1 first.
    """

    sizes: tuple[tuple[float, float], ...]
    runs: tuple[InkRun, ...]

    def rects(self, start: int, end: int) -> tuple[Rect, ...]:
        """One rectangle for each run that `[start, end)` touches, in order of the text."""
        first = bisect_right(self.runs, start, key=lambda run: run.end)
        found = []
        for run in self.runs[first:]:
            if run.start >= end:
                break
            left = run.edges[max(start - run.start, 0)]
            right = run.edges[min(end - run.start, len(run.edges) - 1)]
            x0, x1 = min(left, right), max(left, right)
            found.append(Rect(run.page, x0, run.top, x1, run.bottom))
        return tuple(found)

    def page_at(self, offset: int) -> int | None:
        """The page (from 1) on which a character stands; None for one without ink."""
        number = bisect_right(self.runs, offset, key=lambda run: run.start) - 1
        run = self.runs[number] if number >= 0 else None
        return run.page if run is not None and offset < run.end else None

    def confidence(self, start: int, end: int) -> float | None:
        """The lowest confidence of OCR in `[start, end)`; None if nothing there was OCRed."""
        first = bisect_right(self.runs, start, key=lambda run: run.end)
        met = []
        for run in self.runs[first:]:
            if run.start >= end:
                break
            if run.confidence is not None:
                met.append(run.confidence)
        return min(met, default=None)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or chart whose content is not in the text.

    Args:
        page: from 1, None where the source has no pages.
        caption: the caption line that names it (图 3：…), None if it has none.
        rect: where it stands on the page, None if that is unknown.
    """

    page: int | None
    caption: Span | None
    rect: Rect | None


@dataclass(frozen=True, slots=True)
class Report:
    """One report: identity, canonical text, and the structure laid over the text.

    Args:
        report_id: stable identity (see `corpus.identity`), independent of the content.
        text: the canonical text; all spans point into it.
        pages: the span of each page, empty when the source has no pages; a paragraph or a row that
            goes on over the page stands whole in the first of the two.
        extra: further keys of a `.jsonl` line, as strings.
        warnings: what a reader of the index should know of this parse.
        ink: where each character stands on the pages; None where the source has no pages.
        ocr: the spans that were read from pictures, in order; the words there may be wrong.
        pictures: pictures and charts, in order of the text.
    """

    report_id: str
    text: str
    file: SourceFile
    meta: ReportMeta
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    tables: tuple[Table, ...]
    pages: tuple[Span, ...]
    extra: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    ink: Ink | None = None
    ocr: tuple[Span, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def section_at(self, offset: int) -> Section:
        """The section that holds the character at `offset`."""
        found = self.sections[0]
        for section in self.sections:
            if section.span.start <= offset:
                found = section
        return found

    def page_at(self, offset: int) -> int | None:
        """The page (from 1) that holds the character at `offset`; None without pages.

        By its ink, where that is at hand: the end of a paragraph or a row that a page's end cuts
        stands in the text of the page where it begins.
        """
        inked = self.ink.page_at(offset) if self.ink else None
        if inked is not None:
            return inked
        number = bisect_right(self.pages, offset, key=lambda page: page.start)
        return number if number and offset < self.pages[number - 1].end else None
