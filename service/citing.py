"""Statements with evidence → answer text with markers, citations, support and highlights.

The dotted arrow of the picture: every citation leads back to exact characters of a report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import quote as url_quote

from corpus.report import Report, Span
from indexer.records import Chunk, Fact
from indexer.snapshot import Snapshot
from service.reading.draft import Evidence, Grid, Statement
from service.schemas import (
    AnswerTable,
    CellRef,
    Citation,
    Figure,
    Highlight,
    PassageOut,
    Rect,
    Support,
    TableCell,
)

# A computed answer shows at most this many rows; its computation lists every input.
MAX_OF_COMPUTED = 8


@dataclass(frozen=True, slots=True)
class CitedText:
    """The finished words of an answer with everything that points from them."""

    answer: str
    citations: list[Citation]
    support: list[Support]
    highlights: list[Highlight]
    figures: list[Figure] = field(default_factory=list)
    tables: list[AnswerTable] = field(default_factory=list)


def _line(cells: Iterable[str]) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(_in_cell(cell) for cell in cells)} |"


def _in_cell(text: str) -> str:
    """Words that end neither their cell nor their row."""
    return " ".join(text.replace("|", "／").split())


def _in_row(line: str, cells: list[str], at: int) -> list[Highlight]:
    """Where the cells of a row stand in the answer; `at` is the row's place."""
    found = []
    place = 0
    for text in cells:
        place = line.index(text, place)
        found.append(Highlight(start=at + place, end=at + place + len(text)))
        place += len(text)
    return found


class Citer:
    """Numbers the evidence of an answer in order of first use; same place, same marker."""

    def __init__(self, snapshot: Snapshot, public_url: str) -> None:
        self._snapshot = snapshot
        self._public_url = public_url.rstrip("/")
        self._numbers: dict[tuple[str, int, int, int], int] = {}
        self._citations: list[Citation] = []
        self._tables: list[AnswerTable] = []
        self.figures: list[Figure] = []  # what is cited as a figure, by marker

    def compose(self, statements: list[Statement]) -> CitedText:
        """The answer as one string: each statement closed by its markers and a full stop."""
        pieces: list[str] = []
        support: list[Support] = []
        highlights: list[Highlight] = []
        length = 0
        for statement in statements:
            if statement.grid is not None:
                piece = self._tabled(statement, statement.grid, length, support, highlights)
            else:
                piece = self._said(statement, length, support, highlights)
            pieces.append(piece)
            length += len(piece)
        answer = "".join(pieces)
        return CitedText(answer, self._citations, support, highlights, self.figures, self._tables)

    def _said(
        self,
        statement: Statement,
        at: int,
        support: list[Support],
        highlights: list[Highlight],
    ) -> str:
        """A sentence with its markers; `at` is its place in the answer."""
        words = statement.text.rstrip("。；;")
        after_table = "\n" if self._tables and self._tables[-1].end == at else ""
        marks, numbers = self._marks(statement.evidence)
        for key in statement.keys:
            place = words.find(key)
            if key and place >= 0:
                start = at + len(after_table) + place
                highlights.append(Highlight(start=start, end=start + len(key)))
        closing = "" if re.search(r"[？?！!：]$", words) else "。"
        support.append(
            Support(sentence=words, markers=numbers, supported=bool(numbers), note=statement.note)
        )
        return f"{after_table}{words}{marks}{closing}"

    def _tabled(
        self,
        statement: Statement,
        grid: Grid,
        at: int,
        support: list[Support],
        highlights: list[Highlight],
    ) -> str:
        """A grid under its title as a Markdown table, each cell with its markers."""
        after_table = bool(self._tables) and self._tables[-1].end == at
        opening = "\n\n" if after_table else "\n" if at else ""
        title = f"{statement.text}：\n\n"
        lines = [_line(grid.header), _line("---" for _ in grid.header)]
        rows: list[list[TableCell]] = []
        start = at + len(opening)
        place = start + len(title) + sum(len(line) + 1 for line in lines)
        for row in grid.rows:
            told = [(_in_cell(cell.text), *self._marks(cell.evidence)) for cell in row]
            rows.append([TableCell(text=text, markers=numbers) for text, _, numbers in told])
            line = _line(f"{text}{marks}" for text, marks, _ in told)
            numbers = list(dict.fromkeys(n for _, _, own in told for n in own))
            support.append(Support(sentence=line, markers=numbers, supported=bool(numbers)))
            highlights += _in_row(line, [text for text, _, own in told if own], place)
            lines.append(line)
            place += len(line) + 1
        header = [_in_cell(name) for name in grid.header]
        self._tables.append(
            AnswerTable(title=statement.text, header=header, rows=rows, start=start, end=place - 1)
        )
        return opening + title + "\n".join(lines)

    def _marks(self, evidence: tuple[Evidence, ...]) -> tuple[str, list[int]]:
        numbers = list(dict.fromkeys(self.marker(e) for e in evidence))
        return "".join(f" [{n}]" for n in numbers), numbers

    def marker(self, evidence: Evidence) -> int:
        """The number of a place, given on first use."""
        cell_start = evidence.fact.start if evidence.fact else -1
        key = (evidence.report_id, evidence.start, evidence.end, cell_start)
        if key not in self._numbers:
            self._numbers[key] = len(self._citations) + 1
            self._citations.append(self._citation(evidence, self._numbers[key]))
            if evidence.fact is not None:
                self.figures.append(self._figure(evidence.fact, self._numbers[key]))
        return self._numbers[key]

    @property
    def citations(self) -> list[Citation]:
        """All citations so far, by marker."""
        return self._citations

    def _figure(self, fact: Fact, marker: int) -> Figure:
        return Figure(
            marker=marker,
            fact_id=fact.fact_id,
            subject=fact.subject,
            code=fact.code,
            metric=fact.metric,
            name=self._snapshot.vocabulary.name_of(fact.metric),
            period=fact.period,
            kind=fact.kind,
            value=fact.value,
            unit=fact.unit,
        )

    def _citation(self, evidence: Evidence, marker: int) -> Citation:
        report = self._snapshot.report(evidence.report_id)
        ink = self._snapshot.ink(evidence.report_id) if report.pages else None
        rects = ink.rects(evidence.start, evidence.end) if ink else ()
        meta = report.meta
        return Citation(
            marker=marker,
            report_id=report.report_id,
            title=meta.title.value if meta.title else None,
            broker=meta.broker.value if meta.broker else None,
            published=meta.published.value if meta.published else None,
            page=rects[0].page if rects else report.page_at(evidence.start),
            section=list(report.section_at(evidence.start).path),
            quote=report.text[evidence.start : evidence.end],
            start=evidence.start,
            end=evidence.end,
            url=report_url(
                self._public_url, report.report_id, evidence.start, evidence.end, report.file.sha256
            ),
            sheet=_sheet(report, evidence),
            ref=_ref(report, evidence),
            ocr_confidence=self._ocr_confidence(report, evidence),
            rects=[Rect(page=r.page, x0=r.x0, y0=r.y0, x1=r.x1, y1=r.y1) for r in rects],
            cell=_cell(evidence),
        )

    def notice(self) -> str:
        """What an answer must say of citations that were read from pictures; empty for none."""
        read = [f"[{one.marker}]" for one in self._citations if one.ocr_confidence is not None]
        return f"（引文 {'、'.join(read)} 由图片识别得出，可能有误）" if read else ""

    def _ocr_confidence(self, report: Report, evidence: Evidence) -> float | None:
        place = Span(evidence.start, evidence.end)
        if not any(place.overlaps(span) for span in report.ocr):
            return None
        fact = evidence.fact
        narrow = (fact.start, fact.end) if fact and fact.end > fact.start else None
        ink = self._snapshot.ink(report.report_id)
        found = ink.confidence(*(narrow or (place.start, place.end))) if ink else None
        return round(found, 3) if found is not None else 0.0  # read from a picture, unsure how well


def capped(statements: list[Statement], limit: int) -> list[Statement]:
    """The statements with at most `limit` different places; each keeps its first while it can."""
    taken = list(dict.fromkeys(s.evidence[0] for s in statements if s.evidence))[:limit]
    for evidence in (e for s in statements for e in s.evidence):
        if evidence not in taken and len(taken) < limit:
            taken.append(evidence)
    return [replace(s, evidence=tuple(e for e in s.evidence if e in taken)) for s in statements]


def report_url(public_url: str, report_id: str, start: int, end: int, sha256: str) -> str:
    """`{public url}/reports/{id}?start=…&end=…&v={sha256[:12]}`."""
    name = url_quote(report_id, safe="")
    return f"{public_url}/reports/{name}?start={start}&end={end}&v={sha256[:12]}"


def passage_out(chunk: Chunk, score: float) -> PassageOut:
    """A search hit as the contract shows it."""
    return PassageOut(
        passage_id=chunk.passage_id,
        report_id=chunk.report_id,
        score=round(score, 4),
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        section=list(chunk.section),
        page=chunk.page,
    )


def _sheet(report: Report, evidence: Evidence) -> str | None:
    """The spreadsheet's sheet that holds the place."""
    place = Span(evidence.start, evidence.end)
    inside = (table.sheet for table in report.tables if table.span.overlaps(place))
    return next(inside, None)


def _ref(report: Report, evidence: Evidence) -> str | None:
    """The spreadsheet's reference of the cell that is cited."""
    fact = evidence.fact
    if fact is None or fact.cell is None or fact.cell.table_index >= len(report.tables):
        return None
    cells = (cell for row in report.tables[fact.cell.table_index].rows for cell in row.cells)
    own = (cell for cell in cells if (cell.span.start, cell.span.end) == (fact.start, fact.end))
    return next((cell.ref for cell in own), None)


def _cell(evidence: Evidence) -> CellRef | None:
    fact = evidence.fact
    if fact is None or fact.cell is None:
        return None
    return CellRef(
        table=fact.cell.table,
        row=fact.cell.row,
        column=fact.cell.column,
        value=fact.value,
        unit=fact.unit,
        start=fact.start,
        end=fact.end,
    )
